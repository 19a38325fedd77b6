package bot

import (
	"strings"

	"deskmate/model"
)

// quick reports whether the quick replies are known; where they aren't they are asked for.
func (d *decision) quick() bool {
	if d.in.Quick == nil {
		d.need = Need{Kind: NeedQuick}
	}
	return d.in.Quick != nil
}

// mistyped reports that a seat's text is not to be sent: it is the form of a shortcut, and
// either the quick replies must be asked for first or there is none of that name, which the
// seat is told. What an employee would get is never a slip of the finger.
func (d *decision) mistyped(c model.Content) bool {
	word, ok := ParseShortcut(c.Text)
	if c.Type != model.ContentText || !ok {
		return false
	}
	if !d.quick() {
		return true
	}
	if _, known := FindQuick(d.in.Quick, word); known {
		return false
	}
	d.tell(d.in.Case.Person, d.unknownShortcut(word))
	d.finish(model.OutcomeRefused, "no_such_shortcut")
	return true
}

func (d *decision) unknownShortcut(word string) string {
	text := "没有快捷回复「/" + word + "」，内容未发送。"
	if near := NearestQuick(d.in.Quick, word); len(near) > 0 {
		names := make([]string, len(near))
		for i, q := range near {
			names[i] = "/" + q.Shortcut + "　" + q.Label()
		}
		text += "相近的有：\n" + strings.Join(names, "\n")
	}
	return text + "\n如需原样发送，请写 //" + word
}

// written is what goes to a session of what a seat wrote: a shortcut becomes its quick reply.
// It reports false for a shortcut that stands for nothing. The quick replies must be known
// where it is one.
func (d *decision) written(to model.Served, c model.Content) (model.Content, bool) {
	if c.Type != model.ContentText {
		return c, true
	}
	if text, ok := Unslashed(c.Text); ok {
		c.Text = text
		return c, true
	}
	word, ok := ParseShortcut(c.Text)
	if !ok {
		return c, true
	}
	q, ok := FindQuick(d.in.Quick, word)
	names := model.Names{Employee: to.Employee.ShortName(), Account: d.acc.Name}
	if d.in.Case.Seat != nil {
		names.Seat = seatName(*d.in.Case.Seat)
	}
	c.Text = q.Expand(names)
	return c, ok
}

// forwardHeld sends every held text, in order, to the session's lane and drops it here. A
// shortcut that has gone meanwhile is told to the seat.
func (d *decision) forwardHeld(to model.Served, kind model.EventKind) {
	for _, ev := range d.in.Case.Held {
		if _, short := ParseShortcut(ev.Content.Text); short && ev.Content.Type == model.ContentText && !d.quick() {
			return
		}
	}
	for _, ev := range d.in.Case.Held {
		c, ok := d.written(to, *ev.Content)
		if !ok {
			word, _ := ParseShortcut(ev.Content.Text)
			d.tell(d.in.Case.Person, d.unknownShortcut(word))
			continue
		}
		d.forward(to, model.Event{Kind: kind, Content: &c})
	}
	d.releaseHeld()
}

// quickCommand is `#快捷` and `#快捷 关键词`.
func (d *decision) quickCommand(cmd Command) {
	if !d.quick() {
		return
	}
	var list []model.QuickReply
	for _, q := range d.in.Quick {
		if cmd.Text == "" || q.Matches(cmd.Text) {
			list = append(list, q)
		}
	}
	switch {
	case len(list) > 0:
		d.tell(d.in.Case.Person, "快捷回复（发送 /短语 即可）：\n"+quickList(list))
	case cmd.Text != "":
		d.tell(d.in.Case.Person, "没有找到含「"+excerpt(cmd.Text, 20)+"」的快捷回复。")
	default:
		d.tell(d.in.Case.Person, "还没有快捷回复，可请负责人添加，或在工作台添加自己的。")
	}
}

// seatState is a seat's change of state from outside of WeCom.
func (d *decision) seatState() {
	state := model.SeatState(d.in.Event.Reason)
	if d.in.Case.Seat == nil || d.in.Case.Seat.LeftMS != 0 || !state.Valid() {
		d.finish(model.OutcomeRefused, "no_seat")
		return
	}
	d.step.SeatChange = &model.SeatChange{State: &state}
	d.step.WakeQueue = state == model.SeatOnline
	d.finish(model.OutcomeHandled, "seat_state")
}
