package bot_test

import (
	"testing"
	"time"

	"deskmate/model"
)

// offers sets how many hot questions the account offers, and which there are; their entries
// are 21, 22 and so on.
func offers(count int, questions ...string) given {
	return func(s *scene) {
		s.in.Case.Account.Policy.Bot.Hot = count
		id := uint64(21)
		for _, q := range questions {
			s.hot = append(s.hot, model.AnswerCandidate{EntryID: id, Question: q})
			id++
		}
	}
}

func TestDecideEntered(t *testing.T) {
	t.Parallel()
	enter := happens(model.Event{Kind: model.EventEnter})
	welcome := policy(func(p *model.Policy) { p.Bot.Welcome, p.Bot.Hot = "您好", 0 })
	welcomed := func(d time.Duration) given {
		return func(s *scene) { s.in.Case.Conversation.WelcomedMS = ago(d) }
	}
	const greeted = `
handled welcomed
to zhang () 您好
conversation of zhang: last seat "", last session 0, welcomed`
	runPlayed(t, []played{
		{"greeted", []given{enter, welcome}, greeted},
		{"greeted_again_after_a_day", []given{enter, welcome, welcomed(24 * time.Hour)}, greeted},
		{"not_twice_a_day", []given{enter, welcome, welcomed(23 * time.Hour)}, `handled enter`},
		{"nothing_to_say", []given{enter}, `handled enter`},
		{"outside", []given{enter, welcome, outOfScope}, `handled enter`},
		{"barred", []given{enter, welcome, barred}, `handled enter`},
		{"disabled", []given{enter, welcome, disabled}, `handled enter`},
		{"seat", []given{atDesk(), enter, welcome}, `handled enter`},
		{"silent_while_queued", []given{enter, welcome, in7(model.StateQueued)}, `handled enter`},
		{"silent_while_served", []given{enter, welcome, in7(model.StateServing)}, `handled enter`},
		{"hot_questions", []given{enter, welcome, offers(5, "年假几天", "病假需要交什么材料才可以")}, `
need hot 5
handled welcomed
to zhang () 您好
to zhang () card 大家都在问 | 点按问题查看答案，也可以直接提问 | · 年假几天⏎· 病假需要交什么材料才可以 | [年假几天 answer:21] | [病假需要交什么材料… answer:22] | [转人工 handoff]
conversation of zhang: last seat "", last session 0, welcomed`},
		{"short_hot_questions_without_a_person", []given{enter, welcome, offers(5, "年假几天"), policy(func(p *model.Policy) {
			p.Handoff.Button = false
		})}, `
need hot 5
handled welcomed
to zhang () 您好
to zhang () card 大家都在问 | 点按问题查看答案，也可以直接提问 | [年假几天 answer:21]
conversation of zhang: last seat "", last session 0, welcomed`},
		{"no_more_than_wanted", []given{enter, welcome, offers(1, "年假几天", "病假")}, `
need hot 1
handled welcomed
to zhang () 您好
to zhang () card 大家都在问 | 点按问题查看答案，也可以直接提问 | [年假几天 answer:21] | [转人工 handoff]
conversation of zhang: last seat "", last session 0, welcomed`},
		{"nothing_is_hot", []given{enter, welcome, offers(5)}, `
need hot 5
handled welcomed
to zhang () 您好
conversation of zhang: last seat "", last session 0, welcomed`},
		{"not_asked_for_while_the_bot_is_off", []given{enter, welcome, offers(5, "年假几天"), botOff}, `
handled welcomed
to zhang () 您好
conversation of zhang: last seat "", last session 0, welcomed`},
		{"not_asked_for_without_a_welcome", []given{enter, offers(5, "年假几天")}, `
handled enter`},
		{"not_asked_for_twice_a_day", []given{enter, welcome, welcomed(time.Hour), offers(5, "年假几天")}, `
handled enter`},
	})
}
