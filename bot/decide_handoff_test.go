package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// line7 is a line of session 7's transcript.
func line7(seq int, from model.SenderKind, c model.Content) model.Message {
	m := model.Message{SessionID: 7, Seq: seq, From: from, Content: c}
	switch from {
	case model.FromEmployee:
		m.Sender = zhang
	case model.FromSeat:
		m.Sender = lin
	case model.FromBot, model.FromSystem:
	}
	return m
}

func textOf(text string) model.Content { return model.Content{Type: model.ContentText, Text: text} }

func TestDecideAssigned(t *testing.T) {
	t.Parallel()
	asked := func(s *scene) { s.in.Case.Conversation.LastSeat = chen }
	runPlayed(t, []played{
		{"from_the_bot", []given{
			in7(model.StateBot, func(s *model.Session) { s.MessageCount = 2 }), asked, says("转人工"), knows(miss()), seatFree(lin),
			recent(line7(1, model.FromEmployee, textOf("年假\n几天")), line7(2, model.FromBot, textOf("五天"))),
		}, `
need answer 转人工
need seat previous=chen
handed_off keyword
session 7 of zhang serving lin#3 handoff=keyword
reserve lin no=3 day=20260105 limit=5
says employee zhang: 转人工
says system: 已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（员工要求）⏎张三: 年假⏎　　几天⏎机器人: 五天⏎张三: 转人工
to lin (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您接入坐席 林一，请直接发送消息。
timer bot_idle in 30m0s
timer bot_idle off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
fact handoff keyword
fact assigned least_busy lin`},
		{"after_misses", []given{in7(model.StateBot, func(s *model.Session) { s.Misses = 1 }), says("嗯"), knows(miss()), seatFree(lin)}, `
need answer 嗯
need seat
handed_off misses
session 7 of zhang serving lin#3 handoff=misses misses=2
reserve lin no=3 day=20260105 limit=5
says employee zhang: 嗯
says system: 机器人没能解决您的问题，已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（连续未能回答）⏎张三: 嗯
to lin (7, line) card #3 张三(财务部) | 转人工：连续未能回答 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 机器人没能解决您的问题，已为您接入坐席 林一，请直接发送消息。
timer bot_idle in 30m0s
timer bot_idle off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
question 100 missed: 嗯 miss=open
fact missed miss
fact handoff misses
fact assigned least_busy lin`},
		{"first_number_of_a_day", []given{
			in7(model.StateBot), botOff, says("在吗"), seatFree(lin), func(s *scene) { s.offer.Seat.Day = 20260104 },
			policy(func(p *model.Policy) { p.Timers.Idle = 0 }),
		}, `
need seat
handed_off bot_off
session 7 of zhang serving lin#1 handoff=bot_off
reserve lin no=1 day=20260105 limit=5
says employee zhang: 在吗
says system: 已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（机器人未启用）⏎张三: 在吗
to lin (7, line) card #1 张三(财务部) | 转人工：机器人未启用 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您接入坐席 林一，请直接发送消息。
timer bot_idle off
timer idle off
conversation of zhang: last seat "lin", last session 0
fact handoff bot_off
fact assigned least_busy lin`},
	})
}

func TestDecideQueueTurn(t *testing.T) {
	t.Parallel()
	turn := happens(model.Event{Kind: model.EventQueueTurn, Session: 7})
	picture := model.Content{Type: model.ContentImage, MediaID: "m1"}
	runPlayed(t, []played{
		{"seat_is_free", []given{
			turn, in7(model.StateQueued), seatFree(lin),
			recent(
				line7(1, model.FromEmployee, textOf("人工")), line7(2, model.FromSystem, textOf("您排在第一位")),
				line7(3, model.FromEmployee, textOf("<a href>")), line7(4, model.FromEmployee, picture),
			),
		}, `
need seat
handed_off queue
session 7 of zhang serving lin#3 handoff=keyword
reserve lin no=3 day=20260105 limit=5
says system: 已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（员工要求）⏎张三: 人工⏎系统: 您排在第一位⏎张三: ＜a href>⏎张三: [图片]
to lin (7, by zhang, line) 张三(财务部): [图片]
to lin (7, by zhang, line) image m1
to lin (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您接入坐席 林一，请直接发送消息。
timer wait off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
fact assigned least_busy lin 3m0s
wake the queue`},
		{"no_seat", []given{turn, in7(model.StateQueued)}, `
need seat
handled no_seat`},
		{"with_the_bot_by_now", []given{turn, in7(model.StateBot)}, `
handled not_waiting
wake the queue`},
		{"served_by_now", []given{turn, in7(model.StateServing)}, `
handled not_waiting
wake the queue`},
		{"closed_by_now", []given{turn}, `
handled not_waiting
wake the queue`},
		{"of_an_older_session", []given{
			happens(model.Event{Kind: model.EventQueueTurn, Session: 6}), in7(model.StateQueued), seatFree(lin),
		}, `
handled not_waiting
wake the queue`},
		{"account_disabled_by_now", []given{turn, in7(model.StateQueued), disabled, seatFree(lin)}, `
handled account_disabled
session 7 of zhang closed handoff=keyword closed=account_disabled
says system: 服务聊天已结束
to zhang (7) 服务聊天已结束
to zhang (7) 「服务台」已暂停服务。
timer bot_idle off
timer idle off
timer wait off
fact closed account_disabled
wake the queue`},
	})
}

