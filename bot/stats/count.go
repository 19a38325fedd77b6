package stats

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"deskmate/model"
)

// Count adds what is counted of a session. The account gets everything once. A seat gets what
// belongs to a session as a whole from those that it served last, and what seats did themselves
// (taken, replied, first replies, the figures of surveys that begin with part_) from all those
// that it had a part in.
func Count(s model.StatSession, zone *time.Location, into Cells) {
	owner := into.seat(lastSeat(s))
	both := func(f func(Cell)) { f(into.Total); f(owner) }
	at := model.Time(model.IDTime(s.Session.ID)).In(zone)
	both(func(c Cell) {
		countSession(s, c)
		countQuestions(s, c)
		heat := fmt.Sprintf(":%d:%d", weekday(at), at.Hour())
		c.add(model.StatHeat+heat, 1)
		if s.Session.HandoffReason != "" {
			c.add(model.StatHeatHand+heat, 1)
		}
	})
	countSeats(s, into)
	if s.Survey == nil {
		return
	}
	countSurvey(*s.Survey, "", into.Total)
	countSurvey(*s.Survey, "", into.seat(model.Fold(s.Survey.Seat)))
	for _, part := range s.Seats {
		countSurvey(*s.Survey, model.StatPart, into.seat(part.Seat))
	}
}

// weekday is 1 for Monday to 7 for Sunday.
func weekday(at time.Time) int { return (int(at.Weekday())+6)%7 + 1 }

// lastSeat is the seat that serves a session or served it last; "" where no seat got it.
func lastSeat(s model.StatSession) string {
	if len(s.Seats) == 0 {
		return ""
	}
	if seat := model.Fold(s.Session.Seat); seat != "" {
		return seat
	}
	last := s.Seats[0]
	for _, p := range s.Seats[1:] {
		if p.LastMS > last.LastMS || p.LastMS == last.LastMS && p.Seat < last.Seat {
			last = p
		}
	}
	return last.Seat
}

// countSession counts what belongs to a session as a whole.
func countSession(s model.StatSession, c Cell) {
	count := func(key string, counts bool) {
		if counts {
			c.add(key, 1)
		}
	}
	x, served := s.Session, len(s.Seats) > 0
	handed, closed := x.HandoffReason != "", x.State == model.StateClosed
	answered := hasQuestion(s, func(q model.Question) bool { return q.Outcome == model.OutcomeAnswered || q.Picked != 0 })
	count(model.StatOpened, true)
	count(model.StatAsked, len(s.Questions) > 0)
	count(model.StatHelped, answered)
	count(model.StatTook, hasQuestion(s, func(q model.Question) bool { return q.Picked != 0 }))
	count(model.StatUpSess, hasQuestion(s, func(q model.Question) bool { return q.Feedback == model.FeedbackUp }))
	count(model.StatDownSess, hasQuestion(s, func(q model.Question) bool { return q.Feedback == model.FeedbackDown }))
	count(model.StatMissSess, hasQuestion(s, func(q model.Question) bool { return q.Outcome == model.OutcomeMissed }))
	count(model.StatHandoffs, handed)
	count(model.StatWaited, handed && (!served || serviceStart(s)-x.QueuedMS > atOnce))
	count(model.StatServed, served)
	count(model.StatUnserved, handed && closed && !served)
	count(model.StatTransfers, len(s.Seats) > 1)
	count("closed", closed)
	count(model.StatEnded, closed && served)
	count(model.StatIdleEnds, closed && served && x.CloseReason == model.ClosedIdle)
	count(model.StatSelf, closed && answered && !handed && !served)
	count(model.StatRated, s.Survey != nil && s.Survey.Rating != "")
	if handed {
		c.add(model.StatHandoff+":"+string(x.HandoffReason), 1)
	}
	if closed {
		c.add(model.StatClose+":"+string(x.CloseReason), 1)
	}
	if start := serviceStart(s); served && x.QueuedMS > 0 {
		c.addDuration(model.StatWait, start-x.QueuedMS)
	}
	if closed && served {
		c.addDuration(model.StatHandling, x.ClosedMS-serviceStart(s))
	}
}

// atOnce is how soon a seat comes that nobody waited for, in ms: one that is free is found in
// some hundredths.
const atOnce = 1000

func hasQuestion(s model.StatSession, is func(model.Question) bool) bool {
	return slices.ContainsFunc(s.Questions, is)
}

// serviceStart is when human service began: a seat got the session, or all of them did.
func serviceStart(s model.StatSession) int64 {
	start := int64(0)
	for _, p := range s.Seats {
		if at := partStart(s, p); start == 0 || at < start {
			start = at
		}
	}
	return start
}

// partStart is since when a seat could answer. What goes to all seats is theirs from then on,
// though each is known to have a part only when it writes.
func partStart(s model.StatSession, p model.SeatSession) int64 {
	if s.Session.Shared && s.Session.AssignedMS > 0 {
		return min(p.JoinedMS, s.Session.AssignedMS)
	}
	return p.JoinedMS
}

// countQuestions counts what the bot was asked.
func countQuestions(s model.StatSession, c Cell) {
	for _, q := range s.Questions {
		c.add(model.StatQuestions, 1)
		switch q.Outcome { //nolint:exhaustive // questions have no other
		case model.OutcomeAnswered:
			c.add(model.StatHits, 1)
			c.add(model.StatEntry+":"+strconv.FormatUint(q.EntryID, 10), 1)
		case model.OutcomeSuggested:
			c.add(model.StatSuggested, 1)
		case model.OutcomeMissed:
			c.add(model.StatMissed, 1)
		}
		if q.Picked != 0 {
			c.add(model.StatAccepted, 1)
			c.add(model.StatEntry+":"+strconv.FormatUint(q.Picked, 10), 1)
		}
		switch q.Feedback {
		case model.FeedbackUp:
			c.add(model.StatUp, 1)
		case model.FeedbackDown:
			c.add(model.StatDown, 1)
		case model.FeedbackNone:
		}
	}
}

// countSeats counts what each seat did in a session. The account gets the first reply of all.
func countSeats(s model.StatSession, into Cells) {
	var first *model.SeatSession
	for i, p := range s.Seats {
		c := into.seat(p.Seat)
		c.add(model.StatTakes, 1)
		into.Total.add(model.StatTakes, 1)
		if p.FirstMS == 0 {
			continue
		}
		c.add(model.StatReplied, 1)
		c.addDuration(model.StatFirst, p.FirstMS-partStart(s, p))
		if first == nil || p.FirstMS < first.FirstMS {
			first = &s.Seats[i]
		}
	}
	if first != nil {
		into.Total.add(model.StatReplied, 1)
		into.Total.addDuration(model.StatFirst, first.FirstMS-partStart(s, *first))
	}
}

// countSurvey counts a survey under keys with a prefix.
func countSurvey(v model.Survey, prefix string, c Cell) {
	c.add(prefix+model.StatSent, 1)
	if v.Comment != "" {
		c.add(prefix+model.StatCommented, 1)
		c.add(prefix+commented+":"+string(v.Rating), 1)
	}
	if !v.Rating.Valid() {
		return
	}
	c.add(prefix+model.StatCompleted, 1)
	c.add(prefix+string(v.Rating), 1) // good, fair, bad
	if len(v.Reasons) == 0 {
		return
	}
	c.add(prefix+model.StatReasoned, 1)
	for _, reason := range v.Reasons {
		c.add(prefix+model.StatReason+":"+reason, 1)
	}
}

// commented is the figure of comments by the rating that they came with.
const commented = "commented_by"
