package redisstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"deskmate/model"
)

// restAfterFailure is how long Redis is left alone after a call failed. Without it every
// message would wait out its own timeout while Redis hangs.
const restAfterFailure = 500 * time.Millisecond

// errResting stands for the call that was not made because one just failed.
var errResting = errors.New("did not answer a moment ago")

// health remembers whether Redis answers, and tells the log when that changes.
type health struct {
	log *slog.Logger

	mu    sync.Mutex
	away  bool
	until time.Time // no calls before; real time, not the business clock
}

func (h *health) resting() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.away && time.Now().Before(h.until)
}

func (h *health) answered(ctx context.Context) {
	h.mu.Lock()
	was := h.away
	h.away = false
	h.mu.Unlock()
	if was {
		h.log.InfoContext(ctx, "redis answered again")
	}
}

func (h *health) failed(ctx context.Context, err error) {
	h.mu.Lock()
	was := h.away
	h.away, h.until = true, time.Now().Add(restAfterFailure)
	h.mu.Unlock()
	if !was {
		h.log.WarnContext(ctx, "redis did not answer, went on without it", "err", err)
	}
}

// call makes one call of at most callTimeout, unless Redis failed just before. What
// Redis refuses or fails to answer is [model.ErrUnavailable]; redis.Nil and an end of
// ctx come back as they are, since they say nothing about Redis.
func (s *Store) call(ctx context.Context, what string, f func(context.Context) error) error {
	if s.health.resting() {
		return unavailable(what, errResting)
	}
	return s.ask(ctx, what, f)
}

// ask is call without the rest.
func (s *Store) ask(ctx context.Context, what string, f func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := f(limited)
	if err == nil || errors.Is(err, redis.Nil) {
		s.health.answered(ctx)
		return err
	}
	if end := ended(ctx); end != nil {
		return fmt.Errorf("%s: %w", what, end)
	}
	s.health.failed(ctx, err)
	return unavailable(what, err)
}

// ended is why ctx is over, or nil. A connection can notice the deadline just before ctx
// itself does.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

func unavailable(what string, err error) error {
	return &model.Error{
		Code: model.ErrUnavailable.Code, Reason: model.ErrUnavailable.Reason,
		Message: what, Err: err,
	}
}
