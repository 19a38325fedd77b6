package bot_test

import (
	"testing"

	"deskmate/bot"
	"deskmate/model"
)

// acts is what a seat does to session 7, as it arrives on zhang's lane.
func acts(kind model.EventKind, change func(*model.Event)) given {
	return func(s *scene) {
		ev := model.Event{Kind: kind, Session: 7, Seat: lin}
		change(&ev)
		s.in.Event = ev
		s.in.Case.Names = map[string]string{"wang": "王芳", lin: "林一", chen: "陈二"}
	}
}

// byWang makes it an act of the supervisor wang's, through the API.
func byWang(ev *model.Event) { ev.By, ev.API = "wang", true }

func TestDecideClaim(t *testing.T) {
	t.Parallel()
	claim := func(changes ...func(*model.Event)) given {
		return acts(model.EventSeatClaim, func(ev *model.Event) {
			for _, c := range changes {
				c(ev)
			}
		})
	}
	next := func(ev *model.Event) { ev.Reason, ev.Gen = "next", 1 }
	api := func(ev *model.Event) { ev.API = true }
	force := func(ev *model.Event) { ev.Force = true }
	mine := func(s *model.Session) { s.Seat = chen }
	asked := func(s *scene) {
		seatFree(lin)(s)
		s.offer.Why, s.offer.Force = model.PickAsked, true
	}
	runPlayed(t, []played{
		{"from_the_queue", []given{in7(model.StateQueued), claim(), asked}, `
need seat only=lin force
handed_off claimed
session 7 of zhang serving lin#3 handoff=keyword
reserve lin no=3 day=20260105 limit=5 force
says system: 已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（员工要求）
to lin (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您接入坐席 林一，请直接发送消息。
timer wait off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
fact assigned asked lin 3m0s`},
		{"from_the_bot", []given{in7(model.StateBot), claim(), asked}, `
need seat only=lin force
handed_off claimed
session 7 of zhang serving lin#3 handoff=seat
reserve lin no=3 day=20260105 limit=5 force
says system: 已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（坐席发起）
to lin (7, line) card #3 张三(财务部) | 转人工：坐席发起 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您接入坐席 林一，请直接发送消息。
timer bot_idle off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
fact handoff seat
fact assigned asked lin`},
		{"the_seat_is_full", []given{in7(model.StateQueued), claim()}, `
need seat only=lin force
refused seat_full
to lin (7) 张三(财务部)：接待数已满，或不是该账号的坐席。`},
		{"another_seat_was_faster", []given{in7(model.StateServing, mine), claim()}, `
refused claimed
to lin (7) 张三(财务部)：会话已由 陈二 接待。`},
		{"another_seat_was_faster_for_the_api", []given{in7(model.StateServing, mine), claim(api)}, `
refused claimed`},
		{"force_without_a_supervisor", []given{in7(model.StateServing, mine), claim(api, force)}, `
refused claimed`},
		{"who_asked_for_any_asks_again", []given{in7(model.StateServing, mine), claim(next)}, `
refused claimed
forward to lin seat_next seat=lin gen=2`},
		{"any_means_one_that_waits", []given{in7(model.StateBot), claim(next), asked}, `
refused not_waiting
forward to lin seat_next seat=lin gen=2`},
		{"who_is_full_does_not_ask_again", []given{in7(model.StateQueued), claim(next)}, `
need seat only=lin force
refused seat_full
to lin (7) 张三(财务部)：接待数已满，或不是该账号的坐席。`},
		{"it_is_the_seats_already", []given{in7(model.StateServing), claim()}, `
handled claimed
to lin (7) 张三(财务部)：会话已由您接待。`},
		{"it_has_closed", []given{closed7, claim(api)}, `
refused closed`},
		{"its_own", []given{in7(model.StateQueued), claim(func(ev *model.Event) { ev.Seat = zhang })}, `
refused own_session
to zhang (7) 张三(财务部)：不能接待自己的会话。`},
		{"account_disabled", []given{in7(model.StateQueued), disabled, claim(api)}, `
refused account_disabled`},
		{"a_supervisor_takes_over", []given{in7(model.StateServing, mine), claim(byWang, force), asked}, `
need seat only=lin force
handed_off taken_over
session 7 of zhang serving lin#3 handoff=keyword
reserve lin no=3 day=20260105 limit=5 force
release chen
says system: 已为您转接坐席 林一。
to lin (7, line) 张三(财务部) 转人工（员工要求）
to lin (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您转接坐席 林一。
to chen (7) 与张三(财务部)的会话已由主管王芳接管。
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
audit member:wang session.taken_over 7: {"seat":"chen"} → {"seat":"lin"}
fact assigned asked lin
fact transfer taken_over lin
wake the queue`},
	})

	from := func(ev *model.Event) { ev.From = "192.0.2.1" }
	_, step := newScene(in7(model.StateServing, mine), claim(byWang, force, from), asked).decide()
	if len(step.Audits) != 1 || step.Audits[0].From != "192.0.2.1" {
		t.Errorf("audited: %+v", step.Audits)
	}
}

func TestDecideNext(t *testing.T) {
	t.Parallel()
	waiting := func(s *scene) { s.queue = bot.QueueAnswer{Session: session7(model.StateQueued)} }
	again := func(gen uint64) given {
		return happens(model.Event{Kind: model.EventSeatNext, Seat: lin, Gen: gen})
	}
	runPlayed(t, []played{
		{"command", []given{atDesk(8), says("#接待"), waiting}, `
need queue
handled command
forward to zhang seat_claim session=7 seat=lin reason=next`},
		{"nothing_waits", []given{atDesk(8), says("#接待")}, `
need queue
refused queue_empty
to lin () 暂无排队。`},
		{"again", []given{atDesk(), again(2), waiting}, `
need queue
handled next
forward to zhang seat_claim session=7 seat=lin reason=next gen=2`},
		{"often_enough", []given{atDesk(), again(5), waiting}, `
refused queue_empty
to lin () 暂无排队。`},
		{"no_seat_any_more", []given{again(1), waiting}, `
refused seat_full`},
	})
}
