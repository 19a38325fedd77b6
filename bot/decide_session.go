package bot

import (
	"slices"

	"deskmate/model"
)

// What seats do to a session arrives here, on the lane of the session's employee, so
// that there is one order per session.

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
	begin, alone := len(d.step.Pushes), true
	switch {
	case model.IsGroup(d.employee):
		alone = d.answerGroup(ev.Seat, c)
	case c.HasMedia():
		d.relayMedia(model.Push{Receiver: d.employee, Author: ev.Seat}, "", c)
	default:
		d.push(model.Push{
			Receiver: d.employee, Kind: model.PushText, Text: d.Escape(c.Words()), Author: ev.Seat, Merge: true,
		})
	}
	for i := begin; i < len(d.step.Pushes); i++ {
		if p := &d.step.Pushes[i]; alone && p.Receiver == d.employee {
			p.Seq = d.s.MessageCount
		}
	}
	d.seatAnswered()
}

// seatEnd ends human service by hand.
func (d *decision) seatEnd() {
	if !d.mine() {
		return
	}
	seat, others := d.s.Seat, d.listeners()
	if d.s.ForAll() {
		seat = d.in.Event.Seat
	}
	d.close(model.ClosedBySeat)
	title := d.employeeMember().Title()
	d.report(seat, "已结束与"+title+"的会话。")
	who := "坐席" + d.nameOf(seat)
	if d.in.Event.By != "" {
		who = d.byName()
	}
	for _, other := range others {
		if other != seat && other != d.in.Event.By {
			d.tell(other, who+"已结束与"+title+"的会话。")
		}
	}
	d.audit("session.ended", seat, "")
	d.finish(model.OutcomeHandled, "ended")
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
			Text: undeliveredText(d.in.personTitle(), "对方已有新的会话", ev.Content.Words()),
		})
		d.finish(model.OutcomeRefused, "has_session")
		return
	}
	if !d.acc.Enabled {
		d.tell(ev.Seat, undeliveredText(d.in.personTitle(), "账号已停用", ev.Content.Words()))
		d.finish(model.OutcomeRefused, "account_disabled")
		return
	}
	if d.in.Offer == nil {
		d.need = Need{Kind: NeedSeat, Only: ev.Seat, Force: true}
		return
	}
	if d.in.Offer.Seat == nil {
		d.tell(ev.Seat, undeliveredText(d.in.personTitle(), "您的接待数已满，或已不是该账号的坐席", ev.Content.Words()))
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
	if serving {
		d.sendAllUnread()
	}
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
	if (serving || !human) && !model.IsGroup(d.employee) && d.Survey.Due(d.acc.Policy.Survey, *d.s) {
		d.askRating()
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
	case model.TimerUnread:
		d.unreadTimer()
	default:
		d.finish(model.OutcomeHandled, "unknown_timer")
	}
}

// pushFailed tells an author that what it wrote was not delivered.
func (d *decision) pushFailed() {
	ev := d.in.Event
	if d.unreachable() {
		return
	}
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
		words = ev.Content.Words()
	}
	if ev.Content != nil && ev.Content.Type == model.ContentType(model.PushRecall) {
		d.push(model.Push{
			Receiver: d.in.Case.Person, Kind: model.PushText, Session: ev.Session, Text: "撤回失败：企业微信没有撤回发给" + to + "的消息。",
		})
		d.finish(model.OutcomeHandled, "told")
		return
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
