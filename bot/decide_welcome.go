package bot

import (
	"time"

	"deskmate/model"
)

// welcomeEvery is how often the welcome is said at most: enter_agent comes with
// every opening of the conversation.
const welcomeEvery = 24 * time.Hour

// entered greets who opens the conversation, once in a while, and offers what others ask
// most.
func (d *decision) entered() {
	policy := d.acc.Policy.Bot
	last := d.in.Case.Conversation.WelcomedMS
	due := last == 0 || d.at-last >= welcomeEvery.Milliseconds()
	human := d.s != nil && d.s.State != model.StateBot // the bot is silent then
	stranger := !d.in.Case.InScope || d.acc.Policy.Bars(d.in.Case.Person)
	if policy.Welcome == "" || !due || human || !d.acc.Enabled || stranger || d.in.Case.Seat != nil {
		d.finish(model.OutcomeHandled, "enter")
		return
	}
	count := min(policy.Hot, maxSuggested)
	if count > 0 && policy.Enabled && d.in.Hot == nil {
		d.need = Need{Kind: NeedHot, Count: count}
		return
	}
	d.greet(policy.Welcome, count)
	d.finish(model.OutcomeHandled, "welcomed")
}