// What a seat is shown with a new session: the last ten lines in any case, and all that
// was said since the handoff.
func TestDecideBacklog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		lines      int
		handoffSeq int
		first      int // seq of the first line that is shown
	}{
		{"few_lines", 4, 2, 1},
		{"only_the_last_ten", 15, 14, 6},
		{"everything_since_the_handoff", 18, 3, 4},
		{"handoff_before_what_is_known", 20, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var past []model.Message
			want := []string{"张三(财务部) 转人工（员工要求）"}
			for seq := 1; seq <= tt.lines; seq++ {
				past = append(past, line7(seq, model.FromEmployee, textOf(fmt.Sprintf("line %d", seq))))
				if seq >= tt.first {
					want = append(want, fmt.Sprintf("张三: line %d", seq))
				}
			}
			_, step := newScene(
				happens(model.Event{Kind: model.EventQueueTurn, Session: 7}), seatFree(lin), recent(past...),
				in7(model.StateQueued, func(s *model.Session) { s.MessageCount, s.HandoffSeq = tt.lines, tt.handoffSeq }),
			).decide()
			if diff := cmp.Diff(want, strings.Split(step.Pushes[0].Text, "\n")); diff != "" {
				t.Errorf("introduction (-want +got):\n%s", diff)
			}
		})
	}
}

// A decision can be replayed from its detail.
func TestDecideDetail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		givens []given
		want   model.Detail
	}{
		{
			"answered",
			[]given{newcomer, says("年假"), knows(hit(false))},
			model.Detail{Score: 0.9, Threshold: 0.8, Entry: 11, Variant: "年假有几天", Model: "w1", To: "bot"},
		},
		{
			"handed_off",
			[]given{in7(model.StateBot), says("人工"), knows(miss()), seatFree(lin)},
			model.Detail{Score: 0.1, Threshold: 0.4, Rule: "keyword", Seat: lin, SeatWhy: "least_busy", From: "bot", To: "serving"},
		},
		{
			"queued",
			[]given{in7(model.StateBot), botOff, says("在吗")},
			model.Detail{Rule: "bot_off", SeatWhy: "none", From: "bot", To: "queued"},
		},
		{
			"ended",
			[]given{in7(model.StateServing), bySeat(model.EventSeatEnd, "")},
			model.Detail{From: "serving", To: "closed"},
		},
		{
			"no_session",
			[]given{happens(model.Event{Kind: model.EventSubscribe})},
			model.Detail{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(tt.givens...).decide()
			if diff := cmp.Diff(tt.want, step.Detail); diff != "" {
				t.Errorf("detail (-want +got):\n%s", diff)
			}
		})
	}
}

// The rows of a step fit together: numbers, versions, times and ids.
func TestDecideStep(t *testing.T) {
	t.Parallel()
	_, step := newScene(in7(model.StateBot), says("人工"), knows(miss()), seatFree(lin)).decide()
	at := noon().UnixMilli()
	if step.At != at || step.InboxID != 1 {
		t.Errorf("step of inbox %d at %d, want 1 at %d", step.InboxID, step.At, at)
	}
	want := session7(model.StateServing)
	want.SeatNo, want.MessageCount, want.HandoffSeq = 3, 6, 5
	want.QueuedMS, want.AssignedMS, want.LastEmployeeMS, want.UpdatedMS = at, at, at, at
	want.OwedMS = at
	if diff := cmp.Diff(want, step.Session); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	for i, m := range step.Messages {
		if m.Seq != 5+i || m.SessionID != 7 || m.AccountID != 1 || m.AtMS != at {
			t.Errorf("message %d = %+v", i, m)
		}
	}
	tasks := map[string]bool{}
	for _, p := range step.Pushes {
		if p.Kind == model.PushCard {
			tasks[p.Card.TaskID] = true
		}
	}
	if len(tasks) != 1 || tasks[""] {
		t.Errorf("task ids = %v, want one", tasks)
	}
}

// The input belongs to the caller: the same input gives the same step again.
func TestDecideChangesNothing(t *testing.T) {
	t.Parallel()
	s := newScene(in7(model.StateBot), says("人工"), knows(miss()), seatFree(lin))
	before := *s.in.Case.Session
	first := s.play()
	if diff := cmp.Diff(before, *s.in.Case.Session); diff != "" {
		t.Errorf("the case's session changed (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(first, s.play()); diff != "" {
		t.Errorf("second decision (-first +second):\n%s", diff)
	}
}

func TestSessionOf(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]uint64{
		"focus:7": 7, "end:8": 8, "rate:9:good": 9, "reason:9": 9, "handoff": 0, "self": 0, "": 0, "send:x": 0,
		"answer:11": 0, "answer:11:50": 0, "none:50": 0, "up:50": 0, "down:50": 0, "dislike": 0, // entries and questions
	} {
		if got := bot.SessionOf(key); got != want {
			t.Errorf("SessionOf(%q) = %d, want %d", key, got, want)
		}
	}
}

// The day of a session's number begins at midnight where the account is.
func TestDecideDay(t *testing.T) {
	t.Parallel()
	s := newScene(in7(model.StateBot), botOff, says("在吗"), seatFree(lin))
	s.in.Now = time.Date(2026, time.January, 5, 16, 30, 0, 0, time.UTC)
	_, step := s.decide()
	if step.Reserve.Day != 20260106 || step.Reserve.No != 1 {
		t.Errorf("reserved no %d of %d, want 1 of 20260106", step.Reserve.No, step.Reserve.Day)
	}
}
