package bot_test

import (
	"testing"

	"deskmate/model"
)

func TestDecideFirstMessage(t *testing.T) {
	t.Parallel()
	runPlayed(t, []played{
		{"answered", []given{newcomer, says("年假几天"), knows(hit(false))}, `
need answer 年假几天
answered hit
session 100 of zhang bot topic=11
says employee zhang: 年假几天
says bot: 五天
to zhang (100) 五天
timer bot_idle in 30m0s
conversation of zhang: last seat "", last session 100, new
question 100 answered: 年假几天 entry=11
fact opened
fact answered hit`},
		{"known_person_opens_a_new_session", []given{says("年假几天"), knows(hit(false))}, `
need answer 年假几天
answered hit
session 100 of zhang bot topic=11
says employee zhang: 年假几天
says bot: 五天
to zhang (100) 五天
timer bot_idle in 30m0s
conversation of zhang: last seat "", last session 100
question 100 answered: 年假几天 entry=11
fact opened
fact answered hit`},
		{"suggested", []given{in7(model.StateBot), says("假"), knows(suggest())}, `
need answer 假
suggested suggest
session 7 of zhang bot suggested=[11 12] for=100
says employee zhang: 假
says bot: card 您是不是想问⏎1. 年假几天⏎2. 病假需要交什么材料才可以
to zhang (7) card 您是不是想问 | 点按问题，或回复序号 | 1. 年假几天⏎2. 病假需要交什么材料才可以 | [1 年假几天 answer:11:100] | [2 病假需要交什么… answer:12:100] | [以上都不是 none:100] | [转人工 handoff]
timer bot_idle in 30m0s
question 100 suggested: 假 entry=11 suggested=[11 12]
fact suggested`},
		{"suggested_without_the_button", []given{
			in7(model.StateBot), says("假"), knows(suggest()), policy(func(p *model.Policy) { p.Handoff.Button = false }),
		}, `
need answer 假
suggested suggest
session 7 of zhang bot suggested=[11 12] for=100
says employee zhang: 假
says bot: card 您是不是想问⏎1. 年假几天⏎2. 病假需要交什么材料才可以
to zhang (7) card 您是不是想问 | 点按问题，或回复序号 | 1. 年假几天⏎2. 病假需要交什么材料才可以 | [1 年假几天 answer:11:100] | [2 病假需要交什么… answer:12:100] | [以上都不是 none:100]
timer bot_idle in 30m0s
question 100 suggested: 假 entry=11 suggested=[11 12]
fact suggested`},
		{"missed", []given{in7(model.StateBot), says("你好吗"), knows(miss())}, `
need answer 你好吗
missed miss
session 7 of zhang bot misses=1
says employee zhang: 你好吗
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 100 missed: 你好吗 miss=open
fact missed miss`},
		{"missed_without_the_button", []given{
			in7(model.StateBot), says("你好吗"), knows(miss()), policy(func(p *model.Policy) { p.Handoff.Button = false }),
		}, `
need answer 你好吗
missed miss
session 7 of zhang bot misses=1
says employee zhang: 你好吗
says bot: 不知道
to zhang (7) 不知道
timer bot_idle in 30m0s
question 100 missed: 你好吗 miss=open
fact missed miss`},
		{"small_talk", []given{in7(model.StateBot), says("谢谢"), knows(model.Answer{Kind: model.AnswerSmall, Text: "不客气"})}, `
need answer 谢谢
small_talk small_talk
session 7 of zhang bot
says employee zhang: 谢谢
says bot: 不客气
to zhang (7) 不客气
timer bot_idle in 30m0s`},
		{"picture", []given{in7(model.StateBot), sends(model.Content{Type: model.ContentImage, MediaID: "m1"})}, `
missed unreadable
session 7 of zhang bot misses=1
says employee zhang: image m1
says bot: card 没有找到答案⏎暂时只能看懂文字消息。请用文字描述您的问题，或者转人工。
to zhang (7) card 没有找到答案 | 暂时只能看懂文字消息。请用文字描述您的问题，或者转人工。 | [转人工 handoff]
timer bot_idle in 30m0s
fact missed unreadable`},
	})
}

