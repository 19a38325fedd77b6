package bot_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"deskmate/model"
)

// Active implements [bot.Presence].
func (w *world) Active(_ context.Context, _ uint64, seats []string) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.onActive != nil {
		if err := w.onActive(); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(seats), func(id string) bool { return !w.active[id] }), nil
}

// seesAll notes that a seat has read a session in the workbench.
func (w *world) seesAll(seat string, id uint64) {
	if w.seen[id] == nil {
		w.seen[id] = map[string]int{}
	}
	w.seen[id][seat] = w.sessions[id].MessageCount
}

func (w *world) loadUnshown(c *model.Case) {
	if c.Session.UnshownSince() == 0 {
		return
	}
	c.Seen = w.seen[c.Session.ID]
	for _, m := range w.messages[c.Session.ID] {
		if m.From == model.FromEmployee || m.From == model.FromSeat {
			c.Unshown = append(c.Unshown, m)
		}
	}
}

// spared reports whether a step tells somebody of what it doesn't send.
func spared(step model.Step, what string) bool {
	return slices.ContainsFunc(step.Messages, func(m model.Message) bool {
		return mark(m.Content) == what && slices.ContainsFunc(step.Session.Unshown, func(u model.Unshown) bool {
			return u.From != 0 && u.From <= m.Seq
		})
	})
}

// checkUnshown: what a seat was only told of it is sent later, all that it has not read, in order
// and once; or it is shown the session anew, or has no part in it any more.
func (w *world) checkUnshown(step model.Step) {
	s := step.Session
	if s == nil {
		return
	}
	before := w.sessions[s.ID]
	for _, u := range before.Unshown {
		after := s.UnshownTo(u.Seat)
		closes := s.State == model.StateClosed && before.State == model.StateServing && w.reads(u.Seat, s.ID, nil)
		if introduced(step, u.Seat) && after.From != 0 && after.From <= before.MessageCount {
			w.wrong("%s is shown session %d, and shall be sent it again from %d on", u.Seat, s.ID, after.From)
		}
		if u.From == 0 || introduced(step, u.Seat) || !closes && !w.reads(u.Seat, s.ID, s) {
			continue
		}
		until := after.From
		if until == 0 {
			until = before.MessageCount + 1
		}
		var want, got []string
		for _, m := range w.messages[s.ID] {
			if m.Seq >= u.From && m.Seq < until && m.Seq > w.seen[s.ID][u.Seat] && before.Hears(u.Seat, m) && mark(m.Content) != "" {
				want = append(want, mark(m.Content))
			}
		}
		for _, p := range step.Pushes {
			for _, m := range w.messages[s.ID] {
				if what := mark(m.Content); p.Receiver == u.Seat && what != "" && m.Seq >= u.From && before.Hears(u.Seat, m) &&
					(p.Kind != model.PushText && p.MediaID == what || p.Kind == model.PushText && strings.Contains(p.Text, what)) {
					got = append(got, what)
				}
			}
		}
		listens := before.Seat == u.Seat || w.seats[u.Seat] != nil && w.seats[u.Seat].State != model.SeatOffline
		if listens && !slices.Equal(want, got) {
			w.wrong("%s was told of lines of session %d from %d on, has read %d, and is sent %q of %q", u.Seat, s.ID, u.From, w.seen[s.ID][u.Seat], got, want)
		}
	}
	due := s.UnshownSince()
	if due == 0 {
		return
	}
	due += time.Minute.Milliseconds()
	set, changed := w.timers[step.Lane.Lane][model.TimerUnread], false
	for _, t := range step.Timers {
		if t.Kind == model.TimerUnread {
			set, changed = t.DueMS, true
		}
	}
	// One that was delivered already waits in the inbox.
	waits := slices.ContainsFunc(w.inbox[step.Lane.Lane], func(r *model.Inbox) bool {
		return r.Event.Timer == model.TimerUnread && r.State == model.InboxPending && r.ID != step.InboxID
	})
	if set != due && (changed || !waits) {
		w.wrong("session %d has unread lines since %d and its timer is due at %d", s.ID, s.UnshownSince(), set)
	}
}

// introduced reports whether a step shows a seat the session.
func introduced(step model.Step, seat string) bool {
	return slices.ContainsFunc(step.Pushes, func(p model.Push) bool {
		return p.Receiver == seat && p.Card != nil && strings.HasPrefix(p.Card.TaskID, "desk-")
	})
}

// worksThere is what somebody does in the workbench, or no more.
func (a *afternoon) worksThere() {
	seats := sortedKeys(a.seats)
	seat := seats[a.rng.IntN(len(seats))]
	a.active[seat] = !a.chance(3)
	for _, id := range a.sessionIDs() {
		if s := a.sessions[id]; a.active[seat] && a.chance(2) && (s.Seat == seat || s.ForAll()) {
			a.seesAll(seat, id)
		}
	}
}

// readsNothing lets a minute pass in which no seat reads anything: then each has been sent all it
// was told of.
func (a *afternoon) readsNothing() {
	a.now = a.now.Add(time.Minute)
	for range 3 {
		a.deliverTimers(model.TimerUnread)
		for a.workOne() {
		}
		a.now = a.now.Add(10 * time.Second)
	}
	for _, s := range a.sessions {
		for _, u := range s.Unshown {
			if seat := a.seats[u.Seat]; u.From != 0 && (s.Seat == u.Seat || seat.State != model.SeatOffline) {
				a.wrong("%s still waits for lines of session %d from %d on", u.Seat, s.ID, u.From)
			}
		}
	}
}
