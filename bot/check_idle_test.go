package bot_test

import (
	"slices"

	"deskmate/model"
)

// checkIdle: human service ends by itself only after its time, never while it is kept open
// and never without the warning; a seat is owed to answer while the last line is its
// employee's; and what is taken from a seat had waited for long enough, for somebody else.
func (w *world) checkIdle(step model.Step, ev model.Event) {
	s := step.Session
	if s == nil {
		return
	}
	before, t := w.sessions[s.ID], w.acc.Policy.Timers
	served := before.State == model.StateServing
	if served && s.CloseReason == model.ClosedIdle {
		life := t.Life(before.OwedMS != 0).Milliseconds()
		switch {
		case before.KeepOpen, life == 0, step.At < before.LastActivityMS()+life:
			w.wrong("session %d ends, kept %t, after %d of %d ms", s.ID, before.KeepOpen, step.At-before.LastActivityMS(), life)
		case t.Warn > 0 && (before.WarnedMS == 0 || step.At < before.WarnedMS+t.Warn.Milliseconds()):
			w.wrong("session %d ends and its employee was warned at %d", s.ID, before.WarnedMS)
		}
	}
	if served && step.Reason == "reassigned" {
		seats := slices.DeleteFunc(w.online(), func(id string) bool { return id == before.Seat || id == s.Employee })
		if before.OwedMS == 0 || step.At < before.OwedMS+t.Reassign.Milliseconds() || len(seats) == 0 {
			w.wrong("session %d is taken from %s, owed since %d, for %v", s.ID, before.Seat, before.OwedMS, seats)
		}
	}
	if s.State == model.StateClosed {
		return
	}
	serving := s.State == model.StateServing
	if !serving && (s.KeepOpen || s.WarnedMS != 0 || s.OwedMS != 0 || s.RemindedMS != 0) {
		w.wrong("session %d is %s and idles", s.ID, s.State)
	}
	for _, m := range step.Messages {
		if serving && (m.From == model.FromEmployee && s.OwedMS == 0 || m.From == model.FromSeat && s.OwedMS != 0) {
			w.wrong("the last line is the %s's, and an answer is owed since %d: %s", m.From, s.OwedMS, renderEvent(ev))
		}
	}
}

// checkClocks: what shall happen to a silent session has a timer, or is happening.
func (w *world) checkClocks() {
	t := w.acc.Policy.Timers
	for id, s := range w.sessions {
		if s.State != model.StateServing {
			continue
		}
		lane := model.PersonLane(w.acc.ID, s.Employee)
		runs := func(kind model.TimerKind) bool {
			_, set := w.timers[lane][kind]
			return set || slices.ContainsFunc(w.inbox[lane], func(r *model.Inbox) bool {
				return r.State == model.InboxPending && r.Event.Timer == kind
			})
		}
		if !s.KeepOpen && t.Life(s.OwedMS != 0) > 0 && !runs(model.TimerIdle) {
			w.wrong("session %d never ends", id)
		}
		if s.OwedMS != 0 && (t.Remind > 0 && s.RemindedMS == 0 || t.Reassign > 0 && !s.ForAll()) && !runs(model.TimerOwed) {
			w.wrong("nobody looks after session %d, owed since %d", id, s.OwedMS)
		}
	}
}
