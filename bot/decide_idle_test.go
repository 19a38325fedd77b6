package bot_test

import (
	"testing"
	"time"

	"deskmate/model"
)

// clocks sets the clocks of human service.
func clocks(t model.Timers) given { return policy(func(p *model.Policy) { p.Timers = t }) }

// silent7 is session 7 while people serve it, and nobody has written for so long. The seat's
// answer was last.
func silent7(d time.Duration, changes ...func(*model.Session)) given {
	return in7(model.StateServing, append([]func(*model.Session){func(s *model.Session) {
		s.OpenedMS, s.QueuedMS, s.AssignedMS = ago(time.Hour), ago(time.Hour), ago(time.Hour)
		s.LastEmployeeMS, s.LastSeatMS, s.OwedMS = ago(d), ago(d), 0
	}}, changes...)...)
}

// owed says since when the seat owes an answer.
func owed(d time.Duration) func(*model.Session) {
	return func(s *model.Session) { s.OwedMS = ago(d) }
}

func warned(d time.Duration) func(*model.Session) {
	return func(s *model.Session) { s.WarnedMS = ago(d) }
}

func keptOpen(s *model.Session) { s.KeepOpen = true }

func TestDecideTwoClocks(t *testing.T) {
	t.Parallel()
	never := clocks(model.Timers{Idle: 10 * time.Minute, Owed: model.Never})
	hour := clocks(model.Timers{Idle: 10 * time.Minute, Owed: time.Hour})
	due := timerDue(model.TimerIdle)
	runPlayed(t, []played{
		{"answered", []given{never, silent7(10 * time.Minute), due}, `
handled idle
session 7 of zhang closed lin#2 handoff=keyword closed=idle
release lin
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
to lin (7) 与张三(财务部)的会话因 10 分钟没有消息已结束。
timer bot_idle off
timer idle off
fact closed idle lin 1h0m0s
wake the queue`},
		{"owed_and_never_ended", []given{never, silent7(24*time.Hour, owed(24*time.Hour)), due}, `
handled stale_timer`},
		{"owed_for_less_than_its_hour", []given{hour, silent7(10*time.Minute, owed(10*time.Minute)), due}, `
handled stale_timer
timer idle in 50m0s`},
		{"owed_for_its_hour", []given{hour, silent7(time.Hour, owed(time.Hour)), due}, `
handled idle
session 7 of zhang closed lin#2 handoff=keyword closed=idle
release lin
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
to lin (7) 与张三(财务部)的会话因 60 分钟没有消息已结束。
timer bot_idle off
timer idle off
fact closed idle lin 1h0m0s
wake the queue`},
		{"kept_open", []given{silent7(24*time.Hour, keptOpen), due}, `
handled stale_timer`},
		{"of_all_seats", []given{silent7(10*time.Minute, func(s *model.Session) { s.Shared, s.Seat, s.SeatNo = true, "", 0 }), due}, `
handled idle
session 7 of zhang closed handoff=keyword closed=idle
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
timer bot_idle off
timer idle off
fact closed idle 1h0m0s
wake the queue`},
		{"employee_writes", []given{never, in7(model.StateServing), says("在吗")}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: 在吗
to lin (7, by zhang, line, merge) 张三(财务部): 在吗
timer idle off`},
		{"seat_answers", []given{never, in7(model.StateServing), bySeat(model.EventSeatMessage, "在")}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: 在
to zhang (7, by lin, merge) 在
timer idle in 10m0s
fact first_reply lin 2m0s`},
	})
}

