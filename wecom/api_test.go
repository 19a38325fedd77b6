package wecom_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/wecom"
)

// api is a stand-in for WeCom's API that tests script: it gives tokens and remembers what
// it was asked.
type api struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	handlers map[string]http.HandlerFunc // by path below /cgi-bin/
	calls    []apiCall
	tokens   int    // given so far
	valid    string // the access token that is accepted; "": any
	expires  int    // seconds
}

// apiCall is one request that arrived.
type apiCall struct {
	path        string
	query       map[string]string
	contentType string
	body        string
}

func newAPI(t testing.TB) *api {
	t.Helper()
	a := &api{t: t, handlers: map[string]http.HandlerFunc{}, expires: 7200}
	a.handlers["gettoken"] = a.getToken
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	return a
}

func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	call := apiCall{
		path: strings.TrimPrefix(r.URL.Path, "/cgi-bin/"), query: map[string]string{},
		contentType: r.Header.Get("Content-Type"), body: string(body),
	}
	for name, values := range r.URL.Query() {
		call.query[name] = strings.Join(values, "&")
	}
	a.mu.Lock()
	a.calls = append(a.calls, call)
	handler, valid := a.handlers[call.path], a.valid
	a.mu.Unlock()
	switch {
	case handler == nil:
		w.WriteHeader(http.StatusNotFound)
	case call.path != "gettoken" && valid != "" && call.query["access_token"] != valid:
		reply(w, `{"errcode":40014,"errmsg":"invalid access_token","department":[]}`)
	default:
		handler(w, r)
	}
}

// getToken gives token-1, token-2, …, and takes the last one only.
func (a *api) getToken(w http.ResponseWriter, r *http.Request) {
	if secret := r.URL.Query().Get("corpsecret"); secret != "app-secret" {
		reply(w, `{"errcode":40001,"errmsg":"invalid credential corpsecret=`+secret+`"}`)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens++
	a.valid = fmt.Sprintf("token-%d", a.tokens)
	reply(w, fmt.Sprintf(`{"errcode":0,"errmsg":"ok","access_token":%q,"expires_in":%d}`, a.valid, a.expires))
}

func reply(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = io.WriteString(w, body)
}

// on answers a path with this JSON.
func (a *api) on(path, body string) {
	a.handle(path, func(w http.ResponseWriter, _ *http.Request) { reply(w, body) })
}

func (a *api) handle(path string, handler http.HandlerFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handlers[path] = handler
}

// spoil makes the current token invalid before its time.
func (a *api) spoil() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.valid = "spoiled"
}

// asked are the calls of a path so far.
func (a *api) asked(path string) []apiCall {
	a.mu.Lock()
	defer a.mu.Unlock()
	var calls []apiCall
	for _, call := range a.calls {
		if call.path == path {
			calls = append(calls, call)
		}
	}
	return calls
}

// last is the latest call of a path.
func (a *api) last(path string) apiCall {
	a.t.Helper()
	calls := a.asked(path)
	if len(calls) == 0 {
		a.t.Fatalf("%s was not called", path)
	}
	return calls[len(calls)-1]
}

// client is a client of a.
func (a *api) client() *wecom.Client {
	a.t.Helper()
	return mustClient(a.t, wecom.Config{BaseURL: a.URL})
}

func mustClient(t testing.TB, cfg wecom.Config) *wecom.Client {
	t.Helper()
	c, err := wecom.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// memory is a token store that tests look into and break.
type memory struct {
	mu     sync.Mutex
	tokens map[string]string
	ttl    time.Duration
	broken error
}

func newMemory() *memory { return &memory{tokens: map[string]string{}} }

func (m *memory) Token(_ context.Context, key string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	token, ok := m.tokens[key]
	return token, ok, m.broken
}

func (m *memory) SetToken(_ context.Context, key, token string, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken == nil {
		m.tokens[key], m.ttl = token, ttl
	}
	return m.broken
}

func (m *memory) DropToken(_ context.Context, key, token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken == nil && m.tokens[key] == token {
		delete(m.tokens, key)
	}
	return m.broken
}

// keys are the keys in use, in one line.
func (m *memory) keys() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var keys []string
	for key := range m.tokens {
		keys = append(keys, key)
	}
	return strings.Join(keys, " ")
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Unix(1_700_000_000, 0)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// logBuffer collects a log.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// codeOf is the errcode of err; 0 for none.
func codeOf(err error) int64 {
	if e, ok := errors.AsType[*wecom.APIError](err); ok {
		return e.Code
	}
	return 0
}

// mustJSON reads JSON into what cmp.Diff can compare.
func mustJSON(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}

func textPush(text string) model.Push {
	return model.Push{Receiver: "zhangsan", Kind: model.PushText, Text: text}
}

// patience is how long a test waits for what happens at once.
const patience = 10 * time.Second

// await gives what comes out of a channel, or ends the test.
func await[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatal("nothing happened")
		panic("unreachable")
	}
}
