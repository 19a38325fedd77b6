package bot_test

import (
	"testing"
	"time"

	"deskmate/model"
)

func TestDecideEnd(t *testing.T) {
	t.Parallel()
	noSurvey := policy(func(p *model.Policy) { p.Survey.Enabled = false })
	runPlayed(t, []played{
		{"by_the_seat", []given{in7(model.StateServing), bySeat(model.EventSeatEnd, "")}, `
handled ended
session 7 of zhang closed lin#2 handoff=keyword closed=seat_ended
release lin
says system: 服务聊天已结束
says system: card 请评价
to zhang (7) 服务聊天已结束
to zhang (7) card 请评价 | 林一 | [good rate:7:good] | [bad rate:7:bad]
to lin (7) 已结束与张三(财务部)的会话。
timer bot_idle off
timer idle off
survey of 7: employee zhang, seat lin, rating "", reasons []
fact closed seat_ended lin 2m0s
fact survey_sent lin
wake the queue`},
		{"without_a_survey", []given{in7(model.StateServing), bySeat(model.EventSeatEnd, ""), noSurvey}, `
handled ended
session 7 of zhang closed lin#2 handoff=keyword closed=seat_ended
release lin
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
to lin (7) 已结束与张三(财务部)的会话。
timer bot_idle off
timer idle off
fact closed seat_ended lin 2m0s
wake the queue`},
		{"ended_already", []given{closed7, bySeat(model.EventSeatEnd, "")}, `
refused closed
to lin (7) 张三(财务部)：会话已结束。`},
		{"served_by_another_seat_now", []given{
			in7(model.StateServing, func(s *model.Session) { s.Seat = chen }), bySeat(model.EventSeatEnd, ""),
		}, `
refused not_serving
to lin (7) 张三(财务部)：会话已不由您接待。`},
		{"by_the_card", []given{atDesk(7, 8), clicks("end:8")}, `
handled end
to lin () update code 会话已结束
forward to li seat_end session=8 seat=lin`},
		{"by_the_card_of_a_closed_session", []given{atDesk(8), clicks("end:7")}, `
handled not_serving
to lin () update code 会话已结束`},
	})
}

func TestDecideTransfer(t *testing.T) {
	t.Parallel()
	transfer := func(target string) given {
		return happens(model.Event{Kind: model.EventSeatTransfer, Session: 7, Seat: lin, Target: target})
	}
	later := func(s *model.Session) { s.LastSeatMS = ago(30 * time.Second) }
	runPlayed(t, []played{
		{"to_a_seat", []given{
			in7(model.StateServing, later), transfer(chen), seatFree(chen),
			recent(line7(3, model.FromSeat, textOf("您好")), line7(4, model.FromEmployee, textOf("在"))),
		}, `
need seat only=chen
handed_off transfer
session 7 of zhang serving chen#3 handoff=keyword
reserve chen no=3 day=20260105 limit=5
release lin
says system: 已为您转接坐席 陈二。
to chen (7, line) 张三(财务部) 转人工（员工要求）⏎坐席: 您好⏎张三: 在
to chen (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您转接坐席 陈二。
to lin (7) 已将张三(财务部)转接给 陈二。
timer idle in 10m0s
conversation of zhang: last seat "chen", last session 0
fact assigned least_busy chen
fact transfer seat chen
wake the queue`},
		{"to_a_seat_that_is_full_or_away", []given{in7(model.StateServing), transfer(chen)}, `
need seat only=chen
refused transfer_refused
to lin (7) 转接失败：对方现在不能接待（未上线或已满）。会话仍由您接待。`},
		{"to_the_queue", []given{in7(model.StateServing), transfer(""), ahead(1)}, `
queued transfer_queue
session 7 of zhang queued handoff=keyword returned_by=lin
release lin
says system: card 坐席已将您转回排队，正在为您转接人工，前面还有 1 位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 坐席已将您转回排队，正在为您转接人工，前面还有 1 位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
to lin (7) 已将张三(财务部)放回排队。
timer idle off
timer wait in 10m0s
timer place in 2m0s
forward to zhang queue_turn session=7
conversation of zhang: last seat "", last session 0
fact transfer queue lin`},
		{"of_a_closed_session", []given{closed7, transfer(chen)}, `
refused closed
to lin (7) 张三(财务部)：会话已结束。`},
	})
}

