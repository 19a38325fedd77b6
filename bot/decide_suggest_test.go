package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// likely is a suggestion of entries 11, 12 and so on with these questions.
func likely(questions ...string) given {
	a := model.Answer{Kind: model.AnswerSuggest, Score: 0.5, Threshold: 0.4}
	id := uint64(11)
	for _, q := range questions {
		a.Candidates = append(a.Candidates, model.AnswerCandidate{EntryID: id, Question: q})
		id++
	}
	return knows(a)
}

// suggestedCard is the card that the scene's question gets.
func suggestedCard(t *testing.T, givens ...given) model.Card {
	t.Helper()
	_, step := newScene(append([]given{in7(model.StateBot), says("假")}, givens...)...).decide()
	for _, p := range step.Pushes {
		if p.Kind == model.PushCard {
			return *p.Card
		}
	}
	t.Fatalf("no card: %s", render(nil, step))
	return model.Card{}
}

func TestDecideSuggestionCard(t *testing.T) {
	t.Parallel()
	button := func(on bool) given { return policy(func(p *model.Policy) { p.Handoff.Button = on }) }
	numbered := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprint("问题", i+1)
		}
		return list
	}
	tests := []struct {
		name   string
		givens []given
		want   []string // the last two buttons
	}{
		{"five_and_a_person", []given{likely(numbered(5)...), button(true)}, []string{"5 问题5", "转人工"}},
		{"five_and_none_of_them", []given{likely(numbered(5)...), button(false)}, []string{"5 问题5", "以上都不是"}},
		{"four_and_both", []given{likely(numbered(4)...), button(true)}, []string{"以上都不是", "转人工"}},
		{"more_than_fit", []given{likely(numbered(7)...), button(true)}, []string{"5 问题5", "转人工"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			card := suggestedCard(t, tt.givens...)
			var got []string
			for _, b := range card.Buttons {
				got = append(got, b.Text)
			}
			if diff := cmp.Diff(tt.want, got[max(0, len(got)-2):]); diff != "" || len(got) > 6 {
				t.Errorf("last of %d buttons (-want +got):\n%s", len(got), diff)
			}
			// One way or the other the employee can say that none is meant.
			if strings.Contains(card.Desc, "都不是请回复 0") == slices.Contains(got, "以上都不是") {
				t.Errorf("the card says %q over %q", card.Desc, got)
			}
		})
	}
}

// Questions that are long are shortened, the longest first, so that each can be read.
func TestDecideSuggestionOfLongQuestions(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 100)
	card := suggestedCard(t, likely("年假几天", long, long+"二", "病假", "公司的电子发票怎么报销"))
	lines := strings.Split(card.Body, "\n")
	want := []string{"1. 年假几天", "2. ", "3. ", "4. 病假", "5. 公司的电子发票怎么报销"}
	if len(lines) != len(want) || utf8.RuneCountInString(card.Body) > 160 || utf8.RuneCountInString(card.Body) < 158 {
		t.Fatalf("body of %d characters:\n%s", utf8.RuneCountInString(card.Body), card.Body)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("line %q, want %q", line, want[i])
		}
	}
	if got := card.Buttons[4].Text; got != "5 公司的电子发票…" {
		t.Errorf("button %q", got)
	}
}

