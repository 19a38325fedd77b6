package bot

import "deskmate/model"

// fromNext in [model.Event.Reason] of a claim says that the seat asked for whatever waits
// longest, and tries again where somebody was faster. Gen counts the rounds.
const fromNext = "next"

// seatClaim gives the session to the seat that asks for it.
func (d *decision) seatClaim() {
	ev := d.in.Event
	if !d.current() {
		d.lose(reasonClosed)
		return
	}
	serving := d.s.State == model.StateServing
	switch {
	case ev.Seat == d.employee:
		d.lose(reasonOwnSession)
	case !d.acc.Enabled:
		d.lose(reasonDisabled)
	case serving && d.s.Seat == ev.Seat:
		d.step.Detail.Seat = ev.Seat
		d.showClaimed()
		if !d.s.Shared {
			d.tellActor(d.in.personTitle() + "：会话已由您接待。")
		}
		d.finish(model.OutcomeHandled, reasonClaimed)
	case serving && d.s.Seat != "" && (!ev.Force || ev.By == ""):
		d.lose(reasonClaimed)
	case d.s.ForAll() && ev.By == "" && !d.mayAct(d.s, ev):
		d.lose(reasonSeatFull)
	case ev.Reason == fromNext && d.s.State != model.StateQueued:
		d.lose(reasonNotWaiting)
	case d.in.Offer == nil:
		d.need = Need{Kind: NeedSeat, Only: ev.Seat, Force: true}
	case d.in.Offer.Seat == nil:
		d.lose(reasonSeatFull)
	case d.s.ForAll():
		d.takeShared()
	default:
		d.take()
	}
}

// take gives the session to the seat on offer, wherever it is.
func (d *decision) take() {
	from, before := d.s.Seat, d.s.State
	switch before {
	case model.StateBot:
		d.leaveBot(model.HandoffSeat)
	case model.StateServing:
		d.step.Release, d.step.WakeQueue = from, true
		d.s.HandoffSeq = d.s.MessageCount
	case model.StateQueued, model.StateClosed: // assign ends the wait; nothing closed gets here
	}
	d.assign()
	if before == model.StateServing {
		d.fact(model.FactTransfer, "taken_over", 0)
		d.say(model.FromSystem, "已为您转接坐席 "+seatName(*d.in.Offer.Seat)+"。")
		if from != d.in.Event.By {
			d.tell(from, "与"+d.employeeMember().Title()+"的会话已由"+d.byName()+"接管。")
		}
		d.audit("session.taken_over", from, d.s.Seat)
		d.finish(model.OutcomeHandedOff, "taken_over")
		return
	}
	d.sayServed("")
	d.audit("session.claimed", "", d.s.Seat)
	d.finish(model.OutcomeHandedOff, reasonClaimed)
}

// lose refuses a claim. A seat that asked for whatever waits longest asks again, unless that
// can't help.
func (d *decision) lose(reason string) {
	ev := d.in.Event
	if t := d.in.Case.Target; reason != reasonSeatFull && (ev.Click != nil || t != nil && t.Shared) {
		d.changeCard(d.cardWords(reason), nil)
	}
	late := reason == reasonClaimed || reason == reasonClosed || reason == reasonNotWaiting
	if ev.Reason != fromNext || ev.API || !late {
		d.deny(reason)
		return
	}
	d.step.Forwards = append(d.step.Forwards, model.Forward{Person: ev.Seat, Event: model.Event{
		Kind: model.EventSeatNext, Seat: ev.Seat, Gen: ev.Gen + 1,
	}})
	d.finish(model.OutcomeRefused, reason)
}

// seatNext is a seat's claim come back: somebody was faster.
func (d *decision) seatNext() {
	if d.in.Case.Seat == nil {
		d.finish(model.OutcomeRefused, reasonSeatFull)
		return
	}
	if d.in.Event.Gen >= maxRounds {
		d.nothingNext()
		return
	}
	d.takeNext(d.in.Event.Gen)
	if d.need.Kind == NeedNothing && d.step.Outcome == "" {
		d.finish(model.OutcomeHandled, "next")
	}
}

// takeNext claims for the seat what waits longest of what it may take.
func (d *decision) takeNext(round uint64) {
	if d.in.Queue == nil {
		d.need = Need{Kind: NeedQueue}
		return
	}
	s := d.in.Queue.Session
	if s == nil {
		d.nothingNext()
		return
	}
	d.step.Forwards = append(d.step.Forwards, model.Forward{Person: s.Employee, Event: model.Event{
		Kind: model.EventSeatClaim, Session: s.ID, Seat: d.in.Case.Person, Reason: fromNext, Gen: round,
	}})
}

func (d *decision) nothingNext() {
	d.tell(d.in.Case.Person, refusalText(reasonQueueEmpty)+"。")
	d.finish(model.OutcomeRefused, reasonQueueEmpty)
}
