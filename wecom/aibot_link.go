package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/coder/websocket"

	"deskmate/model"
)

// DefaultBotServer is where WeCom takes long connections of AI bots (doc path/101463).
const DefaultBotServer = "wss://openws.work.weixin.qq.com"

// BotLinkConfig is what a [BotLink] works with. Only Account is required.
type BotLinkConfig struct {
	Account model.Account
	URL     string       // "": [DefaultBotServer]
	Log     *slog.Logger // nil: silent
	Now     func() time.Time
	Ping    time.Duration // between pings; 0: 30 s
	Ack     time.Duration // for which a frame's answer is awaited; 0: 5 s
	Retry   time.Duration // the first pause before connecting again, doubled up to 30 s; 0: 1 s
	// Kicked is the pause after somebody else has subscribed as the bot; 0: 5 minutes. It must
	// not be short: two that push each other out get nothing done.
	Kicked time.Duration
	// Refused is the shortest pause after WeCom did not let the bot in; 0: 15 s.
	Refused time.Duration
	// GiveUp is for how long a message is handed over again that is refused although whoever
	// refuses it is there; 0: 2 minutes. Those behind it wait meanwhile.
	GiveUp time.Duration
	// Observe is told when the connection is up, and why it is not; nil: nobody is. What ends
	// because Run does is no news. It is called between frames and must not take long.
	Observe func(context.Context, model.BotNews)
}

// BotLink is the long connection of one account's AI bot. WeCom takes one per bot; who holds it
// is decided elsewhere. It is safe for concurrent use.
type BotLink struct {
	cfg BotLinkConfig
	log *slog.Logger

	mu      sync.Mutex
	conn    *websocket.Conn          // nil while there is none
	ready   bool                     // WeCom has let conn in
	waiting map[string]chan botFrame // for the answer to a frame, by req_id; closed when the connection ends
	busy    map[string]chan struct{} // by req_id, closed when its frame is done with: one at a time
}

// NewBotLink makes a link. Run connects it.
func NewBotLink(cfg BotLinkConfig) *BotLink {
	if cfg.URL == "" {
		cfg.URL = DefaultBotServer
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Observe == nil {
		cfg.Observe = func(context.Context, model.BotNews) {}
	}
	for _, d := range []struct {
		to *time.Duration
		or time.Duration
	}{{&cfg.Ping, 30 * time.Second}, {&cfg.Ack, 5 * time.Second}, {&cfg.Retry, time.Second}, {&cfg.Kicked, 5 * time.Minute}, {&cfg.Refused, 15 * time.Second}, {&cfg.GiveUp, 2 * time.Minute}} {
		if *d.to == 0 {
			*d.to = d.or
		}
	}
	return &BotLink{
		cfg: cfg, waiting: map[string]chan botFrame{}, busy: map[string]chan struct{}{},
		log: cfg.Log.With(slog.String("component", "wecom"), slog.String("account_key", cfg.Account.Key)),
	}
}

const (
	mostRetry    = 30 * time.Second
	storeTimeout = 5 * time.Second // of one try to hand a message over
	missedPongs  = 2               // after so many the connection counts as dead
	unstored     = 256             // messages that wait to be stored before no more are read
)

var (
	errKicked  = errors.New("somebody else has subscribed as this bot")
	errOffline = errors.New("the bot is not connected")
)

// Run keeps the connection up until ctx ends, and hands over what members write, one after the
// other. WeCom says nothing twice here, so what deliver refuses is handed over again until it is
// taken; Run ends once all is.
func (l *BotLink) Run(ctx context.Context, deliver func(context.Context, model.Inbound) error) error {
	queue := make(chan model.Inbound, unstored)
	var storing sync.WaitGroup
	storing.Go(func() { l.deliver(ctx, queue, deliver) })
	pause := l.cfg.Retry
	for ctx.Err() == nil {
		began := l.cfg.Now()
		wait := l.lost(ctx, l.connection(ctx, queue), pause)
		pause = min(2*pause, mostRetry)
		if l.cfg.Now().Sub(began) > time.Minute {
			pause = l.cfg.Retry
		}
		if !sleep(ctx, wait) {
			break
		}
	}
	close(queue)
	storing.Wait()
	return nil
}

// lost reports how a connection ended and says how long to wait before the next one, about
// pause as a rule.
func (l *BotLink) lost(ctx context.Context, why error, pause time.Duration) time.Duration {
	if ctx.Err() != nil {
		return 0 // it was ended
	}
	wait := pause/2 + rand.N(pause/2+1) //nolint:gosec // spreads retries, guards nothing
	refused, ok := errors.AsType[*APIError](why)
	switch {
	case errors.Is(why, errKicked):
		l.cfg.Observe(ctx, model.BotNews{Reason: model.BotKicked})
		l.log.ErrorContext(ctx, "bot pushed out: another program uses the same bot", "pause", l.cfg.Kicked)
		return l.cfg.Kicked
	case ok:
		l.cfg.Observe(ctx, model.BotNews{Reason: model.BotRefused, Code: refused.Code})
		l.log.ErrorContext(ctx, "bot not let in", "errcode", refused.Code, "err", why.Error())
		return max(wait, l.cfg.Refused)
	default:
		l.cfg.Observe(ctx, model.BotNews{Reason: model.BotLost})
		l.log.WarnContext(ctx, "bot connection lost", "err", why.Error())
		return wait
	}
}

// deliver hands messages over until the queue is closed. What is left when ctx ends gets a
// last try each; what is refused for good is left behind, for the others wait.
func (l *BotLink) deliver(ctx context.Context, queue <-chan model.Inbound, deliver func(context.Context, model.Inbound) error) {
	for in := range queue {
		began := l.cfg.Now()
		for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
			storing, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
			err := deliver(storing, in)
			cancel()
			if err == nil {
				break
			}
			l.log.ErrorContext(ctx, "group message not stored", "err", err.Error())
			code := model.CodeOf(err)
			refused := code != model.CodeUnavailable && l.cfg.Now().Sub(began) >= l.cfg.GiveUp
			if code == model.CodeInvalid || refused {
				l.log.ErrorContext(ctx, "group message given up", "dedupe", in.DedupeKey)
				break
			}
			if !sleep(ctx, pause) {
				break
			}
		}
	}
}

