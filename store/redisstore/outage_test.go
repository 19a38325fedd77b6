package redisstore_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/model"
)

// One server is killed, started again, emptied and frozen under a working store.
func TestOutage(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	logged := &journal{}
	b := newBench(t, server.url())
	b.config.Log = slog.New(slog.NewTextHandler(logged, nil))
	other := b.beside(t)
	b = b.beside(t)
	b.run(t)
	other.run(t)
	drain(t, b)
	drain(t, other)
	cands := []model.Candidate{{UserID: "a", Limit: 2}}

	mustSetToken(t, b, "one", time.Hour)
	for range 4 {
		mustTake(t, b, 1, "lin", 90)
	}
	mustReserve(t, b, cands, model.Pick{Seat: "a", Why: model.PickLeastBusy})

	server.kill(t)
	whileKilled(t, b, cands)

	server.start(t)
	cands[0].Load = 1
	afterTheStart(t, b, other, cands)

	if err := b.Client().FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if err := b.Client().ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	afterEmptying(t, b, cands)

	mustSetToken(t, b, "three", time.Hour)
	server.freeze(t)
	whileFrozen(t, b)
	server.thaw(t)
	eventually(t, "the return of Redis", func() bool { return b.Ping(t.Context()) == nil })
	mustHaveToken(t, b, "k", "three")

	text := logged.String()
	if n := strings.Count(text, "redis did not answer"); n < 2 || n > 10 {
		t.Errorf("the outages were logged %d times:\n%s", n, text)
	}
	if strings.Contains(text, "three") || !strings.Contains(text, "redis answered again") {
		t.Errorf("log:\n%s", text)
	}
}

func whileKilled(t testing.TB, b bench, cands []model.Candidate) {
	t.Helper()
	if _, err := b.Reserve(t.Context(), 1, cands, "", model.Assignment{BusyGap: 5}); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("Reserve = %v, want unavailable", err)
	}
	for name, err := range map[string]error{
		"Release": b.Release(t.Context(), 1, "a"), "SetLoads": b.SetLoads(t.Context(), 1, nil), "Ping": b.Ping(t.Context()),
	} {
		if !errors.Is(err, model.ErrUnavailable) {
			t.Errorf("%s = %v, want unavailable", name, err)
		}
	}
	mustHaveToken(t, b, "k", "one")
	mustDropToken(t, b, "zero")
	mustHaveToken(t, b, "k", "one")
	mustDropToken(t, b, "one")
	mustHaveToken(t, b, "k", "")
	mustSetToken(t, b, "two", time.Hour)
	mustHaveToken(t, b, "k", "two")
	b.clock.add(10 * time.Second)
	mustTakeExactly(t, b, 1, "lin", 90, 6, 50*time.Second) // 10 a minute of its own
	mustTakeExactly(t, b, 1, "chen", 90, 10, time.Minute)
	mustTakeExactly(t, b, 1, "wang", 90, 10, 14*time.Hour-10*time.Second) // a third of the day
	mustTakeExactly(t, b, 1, "wu", 90, 0, 14*time.Hour-10*time.Second)
	b.Wake(t.Context(), model.LaneIn)
	if got := receive(t, b); got != model.LaneIn {
		t.Errorf("woken for %q, want in", got)
	}
}

func afterTheStart(t testing.TB, b, other bench, cands []model.Candidate) {
	t.Helper()
	eventually(t, "the return of Redis", func() bool { return b.Ping(t.Context()) == nil })
	mustHaveToken(t, b, "k", "") // Redis knows none, and ours may be dropped
	mustReserve(t, b, cands, model.Pick{Seat: "a", Why: model.PickLeastBusy})
	mustReserve(t, b, cands, model.Pick{Why: model.PickNone})
	// What was sent meanwhile counts: 10 of the 25.
	mustTakeExactly(t, b, 1, "lin", 90, 15, 50*time.Second)
	drain(t, other) // the subscription stands again
	b.Wake(t.Context(), model.LaneOut)
	if got := receive(t, other); got != model.LaneOut {
		t.Errorf("the other process was woken for %q, want out", got)
	}
}

func afterEmptying(t testing.TB, b bench, cands []model.Candidate) {
	t.Helper()
	mustHaveToken(t, b, "k", "")
	mustReserve(t, b, cands, model.Pick{Seat: "a", Why: model.PickLeastBusy})
	mustTakeExactly(t, b, 1, "lin", 90, 0, 50*time.Second)
}

func whileFrozen(t testing.TB, b bench) {
	t.Helper()
	began := time.Now()
	mustHaveToken(t, b, "k", "three")
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("a call took %v while Redis hung, want at most 1 s", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	began = time.Now()
	if err := b.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Ping = %v, want the caller's deadline", err)
	}
	if took := time.Since(began); took > 500*time.Millisecond {
		t.Errorf("a call of 10 ms took %v", took)
	}
}

// A Redis that reads but refuses to write must not bring back a token that was found bad.
func TestTokenWithoutWrites(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	b := newBench(t, server.url())
	mustSetToken(t, b, "bad", time.Hour)
	ctx := t.Context()
	if err := b.Client().Do(ctx, "REPLICAOF", "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	mustDropToken(t, b, "bad")
	eventually(t, "an end of the rest", func() bool { return b.Ping(ctx) == nil })
	mustHaveToken(t, b, "k", "")
	mustSetToken(t, b, "good", time.Hour)
	eventually(t, "an end of the rest", func() bool { return b.Ping(ctx) == nil })
	mustHaveToken(t, b, "k", "good")
}

func mustReserve(t testing.TB, b bench, cands []model.Candidate, want model.Pick) {
	t.Helper()
	if got, err := b.Reserve(t.Context(), 1, cands, "", model.Assignment{BusyGap: 5}); err != nil || got != want {
		t.Errorf("Reserve = %+v, %v; want %+v", got, err, want)
	}
}

// journal is a log to read in.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}
