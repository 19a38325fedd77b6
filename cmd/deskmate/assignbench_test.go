package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/bot/hours"
	"deskmate/bot/knowledge/match"
	"deskmate/bot/survey"
	"deskmate/config"
	"deskmate/model"
	"deskmate/store/redisstore"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

// What the benchmarks of assignment have: accounts with as many seats as there may be, and
// open sessions, one for each seat.
const (
	benchAccounts = 50
	benchSeats    = 200
	benchOpen     = 10_000
)

// house is many accounts on MariaDB and Redis.
type house struct {
	store    *sqlstore.Store
	redis    *redisstore.Store
	db       *sql.DB
	accounts []model.Account
}

// All implements what a sweeper asks of accounts.
func (h *house) All() []model.Account { return h.accounts }

// Changed implements what the sweeper asks of accounts: they never do.
func (h *house) Changed() <-chan struct{} { return nil }

func newHouse(b *testing.B) *house {
	b.Helper()
	settings := serverSettings(b)
	cfg, err := config.Load(config.Source{Environ: settings})
	if err != nil {
		b.Fatal(err)
	}
	store, err := program{environ: settings, stdout: io.Discard, stderr: os.Stderr, now: time.Now}.openStore(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	redis, err := redisstore.Open(b.Context(), redisstore.Config{URL: cfg.RedisURL.Reveal(), Prefix: fmt.Sprint("bench-", time.Now().UnixNano())})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(redis.Close)
	h := &house{store: store, redis: redis, db: rawDatabase(b, settings)}
	seats := make([]string, benchSeats)
	for i := range seats {
		seats[i] = fmt.Sprintf("seat%03d", i)
	}
	for i := range benchAccounts {
		acc, _, err := store.SaveAccount(b.Context(), model.Account{
			Key: fmt.Sprintf("a%02d", i), CorpID: benchCorp, AgentID: int64(1000002 + i), Name: "A", Secret: scriptSecret,
			Token: scriptToken, EncodingAESKey: scriptAESKey, Enabled: true, Policy: model.DefaultPolicy(),
		}, model.SeatSetups(seats...), nil, "bench")
		if err != nil {
			b.Fatal(err)
		}
		h.accounts = append(h.accounts, acc)
	}
	return h
}

// exec runs one statement.
func (h *house) exec(b *testing.B, statement string, args ...any) {
	b.Helper()
	if _, err := h.db.ExecContext(b.Context(), statement, args...); err != nil {
		b.Fatalf("%.60s: %v", statement, err)
	}
}

// numbers is a derived table of n from 0 to 99,999.
const numbers = "(SELECT a.n + 10*b.n + 100*c.n + 1000*d.n + 10000*e.n AS n FROM digit a, digit b, digit c, digit d, digit e) numbers"

func (h *house) digits(b *testing.B) {
	b.Helper()
	h.exec(b, "CREATE TABLE IF NOT EXISTS digit (n INT PRIMARY KEY)")
	h.exec(b, "INSERT IGNORE INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)")
}

// engine decides as a server's does, without knowledge and WeCom.
func (h *house) engine() *bot.Engine {
	return bot.NewEngine(bot.EngineConfig{
		Store: h.store, Knowledge: knowsNothing{}, Seats: assigner{h.redis}, Directory: knowsNothing{},
		Rules: bot.Rules{
			Fold: match.Fold, Split: func(text string) []string { return wecom.SplitText(text, wecom.TextLimit) },
			Escape: wecom.Escape, Survey: survey.Rules{}, Location: time.UTC, Hours: hours.NewCalendar(nil),
		},
		Wake: func(context.Context, ...model.LaneKind) {}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
}

// handsOff lets somebody write 人工 and decides on it; it gives how long that took.
func (h *house) handsOff(b *testing.B, engine *bot.Engine, acc model.Account, who string) time.Duration {
	b.Helper()
	lane := h.hears(b, acc, who, "人工")
	start := time.Now()
	if err := engine.Handle(b.Context(), lane); err != nil && !errors.Is(err, bot.ErrLetGo) {
		b.Fatal(err)
	}
	return time.Since(start)
}

// hears stores what somebody wrote and claims the lane.
func (h *house) hears(b *testing.B, acc model.Account, who, text string) model.Lane {
	b.Helper()
	_, err := h.store.Accept(b.Context(), model.Inbound{
		AccountID: acc.ID, Person: who, DedupeKey: fmt.Sprintf("%s:%s:%d", who, text, time.Now().UnixNano()), CreatedMS: time.Now().UnixMilli(),
		Event: model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: text}},
	}, model.PersonLane(acc.ID, who))
	if err != nil {
		b.Fatal(err)
	}
	lanes, err := h.store.ClaimLanes(b.Context(), model.LaneIn, "bench", 10, time.Minute)
	if err != nil || len(lanes) != 1 {
		b.Fatalf("%d lanes, %v", len(lanes), err)
	}
	return lanes[0]
}

// fill copies one served session until every seat of every account has one.
func (h *house) fill(b *testing.B, engine *bot.Engine) {
	b.Helper()
	h.digits(b)
	h.handsOff(b, engine, h.accounts[0], "pattern")
	rows, err := h.db.QueryContext(b.Context(), "SELECT * FROM session LIMIT 1")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil || rows.Err() != nil {
		b.Fatal(err, rows.Err())
	}
	given := map[string]string{
		"id": "1 + n", "account_id": "a.id", "employee": "CONCAT('p', n)", "seat": fmt.Sprintf("CONCAT('seat', LPAD(n MOD %d, 3, '0'))", benchSeats),
	}
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = "s.`" + c + "`"
		if v, ok := given[c]; ok {
			values[i] = v
		}
	}
	h.exec(b, fmt.Sprintf("INSERT INTO session (`%s`) SELECT %s FROM session s, %s, account a WHERE s.employee = 'pattern' AND n < %d "+
		"AND a.account_key = CONCAT('a', LPAD(n DIV %d, 2, '0'))",
		strings.Join(columns, "`,`"), strings.Join(values, ","), numbers, benchOpen, benchSeats))
	h.exec(b, "UPDATE seat SET `load` = (SELECT COUNT(*) FROM session WHERE session.account_id = seat.account_id AND session.seat = seat.user_id)")
	var open int
	if err := h.db.QueryRowContext(b.Context(), "SELECT COUNT(*) FROM session WHERE state = 'serving'").Scan(&open); err != nil || open != benchOpen+1 {
		b.Fatalf("%d sessions are open, %v", open, err)
	}
}

