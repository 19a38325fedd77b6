package bot_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// hookShelf is one webhook and its deliveries, in memory.
type hookShelf struct {
	mu    sync.Mutex
	hook  model.Webhook
	rows  map[uint64]model.WebhookDelivery
	start time.Time
	tried []string // when something was sent
	says  func(d model.WebhookDelivery, n int) model.Attempt
}

func newHookShelf(n int, says func(d model.WebhookDelivery, n int) model.Attempt) *hookShelf {
	s := &hookShelf{hook: model.Webhook{ID: 5, AccountID: 1, Enabled: true}, rows: map[uint64]model.WebhookDelivery{}, start: time.Now(), says: says}
	for id := range uint64(n) {
		now := time.Now().UnixMilli()
		s.rows[id+1] = model.WebhookDelivery{ID: id + 1, WebhookID: 5, State: model.DeliveryPending, CreatedMS: now, SinceMS: now, DueMS: now}
	}
	return s
}

func (s *hookShelf) due() []model.WebhookDelivery {
	var list []model.WebhookDelivery
	for _, d := range s.rows {
		if d.State == model.DeliveryPending && d.DueMS <= time.Now().UnixMilli() {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b model.WebhookDelivery) int {
		return cmp.Or(cmp.Compare(a.DueMS, b.DueMS), cmp.Compare(a.ID, b.ID))
	})
	return list
}

func (s *hookShelf) ClaimWebhook(ctx context.Context, lease time.Duration) (model.Webhook, error) {
	if ctx.Err() != nil {
		return model.Webhook{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().UnixMilli()
	if s.hook.UntilMS > now || s.hook.DueMS > now || len(s.due()) == 0 {
		return model.Webhook{}, model.ErrNotFound
	}
	s.hook.Fence++
	s.hook.UntilMS = now + lease.Milliseconds()
	return s.hook, nil
}

func (s *hookShelf) KeepWebhook(ctx context.Context, w *model.Webhook) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hook.Fence != w.Fence {
		return model.ErrFenced
	}
	w.Fence++
	s.hook = *w
	return nil
}

func (s *hookShelf) DueDeliveries(ctx context.Context, _ uint64, limit int) ([]model.WebhookDelivery, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.due()
	return list[:min(limit, len(list))], nil
}

func (s *hookShelf) NoteDelivery(_ context.Context, d model.WebhookDelivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[d.ID] = d
	return nil
}

func (s *hookShelf) ExpireDeliveries(_ context.Context, _ uint64, sinceMS int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for id, d := range s.rows {
		if d.State == model.DeliveryPending && d.SinceMS < sinceMS {
			d.State = model.DeliveryDead
			s.rows[id] = d
			n++
		}
	}
	return n, nil
}

func (s *hookShelf) send(_ context.Context, _ model.Webhook, d model.WebhookDelivery) model.Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, fmt.Sprintf("%d at %s", d.ID, time.Since(s.start).Round(time.Second)))
	return s.says(d, len(s.tried))
}

func (s *hookShelf) states() map[model.DeliveryState]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := map[model.DeliveryState]int{}
	for _, d := range s.rows {
		count[d.State]++
	}
	return count
}

func (s *hookShelf) attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tried)
}

// run calls webhooks for a while.
func (s *hookShelf) run(t *testing.T, d time.Duration) map[string]int {
	t.Helper()
	var mu sync.Mutex
	seen := map[string]int{}
	w := bot.NewWebhooks(bot.WebhooksConfig{
		Store: s, Send: s.send, Poll: time.Second, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Observe: func(result string, _ time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			seen[result]++
		},
	})
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestWebhooks_delivers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newHookShelf(100, func(model.WebhookDelivery, int) model.Attempt { return model.Attempt{Code: 200} })
		seen := s.run(t, 2*time.Second)
		if got := s.states(); got[model.DeliveryDone] != 100 || s.attempts() != 100 || seen["delivered"] != 100 {
			t.Errorf("%v after %d attempts, %v", got, s.attempts(), seen)
		}
		if s.hook.UntilMS > time.Now().UnixMilli() || s.hook.OkMS == 0 || s.hook.Failures != 0 {
			t.Errorf("the webhook afterwards: %+v", s.hook)
		}
	})
}

