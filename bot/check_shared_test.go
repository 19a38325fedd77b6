package bot_test

import (
	"slices"
	"strings"

	"deskmate/model"
)

// reads reports whether a seat may see the lines of a session, as the step leaves it or,
// where the step leaves it alone, as it is.
func (w *world) reads(seat string, session uint64, after *model.Session) bool {
	s := w.sessions[session]
	if after != nil && after.ID == session {
		s = *after
	}
	row := w.seats[seat]
	return s.State == model.StateServing && (s.Seat == seat || s.ForAll() && row != nil && row.MayServe(s.Employee))
}

// listeners are those who get the lines of an employee's session that goes to all.
func (w *world) listeners(employee string) []string {
	return slices.DeleteFunc(sortedKeys(w.seats), func(id string) bool { return !w.seats[id].Listens(employee) })
}

// checkShared: what is said in a session that goes to all seats goes to each that listens, and
// nobody answers where a seat has to take it first.
func (w *world) checkShared(step model.Step, ev model.Event) {
	s := step.Session
	if s == nil || ev.Content == nil || step.Outcome != model.OutcomeRelayed {
		return
	}
	before := w.sessions[s.ID]
	if ev.Kind == model.EventSeatMessage && before.ForAll() && w.acc.Policy.Assignment.Claim {
		w.wrong("%s answers %s without having taken the session", ev.Seat, s.Employee)
	}
	if !s.ForAll() {
		return
	}
	what := mark(*ev.Content)
	for _, seat := range w.listeners(s.Employee) {
		if seat == ev.Seat || s.UnshownTo(seat).From != 0 {
			continue
		}
		if !slices.ContainsFunc(step.Pushes, func(p model.Push) bool {
			return p.Receiver == seat && p.Fanout != "" && (strings.Contains(p.Text, what) || p.MediaID == what)
		}) {
			w.wrong("%s is not shown %s of session %d", seat, what, s.ID)
		}
	}
}

// checkNumbers: no seat knows two sessions by one number.
func (w *world) checkNumbers() {
	for id, seat := range w.seats {
		used := map[int]uint64{}
		for _, s := range w.sessions {
			if s.State != model.StateServing || s.Seat != id && (!s.ForAll() || !seat.MayServe(s.Employee)) {
				continue
			}
			if other, ok := used[s.SeatNo]; ok {
				w.wrong("%s knows sessions %d and %d as #%d", id, other, s.ID, s.SeatNo)
			}
			used[s.SeatNo] = s.ID
		}
	}
}

// checkIntroduced: once all work is done every seat that listens was shown every session that
// goes to all, since it came.
func (w *world) checkIntroduced() {
	for _, s := range w.sessions {
		if !s.ForAll() {
			continue
		}
		for _, seat := range w.listeners(s.Employee) {
			if !slices.ContainsFunc(w.outbox[model.OutLane(w.acc.ID, seat)], func(r *model.Outbox) bool {
				return r.SessionID == s.ID && strings.HasPrefix(r.TaskID, "desk-") && r.CreatedMS >= w.seats[seat].JoinedMS
			}) {
				w.wrong("%s was never shown session %d", seat, s.ID)
			}
		}
	}
}