func TestDecideSeatOpens(t *testing.T) {
	t.Parallel()
	open := bySeat(model.EventSeatOpen, "还有一点")
	force := func(s *scene) {
		seatFree(lin)(s)
		s.offer.Why, s.offer.Force, s.offer.Limit = model.PickAsked, true, 0
	}
	runPlayed(t, []played{
		{"anew", []given{closed7, open, force}, `
need seat only=lin force
relayed to_employee
session 100 of zhang serving lin#3 handoff=seat
reserve lin no=3 day=20260105 limit=0 force
says system: 坐席 林一 联系您：
says seat lin: 还有一点
to lin (100, line) 张三(财务部) 转人工（坐席发起）
to lin (100, line) card #3 张三(财务部) | 转人工：坐席发起 | [回复 TA focus:100] | [结束会话 end:100]
to zhang (100) 坐席 林一 联系您：
to zhang (100, by lin, merge) 还有一点
timer bot_idle off
timer idle in 10m0s
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 100
fact opened
fact handoff seat
fact assigned asked lin
fact first_reply lin`},
		{"in_place_of_the_bot", []given{in7(model.StateBot), open, force}, `
need seat only=lin force
relayed to_employee
session 7 of zhang serving lin#3 handoff=seat
reserve lin no=3 day=20260105 limit=0 force
says system: 坐席 林一 联系您：
says seat lin: 还有一点
to lin (7, line) 张三(财务部) 转人工（坐席发起）
to lin (7, line) card #3 张三(财务部) | 转人工：坐席发起 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 坐席 林一 联系您：
to zhang (7, by lin, merge) 还有一点
timer bot_idle off
timer idle in 10m0s
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
fact handoff seat
fact assigned asked lin
fact first_reply lin`},
		{"serves_already", []given{in7(model.StateServing), open}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: 还有一点
to zhang (7, by lin, merge) 还有一点
timer idle in 10m0s
fact first_reply lin 2m0s`},
		{"waits_for_somebody", []given{in7(model.StateQueued), open}, `
refused has_session
to lin (7) 发给张三(财务部)的消息未送达（对方已有新的会话）：还有一点`},
		{"served_by_another_seat", []given{in7(model.StateServing, func(s *model.Session) { s.Seat = chen }), open}, `
refused has_session
to lin (7) 发给张三(财务部)的消息未送达（对方已有新的会话）：还有一点`},
		{"no_seat_any_more", []given{closed7, open}, `
need seat only=lin force
refused no_seat
to lin () 发给张三(财务部)的消息未送达（您的接待数已满，或已不是该账号的坐席）：还有一点`},
		{"account_disabled", []given{closed7, open, force, disabled}, `
refused account_disabled
to lin () 发给张三(财务部)的消息未送达（账号已停用）：还有一点`},
	})
}

func TestDecideTimers(t *testing.T) {
	t.Parallel()
	quiet := func(d time.Duration) func(*model.Session) {
		return func(s *model.Session) {
			s.LastEmployeeMS = ago(d)
			s.AssignedMS, s.QueuedMS, s.OpenedMS = min(s.AssignedMS, ago(d)), min(s.QueuedMS, ago(d)), ago(time.Hour)
		}
	}
	afterIdle := policy(func(p *model.Policy) { p.Survey.AfterIdle = true })
	peaceful := policy(func(p *model.Policy) { p.Survey.AfterBot, p.Survey.Quiet = true, 24*time.Hour })
	const idleEnd = `
session 7 of zhang closed lin#2 handoff=keyword closed=idle
release lin
says system: 服务聊天已结束`
	runPlayed(t, []played{
		{"bot_session_idle", []given{in7(model.StateBot, quiet(30*time.Minute)), timerDue(model.TimerBotIdle)}, `
handled bot_idle
session 7 of zhang closed closed=idle
timer bot_idle off
timer idle off
fact closed idle`},
		{"bot_session_idle_with_a_survey", []given{
			in7(model.StateBot, quiet(30*time.Minute)), timerDue(model.TimerBotIdle), policy(func(p *model.Policy) { p.Survey.AfterBot = true }),
		}, `
handled bot_idle
session 7 of zhang closed closed=idle
says system: card 请评价
to zhang (7) card 请评价 | [good rate:7:good] | [bad rate:7:bad]
timer bot_idle off
timer idle off
survey of 7: employee zhang, seat , rating "", reasons []
fact closed idle
fact survey_sent`},
		{"asked_not_long_ago", []given{
			in7(model.StateBot, quiet(30*time.Minute)), timerDue(model.TimerBotIdle), peaceful, func(s *scene) { s.asked = ago(23 * time.Hour) },
		}, `
need asked of zhang
handled bot_idle
session 7 of zhang closed closed=idle
timer bot_idle off
timer idle off
fact closed idle`},
		{"asked_long_ago", []given{
			in7(model.StateBot, quiet(30*time.Minute)), timerDue(model.TimerBotIdle), peaceful, func(s *scene) { s.asked = ago(24 * time.Hour) },
		}, `
need asked of zhang
handled bot_idle
session 7 of zhang closed closed=idle
says system: card 请评价
to zhang (7) card 请评价 | [good rate:7:good] | [bad rate:7:bad]
timer bot_idle off
timer idle off
survey of 7: employee zhang, seat , rating "", reasons []
fact closed idle
fact survey_sent`},
		{"bot_session_active_since", []given{in7(model.StateBot, quiet(29*time.Minute)), timerDue(model.TimerBotIdle)}, `
handled stale_timer
timer bot_idle in 1m0s`},
		{"bot_timer_while_served", []given{in7(model.StateServing, quiet(time.Hour)), timerDue(model.TimerBotIdle)}, `
handled stale_timer`},
		{"bot_timer_without_a_session", []given{timerDue(model.TimerBotIdle)}, `
handled stale_timer`},
		{"bot_timer_switched_off", []given{
			in7(model.StateBot, quiet(time.Hour)), timerDue(model.TimerBotIdle), policy(func(p *model.Policy) { p.Bot.IdleAfter = 0 }),
		}, `
handled stale_timer`},
		{"service_idle", []given{in7(model.StateServing, quiet(10*time.Minute)), timerDue(model.TimerIdle)}, `
handled idle` + idleEnd + `
to zhang (7) 服务聊天已结束
to lin (7) 与张三(财务部)的会话因 10 分钟没有消息已结束。
timer bot_idle off
timer idle off
fact closed idle lin 10m0s
wake the queue`},
		{"service_idle_with_a_survey", []given{afterIdle, in7(model.StateServing, quiet(10*time.Minute)), timerDue(model.TimerIdle)}, `
handled idle` + idleEnd + `
says system: card 请评价
to zhang (7) 服务聊天已结束
to zhang (7) card 请评价 | 林一 | [good rate:7:good] | [bad rate:7:bad]
to lin (7) 与张三(财务部)的会话因 10 分钟没有消息已结束。
timer bot_idle off
timer idle off
survey of 7: employee zhang, seat lin, rating "", reasons []
fact closed idle lin 10m0s
fact survey_sent lin
wake the queue`},
		{"service_idle_in_seconds", []given{
			in7(model.StateServing, quiet(3*time.Second), func(s *model.Session) { s.AssignedMS, s.QueuedMS = ago(3*time.Second), ago(time.Minute) }),
			timerDue(model.TimerIdle), policy(func(p *model.Policy) { p.Timers.Idle = 3 * time.Second }),
		}, `
handled idle` + idleEnd + `
to zhang (7) 服务聊天已结束
to lin (7) 与张三(财务部)的会话因 3 秒没有消息已结束。
timer bot_idle off
timer idle off
fact closed idle lin 3s
wake the queue`},
		{"employee_wrote_since", []given{in7(model.StateServing, quiet(10*time.Minute), func(s *model.Session) {
			s.LastEmployeeMS = ago(4 * time.Minute)
		}), timerDue(model.TimerIdle)}, `
handled stale_timer
timer idle in 6m0s`},
		{"seat_wrote_since", []given{in7(model.StateServing, quiet(10*time.Minute), func(s *model.Session) {
			s.LastSeatMS = ago(9*time.Minute + 59*time.Second)
		}), timerDue(model.TimerIdle)}, `
handled stale_timer
timer idle in 1s`},
		{"waiting_again", []given{in7(model.StateQueued, quiet(time.Hour)), timerDue(model.TimerIdle)}, `
handled stale_timer`},
		{"switched_off", []given{
			in7(model.StateServing, quiet(time.Hour)), timerDue(model.TimerIdle), policy(func(p *model.Policy) { p.Timers.Idle = 0 }),
		}, `
handled stale_timer`},
	})
}

func TestDecidePushFailed(t *testing.T) {
	t.Parallel()
	failed := func(author, target string, reason model.OutboxState, c *model.Content) given {
		return func(s *scene) {
			s.in.Event = model.Event{Kind: model.EventPushFailed, Session: 7, Target: target, Reason: string(reason), Content: c}
			s.in.Case.Person, s.in.Case.Member = author, memberOf(author)
			s.in.Case.Employee = memberOf(zhang)
		}
	}
	text := textOf("您好")
	target := func(s *scene) { s.in.Case.Target = session7(model.StateServing) }
	runPlayed(t, []played{
		{"to_an_employee", []given{target, failed(lin, zhang, model.OutDead, &text)}, `
handled told
to lin (7) 发给张三(财务部)的消息未送达（企业微信未接收）：您好`},
		{"to_a_seat", []given{target, failed(zhang, lin, model.OutDead, &text)}, `
handled told
to zhang (7) 发给坐席的消息未送达（企业微信未接收）：您好`},
		{"to_a_seat_that_does_not_serve_any_more", []given{target, failed(zhang, chen, model.OutDead, &text)}, `
handled told
to zhang (7) 发给chen的消息未送达（企业微信未接收）：您好`},
		{"image", []given{target, failed(lin, zhang, model.OutDead, &model.Content{Type: model.ContentImage})}, `
handled told
to lin (7) 发给张三(财务部)的消息未送达（企业微信未接收）：[图片]`},
		{"without_content", []given{failed(lin, zhang, model.OutDead, nil)}, `
handled told
to lin (7) 发给zhang的消息未送达（企业微信未接收）`},
		{"nobody_knows_whether_it_arrived", []given{target, failed(lin, zhang, model.OutUncertain, &text)}, `
handled told
to lin (7) 发给张三(财务部)的消息可能未送达（企业微信没有确认）：您好`},
	})
}
