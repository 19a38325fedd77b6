package router_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/router"
)

// A proxy that is named is believed about the client's address, and nobody else.
func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		trusted []string
		from    string
		claims  string
		want    string
	}{
		"nobody is trusted":  {nil, "10.0.0.5:1", "203.0.113.7", "10.0.0.5"},
		"the proxy":          {[]string{"10.0.0.5"}, "10.0.0.5:1", "203.0.113.7", "203.0.113.7"},
		"a network":          {[]string{"10.0.0.0/8"}, "10.9.9.9:1", "203.0.113.7", "203.0.113.7"},
		"somebody else":      {[]string{"10.0.0.5"}, "203.0.113.9:1", "1.2.3.4", "203.0.113.9"},
		"a claim of a claim": {[]string{"10.0.0.5"}, "10.0.0.5:1", "1.2.3.4, 203.0.113.7", "203.0.113.7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := slog.New(slog.DiscardHandler)
			h := router.New(router.Handlers{
				Callbacks: &handler.Callbacks{}, Bots: &handler.Callbacks{}, Health: handler.NewHealth("v1", nil), Metrics: http.HandlerFunc(fine),
				Uploads: &handler.Uploads{}, API: handler.NewAPI(handler.APIConfig{}),
				Gate:           handler.NewGate(handler.GateConfig{Tokens: tokens{}, Seats: tokens{}, Now: time.Now, Log: log}),
				TrustedProxies: tt.trusted,
			}, log)
			engine, ok := h.(*gin.Engine)
			if !ok {
				t.Fatal("the router is no engine of gin")
			}
			var got bytes.Buffer
			engine.GET("/whoami", func(c *gin.Context) { got.WriteString(c.ClientIP()) })
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/whoami", http.NoBody)
			r.RemoteAddr = tt.from
			r.Header.Set("X-Forwarded-For", tt.claims)
			engine.ServeHTTP(httptest.NewRecorder(), r)
			if got.String() != tt.want {
				t.Errorf("address %q, want %q", got.String(), tt.want)
			}
		})
	}
}