func TestDecideNumberPick(t *testing.T) {
	t.Parallel()
	suggested := in7(model.StateBot, func(s *model.Session) { s.Suggested, s.SuggestedFor, s.Misses = []uint64{11, 12}, 50, 1 })
	runPlayed(t, []played{
		{"second", []given{suggested, asked50(), says(" 2"), entryFound}, `
need question 50
need entry 12
answered number
session 7 of zhang bot topic=12
says employee zhang:  2
says bot: 病历
to zhang (7) 病历
timer bot_idle in 30m0s
question 50 picked=12
fact accepted number
fact answered number`},
		{"entry_is_gone", []given{suggested, asked50(), says("2"), policy(func(p *model.Policy) { p.Handoff.Misses = 0 })}, `
need question 50
need entry 12
missed entry_gone
session 7 of zhang bot misses=2
says employee zhang: 2
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
fact missed entry_gone`},
		{"a_number_beyond_the_list_is_a_question", []given{suggested, says("3"), knows(hit(false))}, `
need answer 3
answered hit
session 7 of zhang bot topic=11
says employee zhang: 3
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 3 entry=11
fact answered hit`},
		{"a_number_without_a_list_is_a_question", []given{in7(model.StateBot), says("1"), knows(hit(false))}, `
need answer 1
answered hit
session 7 of zhang bot topic=11
says employee zhang: 1
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 1 entry=11
fact answered hit`},
	})
}

func TestDecideHandoffReasons(t *testing.T) {
	t.Parallel()
	twoMisses := in7(model.StateBot, func(s *model.Session) { s.Misses = 1 })
	runPlayed(t, []played{
		{"keyword", []given{in7(model.StateBot), says(" 人工"), knows(miss())}, `
need answer  人工
need seat
queued keyword
session 7 of zhang queued handoff=keyword
says employee zhang:  人工
says system: card 正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
timer bot_idle in 30m0s
timer bot_idle off
timer wait in 10m0s
fact handoff keyword`},
		{"keyword_inside_a_sentence_is_a_question", []given{in7(model.StateBot), says("人工费怎么报销"), knows(hit(false))}, `
need answer 人工费怎么报销
answered hit
session 7 of zhang bot topic=11
says employee zhang: 人工费怎么报销
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 人工费怎么报销 entry=11
fact answered hit`},
		{"exact_hit_wins_over_the_keyword", []given{in7(model.StateBot), says("人工"), knows(hit(true))}, `
need answer 人工
answered hit
session 7 of zhang bot topic=11
says employee zhang: 人工
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 人工 entry=11
fact answered hit`},
		{"keyword_wins_over_a_close_hit", []given{in7(model.StateBot), says("投诉"), knows(hit(false)), ahead(2)}, `
need answer 投诉
need seat
queued keyword
session 7 of zhang queued handoff=keyword
says employee zhang: 投诉
says system: card 正在为您转接人工，前面还有 2 位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 正在为您转接人工，前面还有 2 位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
timer bot_idle in 30m0s
timer bot_idle off
timer wait in 10m0s
timer place in 2m0s
fact handoff keyword`},
		{"second_miss", []given{twoMisses, says("嗯"), knows(miss())}, `
need answer 嗯
need seat
queued misses
session 7 of zhang queued handoff=misses misses=2
says employee zhang: 嗯
says system: card 机器人没能解决您的问题，正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 机器人没能解决您的问题，正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
timer bot_idle in 30m0s
timer bot_idle off
timer wait in 10m0s
question 100 missed: 嗯 miss=open
fact missed miss
fact handoff misses`},
		{"misses_never_hand_over", []given{twoMisses, says("嗯"), knows(miss()), policy(func(p *model.Policy) { p.Handoff.Misses = 0 })}, `
need answer 嗯
missed miss
session 7 of zhang bot misses=2
says employee zhang: 嗯
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 100 missed: 嗯 miss=open
fact missed miss`},
		{"bot_off", []given{newcomer, botOff, says("在吗")}, `
need seat
queued bot_off
session 100 of zhang queued handoff=bot_off
says employee zhang: 在吗
says system: card 正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (100) card 正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:100]
timer bot_idle off
timer wait in 10m0s
conversation of zhang: last seat "", last session 100, new
fact opened
fact handoff bot_off`},
		{"menu_button", []given{happens(model.Event{Kind: model.EventMenuClick, Key: "handoff"})}, `
need seat
queued button
session 100 of zhang queued handoff=button
says system: card 正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (100) card 正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:100]
timer bot_idle off
timer wait in 10m0s
conversation of zhang: last seat "", last session 100
fact opened
fact handoff button`},
		{"card_button", []given{in7(model.StateBot), clicks("handoff")}, `
need seat
queued button
session 7 of zhang queued handoff=button
says system: card 正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
to zhang (7) update code 已转人工
timer bot_idle off
timer wait in 10m0s
fact handoff button`},
		{"card_button_while_waiting", []given{in7(model.StateQueued), clicks("handoff"), ahead(1)}, `
queued waiting
session 7 of zhang queued handoff=keyword
to zhang (7) update code 已转人工
to zhang (7) 已在为您排队，正在为您转接人工，前面还有 1 位
timer wait in 10m0s
timer place in 2m0s`},
		{"card_button_while_served", []given{in7(model.StateServing), clicks("handoff")}, `
handled serving
to zhang (7) update code 人工服务中
to zhang (7) 坐席正在为您服务，请直接发送消息。`},
		{"other_menu_button", []given{happens(model.Event{Kind: model.EventMenuClick, Key: "mine"})}, `
handled menu`},
	})
}

