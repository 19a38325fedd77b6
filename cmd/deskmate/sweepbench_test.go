package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// BenchmarkSweep delivers 100,000 timers that are due at the same moment, and reports how long
// callbacks took to be stored meanwhile, and then how long after they were written messages
// are decided while all those timers are, too.
func BenchmarkSweep(b *testing.B) {
	const timers = 100_000
	h := newHouse(b)
	h.digits(b)
	for b.Loop() {
		now := time.Now().UnixMilli()
		h.exec(b, "DELETE FROM timer")
		h.exec(b, "DELETE FROM inbox")
		h.exec(b, fmt.Sprintf("INSERT IGNORE INTO lane (lane, kind, account_id, ready, run_at_ms, fence, owner, next_seq) "+
			"SELECT CONCAT('p:', a.id, ':p', n), 'in', a.id, 0, 0, 0, '', 0 FROM %s, account a WHERE a.account_key = CONCAT('a', LPAD(n MOD %d, 2, '0'))",
			numbers, benchAccounts))
		h.exec(b, "UPDATE lane SET ready = 0")
		h.exec(b, "INSERT INTO timer (lane, kind, account_id, due_ms, gen) SELECT lane, 'bot_idle', account_id, ?, 1 FROM lane WHERE lane LIKE 'p:%:p%'", now-1)
		ctx, cancel := context.WithCancel(b.Context())
		var delays []time.Duration
		var flow sync.WaitGroup
		flow.Go(func() { delays = h.flow(ctx) })
		start := time.Now()
		total := 0
		for total < timers {
			n, err := h.store.SweepTimers(b.Context(), 200)
			if err != nil {
				b.Fatal(err)
			}
			total += n
		}
		b.ReportMetric(time.Since(start).Seconds(), "sweep-s")
		cancel()
		flow.Wait()
		b.ReportMetric(ms(percentile(delays, 50)), "accept-p50-ms")
		b.ReportMetric(ms(percentile(delays, 99)), "accept-p99-ms")
		decided := h.decideAmong(b, 3*time.Second)
		b.ReportMetric(ms(percentile(decided, 50)), "decide-p50-ms")
		b.ReportMetric(ms(percentile(decided, 99)), "decide-p99-ms")
	}
}

// decideAmong decides for a while on what is there, timers for the most part, and gives how
// long after they were written messages were decided, of which 20 a second are.
func (h *house) decideAmong(b *testing.B, during time.Duration) (delays []time.Duration) {
	b.Helper()
	engine := h.engine()
	var mu sync.Mutex
	var written sync.Map
	runner := bot.NewRunner(bot.RunnerConfig{
		Kind: model.LaneIn, Store: h.store, Owner: "bench", Workers: workers, Lease: laneLease, Poll: lanePoll, Grace: workerGrace,
		Log: slog.New(slog.DiscardHandler),
		Handle: func(ctx context.Context, lane model.Lane) error {
			err := engine.Handle(ctx, lane)
			if at, ok := written.LoadAndDelete(lane.Person()); ok {
				mu.Lock()
				defer mu.Unlock()
				delays = append(delays, time.Since(at.(time.Time)))
			}
			return err
		},
	})
	part := newStage(b.Context(), "deciders", runner.Run)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	count := int(during / (50 * time.Millisecond))
	for i := range count {
		<-tick.C
		who, acc := fmt.Sprintf("fresh%d-%d", i, time.Now().UnixNano()), h.accounts[i%benchAccounts]
		written.Store(who, time.Now())
		_, err := h.store.Accept(b.Context(), model.Inbound{
			AccountID: acc.ID, Person: who, DedupeKey: who, CreatedMS: time.Now().UnixMilli(),
			Event: model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: "在吗"}},
		}, model.PersonLane(acc.ID, who))
		if err != nil {
			b.Fatal(err)
		}
	}
	err := within(time.Minute, func(context.Context) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		return len(delays) == count, nil
	})
	if err := part.stop(); err != nil {
		b.Fatal(err)
	}
	if err != nil {
		b.Fatalf("%d of %d messages were decided: %v", len(delays), count, err)
	}
	return delays
}

// flow stores 50 messages a second until ctx ends, and gives how long each took.
func (h *house) flow(ctx context.Context) (delays []time.Duration) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return delays
		case <-tick.C:
		}
		acc := h.accounts[i%benchAccounts]
		who := fmt.Sprintf("p%d", i*37%100_000/benchAccounts*benchAccounts+i%benchAccounts)
		start := time.Now()
		_, err := h.store.Accept(ctx, model.Inbound{
			AccountID: acc.ID, Person: who, DedupeKey: fmt.Sprintf("flow:%d:%d", i, start.UnixNano()), CreatedMS: start.UnixMilli(),
			Event: model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: "在吗"}},
		}, model.PersonLane(acc.ID, who))
		if err == nil {
			delays = append(delays, time.Since(start))
		}
	}
}
