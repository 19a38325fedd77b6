package bot

import "deskmate/model"

// Where the account has sessions claimed (接待), the first seat to do so has the session for
// itself. The claim is decided on the employee's lane, so that of two the first wins.

// claimClick is 接待 on a session's card. Whose it is is settled on the employee's lane, which
// changes the card.
func (d *decision) claimClick(id uint64) {
	t := d.in.Case.Target
	if t == nil || t.State == model.StateClosed {
		d.update("会话已结束", nil)
		d.finish(model.OutcomeHandled, "not_serving")
		return
	}
	d.choose(id)
	d.forward(model.Served{Session: *t}, model.Event{Kind: model.EventSeatClaim, Click: d.in.Event.Click})
	if s, ok := d.served(id); ok && len(d.in.Case.Held) > 0 && len(d.in.Case.Serving) == 1 {
		d.passHeld(s) // it can be meant for nobody else
		return
	}
	d.finish(model.OutcomeHandled, "claim")
}

// takeShared gives a session that goes to all seats to the first of them that claims it.
func (d *decision) takeShared() {
	ev := d.in.Event
	name := seatName(*d.in.Offer.Seat)
	d.grey("已由"+name+"接待", ev.Seat)
	d.s.Seat = ev.Seat
	d.changed()
	d.step.Reserve = &model.Reservation{
		Seat: ev.Seat, Limit: d.in.Offer.Limit, No: d.s.SeatNo, Day: d.day(), Force: true, Keep: true,
	}
	d.step.Detail.Seat, d.step.Detail.SeatWhy = ev.Seat, string(model.PickClaimed)
	c := d.conversation()
	c.Peer, c.LastSeat = d.employee, ev.Seat
	d.fact(model.FactAssigned, string(model.PickClaimed), d.at-d.s.AssignedMS)
	if d.s.OwedMS != 0 {
		d.s.OwedMS = d.at // nobody could owe it before
	}
	d.s.RemindedMS = 0
	d.watchAnswer()
	d.showClaimed()
	d.say(model.FromSystem, servedText("", name))
	d.audit("session.claimed", "", ev.Seat)
	d.finish(model.OutcomeHandedOff, reasonClaimed)
}

// showClaimed shows the seat that the session is its own.
func (d *decision) showClaimed() {
	if !d.s.Shared {
		return
	}
	card := sessionCard(d.acc, *d.s, d.employeeMember(), true)
	d.changeCard("", &card)
}

// cardWords says on a seat's card why it can't have the session.
func (d *decision) cardWords(reason string) string {
	if t := d.in.Case.Target; reason == reasonClaimed && t.Seat != "" {
		return "已由" + d.nameOf(t.Seat) + "接待"
	}
	return refusalText(reason)
}

// changeCard changes the card on which the event's seat tapped, or else the one by which it
// knows the session.
func (d *decision) changeCard(replace string, card *model.Card) {
	u := model.CardUpdate{Replace: replace, Card: card}
	if click := d.in.Event.Click; click != nil {
		u.ResponseCode = click.ResponseCode
	}
	if card != nil {
		card.TaskID = taskID("desk", d.in.FreshID, d.cards) // the card keeps its own; a card must have one
	}
	d.push(model.Push{Receiver: d.in.Event.Seat, Kind: model.PushUpdate, Session: d.in.Event.Session, Update: &u})
}
