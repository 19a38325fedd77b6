package handler_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

func (f *floor) NoteActive(_ context.Context, accountID uint64, seat string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, fmt.Sprintf("%s is active in account %d", seat, accountID))
	return f.refused
}

// liveFloor is a floor whose session 1 is in its third version.
type liveFloor struct{ *floor }

func (f liveFloor) WorkSession(ctx context.Context, acc model.Account, id uint64) (model.WorkSession, error) {
	w, err := f.floor.WorkSession(ctx, acc, id)
	w.Session.Version = 3
	return w, err
}

// stream opens a live stream of the floor with a token.
func (f *floor) stream(t *testing.T, token string) *websocket.Conn {
	t.Helper()
	conn, _ := openStream(t, f, token, liveFloor{f}, nobodyChanges{})
	return conn
}

// openStream opens a live stream of sessions that change.
func openStream(t *testing.T, f *floor, token string, sessions handler.Sessions, recent handler.RecentChanges) (*websocket.Conn, *handler.Live) {
	t.Helper()
	gin.SetMode(gin.TestMode)
	log := slog.New(slog.DiscardHandler)
	all := []model.Account{fakeAccount(), {ID: 8, Key: "hr"}}
	gate := handler.NewGate(handler.GateConfig{Tokens: f, Seats: f, Now: time.Now, Log: log})
	live := handler.NewLive(handler.LiveConfig{
		API:  handler.NewAPI(handler.APIConfig{Accounts: f, Sessions: sessions, Roster: f, Presence: f, Now: time.Now, Log: log}),
		Gate: gate, Accounts: func() []model.Account { return all }, Changes: make(chan model.Change), Recent: recent,
		Now: time.Now, Log: log,
	})
	r := gin.New()
	r.GET("/live", gate.Authenticate, live.Serve)
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	conn, res, err := websocket.Dial(t.Context(), strings.Replace(server.URL, "http", "ws", 1)+"/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + handler.TokenPrefix + token}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	if _, hello, err := conn.Read(t.Context()); err != nil || !strings.Contains(string(hello), `"hello"`) {
		t.Fatalf("the stream begins with %s, %v", hello, err)
	}
	return conn, live
}

type nobodyChanges struct{}

func (nobodyChanges) ChangedSessions(context.Context, uint64, int64) ([]model.Session, error) {
	return nil, nil
}

// What browsers say: who is active is noted, for accounts that one is entitled to; what is
// newer is passed over, and the stream goes on.
func TestLiveHearsWhoIsActive(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, token string
		words       []string
		want        []string
	}{
		{"a_seat", "li", []string{`{"type":"active","account":"it"}`}, []string{"li is active in account 7"}},
		{"again_and_again", "li", slices.Repeat([]string{`{"type":"active","account":"it"}`}, 50), []string{"li is active in account 7"}},
		{"anothers_account", "li", []string{`{"type":"active","account":"hr"}`, `{"type":"active","account":"none"}`, `{"type":"active"}`}, nil},
		{"nobody", "sync", []string{`{"type":"active","account":"it"}`}, nil},
		{"something_newer", "li", []string{`{"type":"newer","x":[1]}`, `{"type":"active","account":"it","more":1}`}, []string{"li is active in account 7"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &floor{refused: model.ErrUnavailable} // Redis is away: that ends nothing
			conn := f.stream(t, tt.token)
			for _, word := range tt.words {
				if err := conn.Write(t.Context(), websocket.MessageText, []byte(word)); err != nil {
					t.Fatal(err)
				}
			}
			if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil { // answered once all was read
				t.Errorf("close: %v", err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if !slices.Equal(tt.want, f.did) {
				t.Errorf("did %q, want %q", f.did, tt.want)
			}
		})
	}
}

// What can't be understood ends the stream, and says why.
func TestLiveHearsNonsense(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		kind websocket.MessageType
		said string
		want websocket.StatusCode
	}{
		{"no_json", websocket.MessageText, "hello", websocket.StatusUnsupportedData},
		{"a_list", websocket.MessageText, "[1]", websocket.StatusUnsupportedData},
		{"binary", websocket.MessageBinary, `{"type":"active"}`, websocket.StatusUnsupportedData},
		{"too_long", websocket.MessageText, strings.Repeat(" ", 2000), websocket.StatusMessageTooBig},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn := (&floor{}).stream(t, "li")
			if err := conn.Write(t.Context(), tt.kind, []byte(tt.said)); err != nil {
				t.Fatal(err)
			}
			_, text, err := conn.Read(t.Context())
			if websocket.CloseStatus(err) != tt.want {
				t.Errorf("the stream went on with %s, or ended with %v, want %v", text, err, tt.want)
			}
		})
	}
}

// shakyFloor is a floor that can't be read at first.
type shakyFloor struct {
	liveFloor
	reads *atomic.Int64
}

func (f shakyFloor) WorkSession(ctx context.Context, acc model.Account, id uint64) (model.WorkSession, error) {
	if f.reads.Add(1) == 1 {
		return model.WorkSession{}, model.ErrUnavailable
	}
	return f.liveFloor.WorkSession(ctx, acc, id)
}

func (shakyFloor) Messages(context.Context, uint64, int, int) ([]model.Message, error) {
	return nil, nil
}

// looks counts how often it was asked what changed: session 1 did.
type looks chan struct{}

func (l looks) ChangedSessions(_ context.Context, accountID uint64, _ int64) ([]model.Session, error) {
	if accountID != 7 {
		return nil, nil
	}
	select {
	case l <- struct{}{}:
	default:
	}
	return []model.Session{{ID: 1, AccountID: 7, Version: 3}}, nil
}

// A change that no hint told of is found by looking. What couldn't be read is read again, and
// what was told is not.
func TestLiveLooksAndTriesAgain(t *testing.T) {
	t.Parallel()
	f, looked, reads := &floor{}, make(looks, 1), &atomic.Int64{}
	conn, live := openStream(t, f, "li", shakyFloor{liveFloor{f}, reads}, looked)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- live.Run(ctx) }()
	_, event, err := conn.Read(t.Context())
	if err != nil || !strings.Contains(string(event), `"type":"session"`) {
		t.Fatalf("told %s, %v", event, err)
	}
	for range 3 {
		<-looked
	}
	if n := reads.Load(); n != 2 {
		t.Errorf("read %d times, want 2: one that failed and one that was told", n)
	}
	cancel()
	if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("at the end: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}
