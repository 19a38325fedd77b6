package handler

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// Live streams what happens to those who look on: seats at their workbench, owners and super
// admins. What it tells is read from the store once for all who may see it. Hints say what is to be
// read; a look at the store every second finds what no hint told of.
type Live struct {
	cfg    LiveConfig
	shards []chan liveChange
	open   sync.WaitGroup // streams; none begins once ended is closed

	mu      sync.Mutex
	ended   chan struct{}                   // closed with Run
	clients map[string]map[*liveClient]bool // by account key
}

// LiveConfig is what live streams work with. Every field but Origin and those that say so is required.
type LiveConfig struct {
	API  *API
	Gate *Gate
	// Accounts are all of them, from memory.
	Accounts func() []model.Account
	Changes  <-chan model.Change // hints
	Recent   RecentChanges
	Origin   string // of the pages as browsers see them; "": that of each request
	Now      func() time.Time
	Log      *slog.Logger
	Observe  func(streams int) // told how many are open
	// Count is told of each event that was sent ("sent"), and of each stream that was too slow for
	// its events ("slow"). It may be nil.
	Count func(result string)
}

// RecentChanges are the sessions that changed.
type RecentChanges interface {
	// ChangedSessions are those that changed at or after a time, each with id, version and when.
	ChangedSessions(ctx context.Context, accountID uint64, sinceMS int64) ([]model.Session, error)
}

// How streams work.
const (
	liveShards = 4  // sessions read at once
	liveBuffer = 64 // events that a slow browser may lag behind before it has to come again
	livePing   = 20 * time.Second
	liveCheck  = 10 * time.Second // whether the caller may still look on
	liveWrite  = 10 * time.Second // for one event to go out
	livePoll   = time.Second
	liveBack   = 15 * time.Second // how far back a look goes: longer than a decision takes to be committed
)

// NewLive makes the streams. They tell nothing before Run.
func NewLive(cfg LiveConfig) *Live {
	l := &Live{cfg: cfg, ended: make(chan struct{}), clients: map[string]map[*liveClient]bool{}, shards: make([]chan liveChange, liveShards)}
	for i := range l.shards {
		l.shards[i] = make(chan liveChange, liveBuffer)
	}
	return l
}

// liveEvent is one thing that a browser is told.
type liveEvent struct {
	Type    string       `json:"type"` // hello, session, message, seat, gone
	Account string       `json:"account,omitempty"`
	Session any          `json:"session,omitempty"` // of "session" the session, else its id
	Message *messageView `json:"message,omitempty"`
	Seat    *liveSeat    `json:"seat,omitempty"`
	At      Instant      `json:"at,omitempty"`
}

// liveSeat is a seat as it changes from minute to minute.
type liveSeat struct {
	UserID string          `json:"userid"`
	State  model.SeatState `json:"state"`
	Load   int             `json:"load"`
}

// liveClient is one open stream.
type liveClient struct {
	out  chan []byte
	slow chan struct{} // closed when out was full
	once sync.Once

	mu   sync.Mutex
	who  caller
	keys []string        // of the accounts that it is entitled to
	seen map[uint64]bool // sessions that it was told of and may see
}

// send never blocks: who reads too slowly has to come again.
func (c *liveClient) send(event []byte) {
	select {
	case c.out <- event:
	default:
		c.once.Do(func() { close(c.slow) })
	}
}

// Serve streams to one browser until it goes, may no longer look on, or the server stops.
func (l *Live) Serve(c *gin.Context) {
	who := callerFrom(c.Request.Context())
	var options websocket.AcceptOptions
	if u, err := url.Parse(l.cfg.Origin); err == nil && u.Host != "" {
		options.OriginPatterns = []string{u.Host}
	}
	conn, err := websocket.Accept(c.Writer, c.Request, &options)
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = conn.CloseNow() }()
	if !l.begin() {
		_ = conn.Close(websocket.StatusGoingAway, "restart")
		return
	}
	defer l.open.Done()
	client := &liveClient{out: make(chan []byte, liveBuffer), slow: make(chan struct{}), seen: map[uint64]bool{}}
	l.entitle(client, who)
	defer l.leave(client)
	client.send(encode(liveEvent{Type: "hello", At: NewInstant(l.cfg.Now().UnixMilli())}))
	ctx, heard := l.listen(c.Request.Context(), conn, client)
	status, reason := l.stream(ctx, conn, client, c.Request)
	_ = conn.Close(status, reason)
	<-heard
}

