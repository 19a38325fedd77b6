package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// laneStore hands out lanes as the real one does: ready ones that nobody holds, or whose
// holder's lease has run out.
type laneStore struct {
	mu       sync.Mutex
	lanes    map[string]*model.Lane
	work     map[string]int // events waiting in a lane
	claims   int            // calls of ClaimLanes
	renewals int
	released []string
	fail     error // of ClaimLanes
	renewErr error
}

func newLaneStore(keys ...string) *laneStore {
	s := &laneStore{lanes: map[string]*model.Lane{}, work: map[string]int{}}
	for _, k := range keys {
		s.add(k)
	}
	return s
}

// with looks at the store, or changes it, while nobody else does.
func (s *laneStore) with(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *laneStore) add(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lanes[key] == nil {
		s.lanes[key] = &model.Lane{Lane: key, Kind: model.LaneIn}
	}
	s.lanes[key].Ready = true
	s.work[key]++
}

func (s *laneStore) done(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.work[key]--
}

// ClaimLanes implements [bot.LaneStore].
func (s *laneStore) ClaimLanes(_ context.Context, kind model.LaneKind, owner string, limit int, lease time.Duration) ([]model.Lane, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims++
	if s.fail != nil {
		return nil, s.fail
	}
	var got []model.Lane
	for _, key := range sortedKeys(s.lanes) {
		l := s.lanes[key]
		if len(got) < limit && l.Ready && l.Kind == kind && l.RunAtMS <= time.Now().UnixMilli() {
			l.Fence++
			l.Owner, l.RunAtMS = owner, time.Now().Add(lease).UnixMilli()
			got = append(got, *l)
		}
	}
	return got, nil
}

// RenewLane implements [bot.LaneStore].
func (s *laneStore) RenewLane(_ context.Context, lane model.Lane, lease time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewals++
	if s.renewErr != nil {
		return s.renewErr
	}
	if s.lanes[lane.Lane].Fence != lane.Fence {
		return model.ErrFenced
	}
	s.lanes[lane.Lane].RunAtMS = time.Now().Add(lease).UnixMilli()
	return nil
}

// ReleaseLane implements [bot.LaneStore].
func (s *laneStore) ReleaseLane(_ context.Context, lane model.Lane) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[lane.Lane]
	if l.Fence != lane.Fence {
		return false, model.ErrFenced
	}
	s.released = append(s.released, lane.Lane)
	l.Owner, l.RunAtMS, l.Ready = "", 0, s.work[lane.Lane] > 0
	return l.Ready, nil
}

// desk is a runner at work, and what was seen of it.
type desk struct {
	t     *testing.T
	store *laneStore
	wakes chan struct{}
	stop  context.CancelFunc
	ended chan error

	mu      sync.Mutex
	now     map[string]int // lanes being handled
	most    int            // of all of them at once
	handled []string
}

const (
	lease = 3 * time.Second
	poll  = time.Minute
	grace = 10 * time.Second
)

// start runs a runner with two workers; handle does what a lane needs.
func start(t *testing.T, store *laneStore, handle func(ctx context.Context, lane model.Lane) error) *desk {
	t.Helper()
	d := &desk{t: t, store: store, wakes: make(chan struct{}, 1), ended: make(chan error, 1), now: map[string]int{}}
	ctx, stop := context.WithCancel(t.Context())
	d.stop = stop
	runner := bot.NewRunner(bot.RunnerConfig{
		Kind: model.LaneIn, Store: store, Wakes: d.wakes, Owner: "me", Workers: 2, Lease: lease, Poll: poll, Grace: grace,
		Log: slog.New(slog.DiscardHandler),
		Handle: func(ctx context.Context, lane model.Lane) error {
			defer d.enter(lane)()
			return handle(ctx, lane)
		},
	})
	go func() { d.ended <- runner.Run(ctx) }()
	synctest.Wait()
	return d
}

// enter notes that a lane is being handled, until what it returns is called.
func (d *desk) enter(lane model.Lane) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now[lane.Lane]++
	if d.now[lane.Lane] > 1 {
		d.t.Errorf("%s is handled twice at a time", lane.Lane)
	}
	d.most = max(d.most, len(d.now))
	d.handled = append(d.handled, lane.Lane)
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.now[lane.Lane]--; d.now[lane.Lane] == 0 {
			delete(d.now, lane.Lane)
		}
	}
}

