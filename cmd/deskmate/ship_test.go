package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/store/storetest"
	"deskmate/wecom/wecomsim"
)

// buffer is what a process wrote so far.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// newShip makes a world with the account and its knowledge in the database; what WeCom is
// asked goes through between, if that is not nil.
func newShip(t *testing.T, between func(http.Handler) http.Handler, settings ...string) *world {
	t.Helper()
	w, err := newWorld(t.TempDir(), settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	if between != nil {
		w.api.Config.Handler = between(w.sim)
	}
	account, err := w.accountFile("seats: [li]\n")
	if err != nil {
		t.Fatal(err)
	}
	kb := filepath.Join(w.work, "kb.csv")
	text := "分组,标准问题,相似问题,答案,状态\n账号,怎么重置密码,忘记密码怎么办,打开密码自助，验证身份后即可重置。,启用\n"
	if err := os.WriteFile(kb, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"account", "apply", "-f", account}, {"kb", "import", "--account", scriptKey, kb}} {
		var out bytes.Buffer
		if code := w.program(&out).run(t.Context(), args); code != exitDone {
			t.Fatalf("%s %s: %s", args[0], args[1], &out)
		}
	}
	return w
}

// launch starts the program as an engine does and gives its address and all that it writes.
func launch(t *testing.T, w *world, settings ...string) (addr string, out *buffer) {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	addr, out = fmt.Sprintf("127.0.0.1:%d", port), &buffer{}
	cmd := exec.Command("deskmate", "serve") //nolint:noctx // ends with the world
	cmd.Env = append(append(append(os.Environ(), w.env...), settings...), "DESKMATE_LISTEN="+addr)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &replica{name: "ship", addr: addr, cmd: cmd}
	err = within(patience, func(ctx context.Context) (bool, error) { return ready(ctx, "http://"+addr+"/readyz") == nil, nil })
	if err == nil {
		err = w.join(r)
	}
	if err != nil {
		_ = r.stop()
		t.Fatalf("serve: %v\n%s", err, out)
	}
	return addr, out
}

