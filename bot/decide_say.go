package bot

import (
	"strings"

	"deskmate/model"
)

// record adds a line to the session's transcript.
func (d *decision) record(from model.SenderKind, sender string, c model.Content) {
	d.s.MessageCount++
	d.changed()
	d.step.Messages = append(d.step.Messages, model.Message{
		SessionID: d.s.ID, Seq: d.s.MessageCount, AccountID: d.acc.ID,
		From: from, Sender: sender, Content: c, AtMS: d.at,
	})
}

// push adds a message to the outbox; a long text goes in several. What is meant for an employee
// is not for a group: see toGroup.
func (d *decision) push(p model.Push) {
	if model.IsGroup(p.Receiver) {
		return
	}
	if p.Session == 0 && d.s != nil {
		p.Session = d.s.ID
	}
	if p.Kind != model.PushText {
		d.step.Pushes = append(d.step.Pushes, p)
		return
	}
	indent := ""
	if p.Line { // names begin its lines
		indent = relayIndent
	}
	for _, p.Text = range d.parts(p.Text, indent) {
		d.step.Pushes = append(d.step.Pushes, p)
	}
}

// parts cuts a text into what single messages can carry; see [rest] for the indent.
func (d *decision) parts(text, indent string) []string {
	var parts []string
	for text != "" {
		part := wholeLinks(d.Split(text)[0], text)
		parts = append(parts, part)
		text = rest(text[len(part):], indent)
	}
	return parts
}

// wholeLinks shortens the first part of a text to before the link that it would cut in two:
// WeCom shows a link only where all of it is in one message.
func wholeLinks(part, text string) string {
	open := strings.LastIndex(part, "<a ")
	if open <= 0 || len(part) == len(text) || strings.Contains(part[open:], "</a>") {
		return part
	}
	return part[:open]
}

// rest is what the next message holds of a text that one could not. Where a line was cut, it
// goes on behind indent, so that nobody can write a line long enough for the next message
// to begin with another person's name.
func rest(text, indent string) string {
	for _, end := range []string{"\n", "\r\n"} {
		if after, ok := strings.CutPrefix(text, end); ok {
			return after
		}
	}
	if text == "" {
		return ""
	}
	return indent + text
}

// tell sends a text of ours to a member, outside any transcript.
func (d *decision) tell(receiver, text string) {
	d.push(model.Push{Receiver: receiver, Kind: model.PushText, Text: text})
}

// say sends a text of ours to the employee and records it.
func (d *decision) say(from model.SenderKind, text string) {
	if model.IsGroup(d.employee) {
		return
	}
	d.record(from, "", model.Content{Type: model.ContentText, Text: text})
	d.push(model.Push{Receiver: d.employee, Kind: model.PushText, Text: text, Seq: d.s.MessageCount})
}

// card sends a card under a new task id.
func (d *decision) card(p model.Push, kind string, card model.Card) {
	card.TaskID = taskID(kind, d.in.FreshID, d.cards)
	d.cards++
	p.Kind, p.Card = model.PushCard, &card
	d.push(p)
}

// sayCard sends a card to the employee and records what it said.
func (d *decision) sayCard(from model.SenderKind, kind string, card model.Card) {
	if model.IsGroup(d.employee) {
		return
	}
	text := card.Title
	if card.Body != "" {
		text += "\n" + card.Body
	}
	d.record(from, "", model.Content{Type: model.ContentCard, Text: text})
	d.card(model.Push{Receiver: d.employee, Seq: d.s.MessageCount}, kind, card)
}

// update changes the card that was clicked.
func (d *decision) update(replace string, card *model.Card) {
	click := d.in.Event.Click
	if click == nil || click.ResponseCode == "" {
		return
	}
	d.push(model.Push{
		Receiver: d.in.Case.Person, Kind: model.PushUpdate,
		Update: &model.CardUpdate{ResponseCode: click.ResponseCode, Replace: replace, Card: card},
	})
}
