package router_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"deskmate/handler"
	"deskmate/router"
)

func newSimulator() http.Handler {
	wecom := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("wecom " + r.URL.Path)) })
	return router.NewSimulator(handler.NewSimulator(handler.SimulatorConfig{}), wecom, slog.New(slog.DiscardHandler))
}

func TestSimulatorRoutes(t *testing.T) {
	t.Parallel()
	h := newSimulator()
	for _, c := range []struct {
		name, method, host, path, origin string
		status                           int
		contains                         string
	}{
		{name: "page", method: "GET", path: "/", status: 200, contains: "<html"},
		{name: "API of WeCom", method: "POST", path: "/cgi-bin/message/send", status: 200, contains: "wecom /cgi-bin/message/send"},
		{name: "sign-in page", method: "GET", path: "/connect/oauth2/authorize", status: 200, contains: "wecom"},
		{name: "document", method: "GET", path: "/sim/openapi.json", status: 200, contains: `"3.1.0"`},
		{name: "nothing there", method: "GET", path: "/nothing", status: 404},
		{name: "nothing in the API", method: "GET", path: "/sim/v1/nothing", status: 404},
		{name: "by name", method: "GET", host: "localhost:8081", path: "/", status: 200},
		{name: "by IPv6", method: "GET", host: "[::1]:8081", path: "/", status: 200},
		{name: "by another's name", method: "GET", host: "rebound.example", path: "/", status: 403},
		{name: "API of WeCom by another's name", method: "GET", host: "rebound.example", path: "/cgi-bin/gettoken", status: 403},
		{name: "write from elsewhere", method: "POST", path: "/sim/v1/tokens/expire", origin: "https://elsewhere.example", status: 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req := httptest.NewRequestWithContext(t.Context(), c.method, "http://127.0.0.1:8081"+c.path, http.NoBody)
			if c.host != "" {
				req.Host = c.host
			}
			if c.origin != "" {
				req.Header.Set("Origin", c.origin)
				req.Header.Set("Sec-Fetch-Site", "cross-site")
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.contains) {
				t.Errorf("%d %.200s, want %d with %q", w.Code, w.Body, c.status, c.contains)
			}
		})
	}
}

func TestSimulatorPageHeaders(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	newSimulator().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:8081/", http.NoBody))
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") {
		t.Errorf("Content-Security-Policy is %q", csp)
	}
	if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options is %q", got)
	}
}
