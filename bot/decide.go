package bot

import (
	"slices"
	"time"

	"deskmate/model"
)

// Rules are the pure functions and settings that a decision uses besides its input.
type Rules struct {
	Fold     func(string) string   // a question as matching compares it
	Split    func(string) []string // a text in parts that one push can carry
	Escape   func(string) string   // a person's text, made safe to relay
	Survey   Surveyor
	Location *time.Location // the business time zone, in which days begin
	Hours    Calendar       // nil: every account is always open
	// Upload is the address of a page where the ticket's person can send a file; nil where
	// nobody could open it.
	Upload func(model.UploadTicket) string
	// Comment is the address of a page where the ticket's employee can say more than a rating;
	// nil where nobody could open it.
	Comment func(model.SurveyTicket) string
	// Console is the address of the pages on which the account with a key is run; nil where
	// nobody could open them.
	Console func(key string) string
	// Mask hides numbers of people and money in what leaves the house; nil: texts leave as they are.
	Mask func(string) string
}

// Calendar knows when an account's seats work. The time zone is that of at.
type Calendar interface {
	Open(h *model.Hours, at time.Time) bool
	// Next is when the hours begin again, at itself where they are open; ok is false where
	// no opening is in sight.
	Next(h *model.Hours, at time.Time) (opening time.Time, ok bool)
}

// Surveyor knows when to ask an employee, what to ask, and how to read the answer.
type Surveyor interface {
	// Due reports whether a session that ended so gets a survey.
	Due(rule model.SurveyRule, s model.Session) bool
	// Card asks for the rating, or whether to change it.
	Card(ask model.SurveyAsk) model.Card
	// ReasonCard asks why; ok is false where the rule asks for no reasons.
	ReasonCard(ask model.SurveyAsk) (card model.Card, ok bool)
	// Read understands a click on one of the two cards; ok is false for other cards.
	Read(click model.Click) (answer model.SurveyAnswer, ok bool)
	// Words says a rating to people.
	Words(words model.SurveyWords, r model.Rating) string
}

// Decide says what happens because of one event: a step to apply, or what must be
// asked first. It reads nothing but its input and changes nothing.
func (r Rules) Decide(in Input) (model.Step, Need) {
	d := &decision{Rules: r, in: in, acc: in.Case.Account, at: in.Now.UnixMilli()}
	d.step = model.Step{InboxID: in.InboxID, At: d.at}
	if in.Case.Session.Open() {
		d.adopt(*in.Case.Session)
	}
	d.dispatch()
	if d.need.Kind != NeedNothing {
		return model.Step{}, d.need
	}
	d.keepUnshown()
	d.noteActive()
	d.tellOutside()
	return d.done(), Need{}
}

// decision is a step in the making.
type decision struct {
	Rules
	in   Input
	acc  model.Account
	at   int64
	step model.Step
	need Need

	s        *model.Session // the session being changed; nil for none
	employee string         // whose session s is
	cards    int            // cards made so far
}

