package bot

import (
	"strings"

	"deskmate/model"
)

// seatNote adds a note to the transcript. The seats that get the session see it; its employee
// and the bot never do.
func (d *decision) seatNote() {
	ev := d.in.Event
	if ev.By == "" || !d.current() || d.s.State != model.StateBot {
		if !d.mine() {
			return
		}
	}
	text := ""
	if ev.Content != nil {
		text = strings.TrimSpace(ev.Content.Text)
	}
	if text == "" {
		d.deny(reasonEmpty)
		return
	}
	d.note(text)
	title := d.employeeMember().Title()
	d.tellActor("已为" + title + "的会话记录备注。")
	if ev.By != "" && d.s.Seat != "" && d.s.Seat != ev.By && d.s.State == model.StateServing {
		d.tell(d.s.Seat, spoken(title+" 备注("+d.byName()+")", d.Escape(text)))
	}
	d.audit("session.noted", "", "")
	d.finish(model.OutcomeHandled, "noted")
}

// note records what whoever acts says to colleagues.
func (d *decision) note(text string) {
	author := d.in.Event.Seat
	if d.in.Event.By != "" {
		author = d.in.Event.By
	}
	d.record(model.FromNote, author, model.Content{Type: model.ContentText, Text: text})
}

// noteCommand is `#备注 内容`.
func (d *decision) noteCommand(cmd Command) {
	if cmd.Text == "" {
		d.tell(d.in.Case.Person, "请在 #备注 后写上内容。")
		return
	}
	s, ok := d.target(cmd.Number, "#备注 2 内容")
	if !ok {
		return
	}
	c := model.Content{Type: model.ContentText, Text: cmd.Text}
	d.forward(s, model.Event{Kind: model.EventSeatNote, Content: &c})
}