// finish stops the runner and checks that it ends, with or without an error, after so long.
func (d *desk) finish(want bool, after time.Duration) {
	d.t.Helper()
	began := time.Now()
	d.stop()
	err := <-d.ended
	if (err == nil) != want || time.Since(began) != after {
		d.t.Errorf("Run = %v after %s, want it after %s", err, time.Since(began), after)
	}
}

// pass lets time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (d *desk) wantHandled(want ...string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if diff := cmp.Diff(want, d.handled); diff != "" {
		d.t.Errorf("handled (-want +got):\n%s", diff)
	}
}

// takes handles a lane in some time, however the context is.
func takes(store *laneStore, d time.Duration) func(context.Context, model.Lane) error {
	return func(_ context.Context, lane model.Lane) error {
		<-time.After(d)
		store.done(lane.Lane)
		return nil
	}
}

func TestRunnerTakesLanes(t *testing.T) {
	t.Parallel()
	t.Run("side_by_side_but_no_more_than_workers", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a", "b", "c", "d", "e")
			d := start(t, store, takes(store, time.Second))
			pass(3 * time.Second) // two, two and one; no poll comes
			d.wantHandledAll("a", "b", "c", "d", "e")
			d.finish(true, 0)
			if d.most != 2 {
				t.Errorf("%d lanes at once, want 2", d.most)
			}
			if len(store.released) != 5 {
				t.Errorf("released %v, want all five", store.released)
			}
		})
	})
	t.Run("on_a_hint", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore()
			d := start(t, store, takes(store, 0))
			store.add("a")
			d.wakes <- struct{}{}
			synctest.Wait()
			d.wantHandled("a")
			d.finish(true, 0)
		})
	})
	t.Run("without_a_hint_after_a_poll", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore()
			d := start(t, store, takes(store, 0))
			store.add("a")
			pass(poll - time.Second)
			d.wantHandled()
			pass(time.Second)
			d.wantHandled("a")
			d.finish(true, 0)
		})
	})
	t.Run("again_what_has_more", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a")
			store.add("a")
			d := start(t, store, takes(store, time.Second))
			pass(2 * time.Second)
			d.wantHandled("a", "a")
			d.finish(true, 0)
		})
	})
	t.Run("after_a_store_that_failed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a")
			store.fail = model.ErrUnavailable
			d := start(t, store, takes(store, 0))
			store.with(func() {
				if store.claims != 1 {
					t.Errorf("asked %d times in a row, want once", store.claims)
				}
				store.fail = nil
			})
			pass(poll)
			d.wantHandled("a")
			d.finish(true, 0)
		})
	})
	t.Run("a_slow_lane_holds_up_nobody", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a", "b", "c")
			d := start(t, store, func(_ context.Context, lane model.Lane) error {
				if lane.Lane == "a" {
					<-time.After(time.Hour)
				}
				store.done(lane.Lane)
				return nil
			})
			d.wantHandledAll("a", "b", "c")
			pass(time.Hour)
			d.finish(true, 0)
		})
	})
}

// wantHandledAll is wantHandled for lanes whose order is left to chance.
func (d *desk) wantHandledAll(want ...string) {
	d.t.Helper()
	d.mu.Lock()
	slices.Sort(d.handled)
	d.mu.Unlock()
	d.wantHandled(want...)
}

// A lane that waited for a worker until its lease was nearly over is held on to, or left to
// whoever has it by then.
func TestRunnerMakesSureOfLanesThatWaited(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a", "b", "c")
			d := start(t, store, takes(store, 2*time.Second))
			if taken {
				store.mu.Lock()
				store.lanes["c"].Fence++ // it waits behind a and b
				store.mu.Unlock()
			}
			pass(5 * time.Second)
			if taken {
				d.wantHandledAll("a", "b")
			} else {
				d.wantHandledAll("a", "b", "c")
			}
			d.finish(true, 0)
		})
	}
}

