package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
	"deskmate/model"
)

// edge is everything behind the callbacks: accounts, WeCom's edge, and the inbox.
type edge struct {
	mu       sync.Mutex
	finding  error
	echo     []byte
	refusal  error
	inbound  model.Inbound
	failures []error // of the next tries to store
	stored   []string
	seen     map[string]bool
	woken    []model.LaneKind
	observed []string
	logged   bytes.Buffer
	onAccept func(ctx context.Context)
	onWake   func()
}

func newEdge() *edge {
	return &edge{
		seen: map[string]bool{},
		inbound: model.Inbound{
			AccountID: 1, Person: "zhang", DedupeKey: "m:1",
			Event: model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: "秘密"}},
		},
	}
}

// ByKey implements [handler.AccountFinder].
func (e *edge) ByKey(_ context.Context, key string) (model.Account, error) {
	if e.finding != nil {
		return model.Account{}, e.finding
	}
	if key != "it" {
		return model.Account{}, model.ErrNotFound
	}
	return model.Account{ID: 1, Key: "it"}, nil
}

// Echo implements [handler.CallbackPlatform].
func (e *edge) Echo(_ model.Account, query url.Values) ([]byte, error) {
	if query.Get("echostr") == "" {
		return nil, model.Invalid("bad_echo", "no echo")
	}
	return e.echo, e.refusal
}

// Receive implements [handler.CallbackPlatform].
func (e *edge) Receive(model.Account, url.Values, []byte) (model.Inbound, error) {
	return e.inbound, e.refusal
}

// Accept implements [handler.Inbox].
func (e *edge) Accept(ctx context.Context, in model.Inbound, lane string) (bool, error) {
	if e.onAccept != nil {
		e.onAccept(ctx)
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.failures) > 0 {
		err := e.failures[0]
		e.failures = e.failures[1:]
		return false, err
	}
	if e.seen[in.DedupeKey] {
		return true, nil
	}
	e.seen[in.DedupeKey] = true
	e.stored = append(e.stored, lane)
	return false, nil
}

func (e *edge) wake(_ context.Context, kinds ...model.LaneKind) {
	if e.onWake != nil {
		e.onWake()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.woken = append(e.woken, kinds...)
}

// handler serves the callbacks alone.
func (e *edge) handler() http.Handler {
	gin.SetMode(gin.TestMode)
	h := handler.NewCallbacks(handler.CallbacksConfig{
		Accounts: e, Platform: e, Inbox: e, Wake: e.wake, Patience: 4 * time.Second,
		Log: slog.New(slog.NewTextHandler(&e.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Observe: func(account, result string, _ time.Duration) {
			e.observed = append(e.observed, account+" "+result)
		},
	})
	r := gin.New()
	r.GET("/callback/:account", h.Verify)
	r.POST("/callback/:account", h.Receive)
	return r
}

// post sends a callback; aborted says that the connection would be closed without an
// answer.
func (e *edge) post(ctx context.Context, path, body string) (w *httptest.ResponseRecorder, aborted bool) {
	w = httptest.NewRecorder()
	defer func() {
		err, ok := recover().(error)
		aborted = ok && errors.Is(err, http.ErrAbortHandler)
	}()
	e.handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(body)))
	return w, false
}

const path = "/callback/it?msg_signature=sig-secret&timestamp=1&nonce=n"

func TestVerifyEchoes(t *testing.T) {
	t.Parallel()
	e := newEdge()
	e.echo = []byte("1616140317555161061\n\x00\xff")
	w := httptest.NewRecorder()
	e.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path+"&echostr=abc", nil))
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), e.echo) {
		t.Errorf("answered %d %q, want %q", w.Code, w.Body, e.echo)
	}
	if diff := cmp.Diff([]string{"it verified"}, e.observed); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
}

func TestReceiveAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		change  func(*edge)
		stored  []string
		woken   []model.LaneKind
		results []string
	}{
		{
			"message", func(*edge) {},
			[]string{"p:1:zhang"},
			[]model.LaneKind{model.LaneIn},
			[]string{"it accepted"},
		},
		{
			"of_the_corp", func(e *edge) { e.inbound = model.Inbound{AccountID: 1, Event: model.Event{Kind: model.EventContact}} },
			[]string{"c:1:"},
			[]model.LaneKind{model.LaneIn},
			[]string{"it accepted"},
		},
		{
			"not_understood", func(e *edge) { e.inbound.Event = model.Event{Kind: model.EventUnknown, Raw: "秘密"} },
			[]string{"p:1:zhang"},
			[]model.LaneKind{model.LaneIn},
			[]string{"it unknown_event"},
		},
		{"repeated", func(e *edge) { e.seen["m:1"] = true }, nil, nil, []string{"it duplicate"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEdge()
			tt.change(e)
			w, aborted := e.post(t.Context(), path, "<xml>秘密</xml>")
			if aborted || w.Code != http.StatusOK || w.Body.Len() != 0 {
				t.Errorf("answered %d %q, want an empty 200", w.Code, w.Body)
			}
			if diff := cmp.Diff(tt.stored, e.stored); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.woken, e.woken); diff != "" {
				t.Errorf("woken (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.results, e.observed); diff != "" {
				t.Errorf("observed (-want +got):\n%s", diff)
			}
			if e.logged.Len() != 0 {
				t.Errorf("logged:\n%s", &e.logged)
			}
		})
	}
}

func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	refusal := func(code model.Code, reason string) func(*edge) {
		return func(e *edge) {
			e.refusal = &model.Error{Code: code, Reason: reason, Message: "no", Err: errors.New("密文")}
		}
	}
	nothing := func(*edge) {}
	tests := []struct {
		name    string
		change  func(*edge)
		path    string
		body    string
		status  int
		reason  string
		account string
	}{
		{"wrong_signature", refusal(model.CodeUnauthenticated, "bad_signature"), path, "", http.StatusUnauthorized, "bad_signature", "it"},
		{"of_another_corp", refusal(model.CodeForbidden, "bad_receiveid"), path, "", http.StatusForbidden, "bad_receiveid", "it"},
		{"no_envelope", refusal(model.CodeInvalid, "bad_envelope"), path, "秘密", http.StatusBadRequest, "bad_envelope", "it"},
		{"unknown_account", nothing, "/callback/none", "", http.StatusNotFound, "not_found", "unknown"},
		{"too_big", nothing, path, strings.Repeat("x", handler.MaxCallbackBody+1), http.StatusRequestEntityTooLarge, "bad_body", "it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEdge()
			tt.change(e)
			w, aborted := e.post(t.Context(), tt.path, tt.body)
			var got struct {
				Error struct{ Reason, Message string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("body %q: %v", w.Body, err)
			}
			if aborted || w.Code != tt.status || got.Error.Reason != tt.reason {
				t.Errorf("answered %d for %q, want %d for %q", w.Code, got.Error.Reason, tt.status, tt.reason)
			}
			if len(e.stored) != 0 || len(e.woken) != 0 {
				t.Errorf("stored %v, woken %v", e.stored, e.woken)
			}
			if diff := cmp.Diff([]string{tt.account + " refused_" + tt.reason}, e.observed); diff != "" {
				t.Errorf("observed (-want +got):\n%s", diff)
			}
			if !strings.Contains(e.logged.String(), tt.reason) {
				t.Errorf("the reason is not logged:\n%s", &e.logged)
			}
			for _, secret := range []string{"秘密", "密文", "sig-secret", "msg_signature", "none"} {
				if strings.Contains(e.logged.String()+w.Body.String(), secret) {
					t.Errorf("%q is shown:\n%s\n%s", secret, &e.logged, w.Body)
				}
			}
		})
	}
}

