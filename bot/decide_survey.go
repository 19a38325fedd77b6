package bot

import (
	"cmp"

	"deskmate/model"
)

const (
	textSurveyOver = "评价已截止"
	textRatedWas   = "已评价："
)

// askRating asks the employee of a session that has just ended, unless it was asked not long ago.
func (d *decision) askRating() {
	rule := d.acc.Policy.Survey
	if rule.Quiet > 0 {
		if d.in.AskedMS == nil {
			d.need = Need{Kind: NeedAsked, Employee: d.employee}
			return
		}
		if *d.in.AskedMS > d.at-rule.Quiet.Milliseconds() {
			return
		}
	}
	d.step.Survey = &model.Survey{
		SessionID: d.s.ID, AccountID: d.acc.ID, Employee: d.employee, Seat: d.s.Seat, SentMS: d.at, ExpiresMS: d.at + rule.Lasts().Milliseconds(),
	}
	ask := d.surveyAsk(*d.step.Survey)
	if d.s.Seat != "" {
		ask.SeatName = d.servedBy()
	}
	d.sayCard(model.FromSystem, "survey", d.commentable(d.Survey.Card(ask), *d.step.Survey))
	d.fact(model.FactSurvey, "", 0)
}

func (d *decision) surveyAsk(survey model.Survey) model.SurveyAsk {
	until := model.Time(cmp.Or(survey.ExpiresMS, survey.SentMS+model.SurveyExpires.Milliseconds()))
	return model.SurveyAsk{
		Account: d.acc.Name, Rule: d.acc.Policy.Survey, Session: survey.SessionID, Until: until.In(d.Location),
	}
}

// rated takes a rating, or the reasons for a bad one. Each counts once, but where the account
// lets a rating be changed while its survey lasts.
func (d *decision) rated(answer model.SurveyAnswer) {
	survey, target := d.in.Case.Survey, d.in.Case.Target
	if survey == nil || target == nil || survey.Employee != d.in.Case.Person {
		d.update("评价已失效", nil)
		d.finish(model.OutcomeHandled, "no_survey")
		return
	}
	if survey.Over(d.in.ArrivedMS) {
		d.update(textSurveyOver, nil)
		d.finish(model.OutcomeHandled, "survey_over")
		return
	}
	d.step.SurveyWas = *survey
	if answer.Rating == "" {
		d.reasons(*survey, answer.Reasons)
		return
	}
	changed := survey.Rating != ""
	if answer.Rating == survey.Rating || changed && !d.acc.Policy.Survey.Changeable {
		d.ratedAlready(*survey, answer.Rating)
		return
	}
	next := *survey
	next.Rating, next.RatedMS, next.Reasons, next.ReasonMS = answer.Rating, d.at, nil, 0
	if !changed {
		next.FirstRating, next.FirstMS = next.Rating, next.RatedMS
	}
	d.step.Survey = &next
	kind := model.FactRated
	if changed {
		kind = model.FactRerated
	}
	d.factOf(*target, kind, string(answer.Rating))
	card, why := d.Survey.ReasonCard(d.surveyAsk(next))
	if why = why && answer.Rating == model.RatingBad; why {
		d.askWhy(card, next)
	} else {
		d.showRated(next)
	}
	switch {
	case changed:
	case !why:
		d.thank(cmp.Or(d.acc.Policy.Survey.Words.Thanks, textRated)+d.commentLink(next), next)
	case d.commentLink(next) != "": // many choose no reason, and its card can't carry the link
		d.thank(textSorry+d.commentLink(next), next)
	}
	d.finish(model.OutcomeHandled, "rated")
}

// ratedAlready is a tap that changes nothing. A second tap on 不满意 must not take the reasons away
// that the first one asks for.
func (d *decision) ratedAlready(survey model.Survey, tapped model.Rating) {
	d.finish(model.OutcomeHandled, "rated_already")
	if click := d.in.Event.Click; tapped == model.RatingBad && survey.Rating == tapped && survey.ReasonMS == 0 && click.ResponseCode != "" {
		if card, why := d.Survey.ReasonCard(d.surveyAsk(survey)); why {
			d.askWhy(card, survey)
			return
		}
	}
	d.showRated(survey)
}

// askWhy turns the card that was tapped into one that asks why. A tap that came without a code
// can't change its card; then there is one more.
func (d *decision) askWhy(card model.Card, survey model.Survey) {
	if click := d.in.Event.Click; click.ResponseCode != "" {
		card.TaskID = click.TaskID
		d.update("", &card)
		return
	}
	d.card(model.Push{Receiver: d.in.Case.Person, Session: survey.SessionID}, "reason", card)
}

// showRated shows on the card how the session is rated, with its buttons where they still count.
func (d *decision) showRated(survey model.Survey) {
	if !d.acc.Policy.Survey.Changeable {
		d.update(textRatedWas+d.Survey.Words(d.acc.Policy.Survey.Words, survey.Rating), nil)
		return
	}
	ask := d.surveyAsk(survey)
	ask.Rating = survey.Rating
	card := d.commentable(d.Survey.Card(ask), survey)
	card.TaskID = d.in.Event.Click.TaskID
	d.update("", &card)
}

func (d *decision) reasons(survey model.Survey, reasons []string) {
	switch {
	case survey.Rating == model.RatingGood || survey.Rating == model.RatingFair: // changed since
		d.showRated(survey)
		d.finish(model.OutcomeHandled, "reasons_late")
		return
	case survey.ReasonMS != 0:
		d.showRated(survey)
		d.finish(model.OutcomeHandled, "reasons_already")
		return
	}
	survey.Reasons, survey.ReasonMS = reasons, d.at
	d.step.Survey = &survey
	d.showRated(survey)
	d.thank(textReasonThanks, survey)
	d.finish(model.OutcomeHandled, "reasons")
}

func (d *decision) thank(text string, survey model.Survey) {
	d.push(model.Push{Receiver: d.in.Case.Person, Kind: model.PushText, Text: text, Session: survey.SessionID})
}
