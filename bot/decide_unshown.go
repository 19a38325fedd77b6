package bot

import (
	"slices"
	"time"

	"deskmate/model"
)

// A seat that works in the workbench reads there what employees write. WeCom would only repeat
// it, and a seat is one receiver of all its employees' lines within WeCom's limits. So it is told
// that there are lines, and sent them a minute later if it has not read them. Until then the
// session remembers from which line on; the transcript has the words.

// unreadAfter is how long a line that a seat was only told of may stay unread.
const unreadAfter = time.Minute

// asksActive reports whether it has still to be asked which of the seats work in the workbench.
func (d *decision) asksActive(seats []string) bool {
	if d.acc.Policy.Workbench.Quiet && len(seats) > 0 && d.in.Active == nil {
		d.need = Need{Kind: NeedActive, Seats: seats}
		return true
	}
	return false
}

// spare tells a seat that works in the workbench of a line, in place of the line. Any other seat
// gets what it was only told of before, and then the line, which is the caller's to send.
func (d *decision) spare(seat string, seq int) bool {
	if !d.acc.Policy.Workbench.Quiet || !slices.Contains(d.in.Active, seat) {
		d.sendUnread(seat)
		return false
	}
	u := d.s.UnshownTo(seat)
	before := d.s.MessageCount - len(d.step.Messages)
	if u.From == 0 || u.From <= before && len(d.unread(u)) == 0 {
		u.From, u.SinceMS = seq, d.at
	}
	if d.at-u.ToldMS >= noticeEvery.Milliseconds() {
		u.ToldMS = d.at
		d.push(model.Push{Receiver: seat, Kind: model.PushText, Text: unshownText(d.employeeMember().Title()), Line: true})
	}
	d.setUnshown(u)
	return true
}

// unread are the lines that a seat was only told of before, and has not read.
func (d *decision) unread(u model.Unshown) []model.Message {
	var lines []model.Message
	for _, m := range d.in.Case.Unshown {
		if u.From != 0 && m.Seq >= u.From && m.Seq > d.in.Case.Seen[u.Seat] && d.s.Hears(u.Seat, m) {
			lines = append(lines, m)
		}
	}
	return lines
}

// sendUnread sends a seat the lines that it was only told of and has not read.
func (d *decision) sendUnread(seat string) {
	u := d.s.UnshownTo(seat)
	if u.From == 0 {
		return
	}
	for _, m := range d.unread(u) {
		name, author := d.lateTitle(m)
		d.relayTo(seat, name, author, asRecalled(m))
	}
	u.From, u.SinceMS = 0, 0
	d.setUnshown(u)
}

// sendAllUnread does so for every seat, before the session ends.
func (d *decision) sendAllUnread() {
	for _, seat := range d.listeners() {
		d.sendUnread(seat)
	}
}

// lateTitle is what a line is sent under, and who is told where it can't be delivered.
func (d *decision) lateTitle(m model.Message) (name, author string) {
	switch {
	case m.From == model.FromSeat:
		return d.answerTitle(m.Sender), m.Sender
	case model.IsGroup(d.employee):
		return "群聊·" + d.writerName(m, d.employeeMember()), d.employee
	}
	return d.employeeMember().Title(), d.employee
}

// asRecalled is a line as it is shown later: what was taken back says so.
func asRecalled(m model.Message) model.Content {
	if m.RecalledMS == 0 {
		return m.Content
	}
	return model.Content{Type: model.ContentText, Text: m.Content.Words() + "（已撤回）"}
}

// unreadTimer looks whether the seats have read what they were told of.
func (d *decision) unreadTimer() {
	if d.s.UnshownSince() == 0 || d.s.State != model.StateServing {
		d.finish(model.OutcomeHandled, "stale_timer")
		return
	}
	d.changed()
	reason := "all_read"
	for _, seat := range d.listeners() {
		u := d.s.UnshownTo(seat)
		if u.From == 0 {
			continue
		}
		switch lines := d.unread(u); {
		case len(lines) == 0:
			u.From, u.SinceMS = 0, 0
			d.setUnshown(u)
		case lines[0].AtMS+unreadAfter.Milliseconds() > d.at:
			u.From, u.SinceMS = lines[0].Seq, lines[0].AtMS
			d.setUnshown(u)
		default:
			d.sendUnread(seat)
			reason = "unread_sent"
		}
	}
	d.finish(model.OutcomeHandled, reason)
}

// setUnshown keeps a seat's entry.
func (d *decision) setUnshown(u model.Unshown) {
	d.changed()
	if i := slices.IndexFunc(d.s.Unshown, func(o model.Unshown) bool { return o.Seat == u.Seat }); i >= 0 {
		d.s.Unshown[i] = u
		return
	}
	d.s.Unshown = append(d.s.Unshown, u)
}

// forgetUnshown forgets what a seat was only told of: it is shown all of it now.
func (d *decision) forgetUnshown(seat string) {
	if d.s.UnshownTo(seat).From != 0 {
		d.setUnshown(model.Unshown{Seat: seat})
	}
}

// keepUnshown completes the step: who doesn't listen any more is owed nothing, for whoever
// listens instead is shown it all; and somebody looks again when the oldest line has waited.
func (d *decision) keepUnshown() {
	if d.s == nil {
		return
	}
	before, fired := d.in.Case.Session.UnshownSince(), d.in.Event.Timer == model.TimerUnread
	if d.step.Session == nil { // as it was; what its timer has to do is in a step of its own
		return
	}
	listeners := d.listeners()
	d.s.Unshown = slices.DeleteFunc(d.s.Unshown, func(u model.Unshown) bool { return !slices.Contains(listeners, u.Seat) })
	switch since := d.s.UnshownSince(); {
	case since == 0 && before != 0:
		d.dropTimer(model.TimerUnread)
	case since != 0 && (since != before || fired):
		d.step.Timers = append(d.step.Timers, model.TimerChange{Kind: model.TimerUnread, DueMS: since + unreadAfter.Milliseconds()})
	}
}
