package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

func TestDecideNote(t *testing.T) {
	t.Parallel()
	note := func(text string, changes ...func(*model.Event)) given {
		return acts(model.EventSeatNote, func(ev *model.Event) {
			c := textOf(text)
			ev.Content = &c
			for _, change := range changes {
				change(ev)
			}
		})
	}
	runPlayed(t, []played{
		{"by_the_seat", []given{in7(model.StateServing), note(" 要发票 ")}, `
handled noted
session 7 of zhang serving lin#2 handoff=keyword
says note lin: 要发票
to lin (7) 已为张三(财务部)的会话记录备注。`},
		{"by_a_supervisor", []given{in7(model.StateServing), note("<快>\n处理", byWang)}, `
handled noted
session 7 of zhang serving lin#2 handoff=keyword
says note wang: <快>⏎处理
to lin (7) 张三(财务部) 备注(主管王芳): ＜快>⏎　　处理
audit member:wang session.noted 7:  →`},
		{"by_a_supervisor_while_the_bot_answers", []given{in7(model.StateBot), note("重要", byWang)}, `
handled noted
session 7 of zhang bot
says note wang: 重要
audit member:wang session.noted 7:  →`},
		{"of_a_closed_session", []given{closed7, note("要发票")}, `
refused closed
to lin (7) 张三(财务部)的备注未记录（会话已结束）：要发票`},
		{"of_another_seats", []given{in7(model.StateServing, func(s *model.Session) { s.Seat = chen }), note("要发票")}, `
refused not_serving
to lin (7) 张三(财务部)的备注未记录（会话已不由您接待）：要发票`},
		{"empty", []given{in7(model.StateServing), note(" ", func(ev *model.Event) { ev.API = true })}, `
refused empty`},
		{"command", []given{atDesk(7, 8), says("#备注 3 要发票")}, `
handled command
forward to li seat_note session=8 seat=lin: 要发票`},
		{"command_without_words", []given{atDesk(7), says("#备注")}, `
handled command
to lin () 请在 #备注 后写上内容。`},
	})
}

func TestDecideTransferReason(t *testing.T) {
	t.Parallel()
	transfer := func(changes ...func(*model.Event)) given {
		return acts(model.EventSeatTransfer, func(ev *model.Event) {
			for _, c := range changes {
				c(ev)
			}
		})
	}
	to := func(seat string) func(*model.Event) { return func(ev *model.Event) { ev.Target = seat } }
	why := func(ev *model.Event) { ev.Note = "懂财务" }
	later := func(s *model.Session) { s.LastSeatMS = ago(30 * time.Second) }
	long := seatOf("lin na")
	long.Name = "Lin Na"
	runPlayed(t, []played{
		{"to_a_seat", []given{in7(model.StateServing, later), transfer(to(chen), why), seatFree(chen)}, `
need seat only=chen
handed_off transfer
session 7 of zhang serving chen#3 handoff=keyword
reserve chen no=3 day=20260105 limit=5
release lin
says note lin: 转接原因：懂财务
says system: 已为您转接坐席 陈二。
to chen (7, line) 张三(财务部) 转人工（员工要求）⏎备注(林一): 转接原因：懂财务
to chen (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您转接坐席 陈二。
to lin (7) 已将张三(财务部)转接给 陈二。
timer idle in 10m0s
conversation of zhang: last seat "chen", last session 0
fact assigned least_busy chen
fact transfer seat chen
wake the queue`},
		{"to_the_queue", []given{in7(model.StateServing), transfer(why)}, `
queued transfer_queue
session 7 of zhang queued handoff=keyword returned_by=lin
release lin
says note lin: 转接原因：懂财务
says system: card 坐席已将您转回排队，正在为您转接人工，您排在第一位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 坐席已将您转回排队，正在为您转接人工，您排在第一位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
to lin (7) 已将张三(财务部)放回排队。
timer idle off
timer wait in 10m0s
forward to zhang queue_turn session=7
conversation of zhang: last seat "", last session 0
fact transfer queue lin`},
		{"by_a_supervisor_from_the_queue", []given{in7(model.StateQueued), transfer(to(chen), byWang), seatFree(chen)}, `
need seat only=chen
handed_off transfer
session 7 of zhang serving chen#3 handoff=keyword
reserve chen no=3 day=20260105 limit=5
says system: 已为您转接坐席 陈二。
to chen (7, line) 张三(财务部) 转人工（员工要求）
to chen (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您转接坐席 陈二。
timer wait off
timer idle in 10m0s
conversation of zhang: last seat "chen", last session 0
audit member:wang session.reassigned 7:  → {"seat":"chen"}
fact assigned least_busy chen 3m0s
fact transfer seat chen`},
		{"by_a_supervisor_to_the_queue_it_is_in", []given{in7(model.StateQueued), transfer(byWang)}, `
refused in_queue`},
		{"to_the_seat_that_has_it", []given{in7(model.StateServing), transfer(to(lin), byWang)}, `
refused same_seat`},
		{"by_a_supervisor_to_one_that_is_full", []given{
			in7(model.StateServing), transfer(to(chen), byWang, func(ev *model.Event) { ev.Force = true }),
		}, `
need seat only=chen force
refused transfer_refused`},
		{"by_a_supervisor_of_another_seats", []given{in7(model.StateServing, later), transfer(to(chen), byWang), seatFree(chen)}, `
need seat only=chen
handed_off transfer
session 7 of zhang serving chen#3 handoff=keyword
reserve chen no=3 day=20260105 limit=5
release lin
says system: 已为您转接坐席 陈二。
to chen (7, line) 张三(财务部) 转人工（员工要求）
to chen (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您转接坐席 陈二。
to lin (7) 主管王芳 已将张三(财务部)转接给 陈二。
timer idle in 10m0s
conversation of zhang: last seat "chen", last session 0
audit member:wang session.reassigned 7: {"seat":"lin"} → {"seat":"chen"}
fact assigned least_busy chen
fact transfer seat chen
wake the queue`},
		{"command", []given{atDesk(7, 8), withRoster(seatOf(lin), seatOf(chen), long), says("#转接 3 Lin Na 懂 财务")}, `
need roster
handled command
forward to li seat_transfer session=8 seat=lin target=lin na note=懂 财务`},
		{"command_to_nobody", []given{atDesk(7), withRoster(seatOf(lin), seatOf(chen)), says("#转接 王五 懂财务")}, `
need roster
handled command
to lin () 没有找到坐席「王五」。`},
		{"command_to_the_queue", []given{atDesk(7, 8), says("#转接 3 队列 懂财务")}, `
handled command
forward to li seat_transfer session=8 seat=lin note=懂财务`},
	})
}

