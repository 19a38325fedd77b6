package bot_test

import (
	"testing"
	"time"

	"deskmate/model"
)

func TestDecideSurvey(t *testing.T) {
	t.Parallel()
	survey := func(change func(*model.Survey)) given {
		return func(s *scene) {
			closed7(s)
			s.in.Case.Survey = &model.Survey{SessionID: 7, AccountID: 1, Employee: zhang, Seat: lin, SentMS: 1}
			change(s.in.Case.Survey)
		}
	}
	sent := survey(func(*model.Survey) {})
	rated := survey(func(s *model.Survey) { s.Rating, s.RatedMS = model.RatingBad, 2 })
	good := survey(func(s *model.Survey) { s.Rating, s.RatedMS = model.RatingGood, 2 })
	over := survey(func(s *model.Survey) { s.ExpiresMS = ago(time.Second) })
	changeable := policy(func(p *model.Policy) { p.Survey.Changeable = true })
	reasons := happens(model.Event{Kind: model.EventCardClick, Session: 7, Click: &model.Click{
		Key: "reason:7", ResponseCode: "code", Selected: map[string][]string{"why": {"太慢", "态度"}},
	}})
	runPlayed(t, []played{
		{"good", []given{sent, clicks("rate:7:good")}, `
handled rated
to zhang () update code 已评价：good
to zhang (7) 感谢您的评价！
survey of 7: employee zhang, seat lin, rating "good", reasons []
fact rated good lin`},
		{"bad_turns_the_card_into_reasons", []given{sent, clicks("rate:7:bad")}, `
handled rated
to zhang () update code 为什么
survey of 7: employee zhang, seat lin, rating "bad", reasons []
fact rated bad lin`},
		{"bad_without_a_code", []given{sent, happens(model.Event{Kind: model.EventCardClick, Session: 7, Click: &model.Click{Key: "rate:7:bad"}})}, `
handled rated
to zhang (7) card 为什么
survey of 7: employee zhang, seat lin, rating "bad", reasons []
fact rated bad lin`},
		{"bad_without_asking_why", []given{sent, clicks("rate:7:bad"), policy(func(p *model.Policy) { p.Survey.AskReason = false })}, `
handled rated
to zhang () update code 已评价：bad
to zhang (7) 感谢您的评价！
survey of 7: employee zhang, seat lin, rating "bad", reasons []
fact rated bad lin`},
		{"with_a_new_session_open", []given{sent, in8, clicks("rate:7:good")}, `
handled rated
to zhang (8) update code 已评价：good
to zhang (7) 感谢您的评价！
survey of 7: employee zhang, seat lin, rating "good", reasons []
fact rated good lin`},
		{"thanks_in_own_words", []given{sent, clicks("rate:7:good"), policy(func(p *model.Policy) { p.Survey.Words.Thanks = "多谢" })}, `
handled rated
to zhang () update code 已评价：good
to zhang (7) 多谢
survey of 7: employee zhang, seat lin, rating "good", reasons []
fact rated good lin`},
		{"over", []given{over, clicks("rate:7:good")}, `
handled survey_over
to zhang () update code 评价已截止`},
		{"reasons_when_it_is_over", []given{survey(func(s *model.Survey) { s.Rating, s.ExpiresMS = model.RatingBad, ago(time.Second) }), reasons}, `
handled survey_over
to zhang () update code 评价已截止`},
		{"rated_once", []given{rated, clicks("rate:7:good")}, `
handled rated_already
to zhang () update code 已评价：bad`},
		{"bad_tapped_twice_still_asks_why", []given{rated, clicks("rate:7:bad")}, `
handled rated_already
to zhang () update code 为什么`},
		{"bad_tapped_twice_without_a_code", []given{rated, happens(model.Event{Kind: model.EventCardClick, Session: 7, Click: &model.Click{Key: "rate:7:bad"}})}, `
handled rated_already`},
		{"bad_again_after_the_reasons", []given{survey(func(s *model.Survey) { s.Rating, s.ReasonMS = model.RatingBad, 3 }), clicks("rate:7:bad")}, `
handled rated_already
to zhang () update code 已评价：bad`},
		{"changed", []given{rated, changeable, clicks("rate:7:good")}, `
handled rated
to zhang () update code 请评价good | [good rate:7:good] | [bad rate:7:bad]
survey of 7: employee zhang, seat lin, rating "good", reasons []
fact rerated good lin`},
		{"changed_to_bad", []given{good, changeable, clicks("rate:7:bad")}, `
handled rated
to zhang () update code 为什么
survey of 7: employee zhang, seat lin, rating "bad", reasons []
fact rerated bad lin`},
		{"the_same_again", []given{good, changeable, clicks("rate:7:good")}, `
handled rated_already
to zhang () update code 请评价good | [good rate:7:good] | [bad rate:7:bad]`},
		{"reasons", []given{rated, reasons}, `
handled reasons
to zhang () update code 已评价：bad
to zhang (7) 感谢您的反馈，我们会改进。
survey of 7: employee zhang, seat lin, rating "bad", reasons ["太慢" "态度"]`},
		{"reasons_once", []given{survey(func(s *model.Survey) { s.Rating, s.ReasonMS = model.RatingBad, 3 }), reasons}, `
handled reasons_already
to zhang () update code 已评价：bad`},
		{"reasons_of_what_is_good_by_now", []given{good, changeable, reasons}, `
handled reasons_late
to zhang () update code 请评价good | [good rate:7:good] | [bad rate:7:bad]`},
		{"no_survey", []given{closed7, clicks("rate:7:good")}, `
handled no_survey
to zhang () update code 评价已失效`},
		{"no_session", []given{clicks("rate:7:good")}, `
handled no_survey
to zhang () update code 评价已失效`},
		{"of_another_employee", []given{survey(func(s *model.Survey) { s.Employee = li }), clicks("rate:7:good")}, `
handled no_survey
to zhang () update code 评价已失效`},
		{"reasons_of_another_employee", []given{survey(func(s *model.Survey) { s.Employee = li }), reasons}, `
handled no_survey
to zhang () update code 评价已失效`},
	})
}
