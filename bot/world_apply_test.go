package bot_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"deskmate/model"
)

// LoadCase implements [bot.EngineStore].
func (w *world) LoadCase(_ context.Context, lane model.Lane, ev model.Event) (model.Case, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := model.Case{Account: w.acc, Person: lane.Person(), InScope: true}
	if c.Person == "" {
		return c, nil
	}
	c.Member = w.member(c.Person)
	c.Conversation = w.conversations[c.Person]
	for _, id := range w.sessionIDs() {
		s := w.sessions[id]
		if s.Employee == c.Person && s.State != model.StateClosed {
			c.Session = &s
		}
		if id == ev.Session {
			target := s
			c.Target = &target
			if sv, ok := w.surveys[id]; ok {
				c.Survey = &sv
			}
		}
	}
	if of := cmp.Or(c.Target, c.Session); of != nil {
		c.Employee = w.member(of.Employee)
	}
	if c.Session != nil && c.Session.Seat != "" {
		c.SeatName = w.members[c.Session.Seat].ShortName()
	}
	c.Names = w.names(ev.By, ev.Seat, w.sessions[ev.Session].Seat)
	if own, t := c.Session, c.Target; own != nil && own.Shared || t != nil && t.Shared {
		c.Seats = w.allSeats()
	}
	if ev.Kind == model.EventSeatJoin {
		c.Introduced = slices.ContainsFunc(w.outbox[model.OutLane(w.acc.ID, ev.Seat)], func(r *model.Outbox) bool {
			return r.SessionID == ev.Session && strings.HasPrefix(r.TaskID, "desk-") && r.CreatedMS >= ev.AtMS
		})
	}
	whole := ev.Kind == model.EventSeatTransfer || ev.Kind == model.EventSeatJoin || ev.Kind == model.EventReview ||
		ev.Timer == model.TimerOwed
	if whole || (c.Session != nil && c.Session.State == model.StateQueued) {
		w.loadHandoff(&c)
	}
	w.loadSeat(&c)
	w.loadUnshown(&c)
	return c, nil
}

// LoadHandoff implements [bot.EngineStore].
func (w *world) LoadHandoff(_ context.Context, c *model.Case) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.loadHandoff(c)
	return nil
}

func (w *world) loadHandoff(c *model.Case) {
	if about := cmp.Or(c.Session, c.Target); about != nil {
		past := w.messages[about.ID]
		c.Recent = slices.Clone(past[max(0, len(past)-20):])
		for _, m := range c.Recent {
			if m.From == model.FromNote {
				c.Names[m.Sender] = w.members[m.Sender].ShortName()
			}
		}
	}
	place := model.Place{QueuedMS: math.MaxInt64}
	if s := c.Session; s != nil && s.QueuedMS != 0 {
		place = placeOf(*s)
	}
	ahead := w.ahead(place)
	c.Ahead = len(ahead)
	c.Picky = slices.DeleteFunc(ahead, func(s model.Session) bool { return w.seats[s.Employee] == nil && s.ReturnedBy == "" })
	c.HandlingMS, c.Places = 90_000, 1
}

func placeOf(s model.Session) model.Place { return model.Place{QueuedMS: s.QueuedMS, ID: s.ID} }

// ahead are the sessions that wait before a place in the queue.
func (w *world) ahead(p model.Place) []model.Session {
	var list []model.Session
	for _, id := range w.queue() {
		if s := w.sessions[id]; s.QueuedMS < p.QueuedMS || s.QueuedMS == p.QueuedMS && s.ID < p.ID {
			list = append(list, s)
		}
	}
	return list
}

func (w *world) member(userID string) *model.Member {
	m, ok := w.members[userID]
	if !ok {
		return nil
	}
	return &m
}

