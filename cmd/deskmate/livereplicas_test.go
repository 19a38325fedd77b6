package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"deskmate/handler"
	"deskmate/model"
)

// TestLiveOnReplicas has a seat's workbench open at each of two servers while an employee writes
// and Redis goes and comes back: each stream tells every line, in order, once.
func TestLiveOnReplicas(t *testing.T) {
	t.Parallel()
	if os.Getenv("DESKMATE_TEST_MYSQL_URL") == "" || os.Getenv("DESKMATE_TEST_REDIS_URL") == "" {
		if inCI() {
			t.Fatal("DESKMATE_TEST_MYSQL_URL and DESKMATE_TEST_REDIS_URL must name servers in CI")
		}
		t.Skip("DESKMATE_TEST_MYSQL_URL and DESKMATE_TEST_REDIS_URL name no servers")
	}
	// Lines while Redis is there, is away, and is back. With what else goes to the seat they are fewer than
	// one server sends within a minute by itself: the rest would wait for the minute to end.
	const each = 3
	settings := serverSettings(t)
	redis := newDoor(t, os.Getenv("DESKMATE_TEST_REDIS_URL"))
	w := newLiveWorld(t, append(settings, "DESKMATE_REDIS_URL="+redis.url))
	var streams []*liveStream
	for _, r := range w.replicas {
		streams = append(streams, openLive(t, r.addr))
	}
	w.sim.Say(scriptAgent, "wang", "人工")
	var want []string
	for part := range 3 {
		if part == 1 {
			redis.shut()
		} else {
			redis.open()
		}
		for i := range each {
			line := fmt.Sprintf("第 %d 段第 %d 句", part, i)
			want = append(want, line)
			w.sim.Say(scriptAgent, "wang", line)
		}
		for i, s := range streams {
			if err := within(patience, func(context.Context) (bool, error) { return len(s.said()) >= len(want), nil }); err != nil {
				t.Fatalf("part %d: server %d told %q: %v", part, i, s.said(), err)
			}
		}
	}
	if err := w.settle(); err != nil {
		t.Fatal(err)
	}
	for i, s := range streams {
		if got := s.said(); !slices.Equal(got, want) {
			t.Errorf("server %d told %q, want %q", i, got, want)
		}
	}
}

// newLiveWorld is an account with one seat on two servers.
func newLiveWorld(t *testing.T, settings []string) *world {
	t.Helper()
	w, err := newWorld(t.TempDir(), settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	path, err := w.accountFile("seats: [li]\n")
	if err != nil {
		t.Fatal(err)
	}
	w.run(t, "account", "apply", "-f", path)
	for _, name := range []string{"a", "b"} {
		if err := w.serve(name); err != nil {
			t.Fatal(err)
		}
	}
	store, acc, err := w.database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = store.SaveToken(t.Context(), model.Token{
		Name: "li", Hash: handler.HashToken(handler.TokenPrefix + "li"), Role: model.RoleSeat, Accounts: []string{acc.Key}, UserID: "li",
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// liveStream is a workbench's stream, and the employee's lines that it told.
type liveStream struct {
	mu    sync.Mutex
	lines []string
}

func openLive(t *testing.T, addr string) *liveStream {
	t.Helper()
	conn, res, err := websocket.Dial(t.Context(), "ws://"+addr+"/api/v1/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + handler.TokenPrefix + "li"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	if _, hello, err := conn.Read(t.Context()); err != nil || !strings.Contains(string(hello), `"hello"`) {
		t.Fatalf("the stream begins with %s, %v", hello, err)
	}
	s := &liveStream{}
	go s.listen(t.Context(), conn)
	return s
}

func (s *liveStream) listen(ctx context.Context, conn *websocket.Conn) {
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var event struct {
			Type    string
			Message struct{ From, Text string }
		}
		if json.Unmarshal(text, &event) == nil && event.Type == "message" && strings.HasPrefix(event.Message.Text, "第 ") {
			s.mu.Lock()
			s.lines = append(s.lines, event.Message.Text)
			s.mu.Unlock()
		}
	}
}

func (s *liveStream) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

// door stands before a server; shut, nobody gets in, and who was in is thrown out.
type door struct {
	url    string
	to     string
	mu     sync.Mutex
	in     map[net.Conn]bool
	barred bool
}

func newDoor(t *testing.T, server string) *door {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	var listening net.ListenConfig
	l, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{to: u.Host, in: map[net.Conn]bool{}}
	u.Host = l.Addr().String()
	d.url = u.String()
	t.Cleanup(func() {
		_ = l.Close()
		d.shut()
	})
	go d.keep(t.Context(), l)
	return d
}

func (d *door) keep(ctx context.Context, l net.Listener) {
	for {
		from, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		var dialer net.Dialer
		to, err := dialer.DialContext(ctx, "tcp", d.to)
		if err != nil || !d.let(from, to) {
			_ = from.Close()
			continue
		}
		go pour(from, to)
		go pour(to, from)
	}
}

// let lets two ends of a connection in.
func (d *door) let(ends ...net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, end := range ends {
		d.in[end] = true
		if d.barred {
			_ = end.Close()
		}
	}
	return !d.barred
}

func pour(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = from.Close(), to.Close()
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.barred = true
	for end := range d.in {
		_ = end.Close()
	}
	clear(d.in)
}

func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.barred = false
}
