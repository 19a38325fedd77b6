package bot

import (
	"encoding/json"
	"strconv"

	"deskmate/model"
)

// A session moves away from its seat where the seat is none any more, has left, may no longer
// answer, or can't be reached. It goes back to the queue, where its first handoff keeps it
// ahead of everybody who came later, and has its turn at once. Whoever finds such a
// session asks its lane to look; what the lane finds then counts.

// Why a seat is set away by itself, in [model.Event.Reason].
const (
	// AwayUnreachable says that WeCom doesn't take what is sent to the seat.
	AwayUnreachable = "unreachable"
	// AwayNoAnswer says that the seat left an employee without an answer.
	AwayNoAnswer = "no_answer"
)

// review looks whether the session may stay where it is.
func (d *decision) review() {
	ev := d.in.Event
	switch {
	case ev.Session == 0:
		d.reviewHeld()
	case d.s == nil || d.s.ID != ev.Session || d.s.State != model.StateServing:
		d.finish(model.OutcomeHandled, "not_serving")
	case !d.acc.Enabled:
		d.closeDisabled()
		d.finish(model.OutcomeHandled, "account_disabled")
	case d.s.ForAll():
		d.reviewShared()
	default:
		why := d.mustMove()
		if why == "" {
			d.finish(model.OutcomeHandled, "may_stay")
			return
		}
		d.move(why)
	}
}

// mustMove says why the session can't stay with its seat; "" where it can.
func (d *decision) mustMove() string {
	seat := d.in.Case.ServedBy
	switch {
	case seat == nil:
		return "removed"
	case seat.LeftMS > 0:
		return "left"
	case !seat.Serves():
		return "may_not_answer"
	case d.in.Event.Reason != "" && d.in.Event.Seat == d.s.Seat:
		return d.in.Event.Reason
	}
	return ""
}

// move puts the session back into the queue. The next seat is shown all since its seat's last
// answer, which may not have seen it.
func (d *decision) move(why string) {
	from := d.s.Seat
	if why == AwayUnreachable || why == AwayNoAnswer {
		d.s.ReturnedBy = from
	}
	d.showSinceAnswer()
	d.auditOwn("session.moved", strconv.FormatUint(d.s.ID, 10), map[string]string{"seat": from}, map[string]string{"reason": why})
	d.backToQueue(textSeatGone, textRearranged, why)
	if why != "left" {
		d.tell(from, movedText(d.employeeMember().Title(), why))
	}
	d.finish(model.OutcomeQueued, "moved_"+why)
}

// showSinceAnswer has the next seat shown what came after the last answer; without one, all
// since the handoff.
func (d *decision) showSinceAnswer() {
	for _, m := range d.in.Case.Recent {
		if m.From == model.FromSeat {
			d.s.HandoffSeq = max(d.s.HandoffSeq, m.Seq)
		}
	}
}

// reviewHeld tells who is a seat no more what of its texts was never sent.
func (d *decision) reviewHeld() {
	seat := d.in.Case.Seat
	if len(d.in.Case.Held) == 0 || (seat != nil && seat.Serves()) {
		d.finish(model.OutcomeHandled, "may_stay")
		return
	}
	for _, ev := range d.in.Case.Held {
		words := ""
		if ev.Content != nil {
			words = ev.Content.Words()
		}
		d.tell(d.in.Case.Person, undeliveredText("员工", "您已不能接待该账号的会话", words))
	}
	d.releaseHeld()
	d.finish(model.OutcomeHandled, "held_unsent")
}

// unreachable lets the seat of the person's session be set away where a line didn't reach it
// and the account wants that; the line is shown to the next seat.
func (d *decision) unreachable() bool {
	ev := d.in.Event
	if !d.acc.Policy.Assignment.AutoAway || ev.Reason != string(model.OutDead) ||
		d.s == nil || d.s.State != model.StateServing || d.s.ID != ev.Session || d.s.Seat != ev.Target {
		return false
	}
	d.step.Forwards = append(d.step.Forwards, model.Forward{Person: ev.Target, Event: model.Event{
		Kind: model.EventSeatAway, Session: d.s.ID, Seat: ev.Target, Reason: AwayUnreachable, AtMS: d.at,
	}})
	d.finish(model.OutcomeHandled, AwayUnreachable)
	return true
}

