package handler_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
)

func well(context.Context) error { return nil }

func broken(context.Context) error { return errors.New("mysql://user:secret@host") }

func hangs(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func getHealth(t *testing.T, checks []handler.Check, path string) (int, map[string]any) {
	t.Helper()
	gin.SetMode(gin.TestMode)
	h := handler.NewHealth("v1.2", checks)
	r := gin.New()
	r.GET("/healthz", h.Live)
	r.GET("/readyz", h.Ready)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("body %q: %v", w.Body, err)
	}
	return w.Code, body
}

func TestHealth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		path   string
		checks []handler.Check
		status int
		want   map[string]any
	}{
		{
			"alive_whatever_is_missing", "/healthz",
			[]handler.Check{{Name: "redis", Run: broken}},
			http.StatusOK,
			map[string]any{"status": "ok", "version": "v1.2"},
		},
		{
			"ready", "/readyz",
			[]handler.Check{{Name: "database", Run: well}, {Name: "redis", Run: well, Optional: true}},
			http.StatusOK,
			map[string]any{"status": "ok", "version": "v1.2", "checks": map[string]any{"database": "ok", "redis": "ok"}},
		},
		{
			"not_ready", "/readyz",
			[]handler.Check{{Name: "database", Run: broken}, {Name: "redis", Run: well}},
			http.StatusServiceUnavailable,
			map[string]any{"status": "failing", "version": "v1.2", "checks": map[string]any{"database": "failing", "redis": "ok"}},
		},
		{
			"ready_without_what_it_can_do_without", "/readyz",
			[]handler.Check{{Name: "database", Run: well}, {Name: "redis", Run: broken, Optional: true}},
			http.StatusOK,
			map[string]any{"status": "degraded", "version": "v1.2", "checks": map[string]any{"database": "ok", "redis": "failing"}},
		},
		{
			"not_ready_whatever_the_order", "/readyz",
			[]handler.Check{{Name: "redis", Run: broken, Optional: true}, {Name: "database", Run: broken}, {Name: "mail", Run: broken, Optional: true}},
			http.StatusServiceUnavailable,
			map[string]any{"status": "failing", "version": "v1.2", "checks": map[string]any{"database": "failing", "redis": "failing", "mail": "failing"}},
		},
		{
			"one_that_hangs_fails_alone", "/readyz",
			[]handler.Check{{Name: "a", Run: hangs}, {Name: "database", Run: heeds}, {Name: "z", Run: hangs}},
			http.StatusServiceUnavailable,
			map[string]any{"status": "failing", "version": "v1.2", "checks": map[string]any{"a": "failing", "database": "ok", "z": "failing"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				status, body := getHealth(t, tt.checks, tt.path)
				if status != tt.status {
					t.Errorf("status = %d, want %d", status, tt.status)
				}
				if diff := cmp.Diff(tt.want, body); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// heeds is a check that is fine as long as it is given time.
func heeds(ctx context.Context) error { return ctx.Err() }