// One event that its receiver can't take doesn't hold up the others.
func TestWebhooks_one_fails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newHookShelf(50, func(d model.WebhookDelivery, _ int) model.Attempt {
			if d.ID == 1 {
				return model.Attempt{Code: 400, Err: "HTTP 400"}
			}
			return model.Attempt{Code: 200}
		})
		s.run(t, 2*time.Second)
		if got := s.states(); got[model.DeliveryDone] != 49 || got[model.DeliveryPending] != 1 {
			t.Errorf("after two seconds: %v", got)
		}
		s.run(t, 30*time.Hour)
		got := s.rows[1]
		if got.State != model.DeliveryDead || got.Code != 400 || got.Err != "HTTP 400" || got.Attempts < 20 || got.Attempts > 60 {
			t.Errorf("after a day: %+v", got)
		}
	})
}

// Where nothing arrives, one event is tried now and then, not all of them; once it is back, all go out.
func TestWebhooks_receiver_away(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := true
		s := newHookShelf(500, func(model.WebhookDelivery, int) model.Attempt {
			if away {
				return model.Attempt{Err: "no answer within 10s"}
			}
			return model.Attempt{Code: 204}
		})
		s.run(t, 3*time.Hour)
		if n := s.attempts(); n < 32+30 || n > 32+120 {
			t.Errorf("%d attempts in three hours", n)
		}
		if s.hook.FailingMS == 0 || s.hook.OkMS != 0 {
			t.Errorf("failing: %+v", s.hook)
		}
		away = false
		s.run(t, 2*time.Hour)
		if got := s.states(); got[model.DeliveryDone] != 500 || s.hook.FailingMS != 0 {
			t.Errorf("afterwards: %v, %+v", got, s.hook)
		}
	})
}

// After a day what was not taken is given up on, also what was never tried.
func TestWebhooks_gives_up(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newHookShelf(500, func(model.WebhookDelivery, int) model.Attempt { return model.Attempt{Code: 503, Err: "HTTP 503"} })
		seen := s.run(t, 25*time.Hour)
		if got := s.states(); got[model.DeliveryDead] != 500 || seen["dead"] != 500 {
			t.Errorf("%v, %v", got, seen)
		}
	})
}

// A receiver that asks to be left alone is.
func TestWebhooks_asked_to_wait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newHookShelf(40, func(_ model.WebhookDelivery, n int) model.Attempt {
			if n <= 32 {
				return model.Attempt{Code: 429, Err: "HTTP 429", After: 600_000}
			}
			return model.Attempt{Code: 200}
		})
		s.run(t, 9*time.Minute)
		if s.attempts() != 32 {
			t.Errorf("%d attempts within the time asked for: %v", s.attempts(), s.tried)
		}
		s.run(t, time.Hour)
		if got := s.states(); got[model.DeliveryDone] != 40 {
			t.Errorf("afterwards: %v", got)
		}
	})
}

// A restart in the middle of a backlog counts nothing as failed, and the next process goes on at once.
func TestWebhooks_stopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newHookShelf(500, nil)
		s.says = func(model.WebhookDelivery, int) model.Attempt {
			s.mu.Unlock()
			defer s.mu.Lock()
			<-time.After(300 * time.Millisecond) // by the clock of the bubble
			return model.Attempt{Code: 200}
		}
		s.run(t, time.Second)
		if s.hook.UntilMS > time.Now().UnixMilli() || s.hook.Failures != 0 || s.hook.DueMS > time.Now().UnixMilli() {
			t.Errorf("after the end: %+v", s.hook)
		}
		done := s.states()[model.DeliveryDone]
		if done == 0 || done == 500 {
			t.Fatalf("%d deliveries before the end", done)
		}
		s.run(t, time.Minute)
		if got := s.states(); got[model.DeliveryDone] != 500 || s.attempts() != 500 {
			t.Errorf("afterwards: %v in %d attempts", got, s.attempts())
		}
	})
}
