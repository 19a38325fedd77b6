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
	Handle  func(ctx context.Context, lane model.Lane) error // works a lane off; ErrFenced: it was taken over, ErrLetGo: it was let go of
	Wakes   <-chan struct{}                                  // hints that work is there; losing one costs one Poll
	Owner   string                                           // names this process in the lanes it holds
	Workers int                                              // lanes at once
	Lease   time.Duration                                    // after which a lane of a dead worker is free again
	Poll    time.Duration
	Grace   time.Duration // what workers in hand get to finish when Run ends
	Log     *slog.Logger
}

// ErrLetGo is returned by a handler that has let go of its lane itself: it was worked off,
// or has to wait.
var ErrLetGo = errors.New("lane let go of")

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
	ahead := make(chan claimed, r.cfg.Workers) // lanes for the next free worker
	room, again := make(chan struct{}, 1), make(chan struct{}, 1)
	var wg sync.WaitGroup
	for range r.cfg.Workers {
		wg.Go(func() { r.serve(ctx, work, ahead, room, again) })
	}
	poll := time.NewTicker(r.cfg.Poll)
	defer poll.Stop()
	more := true // lanes may be ready
	for ctx.Err() == nil {
		// A claim costs the same for one lane and for many, so they are taken in numbers.
		if more && len(ahead) <= cap(ahead)/2 {
			more = r.claim(ctx, ahead)
			continue
		}
		select {
		case <-ctx.Done():
		case <-room:
		case <-r.cfg.Wakes:
			more = true
		case <-again:
			more = true
		case <-poll.C:
			more = true
		}
	}
	close(ahead)
	return r.drain(&wg, cancel)
}

// serve works lanes off one after the other, until there are no more; once ctx has ended it
// gives them back untouched. It tells of the room it makes, and of lanes that have more
// work.
func (r *Runner) serve(ctx, work context.Context, ahead <-chan claimed, room, again chan<- struct{}) {
	tell := func(c chan<- struct{}) {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	for c := range ahead {
		tell(room)
		switch {
		case ctx.Err() != nil:
			r.release(context.WithoutCancel(work), c.lane)
		case r.stillHeld(work, c) && r.work(work, c.lane):
			tell(again)
		}
	}
}

// claimed is a lane that waits for a worker.
type claimed struct {
	lane model.Lane
	at   time.Time
}

// stillHeld makes sure of a lane that has waited: its lease may be about to end, or gone
// to somebody else.
func (r *Runner) stillHeld(ctx context.Context, c claimed) bool {
	if time.Since(c.at) < r.cfg.Lease/3 {
		return true
	}
	return r.cfg.Store.RenewLane(ctx, c.lane, r.cfg.Lease) == nil
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

// claim takes as many lanes as there is room for, and reports whether there may be more.
func (r *Runner) claim(ctx context.Context, ahead chan<- claimed) (more bool) {
	at := time.Now()
	limit := cap(ahead) - len(ahead)
	lanes, err := r.cfg.Store.ClaimLanes(ctx, r.cfg.Kind, r.cfg.Owner, limit, r.cfg.Lease)
	if err != nil {
		if ctx.Err() == nil {
			r.cfg.Log.WarnContext(ctx, "lanes not claimed", "kind", string(r.cfg.Kind), "err", err.Error())
		}
		return false
	}
	for _, lane := range lanes {
		ahead <- claimed{lane: lane, at: at} // there is room: nobody else puts lanes in
	}
	return len(lanes) == limit
}

// work handles one lane and keeps its lease while it does. It reports whether the lane has
// more work, for whoever claims it next.
func (r *Runner) work(ctx context.Context, lane model.Lane) (more bool) {
	ctx, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { r.renew(ctx, cancel, lane) })
	err := r.handle(ctx, lane)
	cancel()
	renewing.Wait()
	ctx = context.WithoutCancel(ctx)
	if errors.Is(err, ErrLetGo) {
		return false
	}
	if errors.Is(err, model.ErrFenced) {
		r.cfg.Log.WarnContext(ctx, "lane taken over", "lane_kind", string(lane.Kind), "account_id", lane.AccountID)
		return false
	}
	if err != nil {
		// The lane stays claimed: its lease is the pause before the next try.
		r.cfg.Log.WarnContext(ctx, "lane failed", "lane_kind", string(lane.Kind), "account_id", lane.AccountID, "err", err.Error())
		return false
	}
	return r.release(ctx, lane)
}

// release lets go of a lane, and reports whether it has more work.
func (r *Runner) release(ctx context.Context, lane model.Lane) (more bool) {
	more, err := r.cfg.Store.ReleaseLane(ctx, lane)
	if err != nil && !errors.Is(err, model.ErrFenced) {
		r.cfg.Log.WarnContext(ctx, "lane not released", "lane_kind", string(lane.Kind), "account_id", lane.AccountID, "err", err.Error())
	}
	return more
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
