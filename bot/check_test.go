package bot_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"deskmate/model"
)

// token finds the mark that every text of the random people carries.
var token = regexp.MustCompile(`t\d+;`)

// checkStep holds a step against what must be true of every one. The store is as it was
// before it.
func (w *world) checkStep(step model.Step, ev model.Event) {
	outcomes := []model.Outcome{
		model.OutcomeAnswered, model.OutcomeSuggested, model.OutcomeMissed, model.OutcomeSmallTalk, model.OutcomeHandedOff,
		model.OutcomeRelayed, model.OutcomeQueued, model.OutcomeHeld, model.OutcomeKept, model.OutcomeRefused, model.OutcomeHandled,
	}
	if !slices.Contains(outcomes, step.Outcome) || step.Reason == "" || len(step.Reason) > 64 {
		w.wrong("%s ends as %q for %q", ev.Kind, step.Outcome, step.Reason)
	}
	w.checkSession(step)
	for _, p := range step.Pushes {
		w.checkPush(step, p)
	}
	if r := step.Reserve; r != nil && r.Seat != "" && r.Limit != w.seats[r.Seat].Limit(w.acc.Policy.Assignment) {
		w.wrong("reserved at %s below %d, the seat's limit is %d", r.Seat, r.Limit, w.seats[r.Seat].Limit(w.acc.Policy.Assignment))
	}
	w.checkHours(step, ev)
	w.checkQueue(step, ev)
	w.checkIdle(step, ev)
	w.checkBarred(step, ev)
	w.checkFate(step, ev)
	w.checkHeld(step)
	w.checkShared(step, ev)
	w.checkUnshown(step)
	w.checkQuestion(step)
	w.checkQuestionChange(step)
	w.checkFeedbackCard(step)
}

// checkHours: outside the hours nobody gets a seat but through a seat, nobody is turned away
// whom the account keeps, and who comes to wait knows it.
func (w *world) checkHours(step model.Step, ev model.Event) {
	if (weekly{}).Open(w.acc.Policy.Hours, w.now.In(shanghai())) {
		if step.Reason == "off_hours" {
			w.wrong("%s ends as off hours within them", ev.Kind)
		}
		return
	}
	bySeat := asked(ev.Kind)
	if step.Reserve != nil && !bySeat {
		w.wrong("%s gets a seat outside the hours", ev.Kind)
	}
	s := step.Session
	if s == nil {
		return
	}
	ends := w.acc.Policy.OffHours.Action == model.OffEnd
	if s.CloseReason == model.ClosedOffHours && (!ends || w.sessions[s.ID].State == model.StateServing) {
		w.wrong("session %d ends outside the hours", s.ID)
	}
	if s.State != model.StateQueued || w.sessions[s.ID].State == model.StateQueued {
		return
	}
	told := slices.ContainsFunc(step.Messages, func(m model.Message) bool {
		return m.From == model.FromSystem && strings.Contains(m.Content.Text, "人工服务时间")
	})
	waits := slices.ContainsFunc(step.Timers, func(t model.TimerChange) bool { return t.Kind == model.TimerOpening && t.DueMS > step.At })
	if !told || !waits {
		w.wrong("session %d comes to wait outside the hours: told is %t, its timer is set is %t", s.ID, told, waits)
	}
}

// asked reports whether somebody names the seat in such an event.
func asked(kind model.EventKind) bool {
	return kind == model.EventSeatOpen || kind == model.EventSeatTransfer || kind == model.EventSeatClaim
}

// checkQueue: nobody gets a seat before another who has waited longer and could go there, a
// place in the queue is kept, and a seat that gives a session away does not get it straight back.
func (w *world) checkQueue(step model.Step, ev model.Event) {
	s := step.Session
	if s == nil {
		return
	}
	before := w.sessions[s.ID]
	waited := before.State == model.StateQueued || before.State == model.StateServing
	if waited && s.State != model.StateBot && s.QueuedMS != before.QueuedMS {
		w.wrong("session %d loses its place", s.ID)
	}
	clocks := s.WaitState != "" || s.WaitDueMS != 0 || s.WaitAhead != 0 || s.ReturnedBy != ""
	if s.State != model.StateQueued && clocks {
		w.wrong("session %d is %s and still waits", s.ID, s.State)
	}
	if step.Reserve == nil || step.Reserve.Seat == "" || asked(ev.Kind) {
		return
	}
	seat, online := step.Reserve.Seat, w.online()
	before.Employee = s.Employee
	if !before.Takes(seat, online) {
		w.wrong("%s goes to %s", s.Employee, seat)
	}
	for _, other := range w.ahead(placeOf(*s)) {
		if other.Takes(seat, online) {
			w.wrong("%s goes to %s before %s", s.Employee, seat, other.Employee)
		}
	}
}