func (w *world) loadSeat(c *model.Case) {
	row := w.seats[c.Person]
	if row == nil {
		return
	}
	seat := *row
	c.Seat = &seat
	since := int64(0)
	for _, id := range w.sessionIDs() {
		s := w.sessions[id]
		native := w.acc.Policy.Assignment.Mode == model.AllSeats && !w.acc.Policy.Assignment.Claim
		shared := s.ForAll() || native && s.Shared && s.State == model.StateClosed
		if s.Employee == c.Person || s.Seat != c.Person && (!shared || !row.MayServe("")) {
			continue
		}
		one := model.Served{Session: s, Employee: w.members[s.Employee]}
		switch s.State {
		case model.StateServing:
			c.Serving = append(c.Serving, one)
			if since == 0 || s.AssignedMS < since {
				since = s.AssignedMS
			}
		case model.StateClosed:
			if c.LastServed == nil || s.ClosedMS >= c.LastServed.Session.ClosedMS {
				c.LastServed = &one
			}
		case model.StateBot, model.StateQueued:
		}
	}
	slices.SortFunc(c.Serving, func(a, b model.Served) int { return cmp.Compare(a.Session.SeatNo, b.Session.SeatNo) })
	c.Held = slices.Clone(w.held[c.Person])
	if seat.FocusMS > 0 {
		since = min(since, seat.FocusMS)
	}
	c.Shown = map[uint64]int64{}
	for _, row := range w.outbox[model.OutLane(w.acc.ID, c.Person)] {
		if row.Line && row.SentMS > since {
			c.Shown[row.SessionID] = max(c.Shown[row.SessionID], row.SentMS)
		}
	}
}

func (w *world) sessionIDs() []uint64 {
	return slices.Sorted(maps.Keys(w.sessions))
}

// queue is the waiting sessions, the longest waiting one first.
func (w *world) queue() []uint64 {
	var waiting []uint64
	for _, id := range w.sessionIDs() {
		if w.sessions[id].State == model.StateQueued {
			waiting = append(waiting, id)
		}
	}
	slices.SortStableFunc(waiting, func(a, b uint64) int { return cmp.Compare(w.sessions[a].QueuedMS, w.sessions[b].QueuedMS) })
	return waiting
}

// Apply implements [bot.EngineStore].
func (w *world) Apply(_ context.Context, step model.Step) (model.Applied, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.onApply != nil {
		if err := w.onApply(&step); err != nil {
			return model.Applied{}, fmt.Errorf("fault: %w", err)
		}
	}
	if w.lanes[step.Lane.Lane].Fence != step.Lane.Fence {
		return model.Applied{}, model.ErrFenced
	}
	row := w.row(step.Lane.Lane, step.InboxID)
	if row.State != model.InboxPending {
		return model.Applied{}, model.ErrDuplicate
	}
	if err := w.refuses(step); err != nil {
		return model.Applied{}, err
	}
	w.checkStep(step, row.Event)
	w.note("%s %s", row.Lane, renderEvent(row.Event))
	w.note("    → %s %s", step.Outcome, step.Reason)
	row.State, row.Outcome, row.Reason, row.Detail = model.InboxDone, step.Outcome, step.Reason, step.Detail
	if step.Session != nil {
		row.SessionID = step.Session.ID
	}
	applied := w.applyAll(step)
	applied.Released = w.letsGo && step.Last
	w.steps = append(w.steps, step)
	w.checkState()
	if w.afterApply != nil {
		return applied, w.afterApply()
	}
	return applied, nil
}

