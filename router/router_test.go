package router_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/router"
)

// nothing is behind the routes: no account, no inbox.
type nothing struct{}

// ByKey implements [handler.AccountFinder].
func (nothing) ByKey(context.Context, string) (model.Account, error) {
	return model.Account{}, model.ErrNotFound
}

// Echo implements [handler.CallbackPlatform].
func (nothing) Echo(model.Account, url.Values) ([]byte, error) { return nil, nil }

// Receive implements [handler.CallbackPlatform].
func (nothing) Receive(model.Account, url.Values, []byte) (model.Inbound, error) {
	return model.Inbound{}, nil
}

// Accept implements [handler.Inbox].
func (nothing) Accept(context.Context, model.Inbound, string) (bool, error) { return false, nil }

// newRouter makes the whole table; metrics stands for any handler behind it.
func newRouter(logged *bytes.Buffer, metrics http.HandlerFunc) http.Handler {
	log := slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	uploads, err := handler.NewUploads(handler.UploadsConfig{Now: time.Now, Log: log})
	if err != nil {
		panic(err)
	}
	gate := handler.NewGate(handler.GateConfig{Tokens: tokens{}, Seats: tokens{}, Logins: logins{}, Now: time.Now, Log: log})
	api := handler.NewAPI(handler.APIConfig{Accounts: nothing{}, Now: time.Now, Location: time.UTC, Log: log})
	return router.New(router.Handlers{
		Callbacks: handler.NewCallbacks(handler.CallbacksConfig{
			Accounts: nothing{}, Platform: nothing{}, Inbox: nothing{}, Patience: time.Second, Log: log,
			Wake: func(context.Context, ...model.LaneKind) {},
		}),
		Health:  handler.NewHealth("v1", nil),
		Metrics: metrics,
		API:     api,
		Gate:    gate,
		Live:    handler.NewLive(handler.LiveConfig{API: api, Gate: gate, Now: time.Now, Log: log}),
		SignIn:  handler.NewSignIn(handler.SignInConfig{API: api, Accounts: nothing{}, Log: log, Starts: nothing{}, Now: time.Now}),
		Domain:  &handler.DomainPages{Files: domainFiles{}, Log: log},
		Uploads: uploads,
	}, log)
}

// domainFiles has one file.
type domainFiles struct{ others }

type others struct{ handler.DomainFiles }

// DomainFiles implements [handler.DomainFiles].
func (domainFiles) DomainFiles(context.Context) ([]model.DomainFile, error) { return nil, nil }

// DomainFile implements [handler.DomainFiles].
func (domainFiles) DomainFile(_ context.Context, name string) (model.DomainFile, error) {
	if name != "WW_verify_a1.txt" {
		return model.DomainFile{}, model.ErrNotFound
	}
	return model.DomainFile{Name: name, Content: "a1"}, nil
}

// Account implements [handler.SignInAccounts].
func (nothing) Account(context.Context, uint64) (model.Account, error) {
	return model.Account{}, model.ErrNotFound
}

// AddLoginStart implements [handler.LoginStarts].
func (nothing) AddLoginStart(context.Context, model.LoginStart) error { return nil }

// TakeLoginStart implements [handler.LoginStarts].
func (nothing) TakeLoginStart(context.Context, string) (model.LoginStart, error) {
	return model.LoginStart{}, model.ErrNotFound
}

func fine(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("metrics")) }

