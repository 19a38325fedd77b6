package bot_test

import (
	"slices"

	"deskmate/model"
)

// botFact is the step's fact about a question to the bot, if there is one.
func (w *world) botFact(step model.Step) (fact model.Fact, ok bool) {
	for _, f := range step.Facts {
		switch f.Kind {
		case model.FactAnswered, model.FactSuggested, model.FactMissed:
			if ok {
				w.wrong("a question is counted as %s and as %s", fact.Kind, f.Kind)
			}
			fact, ok = f, true
		default:
		}
	}
	return fact, ok
}

// checkQuestion: whatever the bot was asked and made something of is in the log, once; what
// was chosen for a question that is there already, and what is no question, is not.
func (w *world) checkQuestion(step model.Step) {
	fact, counted := w.botFact(step)
	outcomes := map[model.Outcome]model.FactKind{
		model.OutcomeAnswered: model.FactAnswered, model.OutcomeSuggested: model.FactSuggested, model.OutcomeMissed: model.FactMissed,
	}
	want, is := outcomes[step.Outcome]
	if step.Detail.Rule == string(model.HandoffMisses) {
		want, is = model.FactMissed, true
	}
	if is != counted || fact.Kind != want {
		w.wrong("%s %s is counted as %q", step.Outcome, step.Reason, fact.Kind)
	}
	logged := counted
	switch fact.Reason {
	case "suggestion", "number":
		logged = step.Question != nil // where the log has lost the question it was for
		accepted := slices.ContainsFunc(step.Facts, func(f model.Fact) bool { return f.Kind == model.FactAccepted })
		if logged && (accepted || step.QuestionChange != nil) {
			w.wrong("a choice counts as a question and as accepted")
		}
	case "unreadable", "entry_gone", "none_of_these":
		logged = false
	}
	q := step.Question
	if logged != (q != nil) {
		w.wrong("%s for %q: logged is %t", fact.Kind, fact.Reason, q != nil)
	}
	if q == nil {
		return
	}
	_, again := w.questions[q.ID]
	if again || q.ID == 0 || step.Session == nil || q.SessionID != step.Session.ID || q.Employee != step.Lane.Person() ||
		outcomes[q.Outcome] != want || (q.Outcome == model.OutcomeMissed) != (q.Miss == model.MissOpen) ||
		(q.Outcome == model.OutcomeAnswered) != (q.EntryID != 0 && len(q.Suggested) == 0) ||
		(q.Outcome == model.OutcomeSuggested) != (len(q.Suggested) > 0) || q.Text == "" || q.AtMS != step.At {
		w.wrong("question does not fit: %+v", *q)
	}
	before := w.sessions[q.SessionID]
	if q.Topic != step.Detail.Topic || (q.Topic != 0 && (q.Topic != before.TopicEntry || step.At-before.TopicMS > w.acc.Policy.Bot.FollowUp)) {
		w.wrong("topic %d after %d, %d ms ago", q.Topic, before.TopicEntry, step.At-before.TopicMS)
	}
	if q.Outcome == model.OutcomeSuggested && (!slices.Equal(q.Suggested, step.Session.Suggested) || step.Session.SuggestedFor != q.ID) {
		w.wrong("suggested %d for %d, the session has %d for %d", q.Suggested, q.ID, step.Session.Suggested, step.Session.SuggestedFor)
	}
}

// checkQuestionChange: a choice and a feedback count once each, and for the question of who
// tapped alone.
func (w *world) checkQuestionChange(step model.Step) {
	count := map[model.FactKind]int{}
	for _, f := range step.Facts {
		count[f.Kind]++
	}
	picked, judged := 0, 0
	if c := step.QuestionChange; c != nil {
		q, ok := w.questions[c.ID]
		if !ok || q.Employee != step.Lane.Person() {
			w.wrong("a tap of %s changes question %d", step.Lane.Person(), c.ID)
		}
		if c.Picked != 0 {
			picked = 1
		}
		if c.Feedback != model.FeedbackNone && step.Reason == "feedback" {
			judged = 1
		}
		if (c.Picked != 0 && q.Picked != 0) || (c.Feedback != model.FeedbackNone && q.Feedback != model.FeedbackNone) {
			w.wrong("question %d is picked for or judged twice", c.ID)
		}
	}
	if count[model.FactAccepted] != picked || count[model.FactFeedback] != judged {
		w.wrong("%d accepted and %d feedbacks are counted, want %d and %d", count[model.FactAccepted], count[model.FactFeedback], picked, judged)
	}
}

// checkFeedbackCard: each answer is followed by one card that asks for feedback, and nothing
// else is; the topic is that answer's.
func (w *world) checkFeedbackCard(step model.Step) {
	cards := 0
	for _, p := range step.Pushes {
		switch {
		case p.Kind == model.PushCard && p.Card.Title == "这个回答有帮助吗？":
			cards++
		case p.Kind != model.PushUpdate && cards > 0:
			w.wrong("the feedback card comes before %s", renderPush(p))
		}
	}
	want := 0
	if step.Outcome == model.OutcomeAnswered && w.acc.Policy.Bot.Feedback {
		want = 1
	}
	if cards != want {
		w.wrong("%d feedback cards for %s", cards, step.Outcome)
	}
	if s := step.Session; s != nil {
		fresh := s.TopicEntry != 0 && s.TopicMS == step.At
		if (step.Outcome == model.OutcomeAnswered && !fresh) || (s.TopicEntry != 0 && s.QueuedMS != 0) {
			w.wrong("topic %d after %s", s.TopicEntry, step.Outcome)
		}
	}
}

// checkBarred: from who is barred the account is hidden, but for what people began.
func (w *world) checkBarred(step model.Step, ev model.Event) {
	s := step.Session
	if s == nil || !w.acc.Policy.Bars(s.Employee) || ev.Kind == model.EventSeatOpen {
		return
	}
	if _, stored := w.sessions[s.ID]; !stored {
		w.wrong("%s is barred and begins session %d", s.Employee, s.ID)
	}
	for _, m := range step.Messages {
		if m.From == model.FromBot {
			w.wrong("the bot answers %s, who is barred", s.Employee)
		}
	}
}
