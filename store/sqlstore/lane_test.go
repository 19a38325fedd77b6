package sqlstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// A step that is the last lets go of its lane, unless something has come meanwhile.
func TestApply_last_lets_go(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		step.Last = true
		done, err := d.Apply(t.Context(), step)
		if err != nil || !done.Released {
			t.Fatalf("Apply = %+v, %v", done, err)
		}
		if err := d.RenewLane(t.Context(), step.Lane, time.Second); !errors.Is(err, model.ErrFenced) {
			t.Errorf("renewing the lane: %v, want ErrFenced", err)
		}
		step = d.step(t, "wang")
		step.Last = true
		step.Forwards = []model.Forward{{Person: "wang", Event: model.Event{Kind: model.EventEnter}}}
		if done, err = d.Apply(t.Context(), step); err != nil || done.Released {
			t.Fatalf("with an event behind it: Apply = %+v, %v", done, err)
		}
		if more, err := d.ReleaseLane(t.Context(), step.Lane); err != nil || !more {
			t.Errorf("ReleaseLane = %t, %v", more, err)
		}
	})
}

func TestClaimLanes_each_lane_has_one_holder(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const people, workers = 20, 4
		for i := range people {
			d.hears(t, fmt.Sprintf("p%d", i))
		}
		claimed := make([][]model.Lane, workers)
		together(workers, func(w int) error {
			for range people {
				lanes, err := d.ClaimLanes(t.Context(), model.LaneIn, fmt.Sprintf("worker-%d", w), 3, lease)
				if err != nil {
					return err
				}
				claimed[w] = append(claimed[w], lanes...)
			}
			return nil
		}).mustAll(t)
		holder := map[string]int{}
		for w, lanes := range claimed {
			for _, l := range lanes {
				if other, taken := holder[l.Lane]; taken {
					t.Errorf("%s was claimed by %d and %d", l.Lane, other, w)
				}
				holder[l.Lane] = w
			}
		}
		if len(holder) != people {
			t.Errorf("%d lanes were claimed, want %d", len(holder), people)
		}
	})
}

func TestClaimLanes_from_both_ends(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for _, who := range []string{"first", "second", "third", "fourth", "fifth"} {
			d.hears(t, who)
			d.clock.advance(time.Second)
		}
		d.hears(t, "first") // a lane that is ready keeps its place
		claims := func(limit int, want ...string) {
			t.Helper()
			lanes, err := d.ClaimLanes(t.Context(), model.LaneIn, "w", limit, lease)
			var got []string
			for _, l := range lanes {
				got = append(got, l.Person())
			}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("claimed: %v (-want +got):\n%s", err, diff)
			}
		}
		claims(2, "first", "fifth")
		claims(1, "second")
		claims(9, "third", "fourth")
		lanes, err := d.ClaimLanes(t.Context(), model.LaneIn, "w", 2, lease)
		if err != nil || len(lanes) != 0 {
			t.Errorf("claimed what is held: %v, %v", lanes, err)
		}
		if lanes, err = d.ClaimLanes(t.Context(), model.LaneOut, "w", 2, lease); err != nil || len(lanes) != 0 {
			t.Errorf("claimed of the other kind: %v, %v", lanes, err)
		}
		if _, err = d.ClaimLanes(t.Context(), model.LaneIn, "", 2, lease); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("without an owner: %v", err)
		}
	})
}

// A worker that dies or freezes loses its lane with its lease; what it still writes
// afterwards is refused.
func TestLane_of_a_dead_worker(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		step := d.step(t, "wang")
		step.Pushes = []model.Push{{Receiver: "wang", Kind: model.PushText, Text: "一"}}
		step.Timers = []model.TimerChange{{Kind: model.TimerIdle, DueMS: d.nowMS()}}

		if lanes, err := d.ClaimLanes(ctx, model.LaneIn, "worker-2", 9, lease); len(lanes) != 0 || err != nil {
			t.Fatalf("claimed while held: %v, %v", lanes, err)
		}
		d.clock.advance(lease)
		lanes, err := d.ClaimLanes(ctx, model.LaneIn, "worker-2", 9, lease)
		if err != nil || len(lanes) != 1 || lanes[0].Fence != step.Lane.Fence+1 {
			t.Fatalf("claimed after the lease: %v, %v", lanes, err)
		}

		late := map[string]error{}
		_, late["Apply"] = d.Apply(ctx, step)
		late["RenewLane"] = d.RenewLane(ctx, step.Lane, lease)
		late["DelayLane"] = d.DelayLane(ctx, step.Lane, d.clock.Now())
		_, late["ReleaseLane"] = d.ReleaseLane(ctx, step.Lane)
		_, late["FailInbox"] = d.FailInbox(ctx, step.Lane, step.InboxID, "", d.clock.Now())
		late["BuryInbox"] = d.BuryInbox(ctx, step.Lane, step.InboxID, "")
		late["BeginPush"] = d.BeginPush(ctx, step.Lane, []uint64{1})
		late["MarkSent"] = d.MarkSent(ctx, step.Lane, []uint64{1}, model.Receipt{})
		late["MarkRetry"] = d.MarkRetry(ctx, step.Lane, []uint64{1}, 0, "", d.clock.Now(), false)
		late["MarkDead"] = d.MarkDead(ctx, step.Lane, []uint64{1}, model.OutDead, 0, "", nil)
		for name, err := range late {
			if !errors.Is(err, model.ErrFenced) {
				t.Errorf("%s of the older holder: %v", name, err)
			}
		}
		for _, table := range []string{"outbox", "timer"} {
			if n := d.count(t, table); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}

		step.Lane = lanes[0]
		d.apply(t, step)
	})
}

