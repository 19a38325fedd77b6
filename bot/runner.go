package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"deskmate/model"
)

// Runner gives ready lanes to workers: each lane to one at a time, on however many
// replicas, and lanes never wait for each other.
type Runner struct{ cfg RunnerConfig }

// RunnerConfig is what a runner works with.
type RunnerConfig struct {
	Kind    model.LaneKind
	Store   LaneStore
	Handle  func(ctx context.Context, lane model.Lane) error // works a lane off; ErrFenced: it was taken over, ErrDelayed: it was put back
	Wakes   <-chan struct{}                                  // hints that work is there; losing one costs one Poll
	Owner   string                                           // names this process in the lanes it holds
	Workers int                                              // lanes at once
	Lease   time.Duration                                    // after which a lane of a dead worker is free again
	Poll    time.Duration
	Grace   time.Duration // what workers in hand get to finish when Run ends
	Log     *slog.Logger
}

// ErrDelayed is returned by a handler that has put its lane back for later itself.
var ErrDelayed = errors.New("lane put back for later")

// LaneStore hands out lanes.
type LaneStore interface {
	ClaimLanes(ctx context.Context, kind model.LaneKind, owner string, limit int, lease time.Duration) ([]model.Lane, error)
	RenewLane(ctx context.Context, lane model.Lane, lease time.Duration) error
	ReleaseLane(ctx context.Context, lane model.Lane) (more bool, err error)
}

// NewRunner makes a runner.
func NewRunner(cfg RunnerConfig) *Runner { return &Runner{cfg: cfg} }

// Run works until ctx ends, then lets the workers in hand finish within Grace. It fails
// only if the work outlives that.
func (r *Runner) Run(ctx context.Context) error {
	// Workers outlive ctx by Grace, so that an event in hand is finished, not cut off.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	free := make(chan struct{}, r.cfg.Workers)
	for range r.cfg.Workers {
		free <- struct{}{}
	}
	again := make(chan struct{}, 1) // a worker is done: there may be more
	var wg sync.WaitGroup
	poll := time.NewTicker(r.cfg.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		claimed := r.claim(ctx, work, &wg, free, again)
		if claimed > 0 && len(free) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.cfg.Wakes:
		case <-again:
		case <-poll.C:
		}
	}
	return r.drain(&wg, cancel)
}

func (r *Runner) drain(wg *sync.WaitGroup, cancel context.CancelFunc) error {
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	timer := time.NewTimer(r.cfg.Grace)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		cancel()
		<-done
		return fmt.Errorf("%s workers did not finish in time", r.cfg.Kind)
	}
}

// claim takes as many lanes as there are free workers and starts on them.
func (r *Runner) claim(ctx, work context.Context, wg *sync.WaitGroup, free, again chan struct{}) int {
	limit := len(free)
	if limit == 0 {
		return 0
	}
	lanes, err := r.cfg.Store.ClaimLanes(ctx, r.cfg.Kind, r.cfg.Owner, limit, r.cfg.Lease)
	if err != nil {
		if ctx.Err() == nil {
			r.cfg.Log.WarnContext(ctx, "lanes not claimed", "kind", string(r.cfg.Kind), "err", err.Error())
		}
		return 0
	}
	for _, lane := range lanes {
		<-free
		wg.Go(func() {
			r.work(work, lane)
			free <- struct{}{}
			select {
			case again <- struct{}{}:
			default:
			}
		})
	}
	return len(lanes)
}

// work handles one lane and keeps its lease while it does.
func (r *Runner) work(ctx context.Context, lane model.Lane) {
	ctx, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { r.renew(ctx, cancel, lane) })
	err := r.handle(ctx, lane)
	cancel()
	renewing.Wait()
	ctx = context.WithoutCancel(ctx)
	if errors.Is(err, ErrDelayed) {
		return
	}
	if errors.Is(err, model.ErrFenced) {
		r.cfg.Log.WarnContext(ctx, "lane taken over", "lane_kind", string(lane.Kind), "account_id", lane.AccountID)
		return
	}
	if err != nil {
		// The lane stays claimed: its lease is the pause before the next try.
		r.cfg.Log.WarnContext(ctx, "lane failed", "lane_kind", string(lane.Kind), "account_id", lane.AccountID, "err", err.Error())
		return
	}
	if _, err := r.cfg.Store.ReleaseLane(ctx, lane); err != nil && !errors.Is(err, model.ErrFenced) {
		r.cfg.Log.WarnContext(ctx, "lane not released", "lane_kind", string(lane.Kind), "account_id", lane.AccountID, "err", err.Error())
	}
}

func (r *Runner) handle(ctx context.Context, lane model.Lane) (err error) {
	defer recoverTo(&err)
	return r.cfg.Handle(ctx, lane)
}

// renew extends the lease until ctx ends. When somebody else holds the lane, it stops the
// worker.
func (r *Runner) renew(ctx context.Context, cancel context.CancelFunc, lane model.Lane) {
	tick := time.NewTicker(r.cfg.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.cfg.Store.RenewLane(ctx, lane, r.cfg.Lease); errors.Is(err, model.ErrFenced) {
			cancel()
			return
		}
	}
}
