// Package seat decides which human answers next. It is arithmetic on what it is given:
// who may take a session, and what each serves already. It knows neither WeCom nor
// where loads are stored, and it does not read the clock.
package seat

import (
	"cmp"
	"slices"

	"deskmate/model"
)

// Request is a session that wants a seat.
type Request struct {
	// Candidates are the seats that are online and at work. Those at their limit are
	// skipped; the order means nothing.
	Candidates []model.Candidate
	// Previous is the seat that served the employee before (folded userid); "" for nobody.
	Previous string
	// PreferPrevious gives the session to Previous unless that seat is busy.
	PreferPrevious bool
	// Gap makes a seat without a limit busy at the lowest load + Gap; below 1 it counts as 1.
	Gap int
	// Turn settles what load and time leave open: seats that are equal in both take turns
	// as it counts up. Any number that differs from pick to pick does; with 0 always, the
	// same one of them wins until its LastAssignedMS moves.
	Turn uint64
}

// Choose picks the seat: the previous one if that is wanted and it is not busy, else, of
// those of the highest priority among which one is not busy, the one with the lowest load,
// of several the one whose last assignment lies furthest back. A seat at its limit is never
// picked. Nobody left gives an empty seat and [model.PickNone].
//
// The script that reserves in Redis follows the same rules, and a test holds the two
// against each other.
func Choose(r Request) model.Pick {
	free := slices.DeleteFunc(slices.Clone(r.Candidates), full)
	if len(free) == 0 {
		return model.Pick{Why: model.PickNone}
	}
	lowest := slices.MinFunc(free, byLoad).Load
	if r.PreferPrevious && r.Previous != "" {
		for _, c := range free {
			if c.UserID == r.Previous && !busy(c, lowest, r.Gap) {
				return model.Pick{Seat: c.UserID, Why: model.PickPrevious}
			}
		}
	}
	// Who serves fewest is never busy, so somebody is left.
	idle := slices.DeleteFunc(free, func(c model.Candidate) bool { return busy(c, lowest, r.Gap) })
	top := slices.MaxFunc(idle, byPriority).Priority
	first := slices.DeleteFunc(idle, func(c model.Candidate) bool { return c.Priority < top })
	fewest := slices.MinFunc(first, byLoad).Load
	least := slices.DeleteFunc(first, func(c model.Candidate) bool { return c.Load > fewest })
	if len(least) == 1 {
		return model.Pick{Seat: least[0].UserID, Why: model.PickLeastBusy}
	}
	earliest := slices.MinFunc(least, byLastAssigned).LastAssignedMS
	equal := slices.DeleteFunc(least, func(c model.Candidate) bool { return c.LastAssignedMS > earliest })
	slices.SortFunc(equal, func(a, b model.Candidate) int { return cmp.Compare(a.UserID, b.UserID) })
	return model.Pick{Seat: equal[r.Turn%uint64(len(equal))].UserID, Why: model.PickTie}
}

// full reports whether the seat has as many sessions as it takes.
func full(c model.Candidate) bool { return c.Limit > 0 && c.Load >= c.Limit }

// busy reports whether a free seat gives way to a less busy one. A limit says all there
// is to say about a seat that has one.
func busy(c model.Candidate, lowest, gap int) bool {
	return c.Limit <= 0 && c.Load >= lowest+max(gap, 1)
}

func byPriority(a, b model.Candidate) int { return cmp.Compare(a.Priority, b.Priority) }

func byLoad(a, b model.Candidate) int { return cmp.Compare(a.Load, b.Load) }

func byLastAssigned(a, b model.Candidate) int { return cmp.Compare(a.LastAssignedMS, b.LastAssignedMS) }