// refuses is what the store refuses a step for.
func (w *world) refuses(step model.Step) error {
	if s := step.Session; s != nil {
		if stored, ok := w.sessions[s.ID]; ok != (s.Version > 0) || stored.Version != s.Version {
			return model.ErrStale
		}
	}
	if r := step.Reserve; r != nil && r.Seat == "" {
		var listeners []string
		for _, s := range w.allSeats() {
			if s.Listens(step.Session.Employee) {
				listeners = append(listeners, s.UserID)
			}
		}
		switch {
		case !slices.Equal(listeners, r.Listeners):
			return model.ErrStale
		case model.NextShared(w.allSeats(), r.Day) != r.No:
			return model.ErrSeatTaken
		}
	} else if r != nil {
		seat := w.seat(r.Seat)
		if seat == nil || (!r.Force && seat.State != model.SeatOnline) || (seat.NextNo(r.Day) != r.No && !r.Keep) || (r.Limit > 0 && seat.Load >= r.Limit) {
			return model.ErrSeatTaken
		}
		if r.InTurn && slices.ContainsFunc(w.ahead(placeOf(*step.Session)), func(s model.Session) bool {
			return s.Employee != r.Seat && s.ReturnedBy != r.Seat
		}) {
			return model.ErrStale
		}
	}
	if w.recallMoved(step) {
		return model.ErrStale
	}
	if sv := step.Survey; sv != nil {
		stored, sent := w.surveys[sv.SessionID]
		if arrived := w.row(step.Lane.Lane, step.InboxID).ArrivedMS; sent && stored.ExpiresMS > 0 && arrived >= stored.ExpiresMS {
			return fmt.Errorf("survey of session %d is answered %d ms after it expired", sv.SessionID, arrived-stored.ExpiresMS)
		}
		if stored.FirstRating != "" && (sv.FirstRating != stored.FirstRating || sv.FirstMS != stored.FirstMS) {
			return fmt.Errorf("survey of session %d: the first rating was %s, and becomes %s", sv.SessionID, stored.FirstRating, sv.FirstRating)
		}
		if !w.acc.Policy.Survey.Changeable && stored.Rating != "" && sv.Rating != stored.Rating {
			return fmt.Errorf("survey of session %d: %s becomes %s, and must not", sv.SessionID, stored.Rating, sv.Rating)
		}
		if was := step.SurveyWas; stored.Rating != was.Rating || stored.ReasonMS != was.ReasonMS {
			return model.ErrStale
		} else if sent != (was.SessionID != 0) {
			return fmt.Errorf("survey of session %d: sent %v, and seen %v", sv.SessionID, sent, was.SessionID != 0)
		}
		quiet := w.acc.Policy.Survey.Quiet.Milliseconds()
		if last := w.lastSurvey(sv.Employee); !sent && quiet > 0 && last > sv.SentMS-quiet {
			return fmt.Errorf("%s is asked again after %d ms", sv.Employee, sv.SentMS-last)
		}
	}
	return nil
}

func (w *world) applyAll(step model.Step) model.Applied {
	person := step.Lane.Person()
	if step.Session != nil {
		s := *step.Session
		s.Version++
		w.sessions[s.ID] = s
		w.messages[s.ID] = append(w.messages[s.ID], step.Messages...)
	}
	if step.Release != "" {
		w.seats[step.Release].Load--
	}
	w.reserve(step)
	w.applyRecall(step)
	w.audits = append(w.audits, step.Audits...)
	applied := w.applyWork(step)
	for _, t := range step.Timers {
		if w.timers[step.Lane.Lane] == nil {
			w.timers[step.Lane.Lane] = map[model.TimerKind]int64{}
		}
		if t.DueMS == 0 {
			delete(w.timers[step.Lane.Lane], t.Kind)
		} else {
			w.timers[step.Lane.Lane][t.Kind] = t.DueMS
		}
	}
	if step.Conversation != nil {
		w.conversations[step.Conversation.Peer] = *step.Conversation
	}
	if c := step.SeatChange; c != nil {
		if c.State != nil {
			if *c.State != model.SeatOffline {
				applied.Joined = true
				if w.seats[person].State == model.SeatOffline {
					w.seats[person].JoinedMS = step.At
				}
			}
			w.seats[person].State = *c.State
		}
		if c.FocusSession != nil {
			w.seats[person].FocusSession, w.seats[person].FocusMS = *c.FocusSession, *c.FocusMS
		}
	}
	if step.ReleaseHeld {
		w.held[person] = nil
	}
	if step.Hold != nil {
		w.held[person] = append(w.held[person], *step.Hold)
	}
	if step.Survey != nil {
		w.surveys[step.Survey.SessionID] = *step.Survey
	}
	w.applyQuestion(step)
	return applied
}