// fetch gets a page of the program.
func fetch(t testing.TB, address string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// gets waits until who's phone shows something with text in it that was not looked at; out
// is what the program says meanwhile.
func gets(t testing.TB, w *world, out *buffer, who, text string) wecomsim.Bubble {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	at, b, err := w.sim.Wait(ctx, scriptAgent, who, w.cursors[who], func(b wecomsim.Bubble) bool {
		return b.From == wecomsim.FromApp && says(b, text)
	})
	if err != nil {
		t.Fatalf("%s never sees %q: %v\n%s", who, text, err, out)
	}
	w.cursors[who] = at
	return b
}

// TestReadiness takes away what a server works with, one after the other: readiness says
// what is missing, life goes on, and everything comes back by itself. Without Redis the
// server counts as ready, and works.
func TestReadiness(t *testing.T) {
	t.Parallel()
	redisURL := os.Getenv("DESKMATE_TEST_REDIS_URL")
	if redisURL == "" {
		if inCI() {
			t.Fatal("DESKMATE_TEST_REDIS_URL must name a server in CI")
		}
		t.Skip("DESKMATE_TEST_REDIS_URL names no server")
	}
	database, redis := newLink(t, storetest.MySQL(t, "DESKMATE_TEST_MYSQL_URL").URL), newLink(t, redisURL)
	redis.url.Path = "/7" // apart from other tests' servers
	w := newShip(t, nil, "DESKMATE_DATABASE_URL="+database.url.String(), "DESKMATE_REDIS_URL="+redis.url.String(),
		"DESKMATE_SECRET_KEY="+base64.StdEncoding.EncodeToString(storetest.Key()))
	addr, out := launch(t, w)

	// becomes waits until readiness is this and exactly these checks fail.
	becomes := func(verdict string, failing ...string) {
		t.Helper()
		status := http.StatusOK
		if verdict == "failing" {
			status = http.StatusServiceUnavailable
		}
		want := map[string]string{"database": "ok", "redis": "ok", "schema": "ok"}
		for _, name := range failing {
			want[name] = "failing"
		}
		var last string
		err := within(patience, func(context.Context) (bool, error) {
			code, body := fetch(t, "http://"+addr+"/readyz") //nolint:contextcheck // it has the test's
			last = fmt.Sprint(code, " ", body)
			var got struct {
				Status string
				Checks map[string]string
			}
			err := json.Unmarshal([]byte(body), &got)
			return code == status && got.Status == verdict && maps.Equal(got.Checks, want), err
		})
		if err != nil {
			t.Fatalf("readyz stays %s, want %s because of %q\n%s", last, verdict, failing, out)
		}
		if code, body := fetch(t, "http://"+addr+"/healthz"); code != http.StatusOK || !strings.Contains(body, `"status":"ok"`) {
			t.Errorf("healthz: %d %s", code, body)
		}
		health := exec.CommandContext(t.Context(), "deskmate", "health")
		health.Env = append(append(os.Environ(), w.env...), "DESKMATE_LISTEN="+addr)
		if said, err := health.CombinedOutput(); (err == nil) != (status == http.StatusOK) {
			t.Errorf("deskmate health: %v %s", err, said)
		}
	}

	becomes("ok")
	redis.cut()
	becomes("degraded", "redis")
	w.sim.Say(scriptAgent, "wang", "怎么重置密码")
	gets(t, w, out, "wang", "打开密码自助")
	redis.mend()
	becomes("ok")

	database.cut()
	becomes("failing", "database", "schema")
	database.mend()
	becomes("ok")

	// A later version of the program has migrated the database.
	alter(t, database.to, "INSERT INTO schema_version (version_id, is_applied) VALUES (999999, 1)")
	becomes("failing", "schema")
	alter(t, database.to, "DELETE FROM schema_version WHERE version_id = 999999")
	becomes("ok")
}

// alter runs a statement in the database.
func alter(t testing.TB, at url.URL, statement string) {
	t.Helper()
	password, _ := at.User.Password()
	db, err := sql.Open("mysql", at.User.Username()+":"+password+"@tcp("+at.Host+")"+at.Path) // sqlstore registers the driver
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// link leads to a server and can be cut.
type link struct {
	url, to url.URL // of the link; of the server

	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

func newLink(t *testing.T, server string) *link {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal("the address of a test's server is no URL")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed when the test ends
	if err != nil {
		t.Fatal(err)
	}
	l := &link{url: *to, to: *to}
	l.url.Host = listener.Addr().String()
	t.Cleanup(func() {
		_ = listener.Close()
		l.cut()
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			l.join(conn)
		}
	}()
	return l
}

// join connects conn with the server, or nobody while the link is cut.
func (l *link) join(conn net.Conn) {
	server, err := net.Dial("tcp", l.to.Host) //nolint:noctx // closed with the link
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || l.down {
		_ = conn.Close()
		if err == nil {
			_ = server.Close()
		}
		return
	}
	l.conns = append(l.conns, conn, server)
	for _, pair := range [][2]net.Conn{{conn, server}, {server, conn}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
		}()
	}
}

func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for _, conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
}

func (l *link) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}

// spy notes the access tokens that WeCom gives and breaks connections of chosen calls,
// before they are worked on.
type spy struct {
	mu     sync.Mutex
	tokens map[string]bool
	breaks map[string]int // by the end of the path
}

