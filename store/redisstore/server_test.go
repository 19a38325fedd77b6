package redisstore_test

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"deskmate/model"
	"deskmate/store/redisstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen soon.
const patience = 15 * time.Second

// bench is a server with a store on it, and a clock that stands unless it is moved.
type bench struct {
	*redisstore.Store
	clock    *clock
	config   redisstore.Config
	embedded *redisstore.Store // whose server this is; nil for a real one
}

// servers are those every test runs on, by name: the embedded one and a real one.
func servers() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"embedded": func(testing.TB) string { return "" },
		"real":     sharedURL,
	}
}

// sharedURL is a server that other tests use as well: never empty it.
func sharedURL(t testing.TB) string {
	t.Helper()
	url := os.Getenv("DESKMATE_TEST_REDIS_URL")
	switch {
	case url != "":
	case os.Getenv("CI") == "true":
		t.Fatal("DESKMATE_TEST_REDIS_URL is not set")
	default:
		t.Skip("DESKMATE_TEST_REDIS_URL is not set")
	}
	return url
}

func newBench(t testing.TB, url string) bench {
	t.Helper()
	c := &clock{}
	c.ms.Store(time.Date(2026, 5, 11, 10, 0, 0, 0, time.UTC).UnixMilli())
	cfg := redisstore.Config{URL: url, Now: c.now, Prefix: "test-" + rand.Text()}
	store, err := redisstore.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	b := bench{Store: store, clock: c, config: cfg}
	if store.Embedded() {
		b.embedded = store
	}
	t.Cleanup(func() {
		if url == os.Getenv("DESKMATE_TEST_REDIS_URL") {
			b.empty(t)
		}
		store.Close()
	})
	return b
}

// beside is a store of another process on the same server.
func (b bench) beside(t testing.TB) bench {
	t.Helper()
	other := b
	if b.embedded != nil {
		other.Store = redisstore.OpenBeside(b.embedded, b.config)
	} else {
		store, err := redisstore.Open(t.Context(), b.config)
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		other.Store = store
	}
	t.Cleanup(other.Close)
	return other
}

// run runs the store until the test ends.
func (b bench) run(t testing.TB) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- b.Run(t.Context()) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// empty removes all that the tests' stores keep: everything of a server of our own, else
// what has our prefix.
func (b bench) empty(t testing.TB) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // the test may have ended
	if b.embedded != nil {
		if err := b.Client().FlushAll(ctx).Err(); err != nil {
			t.Fatalf("FLUSHALL: %v", err)
		}
		return
	}
	found := b.Client().Scan(ctx, 0, b.config.Prefix+":*", 1000).Iterator()
	for found.Next(ctx) {
		if err := b.Client().Del(ctx, found.Val()).Err(); err != nil {
			t.Fatalf("DEL: %v", err)
		}
	}
	if err := found.Err(); err != nil {
		t.Fatalf("SCAN: %v", err)
	}
}

// clock is a business clock that a test moves.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMilli(c.ms.Load()) }

func (c *clock) add(d time.Duration) { c.ms.Add(d.Milliseconds()) }

func (c *clock) set(t time.Time) { c.ms.Store(t.UnixMilli()) }

// eventually waits until done says so.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s did not happen within %v", what, patience)
		}
	}
}

// server is a redis-server of the test's own, to be killed and started again. It keeps nothing.
type server struct {
	port    int
	process *exec.Cmd
}

func newServer(t testing.TB) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("redis-server is not on PATH")
		}
		t.Skip("redis-server is not on PATH")
	}
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	s := &server{port: l.Addr().(*net.TCPAddr).Port}
	_ = l.Close()
	s.start(t)
	t.Cleanup(func() { s.kill(t) })
	return s
}

func (s *server) url() string { return "redis://127.0.0.1:" + strconv.Itoa(s.port) + "/0" }

func (s *server) start(t testing.TB) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // it is ended by kill, after the stores were closed
	s.process = exec.CommandContext(ctx, "redis-server", "--port", strconv.Itoa(s.port), "--bind", "127.0.0.1",
		"--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := s.process.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	store, err := redisstore.Open(ctx, redisstore.Config{URL: s.url()})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer store.Close()
	eventually(t, "an answer of redis-server", func() bool { return store.Ping(ctx) == nil })
}

func (s *server) kill(t testing.TB) {
	t.Helper()
	if s.process == nil {
		return
	}
	if err := s.process.Process.Kill(); err != nil {
		t.Errorf("kill redis-server: %v", err)
	}
	_ = s.process.Wait() // it was killed
	s.process = nil
}

// freeze makes the server hang: connections stand and nobody answers.
func (s *server) freeze(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGSTOP)
}

func (s *server) thaw(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGCONT)
}

func (s *server) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if err := s.process.Process.Signal(sig); err != nil {
		t.Fatalf("signal redis-server: %v", err)
	}
}

// receive waits for a wake.
func receive(t testing.TB, b bench) model.LaneKind {
	t.Helper()
	select {
	case kind := <-b.Wakes():
		return kind
	case <-time.After(patience):
		t.Fatal("no wake came")
		return ""
	}
}
