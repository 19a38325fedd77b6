package bot

import (
	"cmp"

	"deskmate/model"
)

// askBot lets the bot say something to a message.
func (d *decision) askBot(c model.Content) {
	d.setTimer(model.TimerBotIdle, msDuration(d.acc.Policy.Bot.IdleAfter))
	if c.Type != model.ContentText {
		d.missed(textUnreadable, "unreadable")
		return
	}
	if entry, ok := d.choice(c.Text); ok {
		d.chosen(entry)
		return
	}
	topic := d.topic()
	if d.in.Answer == nil {
		d.need = Need{Kind: NeedAnswer, Text: c.Text, Topic: topic}
		return
	}
	a := *d.in.Answer
	d.step.Detail.Score, d.step.Detail.Threshold, d.step.Detail.Model = a.Score, a.Threshold, a.Model
	if a.Topic {
		d.step.Detail.Topic = topic
	}
	if !a.Exact && d.isKeyword(c.Text) {
		d.handoff(model.HandoffKeyword)
		return
	}
	switch a.Kind {
	case model.AnswerHit:
		d.answered(d.logQuestion(c.Text, a, model.OutcomeAnswered), a.Candidates[0], "hit")
	case model.AnswerSuggest:
		d.suggested(c.Text, a)
	case model.AnswerSmall:
		if a.Text != "" {
			d.say(model.FromBot, a.Text)
		}
		d.finish(model.OutcomeSmallTalk, "small_talk")
	case model.AnswerMiss:
		d.logQuestion(c.Text, a, model.OutcomeMissed)
		d.missed(d.acc.Policy.Bot.MissText, "miss")
	}
}

// isKeyword reports whether the whole text is one of the account's handoff keywords.
func (d *decision) isKeyword(text string) bool {
	folded := d.Fold(text)
	for _, k := range d.acc.Policy.Handoff.Keywords {
		if folded == d.Fold(k) {
			return true
		}
	}
	return false
}

// topic is the entry that a question may follow up on: the one that answered last, as long
// as that is fresh; 0 for none.
func (d *decision) topic() uint64 {
	if d.at-d.s.TopicMS > d.acc.Policy.Bot.FollowUp || d.acc.Policy.Bot.FollowUp == 0 {
		return 0
	}
	return d.s.TopicEntry
}

// answered says an entry's answer to a question.
func (d *decision) answered(q asked, c model.AnswerCandidate, why string) {
	first := d.phrased(q.text, c.Answer)
	if d.need.Kind != NeedNothing {
		return
	}
	d.s.Misses = 0
	d.forgetSuggestion()
	d.s.TopicEntry, d.s.TopicMS = c.EntryID, d.at
	d.step.Detail.Entry, d.step.Detail.Variant = c.EntryID, c.Variant
	d.sayAnswer(first)
	for _, text := range c.More[:min(len(c.More), model.MoreMax)] {
		d.sayAnswer(text)
	}
	d.fact(model.FactAnswered, why, 0)
	d.askFeedback(q.id)
	d.finish(model.OutcomeAnswered, why)
}

// phrased is an approved answer as the language model says it, where the account wants
// that. A picture or a file stays what it is.
func (d *decision) phrased(question, answer string) string {
	_, _, media := model.ParseMediaRef(answer)
	if media || !d.in.CanPhrase || d.acc.Policy.LLM.Mode != model.LLMRephrase {
		return answer
	}
	if d.in.Phrase == nil {
		d.need = Need{Kind: NeedPhrase, Text: question, Answer: answer}
		return ""
	}
	p := *d.in.Phrase
	d.step.Detail.Phrase = cmp.Or(p.Reason, "rephrased")
	d.fact(model.FactPhrased, p.Reason, p.TookMS)
	return cmp.Or(p.Text, answer)
}

// sayAnswer sends one message of an answer: a picture, a file or a text.
func (d *decision) sayAnswer(text string) {
	kind, blob, ok := model.ParseMediaRef(text)
	push, sendable := mediaPush(kind)
	if !ok || !sendable {
		d.say(model.FromBot, text)
		return
	}
	d.record(model.FromBot, "", model.Content{Type: kind, Text: text})
	d.push(model.Push{Receiver: d.employee, Kind: push, Blob: blob, Seq: d.s.MessageCount})
}

// missed counts a miss, and hands over after as many in a row as the account allows.
func (d *decision) missed(text, why string) {
	d.forgetSuggestion()
	d.s.Misses++
	d.fact(model.FactMissed, why, 0)
	if limit := d.acc.Policy.Handoff.Misses; limit > 0 && d.s.Misses >= limit {
		d.handoff(model.HandoffMisses)
		return
	}
	if d.acc.Policy.Handoff.Button {
		d.sayCard(model.FromBot, "miss", missCard(d.acc.Name, text))
	} else {
		d.say(model.FromBot, text)
	}
	d.finish(model.OutcomeMissed, why)
}
