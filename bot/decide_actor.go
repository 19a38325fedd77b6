package bot

import (
	"strconv"

	"deskmate/model"
)

// Who acts on a session, and who hears of it. A seat acts on what it serves; a supervisor, who
// stands in Event.By, on what anybody serves or nobody yet. Who acts through the API reads
// there what came of it and isn't told in WeCom as well.

// current reports whether the event's session is the one that is open.
func (d *decision) current() bool {
	t := d.in.Case.Target
	return t != nil && d.s != nil && d.s.ID == t.ID
}

// mine checks that the event's session is served by the event's seat, or that a supervisor acts
// on one that people are responsible for; otherwise the actor is told, with what it wrote.
func (d *decision) mine() bool {
	ev := d.in.Event
	if d.current() {
		serving := d.s.State == model.StateServing
		waiting := d.s.State == model.StateQueued
		if ev.By == "" && serving && (d.s.Seat == ev.Seat || d.mayAct(d.s, ev)) || supervised(ev) && (serving || waiting) {
			return true
		}
	}
	reason := reasonNotServing
	switch t := d.in.Case.Target; {
	case t == nil || t.State == model.StateClosed:
		reason = reasonClosed
	case needsClaim(d.acc, *t):
		reason = reasonClaimFirst
	case t.Shared && t.Seat != "" && t.Seat != ev.Seat:
		reason = reasonClaimed
	}
	d.deny(reason)
	return false
}

// supervised reports whether a supervisor does what supervisors may do in a seat's place; nobody
// speaks in another's name.
func supervised(ev model.Event) bool {
	ends := ev.Kind == model.EventSeatEnd || ev.Kind == model.EventSeatTransfer
	return ev.By != "" && (ends || ev.Kind == model.EventSeatNote)
}

// deny refuses an act: the actor is told why, with what it wrote, or reads it.
func (d *decision) deny(reason string) {
	if t := d.in.Case.Target; t != nil && t.State == model.StateServing {
		d.step.Detail.Seat = t.Seat
	}
	ev := d.in.Event
	text := d.in.personTitle() + "：" + d.refusalWords(reason) + "。"
	switch {
	case ev.Kind == model.EventSeatNote && ev.Content != nil:
		text = d.in.personTitle() + "的备注未记录（" + d.refusalWords(reason) + "）：" + excerpt(ev.Content.Words(), excerptLimit)
	case ev.Content != nil:
		text = undeliveredText(d.in.personTitle(), d.refusalWords(reason), ev.Content.Words())
	}
	d.tellActor(text)
	d.finish(model.OutcomeRefused, reason)
}

// refusalWords says why an act is refused, with the name of who has the session.
func (d *decision) refusalWords(reason string) string {
	if seat := d.step.Detail.Seat; reason == reasonClaimed && seat != "" {
		return "会话已由 " + d.nameOf(seat) + " 接待"
	}
	return refusalText(reason)
}

// tellActor tells who acts what came of it, outside any transcript.
func (d *decision) tellActor(text string) {
	ev := d.in.Event
	actor := ev.Seat
	if ev.By != "" {
		actor = ev.By
	}
	if ev.API || actor == "" {
		return
	}
	d.push(model.Push{Receiver: actor, Kind: model.PushText, Session: ev.Session, Text: text})
}

// report says what became of a seat's session to who did it, and to the seat where it was
// somebody else.
func (d *decision) report(seat, text string) {
	d.tellActor(text)
	if by := d.in.Event.By; by != "" && seat != "" && seat != by {
		d.tell(seat, d.byName()+" "+text)
	}
}

// byName names the supervisor who acts.
func (d *decision) byName() string { return "主管" + d.nameOf(d.in.Event.By) }

// nameOf is a colleague's name, or the userid where it is unknown.
func (d *decision) nameOf(userID string) string {
	if s, ok := d.seatOf(userID); ok {
		return seatName(s)
	}
	if name := d.in.Case.Names[userID]; name != "" {
		return name
	}
	if d.s != nil && d.s.Seat == userID && d.in.Case.SeatName != "" {
		return d.in.Case.SeatName
	}
	return userID
}

// audit notes what a supervisor did to the session: from which seat it went to which.
func (d *decision) audit(action, from, to string) {
	if d.in.Event.By == "" {
		return
	}
	d.step.Audits = append(d.step.Audits, model.Audit{
		AccountID: d.acc.ID, AtMS: d.at, Actor: "member:" + d.in.Event.By, Action: action,
		Target: strconv.FormatUint(d.s.ID, 10), Before: seatJSON(from), After: seatJSON(to), From: d.in.Event.From,
	})
}

func seatJSON(seat string) string {
	if seat == "" {
		return ""
	}
	return auditJSON(map[string]string{"seat": seat})
}