func TestDecideWarning(t *testing.T) {
	t.Parallel()
	two := clocks(model.Timers{Idle: 10 * time.Minute, Warn: 2 * time.Minute})
	due := timerDue(model.TimerWarn)
	const warning = `
handled warned
session 7 of zhang serving lin#2 handoff=keyword warned
says system: card 会话即将结束⏎2 分钟内没有新消息，会话将自动结束。还需要服务，请点继续，或直接发消息。
to zhang (7) card 会话即将结束 | 2 分钟内没有新消息，会话将自动结束。还需要服务，请点继续，或直接发消息。 | [继续 continue:7]
timer idle in 2m0s`
	runPlayed(t, []played{
		{"in_time", []given{two, silent7(8 * time.Minute), due}, warning},
		{"while_the_seat_owes_an_answer", []given{two, silent7(8*time.Minute, owed(9*time.Minute)), due}, warning},
		{"late", []given{two, silent7(3 * time.Hour), due}, warning},
		{"instead_of_an_end_without_it", []given{two, silent7(3 * time.Hour), timerDue(model.TimerIdle)}, warning},
		{"somebody_wrote", []given{two, silent7(5 * time.Minute), due}, `
handled stale_timer
timer warn in 3m0s`},
		{"once", []given{two, silent7(9*time.Minute, warned(time.Minute)), due}, `
handled stale_timer`},
		{"switched_off", []given{silent7(8 * time.Minute), due}, `
handled stale_timer`},
		{"kept_open", []given{two, silent7(8*time.Minute, keptOpen), due}, `
handled stale_timer`},
		{"of_no_session", []given{two, due}, `
handled stale_timer`},
		{"and_the_end", []given{two, silent7(10*time.Minute, warned(2*time.Minute)), timerDue(model.TimerIdle)}, `
handled idle
session 7 of zhang closed lin#2 handoff=keyword closed=idle warned
release lin
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
to lin (7) 与张三(财务部)的会话因 10 分钟没有消息已结束。
timer bot_idle off
timer idle off
timer warn off
fact closed idle lin 1h0m0s
wake the queue`},
		{"late_puts_the_end_off", []given{two, silent7(time.Hour, warned(time.Minute)), timerDue(model.TimerIdle)}, `
handled stale_timer
timer idle in 1m0s`},
		{"forgotten_with_a_message", []given{two, silent7(9*time.Minute, warned(time.Minute)), bySeat(model.EventSeatMessage, "在")}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: 在
to zhang (7, by lin, merge) 在
timer idle in 10m0s
timer warn in 8m0s`},
	})
}

func TestDecideContinue(t *testing.T) {
	t.Parallel()
	two := clocks(model.Timers{Idle: 10 * time.Minute, Warn: 2 * time.Minute, Remind: time.Minute})
	runPlayed(t, []played{
		{"in_time", []given{two, silent7(9*time.Minute, warned(time.Minute)), clicks("continue:7")}, `
handled continued
session 7 of zhang serving lin#2 handoff=keyword
to zhang (7) update code 会话继续
timer idle in 10m0s
timer warn in 8m0s`},
		{"too_late", []given{two, closed7, clicks("continue:7")}, `
handled not_serving
to zhang () update code 会话已结束`},
		{"in_another_session", []given{two, in7(model.StateServing), clicks("continue:6")}, `
handled not_serving
to zhang (7) update code 会话已结束`},
		{"in_the_queue_again", []given{two, in7(model.StateQueued), clicks("continue:7")}, `
handled continued
to zhang (7) update code 会话继续`},
	})

	_, step := newScene(two, silent7(9*time.Minute, owed(9*time.Minute), warned(time.Minute)), clicks("continue:7")).decide()
	if step.Session.OwedMS != ago(9*time.Minute) || len(step.Messages) != 0 {
		t.Errorf("after 继续 an answer is owed since %d, with %d more lines", step.Session.OwedMS, len(step.Messages))
	}
}

func TestDecideKeep(t *testing.T) {
	t.Parallel()
	keep := func(ev model.Event) given {
		ev.Kind, ev.Session, ev.Seat = model.EventSeatKeep, 7, lin
		return happens(ev)
	}
	two := clocks(model.Timers{Idle: 10 * time.Minute, Warn: 2 * time.Minute})
	runPlayed(t, []played{
		{"on", []given{two, silent7(9*time.Minute, warned(time.Minute)), keep(model.Event{})}, `
handled keep
session 7 of zhang serving lin#2 handoff=keyword kept
to lin (7) 与张三(财务部)的会话将保持：没有消息也不会自动结束。发 #取消保持 恢复。
timer idle off
timer warn off`},
		{"off", []given{two, silent7(3*time.Hour, keptOpen), keep(model.Event{Reason: model.KeepOff})}, `
handled keep
session 7 of zhang serving lin#2 handoff=keyword
to lin (7) 与张三(财务部)的会话不再保持，没有消息时会自动结束。
timer idle in 10m0s
timer warn in 8m0s`},
		{"through_the_api", []given{silent7(time.Minute), keep(model.Event{API: true})}, `
handled keep
session 7 of zhang serving lin#2 handoff=keyword kept
timer idle off`},
		{"of_another_seat's_through_the_api", []given{silent7(time.Minute, func(s *model.Session) { s.Seat = chen }), keep(model.Event{API: true})}, `
refused not_serving`},
		{"of_another_seat's", []given{silent7(time.Minute, func(s *model.Session) { s.Seat = chen }), keep(model.Event{})}, `
refused not_serving
to lin (7) 张三(财务部)：会话已不由您接待。`},
		{"ends_with_a_transfer", []given{
			silent7(time.Minute, keptOpen), seatFree(chen), happens(model.Event{Kind: model.EventSeatTransfer, Session: 7, Seat: lin, Target: chen}),
		}, `
need seat only=chen
handed_off transfer
session 7 of zhang serving chen#3 handoff=keyword
reserve chen no=3 day=20260105 limit=5
release lin
says system: 已为您转接坐席 陈二。
to chen (7, line) 张三(财务部) 转人工（员工要求）
to chen (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您转接坐席 陈二。
to lin (7) 已将张三(财务部)转接给 陈二。
timer idle in 10m0s
conversation of zhang: last seat "chen", last session 0
fact assigned least_busy chen
fact transfer seat chen
wake the queue`},
	})
}

func TestDecideOwed(t *testing.T) {
	t.Parallel()
	both := clocks(model.Timers{Idle: time.Hour, Remind: 5 * time.Minute, Reassign: 15 * time.Minute})
	due := timerDue(model.TimerOwed)
	reminded := func(s *model.Session) { s.RemindedMS = ago(10 * time.Minute) }
	away := seatOf(chen)
	away.State = model.SeatAway
	const taken = `
need roster
queued reassigned
session 7 of zhang queued handoff=keyword returned_by=lin
release lin
says system: card 坐席暂时没有回复，已为您重新排队，正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 坐席暂时没有回复，已为您重新排队，正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
to lin (7) 张三(财务部)已等您回复 15 分钟，会话已放回排队。
timer idle off
timer owed off
timer wait in 10m0s
forward to zhang queue_turn session=7
conversation of zhang: last seat "", last session 0
fact transfer unanswered lin`
	runPlayed(t, []played{
		{"the_first_line", []given{both, silent7(time.Minute), says("在吗")}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: 在吗
to lin (7, by zhang, line, merge) 张三(财务部): 在吗
timer owed in 5m0s
timer idle in 1h0m0s`},
		{"another_line", []given{both, silent7(time.Minute, owed(4*time.Minute)), says("在吗")}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: 在吗
to lin (7, by zhang, line, merge) 张三(财务部): 在吗
timer idle in 1h0m0s`},
		{"an_answer", []given{both, silent7(time.Minute, owed(6*time.Minute), reminded), bySeat(model.EventSeatMessage, "在")}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: 在
to zhang (7, by lin, merge) 在
timer idle in 1h0m0s`},
		{"reminded", []given{both, silent7(time.Minute, owed(5*time.Minute+20*time.Second)), due}, `
handled reminded
session 7 of zhang serving lin#2 handoff=keyword reminded
to lin (7) 提醒：#2 张三(财务部) 已等您回复 5 分钟。
timer owed in 9m40s`},
		{"reminded_and_no_more", []given{
			clocks(model.Timers{Remind: 3 * time.Second}), silent7(time.Minute, owed(4*time.Second)), due,
		}, `
handled reminded
session 7 of zhang serving lin#2 handoff=keyword reminded
to lin (7) 提醒：#2 张三(财务部) 已等您回复 4 秒。`},
		{"reminded_once", []given{both, silent7(time.Minute, owed(10*time.Minute), reminded), due}, `
handled stale_timer
timer owed in 5m0s`},
		{"too_early", []given{both, silent7(time.Minute, owed(time.Minute)), due}, `
handled stale_timer
timer owed in 4m0s`},
		{"answered_meanwhile", []given{both, silent7(time.Minute), due}, `
handled stale_timer`},
		{"of_no_session", []given{both, due}, `
handled stale_timer`},
		{"of_all_seats", []given{both, silent7(time.Hour, owed(time.Hour), shared7), seats(map[string]model.SeatState{li: model.SeatOffline}), due}, `
handled reminded
session 7 of zhang serving handoff=keyword reminded
to chen (7) 提醒：#2 张三(财务部) 已等您回复 60 分钟。
to lin (7) 提醒：#2 张三(财务部) 已等您回复 60 分钟。`},
		{"of_all_seats_and_claimed", []given{
			both, silent7(time.Minute, owed(15*time.Minute), func(s *model.Session) { s.Shared = true }), due, withRoster(seatOf(lin), seatOf(chen)),
		}, taken},
		{"reassigned", []given{
			both, silent7(time.Minute, owed(15*time.Minute), reminded, keptOpen), due, withRoster(seatOf(lin), seatOf(chen)),
		}, taken},
		{"reassigned_without_a_reminder", []given{
			both, silent7(time.Minute, owed(15*time.Minute)), due, withRoster(seatOf(lin), seatOf(chen)),
		}, taken},
		{"nobody_else_is_there", []given{
			both, silent7(time.Minute, owed(15*time.Minute)), due, withRoster(seatOf(lin), away, seatOf(zhang)),
		}, `
need roster
handled nobody_else
timer owed in 1m0s`},
		{"reassigned_off_hours_not", []given{
			both, silent7(time.Minute, owed(15*time.Minute)), due, withRoster(seatOf(lin), seatOf(chen)),
			policy(func(p *model.Policy) { p.Hours = open(9, 11) }),
		}, `
need roster
handled nobody_else
timer owed in 1m0s`},
		{"a_new_session_owes_the_first_line", []given{both, in7(model.StateQueued), seatFree(lin), happens(model.Event{Kind: model.EventQueueTurn, Session: 7})}, `
need seat
handed_off queue
session 7 of zhang serving lin#3 handoff=keyword
reserve lin no=3 day=20260105 limit=5
says system: 已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（员工要求）
to lin (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您接入坐席 林一，请直接发送消息。
timer wait off
timer owed in 5m0s
timer idle in 1h0m0s
conversation of zhang: last seat "lin", last session 0
fact assigned least_busy lin 3m0s
wake the queue`},
	})
}