// BenchmarkAssign gives sessions to seats while 10,000 are open: load, ask Redis, decide and
// apply, durably. Then it empties Redis and counts until all accounts are there again.
func BenchmarkAssign(b *testing.B) {
	h := newHouse(b)
	engine := h.engine()
	h.fill(b, engine)
	b.Run("open=10k", func(b *testing.B) {
		var took, picks []time.Duration
		i := 0
		for b.Loop() {
			i++
			acc := h.accounts[i%benchAccounts]
			took = append(took, h.handsOff(b, engine, acc, fmt.Sprintf("new%d-%d", b.N, i)))
			picks = append(picks, h.picks(b, acc))
		}
		b.ReportMetric(ms(percentile(took, 50)), "p50-ms")
		b.ReportMetric(ms(percentile(took, 99)), "p99-ms")
		b.ReportMetric(ms(percentile(picks, 99)), "pick-p99-ms")
	})
	b.Run("rebuild=50", func(b *testing.B) {
		for b.Loop() {
			b.ReportMetric(ms(h.rebuild(b)), "rebuild-ms")
		}
	})
}

// picks reads the candidates, reserves one in Redis and gives it back.
func (h *house) picks(b *testing.B, acc model.Account) time.Duration {
	b.Helper()
	start := time.Now()
	cands, err := onlineCandidates(b.Context(), h.store, acc)
	if err != nil {
		b.Fatal(err)
	}
	pick, err := assigner{h.redis}.Reserve(b.Context(), acc.ID, cands, "", acc.Policy.Assignment)
	took := time.Since(start)
	if err == nil {
		err = h.redis.Release(b.Context(), acc.ID, pick.Seat)
	}
	if err != nil || pick.Seat == "" {
		b.Fatalf("picked %+v: %v", pick, err)
	}
	return took
}

// rebuilt counts the accounts whose loads were set.
type rebuilt struct {
	*redisstore.Store

	left atomic.Int64
	done chan struct{}
}

func (r *rebuilt) SetLoads(ctx context.Context, id uint64, loads map[string]int) error {
	err := r.Store.SetLoads(ctx, id, loads)
	if err == nil && r.left.Add(-1) == 0 {
		close(r.done)
	}
	return err
}

// rebuild starts with a Redis that knows nothing and lets a sweeper fill it.
func (h *house) rebuild(b *testing.B) time.Duration {
	b.Helper()
	empty, err := redisstore.Open(b.Context(), redisstore.Config{
		URL: os.Getenv("DESKMATE_TEST_REDIS_URL"), Prefix: fmt.Sprint("bench-", time.Now().UnixNano()),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer empty.Close()
	r := &rebuilt{Store: empty, done: make(chan struct{})}
	r.left.Store(benchAccounts)
	sweeper := bot.NewSweeper(bot.SweeperConfig{
		Store: h.store, Loads: r, Accounts: h, Hours: hours.NewCalendar(nil), Now: time.Now,
		Wake: func(context.Context, ...model.LaneKind) {}, Every: time.Hour, Queues: time.Hour, Compare: time.Hour, Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(b.Context())
	start := time.Now()
	part := newStage(ctx, "sweeper", sweeper.Run)
	<-r.done
	took := time.Since(start)
	cancel()
	if err := part.stop(); err != nil {
		b.Fatal(err)
	}
	return took
}