func TestDecideEndBySupervisor(t *testing.T) {
	t.Parallel()
	noSurvey := policy(func(p *model.Policy) { p.Survey.Enabled = false })
	runPlayed(t, []played{
		{"a_seats", []given{in7(model.StateServing), noSurvey, acts(model.EventSeatEnd, byWang)}, `
handled ended
session 7 of zhang closed lin#2 handoff=keyword closed=seat_ended
release lin
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
to lin (7) 主管王芳 已结束与张三(财务部)的会话。
timer bot_idle off
timer idle off
audit member:wang session.ended 7: {"seat":"lin"} →
fact closed seat_ended lin 2m0s
wake the queue`},
		{"one_that_waits", []given{in7(model.StateQueued), acts(model.EventSeatEnd, byWang)}, `
handled ended
session 7 of zhang closed handoff=keyword closed=seat_ended
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
timer bot_idle off
timer idle off
timer wait off
audit member:wang session.ended 7:  →
fact closed seat_ended`},
		{"the_bots", []given{in7(model.StateBot), acts(model.EventSeatEnd, byWang)}, `
refused not_serving`},
		{"nobody_speaks_for_a_seat", []given{in7(model.StateServing), acts(model.EventSeatRecall, byWang)}, `
refused not_serving`},
		{"through_the_api", []given{in7(model.StateServing), noSurvey, acts(model.EventSeatEnd, func(ev *model.Event) { ev.API = true })}, `
handled ended
session 7 of zhang closed lin#2 handoff=keyword closed=seat_ended
release lin
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
timer bot_idle off
timer idle off
fact closed seat_ended lin 2m0s
wake the queue`},
	})
}

