package bot

import (
	"strconv"

	"deskmate/model"
)

// maxSuggested is how many entries a suggestion holds.
const maxSuggested = 5

// suggested asks which of a few entries is meant.
func (d *decision) suggested(text string, a model.Answer) {
	a.Candidates = a.Candidates[:min(len(a.Candidates), maxSuggested)]
	q := d.logQuestion(text, a, model.OutcomeSuggested)
	d.s.Suggested, d.s.SuggestedFor = nil, q.id
	for _, c := range a.Candidates {
		d.s.Suggested = append(d.s.Suggested, c.EntryID)
	}
	d.step.Question.Suggested = d.s.Suggested
	d.sayCard(model.FromBot, "sug", suggestionCard(d.acc.Name, q.id, a.Candidates, d.acc.Policy.Handoff.Button))
	d.fact(model.FactSuggested, "", 0)
	d.finish(model.OutcomeSuggested, "suggest")
}

func (d *decision) forgetSuggestion() { d.s.Suggested, d.s.SuggestedFor = nil, 0 }

// choice understands a text as an answer to the last suggestion: an entry's number, or that
// it is none of them, which is entry 0.
func (d *decision) choice(text string) (entry uint64, ok bool) {
	if len(d.s.Suggested) == 0 {
		return 0, false
	}
	folded := d.Fold(text)
	for _, none := range []string{"0", textNone, "都不是"} {
		if folded == d.Fold(none) {
			return 0, true
		}
	}
	n, err := strconv.Atoi(folded)
	if err != nil || n < 1 || n > len(d.s.Suggested) {
		return 0, false
	}
	return d.s.Suggested[n-1], true
}

// chosen does what a choice says.
func (d *decision) chosen(entry uint64) {
	if entry == 0 {
		d.refused(d.s.SuggestedFor)
		return
	}
	d.pick(entry, d.s.SuggestedFor, "number")
}

// tapped answers with an entry on a card: one suggested for a question or, where that is
// 0, a hot one.
func (d *decision) tapped(entry, question uint64) {
	if !d.botsTurn() {
		return
	}
	why := "suggestion"
	if question == 0 {
		why = "hot"
	}
	if d.in.Entry != nil && d.in.Entry.Found {
		d.recordTap(d.in.Entry.Candidate.Question)
	}
	d.pick(entry, question, why)
	if d.need.Kind == NeedNothing {
		d.update("已选择", nil)
	}
}

// recordTap keeps what was chosen on a card as a line of the employee's.
func (d *decision) recordTap(text string) {
	d.record(model.FromEmployee, d.employee, model.Content{Type: model.ContentCard, Text: text})
}

// pick answers with the entry that somebody chose. The question that it was suggested for
// counts as answered by it; without one the choice is a question of its own.
func (d *decision) pick(entry, question uint64, why string) {
	earlier, suggested := d.earlier(question)
	if d.need.Kind != NeedNothing {
		return
	}
	if d.in.Entry == nil {
		d.need = Need{Kind: NeedEntry, Entry: entry}
		return
	}
	if !d.in.Entry.Found {
		d.missed(d.acc.Policy.Bot.MissText, "entry_gone")
		return
	}
	c := d.in.Entry.Candidate
	if !suggested {
		only := model.Answer{Score: c.Score, Candidates: []model.AnswerCandidate{c}}
		d.answered(d.logQuestion(c.Question, only, model.OutcomeAnswered), c, why)
		return
	}
	if earlier.Picked == 0 {
		d.step.QuestionChange = &model.QuestionChange{ID: earlier.ID, Picked: c.EntryID}
		d.fact(model.FactAccepted, why, 0)
	}
	d.answered(asked{id: earlier.ID, text: earlier.Text}, c, why)
}

// noneOfThese is 以上都不是 on a suggestion's card.
func (d *decision) noneOfThese(question uint64) {
	earlier, ok := d.earlier(question)
	switch {
	case d.need.Kind != NeedNothing:
		return
	case ok && (earlier.Picked != 0 || earlier.Feedback != model.FeedbackNone):
		d.update("已处理", nil)
		d.finish(model.OutcomeHandled, "none_already")
		return
	case !d.botsTurn():
		return
	}
	d.recordTap(textNone)
	d.refused(question)
	if d.need.Kind == NeedNothing {
		d.update(textNone, nil)
	}
}

// refused is that none of the entries suggested for a question is meant: a miss of that
// question, and the same as a 👎 for whoever reads the misses.
func (d *decision) refused(question uint64) {
	earlier, ok := d.earlier(question)
	if d.need.Kind != NeedNothing {
		return
	}
	if ok && earlier.Feedback == model.FeedbackNone {
		d.step.QuestionChange = &model.QuestionChange{ID: earlier.ID, Feedback: model.FeedbackDown}
	}
	d.missed(d.acc.Policy.Bot.MissText, "none_of_these")
}

// botsTurn makes the session ready for a tap on one of the bot's cards. While a person
// serves, or is waited for, the bot stays silent.
func (d *decision) botsTurn() bool {
	if !d.admit() {
		return false
	}
	if d.s != nil && d.s.State != model.StateBot {
		d.update(textServing, nil)
		d.finish(model.OutcomeHandled, "bot_silent")
		return false
	}
	d.openSession()
	d.s.LastEmployeeMS = d.at
	d.setTimer(model.TimerBotIdle, msDuration(d.acc.Policy.Bot.IdleAfter))
	return true
}
