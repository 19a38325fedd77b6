package bot_test

import (
	"fmt"
	"testing"
	"time"

	"deskmate/model"
)

func TestDecideConsult(t *testing.T) {
	t.Parallel()
	consult := happens(model.Event{Kind: model.EventConsult, API: true})
	quiet := policy(func(p *model.Policy) { p.Bot.Welcome, p.Bot.Hot = "", 0 })
	welcome := policy(func(p *model.Policy) { p.Bot.Welcome = "您好" })
	welcomed := func(d time.Duration) given {
		return func(s *scene) { s.in.Case.Conversation.WelcomedMS = ago(d) }
	}
	const noted = `
conversation of zhang: last seat "", last session 0, welcomed`
	runPlayed(t, []played{
		{"the_welcome", []given{consult, quiet, welcome}, `
handled consulted
to zhang () 您好` + noted},
		{"without_one", []given{consult, quiet}, `
handled consulted
to zhang () 您好，这里是服务台，请直接发送您的问题。` + noted},
		{"with_hot_questions", []given{consult, welcome, offers(5, "年假几天")}, `
need hot 5
handled consulted
to zhang () 您好
to zhang () card 大家都在问 | 点按问题查看答案，也可以直接提问 | [年假几天 answer:21] | [转人工 handoff]` + noted},
		{"once_a_minute", []given{consult, quiet, welcomed(59 * time.Second)}, `handled welcomed_lately`},
		{"again_after_it", []given{consult, quiet, welcomed(time.Minute)}, `
handled consulted
to zhang () 您好，这里是服务台，请直接发送您的问题。` + noted},
		{"while_served", []given{consult, welcome, in7(model.StateServing)}, `
handled in_service
to zhang (7) 您与服务台的会话还在进行，请直接在这里继续。` + noted},
		{"while_served_once_a_minute", []given{consult, in7(model.StateServing), welcomed(time.Second)}, `handled in_service`},
		{"outside", []given{newcomer, consult, outOfScope}, `
need directory
refused scope
to zhang () 抱歉，您不在「服务台」的服务范围内。如需使用，请联系管理员。`},
		{"barred", []given{consult, barred}, `
refused barred
to zhang () 抱歉，您不在「服务台」的服务范围内。如需使用，请联系管理员。`},
	})
}

// commentable says that pages can be opened.
func commentable(s *scene) {
	s.rules.Comment = func(t model.SurveyTicket) string {
		left := time.Duration(t.UntilMS-s.in.Now.UnixMilli()) * time.Millisecond
		return fmt.Sprintf("https://d/%d/%d/%s/%s", t.AccountID, t.Session, t.Employee, left)
	}
}

func TestDecideComment(t *testing.T) {
	t.Parallel()
	sent := func(s *scene) {
		closed7(s)
		s.in.Case.Survey = &model.Survey{SessionID: 7, AccountID: 1, Employee: zhang, Seat: lin, SentMS: s.in.Now.Add(-time.Hour).UnixMilli()}
	}
	asksWhy := policy(func(p *model.Policy) { p.Survey.AskReason, p.Survey.Reasons = true, []string{"回复慢"} })
	ratedBad := func(s *scene) {
		s.in.Case.Survey.Rating, s.in.Case.Survey.RatedMS = model.RatingBad, s.in.Now.Add(-time.Minute).UnixMilli()
	}
	noReasons := policy(func(p *model.Policy) { p.Survey.AskReason = false })
	runPlayed(t, []played{
		{"behind_a_bad_rating", []given{sent, commentable, noReasons, clicks("rate:7:bad")}, `
handled rated
to zhang () update code 已评价：bad
to zhang (7) 感谢您的评价！<a href="https://d/1/7/zhang/167h0m0s">补充几句话</a>
survey of 7: employee zhang, seat lin, rating "bad", reasons []
fact rated bad lin`},
		{"beside_the_question_why", []given{sent, commentable, asksWhy, clicks("rate:7:bad")}, `
handled rated
to zhang () update code 为什么
to zhang (7) 很抱歉没有帮到您。可以在上面的卡片里选择原因，也可以<a href="https://d/1/7/zhang/167h0m0s">补充几句话</a>
survey of 7: employee zhang, seat lin, rating "bad", reasons []
fact rated bad lin`},
		{"not_beside_it_when_it_is_over", []given{sent, commentable, asksWhy, clicks("rate:7:bad"), func(s *scene) { s.in.Case.Survey.SentMS = ago(8 * 24 * time.Hour) }}, `
handled rated
to zhang () update code 为什么
survey of 7: employee zhang, seat lin, rating "bad", reasons []
fact rated bad lin`},
		{"not_again_behind_the_reasons", []given{sent, commentable, asksWhy, ratedBad, clicks("reason:7")}, `
handled reasons
to zhang () update code 已评价：bad
to zhang (7) 感谢您的反馈，我们会改进。
survey of 7: employee zhang, seat lin, rating "bad", reasons []`},
		{"not_behind_a_good_one", []given{sent, commentable, clicks("rate:7:good")}, `
handled rated
to zhang () update code 已评价：good
to zhang (7) 感谢您的评价！
survey of 7: employee zhang, seat lin, rating "good", reasons []
fact rated good lin`},
		{"not_when_it_is_over", []given{sent, commentable, noReasons, clicks("rate:7:bad"), func(s *scene) { s.in.Case.Survey.SentMS = ago(8 * 24 * time.Hour) }}, `
handled rated
to zhang () update code 已评价：bad
to zhang (7) 感谢您的评价！
survey of 7: employee zhang, seat lin, rating "bad", reasons []
fact rated bad lin`},
	})
}

// The survey's card leads to the page from the moment it is sent.
func TestSurveyCardLinksToTheComment(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"with_pages": "https://d/1/7/zhang/168h0m0s", "without": ""} {
		givens := []given{in7(model.StateServing), bySeat(model.EventSeatEnd, "")}
		if want != "" {
			givens = append(givens, commentable)
		}
		_, step := newScene(givens...).decide()
		got, cards := "", 0
		for _, p := range step.Pushes {
			if p.Card != nil {
				cards++
				for _, f := range p.Card.Fields {
					got += f.URL
				}
			}
		}
		if cards != 1 || got != want {
			t.Errorf("%s: %d cards that lead to %q, want %q", name, cards, got, want)
		}
	}
}
