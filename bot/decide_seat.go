package bot

import (
	"slices"
	"time"

	"deskmate/model"
)

// afterwards is how long after a seat's last session its texts are held rather than
// taken as a question of its own: they may be meant for that employee.
const afterwards = 30 * time.Minute

// remindEvery is how long a held text waits before the seat is asked again: the first
// time, and from then on.
const (
	remindFirst = time.Minute
	remindLater = 10 * time.Minute
)

// fromMember is a message of a member: a command, a reply to the employee a seat is serving,
// or a question.
func (d *decision) fromMember() {
	c := *d.in.Event.Content
	if d.in.Event.Reason != model.AsEmployee && d.runs(c) {
		return
	}
	if d.in.Case.Seat == nil || d.in.Event.Reason == model.AsEmployee {
		d.employeeMessage(c)
		return
	}
	if c.Type == model.ContentText {
		if cmd, ok := ParseCommand(c.Text); ok {
			d.command(cmd)
			return
		}
	}
	if len(d.meant()) == 0 {
		if d.s != nil || !d.justServed() {
			d.employeeMessage(c)
			return
		}
		if d.mistyped(c) {
			return
		}
		d.hold()
		return
	}
	if d.mistyped(c) {
		return
	}
	target, ok := d.focus()
	if !ok {
		d.hold()
		return
	}
	d.reply(target, c)
}

func (d *decision) justServed() bool {
	last := d.in.Case.LastServed
	return last != nil && d.at-last.Session.ClosedMS < afterwards.Milliseconds()
}

// focus is the session the seat's text goes to; ok is false where the seat must be asked.
func (d *decision) focus() (model.Served, bool) {
	c := d.in.Case
	target := Resolve(Focus{
		Serving: d.meant(), Session: c.Seat.FocusSession, SinceMS: c.Seat.FocusMS, Shown: c.Shown,
		Mode: d.acc.Policy.Focus, ArrivedMS: d.in.ArrivedMS,
	})
	return d.served(target.Session)
}

// meant are the sessions that a text of the seat may be for where it names none. A seat that
// is offline isn't shown what goes to all, and means that only where it says so.
func (d *decision) meant() []model.Served {
	c := d.in.Case
	if c.Seat.State != model.SeatOffline {
		return c.Serving
	}
	return slices.DeleteFunc(slices.Clone(c.Serving), func(s model.Served) bool {
		return s.Session.ForAll() && s.Session.ID != c.Seat.FocusSession
	})
}

func (d *decision) served(id uint64) (model.Served, bool) {
	for _, s := range d.in.Case.Serving {
		if s.Session.ID == id {
			return s, true
		}
	}
	return model.Served{}, false
}

// reply forwards a seat's message to the lane of the employee it is for.
func (d *decision) reply(to model.Served, c model.Content) {
	if needsClaim(d.acc, to.Session) {
		d.holdContent(c, "claim_first")
		return
	}
	c, _ = d.written(to, c)
	d.forward(to, model.Event{Kind: model.EventSeatMessage, Content: &c})
	d.choose(to.Session.ID)
	d.finish(model.OutcomeRelayed, "to_session")
}

func (d *decision) forward(to model.Served, ev model.Event) {
	ev.Session, ev.Seat = to.Session.ID, d.in.Case.Person
	d.step.Forwards = append(d.step.Forwards, model.Forward{Person: to.Session.Employee, Event: ev})
}

// choose puts a session in focus, as of when the seat wrote or tapped: a line of another
// employee that was shown while the event waited ends the focus all the same.
func (d *decision) choose(id uint64) {
	if d.step.SeatChange == nil {
		d.step.SeatChange = &model.SeatChange{}
	}
	since := d.in.ArrivedMS
	d.step.SeatChange.FocusSession, d.step.SeatChange.FocusMS = &id, &since
}

// hold keeps a seat's message until the seat says for whom it is.
func (d *decision) hold() { d.holdContent(*d.in.Event.Content, "which_session") }

func (d *decision) holdContent(c model.Content, reason string) {
	ev := d.in.Event
	ev.Content = &c
	d.step.Hold = &ev
	if len(d.in.Case.Held) == 0 {
		d.askReceiver(1)
		d.setTimer(model.TimerHeld, remindFirst)
	}
	d.finish(model.OutcomeHeld, reason)
}

func (d *decision) askReceiver(held int) {
	var last *model.Served
	if d.justServed() {
		last = d.in.Case.LastServed
	}
	d.card(model.Push{Receiver: d.in.Case.Person}, "held", heldCard(d.acc, held, d.in.Case.Serving, last))
}

func (d *decision) remindHeld() {
	if len(d.in.Case.Held) == 0 {
		d.finish(model.OutcomeHandled, "stale_timer")
		return
	}
	d.askReceiver(len(d.in.Case.Held))
	d.setTimer(model.TimerHeld, remindLater)
	d.finish(model.OutcomeHandled, "reminded")
}

// sendHeld forwards every held text, in order, to the session's lane; where the session has to
// be claimed for that, it is.
func (d *decision) sendHeld(s model.Served) {
	if needsClaim(d.acc, s.Session) {
		d.forward(s, model.Event{Kind: model.EventSeatClaim})
	}
	d.passHeld(s)
}

func (d *decision) passHeld(s model.Served) {
	d.forwardHeld(s, model.EventSeatMessage)
	d.finish(model.OutcomeRelayed, "held_sent")
}

func (d *decision) releaseHeld() {
	d.step.ReleaseHeld = true
	d.dropTimer(model.TimerHeld)
}
