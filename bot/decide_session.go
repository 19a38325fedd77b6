package bot

import (
	"slices"

	"deskmate/model"
)

// What seats do to a session arrives here, on the lane of the session's employee, so
// that there is one order per session.

// mine checks that the event's session is served by the event's seat; otherwise the
// seat is told, with what it wrote.
func (d *decision) mine() bool {
	ev, t := d.in.Event, d.in.Case.Target
	if t != nil && t.State == model.StateServing && d.s != nil && d.s.ID == t.ID && (t.Seat == ev.Seat || d.mayAct(t, ev)) {
		return true
	}
	if ev.API { // the outcome tells
		d.finish(model.OutcomeRefused, "not_serving")
		return false
	}
	why := "会话已结束"
	switch {
	case t == nil || t.State == model.StateClosed:
	case needsClaim(d.acc, *t):
		why = "请先接待"
	case t.Shared && t.Seat != "":
		why = "已由" + d.nameOf(t.Seat) + "接待"
	default:
		why = "会话已不由您接待"
	}
	text := ""
	if ev.Content != nil {
		text = contentWords(*ev.Content)
	}
	session := ev.Session
	if ev.Kind == model.EventSeatMessage {
		d.push(model.Push{
			Receiver: ev.Seat, Kind: model.PushText, Session: session,
			Text: undeliveredText(d.in.personTitle(), why, text),
		})
	} else {
		d.push(model.Push{
			Receiver: ev.Seat, Kind: model.PushText, Session: session,
			Text: d.in.personTitle() + "：" + why + "。",
		})
	}
	d.finish(model.OutcomeRefused, "not_serving")
	return false
}

// personTitle names whose lane it is.
func (in Input) personTitle() string {
	if in.Case.Member != nil {
		return in.Case.Member.Title()
	}
	return in.Case.Person
}

// seatMessage sends a seat's message to the employee.
func (d *decision) seatMessage() {
	if !d.mine() {
		return
	}
	d.relayToEmployee()
	d.finish(model.OutcomeRelayed, "to_employee")
}

func (d *decision) relayToEmployee() {
	ev := d.in.Event
	c := *ev.Content
	if d.s.LastSeatMS == 0 {
		d.factAt(ev.Seat, model.FactFirst, "", d.at-d.s.AssignedMS)
	}
	d.s.LastSeatMS, d.s.RepliedBy = d.at, ev.Seat
	if d.s.Seat == "" {
		conv := d.conversation()
		conv.Peer, conv.LastSeat = d.employee, ev.Seat
	}
	d.record(model.FromSeat, ev.Seat, c)
	d.relayToOthers(ev.Seat, c)
	switch {
	case model.IsGroup(d.employee):
		d.answerGroup(ev.Seat, c)
	case c.MediaID != "":
		d.relayMedia(model.Push{Receiver: d.employee, Author: ev.Seat}, "", c)
	default:
		d.push(model.Push{
			Receiver: d.employee, Kind: model.PushText, Text: d.Escape(contentWords(c)), Author: ev.Seat, Merge: true,
		})
	}
	d.seatAnswered()
}

// seatEnd ends human service by hand.
func (d *decision) seatEnd() {
	if !d.mine() {
		return
	}
	seat, others := d.in.Event.Seat, d.listeners()
	d.close(model.ClosedBySeat)
	title := d.employeeMember().Title()
	d.tell(seat, "已结束与"+title+"的会话。")
	for _, other := range others {
		if other != seat {
			d.tell(other, "坐席"+d.nameOf(seat)+"已结束与"+title+"的会话。")
		}
	}
	d.finish(model.OutcomeHandled, "ended")
}

