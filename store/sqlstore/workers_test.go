package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

// The whole engine in small: callbacks arrive twice and from all sides, workers of two
// processes claim lanes with a short lease, some freeze in the middle and wake up late,
// every event forwards to another person. In the end each event was applied once, in
// the order of arrival, and nothing is left.
func TestWorkers_apply_everything_once_and_in_order(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		const people, each, workers = 6, 12, 4
		first := newDesk(t, db)
		w := &crew{clock: first.clock, accountID: first.acc.ID, people: people}
		for i := range workers {
			w.stores = append(w.stores, first.Store)
			if i%2 == 1 {
				w.stores[i] = db.Open(t, first.clock.Now)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		want := int64(2 * people * each) // the callbacks and what they forward
		together(workers+people, func(i int) error {
			if i >= workers {
				return w.write(ctx, i-workers, each)
			}
			return w.work(ctx, i, want)
		}).mustAll(t)

		rows, err := first.InboxOf(t.Context(), first.acc.ID, 0, 10_000)
		if err != nil || int64(len(rows)) != want {
			t.Fatalf("%d events, %v", len(rows), err)
		}
		for _, r := range rows {
			if r.State != model.InboxDone {
				t.Errorf("event %s is %s", r.Dedupe, r.State)
			}
		}
		w.checkOutbox(t, first)
	})
}

// crew are the workers of two processes on one database.
type crew struct {
	stores    []*sqlstore.Store
	clock     *clock
	accountID uint64
	people    int
	applied   atomic.Int64
}

// write stores the texts of one person, each of them twice.
func (w *crew) write(ctx context.Context, person, texts int) error {
	who := fmt.Sprintf("p%d", person)
	for i := range texts * 2 {
		in := model.Inbound{
			AccountID: w.accountID, Person: who, DedupeKey: fmt.Sprintf("%s-%d", who, i/2),
			Event: model.Event{Kind: model.EventMessage},
		}
		if _, err := w.stores[i%2].Accept(ctx, in, model.PersonLane(w.accountID, who)); err != nil {
			return err
		}
	}
	return nil
}

// work claims and applies until everything is done. Whoever finds nothing to claim lets
// time go by, so that leases end while their holders are at work.
func (w *crew) work(ctx context.Context, n int, want int64) error {
	var frozen []model.Step
	for w.applied.Load() < want && ctx.Err() == nil {
		lanes, err := w.stores[n].ClaimLanes(ctx, model.LaneIn, fmt.Sprintf("worker-%d", n), 2, lease)
		if err != nil {
			return err
		}
		if len(lanes) == 0 {
			w.clock.advance(lease / 10)
		}
		for _, step := range frozen { // wakes up, perhaps too late
			if err := w.apply(ctx, n, step); err != nil {
				return err
			}
		}
		frozen = nil
		for _, lane := range lanes {
			left, err := w.lane(ctx, n, lane)
			if err != nil {
				return err
			}
			frozen = append(frozen, left...)
		}
	}
	return ctx.Err()
}

// lane applies what is pending in a lane. Now and then the worker dies on the way, or
// freezes with a decision in hand.
func (w *crew) lane(ctx context.Context, n int, lane model.Lane) (frozen []model.Step, err error) {
	rows, err := w.stores[n].PendingInbox(ctx, lane, 5)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		step := model.Step{Lane: lane, InboxID: r.ID, Outcome: model.OutcomeRelayed, At: w.clock.Now().UnixMilli()}
		step.Pushes = []model.Push{{Receiver: lane.Person(), Kind: model.PushText, Text: fmt.Sprint(r.Seq)}}
		if r.Event.Kind == model.EventMessage {
			other := fmt.Sprintf("p%d", rand.N(w.people))
			step.Forwards = []model.Forward{{Person: other, Event: model.Event{Kind: model.EventSeatMessage}}}
		}
		step.Timers = []model.TimerChange{{Kind: model.TimerIdle, DueMS: step.At + 1000*time.Hour.Milliseconds()}}
		switch rand.N(12) {
		case 0:
			return nil, nil
		case 1:
			return []model.Step{step}, nil
		}
		if err := w.apply(ctx, n, step); err != nil {
			return nil, err
		}
	}
	if _, err = w.stores[n].ReleaseLane(ctx, lane); errors.Is(err, model.ErrFenced) {
		err = nil
	}
	return nil, err
}

// apply applies a step; that somebody else has taken over is as it should be.
func (w *crew) apply(ctx context.Context, n int, step model.Step) error {
	_, err := w.stores[n].Apply(ctx, step)
	if err == nil {
		w.applied.Add(1)
	}
	if errors.Is(err, model.ErrFenced) || errors.Is(err, model.ErrDuplicate) {
		return nil
	}
	return err
}

// checkOutbox expects one push for every event of each person, in the order of arrival.
func (w *crew) checkOutbox(t *testing.T, d *desk) {
	t.Helper()
	for p := range w.people {
		rows, err := d.PendingOutbox(t.Context(), model.Lane{Lane: d.out(fmt.Sprintf("p%d", p))}, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			if want := fmt.Sprint(i + 1); r.Push.Text != want || r.Seq != uint64(i+1) {
				t.Fatalf("push %d to p%d has number %d and was decided for event %s", i, p, r.Seq, r.Push.Text)
			}
		}
	}
}