func TestDecideWhoMayAsk(t *testing.T) {
	t.Parallel()
	found := func(s *scene) {
		s.directory = func(c *model.Case) { c.Member, c.InScope = memberOf(zhang), true }
	}
	runPlayed(t, []played{
		{"outside", []given{newcomer, outOfScope, says("在吗")}, `
need directory
refused scope
to zhang () 抱歉，您不在「服务台」的服务范围内。如需使用，请联系管理员。`},
		{"outside_as_far_as_was_known", []given{newcomer, outOfScope, found, says("年假"), knows(hit(false))}, `
need directory
need answer 年假
answered hit
session 100 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (100) 五天
timer bot_idle in 30m0s
conversation of zhang: last seat "", last session 100, new
question 100 answered: 年假 entry=11
fact opened
fact answered hit`},
		{"unknown_to_the_directory", []given{newcomer, unknownMember, says("年假")}, `
need directory
refused scope
to zhang () 抱歉，您不在「服务台」的服务范围内。如需使用，请联系管理员。`},
		{"unknown_but_everybody_may_ask", []given{newcomer, unknownMember, says("年假"), knows(hit(false)), func(s *scene) {
			s.in.Case.InScope = true
		}}, `
need directory
need answer 年假
answered hit
session 100 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (100) 五天
timer bot_idle in 30m0s
conversation of zhang: last seat "", last session 100, new
question 100 answered: 年假 entry=11
fact opened
fact answered hit`},
		{"has_talked_before", []given{outOfScope, says("年假"), knows(hit(false))}, `
need answer 年假
answered hit
session 100 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (100) 五天
timer bot_idle in 30m0s
conversation of zhang: last seat "", last session 100
question 100 answered: 年假 entry=11
fact opened
fact answered hit`},
		{"asks_for_a_person_from_outside", []given{newcomer, outOfScope, clicks("handoff")}, `
need directory
refused scope
to zhang () 抱歉，您不在「服务台」的服务范围内。如需使用，请联系管理员。`},
		{"account_disabled", []given{disabled, says("在吗")}, `
refused account_disabled
to zhang () 「服务台」已暂停服务。`},
		{"account_disabled_while_with_the_bot", []given{disabled, in7(model.StateBot), says("在吗")}, `
refused account_disabled
session 7 of zhang closed closed=account_disabled
to zhang (7) 「服务台」已暂停服务。
timer bot_idle off
timer idle off
fact closed account_disabled`},
		{"account_disabled_while_served", []given{disabled, in7(model.StateServing), says("在吗")}, `
refused account_disabled
session 7 of zhang closed lin#2 handoff=keyword closed=account_disabled
release lin
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
to zhang (7) 「服务台」已暂停服务。
to lin (7) 与张三(财务部)的会话已结束：账号已停用。
timer bot_idle off
timer idle off
fact closed account_disabled lin 2m0s
wake the queue`},
		{"account_disabled_and_its_card", []given{disabled, clicks("answer:11")}, `
refused account_disabled
to zhang () 「服务台」已暂停服务。`},
	})
}

func TestDecideOtherEvents(t *testing.T) {
	t.Parallel()
	runPlayed(t, []played{
		{"contact", []given{happens(model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "update_user"}})}, `
need directory
handled directory`},
		{"subscribe", []given{happens(model.Event{Kind: model.EventSubscribe})}, `handled subscribe`},
		{"unsubscribe", []given{happens(model.Event{Kind: model.EventUnsubscribe})}, `handled unsubscribe`},
		{"menu_view", []given{happens(model.Event{Kind: model.EventMenuView, Key: "https://example.com"})}, `handled menu_view`},
		{"app_alert", []given{happens(model.Event{Kind: model.EventAppAlert, Key: "low_active"})}, `handled app_alert`},
		{"not_understood", []given{happens(model.Event{Kind: model.EventUnknown, Raw: "<xml/>"})}, `handled unknown`},
		{"of_a_newer_version", []given{happens(model.Event{Kind: "tomorrow"})}, `handled unknown`},
		{"timer_of_a_newer_version", []given{timerDue("tomorrow")}, `handled unknown_timer`},
	})
}