func TestDecideNoneOfThese(t *testing.T) {
	t.Parallel()
	picked := asked50(func(q *model.Question) { q.Picked = 12 })
	refused := asked50(func(q *model.Question) { q.Feedback = model.FeedbackDown })
	missedOnce := in7(model.StateBot, func(s *model.Session) { s.Misses, s.Suggested, s.SuggestedFor = 1, []uint64{11}, 50 })
	runPlayed(t, []played{
		{"a_miss", []given{in7(model.StateBot), clicks("none:50"), asked50()}, `
need question 50
missed none_of_these
session 7 of zhang bot misses=1
says employee zhang: card 以上都不是
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
to zhang (7) update code 以上都不是
timer bot_idle in 30m0s
question 50 down
fact missed none_of_these`},
		{"hands_over_like_a_miss", []given{missedOnce, clicks("none:50"), asked50(), seatFree(lin)}, `
need question 50
need seat
handed_off misses
session 7 of zhang serving lin#3 handoff=misses misses=2
reserve lin no=3 day=20260105 limit=5
says employee zhang: card 以上都不是
says system: 机器人没能解决您的问题，已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（连续未能回答）⏎张三: 以上都不是
to lin (7, line) card #3 张三(财务部) | 转人工：连续未能回答 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 机器人没能解决您的问题，已为您接入坐席 林一，请直接发送消息。
to zhang (7) update code 以上都不是
timer bot_idle in 30m0s
timer bot_idle off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
question 50 down
fact missed none_of_these
fact handoff misses
fact assigned least_busy lin`},
		{"after_the_session", []given{clicks("none:50"), asked50()}, `
need question 50
missed none_of_these
session 100 of zhang bot misses=1
says employee zhang: card 以上都不是
says bot: card 没有找到答案⏎不知道
to zhang (100) card 没有找到答案 | 不知道 | [转人工 handoff]
to zhang (100) update code 以上都不是
timer bot_idle in 30m0s
conversation of zhang: last seat "", last session 100
question 50 down
fact opened
fact missed none_of_these`},
		{"the_question_is_gone", []given{in7(model.StateBot), clicks("none:50")}, `
need question 50
missed none_of_these
session 7 of zhang bot misses=1
says employee zhang: card 以上都不是
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
to zhang (7) update code 以上都不是
timer bot_idle in 30m0s
fact missed none_of_these`},
		{"one_was_picked", []given{in7(model.StateBot), clicks("none:50"), picked}, `
need question 50
handled none_already
to zhang (7) update code 已处理`},
		{"twice", []given{in7(model.StateBot), clicks("none:50"), refused}, `
need question 50
handled none_already
to zhang (7) update code 已处理`},
		{"while_served", []given{in7(model.StateServing), clicks("none:50"), asked50()}, `
need question 50
handled bot_silent
to zhang (7) update code 人工服务中`},
		{"in_words", []given{missedOnce, says("以上都不是"), asked50(), policy(func(p *model.Policy) { p.Handoff.Misses = 0 })}, `
need question 50
missed none_of_these
session 7 of zhang bot misses=2
says employee zhang: 以上都不是
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 50 down
fact missed none_of_these`},
		{"by_number", []given{missedOnce, says(" 0"), asked50(), seatFree(lin)}, `
need question 50
need seat
handed_off misses
session 7 of zhang serving lin#3 handoff=misses misses=2
reserve lin no=3 day=20260105 limit=5
says employee zhang:  0
says system: 机器人没能解决您的问题，已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（连续未能回答）⏎张三:  0
to lin (7, line) card #3 张三(财务部) | 转人工：连续未能回答 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 机器人没能解决您的问题，已为您接入坐席 林一，请直接发送消息。
timer bot_idle in 30m0s
timer bot_idle off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
question 50 down
fact missed none_of_these
fact handoff misses
fact assigned least_busy lin`},
		{"in_words_that_answer_nothing", []given{in7(model.StateBot), says("都不是"), knows(miss())}, `
need answer 都不是
missed miss
session 7 of zhang bot misses=1
says employee zhang: 都不是
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 100 missed: 都不是 miss=open
fact missed miss`},
		{"account_disabled", []given{disabled, clicks("none:50"), asked50()}, `
need question 50
refused account_disabled
to zhang () 「服务台」已暂停服务。`},
	})
}

func TestDecidePick(t *testing.T) {
	t.Parallel()
	picked := asked50(func(q *model.Question) { q.Picked = 11 })
	strangers := asked50(func(q *model.Question) { q.Employee = li })
	number := in7(model.StateBot, func(s *model.Session) { s.Suggested, s.SuggestedFor = []uint64{11, 12}, 50 })
	runPlayed(t, []played{
		{"another_one_of_the_same_suggestion", []given{in7(model.StateBot), clicks("answer:12:50"), picked, entryFound}, `
need question 50
need entry 12
answered suggestion
session 7 of zhang bot topic=12
says employee zhang: card 病假
says bot: 病历
to zhang (7) 病历
to zhang (7) update code 已选择
timer bot_idle in 30m0s
fact answered suggestion`},
		{"of_a_question_that_is_gone", []given{in7(model.StateBot), clicks("answer:12:50"), entryFound}, `
need question 50
need entry 12
answered suggestion
session 7 of zhang bot topic=12
says employee zhang: card 病假
says bot: 病历
to zhang (7) 病历
to zhang (7) update code 已选择
timer bot_idle in 30m0s
question 100 answered: 病假 entry=12
fact answered suggestion`},
		{"of_somebody_elses_question", []given{in7(model.StateBot), clicks("answer:12:50"), strangers, entryFound}, `
need question 50
need entry 12
answered suggestion
session 7 of zhang bot topic=12
says employee zhang: card 病假
says bot: 病历
to zhang (7) 病历
to zhang (7) update code 已选择
timer bot_idle in 30m0s
question 100 answered: 病假 entry=12
fact answered suggestion`},
		{"a_number_for_a_question_that_is_gone", []given{number, says("2"), entryFound}, `
need question 50
need entry 12
answered number
session 7 of zhang bot topic=12
says employee zhang: 2
says bot: 病历
to zhang (7) 病历
timer bot_idle in 30m0s
question 100 answered: 病假 entry=12
fact answered number`},
		{"a_hot_question", []given{newcomer, clicks("answer:12"), entryFound}, `
need entry 12
answered hot
session 100 of zhang bot topic=12
says employee zhang: card 病假
says bot: 病历
to zhang (100) 病历
to zhang (100) update code 已选择
timer bot_idle in 30m0s
conversation of zhang: last seat "", last session 100, new
question 100 answered: 病假 entry=12
fact opened
fact answered hot`},
		{"a_hot_question_that_is_gone", []given{in7(model.StateBot), clicks("answer:12")}, `
need entry 12
missed entry_gone
session 7 of zhang bot misses=1
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
to zhang (7) update code 已选择
timer bot_idle in 30m0s
fact missed entry_gone`},
	})
}
