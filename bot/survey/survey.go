// Package survey knows when an employee is asked about the service (满意度调查), what
// the cards say, and how a click on them is read. It knows neither who sends the cards
// nor where ratings are kept.
package survey

import (
	"cmp"
	"strconv"
	"strings"

	"deskmate/model"
)

// The verbs of the survey's card keys: "rate:<session>:<rating>", "reason:<session>".
const (
	verbRate   = "rate"
	verbReason = "reason"
)

// reasonQuestion is the question key of the reasons' options.
const reasonQuestion = "reasons"

// Rules are the survey's rules. The zero value is ready for use.
type Rules struct{}

// Due reports whether a session that ended so gets a survey: it is switched on, and a
// person ended it by hand, or it went idle and the account asks then, too. A session that the bot
// alone served is asked about where the account wants that and the bot had an answer.
func (Rules) Due(rule model.SurveyRule, s model.Session) bool {
	if !rule.Enabled {
		return false
	}
	if s.Seat == "" {
		return rule.AfterBot && s.CloseReason == model.ClosedIdle && s.QueuedMS == 0 && s.TopicEntry != 0
	}
	switch s.CloseReason {
	case model.ClosedBySeat, model.ClosedByEmployee:
		return true
	case model.ClosedIdle:
		return rule.AfterIdle
	case model.ClosedQueue, model.ClosedOffHours, model.ClosedDisabled:
	}
	return false
}

// Card asks for the rating: 满意, 一般, 不满意, one tap each. Until when stands on it from the
// beginning, for a card can't be changed when its time is up. Where a rating has been given
// it asks whether to change it.
func (r Rules) Card(ask model.SurveyAsk) model.Card {
	words := ask.Rule.Words
	until := ask.Until.Format("1月2日 15:04")
	card := model.Card{
		Kind: model.CardButtons, Source: ask.Account, Title: cmp.Or(words.Title, "请评价本次服务"),
		Body: cmp.Or(words.Body, "您的评价会帮助我们改进。") + "\n请在 " + until + " 前评价。",
	}
	if ask.Rating != "" {
		card.Title, card.Body = "已评价："+r.Words(words, ask.Rating), "在 "+until+" 前可以修改。"
	}
	if ask.SeatName != "" {
		card.Desc = "坐席：" + ask.SeatName
	}
	for _, b := range []struct {
		rating model.Rating
		style  model.ButtonStyle
	}{
		{model.RatingGood, model.StyleStrong},
		{model.RatingFair, model.StyleSecond},
		{model.RatingBad, model.StyleNeutral},
	} {
		card.Buttons = append(card.Buttons, model.CardButton{
			Text: r.Words(words, b.rating), Style: b.style,
			Key: verbRate + ":" + strconv.FormatUint(ask.Session, 10) + ":" + string(b.rating),
		})
	}
	return card
}

// ReasonCard asks why (不满意原因); ok is false where the rule asks for no reasons.
func (Rules) ReasonCard(ask model.SurveyAsk) (model.Card, bool) {
	if !ask.Rule.AskReason || len(ask.Rule.Reasons) == 0 {
		return model.Card{}, false
	}
	choice := model.CardChoice{Key: reasonQuestion, Multi: true}
	for _, text := range ask.Rule.Reasons {
		choice.Options = append(choice.Options, model.CardOption{ID: text, Text: text})
	}
	return model.Card{
		Kind: model.CardVote, Source: ask.Account, Title: cmp.Or(ask.Rule.Words.Ask, "哪里没有做好？"), Desc: "可多选",
		Choices: []model.CardChoice{choice},
		Submit:  model.CardButton{Text: "提交", Key: verbReason + ":" + strconv.FormatUint(ask.Session, 10)},
	}, true
}

// Read understands a click on one of the survey's cards; ok is false for other cards.
// An option's id is its text, so that a card outlives a change of the account's reasons.
func (Rules) Read(click model.Click) (model.SurveyAnswer, bool) {
	parts := strings.Split(click.Key, ":")
	switch {
	case len(parts) == 3 && parts[0] == verbRate && model.Rating(parts[2]).Valid():
		return model.SurveyAnswer{Rating: model.Rating(parts[2])}, true
	case len(parts) == 2 && parts[0] == verbReason:
		return model.SurveyAnswer{Reasons: click.Selected[reasonQuestion]}, true
	}
	return model.SurveyAnswer{}, false
}

// Words says a rating to people, as the account's buttons do.
func (Rules) Words(words model.SurveyWords, r model.Rating) string {
	switch r {
	case model.RatingGood:
		return cmp.Or(words.Good, "满意")
	case model.RatingFair:
		return cmp.Or(words.Fair, "一般")
	case model.RatingBad:
		return cmp.Or(words.Bad, "不满意")
	}
	return ""
}