// seatTransfer gives the session to another seat, or back to the queue.
func (d *decision) seatTransfer() {
	if !d.mine() {
		return
	}
	from, target := d.in.Event.Seat, d.in.Event.Target
	if target == "" {
		d.requeue(from)
		return
	}
	if d.in.Offer == nil {
		d.need = Need{Kind: NeedSeat, Only: target}
		return
	}
	if d.in.Offer.Seat == nil {
		d.tell(from, "转接失败：对方现在不能接待（未上线或已满）。会话仍由您接待。")
		d.finish(model.OutcomeRefused, "transfer_refused")
		return
	}
	d.step.Release = d.s.Seat
	d.step.WakeQueue = true
	d.s.HandoffSeq = d.s.MessageCount
	if d.s.ForAll() {
		d.grey("已由"+seatName(*d.in.Offer.Seat)+"接待", target)
	}
	d.assign()
	d.fact(model.FactTransfer, "seat", 0)
	d.say(model.FromSystem, "已为您转接坐席 "+seatName(*d.in.Offer.Seat)+"。")
	d.tell(from, "已将"+d.employeeMember().Title()+"转接给 "+seatName(*d.in.Offer.Seat)+"。")
	d.finish(model.OutcomeHandedOff, "transfer")
}

// requeue lets a seat put its session back into the queue.
func (d *decision) requeue(from string) {
	if d.s.ForAll() {
		d.grey("已放回排队")
	}
	d.backToQueue("坐席已将您转回排队", "queue")
	d.tell(from, "已将"+d.employeeMember().Title()+"放回排队。")
	d.finish(model.OutcomeQueued, "transfer_queue")
}

// backToQueue takes the session from its seat and puts it back where it was in the queue; the
// employee is told what happened. Its turn comes at once, in case another seat is free; the
// place that came free is for whoever can go there.
func (d *decision) backToQueue(told, why string) {
	d.step.Release = d.s.Seat
	d.s.ReturnedBy = d.s.Seat
	d.s.HandoffSeq = d.s.MessageCount
	d.fact(model.FactTransfer, why, 0)
	d.forgetClocks()
	c := d.conversation()
	c.Peer, c.LastSeat = d.employee, "" // who gives a session away is not preferred for it
	if d.open() {
		d.enqueue()
		d.awaitSeat(told + "，")
	} else {
		d.enqueueOffHours(told + "。")
	}
	d.step.Forwards = append(d.step.Forwards, model.Forward{
		Person: d.employee, Event: model.Event{Kind: model.EventQueueTurn, Session: d.s.ID, AtMS: d.at},
	})
}

// seatOpen lets a seat write first: the employee's session has closed, and the seat has
// something to add.
func (d *decision) seatOpen() {
	ev := d.in.Event
	if d.s != nil && (d.s.State == model.StateServing || d.s.State == model.StateQueued) {
		native := d.s.ForAll() && !needsClaim(d.acc, *d.s) && slices.Contains(d.listeners(), ev.Seat)
		if d.s.State == model.StateServing && (d.s.Seat == ev.Seat || native) {
			d.relayToEmployee()
			d.finish(model.OutcomeRelayed, "to_employee")
			return
		}
		d.push(model.Push{
			Receiver: ev.Seat, Kind: model.PushText, Session: d.s.ID,
			Text: undeliveredText(d.in.personTitle(), "对方已有新的会话", contentWords(*ev.Content)),
		})
		d.finish(model.OutcomeRefused, "has_session")
		return
	}
	if !d.acc.Enabled {
		d.tell(ev.Seat, undeliveredText(d.in.personTitle(), "账号已停用", contentWords(*ev.Content)))
		d.finish(model.OutcomeRefused, "account_disabled")
		return
	}
	if d.in.Offer == nil {
		d.need = Need{Kind: NeedSeat, Only: ev.Seat, Force: true}
		return
	}
	if d.in.Offer.Seat == nil {
		d.tell(ev.Seat, undeliveredText(d.in.personTitle(), "您的接待数已满，或已不是该账号的坐席", contentWords(*ev.Content)))
		d.finish(model.OutcomeRefused, "no_seat")
		return
	}
	d.openSession()
	d.leaveBot(model.HandoffSeat)
	d.assign()
	d.say(model.FromSystem, "坐席 "+seatName(*d.in.Offer.Seat)+" 联系您：")
	d.relayToEmployee()
	d.finish(model.OutcomeRelayed, "to_employee")
}

