package handler_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

// counted answers with what is left of a token's calls.
type counted struct {
	quota model.Quota
	err   error
}

func (c counted) TakeCall(context.Context, uint64, int) (model.Quota, error) { return c.quota, c.err }

// limited calls a gate once, which lets a token make four calls a minute, and tells how it answered.
func limited(t *testing.T, gate *handler.Gate) string {
	t.Helper()
	r := gin.New()
	r.GET("/", gate.Authenticate, func(c *gin.Context) { c.Status(http.StatusOK) })
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	req.Header.Set("Authorization", "Bearer dmt_x")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	h := w.Header()
	return fmt.Sprintf("%d of %s left %s reset %s retry %s", w.Code, h.Get("RateLimit-Limit"), h.Get("RateLimit-Remaining"), h.Get("RateLimit-Reset"), h.Get("Retry-After"))
}

func limitedGate(calls handler.CallLimiter, now *time.Time) *handler.Gate {
	token := model.Token{ID: 5, Hash: handler.HashToken("dmt_x"), Role: model.RoleSuperAdmin}
	return handler.NewGate(handler.GateConfig{
		Tokens: &touched{token: token}, Now: func() time.Time { return *now }, Log: slog.New(slog.DiscardHandler), Calls: calls, PerMinute: 4,
	})
}

func TestGateLimitsCalls(t *testing.T) {
	t.Parallel()
	for want, quota := range map[string]model.Quota{
		"200 of 2 left 1 reset 15 retry ":  {Allowed: true, Limit: 2, Remaining: 1, Reset: 14*time.Second + 1},
		"429 of 2 left 0 reset 30 retry 8": {Limit: 2, Retry: 7*time.Second + 1, Reset: 30 * time.Second},
	} {
		now := simNow
		if got := limited(t, limitedGate(counted{quota: quota}, &now)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// While nobody can count for all, each replica counts by itself.
func TestGateLimitsCalls_alone(t *testing.T) {
	t.Parallel()
	now := simNow
	gate := limitedGate(counted{err: model.ErrUnavailable}, &now)
	for i, want := range []string{
		"200 of 2 left 1 reset 15 retry ", "200 of 2 left 0 reset 30 retry ", "429 of 2 left 0 reset 30 retry 15",
	} {
		if got := limited(t, gate); got != want {
			t.Errorf("call %d: %s, want %s", i, got, want)
		}
	}
	now = now.Add(15 * time.Second)
	if got, want := limited(t, gate), "200 of 2 left 0 reset 30 retry "; got != want {
		t.Errorf("later: %s, want %s", got, want)
	}
}

// Calls beyond the limit are counted, and no others.
func TestGateLimitsCalls_counted(t *testing.T) {
	t.Parallel()
	for want, quota := range []model.Quota{{Allowed: true}, {}} {
		refused := 0
		gate := handler.NewGate(handler.GateConfig{
			Tokens: &touched{token: model.Token{ID: 5, Hash: handler.HashToken("dmt_x"), Role: model.RoleSuperAdmin}},
			Now:    func() time.Time { return simNow }, Log: slog.New(slog.DiscardHandler),
			Calls: counted{quota: quota}, PerMinute: 4, Refused: func() { refused++ },
		})
		if limited(t, gate); refused != want {
			t.Errorf("%+v: %d calls counted as refused, want %d", quota, refused, want)
		}
	}
}

// The document tells every program that has a token how it is answered beyond the limit.
func TestDocumentTellsOfTheLimit(t *testing.T) {
	t.Parallel()
	r := gin.New()
	doc := handler.NewAPI(handler.APIConfig{}).Register(r, &r.RouterGroup)
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op != nil && (op.Responses["429"] == nil) != (op.Security != nil) {
				t.Errorf("%s %s: 429 is %v", op.Method, path, op.Responses["429"])
			}
		}
	}
	limit := doc.Components.Responses["TooManyCalls"]
	if limit == nil || limit.Headers["Retry-After"] == nil || limit.Content["application/json"] == nil {
		t.Errorf("the answer beyond the limit is %+v", limit)
	}
}