func TestRunnerStops(t *testing.T) {
	t.Parallel()
	t.Run("after_the_work_in_hand", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a", "b", "c")
			d := start(t, store, func(ctx context.Context, lane model.Lane) error {
				<-time.After(4 * time.Second)
				store.done(lane.Lane)
				return ctx.Err() // not cancelled by the stop
			})
			d.finish(true, 4*time.Second)
			d.wantHandledAll("a", "b")
			if !slices.Contains(store.released, "c") || len(store.released) != 3 {
				t.Errorf("released %v, want those in hand and the one that was claimed ahead", store.released)
			}
		})
	})
	t.Run("after_the_grace", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a")
			d := start(t, store, func(ctx context.Context, _ model.Lane) error {
				<-ctx.Done()
				return ctx.Err()
			})
			d.finish(false, grace)
			if len(store.released) != 0 {
				t.Error("a lane that was cut off was released")
			}
		})
	})
	t.Run("before_it_has_begun", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a")
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			runner := bot.NewRunner(bot.RunnerConfig{
				Kind: model.LaneIn, Store: store, Owner: "me", Workers: 1, Lease: lease, Poll: poll, Grace: grace,
				Log: slog.New(slog.DiscardHandler), Handle: takes(store, 0),
			})
			if err := runner.Run(ctx); err != nil || store.claims != 0 {
				t.Errorf("Run = %v after %d claims, want none", err, store.claims)
			}
		})
	})
}

func TestRunnerKeepsTheLease(t *testing.T) {
	t.Parallel()
	t.Run("of_a_slow_worker", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a")
			d := start(t, store, takes(store, 10*lease))
			for range 10 {
				pass(lease)
				d.wakes <- struct{}{} // the other worker looks for lanes
				synctest.Wait()
			}
			d.wantHandled("a")
			d.finish(true, 0)
			if store.renewals < 10 {
				t.Errorf("renewed %d times in ten leases", store.renewals)
			}
		})
	})
	t.Run("although_renewing_fails_once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a")
			store.renewErr = model.ErrUnavailable
			d := start(t, store, func(ctx context.Context, _ model.Lane) error {
				<-time.After(2 * time.Second)
				store.done("a")
				return ctx.Err()
			})
			pass(2 * time.Second)
			d.finish(true, 0)
			if len(store.released) != 1 {
				t.Error("the worker was stopped, though nobody else holds its lane")
			}
		})
	})
	t.Run("or_stops_the_worker", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := newLaneStore("a")
			var after time.Duration
			d := start(t, store, func(ctx context.Context, _ model.Lane) error {
				began := time.Now()
				<-ctx.Done()
				after = time.Since(began)
				return ctx.Err()
			})
			store.with(func() {
				store.lanes["a"].Fence++ // another worker took it over
				store.lanes["a"].RunAtMS = time.Now().Add(time.Hour).UnixMilli()
			})
			pass(lease)
			d.finish(true, 0)
			if after == 0 || after > lease {
				t.Errorf("stopped after %s, want it within a lease", after)
			}
			if len(store.released) != 0 {
				t.Error("somebody else's lane was released")
			}
		})
	})
}

// What a handler says decides whether the lane is released.
func TestRunnerReleases(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handle  func() error
		release bool
	}{
		{"done", func() error { return nil }, true},
		{"delayed", func() error { return fmt.Errorf("wrapped: %w", bot.ErrLetGo) }, false},
		{"fenced", func() error { return fmt.Errorf("wrapped: %w", model.ErrFenced) }, false},
		{"failed", func() error { return errors.New("no") }, false},
		{"panicked", func() error { panic("no") }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newLaneStore("a")
				d := start(t, store, func(_ context.Context, lane model.Lane) error {
					store.done(lane.Lane)
					return tt.handle()
				})
				store.with(func() {
					if released := len(store.released) == 1; released != tt.release {
						t.Errorf("released = %v, want %v", released, tt.release)
					}
				})
				store.add("b") // the worker is there for the next one
				d.wakes <- struct{}{}
				synctest.Wait()
				d.wantHandled("a", "b")
				d.finish(true, 0)
			})
		})
	}
}

// A lane whose handler failed comes again when its lease has run out.
func TestRunnerComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newLaneStore("a")
		d := start(t, store, func(context.Context, model.Lane) error { return errors.New("no") })
		d.wakes <- struct{}{}
		synctest.Wait()
		d.wantHandled("a")
		pass(lease)
		d.wakes <- struct{}{}
		synctest.Wait()
		d.wantHandled("a", "a")
		d.finish(true, 0)
	})
}
