package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/bot/hours"
	"deskmate/bot/knowledge/match"
	"deskmate/bot/survey"
	"deskmate/model"
	"deskmate/store/redisstore"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
	"deskmate/wecom"
)

// A crowd is several replicas that decide about many sessions at once, on one database and
// one Redis, without WeCom. Replicas die in the middle of what they do, and Redis is emptied.

// crowdSpeed is how much faster time goes in a crowd: pauses and leases of seconds are over
// in a moment, and nobody sleeps.
const crowdSpeed = 20

const (
	crowdReplicas = 3
	crowdWorkers  = 4
	crowdLease    = 20 * time.Second // of the crowd's time
	crowdCapacity = 2                // of every seat of the second account, always
	crowdMost     = 3                // of a seat of the first account, whose capacity changes
)

type crowd struct {
	t        *testing.T
	began    time.Time
	accounts []model.Account
	seats    []string
	people   []string
	store    *sqlstore.Store
	redis    atomic.Pointer[redisstore.Store]
	redisURL string // "": inside the process
	openSQL  func() *sqlstore.Store
	doom     atomic.Int64 // every so manieth time that a replica could die it does; 0: never
	chances  atomic.Int64 // how often one could
	asked    atomic.Int64 // how often Redis was asked for a seat
	events   atomic.Int64
	kills    atomic.Int64
	reserved atomic.Int64
	meeting  chan struct{}
	wrong    sync.Map // broken rules, each told once
}

// eachCrowd runs f on SQLite with the Redis inside the process and, where there are servers,
// on those.
func eachCrowd(t *testing.T, f func(t *testing.T, c *crowd)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		f(t, newCrowd(t, storetest.SQLite(t), ""))
	})
	t.Run("servers", func(t *testing.T) {
		t.Parallel()
		redis := os.Getenv("DESKMATE_TEST_REDIS_URL")
		if redis == "" && inCI() {
			t.Fatal("DESKMATE_TEST_REDIS_URL must name a server in CI")
		}
		if redis == "" {
			t.Skip("DESKMATE_TEST_REDIS_URL names no server")
		}
		f(t, newCrowd(t, storetest.MySQL(t, "DESKMATE_TEST_MYSQL_URL"), redis))
	})
}

func newCrowd(t *testing.T, db storetest.Database, redisURL string) *crowd {
	t.Helper()
	c := &crowd{t: t, began: time.Now(), redisURL: redisURL, meeting: make(chan struct{})}
	c.store = db.Open(t, c.now)
	c.openSQL = func() *sqlstore.Store { return c.store } // SQLite has one process
	if db.Dialect != "sqlite" {
		c.openSQL = func() *sqlstore.Store { return db.OpenRaw(t, c.now) }
	}
	c.emptyRedis(redisURL)
	for i := range 5 {
		c.seats = append(c.seats, fmt.Sprintf("seat%d", i))
	}
	for i := range 20 {
		c.people = append(c.people, fmt.Sprintf("person%02d", i))
	}
	for i, key := range []string{"one", "two"} {
		acc := model.Account{
			Key: key, CorpID: "wwcrowd", AgentID: int64(1000002 + i), Name: key, Secret: "s", Token: "t", EncodingAESKey: scriptAESKey,
			Enabled: true, Policy: model.DefaultPolicy(),
		}
		acc.Policy.Assignment.Capacity, acc.Policy.Assignment.PreferPrevious = crowdCapacity, i == 0
		acc.Policy.Timers.Idle, acc.Policy.Queue.Timeout, acc.Policy.Bot.IdleAfter = 0, 0, 0
		saved, _, err := c.store.SaveAccount(t.Context(), acc, model.SeatSetups(c.seats...), nil, "crowd")
		if err != nil {
			t.Fatal(err)
		}
		c.accounts = append(c.accounts, saved)
	}
	return c
}

// now is the crowd's time: quick, and within one day.
func (c *crowd) now() time.Time {
	return time.Date(2026, 5, 11, 2, 0, 0, 0, time.UTC).Add(crowdSpeed * time.Since(c.began))
}

// emptyRedis is what FLUSHALL does, as far as anybody in the crowd can see: what was counted
// is gone, in the middle of whatever was going on.
func (c *crowd) emptyRedis(url string) {
	next, err := redisstore.Open(c.t.Context(), redisstore.Config{URL: url, Now: c.now, Prefix: "crowd-" + rand.Text()})
	if err != nil {
		c.t.Error(err)
		return
	}
	c.t.Cleanup(next.Close)
	c.redis.Store(next)
}

