package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"deskmate/config"
	"deskmate/llm/llmtest"
	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/wecom/wecomsim"
)

// patience is how long a script waits for what must happen.
const patience = 20 * time.Second

// The one app of every script's corp, and its callback.
const (
	scriptAgent  = 1000002
	scriptSecret = "script-app-secret"
	scriptToken  = "scripttoken"
	scriptAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	scriptKey    = "it"
)

// clock is the time that servers and the simulator of a script live in: the real one,
// moved on by `wait`.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time           { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(by time.Duration) { c.ahead.Add(int64(by)) }

// advanceTo moves it on until clocks show a time (15:04) in the business time zone.
func (c *clock) advanceTo(show string) error {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return err
	}
	at, err := time.Parse("15:04", show)
	if err != nil {
		return err
	}
	now := c.now().In(zone)
	then := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, zone)
	if !then.After(now) {
		then = then.AddDate(0, 0, 1)
	}
	c.advance(then.Sub(now))
	return nil
}

// world is what a script acts in: a simulated corp, any number of servers behind one
// address, and the database they share.
type world struct {
	clock  *clock
	sim    *wecomsim.Server
	work   string // the script's folder
	env    []string
	front  *httptest.Server // what WeCom calls: hands on to a server that lives
	api    *httptest.Server // what the servers call: WeCom
	model  *llmtest.Server  // nil before a script connects to one
	simRun *stage
	cancel context.CancelFunc

	mu       sync.Mutex
	replicas []*replica
	next     int
	cursors  map[string]int
	receiver *receiver // nil before a script has one
	store    *sqlstore.Store
	account  model.Account
}

// replica is one running server.
type replica struct {
	name string
	addr string
	part *stage    // in this process
	cmd  *exec.Cmd // or as a process of its own
	log  *strings.Builder
}

func newWorld(work string, extra ...string) (*world, error) {
	return newWorldWith(work, nil, extra...)
}

// newWorldWith makes a world whose WeCom sends its callbacks with client; nil: its own.
func newWorldWith(work string, client *http.Client, extra ...string) (*world, error) {
	w := &world{clock: &clock{}, work: work, cursors: map[string]int{}}
	w.sim = wecomsim.New(wecomsim.Config{
		Now: w.clock.now, Seed: 1, HTTP: client,
		Callback: &wecomsim.CallbackPolicy{Timeout: 5 * time.Second, Retries: 3, RetryDelay: 50 * time.Millisecond, RetryNon200: true},
	})
	w.api = httptest.NewServer(w.sim)
	w.front = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(w.pick())
		},
		// A server that dies answers nothing, as behind a real balancer: WeCom repeats.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	w.front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	w.env = append([]string{
		"DESKMATE_DATA_DIR=" + filepath.Join(work, "data"), "DESKMATE_WECOM_API=" + w.api.URL,
		"DESKMATE_WECOM_AIBOT_WS=ws" + strings.TrimPrefix(w.api.URL, "http") + "/aibot",
		"DESKMATE_LISTEN=127.0.0.1:0", "DESKMATE_LOG_LEVEL=info", "DESKMATE_WEBHOOK_NETWORKS=127.0.0.1",
	}, extra...)
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	w.simRun = newStage(ctx, "simulator", w.sim.Run)
	return w, w.people()
}

// people are the same in every script: employees, seats, and somebody outside.
func (w *world) people() error {
	for id, name := range map[int64]string{2: "财务部", 3: "信息技术部", 4: "市场部", 5: "外包"} {
		if err := w.sim.AddDepartment(id, 1, name); err != nil {
			return err
		}
	}
	for _, m := range []wecomsim.Member{
		{UserID: "wang", Name: "王芳", Departments: []int64{2}},
		{UserID: "zhang", Name: "张三", Departments: []int64{2}},
		{UserID: "Chen", Name: "陈晨", Departments: []int64{4}},
		{UserID: "sun", Name: "孙外", Departments: []int64{5}},
		{UserID: "li", Name: "李明", Departments: []int64{3}},
		{UserID: "zhao", Name: "赵磊", Departments: []int64{3}},
	} {
		if err := w.sim.AddMember(m); err != nil {
			return err
		}
	}
	if err := w.groups(); err != nil {
		return err
	}
	return w.sim.AddApp(wecomsim.App{AgentID: scriptAgent, Secret: scriptSecret, Name: "IT 服务台", ContactEvents: true})
}

// pick is the next server that lives; with none, an address where nobody answers.
func (w *world) pick() *url.URL {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.replicas) == 0 {
		return &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	}
	w.next++
	return &url.URL{Scheme: "http", Host: w.replicas[w.next%len(w.replicas)].addr}
}

func (w *world) close() {
	for _, r := range w.replicas {
		_ = r.stop()
	}
	w.replicas = nil
	w.cancel()
	_ = w.simRun.stop()
	w.front.Close()
	if w.model != nil {
		w.model.Close()
	}
	w.api.Close()
	if w.receiver != nil {
		w.receiver.server.Close()
	}
	if w.store != nil {
		_ = w.store.Close()
	}
}

// program is the program as the scripts' servers run it.
func (w *world) program(log io.Writer) program {
	return program{environ: w.env, stdout: io.Discard, stderr: log, now: w.clock.now}
}

