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

// seatClaim gives the session to the seat that asks for it first.
func (d *decision) seatClaim() {
	ev, t := d.in.Event, d.in.Case.Target
	switch {
	case t == nil || d.s == nil || d.s.ID != t.ID || d.s.State != model.StateServing:
		d.lostClaim("会话已结束", "closed")
		return
	case d.s.Seat == ev.Seat:
		d.showClaimed()
		d.finish(model.OutcomeHandled, "claimed_already")
		return
	case d.s.Seat != "":
		d.lostClaim("已由"+d.nameOf(d.s.Seat)+"接待", "claimed")
		return
	case !d.mayAct(t, ev):
		d.lostClaim("您不是该账号的坐席", "no_seat")
		return
	}
	if d.in.Offer == nil {
		d.need = Need{Kind: NeedSeat, Only: ev.Seat, Force: true}
		return
	}
	if d.in.Offer.Seat == nil {
		d.tell(ev.Seat, d.employeeMember().Title()+"：您的接待数已满，未能接待。")
		d.finish(model.OutcomeRefused, "seat_full")
		return
	}
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
	d.watchAnswer()
	d.showClaimed()
	d.say(model.FromSystem, servedText("", name))
	d.finish(model.OutcomeHandedOff, "claimed")
}

// showClaimed shows the seat that the session is its own.
func (d *decision) showClaimed() {
	card := sessionCard(d.acc, *d.s, d.employeeMember(), true)
	d.changeCard("", &card)
}

// lostClaim tells a seat that it can't have the session.
func (d *decision) lostClaim(why, reason string) {
	d.changeCard(why, nil)
	d.push(model.Push{
		Receiver: d.in.Event.Seat, Kind: model.PushText, Session: d.in.Event.Session,
		Text: d.in.personTitle() + "：" + why + "。",
	})
	d.finish(model.OutcomeRefused, reason)
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