func (w *world) reserve(step model.Step) {
	r := step.Reserve
	switch {
	case r == nil:
	case r.Seat == "":
		w.shared = model.SharedNo{Day: r.Day, No: r.No}
	default:
		seat := w.seats[r.Seat]
		last := 0
		if seat.Day == r.Day || seat.Load > 0 {
			last = seat.DayNo
		}
		seat.Load++
		seat.Day, seat.DayNo, seat.LastAssignedMS = r.Day, max(last, r.No), step.At
	}
}

func (w *world) applyQuestion(step model.Step) {
	if step.Question != nil {
		w.questions[step.Question.ID] = *step.Question
	}
	c := step.QuestionChange
	if c == nil {
		return
	}
	q, ok := w.questions[c.ID]
	if !ok {
		return
	}
	q.Picked = cmp.Or(q.Picked, c.Picked)
	if q.Feedback == model.FeedbackNone {
		q.Feedback = c.Feedback
	}
	w.questions[c.ID] = q
}

// applyWork writes what a step makes for other lanes.
func (w *world) applyWork(step model.Step) model.Applied {
	var applied model.Applied
	for i, p := range step.Pushes {
		lane := model.OutLane(w.acc.ID, p.Receiver)
		l := w.lane(lane, model.LaneOut)
		l.NextSeq++
		w.outbox[lane] = append(w.outbox[lane], &model.Outbox{
			ID: w.nextID(), AccountID: w.acc.ID, Lane: lane, Seq: l.NextSeq, Dedupe: fmt.Sprintf("%d:%d", step.InboxID, i),
			SessionID: p.Session, Line: p.Line, MessageSeq: p.Seq, Push: p, State: model.OutPending, CreatedMS: step.At,
		})
		if p.Card != nil {
			w.outbox[lane][len(w.outbox[lane])-1].TaskID = p.Card.TaskID
		}
		applied.Lanes = []model.LaneKind{model.LaneOut}
	}
	w.forward(fmt.Sprintf("f:%d", step.InboxID), step.Forwards)
	if len(step.Forwards) > 0 {
		applied.Lanes = append(applied.Lanes, model.LaneIn)
	}
	if step.WakeQueue {
		but := uint64(0)
		if step.Session != nil {
			but = step.Session.ID
		}
		applied.Woken = w.turn(fmt.Sprintf("q:%d", step.InboxID), func(s model.Session) bool {
			p := step.WakeBehind
			return s.ID != but && (p == nil || s.QueuedMS > p.QueuedMS || s.QueuedMS == p.QueuedMS && s.ID > p.ID)
		})
	}
	return applied
}

func (w *world) forward(prefix string, forwards []model.Forward) {
	for i, f := range forwards {
		w.accept(model.Inbound{
			AccountID: w.acc.ID, Person: f.Person, DedupeKey: fmt.Sprintf("%s:%d", prefix, i), CreatedMS: w.now.UnixMilli(), Event: f.Event,
		}, model.PersonLane(w.acc.ID, f.Person))
	}
}

// turn tells the longest waiting session that is fit that a seat may be free.
func (w *world) turn(dedupe string, fit func(model.Session) bool) (employee string) {
	for _, id := range w.queue() {
		if !fit(w.sessions[id]) {
			continue
		}
		employee = w.sessions[id].Employee
		w.accept(model.Inbound{
			AccountID: w.acc.ID, Person: employee, DedupeKey: dedupe, CreatedMS: w.now.UnixMilli(),
			Event: model.Event{Kind: model.EventQueueTurn, Session: id},
		}, model.PersonLane(w.acc.ID, employee))
		return employee
	}
	return ""
}