// checkSession: nothing leaves closed, the bot speaks to those alone whom no person
// serves, and the transcript has no gaps.
func (w *world) checkSession(step model.Step) {
	s := step.Session
	if s == nil {
		if len(step.Messages) > 0 || step.Reserve != nil || step.Release != "" {
			w.wrong("a step without a session speaks or moves places")
		}
		return
	}
	before, stored := w.sessions[s.ID]
	switch {
	case before.State == model.StateClosed:
		w.wrong("session %d leaves closed", s.ID)
	case s.Employee != step.Lane.Person():
		w.wrong("session of %s changes on the lane of %s", s.Employee, step.Lane.Person())
	case before.State == model.StateServing && s.State == model.StateBot,
		before.State == model.StateQueued && s.State == model.StateBot && step.Reason != "left_queue":
		w.wrong("session %d goes back to the bot", s.ID)
	case !s.State.Valid(),
		(s.State == model.StateServing) != ((s.Seat != "" || s.Shared) && s.AssignedMS != 0 && s.State == model.StateServing),
		s.State == model.StateQueued && (s.Seat != "" || s.Shared || s.QueuedMS == 0),
		(s.State == model.StateClosed) != (s.ClosedMS != 0), (s.State == model.StateClosed) != (s.CloseReason != ""):
		w.wrong("session does not fit together: %+v", *s)
	}
	for i, m := range step.Messages {
		if m.Seq != before.MessageCount+i+1 || m.SessionID != s.ID {
			w.wrong("message %d of session %d follows %d", m.Seq, m.SessionID, before.MessageCount+i)
		}
		if m.From == model.FromBot && (s.State != model.StateBot || (stored && before.State != model.StateBot)) {
			w.wrong("the bot speaks in a session that goes from %q to %q", before.State, s.State)
		}
	}
	if s.MessageCount != before.MessageCount+len(step.Messages) {
		w.wrong("session %d counts %d messages after %d and %d", s.ID, s.MessageCount, before.MessageCount, len(step.Messages))
	}
}

// checkPush: WeCom could take it, and what employees say reaches nobody but their seat.
func (w *world) checkPush(step model.Step, p model.Push) {
	ok := p.Receiver != ""
	switch p.Kind {
	case model.PushText:
		ok = ok && p.Text != "" && len(p.Text) <= 2048
	case model.PushCard:
		ok = ok && p.Card.TaskID != "" && utf8.RuneCountInString(p.Card.Body) <= 160 && !w.tasks[p.Card.TaskID] && cardFits(*p.Card)
		w.tasks[p.Card.TaskID] = true
	case model.PushUpdate:
		u := p.Update
		ok = ok && (u.ResponseCode != "" || p.Session != 0) && (u.Replace != "") != (u.Card != nil) && (u.Card == nil || u.Card.TaskID != "" && cardFits(*u.Card))
	case model.PushImage, model.PushVoice, model.PushVideo, model.PushFile:
		ok = ok && (p.MediaID != "") != (p.Blob != 0)
	case model.PushRecall:
		ok = ok && p.MsgID != "" && step.Recall != nil
	case model.PushMarkdown, model.PushTextCard:
		ok = false
	}
	if !ok {
		w.wrong("push that can't be sent: %s", renderPush(p))
	}
	s := step.Session
	employee := step.Lane.Person()
	if p.Receiver == employee && strings.Contains(p.Text, "备注 t") && w.seats[employee] == nil {
		w.wrong("a note reaches the employee: %s", renderPush(p))
	}
	if !p.Line && (p.Author != employee || p.Receiver == employee) {
		return
	}
	if mine := w.sessions[p.Session]; s == nil && mine.State == model.StateServing && mine.Seat == p.Receiver && step.Reason == "command" {
		return // what the seat looked up
	}
	if before := w.sessions[p.Session]; s != nil && s.State == model.StateClosed && before.UnshownTo(p.Receiver).From != 0 && w.reads(p.Receiver, p.Session, nil) {
		return // what it was only told of, before the end
	}
	if !w.reads(p.Receiver, p.Session, s) {
		w.wrong("a line of %s goes to %s, who does not serve: %s", employee, p.Receiver, renderPush(p))
	}
}

func cardFits(c model.Card) bool {
	keys := map[string]bool{}
	for _, b := range c.Buttons {
		if b.Key == "" || b.Text == "" || keys[b.Key] || utf8.RuneCountInString(b.Text) > 10 {
			return false
		}
		keys[b.Key] = true
	}
	buttons := c.Kind == model.CardButtons && len(c.Buttons) >= 1 && len(c.Buttons) <= 6
	return c.Title != "" && (buttons || c.Kind == model.CardVote && c.Submit.Key != "")
}