// sleep waits; it reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// connection lives from dialling to the end of one connection, and says why it ended.
func (l *BotLink) connection(ctx context.Context, queue chan<- model.Inbound) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	dialling, done := context.WithTimeout(ctx, callTimeout)
	defer done()
	conn, resp, err := websocket.Dial(dialling, l.cfg.URL, nil)
	if err != nil {
		return fmt.Errorf("connect the bot: %w", mask(err))
	}
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	conn.SetReadLimit(maxBody)
	defer func() { _ = conn.CloseNow() }()

	l.attach(conn)
	defer l.detach(conn)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel(nil) // before waiting
	parts.Go(func() { cancel(l.read(ctx, conn, queue)) })
	if err := l.subscribe(ctx); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return errors.Join(err, cause)
		}
		return err
	}
	l.mu.Lock()
	l.ready = true
	l.mu.Unlock()
	l.log.InfoContext(ctx, "bot connected")
	l.cfg.Observe(ctx, model.BotNews{Up: true})
	parts.Go(func() { cancel(l.ping(ctx)) })
	<-ctx.Done()
	return context.Cause(ctx)
}

func (l *BotLink) attach(conn *websocket.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = conn
}

// detach tells everybody who waits for an answer that none will come.
func (l *BotLink) detach(conn *websocket.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == conn {
		l.conn, l.ready = nil, false
	}
	for id, answer := range l.waiting {
		close(answer)
		delete(l.waiting, id)
	}
}

func (l *BotLink) subscribe(ctx context.Context) error {
	g := l.cfg.Account.Group
	_, err := l.request(ctx, cmdSubscribe, "", struct {
		BotID  string `json:"bot_id"`
		Secret string `json:"secret"`
	}{g.BotID, g.Secret.Reveal()})
	return err
}

// ping keeps the connection alive and notices when it is not.
func (l *BotLink) ping(ctx context.Context) error {
	tick := time.NewTicker(l.cfg.Ping)
	defer tick.Stop()
	missed := 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		missed++
		if _, err := l.request(ctx, cmdPing, "", nil); err == nil {
			missed = 0
		}
		if missed == missedPongs {
			return fmt.Errorf("%d pings without an answer", missed)
		}
	}
}

// read takes frames until the connection ends.
func (l *BotLink) read(ctx context.Context, conn *websocket.Conn, queue chan<- model.Inbound) error {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("read from the bot's connection: %w", err)
		}
		var frame botFrame
		if json.Unmarshal(data, &frame) != nil {
			l.log.WarnContext(ctx, "bot frame not understood")
			continue
		}
		switch frame.Cmd {
		case "":
			l.answered(frame)
			continue
		case cmdEvent:
			var event botMessage
			if json.Unmarshal(frame.Body, &event) == nil && event.Event != nil && event.Event.Type == "disconnected_event" {
				return errKicked
			}
		case cmdMessage:
		default:
			continue
		}
		select {
		case queue <- understandBot(l.cfg.Account, frame.Body, frame.Headers.ReqID, l.cfg.Now()):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
