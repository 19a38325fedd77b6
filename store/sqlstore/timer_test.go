package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// sets applies a step that sets one timer of Wang.
func (d *desk) sets(t *testing.T, kind model.TimerKind, in time.Duration) model.Step {
	t.Helper()
	step := d.step(t, "wang")
	step.Timers = []model.TimerChange{{Kind: kind, DueMS: d.nowMS() + in.Milliseconds()}}
	d.apply(t, step)
	return step
}

func (d *desk) sweeps(t *testing.T, limit int) int {
	t.Helper()
	n, err := d.SweepTimers(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSweepTimers(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.sets(t, model.TimerIdle, time.Minute)
		if more, err := d.ReleaseLane(t.Context(), step.Lane); more || err != nil {
			t.Fatal(more, err)
		}
		due := d.nowMS() + time.Minute.Milliseconds()
		d.clock.advance(time.Minute - time.Millisecond)
		if n := d.sweeps(t, 10); n != 0 {
			t.Errorf("%d timers came too early", n)
		}
		d.clock.advance(time.Millisecond)
		if n := d.sweeps(t, 10); n != 1 {
			t.Errorf("%d timers came", n)
		}
		rows := d.pending(t, d.hold(t, d.person("wang")))
		want := model.Event{Kind: model.EventTimer, Timer: model.TimerIdle, Gen: step.InboxID, AtMS: due}
		if len(rows) != 1 || cmp.Diff(want, rows[0].Event) != "" || rows[0].CreatedMS != d.nowMS() {
			t.Errorf("event: %+v", rows)
		}
		if n := d.sweeps(t, 10); n != 0 {
			t.Errorf("%d timers came twice", n)
		}
	})
}

func TestSweepTimers_set_anew_and_removed(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sets(t, model.TimerIdle, time.Minute)
		d.clock.advance(time.Second)
		d.sets(t, model.TimerIdle, time.Minute) // moved
		d.sets(t, model.TimerBotIdle, time.Second)
		step := d.step(t, "wang")
		step.Timers = []model.TimerChange{{Kind: model.TimerBotIdle}, {Kind: model.TimerHeld}} // removed; never set
		d.apply(t, step)

		d.clock.advance(time.Minute - time.Second)
		if n := d.sweeps(t, 10); n != 0 {
			t.Errorf("%d timers came at their old time", n)
		}
		d.clock.advance(time.Second)
		if n := d.sweeps(t, 10); n != 1 {
			t.Errorf("%d timers came at the new time", n)
		}
		// Set once more after it came: it comes once more, though nothing else is new.
		d.sets(t, model.TimerIdle, 0)
		if n := d.sweeps(t, 10); n != 1 {
			t.Errorf("%d timers came the second time", n)
		}
	})
}

func TestSweepTimers_in_batches_by_several(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const people, sweepers = 250, 3
		var rows []model.Timer
		var lanes []model.Lane
		for i := range people {
			lane := d.person(fmt.Sprintf("%s%d", strings.Repeat("x", 90), i)) // keys too long for their column
			lanes = append(lanes, model.Lane{Lane: lane, Kind: model.LaneIn, AccountID: d.acc.ID})
			for _, kind := range []model.TimerKind{model.TimerIdle, model.TimerHeld} {
				rows = append(rows, model.Timer{Lane: lane, Kind: kind, AccountID: d.acc.ID, DueMS: d.nowMS() - int64(i), Gen: 1})
			}
		}
		if err := d.Raw().Create(&lanes).Error; err != nil {
			t.Fatal(err)
		}
		if err := d.Raw().Create(&rows).Error; err != nil {
			t.Fatal(err)
		}
		if n := d.sweeps(t, 30); n < 30 || n > 60 { // a lane's timers come together
			t.Errorf("%d timers came, asked for 30", n)
		}
		together(sweepers, func(int) error {
			_, err := d.SweepTimers(t.Context(), 1000)
			return err
		}).mustAll(t)
		d.sweeps(t, 1000) // what the sweepers left to each other
		if n := d.count(t, "inbox"); n != 2*people {
			t.Errorf("%d events, want %d", n, 2*people)
		}
		if n := d.count(t, "timer"); n != 0 {
			t.Errorf("%d timers are left", n)
		}
	})
}

func TestWakeQueues(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		wakes := func() int {
			t.Helper()
			n, err := d.WakeQueues(t.Context(), []uint64{d.acc.ID}, online)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := wakes(); n != 0 {
			t.Errorf("woke %d of an empty queue", n)
		}
		for _, who := range []string{"wang", "sun"} {
			d.opens(t, who, func(s *model.Session) { s.State, s.QueuedMS = model.StateQueued, d.nowMS() })
			d.clock.advance(time.Second)
		}
		if n := wakes(); n != 1 {
			t.Errorf("woke %d", n)
		}
		lane := d.hold(t, d.person("wang"))
		rows := d.pending(t, lane)
		if len(rows) != 1 || rows[0].Event.Kind != model.EventQueueTurn {
			t.Fatalf("lane of wang: %+v", rows)
		}
		d.clock.advance(time.Minute)
		if n := wakes(); n != 0 {
			t.Errorf("woke %d while the last turn is pending", n)
		}
		d.apply(t, model.Step{Lane: lane, InboxID: rows[0].ID, Outcome: model.OutcomeHandled, At: d.nowMS()})
		if n := wakes(); n != 1 {
			t.Errorf("woke %d later", n)
		}
		row := d.pending(t, lane)[0]
		d.apply(t, model.Step{Lane: lane, InboxID: row.ID, Outcome: model.OutcomeHandled, At: d.nowMS()})
		if n := wakes(); n != 0 {
			t.Errorf("woke %d within the same seconds", n)
		}

		// With no free seat nobody is told.
		d.clock.advance(time.Minute)
		for _, seat := range []string{"li", "zhao"} {
			step := d.step(t, seat)
			step.SeatChange = &model.SeatChange{State: new(model.SeatOffline)}
			d.apply(t, step)
		}
		if n := wakes(); n != 0 {
			t.Errorf("woke %d although no seat is free", n)
		}
		d.acc.Enabled = false
		d.saveAccount(t, d.acc, "li", "zhao")
		if n := wakes(); n != 1 {
			t.Errorf("woke %d of a disabled account", n)
		}
	})
}