func ask(t *testing.T, h http.Handler, method, target string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader("body-secret")))
	return w
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, target string
		status         int
		body           string // part of it
	}{
		{http.MethodGet, "/healthz", http.StatusOK, `"ok"`},
		{http.MethodGet, "/readyz", http.StatusOK, `"ok"`},
		{http.MethodGet, "/metrics", http.StatusOK, "metrics"},
		{http.MethodGet, "/h5/upload/x", http.StatusNotFound, "链接无效"},
		{http.MethodPost, "/h5/upload/x", http.StatusNotFound, "链接无效"},
		{http.MethodGet, "/callback/it", http.StatusNotFound, `"not_found"`},
		{http.MethodPost, "/callback/it", http.StatusNotFound, `"not_found"`},
		{http.MethodPut, "/callback/it", http.StatusNotFound, ""},
		{http.MethodPost, "/metrics", http.StatusMethodNotAllowed, ""},
		{http.MethodGet, "/", http.StatusOK, "<html"},
		{http.MethodGet, "/a/it/knowledge", http.StatusOK, "<html"},
		{http.MethodPost, "/desk", http.StatusMethodNotAllowed, ""},
		{http.MethodGet, "/assets/nothing.js", http.StatusNotFound, ""},
		{http.MethodGet, "/WW_verify_a1.txt", http.StatusOK, "a1"},
		{http.MethodGet, "/WW_verify_b2.txt", http.StatusNotFound, `"route_unknown"`},
		{http.MethodGet, "/WW_verify_a1.html", http.StatusNotFound, `"route_unknown"`},
		{http.MethodGet, "/.env", http.StatusNotFound, ""},
		{http.MethodGet, "/api/openapi.json", http.StatusOK, `"/api/v1/me"`},
		{http.MethodGet, "/api/v1/sessions", http.StatusNotFound, `"route_unknown"`},
		{http.MethodPatch, "/api/v1/me", http.StatusNotFound, `"route_unknown"`},
		{http.MethodGet, "/api/v1/me/", http.StatusNotFound, `"route_unknown"`},
		{http.MethodGet, "/api/v1/me", http.StatusUnauthorized, `"token_missing"`},
		{http.MethodGet, "/auth/start", http.StatusFound, ""},
		{http.MethodGet, "/auth/return?state=x&code=y", http.StatusFound, ""},
		{http.MethodGet, "/callback/", http.StatusNotFound, ""},
		{http.MethodGet, "/callback/it/else", http.StatusNotFound, ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			t.Parallel()
			w := ask(t, newRouter(&bytes.Buffer{}, fine), tt.method, tt.target)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) {
				t.Errorf("answered %d %q, want %d with %q", w.Code, w.Body, tt.status, tt.body)
			}
		})
	}
}

// Every answer has them, a refusal and a failure too.
func TestHeaders(t *testing.T) {
	t.Parallel()
	h := newRouter(&bytes.Buffer{}, func(http.ResponseWriter, *http.Request) { panic("no") })
	ids := map[string]bool{}
	for _, target := range []string{"/healthz", "/callback/it", "/api/nowhere", "/metrics"} {
		w := ask(t, h, http.MethodGet, target)
		got := map[string]string{}
		for _, name := range []string{"X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Content-Security-Policy"} {
			got[name] = w.Header().Get(name)
		}
		want := map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("headers of %s (-want +got):\n%s", target, diff)
		}
		ids[w.Header().Get("X-Request-Id")] = true
	}
	if len(ids) != 4 || ids[""] {
		t.Errorf("request ids = %v, want one of its own for each", ids)
	}
}

// The console may run its own scripts and nobody else's, and show what accounts frame.
func TestConsoleHeaders(t *testing.T) {
	t.Parallel()
	w := ask(t, newRouter(&bytes.Buffer{}, fine), http.MethodGet, "/desk")
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "frame-src https:;", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%q is not in %q", want, policy)
		}
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	h := newRouter(&logged, func(http.ResponseWriter, *http.Request) { panic("broken") })
	w := ask(t, h, http.MethodGet, "/metrics?token=query-secret")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "broken") {
		t.Errorf("answered %d %q", w.Code, w.Body)
	}
	if !strings.Contains(logged.String(), "level=ERROR") || !strings.Contains(logged.String(), w.Header().Get("X-Request-Id")) {
		t.Errorf("logged:\n%s", &logged)
	}
}

// A handler that wants its connection closed gets that.
func TestAbort(t *testing.T) {
	t.Parallel()
	h := newRouter(&bytes.Buffer{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/metrics", http.NoBody)
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	res, err := server.Client().Do(req)
	if err == nil {
		_ = res.Body.Close()
		t.Errorf("answered %d, want no answer", res.StatusCode)
	}
}

// The log tells routes apart, and nothing of what was sent.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	h := newRouter(&logged, fine)
	ask(t, h, http.MethodPost, "/callback/path-secret?msg_signature=query-secret")
	ask(t, h, http.MethodGet, "/path-secret?token=query-secret")
	ask(t, h, http.MethodGet, "/auth/return?code=code-secret&state=state-secret")
	for _, want := range []string{"method=POST route=/callback/:account status=404", `method=GET route="" status=200`} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("%q is not logged:\n%s", want, &logged)
		}
	}
	if strings.Contains(logged.String(), "secret") {
		t.Errorf("what was sent is logged:\n%s", &logged)
	}
}
