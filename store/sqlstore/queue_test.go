package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/model"
)

// waits stores a queued session of a person, a second after the one before.
func (d *desk) waits(t *testing.T, userID string, change func(*model.Session)) model.Session {
	t.Helper()
	d.clock.advance(time.Second)
	return d.opens(t, userID, func(s *model.Session) {
		s.State, s.QueuedMS, s.WaitingMS = model.StateQueued, d.nowMS(), d.nowMS()
		if change != nil {
			change(s)
		}
	})
}

func returnedBy(seat string) func(*model.Session) {
	return func(s *model.Session) { s.ReturnedBy = seat }
}

func TestLoadHandoff_queue(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.waits(t, "wang", nil)
		own := d.waits(t, "li", nil) // a seat
		back := d.waits(t, "sun", returnedBy("zhao"))
		d.waits(t, "chen", nil)
		for who, want := range map[string]struct {
			ahead int
			picky []model.Session
		}{
			"wang": {}, "li": {ahead: 1}, "sun": {2, []model.Session{own}},
			"chen": {3, []model.Session{own, back}}, "new": {4, []model.Session{own, back}},
		} {
			c := d.load(t, who, 0)
			if diff := cmp.Diff(want.picky, c.Picky, cmpopts.EquateEmpty()); c.Ahead != want.ahead || diff != "" {
				t.Errorf("%s: %d ahead, want %d; picky (-want +got):\n%s", who, c.Ahead, want.ahead, diff)
			}
		}

		// Who is served keeps the place for the case of coming back.
		d.opens(t, "ma", func(s *model.Session) { s.State, s.Seat, s.QueuedMS = model.StateServing, "zhao", own.QueuedMS })
		if c := d.load(t, "ma", 0); c.Ahead != 2 {
			t.Errorf("who is served has %d ahead", c.Ahead)
		}
	})
}

func TestLoadHandoff_handling(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		closed := func(queued, assigned, took int64) {
			t.Helper()
			d.opens(t, "gone", func(s *model.Session) {
				s.State, s.CloseReason, s.QueuedMS = model.StateClosed, model.ClosedBySeat, queued
				s.AssignedMS, s.ClosedMS = assigned, assigned+took
			})
		}
		check := func(name string, handling int64, places int) {
			t.Helper()
			if c := d.load(t, "wang", 0); c.HandlingMS != handling || c.Places != places {
				t.Errorf("%s: %d ms in %d places, want %d in %d", name, c.HandlingMS, c.Places, handling, places)
			}
		}
		d.opens(t, "ma", func(s *model.Session) { s.State, s.Seat = model.StateServing, "zhao" })
		closed(0, 0, 500) // with the bot
		closed(9, 0, 500) // never served
		closed(1, 10, 300)
		closed(2, 10, 100)
		check("too few", 0, 0)
		closed(3, 10, 200)
		check("three", 200, 1)
		for n := range int64(50) {
			closed(100+n, 10, 900)
		}
		check("the last fifty", 900, 1)
		step := d.step(t, "zhao")
		step.SeatChange = &model.SeatChange{State: new(model.SeatAway)}
		d.apply(t, step)
		check("nobody is online who serves", 900, 0)
	})
}

func TestApply_reserve_in_turn(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.waits(t, "li", nil)
		d.waits(t, "sun", returnedBy("li"))
		chen := d.waits(t, "chen", nil)
		d.waits(t, "later", nil)
		take := func(seat string, inTurn bool) error {
			step := d.step(t, "chen")
			next := chen
			next.State, next.Seat = model.StateServing, seat
			step.Session, step.Reserve = &next, d.place(t, seat)
			step.Reserve.InTurn = inTurn
			_, err := d.Apply(t.Context(), step)
			return err
		}
		if err := take("zhao", true); !errors.Is(err, model.ErrStale) {
			t.Errorf("before others: %v", err)
		}
		if err := take("li", true); err != nil {
			t.Errorf("a seat that those ahead can't go to: %v", err)
		}
		chen = d.session(t, chen.ID)
		if err := take("zhao", false); err != nil {
			t.Errorf("out of turn: %v", err)
		}
	})
}

func TestApply_wakes_behind(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		first := d.waits(t, "wang", nil)
		d.waits(t, "sun", nil)
		last := d.waits(t, "chen", nil)
		for _, tt := range []struct {
			behind *model.Session
			want   string
		}{{nil, "wang"}, {&first, "sun"}, {&last, ""}} {
			step := d.step(t, "li")
			step.WakeQueue = true
			if s := tt.behind; s != nil {
				step.WakeBehind = &model.Place{QueuedMS: s.QueuedMS, ID: s.ID}
			}
			if done := d.apply(t, step); done.Woken != tt.want {
				t.Errorf("woke %q, want %q", done.Woken, tt.want)
			}
		}
	})
}

// The turn is of the first whom a free seat could take.
func TestWakeQueues_picky(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		wakes := func(name string, want int, who string) {
			t.Helper()
			d.clock.advance(time.Minute)
			n, err := d.WakeQueues(t.Context(), []uint64{d.acc.ID}, online)
			if err != nil || n != want {
				t.Fatalf("%s: woke %d, %v", name, n, err)
			}
			if want == 0 {
				return
			}
			lane := d.hold(t, d.person(who))
			rows := d.pending(t, lane)
			if len(rows) != 1 || rows[0].Event.Kind != model.EventQueueTurn {
				t.Fatalf("%s: lane of %s: %+v", name, who, rows)
			}
			d.apply(t, model.Step{Lane: lane, InboxID: rows[0].ID, Outcome: model.OutcomeHandled, At: d.nowMS()})
		}
		d.opens(t, "busy", func(s *model.Session) { s.State, s.Seat = model.StateServing, "zhao" })
		d.acc.Policy.Assignment.Capacity = 1
		d.saveAccount(t, d.acc, "li", "zhao")
		d.waits(t, "li", nil)
		d.waits(t, "sun", returnedBy("li"))
		wakes("the free seat's own, and whom it gave away", 0, "")
		d.waits(t, "chen", nil)
		wakes("behind them", 1, "chen")
		step := d.step(t, "zhao")
		step.SeatChange = &model.SeatChange{State: new(model.SeatAway)}
		d.apply(t, step)
		wakes("nobody else is there", 1, "sun")
	})
}

// What a session remembers of its wait comes back as it was stored.
func TestSession_waits(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.waits(t, "wang", func(s *model.Session) {
			s.WaitState, s.WaitDueMS, s.WaitAhead, s.ReturnedBy = model.WaitAsked, 5, 6, "li"
		})
		got := d.session(t, s.ID)
		if got.WaitState != model.WaitAsked || got.WaitingMS != d.nowMS() || got.WaitDueMS != 5 || got.WaitAhead != 6 || got.ReturnedBy != "li" {
			t.Errorf("session: %+v", got)
		}
	})
}