// checkFate: whatever somebody wrote is in the transcript and on its way to the other
// side, is held, is passed on, or its writer is told. Never is it just gone.
func (w *world) checkFate(step model.Step, ev model.Event) {
	if ev.Content == nil || ev.Kind == model.EventPushFailed {
		return
	}
	writer := cmp.Or(ev.By, ev.Seat, step.Lane.Person())
	what := mark(*ev.Content)
	told := slices.ContainsFunc(step.Pushes, func(p model.Push) bool { return p.Receiver == writer })
	passed := slices.ContainsFunc(step.Forwards, func(f model.Forward) bool {
		return f.Event.Content != nil && mark(*f.Event.Content) == what
	})
	recorded := slices.ContainsFunc(step.Messages, func(m model.Message) bool { return m.Sender == writer && mark(m.Content) == what })
	pushed := slices.ContainsFunc(step.Pushes, func(p model.Push) bool {
		return p.Receiver != writer && (strings.Contains(p.Text, what) || p.MediaID == what)
	})
	var ok bool
	switch {
	case step.Outcome == model.OutcomeRefused, step.Reason == "focus":
		ok = told || ev.API
	case step.Reason == "command":
		ok = told || len(step.Forwards) > 0
	case step.Reason == "held_sent":
		ok = len(step.Forwards) > 0
	case step.Outcome == model.OutcomeHeld:
		ok = step.Hold != nil && mark(*step.Hold.Content) == what
	case step.Reason == "to_session":
		ok = passed
	case step.Outcome == model.OutcomeRelayed, step.Outcome == model.OutcomeHandedOff:
		ok = recorded && (pushed || spared(step, what))
	default:
		ok = recorded
	}
	if !ok {
		w.wrong("what %s wrote (%s) is lost: %s\n%s", writer, what, renderEvent(ev), render(nil, step))
	}
}

// mark is what a content is known by: its token, or its media.
func mark(c model.Content) string {
	if c.MediaID != "" {
		return c.MediaID
	}
	return token.FindString(c.Text + c.Label + c.Title)
}

// checkHeld: held texts are passed on, all of them and in order, before they are dropped.
func (w *world) checkHeld(step model.Step) {
	if !step.ReleaseHeld {
		return
	}
	var kept, passed []string
	for _, ev := range w.held[step.Lane.Person()] {
		kept = append(kept, mark(*ev.Content))
	}
	for _, f := range step.Forwards {
		if f.Event.Content != nil { // else a claim
			passed = append(passed, mark(*f.Event.Content))
		}
	}
	if !slices.Equal(kept, passed) {
		w.wrong("held %v, passed on %v", kept, passed)
	}
}

// checkState holds the store against what must be true between any two steps.
func (w *world) checkState() {
	serving, open := map[string]int{}, map[string]int{}
	for _, s := range w.sessions {
		if s.State == model.StateServing {
			serving[s.Seat]++
		}
		if s.State != model.StateClosed {
			open[s.Employee]++
		}
	}
	for id, seat := range w.seats {
		if seat.Load != serving[id] {
			w.wrong("seat %s has load %d and serves %d", id, seat.Load, serving[id])
		}
	}
	w.checkNumbers()
	w.checkClocks()
	for id, n := range open {
		if n > 1 {
			w.wrong("%s has %d open sessions", id, n)
		}
	}
}

// checkQuiet holds the world against what must be true once all work is done: every
// event has ended, nobody who could be served waits, and who wrote what could not be
// delivered has been told.
func (w *world) checkQuiet() {
	for _, lane := range sortedKeys(w.inbox) {
		for _, row := range w.inbox[lane] {
			if row.State != model.InboxDone || row.Outcome == "" {
				w.wrong("event %s of %s is %s for %q: %s", renderEvent(row.Event), lane, row.State, row.Outcome, row.Err)
			}
		}
	}
	for _, lane := range sortedKeys(w.outbox) {
		for _, row := range w.outbox[lane] {
			if row.State == model.OutPending || row.State == model.OutSending {
				w.wrong("push to %s is %s", lane, row.State)
			}
		}
	}
	w.checkIntroduced()
	queue := w.queue()
	if len(queue) == 0 || !(weekly{}).Open(w.acc.Policy.Hours, w.now.In(shanghai())) {
		return
	}
	for _, id := range queue {
		if s := w.sessions[id]; w.hopes(s) {
			w.wrong("%s waits while a seat is free", s.Employee)
		}
	}
}