// broken tells of a rule that was broken.
func (c *crowd) broken(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if _, told := c.wrong.LoadOrStore(text, true); !told {
		c.t.Error(text)
	}
}

// run runs the replicas until stop is called. A replica that died is replaced.
func (c *crowd) run() (stop func()) {
	ctx, cancel := context.WithCancel(c.t.Context())
	var all sync.WaitGroup
	for i := range crowdReplicas {
		store := c.openSQL()
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				c.live(ctx, store, fmt.Sprintf("replica-%d-%d", i, n))
			}
		})
	}
	all.Go(func() { c.watch(ctx) })
	return func() {
		cancel()
		all.Wait()
	}
}

// live is the life of one replica: deciding and sweeping until it dies or ctx ends.
func (c *crowd) live(ctx context.Context, store *sqlstore.Store, owner string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &life{Store: store, crowd: c, die: cancel}
	log := slog.New(slog.DiscardHandler)
	engine := bot.NewEngine(bot.EngineConfig{
		Store: l, Knowledge: knowsNothing{}, Seats: l, Directory: knowsNothing{},
		Rules: bot.Rules{
			Fold: match.Fold, Split: func(text string) []string { return wecom.SplitText(text, wecom.TextLimit) },
			Escape: wecom.Escape, Survey: survey.Rules{}, Location: time.UTC, Hours: hours.NewCalendar(nil),
		},
		Wake: func(context.Context, ...model.LaneKind) {}, Now: c.now, Log: log,
	})
	runner := bot.NewRunner(bot.RunnerConfig{
		Kind: model.LaneIn, Store: l, Handle: engine.Handle, Owner: owner, Workers: crowdWorkers,
		Lease: crowdLease, Poll: 20 * time.Millisecond, Grace: 20 * time.Second, Log: log,
	})
	sweeper := bot.NewSweeper(bot.SweeperConfig{
		Store: l, Loads: l, Accounts: c, Hours: hours.NewCalendar(nil), Now: c.now,
		Wake: func(context.Context, ...model.LaneKind) {}, Every: time.Second, Queues: 100 * time.Millisecond, Compare: 400 * time.Millisecond, Log: log,
	})
	var parts sync.WaitGroup
	for _, run := range []func(context.Context) error{runner.Run, sweeper.Run} {
		parts.Go(func() {
			if err := run(ctx); err != nil {
				c.broken("%s: %v", owner, err)
			}
		})
	}
	parts.Wait()
}

// All implements what the sweeper asks of accounts.
func (c *crowd) All() []model.Account { return c.accounts }

// Changed implements what the sweeper asks of accounts: they never do.
func (c *crowd) Changed() <-chan struct{} { return nil }

// watch holds the loads against the capacities all the time.
func (c *crowd) watch(ctx context.Context) {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		for i, acc := range c.accounts {
			loads, err := c.store.SeatLoads(ctx, acc.ID)
			if err != nil {
				break
			}
			for seat, load := range loads {
				if most := []int{crowdMost, crowdCapacity}[i]; load < 0 || load > most {
					c.broken("%s of account %s serves %d of %d", seat, acc.Key, load, most)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// accept brings an event to a person's lane.
func (c *crowd) accept(acc model.Account, person string, ev model.Event) {
	ev.AtMS = c.now().UnixMilli()
	in := model.Inbound{
		AccountID: acc.ID, Person: person, DedupeKey: fmt.Sprintf("crowd:%d", c.events.Add(1)), CreatedMS: ev.AtMS, Event: ev,
	}
	if _, err := c.store.Accept(c.t.Context(), in, model.PersonLane(acc.ID, person)); err != nil {
		c.broken("accept: %v", err)
	}
}

// says lets somebody write a text.
func (c *crowd) says(acc model.Account, person, text string) {
	c.accept(acc, person, model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: text}})
}

// open gives the open sessions of an account in the order of its queue.
func (c *crowd) open(ctx context.Context, acc model.Account) ([]model.Session, error) {
	var list []model.Session
	for _, person := range append(slices.Clone(c.people), c.seats...) {
		s, err := c.store.OpenSession(ctx, acc.ID, person)
		if errors.Is(err, model.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