// seatAway sets the person, a seat, away and takes the session that shows why.
func (d *decision) seatAway() {
	ev, seat := d.in.Event, d.in.Case.Seat
	if seat == nil || !d.acc.Policy.Assignment.AutoAway {
		d.finish(model.OutcomeHandled, "not_away")
		return
	}
	if seat.State == model.SeatOnline {
		away := model.SeatAway
		d.step.SeatChange = &model.SeatChange{State: &away}
		d.auditOwn("seat.away", seat.UserID, nil, map[string]string{"reason": ev.Reason})
		d.tell(seat.UserID, autoAwayText(ev.Reason))
	}
	if t := d.in.Case.Target; t != nil && t.State == model.StateServing && t.Seat == seat.UserID {
		d.step.Forwards = append(d.step.Forwards, model.Forward{Person: t.Employee, Event: model.Event{
			Kind: model.EventReview, Session: t.ID, Seat: seat.UserID, Reason: ev.Reason, AtMS: d.at,
		}})
	}
	d.finish(model.OutcomeHandled, "seat_away")
}

// seatLeft tells the account's owners that a seat is gone.
func (d *decision) seatLeft() {
	ev := d.in.Event
	name := ev.Seat
	if ev.Note != "" && ev.Note != ev.Seat {
		name = ev.Note + "(" + ev.Seat + ")"
	}
	for _, owner := range d.in.Case.Owners {
		d.tell(owner, seatLeftText(d.acc.Name, name, ev.Reason))
	}
	d.finish(model.OutcomeHandled, "owners_told")
}

// seenAgain is that the person left the app's visible range, or came back into it.
func (d *decision) seenAgain() {
	kind := d.in.Event.Kind
	d.finish(model.OutcomeHandled, string(kind))
	seat := d.in.Case.Seat
	left := kind == model.EventUnsubscribe
	if seat == nil || left == (seat.LeftMS > 0) {
		return
	}
	if !left {
		d.step.SeatChange = &model.SeatChange{LeftMS: new(int64)}
		d.step.WakeQueue = true
		d.auditOwn("seat.back", seat.UserID, nil, nil)
		return
	}
	d.step.SeatChange = &model.SeatChange{LeftMS: &d.at}
	d.auditOwn("seat.left", seat.UserID, nil, nil)
	d.step.Forwards = append(d.step.Forwards, model.Forward{Event: model.Event{
		Kind: model.EventSeatLeft, Seat: seat.UserID, Note: seatName(*seat), Reason: "left", AtMS: d.at,
	}})
	for _, s := range d.in.Case.Serving {
		d.step.Forwards = append(d.step.Forwards, model.Forward{Person: s.Session.Employee, Event: model.Event{
			Kind: model.EventReview, Session: s.Session.ID, Seat: seat.UserID, AtMS: d.at,
		}})
	}
}

// activeEvery is how exactly it is known when a seat last did something.
const activeEvery = 60_000 // ms

// noteActive remembers that the person, a seat, did something.
func (d *decision) noteActive() {
	seat := d.in.Case.Seat
	switch d.in.Event.Kind {
	case model.EventMessage, model.EventCardClick, model.EventMenuClick, model.EventEnter:
	default:
		return
	}
	if seat == nil || d.at-seat.ActiveMS < activeEvery {
		return
	}
	if d.step.SeatChange == nil {
		d.step.SeatChange = &model.SeatChange{}
	}
	at := d.at
	d.step.SeatChange.ActiveMS = &at
}

// audit notes for the audit log what Deskmate itself does; nil values are nothing.
func (d *decision) auditOwn(action, target string, before, after map[string]string) {
	d.step.Audits = append(d.step.Audits, model.Audit{
		AccountID: d.acc.ID, AtMS: d.at, Actor: "system", Action: action, Target: target,
		Before: auditJSON(before), After: auditJSON(after),
	})
}

func auditJSON(words map[string]string) string {
	if len(words) == 0 {
		return ""
	}
	text, _ := json.Marshal(words) // of texts, which can't fail
	return string(text)
}
