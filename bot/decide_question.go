package bot

import "deskmate/model"

// How many characters of a question are kept.
const (
	questionChars = 2000
	foldedChars   = 400
)

// asked is the question that an answer is for.
type asked struct {
	id   uint64 // in the log
	text string
}

// logQuestion records a question to the bot and what came of it.
func (d *decision) logQuestion(text string, a model.Answer, outcome model.Outcome) asked {
	q := model.Question{
		ID: d.in.FreshID, AccountID: d.acc.ID, SessionID: d.s.ID, Employee: d.employee,
		Text: firstChars(text, questionChars), Folded: firstChars(d.Fold(text), foldedChars), Outcome: outcome,
		Score: a.Score, Threshold: a.Threshold, Topic: d.step.Detail.Topic, Model: a.Model, AtMS: d.at,
	}
	if len(a.Candidates) > 0 {
		q.EntryID = a.Candidates[0].EntryID
	}
	if outcome == model.OutcomeMissed {
		q.Miss = model.MissOpen
	}
	d.step.Question = &q
	return asked{id: q.ID, text: text}
}

// earlier is the question that a tap or a number is about. It is absent where the log has
// it no longer, or it is another employee's; while ok is false and the decision needs
// something, nobody has looked yet.
func (d *decision) earlier(id uint64) (q model.Question, ok bool) {
	switch {
	case id == 0:
		return model.Question{}, false
	case d.in.Question == nil:
		d.need = Need{Kind: NeedQuestion, Question: id}
		return model.Question{}, false
	}
	q = d.in.Question.Question
	return q, d.in.Question.Found && q.ID == id && q.Employee == d.in.Case.Person
}

// firstChars is at most limit characters of the beginning of a text.
func firstChars(text string, limit int) string {
	for i := range text {
		if limit == 0 {
			return text[:i]
		}
		limit--
	}
	return text
}
