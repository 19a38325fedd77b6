package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// removals is one removal, in memory, and what was done to it.
type removals struct {
	mu     sync.Mutex
	row    *model.Removal
	drains int // looks until it is drained; below 0: never
	purges int
	did    []string
}

func (r *removals) done(format string, args ...any) {
	r.did = append(r.did, fmt.Sprintf(format, args...))
}

func (r *removals) ClaimRemoval(_ context.Context, lease time.Duration) (model.Removal, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now().UnixMilli()
	if r.row == nil || r.row.DueMS > now {
		return model.Removal{}, model.ErrNotFound
	}
	r.row.DueMS = now + lease.Milliseconds()
	return *r.row, nil
}

func (r *removals) HoldRemoval(_ context.Context, held *model.Removal, lease time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.row.DueMS != held.DueMS {
		return model.ErrFenced
	}
	r.row.DueMS = time.Now().UnixMilli() + lease.Milliseconds()
	held.DueMS = r.row.DueMS
	return nil
}

func (r *removals) Drained(context.Context, model.Removal) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drains--
	return r.drains == -1, nil
}

func (r *removals) ForgetAccount(_ context.Context, held *model.Removal) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done("forget %s after %s", held.AccountKey, time.Since(model.Time(held.CreatedMS)).Round(time.Second))
	r.row.Stage, r.row.DueMS = model.RemovalPurging, time.Now().UnixMilli()
	return nil
}

func (r *removals) Purge(ctx context.Context, _ model.Removal, remove func(context.Context, string) error) (bool, error) {
	r.purges--
	return r.purges > 0, remove(ctx, fmt.Sprint(r.purges))
}

func (r *removals) EndRemoval(context.Context, model.Removal) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done("end")
	r.row = nil
	return nil
}

// Delete implements the files.
func (r *removals) Delete(_ context.Context, key string) error {
	r.done("delete %s", key)
	return nil
}

func TestRemover(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		drains int
		forget string
	}{
		"waits until people were told": {2, "forget it after 4s"},
		"and not for ever":             {-10, "forget it after 2m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now().UnixMilli()
				r := &removals{drains: tt.drains, purges: 2, row: &model.Removal{AccountID: 7, AccountKey: "it", Stage: model.RemovalDraining, DueMS: now, CreatedMS: now}}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error)
				remover := bot.NewRemover(bot.RemoverConfig{
					Store: r, Files: r, Poll: time.Second, Drain: 2 * time.Minute, Now: time.Now, Log: slog.New(slog.DiscardHandler),
				})
				go func() { ended <- remover.Run(ctx) }()
				<-time.After(5 * time.Minute)
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff([]string{tt.forget, "delete 1", "delete 0", "end"}, r.did); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