func TestRenewLane(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.hears(t, "wang")
		lane := d.hold(t, d.person("wang"))
		d.clock.advance(lease / 2)
		if err := d.RenewLane(t.Context(), lane, lease); err != nil {
			t.Fatal(err)
		}
		d.clock.advance(lease / 2)
		if lanes, err := d.ClaimLanes(t.Context(), model.LaneIn, "w", 9, lease); len(lanes) != 0 || err != nil {
			t.Errorf("claimed within the renewed lease: %v, %v", lanes, err)
		}
	})
}

func TestReleaseLane(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		step := d.step(t, "wang")
		if more, err := d.ReleaseLane(ctx, step.Lane); !more || err != nil {
			t.Errorf("with work left: %v, %v", more, err)
		}
		if _, err := d.ReleaseLane(ctx, step.Lane); !errors.Is(err, model.ErrFenced) {
			t.Errorf("twice: %v", err)
		}
		step.Lane = d.hold(t, step.Lane.Lane)
		step.Pushes = []model.Push{{Receiver: "wang", Kind: model.PushText, Text: "好的"}}
		d.apply(t, step)
		if more, err := d.ReleaseLane(ctx, step.Lane); more || err != nil {
			t.Errorf("with nothing left: %v, %v", more, err)
		}
		if row := d.laneRow(t, step.Lane.Lane); row.Ready || row.Owner != "" {
			t.Errorf("row: %+v", row)
		}
		out := d.hold(t, d.out("wang"))
		if more, err := d.ReleaseLane(ctx, out); !more || err != nil {
			t.Errorf("out lane with a push left: %v, %v", more, err)
		}
		// New work makes it ready again, due now.
		d.clock.advance(time.Second)
		d.hears(t, "wang")
		if row := d.laneRow(t, step.Lane.Lane); !row.Ready || row.RunAtMS != d.nowMS() {
			t.Errorf("row after new work: %+v", row)
		}
	})
}

// No event may be left behind in a lane that is not ready, whenever it arrives.
func TestReleaseLane_while_work_arrives(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for round := range 15 {
			step := d.step(t, "wang")
			d.apply(t, step)
			delete(d.lanes, step.Lane.Lane)
			together(2, func(i int) error {
				if i == 0 {
					_, err := d.ReleaseLane(ctx, step.Lane)
					return err
				}
				_, err := d.Accept(ctx, d.inbound("wang", fmt.Sprintf("late-%d", round)), d.person("wang"))
				return err
			}).mustAll(t)
			lane := d.hold(t, d.person("wang"))
			rows := d.pending(t, lane)
			if len(rows) != 1 {
				t.Fatalf("pending: %v", rows)
			}
			d.apply(t, model.Step{Lane: lane, InboxID: rows[0].ID, Outcome: model.OutcomeHandled, At: d.nowMS()})
			if more, err := d.ReleaseLane(ctx, lane); more || err != nil {
				t.Fatal(more, err)
			}
			delete(d.lanes, lane.Lane)
		}
	})
}

func TestDelayLane(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.hears(t, "wang")
		lane := d.hold(t, d.person("wang"))
		if err := d.DelayLane(t.Context(), lane, d.clock.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		d.hears(t, "wang") // does not bring it forward
		if lanes, err := d.ClaimLanes(t.Context(), model.LaneIn, "w", 9, lease); len(lanes) != 0 || err != nil {
			t.Errorf("claimed before its time: %v, %v", lanes, err)
		}
		d.clock.advance(time.Second)
		if got := d.hold(t, lane.Lane); len(d.pending(t, got)) != 2 {
			t.Errorf("pending: %v", d.pending(t, got))
		}
	})
}

func TestBacklog(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.pushes(t, 2) // a push lane and the lane it was decided on
		d.hears(t, "sun")
		got, err := d.Backlog(t.Context())
		if want := (sqlstore.Backlog{Events: 2, Pushes: 1}); got != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}
