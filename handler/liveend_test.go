package handler_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

// pipes is a network within the process, on whatever clock that is.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// Close ends Accept; the server calls it once.
func (p pipes) Close() error {
	close(p)
	return nil
}

// dial connects a client.
func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p <- server
	return client, nil
}

// revocable is a floor that knows no token any more once that was revoked.
type revocable struct {
	*floor
	revoked atomic.Bool
}

func (f *revocable) TokenByHash(ctx context.Context, hash string) (model.Token, error) {
	if f.revoked.Load() {
		return model.Token{}, model.ErrNotFound
	}
	return f.floor.TokenByHash(ctx, hash)
}

// liveEnd is a server of streams whose goroutines bear the test's name.
type liveEnd struct {
	floor  *revocable
	net    pipes
	open   atomic.Int64
	live   *handler.Live
	server *http.Server
	stop   context.CancelFunc
	ended  chan error
}

func newLiveEnd(t *testing.T) *liveEnd {
	t.Helper()
	gin.SetMode(gin.TestMode)
	e := &liveEnd{floor: &revocable{floor: &floor{}}, net: make(pipes), ended: make(chan error, 1)}
	log := slog.New(slog.DiscardHandler)
	gate := handler.NewGate(handler.GateConfig{Tokens: e.floor, Seats: e.floor, Now: time.Now, Log: log})
	e.live = handler.NewLive(handler.LiveConfig{
		API:  handler.NewAPI(handler.APIConfig{Accounts: e.floor, Sessions: liveFloor{e.floor.floor}, Roster: e.floor, Presence: e.floor, Now: time.Now, Log: log}),
		Gate: gate, Accounts: func() []model.Account { return []model.Account{fakeAccount()} }, Changes: make(chan model.Change), Recent: nobodyChanges{},
		Now: time.Now, Log: log, Observe: func(streams int) { e.open.Store(int64(streams)) },
	})
	r := gin.New()
	r.GET("/live", gate.Authenticate, func(c *gin.Context) {
		pprof.Do(c.Request.Context(), pprof.Labels("stream_of", t.Name()), func(context.Context) { e.live.Serve(c) }) //nolint:contextcheck // gin has it
	})
	e.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go func() { _ = e.server.Serve(e.net) }()
	var ctx context.Context
	ctx, e.stop = context.WithCancel(t.Context())
	go func() { e.ended <- e.live.Run(ctx) }()
	t.Cleanup(func() {
		e.stop()
		_ = e.server.Close()
	})
	return e
}

// dial opens a stream and reads its hello.
func (e *liveEnd) dial(t *testing.T) *websocket.Conn {
	t.Helper()
	conn, res, err := websocket.Dial(t.Context(), "ws://desk/live", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: e.net.dial, DisableKeepAlives: true}},
		HTTPHeader: http.Header{"Authorization": {"Bearer " + handler.TokenPrefix + "li"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

func (e *liveEnd) greeted(t *testing.T) *websocket.Conn {
	t.Helper()
	conn := e.dial(t)
	if _, hello, err := conn.Read(t.Context()); err != nil || !strings.Contains(string(hello), `"hello"`) {
		t.Fatalf("the stream begins with %s, %v", hello, err)
	}
	return conn
}

// runs reports whether there are goroutines of the test's streams.
func runs(t *testing.T) bool {
	t.Helper()
	var all strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		t.Fatal(err)
	}
	return strings.Contains(all.String(), `"stream_of":"`+t.Name()+`"`)
}

// A stream ends soon after its login does, and says that this is why.
func TestLiveEndsWithTheLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newLiveEnd(t)
		conn := e.greeted(t)
		e.floor.revoked.Store(true)
		begun := time.Now()
		_, text, err := conn.Read(t.Context())
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != websocket.StatusPolicyViolation || closed.Reason != "signed out" {
			t.Errorf("the stream went on with %s, or ended with %v", text, err)
		}
		if took := time.Since(begun); took > 15*time.Second {
			t.Errorf("it ended %v after the login", took)
		}
		synctest.Wait()
		if n := e.open.Load(); n != 0 {
			t.Errorf("%d streams are counted as open", n)
		}
	})
}

// However streams end, nothing of them stays.
func TestLiveLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(t *testing.T, e *liveEnd, conns []*websocket.Conn)
	}{
		{"goodbye", func(t *testing.T, _ *liveEnd, conns []*websocket.Conn) {
			t.Helper()
			for _, conn := range conns {
				if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
					t.Errorf("close: %v", err)
				}
			}
		}},
		{"gone_without_a_word", func(t *testing.T, _ *liveEnd, conns []*websocket.Conn) {
			t.Helper()
			for _, conn := range conns {
				_ = conn.CloseNow()
			}
		}},
		{"nobody_reads", func(*testing.T, *liveEnd, []*websocket.Conn) {}}, // nor answers pings
		{"restart", func(t *testing.T, e *liveEnd, conns []*websocket.Conn) {
			t.Helper()
			e.stop()
			for _, conn := range conns {
				if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
					t.Errorf("ended with %v", err)
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := newLiveEnd(t)
				var conns []*websocket.Conn
				for range 5 {
					conns = append(conns, e.greeted(t))
				}
				synctest.Wait()
				if some, open := runs(t), e.open.Load(); !some || open != 5 {
					t.Fatalf("goroutines of streams: %v; %d streams are counted as open", some, open)
				}
				tt.end(t, e, conns)
				<-time.After(time.Minute) // in the bubble
				synctest.Wait()
				if some, open := runs(t), e.open.Load(); some || open != 0 {
					t.Errorf("goroutines of streams are left: %v; %d streams are counted as open", some, open)
				}
			})
		})
	}
}

// Who comes while the server stops is told to come again, and nobody is waited for in vain.
func TestLiveRefusesLateComers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newLiveEnd(t)
		first := e.greeted(t)
		e.stop()
		if _, _, err := first.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("who was there ended with %v", err)
		}
		if err := <-e.ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		_, text, err := e.dial(t).Read(t.Context())
		if websocket.CloseStatus(err) != websocket.StatusGoingAway && !errors.Is(err, io.EOF) {
			t.Errorf("who came late was told %s, %v", text, err)
		}
	})
}
