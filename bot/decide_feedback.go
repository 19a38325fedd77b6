package bot

import "deskmate/model"

// askFeedback lets the employee say whether an answer helped. The card is no line of the
// transcript: it would hide from a seat what was said.
func (d *decision) askFeedback(question uint64) {
	if d.acc.Policy.Bot.Feedback {
		d.card(model.Push{Receiver: d.employee}, "fb", feedbackCard(d.acc.Name, question))
	}
}

// feedback is 👍 or 👎 on an answer; the first one counts. Nothing more is said of it where
// a person serves already.
func (d *decision) feedback(question uint64, f model.Feedback) {
	q, ok := d.earlier(question)
	switch {
	case d.need.Kind != NeedNothing:
		return
	case !ok:
		d.update("反馈已过期，谢谢", nil)
		d.finish(model.OutcomeHandled, "feedback_gone")
		return
	case q.Feedback != model.FeedbackNone:
		d.update("您已反馈过，谢谢", nil)
		d.finish(model.OutcomeHandled, "feedback_already")
		return
	}
	d.step.QuestionChange = &model.QuestionChange{ID: q.ID, Feedback: f}
	d.step.Facts = append(d.step.Facts, model.Fact{
		AccountID: d.acc.ID, SessionID: q.SessionID, Kind: model.FactFeedback, Reason: string(f), AtMS: d.at,
	})
	d.update("已记录，感谢反馈", nil)
	if f == model.FeedbackDown {
		d.offerHuman()
	}
	d.finish(model.OutcomeHandled, "feedback")
}

// offerHuman offers 转人工 after a 👎.
func (d *decision) offerHuman() {
	switch {
	case !d.acc.Policy.Handoff.Dislike, !d.acc.Enabled, d.acc.Policy.Bars(d.in.Case.Person):
	case d.s == nil:
		d.card(model.Push{Receiver: d.in.Case.Person}, "sorry", dislikeCard(d.acc.Name))
	case d.s.State == model.StateBot:
		d.sayCard(model.FromBot, "sorry", dislikeCard(d.acc.Name))
	}
}
