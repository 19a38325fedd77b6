// Package redisstore keeps in Redis what replicas share and can afford to lose: which
// seat is about to take a session, how much was sent to whom, WeCom's access tokens,
// and hints that work is waiting. Redis may be emptied or gone at any moment. SQL is the
// truth, so nothing here is needed to keep a message or its order: an emptied Redis
// fills itself again, and a Redis that is away costs fairness, speed or a share of the
// sending limits, as each method says.
//
// Without a URL the package starts a Redis of its own inside the process, reachable
// from nowhere else.
package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"deskmate/model"
)

// Config is what a [Store] needs. The zero value is the embedded server.
type Config struct {
	// URL is redis://[user:pass@]host:port/db, or rediss:// for TLS; "" starts the embedded
	// server.
	URL string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Log gets what operators should know; nil: nothing is logged.
	Log *slog.Logger
	// Prefix begins every key and channel; "": deskmate.
	Prefix string
	// Location is where the calendar days of the daily budget begin; nil: UTC.
	Location *time.Location
}

const (
	// callTimeout is the longest one call to Redis may take; a Redis that hangs must not
	// hold up more than that.
	callTimeout = 800 * time.Millisecond
	// clockTick is how often the embedded server learns that time has passed. Nothing here
	// relies on keys expiring earlier than that, and each tick looks at every key that expires.
	clockTick = 250 * time.Millisecond
)

// Store is a connection to Redis. It is safe for concurrent use.
type Store struct {
	client   *redis.Client
	embedded *miniredis.Miniredis // nil with a URL
	keys     keys
	now      func() time.Time
	location *time.Location
	process  string // tells this process from others, in wakes and budgets
	health   *health
	scripts  scripts
	tokens   tokenMemory
	sends    *sendMemory
	wakes    *hints[model.LaneKind]
	changes  *hints[model.Change]
	quiet    time.Duration // quietBeforePing but in tests
}

// scripts are the Lua scripts. Each works on the keys of one account only.
type scripts struct {
	dropToken, take, reserve, release, setLoads *redis.Script
}

// Open makes a store. A Redis that does not answer is no error: it is logged, and the
// store works as it does when Redis goes away later. An error means that the URL can't be used; it
// doesn't repeat the URL, which may hold a password.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	// The library writes every failed dial to standard error. What operators need to know
	// is in our own log, once.
	logging.Disable()
	s := newStore(cfg)
	options := &redis.Options{Addr: "embedded"}
	if cfg.URL == "" {
		s.embedded = miniredis.NewMiniRedis()
		options.Dialer = func(context.Context, string, string) (net.Conn, error) { return s.embedded.Dial() }
	} else {
		var err error
		if options, err = redis.ParseURL(cfg.URL); err != nil {
			return nil, model.Invalid("redis_url", "the Redis URL is not of the form redis://host:port/db")
		}
	}
	setLimits(options)
	s.client = redis.NewClient(options)
	if err := s.Ping(ctx); err != nil && ctx.Err() != nil {
		s.Close()
		return nil, fmt.Errorf("open redis: %w", err)
	}
	return s, nil
}

func newStore(cfg Config) *Store {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Prefix == "" {
		cfg.Prefix = "deskmate"
	}
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	share := ownShare()
	if cfg.URL == "" {
		share = wholeBudget() // nobody else sends
	}
	return &Store{
		keys:     keys{prefix: cfg.Prefix},
		now:      cfg.Now,
		location: cfg.Location,
		process:  rand.Text(),
		health:   &health{log: cfg.Log.With("component", "redisstore")},
		scripts: scripts{
			dropToken: redis.NewScript(dropIfSameLua),
			take:      redis.NewScript(takeLua),
			reserve:   redis.NewScript(reserveLua),
			release:   redis.NewScript(releaseLua),
			setLoads:  redis.NewScript(setLoadsLua),
		},
		sends: newSendMemory(share),
		wakes: newHints[model.LaneKind](), changes: newHints[model.Change](),
		quiet: quietBeforePing,
	}
}

// setLimits keeps calls short and single: a script that reserves or counts must not run
// twice because its answer was lost, and the library repeats calls unless told.
func setLimits(o *redis.Options) {
	o.MaxRetries = -1
	o.ContextTimeoutEnabled = true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = callTimeout, callTimeout, callTimeout, callTimeout
	o.DialerRetries = 1
	o.Protocol = 2
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// Run keeps the embedded server's clock and listens for wakes until ctx ends. It returns
// nil: a connection that breaks is made again.
func (s *Store) Run(ctx context.Context) error {
	var running sync.WaitGroup
	if s.embedded != nil {
		running.Go(func() { s.driveClock(ctx) })
	}
	running.Go(func() { s.listenForWakes(ctx) })
	running.Go(func() { s.wakes.deliver(ctx) })
	running.Go(func() { s.changes.deliver(ctx) })
	running.Wait()
	return nil
}

// Close ends the connections and, with them, the embedded server and all it held. Run
// must have returned.
func (s *Store) Close() {
	_ = s.client.Close() // nothing is buffered, so nothing can be lost
	if s.embedded != nil {
		s.embedded.Close()
	}
}

// Ping asks Redis for a sign of life. The error is [model.ErrUnavailable], or that of
// ctx.
func (s *Store) Ping(ctx context.Context) error {
	return s.ask(ctx, "ping redis", func(ctx context.Context) error { return s.client.Ping(ctx).Err() })
}

// Embedded reports whether the store lives inside the process: shared with nobody, and
// gone when it ends.
func (s *Store) Embedded() bool { return s.embedded != nil }

// driveClock lets time pass for the embedded server, whose keys do not expire by
// themselves.
func (s *Store) driveClock(ctx context.Context) {
	tick := time.NewTicker(clockTick)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.embedded.FastForward(now.Sub(last))
			last = now
		}
	}
}