func TestReceiveTakesAFullBody(t *testing.T) {
	t.Parallel()
	e := newEdge()
	if w, _ := e.post(t.Context(), path, strings.Repeat("x", handler.MaxCallbackBody)); w.Code != http.StatusOK {
		t.Errorf("answered %d to a body of 1 MiB", w.Code)
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]int{
		path:                       http.StatusBadRequest,
		"/callback/none?echostr=x": http.StatusNotFound,
	} {
		e := newEdge()
		w := httptest.NewRecorder()
		e.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil))
		if w.Code != want {
			t.Errorf("GET %s = %d, want %d", target, w.Code, want)
		}
	}
}

func TestReceiveWaitsForTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEdge()
		for range 5 {
			e.failures = append(e.failures, model.ErrUnavailable)
		}
		began := time.Now()
		w, aborted := e.post(t.Context(), path, "")
		if aborted || w.Code != http.StatusOK || len(e.stored) != 1 {
			t.Errorf("answered %d with %d stored", w.Code, len(e.stored))
		}
		if took := time.Since(began); took == 0 || took > 4*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestReceiveGivesUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*edge)
		most   time.Duration
	}{
		{"store_is_away", func(e *edge) {
			for range 1000 {
				e.failures = append(e.failures, errors.New("away"))
			}
		}, 4 * time.Second},
		{"store_hangs", func(e *edge) { e.onAccept = func(ctx context.Context) { <-ctx.Done() } }, 4 * time.Second},
		{"store_will_never_take_it", func(e *edge) { e.failures = []error{model.Invalid("too_long", "too long")} }, 0},
		{"accounts_are_away", func(e *edge) { e.finding = model.ErrUnavailable }, 0},
		{"accounts_fail", func(e *edge) { e.finding = errors.New("no") }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := newEdge()
				tt.change(e)
				began := time.Now()
				if w, aborted := e.post(t.Context(), path, "秘密"); !aborted {
					t.Errorf("answered %d, want the connection closed", w.Code)
				}
				if took := time.Since(began); took > tt.most {
					t.Errorf("took %s, WeCom waits 5s", took)
				}
				if len(e.observed) != 1 || !strings.HasSuffix(e.observed[0], " not_stored") {
					t.Errorf("observed %v", e.observed)
				}
				if !strings.Contains(e.logged.String(), "level=ERROR") || strings.Contains(e.logged.String(), "秘密") {
					t.Errorf("logged:\n%s", &e.logged)
				}
			})
		})
	}
}

// Whoever asked may be gone; what was sent is worth keeping.
func TestReceiveStoresForOneWhoLeft(t *testing.T) {
	t.Parallel()
	e := newEdge()
	ctx, cancel := context.WithCancel(t.Context())
	e.onAccept = func(context.Context) { cancel() }
	if _, aborted := e.post(ctx, path, ""); aborted || len(e.stored) != 1 {
		t.Errorf("stored %d, want it stored", len(e.stored))
	}
}

func TestReceiveOverTheWire(t *testing.T) {
	t.Parallel()
	t.Run("closes_the_connection", func(t *testing.T) {
		t.Parallel()
		e := newEdge()
		e.failures = []error{model.Invalid("too_long", "too long")}
		res, err := post(t, e)
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("answered %d, want no answer", res.StatusCode)
		}
	})
	t.Run("answers_before_it_wakes", func(t *testing.T) {
		t.Parallel()
		e := newEdge()
		answered := make(chan struct{})
		e.onWake = func() { // a Redis that hangs
			select {
			case <-answered:
			case <-t.Context().Done():
			case <-time.After(5 * time.Second):
				t.Error("WeCom waits for the hint to the workers")
			}
		}
		res, err := post(t, e)
		close(answered)
		if err != nil {
			t.Fatalf("post: %v", err)
		}
		defer res.Body.Close()
		if body, err := io.ReadAll(res.Body); err != nil || len(body) != 0 || res.StatusCode != http.StatusOK {
			t.Errorf("answered %d %q, %v", res.StatusCode, body, err)
		}
	})
}

// post sends a callback to a real server.
func post(t *testing.T, e *edge) (*http.Response, error) {
	t.Helper()
	server := httptest.NewUnstartedServer(e.handler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.Start()
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader("<xml/>"))
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	return server.Client().Do(req)
}
