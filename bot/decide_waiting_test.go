package bot_test

import (
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// How session 7 waits.

func waits(state model.WaitState) func(*model.Session) {
	return func(s *model.Session) {
		s.WaitState = state
		if state == model.WaitMessage || state == model.WaitOpening {
			s.WaitDueMS = 0
		}
	}
}

// timeIsUp lets session 7's time in the queue be up now.
func timeIsUp(s *model.Session) { s.WaitDueMS = noon().UnixMilli() }

// toldAhead says how many were ahead when zhang was told last.
func toldAhead(n int) func(*model.Session) {
	return func(s *model.Session) { s.WaitAhead = n }
}

// moves says how fast the queue moves: how long a session takes, and how many run.
func moves(handling time.Duration, places int) given {
	return func(s *scene) { s.in.Case.HandlingMS, s.in.Case.Places = handling.Milliseconds(), places }
}

func noTimeout(s *scene) { s.in.Case.Account.Policy.Queue.Timeout = 0 }

func free(pass bool) given {
	return func(s *scene) { s.offer.Free, s.offer.Pass = true, pass }
}

func TestDecideEntersQueue(t *testing.T) {
	t.Parallel()
	runPlayed(t, []played{
		{"with_a_wait_that_is_known", []given{
			in7(model.StateBot, func(s *model.Session) { s.Misses = 1 }), clicks("dislike"), ahead(2), moves(150*time.Second, 1),
		}, `
need seat
queued dislike
session 7 of zhang queued handoff=dislike misses=1
says system: card 机器人没能解决您的问题，正在为您转接人工，前面还有 2 位⏎预计等待约 8 分钟。等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 机器人没能解决您的问题，正在为您转接人工，前面还有 2 位 | 预计等待约 8 分钟。等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
to zhang (7) update code 已转人工
timer bot_idle off
timer wait in 10m0s
timer place in 2m0s
fact handoff dislike`},
		{"others_wait_and_a_seat_is_free", []given{in7(model.StateBot), clicks("handoff"), ahead(1), free(false)}, `
need seat
queued button
session 7 of zhang queued handoff=button
says system: card 正在为您转接人工，前面还有 1 位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 正在为您转接人工，前面还有 1 位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
to zhang (7) update code 已转人工
timer bot_idle off
timer wait in 10m0s
timer place in 2m0s
fact handoff button
wake the queue`},
		{"nobody_is_asked", []given{in7(model.StateBot), clicks("handoff"), noTimeout, moves(2*time.Hour, 1)}, `
need seat
queued button
session 7 of zhang queued handoff=button
says system: card 正在为您转接人工，您排在第一位⏎预计等待超过 1 小时。等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 正在为您转接人工，您排在第一位 | 预计等待超过 1 小时。等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
to zhang (7) update code 已转人工
timer bot_idle off
fact handoff button`},
		{"turn_of_who_can_not_go_there", []given{
			in7(model.StateQueued), happens(model.Event{Kind: model.EventQueueTurn, Session: 7}), free(true),
		}, `
need seat
handled no_seat
wake the queue behind 7`},
		{"turn_before_it_is_theirs", []given{
			in7(model.StateQueued), happens(model.Event{Kind: model.EventQueueTurn, Session: 7}), free(false), ahead(1),
		}, `
need seat
handled no_seat`},
		{"first_turn_since_the_opening", []given{
			in7(model.StateQueued, waits(model.WaitOpening)), happens(model.Event{Kind: model.EventQueueTurn, Session: 7}), ahead(1),
		}, `
need seat
handled no_seat
session 7 of zhang queued handoff=keyword
timer wait in 10m0s
timer place in 2m0s`},
		{"opening_for_who_is_second", []given{in7(model.StateQueued, waits(model.WaitOpening)), timerDue(model.TimerOpening), ahead(1)}, `
handled not_first
session 7 of zhang queued handoff=keyword
timer wait in 10m0s
timer place in 2m0s`},
		{"seat_for_a_message", []given{
			in7(model.StateQueued, waits(model.WaitMessage)), happens(model.Event{Kind: model.EventQueueTurn, Session: 7}), seatFree(lin),
			recent(line7(3, model.FromEmployee, textOf("在吗"))),
		}, `
need seat
handed_off queue
session 7 of zhang serving lin#3 handoff=keyword
reserve lin no=3 day=20260105 limit=5
says system: 已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（员工要求）⏎员工已留言，可稍后联系⏎张三: 在吗
to lin (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您接入坐席 林一，请直接发送消息。
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
fact assigned least_busy lin 3m0s
wake the queue`},
	})
}

func TestDecidePlace(t *testing.T) {
	t.Parallel()
	due := timerDue(model.TimerPlace)
	runPlayed(t, []played{
		{"better", []given{in7(model.StateQueued, toldAhead(3)), due, ahead(1), moves(3*time.Minute, 2)}, `
handled place
session 7 of zhang queued handoff=keyword
to zhang (7) 前面还有 1 位，预计等待约 3 分钟
timer place in 2m0s`},
		{"first_now", []given{in7(model.StateQueued, toldAhead(3)), due}, `
handled place
session 7 of zhang queued handoff=keyword
to zhang (7) 您排在第一位`},
		{"the_same", []given{in7(model.StateQueued, toldAhead(2)), due, ahead(2)}, `
handled same_place
timer place in 2m0s`},
		{"worse", []given{in7(model.StateQueued, toldAhead(2)), due, ahead(3)}, `
handled same_place
timer place in 2m0s`},
		{"off_hours_by_now", []given{
			in7(model.StateQueued, toldAhead(3)), due, ahead(1), lunch(), recent(line7(3, model.FromSystem, textOf(kept))),
		}, `
handled off_hours
session 7 of zhang queued handoff=keyword wait=opening
timer opening in 2h0m0s
timer wait off
timer place off`},
		{"served_by_now", []given{in7(model.StateServing), due}, `
handled stale_timer`},
		{"message_by_now", []given{in7(model.StateQueued, waits(model.WaitMessage)), due}, `
handled stale_timer`},
		{"no_session", []given{due}, `
handled stale_timer`},
	})
}

func TestDecideWaitIsUp(t *testing.T) {
	t.Parallel()
	due := timerDue(model.TimerWait)
	runPlayed(t, []played{
		{"asked", []given{in7(model.StateQueued, timeIsUp), due, ahead(1)}, `
handled asked_to_wait
session 7 of zhang queued handoff=keyword wait=asked
says system: card 抱歉让您久等了，还要继续等待吗？⏎已等待 3 分钟，前面还有 1 位。选择留言，坐席有空时会联系您；10 分钟内没有选择，将转为留言。
to zhang (7) card 抱歉让您久等了，还要继续等待吗？ | 已等待 3 分钟，前面还有 1 位。选择留言，坐席有空时会联系您；10 分钟内没有选择，将转为留言。 | [继续等待 wait:7] | [留言 message:7] | [返回机器人 leave:7]
timer wait in 10m0s`},
		{"asked_without_a_bot", []given{in7(model.StateQueued, timeIsUp), due, botOff, moves(time.Minute, 1)}, `
handled asked_to_wait
session 7 of zhang queued handoff=keyword wait=asked
says system: card 抱歉让您久等了，还要继续等待吗？⏎已等待 3 分钟，您排在第一位，预计等待约 1 分钟。选择留言，坐席有空时会联系您；10 分钟内没有选择，将转为留言。
to zhang (7) card 抱歉让您久等了，还要继续等待吗？ | 已等待 3 分钟，您排在第一位，预计等待约 1 分钟。选择留言，坐席有空时会联系您；10 分钟内没有选择，将转为留言。 | [继续等待 wait:7] | [留言 message:7] | [取消排队 leave:7]
timer wait in 10m0s`},
		{"no_answer", []given{in7(model.StateQueued, waits(model.WaitAsked), timeIsUp, toldAhead(1)), due, ahead(1)}, `
handled left_message
session 7 of zhang queued handoff=keyword wait=message
says system: 已转为留言。坐席有空时会联系您，您可以继续补充。
to zhang (7) 已转为留言。坐席有空时会联系您，您可以继续补充。
timer wait off
timer place off
fact left_message timeout 3m0s`},
		{"overtaken", []given{in7(model.StateQueued), due}, `
handled stale_timer`},
		{"never_by_now", []given{in7(model.StateQueued, timeIsUp), due, noTimeout}, `
handled stale_timer`},
		{"off_hours_by_now", []given{
			in7(model.StateQueued, timeIsUp), due, lunch(), recent(line7(3, model.FromSystem, textOf("您排在第一位"))),
		}, `
handled off_hours
session 7 of zhang queued handoff=keyword wait=opening
says system: ` + kept + `
to zhang (7) ` + kept + `
timer opening in 2h0m0s
timer wait off`},
		{"waits_for_the_hours", []given{in7(model.StateQueued, waits(model.WaitOpening)), due}, `
handled stale_timer`},
		{"left_by_now", []given{in7(model.StateBot), due}, `
handled stale_timer`},
	})
}

func TestDecideWaitChoice(t *testing.T) {
	t.Parallel()
	asked := in7(model.StateQueued, waits(model.WaitAsked), toldAhead(2))
	message := in7(model.StateQueued, waits(model.WaitMessage))
	runPlayed(t, []played{
		{"waits_on", []given{asked, clicks("wait:7"), ahead(1)}, `
handled wait_choice
session 7 of zhang queued handoff=keyword
to zhang (7) 好的，继续为您排队，前面还有 1 位
to zhang (7) update code 继续等待中
timer wait in 10m0s
timer place in 2m0s`},
		{"waits_on_twice", []given{in7(model.StateQueued), clicks("wait:7")}, `
handled wait_choice
to zhang (7) update code 继续等待中`},
		{"waits_after_all", []given{message, clicks("wait:7")}, `
handled wait_choice
session 7 of zhang queued handoff=keyword
to zhang (7) 好的，继续为您排队，您排在第一位
to zhang (7) update code 继续等待中
timer wait in 10m0s`},
		{"waits_on_off_hours", []given{message, clicks("wait:7"), lunch()}, `
handled wait_choice
session 7 of zhang queued handoff=keyword wait=opening
says system: ` + kept + `
to zhang (7) ` + kept + `
to zhang (7) update code 继续等待中
timer opening in 2h0m0s`},
		{"leaves_a_message", []given{asked, clicks("message:7")}, `
handled wait_choice
session 7 of zhang queued handoff=keyword wait=message
says system: 已转为留言。坐席有空时会联系您，您可以继续补充。
to zhang (7) 已转为留言。坐席有空时会联系您，您可以继续补充。
to zhang (7) update code 已留言
timer wait off
timer place off
fact left_message chosen 3m0s`},
		{"leaves_it_twice", []given{message, clicks("message:7")}, `
handled wait_choice
to zhang (7) update code 已留言`},
		{"message_off_hours_is_silent", []given{message, lunch(), says("还有")}, `
kept off_hours
session 7 of zhang queued handoff=keyword wait=message
says employee zhang: 还有
timer opening in 2h0m0s`},
		{"asks_for_a_person_again", []given{message, clicks("handoff")}, `
queued waiting
session 7 of zhang queued handoff=keyword
to zhang (7) update code 已转人工
to zhang (7) 已在为您排队，正在为您转接人工，您排在第一位
timer wait in 10m0s`},
		{"served_by_now", []given{in7(model.StateServing), clicks("message:7")}, `
handled not_waiting
to zhang (7) update code 人工服务中`},
		{"of_an_older_session", []given{asked, clicks("leave:6")}, `
handled not_waiting
to zhang (7) update code 已不在排队`},
		{"closed_by_now", []given{clicks("leave:7")}, `
handled not_waiting
to zhang () update code 已不在排队`},
	})
}

func TestDecideLeavesQueue(t *testing.T) {
	t.Parallel()
	runPlayed(t, []played{
		{"by_the_button", []given{in7(model.StateQueued, toldAhead(1), func(s *model.Session) { s.Misses, s.ReturnedBy = 2, lin }), clicks("leave:7")}, `
handled left_queue
session 7 of zhang bot
says system: 已取消排队。您可以继续提问，需要时再转人工。
to zhang (7) update code 已取消排队
to zhang (7) 已取消排队。您可以继续提问，需要时再转人工。
timer wait off
timer place off
timer bot_idle in 30m0s
fact left_queue 3m0s
wake the queue`},
		{"in_words", []given{in7(model.StateQueued), says(" 不等了 ")}, `
handled left_queue
session 7 of zhang bot
says employee zhang:  不等了 
says system: 已取消排队。您可以继续提问，需要时再转人工。
to zhang (7) 已取消排队。您可以继续提问，需要时再转人工。
timer wait off
timer bot_idle in 30m0s
fact left_queue 3m0s
wake the queue`},
		{"without_a_bot", []given{in7(model.StateQueued), botOff, says("取消")}, `
handled left_queue
session 7 of zhang bot
says employee zhang: 取消
says system: 已取消排队。需要时请再发消息。
to zhang (7) 已取消排队。需要时请再发消息。
timer wait off
timer bot_idle in 30m0s
fact left_queue 3m0s
wake the queue`},
		{"a_message_taken_back", []given{in7(model.StateQueued, waits(model.WaitMessage)), says("取消排队")}, `
handled left_queue
session 7 of zhang bot
says employee zhang: 取消排队
says system: 已取消排队。您可以继续提问，需要时再转人工。
to zhang (7) 已取消排队。您可以继续提问，需要时再转人工。
timer bot_idle in 30m0s
fact left_queue 3m0s
wake the queue`},
		{"outside_the_hours", []given{in7(model.StateQueued, waits(model.WaitOpening)), lunch(), says("取消排队")}, `
handled left_queue
session 7 of zhang bot
says employee zhang: 取消排队
says system: 已取消排队。您可以继续提问，需要时再转人工。
to zhang (7) 已取消排队。您可以继续提问，需要时再转人工。
timer bot_idle in 30m0s
fact left_queue 3m0s
wake the queue`},
		{"words_among_others", []given{in7(model.StateQueued), says("取消排队吗")}, `
queued waiting
session 7 of zhang queued handoff=keyword
says employee zhang: 取消排队吗`},
		{"words_to_a_seat", []given{in7(model.StateServing), says("取消")}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: 取消
to lin (7, by zhang, line, merge) 张三(财务部): 取消
timer idle in 10m0s`},
		{"words_to_the_bot", []given{in7(model.StateBot), says("取消"), knows(miss())}, `
need answer 取消
missed miss
session 7 of zhang bot misses=1
says employee zhang: 取消
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 100 missed: 取消 miss=open
fact missed miss`},
	})
}

// A seat that gives a session to another one leaves it its place in the queue.
func TestDecideKeepsPlace(t *testing.T) {
	t.Parallel()
	before := session7(model.StateServing)
	for _, target := range []string{"", chen} {
		ev := model.Event{Kind: model.EventSeatTransfer, Session: 7, Seat: lin, Target: target}
		_, step := newScene(in7(model.StateServing), happens(ev), seatFree(chen)).decide()
		if step.Session.QueuedMS != before.QueuedMS {
			t.Errorf("to %q: queued at %d, want %d", target, step.Session.QueuedMS, before.QueuedMS)
		}
	}
}

// The stale words of a card's key name a session as those of seats do.
func TestSessionOfQueueCard(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"leave:7", "wait:7", "message:7"} {
		if got := bot.SessionOf(key); got != 7 {
			t.Errorf("SessionOf(%q) = %d, want 7", key, got)
		}
	}
}