func (d *decision) dispatch() {
	switch d.in.Event.Kind {
	case model.EventMessage:
		if d.in.Event.Group != nil {
			d.groupMention()
			return
		}
		if d.in.Event.API {
			d.upload()
			return
		}
		d.fromMember()
	case model.EventCardClick:
		d.cardClick()
	case model.EventMenuClick:
		d.menuClick()
	case model.EventEnter:
		d.entered()
	case model.EventOrder:
		d.ordered()
	case model.EventConsult:
		d.consult()
	case model.EventSeatMessage:
		d.seatMessage()
	case model.EventSeatEnd:
		d.seatEnd()
	case model.EventSeatTransfer:
		d.seatTransfer()
	case model.EventSeatKeep:
		d.seatKeep()
	case model.EventSeatOpen:
		d.seatOpen()
	case model.EventSeatNote:
		d.seatNote()
	case model.EventSeatClaim:
		d.seatClaim()
	case model.EventSeatNext:
		d.seatNext()
	case model.EventSeatRecall:
		d.seatRecall()
	case model.EventSeatState:
		d.seatState()
	case model.EventSeatJoin:
		d.seatJoin()
	case model.EventQueueTurn:
		d.queueTurn()
	case model.EventTimer:
		d.timer()
	case model.EventPushFailed:
		d.pushFailed()
	case model.EventContact:
		if !d.in.DirectoryAsked {
			d.need = Need{Kind: NeedDirectory}
			return
		}
		d.finish(model.OutcomeHandled, "directory")
	case model.EventReview:
		d.review()
	case model.EventSeatAway:
		d.seatAway()
	case model.EventSeatLeft:
		d.seatLeft()
	case model.EventSubscribe, model.EventUnsubscribe:
		d.seenAgain()
	case model.EventMenuView, model.EventAppAlert, model.EventUnknown:
		d.finish(model.OutcomeHandled, string(d.in.Event.Kind))
	default:
		d.finish(model.OutcomeHandled, "unknown")
	}
}

// adopt makes s the session that the step changes.
func (d *decision) adopt(s model.Session) {
	s.Unshown = slices.Clone(s.Unshown)
	d.s = &s
	d.employee = s.Employee
	d.step.Detail.From = string(s.State)
}

// done completes the step with the session as it became.
func (d *decision) done() model.Step {
	if d.s != nil {
		d.step.Detail.To = string(d.s.State)
		if d.step.Session != nil {
			d.s.UpdatedMS = d.at
			d.step.Session = d.s
		}
	}
	return d.step
}

// changed marks the session as part of the step.
func (d *decision) changed() { d.step.Session = d.s }

func (d *decision) finish(outcome model.Outcome, reason string) {
	d.step.Outcome, d.step.Reason = outcome, reason
}

func (d *decision) fact(kind model.FactKind, reason string, value int64) {
	seat := ""
	if d.s != nil {
		seat = d.s.Seat
	}
	d.factAt(seat, kind, reason, value)
}

// factAt is a fact about what a seat did, whose session it need not be.
func (d *decision) factAt(seat string, kind model.FactKind, reason string, value int64) {
	d.step.Facts = append(d.step.Facts, model.Fact{
		AccountID: d.acc.ID, SessionID: d.sessionID(), Kind: kind, Seat: seat, Reason: reason, Value: value, AtMS: d.at,
	})
}

func (d *decision) sessionID() uint64 {
	if d.s == nil {
		return 0
	}
	return d.s.ID
}

func (d *decision) setTimer(kind model.TimerKind, after time.Duration) {
	due := int64(0)
	if after > 0 {
		due = d.at + after.Milliseconds()
	}
	d.step.Timers = append(d.step.Timers, model.TimerChange{Kind: kind, DueMS: due})
}

// dropTimer removes a timer of the lane.
func (d *decision) dropTimer(kind model.TimerKind) { d.setTimer(kind, 0) }

// conversation is the conversation as the step leaves it, for changing.
func (d *decision) conversation() *model.Conversation {
	if d.step.Conversation == nil {
		c := d.in.Case.Conversation
		c.AccountID, c.Peer = d.acc.ID, d.in.Case.Person
		d.step.Conversation = &c
	}
	return d.step.Conversation
}

// day is today as yyyymmdd in the business time zone.
func (d *decision) day() int {
	y, m, day := d.in.Now.In(d.Location).Date()
	return y*10000 + int(m)*100 + day
}

// employeeMember is the employee of the session in hand, at least by userid.
func (d *decision) employeeMember() model.Member {
	switch {
	case d.in.Case.Member != nil && d.in.Case.Person == d.employee:
		return *d.in.Case.Member
	case d.in.Case.Employee != nil && d.in.Case.Employee.UserID == d.employee:
		return *d.in.Case.Employee
	}
	return model.Member{UserID: d.employee}
}

func msDuration(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
