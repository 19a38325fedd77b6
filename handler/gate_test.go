package handler_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

// touched remembers which tokens were used when.
type touched struct {
	token model.Token
	err   error
	atMS  []int64
}

func (f *touched) TokenByHash(_ context.Context, hash string) (model.Token, error) {
	if f.err == nil && hash != f.token.Hash {
		return model.Token{}, model.ErrNotFound
	}
	return f.token, f.err
}

func (f *touched) TouchToken(_ context.Context, _ uint64, atMS int64) error {
	f.atMS = append(f.atMS, atMS)
	return errors.New("busy") // which keeps nobody out
}

func TestGate(t *testing.T) {
	t.Parallel()
	now := simNow.UnixMilli()
	for _, tt := range []struct {
		name    string
		header  string
		token   model.Token
		err     error
		status  int
		touches int
	}{
		{"let_in", "Bearer dmt_x", model.Token{}, nil, http.StatusOK, 1},
		{"used_just_now", "Bearer dmt_x", model.Token{LastUsedMS: now - 59_000}, nil, http.StatusOK, 0},
		{"used_a_minute_ago", "Bearer dmt_x", model.Token{LastUsedMS: now - 60_000}, nil, http.StatusOK, 1},
		{"ends_later", "Bearer dmt_x", model.Token{ExpiresMS: now + 1}, nil, http.StatusOK, 1},
		{"has_ended", "Bearer dmt_x", model.Token{ExpiresMS: now}, nil, http.StatusUnauthorized, 0},
		{"another", "Bearer dmt_y", model.Token{}, nil, http.StatusUnauthorized, 0},
		{"none", "", model.Token{}, nil, http.StatusUnauthorized, 0},
		{"basic", "Basic dmt_x", model.Token{}, nil, http.StatusUnauthorized, 0},
		{"no_database", "Bearer dmt_x", model.Token{}, model.ErrUnavailable, http.StatusServiceUnavailable, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.token.Hash, tt.token.Role = handler.HashToken("dmt_x"), model.RoleOwner
			f := &touched{token: tt.token, err: tt.err}
			gate := handler.NewGate(handler.GateConfig{
				Tokens: f, Now: func() time.Time { return simNow }, Log: slog.New(slog.DiscardHandler),
			})
			r := gin.New()
			r.GET("/", gate.Authenticate, func(c *gin.Context) { c.Status(http.StatusOK) })
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			req.Header.Set("Authorization", tt.header)
			w := httptest.NewRecorder()
			r.ServeHTTP(w, req)
			if w.Code != tt.status || len(f.atMS) != tt.touches {
				t.Errorf("answered %d with %d touches, want %d with %d", w.Code, len(f.atMS), tt.status, tt.touches)
			}
			if (w.Header().Get("WWW-Authenticate") != "") != (tt.status == http.StatusUnauthorized) {
				t.Errorf("headers = %v", w.Header())
			}
		})
	}
}

// seats has one seat.
type seats struct {
	seat model.Seat
	err  error
}

func (f seats) AccountSeat(_ context.Context, account, userID string) (model.Seat, error) {
	if f.err == nil && account+" "+userID != "it "+f.seat.UserID {
		return model.Seat{}, model.ErrNotFound
	}
	return f.seat, f.err
}

// A seat's token lasts as long as the place does.
func TestGateOfSeats(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		accounts []string
		user     string
		seats    seats
		status   int
	}{
		{"seat", []string{"it"}, "Li", seats{seat: model.Seat{UserID: "li"}}, http.StatusOK},
		{"lost_its_place", []string{"it"}, "li", seats{}, http.StatusForbidden},
		{"left_the_company", []string{"it"}, "li", seats{seat: model.Seat{UserID: "li", LeftMS: 1}}, http.StatusForbidden},
		{"nobody", []string{"it"}, "", seats{}, http.StatusForbidden},
		{"of_no_account", nil, "li", seats{seat: model.Seat{UserID: "li"}}, http.StatusForbidden},
		{"no_database", []string{"it"}, "li", seats{err: model.ErrUnavailable}, http.StatusServiceUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &touched{token: model.Token{Hash: handler.HashToken("dmt_x"), Role: model.RoleSeat, Accounts: tt.accounts, UserID: tt.user}}
			gate := handler.NewGate(handler.GateConfig{
				Tokens: f, Seats: tt.seats, Now: func() time.Time { return simNow }, Log: slog.New(slog.DiscardHandler),
			})
			r := gin.New()
			r.GET("/", gate.Authenticate, func(c *gin.Context) { c.Status(http.StatusOK) })
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			req.Header.Set("Authorization", "Bearer dmt_x")
			w := httptest.NewRecorder()
			r.ServeHTTP(w, req)
			if w.Code != tt.status {
				t.Errorf("answered %d, want %d", w.Code, tt.status)
			}
		})
	}
}

// Bounds take the place of the server's own deadlines, which are for callbacks.
func TestBounds(t *testing.T) {
	t.Parallel()
	r := gin.New()
	long, short := handler.Bounds{Bytes: 8, Time: 10 * time.Second}, handler.Bounds{Bytes: 8, Time: 20 * time.Millisecond}
	work := func(c *gin.Context) {
		if _, err := io.ReadAll(c.Request.Body); err != nil {
			c.String(http.StatusRequestEntityTooLarge, err.Error())
			return
		}
		select {
		case <-time.After(300 * time.Millisecond): // longer than the server's deadlines
			c.String(http.StatusOK, "done")
		case <-c.Request.Context().Done():
			c.String(http.StatusServiceUnavailable, "cut off")
		}
	}
	r.POST("/long", long.Hold, work)
	r.POST("/short", short.Hold, work)
	server := httptest.NewUnstartedServer(r)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	for _, tt := range []struct {
		path   string
		body   io.Reader
		status int
	}{
		{"/long", strings.NewReader("body"), http.StatusOK},
		{"/short", strings.NewReader("body"), http.StatusServiceUnavailable},
		{"/long", strings.NewReader("too long a body"), http.StatusRequestEntityTooLarge},
		{"/long", io.MultiReader(strings.NewReader("too long a body")), http.StatusRequestEntityTooLarge}, // of unknown length
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+tt.path, tt.body)
		if err != nil {
			t.Fatal(err)
		}
		res, err := server.Client().Do(req)
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode != tt.status {
			t.Errorf("%s: %d, want %d", tt.path, res.StatusCode, tt.status)
		}
	}
}