// close ends the session for good: notice, survey, the seat's place, the next in the queue.
func (d *decision) close(reason model.CloseReason) {
	human := d.s.State == model.StateServing || d.s.State == model.StateQueued
	serving := d.s.State == model.StateServing
	d.dropTimer(model.TimerBotIdle)
	d.stopIdling()
	d.endWaiting()
	if human {
		d.say(model.FromSystem, textEnded)
	}
	served := int64(0)
	if model.IsGroup(d.employee) {
		d.endGroup()
	}
	if serving {
		served = d.at - d.s.AssignedMS
		d.step.Release = d.s.Seat
		d.step.WakeQueue = true
	}
	d.s.State = model.StateClosed
	if d.s.Shared && d.s.Seat == "" {
		d.s.Seat = d.s.RepliedBy
	}
	d.s.CloseReason = reason
	d.s.ClosedMS = d.at
	d.changed()
	d.fact(model.FactClosed, string(reason), served)
	if serving && !model.IsGroup(d.employee) && d.Survey.Due(d.acc.Policy.Survey, *d.s) {
		d.step.Survey = &model.Survey{
			SessionID: d.s.ID, AccountID: d.acc.ID, Employee: d.employee, Seat: d.s.Seat, SentMS: d.at,
		}
		d.sayCard(model.FromSystem, "survey", d.Survey.Card(d.acc.Name, *d.s, d.servedBy()))
		d.fact(model.FactSurvey, "", 0)
	}
}

// servedBy is the name of the seat that served a session which has closed; "" for nobody.
func (d *decision) servedBy() string {
	if d.s.Shared && d.s.Seat != "" {
		return d.nameOf(d.s.Seat)
	}
	return d.in.Case.SeatName
}

// timer is one of the lane's timers come due. A timer that activity has overtaken is set
// anew, or does nothing.
func (d *decision) timer() {
	switch d.in.Event.Timer {
	case model.TimerBotIdle:
		d.botIdle()
	case model.TimerIdle:
		d.idleTimer()
	case model.TimerWarn:
		d.warnTimer()
	case model.TimerOwed:
		d.owedTimer()
	case model.TimerHeld:
		d.remindHeld()
	case model.TimerOpening:
		d.opening()
	case model.TimerWait:
		d.waitIsUp()
	case model.TimerPlace:
		d.placeTimer()
	default:
		d.finish(model.OutcomeHandled, "unknown_timer")
	}
}

// pushFailed tells an author that what it wrote was not delivered.
func (d *decision) pushFailed() {
	ev := d.in.Event
	if model.IsGroup(d.in.Case.Person) {
		if d.acc.Group.Mode == model.GroupConnection { // a callback's one answer is the seat's
			d.tellGroup(textBroken)
		}
		d.finish(model.OutcomeHandled, "told")
		return
	}
	if ev.Reason == ReasonDead {
		d.tell(d.in.Case.Person, textBroken)
		d.finish(model.OutcomeHandled, "told")
		return
	}
	to := ev.Target
	if d.in.Case.Target != nil && d.in.Case.Target.Employee == ev.Target && d.in.Case.Employee != nil {
		to = d.in.Case.Employee.Title()
	} else if t := d.in.Case.Target; t != nil && (t.Seat == ev.Target || t.Shared) {
		to = "坐席"
	}
	words := ""
	if ev.Content != nil {
		words = contentWords(*ev.Content)
	}
	text := undeliveredText(to, "企业微信未接收", words)
	if ev.Reason == string(model.OutUncertain) {
		text = unconfirmedText(to, words)
	}
	d.push(model.Push{Receiver: d.in.Case.Person, Kind: model.PushText, Session: ev.Session, Text: text})
	d.finish(model.OutcomeHandled, "told")
}

// ReasonDead in a push-failed event says that the person's own message could not be
// handled at all. It is none of the outbox's states, which are the other reasons.
const ReasonDead = "event_dead"
