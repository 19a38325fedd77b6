package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// swept is a store and an assigner for the sweeper; it keeps what it was asked for.
type swept struct {
	mu       sync.Mutex
	calls    []string
	timers   []int // how many timers each sweep delivers; then none
	queues   int   // how many queues each turn wakes
	repaired int
	err      error
	checkErr error
	loads    map[uint64]map[string]int // given to the assigner
	woken    int
	reviewed []uint64
	changed  chan struct{} // may be nil
}

func (s *swept) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
}

// count is how often something was asked for.
func (s *swept) count(call string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		if c == call {
			n++
		}
	}
	return n
}

// SweepTimers implements [bot.SweepStore].
func (s *swept) SweepTimers(_ context.Context, limit int) (int, error) {
	s.note("timers %d", limit)
	if s.err != nil || len(s.timers) == 0 {
		return 0, s.err
	}
	n := s.timers[0]
	s.timers = s.timers[1:]
	return n, nil
}

// WakeQueues implements [bot.SweepStore].
func (s *swept) WakeQueues(_ context.Context, accountIDs []uint64, _ func(model.Seat) bool) (int, error) {
	s.note("queues %d", accountIDs)
	return s.queues, s.err
}

// ReviewSessions implements [bot.SweepStore].
func (s *swept) ReviewSessions(_ context.Context, id uint64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reviewed = append(s.reviewed, id)
	return 0, nil
}

// Changed is closed when an account changes.
func (s *swept) Changed() <-chan struct{} { return s.changed }

// Open implements [model.WorkHours]: who has hours never works.
func (s *swept) Open(h *model.Hours, _ time.Time) bool { return h == nil }

// ShareDue implements [bot.SweepStore].
func (s *swept) ShareDue(_ context.Context, accountIDs []uint64) (int, error) {
	s.note("share %d", accountIDs)
	return s.queues, s.err
}

// CheckLoads implements [bot.SweepStore].
func (s *swept) CheckLoads(_ context.Context, id uint64) (int, error) {
	s.note("check %d", id)
	if id == 2 {
		return 0, s.checkErr
	}
	return s.repaired, nil
}

// SeatLoads implements [bot.SweepStore].
func (s *swept) SeatLoads(_ context.Context, id uint64) (map[string]int, error) {
	return map[string]int{lin: int(id)}, nil
}

// SetLoads implements [bot.LoadMirror].
func (s *swept) SetLoads(_ context.Context, id uint64, loads map[string]int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads[id] = loads
	return nil
}

// All is an account that is disabled, one whose seats work, and one where they don't.
func (s *swept) All() []model.Account {
	never := model.Policy{Hours: &model.Hours{}}
	return []model.Account{{ID: 1, Key: "it"}, {ID: 2, Key: "hr", Enabled: true}, {ID: 3, Key: "law", Enabled: true, Policy: never}}
}

// sweep runs a sweeper for some time and returns what it logged.
func (s *swept) sweep(t *testing.T, d time.Duration) string {
	t.Helper()
	s.loads = map[uint64]map[string]int{}
	var logged bytes.Buffer
	sweeper := bot.NewSweeper(bot.SweeperConfig{
		Store: s, Loads: s, Accounts: s, Every: time.Second, Queues: 3 * time.Second, Compare: time.Minute,
		Hours: s, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(&logged, nil)),
		Wake: func(_ context.Context, kinds ...model.LaneKind) {
			if len(kinds) != 1 || kinds[0] != model.LaneIn {
				t.Errorf("woken: %v", kinds)
			}
			s.woken++
		},
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sweeper.Run(ctx) }()
	synctest.Wait()
	if d > 0 {
		pass(d)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
	return logged.String()
}

func TestSweeper(t *testing.T) {
	t.Parallel()
	t.Run("compares_the_loads_at_once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &swept{}
			s.sweep(t, 0)
			if diff := cmp.Diff([]string{"check 1", "check 2", "check 3"}, s.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			want := map[uint64]map[string]int{1: {lin: 1}, 2: {lin: 2}, 3: {lin: 3}}
			if diff := cmp.Diff(want, s.loads); diff != "" {
				t.Errorf("loads (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("each_thing_in_its_time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &swept{}
			if logged := s.sweep(t, 120*time.Second); logged != "" {
				t.Errorf("logged:\n%s", logged)
			}
			got := map[string]int{"timers": s.count("timers 200"), "queues": s.count("queues [1 2]"), "check": s.count("check 1")}
			if diff := cmp.Diff(map[string]int{"timers": 120, "queues": 40, "check": 3}, got); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if s.woken != 0 {
				t.Errorf("workers were woken %d times for nothing", s.woken)
			}
		})
	})
	t.Run("all_timers_that_are_due", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &swept{timers: []int{200, 200, 7}}
			s.sweep(t, time.Second)
			if n := s.count("timers 200"); n != 3 || s.woken != 3 {
				t.Errorf("%d sweeps woke workers %d times, want 3", n, s.woken)
			}
		})
	})
	t.Run("wakes_workers_for_a_queue", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &swept{queues: 1}
			s.sweep(t, 3*time.Second)
			if s.woken != 1 {
				t.Errorf("workers were woken %d times, want once", s.woken)
			}
		})
	})
	t.Run("goes_on_after_a_failure", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &swept{err: errors.New("no")}
			logged := s.sweep(t, 3*time.Second)
			if n := s.count("timers 200"); n != 3 {
				t.Errorf("%d sweeps, want 3", n)
			}
			if strings.Count(logged, "timers not swept") != 3 || strings.Count(logged, "queues not woken") != 1 {
				t.Errorf("logged:\n%s", logged)
			}
		})
	})
	t.Run("one_account_holds_up_no_other", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &swept{checkErr: errors.New("no"), repaired: 1}
			logged := s.sweep(t, 0)
			if s.loads[1] == nil || s.loads[2] != nil || s.loads[3] == nil {
				t.Errorf("loads = %v, want those of 1 and 3", s.loads)
			}
			if strings.Count(logged, "seat loads repaired") != 2 || strings.Count(logged, "seat loads not compared") != 1 {
				t.Errorf("logged:\n%s", logged)
			}
		})
	})
}
