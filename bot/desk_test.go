package bot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// InboxByKey implements [bot.DeskStore].
func (w *world) InboxByKey(_ context.Context, _ uint64, dedupe string) (model.Inbox, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, rows := range w.inbox {
		for _, r := range rows {
			if r.Dedupe == dedupe {
				return *r, nil
			}
		}
	}
	return model.Inbox{}, model.ErrNotFound
}

// WaitingSessions implements [bot.DeskStore].
func (w *world) WaitingSessions(_ context.Context, _ uint64, limit int) ([]model.Session, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []model.Session
	for _, id := range w.queue() {
		if len(list) < limit {
			list = append(list, w.sessions[id])
		}
	}
	return list, nil
}

// deskOf is a desk whose acts are decided as soon as they are written.
func deskOf(w *world) *bot.Desk {
	return bot.NewDesk(bot.DeskConfig{Store: w, Now: w.clock, Wake: func(context.Context, ...model.LaneKind) {
		w.work()
	}})
}

// work decides everything that waits.
func (w *world) work() {
	w.t.Helper()
	for _, person := range []string{zhang, li, lin, chen} {
		if rows, _ := w.PendingInbox(w.t.Context(), model.Lane{Lane: model.PersonLane(1, person)}, 1); len(rows) > 0 {
			w.mustHandle(person)
		}
	}
}

// serves is a world in which lin serves zhang; the id is the session's.
func serves(t *testing.T) (*world, uint64) {
	t.Helper()
	w := newWorld(t)
	w.addSeat(lin, 0)
	w.writes(zhang, "人工")
	w.mustHandle(zhang)
	return w, w.conversations[zhang].LastSession
}

func reasonOf(err error) string {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return string(e.Code) + " " + e.Reason
	}
	return ""
}

func TestDesk_does_an_act(t *testing.T) {
	t.Parallel()
	w, id := serves(t)
	desk := deskOf(w)
	act := bot.Act{AccountID: 1, Employee: "Zhang", Key: "k1", Event: model.Event{Kind: model.EventSeatEnd, Session: id, Seat: "LIN"}}
	done, err := desk.Do(t.Context(), act)
	if err != nil {
		t.Fatal(err)
	}
	if done.Outcome != model.OutcomeHandled || done.Reason != "ended" || w.sessions[id].State != model.StateClosed {
		t.Errorf("done = %+v, session %s", done, w.sessions[id].State)
	}
	again, err := desk.Do(t.Context(), act)
	if diff := cmp.Diff(done, again); diff != "" || err != nil {
		t.Errorf("a repeat (-first +second):\n%s, %v", diff, err)
	}
	if rows := w.inbox[model.PersonLane(1, zhang)]; len(rows) != 2 {
		t.Errorf("%d events, want two", len(rows))
	}
}

func TestDesk_refusals(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		act  bot.Act
		want string
	}{
		{"not_serving", bot.Act{Employee: zhang, Event: model.Event{Kind: model.EventSeatEnd, Seat: chen}}, "conflict not_serving"},
		{"nobodys_lane", bot.Act{Event: model.Event{Kind: model.EventSeatEnd, Seat: lin}}, "invalid act_incomplete"},
		{"no_kind", bot.Act{Employee: zhang}, "invalid act_incomplete"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w, id := serves(t)
			row.act.AccountID, row.act.Event.Session = 1, id
			_, err := deskOf(w).Do(t.Context(), row.act)
			if got := reasonOf(err); got != row.want {
				t.Errorf("Do = %v, want %s", err, row.want)
			}
		})
	}
}

func TestDesk_a_key_is_for_one_act(t *testing.T) {
	t.Parallel()
	w, id := serves(t)
	desk := deskOf(w)
	act := func(kind model.EventKind, seat string) error {
		_, err := desk.Do(t.Context(), bot.Act{
			AccountID: 1, Employee: zhang, Key: "k", Event: model.Event{Kind: kind, Session: id, Seat: seat},
		})
		return err
	}
	if err := act(model.EventSeatEnd, chen); reasonOf(err) != "conflict not_serving" {
		t.Errorf("first = %v", err)
	}
	if err := act(model.EventSeatTransfer, chen); reasonOf(err) != "invalid key_reused" {
		t.Errorf("another act under the key = %v", err)
	}
	if err := act(model.EventSeatEnd, lin); err != nil {
		t.Errorf("another person's key = %v", err)
	}
}

func TestDesk_says_when_nobody_decides(t *testing.T) {
	t.Parallel()
	w, id := serves(t)
	synctest.Test(t, func(t *testing.T) {
		desk := bot.NewDesk(bot.DeskConfig{Store: w, Now: w.clock})
		act := bot.Act{AccountID: 1, Employee: zhang, Key: "k", Event: model.Event{Kind: model.EventSeatEnd, Session: id, Seat: lin}}
		begun := time.Now()
		_, err := desk.Do(t.Context(), act)
		if got := reasonOf(err); got != "unavailable pending" || time.Since(begun) != 5*time.Second {
			t.Errorf("Do = %v after %s", err, time.Since(begun))
		}
		w.work()
		done, err := desk.Do(t.Context(), act)
		if err != nil || done.Reason != "ended" {
			t.Errorf("the same later = %+v, %v", done, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		act.Key = "other"
		if _, err := desk.Do(ctx, act); !errors.Is(err, context.Canceled) {
			t.Errorf("a caller that left = %v", err)
		}
	})
}

func TestDesk_an_act_that_was_given_up(t *testing.T) {
	t.Parallel()
	w, id := serves(t)
	desk := bot.NewDesk(bot.DeskConfig{Store: w, Now: w.clock, Wake: func(ctx context.Context, _ ...model.LaneKind) {
		lane := w.claim(model.PersonLane(1, zhang))
		rows, _ := w.PendingInbox(ctx, lane, 1)
		_ = w.BuryInbox(ctx, lane, rows[0].ID, "broken")
	}})
	_, err := desk.Do(t.Context(), bot.Act{
		AccountID: 1, Employee: zhang, Event: model.Event{Kind: model.EventSeatEnd, Session: id, Seat: lin},
	})
	if got := reasonOf(err); got != "internal event_dead" {
		t.Errorf("Do = %v", err)
	}
}
