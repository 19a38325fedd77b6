package bot_test

import (
	"testing"

	"deskmate/model"
)

func TestDecideFeedbackCard(t *testing.T) {
	t.Parallel()
	feedback := policy(func(p *model.Policy) { p.Bot.Feedback = true })
	runPlayed(t, []played{
		{"after_an_answer", []given{feedback, in7(model.StateBot), says("年假"), knows(hit(false))}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (7) 五天
to zhang (7) card 这个回答有帮助吗？ | [👍 有帮助 up:100] | [👎 没解决 down:100]
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"after_every_message_of_it", []given{feedback, in7(model.StateBot), says("年假"), knows(illustrated())}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
says bot: image [图片:31]
says bot: file [文件:32]
says bot: 详见 <a href="https://example.com/a">制度</a>
to zhang (7) 五天
to zhang (7) image of 31
to zhang (7) file of 32
to zhang (7) 详见 <a href="https://example.com/a">制度</a>
to zhang (7) card 这个回答有帮助吗？ | [👍 有帮助 up:100] | [👎 没解决 down:100]
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"after_a_suggestion_that_was_tapped", []given{feedback, in7(model.StateBot), clicks("answer:12:50"), asked50(), entryFound}, `
need question 50
need entry 12
answered suggestion
session 7 of zhang bot topic=12
says employee zhang: card 病假
says bot: 病历
to zhang (7) 病历
to zhang (7) card 这个回答有帮助吗？ | [👍 有帮助 up:50] | [👎 没解决 down:50]
to zhang (7) update code 已选择
timer bot_idle in 30m0s
question 50 picked=12
fact accepted suggestion
fact answered suggestion`},
		{"after_a_number", []given{feedback, in7(model.StateBot, func(s *model.Session) {
			s.Suggested, s.SuggestedFor = []uint64{11, 12}, 50
		}), says("2"), asked50(), entryFound}, `
need question 50
need entry 12
answered number
session 7 of zhang bot topic=12
says employee zhang: 2
says bot: 病历
to zhang (7) 病历
to zhang (7) card 这个回答有帮助吗？ | [👍 有帮助 up:50] | [👎 没解决 down:50]
timer bot_idle in 30m0s
question 50 picked=12
fact accepted number
fact answered number`},
		{"not_after_small_talk", []given{feedback, in7(model.StateBot), says("谢谢"), knows(model.Answer{Kind: model.AnswerSmall, Text: "不客气"})}, `
need answer 谢谢
small_talk small_talk
session 7 of zhang bot
says employee zhang: 谢谢
says bot: 不客气
to zhang (7) 不客气
timer bot_idle in 30m0s`},
		{"not_after_a_suggestion", []given{
			feedback, in7(model.StateBot), says("假"), knows(suggest()), policy(func(p *model.Policy) { p.Handoff.Button = false }),
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
		{"not_after_a_miss", []given{feedback, in7(model.StateBot), says("在吗"), knows(miss())}, `
need answer 在吗
missed miss
session 7 of zhang bot misses=1
says employee zhang: 在吗
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 100 missed: 在吗 miss=open
fact missed miss`},
	})
}

func TestDecideFeedback(t *testing.T) {
	t.Parallel()
	noOffer := policy(func(p *model.Policy) { p.Handoff.Dislike = false })
	liked := asked50(func(q *model.Question) { q.Feedback = model.FeedbackUp })
	strangers := asked50(func(q *model.Question) { q.Employee = li })
	runPlayed(t, []played{
		{"up", []given{in7(model.StateBot), clicks("up:50"), asked50()}, `
need question 50
handled feedback
to zhang (7) update code 已记录，感谢反馈
question 50 up
fact feedback up`},
		{"down_offers_a_person", []given{in7(model.StateBot), clicks("down:50"), asked50()}, `
need question 50
handled feedback
session 7 of zhang bot
says bot: card 抱歉，没能帮到您⏎您可以换个说法再问一次，或者转人工。
to zhang (7) update code 已记录，感谢反馈
to zhang (7) card 抱歉，没能帮到您 | 您可以换个说法再问一次，或者转人工。 | [转人工 dislike]
question 50 down
fact feedback down`},
		{"down_after_the_session", []given{clicks("down:50"), asked50()}, `
need question 50
handled feedback
to zhang () update code 已记录，感谢反馈
to zhang () card 抱歉，没能帮到您 | 您可以换个说法再问一次，或者转人工。 | [转人工 dislike]
question 50 down
fact feedback down`},
		{"down_without_the_offer", []given{in7(model.StateBot), clicks("down:50"), asked50(), noOffer}, `
need question 50
handled feedback
to zhang (7) update code 已记录，感谢反馈
question 50 down
fact feedback down`},
		{"down_while_waiting", []given{in7(model.StateQueued), clicks("down:50"), asked50()}, `
need question 50
handled feedback
to zhang (7) update code 已记录，感谢反馈
question 50 down
fact feedback down`},
		{"down_while_served", []given{in7(model.StateServing), clicks("down:50"), asked50()}, `
need question 50
handled feedback
to zhang (7) update code 已记录，感谢反馈
question 50 down
fact feedback down`},
		{"down_with_the_account_disabled", []given{disabled, clicks("down:50"), asked50()}, `
need question 50
handled feedback
to zhang () update code 已记录，感谢反馈
question 50 down
fact feedback down`},
		{"once", []given{in7(model.StateBot), clicks("down:50"), liked}, `
need question 50
handled feedback_already
to zhang (7) update code 您已反馈过，谢谢`},
		{"too_late", []given{in7(model.StateBot), clicks("up:50")}, `
need question 50
handled feedback_gone
to zhang (7) update code 反馈已过期，谢谢`},
		{"of_somebody_else", []given{in7(model.StateBot), clicks("up:50"), strangers}, `
need question 50
handled feedback_gone
to zhang (7) update code 反馈已过期，谢谢`},
		{"the_offer_is_taken", []given{in7(model.StateBot), clicks("dislike"), seatFree(lin)}, `
need seat
handed_off dislike
session 7 of zhang serving lin#3 handoff=dislike
reserve lin no=3 day=20260105 limit=5
says system: 机器人没能解决您的问题，已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（回答没有帮助）
to lin (7, line) card #3 张三(财务部) | 转人工：回答没有帮助 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 机器人没能解决您的问题，已为您接入坐席 林一，请直接发送消息。
to zhang (7) update code 已转人工
timer bot_idle off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
fact handoff dislike
fact assigned least_busy lin`},
		{"the_offer_is_taken_later", []given{clicks("dislike")}, `
need seat
queued dislike
session 100 of zhang queued handoff=dislike
says system: card 机器人没能解决您的问题，正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (100) card 机器人没能解决您的问题，正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:100]
to zhang (100) update code 已转人工
timer bot_idle off
timer wait in 10m0s
conversation of zhang: last seat "", last session 100
fact opened
fact handoff dislike`},
		{"the_offer_is_taken_while_served", []given{in7(model.StateServing), clicks("dislike")}, `
handled serving
to zhang (7) update code 人工服务中
to zhang (7) 坐席正在为您服务，请直接发送消息。`},
	})
}