func (s *spy) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if token := r.URL.Query().Get("access_token"); token != "" {
			s.tokens[token] = true
		}
		call := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		broken := s.breaks[call] > 0
		s.breaks[call]--
		s.mu.Unlock()
		if broken {
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

// breakTokens breaks so many of the next calls that ask for an access token.
func (s *spy) breakTokens(times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.breaks["gettoken"] = times
}

// TestLogsAndMetrics plays a conversation with trouble in it. Every line of the log is
// JSON and holds neither what people wrote nor a secret, not even at its most talkative;
// and the metrics are those that docs/operations.md names.
func TestLogsAndMetrics(t *testing.T) {
	t.Parallel()
	// The menu can't be set, for the connection breaks; its address holds an access token.
	s := &spy{tokens: map[string]bool{}, breaks: map[string]int{"create": 1}}
	w := newShip(t, s.watch)
	addr, out := launch(t, w, "DESKMATE_LOG_LEVEL=debug")

	say := func(who, text string) { w.sim.Say(scriptAgent, who, text) }
	say("wang", "怎么重置密码")
	gets(t, w, out, "wang", "打开密码自助")
	say("wang", "工牌丢在食堂了")
	gets(t, w, out, "wang", "没有找到答案")
	say("wang", "转人工")
	gets(t, w, out, "li", "转人工")
	say("wang", "我的电话是13912345678")
	gets(t, w, out, "li", "13912345678")
	// Nor does it hold while a new token is asked for; that address holds the app's secret.
	w.sim.InvalidateTokens()
	s.breakTokens(1_000_000)
	say("li", "请到前台领取")
	if err := within(patience, func(context.Context) (bool, error) { return strings.Contains(out.String(), "push failed"), nil }); err != nil {
		t.Errorf("the log says nothing about a push that failed: %v", err)
	}
	s.breakTokens(0)
	gets(t, w, out, "wang", "请到前台领取")
	say("li", "#结束")
	card := gets(t, w, out, "wang", "请评价")
	if err := w.sim.Click(scriptAgent, "wang", card.MsgID, card.Card.Buttons[0].Key); err != nil {
		t.Fatal(err)
	}
	if err := w.settle(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// Somebody knocks who is not WeCom.
	for _, path := range []string{"/callback/it?msg_signature=knockknock&timestamp=1&nonce=2&echostr=letmein", "/callback/nobody?echostr=letmein"} {
		if code, body := fetch(t, "http://"+addr+path); code < 400 || code > 499 {
			t.Errorf("GET %s: %d %s", path, code, body)
		}
	}

	key, err := os.ReadFile(filepath.Join(w.work, "data", "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.tokens) == 0 {
		t.Fatal("WeCom was never asked for anything")
	}
	never := append(slices.Collect(maps.Keys(s.tokens)), strings.TrimSpace(string(key)),
		scriptSecret, scriptToken, scriptAESKey, "knockknock", "letmein",
		"重置密码", "密码自助", "工牌", "13912345678", "前台领取", "#结束", "王芳", "李明", "财务部")
	checkLog(t, out.String(), never)
	_, body := fetch(t, "http://"+addr+"/metrics")
	if d := cmp.Diff(documentedMetrics(t), exposedMetrics(body)); d != "" {
		t.Errorf("metrics and their labels (-docs/operations.md +/metrics):\n%s", d)
	}
}

// checkLog holds that every line is JSON with time, level and message, that the events of
// interest are among them, and that nothing forbidden is.
func checkLog(t *testing.T, log string, never []string) {
	t.Helper()
	for _, secret := range never {
		if before, after, found := strings.Cut(log, secret); found {
			start := before[strings.LastIndex(before, "\n")+1:]
			end, _, _ := strings.Cut(after, "\n")
			t.Errorf("the log holds %q: %s%s%s", secret, start, secret, end)
		}
	}
	seen := map[string]bool{}
	for line := range strings.Lines(log) {
		var record struct {
			Time  time.Time
			Level string
			Msg   string
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil || record.Time.IsZero() || record.Msg == "" {
			t.Errorf("no record: %s", line)
		}
		seen[record.Level+" "+record.Msg] = true
	}
	for _, want := range []string{"INFO event handled", "DEBUG request answered", "WARN callback refused", "WARN menu not set"} {
		if !seen[want] {
			t.Errorf("the log lacks %q; it has %q", want, slices.Sorted(maps.Keys(seen)))
		}
	}
}

// documentedMetrics are the metrics of docs/operations.md with their labels.
func documentedMetrics(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string]string{}
	word := regexp.MustCompile("`([a-z_]+)`")
	for _, row := range regexp.MustCompile("(?m)^\\| `(deskmate_[a-z_]+)` \\|([^|]*)\\|").FindAllStringSubmatch(string(text), -1) {
		var labels []string
		for _, label := range word.FindAllStringSubmatch(row[2], -1) {
			labels = append(labels, label[1])
		}
		slices.Sort(labels)
		metrics[row[1]] = strings.Join(labels, ",")
	}
	return metrics
}

// exposedMetrics are our own metrics of a scrape with their labels.
func exposedMetrics(scrape string) map[string]string {
	metrics := map[string]string{}
	label := regexp.MustCompile(`([a-z_]+)="`)
	family := ""
	for line := range strings.Lines(scrape) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			family, _, _ = strings.Cut(rest, " ")
			continue
		}
		if !strings.HasPrefix(family, "deskmate_") || strings.HasPrefix(line, "#") {
			continue
		}
		var labels []string
		for _, found := range label.FindAllStringSubmatch(line, -1) {
			if found[1] != "le" {
				labels = append(labels, found[1])
			}
		}
		slices.Sort(labels)
		metrics[family] = strings.Join(labels, ",")
	}
	return metrics
}
