package bot

import (
	"time"

	"deskmate/model"
)

// consultEvery is how often a person is written to at most because it asked for that on a
// page.
const consultEvery = time.Minute

// reasonWelcomed says that the person was greeted a moment ago.
const reasonWelcomed = "welcomed_lately"

// consult writes to a person who chose the account on a page: no API opens the conversation
// of another app, so a message brings it to the top of the person's list.
func (d *decision) consult() {
	if !d.admit() {
		return
	}
	if d.s != nil && d.s.State != model.StateBot {
		d.finish(model.OutcomeHandled, "in_service")
		if d.spokenLately() {
			return
		}
		d.conversation().WelcomedMS = d.at
		d.tell(d.in.Case.Person, consultGoOnText(d.acc.Name))
		return
	}
	if d.spokenLately() {
		d.finish(model.OutcomeHandled, reasonWelcomed)
		return
	}
	policy := d.acc.Policy.Bot
	count := min(policy.Hot, maxSuggested)
	if count > 0 && policy.Enabled && d.in.Hot == nil {
		d.need = Need{Kind: NeedHot, Count: count}
		return
	}
	text := policy.Welcome
	if text == "" {
		text = consultText(d.acc.Name)
	}
	d.greet(text, count)
	d.finish(model.OutcomeHandled, "consulted")
}

// spokenLately reports whether the person was greeted so lately that it would be greeted twice.
func (d *decision) spokenLately() bool {
	last := d.in.Case.Conversation.WelcomedMS
	return last != 0 && d.at-last < consultEvery.Milliseconds()
}

// greet says a welcome and offers what others ask most.
func (d *decision) greet(text string, count int) {
	d.conversation().WelcomedMS = d.at
	d.tell(d.in.Case.Person, text)
	if hot := d.in.Hot[:min(len(d.in.Hot), count)]; len(hot) > 0 {
		d.card(model.Push{Receiver: d.in.Case.Person}, "hot", hotCard(d.acc.Name, hot, d.acc.Policy.Handoff.Button))
	}
}

func consultText(account string) string {
	return "您好，这里是" + account + "，请直接发送您的问题。"
}

func consultGoOnText(account string) string {
	return "您与" + account + "的会话还在进行，请直接在这里继续。"
}
