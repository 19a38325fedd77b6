package bot_test

import (
	"testing"

	"deskmate/model"
)

func TestDecideCards(t *testing.T) {
	t.Parallel()
	menu := happens(model.Event{Kind: model.EventCardClick, Click: &model.Click{Key: "focus:7", Menu: true}})
	spent := happens(model.Event{Kind: model.EventCardClick, Session: 7, Click: &model.Click{Key: "end:7"}})
	runPlayed(t, []played{
		{"suggestion_tapped", []given{in7(model.StateBot, func(s *model.Session) { s.Misses = 1 }), clicks("answer:12:50"), asked50(), entryFound}, `
need question 50
need entry 12
answered suggestion
session 7 of zhang bot topic=12
says employee zhang: card 病假
says bot: 病历
to zhang (7) 病历
to zhang (7) update code 已选择
timer bot_idle in 30m0s
question 50 picked=12
fact accepted suggestion
fact answered suggestion`},
		{"suggestion_of_a_closed_session", []given{clicks("answer:12:50"), asked50(), entryFound}, `
need question 50
need entry 12
answered suggestion
session 100 of zhang bot topic=12
says employee zhang: card 病假
says bot: 病历
to zhang (100) 病历
to zhang (100) update code 已选择
timer bot_idle in 30m0s
conversation of zhang: last seat "", last session 100
question 50 picked=12
fact opened
fact accepted suggestion
fact answered suggestion`},
		{"suggestion_is_gone", []given{in7(model.StateBot), clicks("answer:12:50"), asked50()}, `
need question 50
need entry 12
missed entry_gone
session 7 of zhang bot misses=1
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
to zhang (7) update code 已选择
timer bot_idle in 30m0s
fact missed entry_gone`},
		{"suggestion_is_gone_and_that_is_enough", []given{
			in7(model.StateBot, func(s *model.Session) { s.Misses = 1 }), clicks("answer:12:50"), asked50(),
		}, `
need question 50
need entry 12
need seat
queued misses
session 7 of zhang queued handoff=misses misses=2
says system: card 机器人没能解决您的问题，正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 机器人没能解决您的问题，正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
to zhang (7) update code 已选择
timer bot_idle in 30m0s
timer bot_idle off
timer wait in 10m0s
fact missed entry_gone
fact handoff misses`},
		{"suggestion_while_waiting", []given{in7(model.StateQueued), clicks("answer:12:50"), asked50(), entryFound}, `
handled bot_silent
to zhang (7) update code 人工服务中`},
		{"suggestion_while_served", []given{in7(model.StateServing), clicks("answer:12:50"), asked50(), entryFound}, `
handled bot_silent
to zhang (7) update code 人工服务中`},
		{"session_chosen", []given{atDesk(7, 8), clicks("focus:8")}, `
handled focus
to lin () update code #3 李四 | 正在回复 TA：直接发消息即可 | [回复 TA focus:8] | [结束会话 end:8]
focus on 8 since -1s`},
		{"session_chosen_that_has_closed", []given{atDesk(8), clicks("focus:7")}, `
handled not_serving
to lin () update code 会话已结束`},
		{"session_chosen_by_somebody_who_is_no_seat", []given{clicks("focus:7")}, `
handled not_serving
to zhang () update code 会话已结束`},
		{"no_response_code", []given{atDesk(7), spent}, `
handled end
forward to zhang seat_end session=7 seat=lin`},
		{"top_right_menu", []given{atDesk(7), menu}, `handled card_menu`},
		{"unknown", []given{clicks("tomorrow:7")}, `handled unknown_card`},
		{"no_key", []given{clicks("")}, `handled unknown_card`},
	})
}

// A card that replaces another one has to carry its task id: WeCom's edge takes no card
// with buttons without one.
func TestDecideUpdateKeepsTheTask(t *testing.T) {
	t.Parallel()
	_, step := newScene(atDesk(7, 8), clicks("focus:8")).decide()
	if got := step.Pushes[0].Update.Card.TaskID; got != "task-1" {
		t.Errorf("task id = %q, want that of the clicked card", got)
	}
}