func TestDecideRecall(t *testing.T) {
	t.Parallel()
	recall := acts(model.EventSeatRecall, func(*model.Event) {})
	row := func(id uint64, state model.OutboxState) model.Outbox {
		return model.Outbox{ID: id, State: state, MsgID: "m" + string(rune('0'+id)), SentMS: ago(time.Minute)}
	}
	sent := func(rows ...model.Outbox) given {
		return func(s *scene) {
			s.sent = model.Sent{Message: line7(4, model.FromSeat, textOf("打错了")), Pushes: rows}
		}
	}
	serving := in7(model.StateServing)
	runPlayed(t, []played{
		{"sent", []given{serving, recall, sent(row(1, model.OutSent), row(2, model.OutSent))}, `
need sent only=lin
handled recalled
session 7 of zhang serving lin#2 handoff=keyword
to zhang (7, by lin) recall m1
to zhang (7, by lin) recall m2
to lin (7) 已撤回发给张三(财务部)的消息：打错了
recall 4 cancel []`},
		{"not_sent_yet", []given{serving, recall, sent(row(1, model.OutPending))}, `
need sent only=lin
handled recalled
session 7 of zhang serving lin#2 handoff=keyword
to lin (7) 已撤回发给张三(财务部)的消息：打错了
recall 4 cancel [1]`},
		{"through_the_api", []given{serving, acts(model.EventSeatRecall, func(ev *model.Event) { ev.API = true }), sent(row(1, model.OutPending))}, `
need sent only=lin
handled recalled
session 7 of zhang serving lin#2 handoff=keyword
recall 4 cancel [1]`},
		{"of_another_seats", []given{in7(model.StateServing, func(s *model.Session) { s.Seat = chen }), recall}, `
refused not_serving
to lin (7) 张三(财务部)：会话已不由您接待。`},
		{"command", []given{atDesk(7, 8), says("#撤回 3")}, `
handled command
forward to li seat_recall session=8 seat=lin`},
	})
	for name, tt := range map[string]struct {
		change func(*model.Sent)
		want   string
	}{
		"nothing":     {func(s *model.Sent) { *s = model.Sent{} }, "nothing_sent 没有可撤回的消息"},
		"twice":       {func(s *model.Sent) { s.Message.RecalledMS = 1 }, "recalled_already 该消息已撤回"},
		"together":    {func(s *model.Sent) { s.Together = true }, "sent_together 该消息与其他消息合并发出，不能单独撤回"},
		"too_old":     {func(s *model.Sent) { s.Pushes[0].SentMS = ago(24 * time.Hour) }, "too_old 发出超过 24 小时，不能撤回"},
		"on_its_way":  {func(s *model.Sent) { s.Pushes[0].State = model.OutSending }, "being_sent 消息正在发送，请稍后再撤回"},
		"no_msgid":    {func(s *model.Sent) { s.Pushes[0].MsgID = "" }, "unconfirmed 企业微信没有确认是否送达，不能撤回"},
		"repeated":    {func(s *model.Sent) { s.Pushes[0].State, s.Pushes[0].Uncertain = model.OutPending, 1 }, "unconfirmed 企业微信没有确认是否送达，不能撤回"},
		"unconfirmed": {func(s *model.Sent) { s.Pushes[0].State = model.OutUncertain }, "unconfirmed 企业微信没有确认是否送达，不能撤回"},
		"undelivered": {func(s *model.Sent) { s.Pushes[0].State = model.OutDead }, "undelivered 消息没有送达，无需撤回"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(serving, recall, sent(row(1, model.OutSent)))
			tt.change(&s.sent)
			reason, text, _ := strings.Cut(tt.want, " ")
			want := "need sent only=lin\nrefused " + reason + "\nto lin (7) 未撤回：" + text + "。"
			if diff := cmp.Diff(want, s.play()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecideRecallThatFails(t *testing.T) {
	t.Parallel()
	failed := happens(model.Event{
		Kind: model.EventPushFailed, Session: 7, Target: zhang, Reason: string(model.OutDead), Content: &model.Content{Type: "recall"},
	})
	runPlayed(t, []played{{"told", []given{atDesk(7), failed}, `
handled told
to lin (7) 撤回失败：企业微信没有撤回发给zhang的消息。`}})
}

func TestDecideEarlier(t *testing.T) {
	t.Parallel()
	past := func(list ...model.Earlier) given {
		return func(s *scene) { s.earlier.List = list }
	}
	closed := model.Session{ID: 5, MessageCount: 4, OpenedMS: ago(48 * time.Hour), CloseReason: model.ClosedBySeat}
	rated := model.Earlier{Session: closed, SeatName: "陈二", Rating: model.RatingGood, Question: "<年假>\n几天"}
	byBot := model.Earlier{Session: model.Session{ID: 4, OpenedMS: ago(72 * time.Hour), CloseReason: model.ClosedIdle}}
	note := line7(3, model.FromNote, textOf("老员工"))
	note.Sender = chen
	gone := line7(4, model.FromSeat, textOf("打错了"))
	gone.Sender, gone.RecalledMS = chen, 1
	said := func(s *scene) {
		s.earlier.Transcript = model.Transcript{
			Messages: []model.Message{line7(2, model.FromEmployee, textOf("年假\n几天")), note, gone},
			Names:    map[string]string{chen: "陈二"},
		}
	}
	runPlayed(t, []played{
		{"none", []given{atDesk(7), says("#历史")}, `
need earlier of zhang
handled command
to lin (7, line) 张三(财务部) 没有以往的会话。`},
		{"list", []given{atDesk(7, 8), says("#历史 2"), past(rated, byBot)}, `
need earlier of zhang
handled command
to lin (7, line) 张三(财务部) 最近的会话（#历史 2 1 查看第 1 个的内容）：⏎1. 2026-01-03 12:00　陈二　坐席结束　评价：good⏎　　＜年假> 几天⏎2. 2026-01-02 12:00　机器人　超时结束`},
		{"transcript", []given{atDesk(7), says("#历史 2 1"), past(rated), said}, `
need earlier of zhang 1
handled command
to lin (7, line) 张三(财务部) 2026-01-03 12:00 的会话（更早的 1 条消息未显示）⏎张三: 年假⏎　　几天⏎备注(陈二): 老员工⏎坐席陈二: 打错了（已撤回）`},
		{"one_that_is_not_there", []given{atDesk(7), says("#历史 2 3"), past(byBot)}, `
need earlier of zhang 3
handled command
to lin (7, line) 张三(财务部) 没有第 3 个以往的会话。⏎张三(财务部) 最近的会话（#历史 2 1 查看第 1 个的内容）：⏎1. 2026-01-02 12:00　机器人　超时结束`},
		{"whose", []given{atDesk(7, 8), says("#历史")}, `
handled command
to lin () 请带上编号，例如 #历史 2。⏎正在接待 2 个会话：⏎#2 张三(财务部)　等待回复，1 分钟前⏎#3 李四　等待回复，1 分钟前`},
	})
}

// Of a long session the newest lines are shown, in three messages at most.
func TestDecideEarlierLong(t *testing.T) {
	t.Parallel()
	s := newScene(atDesk(7), says("#历史 2 1"))
	s.earlier.List = []model.Earlier{{Session: model.Session{ID: 5, MessageCount: 100}}}
	for i := range 100 {
		m := line7(i+1, model.FromEmployee, textOf(strings.Repeat("长", 60)))
		if i == 99 {
			m.Content = textOf("最后")
		}
		s.earlier.Transcript.Messages = append(s.earlier.Transcript.Messages, m)
	}
	_, step := s.decide()
	if n := len(step.Pushes); n != 3 {
		t.Fatalf("%d messages", n)
	}
	if !strings.Contains(step.Pushes[0].Text, "条消息未显示") || !strings.HasSuffix(step.Pushes[2].Text, "最后") {
		t.Errorf("begins %q, ends %q", step.Pushes[0].Text[:80], step.Pushes[2].Text)
	}
}

func TestFindSeatNote(t *testing.T) {
	t.Parallel()
	named := func(id, name string) model.Seat { return model.Seat{UserID: id, Name: name} }
	seats := []model.Seat{named("lin", "Lin"), named("linna", "Lin Na"), named("wang", "王芳"), named("wang2", "王小明")}
	for text, want := range map[string][3]string{
		"Lin 忙":          {"lin", "Lin", "忙"},
		"lin  na 忙 吗":    {"linna", "lin na", "忙 吗"},
		"Lin Na":         {"linna", "Lin Na", ""},
		"王小 懂财务":         {"wang2", "王小", "懂财务"},
		"王 懂财务":          {"wang wang2", "王", "懂财务"},
		"linna　第一行\n第二行": {"linna", "linna", "第一行\n第二行"},
		"赵六 忙":           {"", "赵六", ""},
		"":               {"", "", ""},
	} {
		found, who, note := bot.FindSeatNote(seats, text)
		ids := make([]string, 0, len(found))
		for _, s := range found {
			ids = append(ids, s.UserID)
		}
		if diff := cmp.Diff(want, [3]string{strings.Join(ids, " "), who, note}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
