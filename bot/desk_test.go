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

// queues is a world in which zhang and then li wait, and lin is away.
func queues(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for _, id := range []string{lin, chen} {
		w.addSeat(id, 0)
		w.seats[id].State = model.SeatAway
	}
	for _, id := range []string{zhang, li} {
		w.now = w.now.Add(time.Second)
		w.writes(id, "人工")
		w.mustHandle(id)
	}
	return w
}

func TestDesk_Next(t *testing.T) {
	t.Parallel()
	w := queues(t)
	desk := deskOf(w)
	act := bot.Act{AccountID: 1, Employee: lin, Key: "n", Event: model.Event{Kind: model.EventSeatNext, Seat: lin}}
	first, err := desk.Do(t.Context(), act)
	if err != nil || first.Reason != "claimed" || first.SessionID != w.conversations[zhang].LastSession || first.Detail.Seat != lin {
		t.Errorf("first = %+v, %v", first, err)
	}
	again, err := desk.Do(t.Context(), act)
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("a repeat (-first +again):\n%s, %v", diff, err)
	}
	second, err := desk.Next(t.Context(), 1, lin)
	if err != nil || second.SessionID != w.conversations[li].LastSession {
		t.Errorf("second = %+v, %v", second, err)
	}
	if _, err := desk.Next(t.Context(), 1, lin); reasonOf(err) != "conflict queue_empty" {
		t.Errorf("third = %v", err)
	}
}

// Somebody is faster than the seat: it gets the next one all the same.
func TestDesk_Next_is_too_late(t *testing.T) {
	t.Parallel()
	w := queues(t)
	faster := true
	desk := bot.NewDesk(bot.DeskConfig{Store: w, Now: w.clock, Wake: func(context.Context, ...model.LaneKind) {
		if faster {
			faster = false
			s := w.sessions[w.conversations[zhang].LastSession]
			s.State, s.Seat, s.SeatNo, s.AssignedMS, s.WaitDueMS, s.WaitAhead = model.StateServing, chen, 1, w.now.UnixMilli(), 0, 0
			w.sessions[s.ID] = s
			w.seats[chen].Load++
			w.timers[model.PersonLane(1, zhang)][model.TimerIdle] = w.now.Add(time.Minute).UnixMilli()
		}
		w.work()
	}})
	done, err := desk.Next(t.Context(), 1, lin)
	if err != nil || done.SessionID != w.conversations[li].LastSession {
		t.Errorf("Next = %+v, %v", done, err)
	}
	w.wantOutcomes(zhang, "done queued keyword", "done refused claimed")
}

// In WeCom the claim comes back and the seat's lane tries again.
func TestEngineNextIsTooLate(t *testing.T) {
	t.Parallel()
	w := queues(t)
	w.writes(lin, "#接待")
	w.mustHandle(lin)
	w.writes(chen, "#接待") // both have zhang in mind
	w.mustHandle(chen, zhang, lin, chen, li, zhang)
	for id, seat := range map[string]string{zhang: lin, li: chen} {
		if s := w.sessions[w.conversations[id].LastSession]; s.Seat != seat {
			t.Errorf("%s is with %q, want %s", id, s.Seat, seat)
		}
	}
}

func TestDesk_who_is_too_late_learns_who_has_it(t *testing.T) {
	t.Parallel()
	w, id := serves(t)
	w.addSeat(chen, 0)
	done, err := deskOf(w).Do(t.Context(), bot.Act{
		AccountID: 1, Employee: zhang, Event: model.Event{Kind: model.EventSeatClaim, Session: id, Seat: chen},
	})
	if reasonOf(err) != "conflict claimed" || done.Detail.Seat != lin {
		t.Errorf("claim = %+v, %v", done, err)
	}
	if told := w.told(chen); len(told) > 0 {
		t.Errorf("told in WeCom as well: %q", told)
	}
}
