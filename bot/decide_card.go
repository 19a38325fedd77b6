package bot

import (
	"fmt"

	"deskmate/model"
)

// cardClick is a tap on one of our cards.
func (d *decision) cardClick() {
	click := *d.in.Event.Click
	if click.Menu {
		d.finish(model.OutcomeHandled, "card_menu")
		return
	}
	if answer, ok := d.Survey.Read(click); ok {
		d.rated(answer)
		return
	}
	verb, id, about := parseKey(click.Key)
	switch verb {
	case model.OrderVerb:
		d.orderClick()
	case verbHandoff:
		d.askedForHuman(model.HandoffButton)
	case verbDislike:
		d.askedForHuman(model.HandoffDislike)
	case verbAnswer:
		d.tapped(id, about)
	case verbNone:
		d.noneOfThese(id)
	case verbUp:
		d.feedback(id, model.FeedbackUp)
	case verbDown:
		d.feedback(id, model.FeedbackDown)
	case verbLeave, verbWait, verbMessage:
		d.queueClick(verb, id)
	case verbGoOn:
		d.continueClick(id)
	case verbFocus:
		d.focusClick(id)
	case verbEnd:
		d.endClick(id)
	case verbClaim:
		d.claimClick(id)
	case verbSend:
		d.sendClick(id)
	case verbReopen:
		d.reopenClick(id)
	case verbSelf:
		d.selfClick()
	default:
		d.finish(model.OutcomeHandled, "unknown_card")
	}
}

// focusClick is 回复 TA on a session's card.
func (d *decision) focusClick(id uint64) {
	s, ok := d.served(id)
	if !ok {
		d.update("会话已结束", nil)
		d.finish(model.OutcomeHandled, "not_serving")
		return
	}
	d.choose(id)
	card := sessionCard(d.acc, s.Session, s.Employee, true)
	card.TaskID = d.in.Event.Click.TaskID
	d.update("", &card)
	if len(d.in.Case.Held) > 0 {
		d.sendHeld(s)
		return
	}
	d.finish(model.OutcomeHandled, "focus")
}

// endClick is 结束会话 on a session's card.
func (d *decision) endClick(id uint64) {
	s, ok := d.served(id)
	d.update("会话已结束", nil)
	if !ok {
		d.finish(model.OutcomeHandled, "not_serving")
		return
	}
	d.forward(s, model.Event{Kind: model.EventSeatEnd})
	d.finish(model.OutcomeHandled, "end")
}

// sendClick sends the held texts to one of the sessions.
func (d *decision) sendClick(id uint64) {
	if !d.anyHeld() {
		return
	}
	s, ok := d.served(id)
	if !ok {
		d.update("会话已结束", nil)
		d.askReceiver(len(d.in.Case.Held))
		d.finish(model.OutcomeHandled, "not_serving")
		return
	}
	d.choose(id)
	d.update(fmt.Sprintf("已发给 #%d %s", s.Session.SeatNo, s.Employee.ShortName()), nil)
	d.sendHeld(s)
}

// reopenClick sends the held texts to an employee whose session has closed.
func (d *decision) reopenClick(id uint64) {
	if !d.anyHeld() {
		return
	}
	t := d.in.Case.Target
	mine := t != nil && (t.Seat == d.in.Case.Person || t.Shared && !d.acc.Policy.Assignment.Claim)
	if t == nil || t.ID != id || !mine || d.in.Case.Seat == nil {
		d.update("会话已不存在", nil)
		d.finish(model.OutcomeHandled, "not_serving")
		return
	}
	to := model.Served{Session: *t}
	if d.in.Case.Employee != nil {
		to.Employee = *d.in.Case.Employee
	}
	d.forwardHeld(to, model.EventSeatOpen)
	d.update("已发出", nil)
	d.finish(model.OutcomeRelayed, "held_reopened")
}

// selfClick takes the held texts as the seat's own questions.
func (d *decision) selfClick() {
	if !d.anyHeld() {
		return
	}
	for _, ev := range d.in.Case.Held {
		d.step.Forwards = append(d.step.Forwards, model.Forward{
			Person: d.in.Case.Person,
			Event:  model.Event{Kind: model.EventMessage, Content: ev.Content, Reason: model.AsEmployee},
		})
	}
	d.releaseHeld()
	d.update("按咨询处理", nil)
	d.finish(model.OutcomeHandled, "held_self")
}

func (d *decision) anyHeld() bool {
	if len(d.in.Case.Held) > 0 {
		return true
	}
	d.update("已处理", nil)
	d.tell(d.in.Case.Person, textNotHeld)
	d.finish(model.OutcomeHandled, "nothing_held")
	return false
}

// factOf is a fact about a session that the step doesn't change.
func (d *decision) factOf(s model.Session, kind model.FactKind, reason string) {
	d.step.Facts = append(d.step.Facts, model.Fact{
		AccountID: d.acc.ID, SessionID: s.ID, Kind: kind, Seat: s.Seat, Reason: reason, AtMS: d.at,
	})
}