// serve starts a server inside this process, on the script's clock.
func (w *world) serve(name string) error {
	r := &replica{name: name, log: &strings.Builder{}}
	addr := make(chan string, 1)
	p := w.program(&lockedWriter{w: r.log})
	p.listening = func(a string) { addr <- a }
	r.part = newStage(context.Background(), name, func(ctx context.Context) error { return p.dispatch(ctx, []string{"serve"}) })
	select {
	case r.addr = <-addr:
	case <-r.part.failed:
		return r.part.stop()
	case <-time.After(patience):
		return errors.New("the server did not start")
	}
	return w.join(r)
}

// serveProcess starts a server as a process of its own, on the real clock.
func (w *world) serveProcess(name string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	r := &replica{name: name, addr: addr, log: &strings.Builder{}}
	r.cmd = exec.Command("deskmate", "serve") //nolint:noctx // ends with the script
	r.cmd.Env = append(append(os.Environ(), w.env...), "DESKMATE_LISTEN="+addr)
	r.cmd.Stderr = &lockedWriter{w: r.log}
	if err := r.cmd.Start(); err != nil {
		return err
	}
	err = within(patience, func(ctx context.Context) (bool, error) {
		return ready(ctx, "http://"+addr+"/readyz") == nil, nil
	})
	if err != nil {
		_ = r.stop()
		return fmt.Errorf("the server did not get ready: %w\n%s", err, r.log)
	}
	return w.join(r)
}

// join puts a server behind the address that WeCom calls and, the first time, saves that
// address in WeCom.
func (w *world) join(r *replica) error {
	w.mu.Lock()
	w.replicas = append(w.replicas, r)
	first := len(w.replicas) == 1
	w.mu.Unlock()
	if !first {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.sim.SetCallback(ctx, scriptAgent, w.front.URL+"/callback/"+scriptKey, scriptToken, scriptAESKey); err != nil {
		return err
	}
	// The server has read the directory once it knows names.
	return within(patience, func(ctx context.Context) (bool, error) {
		store, acc, err := w.database(ctx)
		if err != nil {
			return false, err
		}
		_, err = store.Member(ctx, acc.CorpID, "li")
		return err == nil, err
	})
}

// leave takes a server from behind the address.
func (w *world) leave(name string) (*replica, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.replicas, func(r *replica) bool { return r.name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no server %q", name)
	}
	r := w.replicas[i]
	w.replicas = slices.Delete(w.replicas, i, i+1)
	return r, nil
}

// stop ends a server as an operator does and reports how it went.
func (r *replica) stop() error {
	if r.part != nil {
		return r.part.stop()
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return r.cmd.Wait()
}

// kill ends a server's process at once.
func (r *replica) kill() error {
	if r.cmd == nil {
		return errors.New("only a server that runs as a process can be killed")
	}
	if err := r.cmd.Process.Kill(); err != nil {
		return err
	}
	_ = r.cmd.Wait() // tells that it was killed
	return nil
}

// accountFile writes the account of the script: a fixed one, in which the script's own
// keys take the place of the fixed ones.
func (w *world) accountFile(own string) (string, error) {
	fixed := []string{
		"key: " + scriptKey, "name: IT 服务台", "corp_id: " + w.sim.CorpID(), fmt.Sprintf("agent_id: %d", scriptAgent),
		"secret: " + scriptSecret, "token: " + scriptToken, "encoding_aes_key: " + scriptAESKey, "seats: [li, zhao]",
	}
	var text strings.Builder
	for _, line := range fixed {
		key, _, _ := strings.Cut(line, ":")
		if !strings.HasPrefix(own, key+":") && !strings.Contains(own, "\n"+key+":") {
			text.WriteString(line + "\n")
		}
	}
	text.WriteString(own)
	path := filepath.Join(w.work, "account."+rand.Text()+".yaml")
	return path, os.WriteFile(path, []byte(text.String()), 0o600)
}

// database is the servers' database, opened beside them.
func (w *world) database(ctx context.Context) (*sqlstore.Store, model.Account, error) {
	if w.store != nil {
		return w.store, w.account, nil
	}
	cfg, err := config.Load(config.Source{Environ: w.env})
	if err == nil {
		cfg, err = config.EnsureSecretKey(cfg)
	}
	if err != nil {
		return nil, model.Account{}, err
	}
	store, err := w.program(io.Discard).openStore(ctx, cfg)
	if err != nil {
		return nil, model.Account{}, err
	}
	w.store = store
	w.account, err = store.AccountByKey(ctx, scriptKey)
	return store, w.account, err
}

// settle waits until nothing is under way: no callback, no event, no push.
func (w *world) settle() error { return w.settleWithin(patience) }

func (w *world) settleWithin(limit time.Duration) error {
	var backlog sqlstore.Backlog
	err := within(limit, func(ctx context.Context) (bool, error) {
		if err := w.sim.Quiet(ctx); err != nil {
			return false, err
		}
		store, _, err := w.database(ctx)
		if err != nil {
			return false, err
		}
		backlog, err = store.Backlog(ctx)
		return err == nil && backlog.Events == 0 && backlog.Pushes == 0, err
	})
	if err != nil {
		return fmt.Errorf("not settled, %d members with events and %d with pushes left: %w", backlog.Events, backlog.Pushes, err)
	}
	return nil
}

// within asks again and again until the answer is yes.
func within(limit time.Duration, ask func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := ask(ctx)
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("not within %s", limit), err)
		case <-tick.C:
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// worldOf is the world of a running script.
func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

type worldKey struct{}
