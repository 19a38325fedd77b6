package bot

import (
	"context"
	"log/slog"
	"time"

	"deskmate/model"
)

// Sweeper delivers timers that are due, gives queued sessions their turn, looks for sessions
// that can't stay where they are, and holds the seats' loads in the store and in the assigner
// against each other. Every replica runs one.
type Sweeper struct{ cfg SweeperConfig }

// SweeperConfig is what a sweeper works with. Every field is required.
type SweeperConfig struct {
	Store    SweepStore
	Loads    LoadMirror
	Accounts interface {
		All() []model.Account
		Changed() <-chan struct{}
	}
	Hours   model.WorkHours
	Now     func() time.Time // in the business time zone
	Wake    func(ctx context.Context, kinds ...model.LaneKind)
	Every   time.Duration // between looks for due timers
	Queues  time.Duration // between turns of the queues; a safety net behind the events
	Compare time.Duration // between comparisons of the loads
	Log     *slog.Logger
}

// SweepStore is what a sweeper sweeps.
type SweepStore interface {
	SweepTimers(ctx context.Context, limit int) (int, error)
	WakeQueues(ctx context.Context, accountIDs []uint64, available func(model.Seat) bool) (int, error)
	ReviewSessions(ctx context.Context, accountID uint64) (int, error)
	ShareDue(ctx context.Context, accountIDs []uint64) (int, error)
	CheckLoads(ctx context.Context, accountID uint64) (repaired int, err error)
	SeatLoads(ctx context.Context, accountID uint64) (map[string]int, error)
}

// LoadMirror is the assigner's copy of the seats' loads.
type LoadMirror interface {
	SetLoads(ctx context.Context, accountID uint64, loads map[string]int) error
}

// NewSweeper makes a sweeper.
func NewSweeper(cfg SweeperConfig) *Sweeper { return &Sweeper{cfg: cfg} }

// timerBatch is how many due timers one call takes.
const timerBatch = 200

// Run sweeps until ctx ends. What fails is logged and tried at the next turn.
func (s *Sweeper) Run(ctx context.Context) error {
	timers := time.NewTicker(s.cfg.Every)
	defer timers.Stop()
	queues := time.NewTicker(s.cfg.Queues)
	defer queues.Stop()
	compare := time.NewTicker(s.cfg.Compare)
	defer compare.Stop()
	s.compareLoads(ctx)
	changed := s.cfg.Accounts.Changed()
	s.review(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timers.C:
			s.sweepTimers(ctx)
		case <-queues.C:
			s.wakeQueues(ctx)
		case <-compare.C:
			s.compareLoads(ctx)
			s.review(ctx)
		case <-changed:
			changed = s.cfg.Accounts.Changed()
			s.review(ctx)
		}
	}
}

func (s *Sweeper) sweepTimers(ctx context.Context) {
	for ctx.Err() == nil {
		n := s.wake(ctx, "timers not swept", func(ctx context.Context) (int, error) {
			return s.cfg.Store.SweepTimers(ctx, timerBatch)
		})
		if n < timerBatch {
			return
		}
	}
}

// wakeQueues gives queued sessions their turn. While the seats of an account don't work,
// nothing but the account's end moves them.
func (s *Sweeper) wakeQueues(ctx context.Context) {
	now := s.cfg.Now()
	var ids []uint64
	for _, acc := range s.cfg.Accounts.All() {
		if !acc.Enabled || s.cfg.Hours.Open(acc.Policy.Hours, now) {
			ids = append(ids, acc.ID)
		}
	}
	available := func(seat model.Seat) bool { return seat.Available(now, s.cfg.Hours) }
	s.wake(ctx, "queues not woken", func(ctx context.Context) (int, error) {
		return s.cfg.Store.WakeQueues(ctx, ids, available)
	})
	s.share(ctx)
}

// review looks for sessions that can't stay where they are, after every change of an account
// and, as a safety net, from time to time.
func (s *Sweeper) review(ctx context.Context) {
	for _, acc := range s.cfg.Accounts.All() {
		s.wake(ctx, "sessions not reviewed", func(ctx context.Context) (int, error) {
			return s.cfg.Store.ReviewSessions(ctx, acc.ID)
		})
	}
}

// share shows seats that came to listen what goes to all of them.
func (s *Sweeper) share(ctx context.Context) {
	var ids []uint64
	for _, acc := range s.cfg.Accounts.All() {
		if acc.Policy.Assignment.Mode == model.AllSeats {
			ids = append(ids, acc.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	s.wake(ctx, "sessions not shared", func(ctx context.Context) (int, error) { return s.cfg.Store.ShareDue(ctx, ids) })
}

// wake runs what makes events and wakes their workers.
func (s *Sweeper) wake(ctx context.Context, failure string, run func(context.Context) (int, error)) int {
	n, err := run(ctx)
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, failure, "err", err.Error()) //nolint:sloglint // one of the constants above
	}
	if n > 0 {
		s.cfg.Wake(ctx, model.LaneIn)
	}
	return n
}

// compareLoads makes the store count its serving sessions and the assigner believe it.
func (s *Sweeper) compareLoads(ctx context.Context) {
	for _, acc := range s.cfg.Accounts.All() {
		repaired, err := s.cfg.Store.CheckLoads(ctx, acc.ID)
		if repaired > 0 {
			s.cfg.Log.ErrorContext(ctx, "seat loads repaired", "account_key", acc.Key, "seats", repaired)
		}
		var loads map[string]int
		if err == nil {
			loads, err = s.cfg.Store.SeatLoads(ctx, acc.ID)
		}
		if err == nil {
			err = s.cfg.Loads.SetLoads(ctx, acc.ID, loads)
		}
		if err != nil && ctx.Err() == nil {
			s.cfg.Log.WarnContext(ctx, "seat loads not compared", "account_key", acc.Key, "err", err.Error())
		}
	}
}