// begin counts a stream in, unless the server stops: who waits for all streams to end must have
// seen the last of them begin.
func (l *Live) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.ended:
		return false
	default:
		l.open.Add(1)
		return true
	}
}

// end ends all streams and waits for them.
func (l *Live) end() {
	l.mu.Lock()
	close(l.ended)
	l.mu.Unlock()
	l.open.Wait()
}

// stream writes events until something ends it, and says what.
func (l *Live) stream(ctx context.Context, conn *websocket.Conn, client *liveClient, r *http.Request) (websocket.StatusCode, string) {
	// Spread, for after a restart all come at once.
	ping, check := time.NewTicker(livePing), time.NewTimer(rand.N(liveCheck)) //nolint:gosec // guards nothing
	defer ping.Stop()
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			return websocket.StatusNormalClosure, ""
		case <-l.ended:
			return websocket.StatusGoingAway, "restart"
		case <-client.slow:
			l.count("slow")
			return websocket.StatusTryAgainLater, "slow"
		case event := <-client.out:
			if l.within(ctx, func(ctx context.Context) error { return conn.Write(ctx, websocket.MessageText, event) }) != nil {
				return websocket.StatusTryAgainLater, ""
			}
			l.count("sent")
		case <-ping.C:
			if l.within(ctx, conn.Ping) != nil {
				return websocket.StatusTryAgainLater, ""
			}
		case <-check.C:
			check.Reset(liveCheck)
			who, err := l.cfg.Gate.identify(r.WithContext(ctx), "")
			if err == nil {
				l.entitle(client, who)
			}
			if code := model.CodeOf(err); code == model.CodeUnauthenticated || code == model.CodeForbidden {
				return websocket.StatusPolicyViolation, "signed out"
			}
		}
	}
}

func (l *Live) count(result string) {
	if l.cfg.Count != nil {
		l.cfg.Count(result)
	}
}

func (*Live) within(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, liveWrite)
	defer cancel()
	return do(ctx)
}

// entitle notes which accounts a client may look on now.
func (l *Live) entitle(client *liveClient, who caller) {
	keys := l.keysOf(who)
	l.mu.Lock() // all at once: nothing is told in between
	defer l.mu.Unlock()
	client.mu.Lock()
	before := client.keys
	client.who, client.keys = who, keys
	client.mu.Unlock()
	l.drop(client, before)
	for _, key := range keys {
		if l.clients[key] == nil {
			l.clients[key] = map[*liveClient]bool{}
		}
		l.clients[key][client] = true
	}
	l.observe()
}

// keysOf are the accounts that somebody may look on: a login's those it has a place in, which were
// just read, a token's those that it is for.
func (l *Live) keysOf(who caller) []string {
	var keys []string
	for _, p := range who.standing.Places {
		keys = append(keys, p.Key)
	}
	if who.login.ID != 0 {
		return keys
	}
	for _, acc := range l.cfg.Accounts() {
		if who.May(acc.Key) {
			keys = append(keys, acc.Key)
		}
	}
	return keys
}

func (l *Live) leave(client *liveClient) {
	client.mu.Lock()
	keys := client.keys
	client.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(client, keys)
	l.observe()
}

// drop takes a client from among those of accounts. The clients are locked.
func (l *Live) drop(client *liveClient, keys []string) {
	for _, key := range keys {
		delete(l.clients[key], client)
		if len(l.clients[key]) == 0 {
			delete(l.clients, key)
		}
	}
}

// observe tells how many streams are open. The clients are locked.
func (l *Live) observe() {
	if l.cfg.Observe == nil {
		return
	}
	all := map[*liveClient]bool{}
	for _, of := range l.clients {
		for client := range of {
			all[client] = true
		}
	}
	l.cfg.Observe(len(all))
}

// watchers are the clients of an account.
func (l *Live) watchers(key string) []*liveClient {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]*liveClient, 0, len(l.clients[key]))
	for client := range l.clients[key] {
		list = append(list, client)
	}
	return list
}

// watched are the accounts that somebody looks on.
func (l *Live) watched() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := make(map[string]bool, len(l.clients))
	for key := range l.clients {
		keys[key] = true
	}
	return keys
}

// encode writes an event; of our own types that never fails.
func encode(e liveEvent) []byte {
	text, _ := json.Marshal(e)
	return text
}
