package bot_test

import (
	"slices"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// allSeats makes the account give sessions to all seats; claim says whether one takes them.
func allSeats(claim bool) given {
	return policy(func(p *model.Policy) { p.Assignment.Mode, p.Assignment.Claim = model.AllSeats, claim })
}

// seats are the account's, li among them; states overrule online.
func seats(states map[string]model.SeatState) given {
	return func(s *scene) {
		for _, id := range []string{chen, li, lin} {
			seat := seatOf(id)
			if state, ok := states[id]; ok {
				seat.State = state
			}
			s.in.Case.Seats = append(s.in.Case.Seats, seat)
		}
	}
}

// goesToAll offers the session to all seats that listen.
func goesToAll(s *scene) { s.offer = bot.Offer{All: true, Why: model.PickAll} }

// shared7 is session 7 while it goes to all seats, as #2.
func shared7(s *model.Session) { s.Seat, s.Shared = "", true }

// bySeatOf is what a seat did to session 7.
func bySeatOf(seat string, kind model.EventKind, text string) given {
	return func(s *scene) {
		bySeat(kind, text)(s)
		s.in.Event.Seat = seat
	}
}

func textOfPush(p model.Push) string {
	switch {
	case p.Card != nil:
		return p.Receiver + " card " + p.Card.Title + " " + p.Card.Buttons[0].Text
	case p.Update != nil:
		return p.Receiver + " update " + p.Update.Replace
	}
	return p.Receiver + " " + p.Text
}

// checkTold expects these pushes, in any order.
func checkTold(t *testing.T, step model.Step, want ...string) {
	t.Helper()
	var got []string
	for _, p := range step.Pushes {
		got = append(got, textOfPush(p))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("told\n%q\nwant\n%q", got, want)
	}
}

func TestDecideSharing(t *testing.T) {
	t.Parallel()
	_, step := newScene(says("人工"), botOff, allSeats(false), seats(map[string]model.SeatState{chen: model.SeatAway, li: model.SeatOffline}), goesToAll).decide()
	s := step.Session
	if s.State != model.StateServing || !s.Shared || s.Seat != "" || s.SeatNo != 1 {
		t.Errorf("session: %+v", s)
	}
	if r := step.Reserve; r.Seat != "" || r.No != 1 || !slices.Equal(r.Listeners, []string{chen, lin}) {
		t.Errorf("reservation: %+v", r)
	}
	past := "张三(财务部) 转人工（机器人未启用）\n张三: 人工"
	checkTold(t, step, "chen "+past, "chen card #1 张三(财务部) 回复 TA", "lin "+past, "lin card #1 张三(财务部) 回复 TA",
		"zhang 已为您转接人工，坐席会尽快回复，请直接发送消息。")
	if step.Conversation != nil && step.Conversation.LastSeat != "" {
		t.Errorf("%s counts as who served", step.Conversation.LastSeat)
	}
}

func TestDecideSharedLines(t *testing.T) {
	t.Parallel()
	all := seats(map[string]model.SeatState{li: model.SeatOffline})
	tests := []struct {
		name    string
		givens  []given
		outcome string
		told    []string
	}{
		{
			"a line of the employee",
			[]given{says("在吗"), allSeats(false), in7(model.StateServing, shared7), all},
			"relayed to_seat",
			[]string{"chen 张三(财务部): 在吗", "lin 张三(财务部): 在吗"},
		},
		{
			"an answer",
			[]given{bySeat(model.EventSeatMessage, "在的"), allSeats(false), in7(model.StateServing, shared7), all},
			"relayed to_employee",
			[]string{"zhang 在的", "chen 坐席林一 回复 张三: 在的"},
		},
		{
			"an answer of one who is offline",
			[]given{bySeatOf(li, model.EventSeatMessage, "在的"), allSeats(false), in7(model.StateServing, shared7), all},
			"relayed to_employee",
			[]string{"zhang 在的", "chen 坐席李四 回复 张三: 在的", "lin 坐席李四 回复 张三: 在的"},
		},
		{
			"an answer of nobody's seat",
			[]given{bySeatOf("wang", model.EventSeatMessage, "在的"), allSeats(false), in7(model.StateServing, shared7), all},
			"refused not_serving",
			[]string{"wang 发给张三(财务部)的消息未送达（会话已不由您接待）：在的"},
		},
		{
			"an answer before the claim",
			[]given{bySeat(model.EventSeatMessage, "在的"), allSeats(true), in7(model.StateServing, shared7), all},
			"refused claim_first",
			[]string{"lin 发给张三(财务部)的消息未送达（请先接待）：在的"},
		},
		{
			"an answer after another's claim",
			[]given{bySeatOf(chen, model.EventSeatMessage, "在的"), allSeats(true), in7(model.StateServing, func(s *model.Session) { s.Shared = true }), all},
			"refused claimed",
			[]string{"chen 发给张三(财务部)的消息未送达（会话已由 林一 接待）：在的"},
		},
		{
			"a line after a claim",
			[]given{says("在吗"), allSeats(true), in7(model.StateServing, func(s *model.Session) { s.Shared = true }), all},
			"relayed to_seat",
			[]string{"lin 张三(财务部): 在吗"},
		},
		{
			"the end",
			[]given{bySeat(model.EventSeatEnd, ""), allSeats(false), in7(model.StateServing, shared7, func(s *model.Session) { s.RepliedBy = chen }), all},
			"handled ended",
			[]string{
				"lin 已结束与张三(财务部)的会话。", "chen 坐席林一已结束与张三(财务部)的会话。", "zhang 服务聊天已结束", "zhang card 请评价 good",
			},
		},
		{
			"silence",
			[]given{timerDue(model.TimerIdle), allSeats(false), in7(model.StateServing, shared7, longAgo), all},
			"handled idle",
			[]string{
				"chen 与张三(财务部)的会话因 10 分钟没有消息已结束。", "lin 与张三(财务部)的会话因 10 分钟没有消息已结束。", "zhang 服务聊天已结束",
			},
		},
		{
			"nobody is left",
			[]given{
				says("在吗"), allSeats(false), in7(model.StateServing, shared7),
				seats(map[string]model.SeatState{chen: model.SeatOffline, li: model.SeatOffline, lin: model.SeatOffline}),
			},
			"queued nobody_listens",
			[]string{"zhang card 坐席暂时都不在线，正在为您转接人工，您排在第一位 取消排队"},
		},
		{
			"a seat joins",
			[]given{
				happens(model.Event{Kind: model.EventSeatJoin, Session: 7, Seat: chen}), allSeats(false), in7(model.StateServing, shared7), all,
				recent(model.Message{Seq: 3, From: model.FromEmployee, Sender: zhang, Content: textOf("坏了")},
					model.Message{Seq: 4, From: model.FromSeat, Sender: lin, Content: textOf("我看看")}),
			},
			"handled joined",
			[]string{"chen 张三(财务部) 转人工（员工要求）\n（更早的 2 条消息未显示）\n张三: 坏了\n坐席林一: 我看看", "chen card #2 张三(财务部) 回复 TA"},
		},
		{
			"a seat joins and was shown it",
			[]given{
				happens(model.Event{Kind: model.EventSeatJoin, Session: 7, Seat: chen}), allSeats(false), in7(model.StateServing, shared7), all,
				func(s *scene) { s.in.Case.Introduced = true },
			},
			"handled introduced", nil,
		},
		{
			"a seat joins and is gone again",
			[]given{
				happens(model.Event{Kind: model.EventSeatJoin, Session: 7, Seat: li}), allSeats(false), in7(model.StateServing, shared7), all,
			},
			"handled not_listening", nil,
		},
		{
			"a review, and nothing changes",
			[]given{happens(model.Event{Kind: model.EventReview, Session: 7}), allSeats(false), in7(model.StateServing, shared7), all},
			"handled stays", nil,
		},
		{
			"a review after the account gives sessions to one",
			[]given{happens(model.Event{Kind: model.EventReview, Session: 7}), in7(model.StateServing, shared7), all, seatFree(chen)},
			"handed_off review",
			[]string{
				"chen update 已由陈二接待", "lin update 已由陈二接待", "chen 张三(财务部) 转人工（员工要求）", "chen card #3 张三(财务部) 回复 TA",
				"zhang 已为您接入坐席 陈二，请直接发送消息。",
			},
		},
		{
			"a review, and nobody is free",
			[]given{happens(model.Event{Kind: model.EventReview, Session: 7}), in7(model.StateServing, shared7), all},
			"queued review",
			[]string{
				"chen update 已放回排队", "lin update 已放回排队", "zhang card 坐席暂时都不在线，正在为您转接人工，您排在第一位 取消排队",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(tt.givens...).decide()
			if got := string(step.Outcome) + " " + step.Reason; got != tt.outcome {
				t.Errorf("ends as %s, want %s", got, tt.outcome)
			}
			checkTold(t, step, tt.told...)
		})
	}
}

// longAgo has nobody written for a while.
func longAgo(s *model.Session) {
	s.LastEmployeeMS, s.AssignedMS, s.QueuedMS = ago(11*time.Minute), ago(12*time.Minute), ago(12*time.Minute)
}

// Who replied last in a session for all is who served: it is asked about, and comes first
// the next time.
func TestDecideSharedServedBy(t *testing.T) {
	t.Parallel()
	all := seats(nil)
	_, step := newScene(bySeat(model.EventSeatMessage, "在的"), allSeats(false), in7(model.StateServing, shared7), all).decide()
	if step.Session.RepliedBy != lin || step.Session.Seat != "" || step.Conversation.LastSeat != lin {
		t.Errorf("after an answer: %+v, %+v", step.Session, step.Conversation)
	}
	if f := step.Facts[0]; f.Kind != model.FactFirst || f.Seat != lin {
		t.Errorf("fact: %+v", f)
	}
	_, step = newScene(bySeatOf(chen, model.EventSeatEnd, ""), allSeats(false), in7(model.StateServing, shared7, func(s *model.Session) { s.RepliedBy = lin }), all).decide()
	if step.Session.Seat != lin || step.Survey.Seat != lin || step.Release != "" {
		t.Errorf("after the end: %+v, survey %+v, release %q", step.Session, step.Survey, step.Release)
	}
}

func TestDecideClaimShared(t *testing.T) {
	t.Parallel()
	claim := func(seat string) given {
		return func(s *scene) {
			bySeatOf(seat, model.EventSeatClaim, "")(s)
			s.in.Event.Click = &model.Click{TaskID: "desk-1-0", ResponseCode: "code"}
		}
	}
	all := seats(nil)
	tests := []struct {
		name    string
		givens  []given
		outcome string
		told    []string
		seat    string // whose it is after the step; "-": the step leaves it alone
	}{
		{
			"the first",
			[]given{claim(lin), in7(model.StateServing, shared7), all, seatFree(lin)},
			"handed_off claimed",
			[]string{"chen update 已由林一接待", "li update 已由林一接待", "lin update ", "zhang 已为您接入坐席 林一，请直接发送消息。"},
			lin,
		},
		{
			"the second",
			[]given{claim(chen), in7(model.StateServing, func(s *model.Session) { s.Shared = true }), all},
			"refused claimed",
			[]string{"chen update 已由林一接待", "chen 张三(财务部)：会话已由 林一 接待。"},
			"-",
		},
		{
			"the first again",
			[]given{claim(lin), in7(model.StateServing, func(s *model.Session) { s.Shared = true }), all},
			"handled claimed",
			[]string{"lin update "},
			"-",
		},
		{
			"a full seat",
			[]given{claim(lin), in7(model.StateServing, shared7), all},
			"refused seat_full",
			[]string{"lin 张三(财务部)：接待数已满，或不是该账号的坐席。"},
			"-",
		},
		{
			"nobody's seat",
			[]given{claim("wang"), in7(model.StateServing, shared7), all},
			"refused seat_full",
			[]string{"wang 张三(财务部)：接待数已满，或不是该账号的坐席。"},
			"-",
		},
		{
			"after the end",
			[]given{claim(lin), closed7},
			"refused closed",
			[]string{"lin update 会话已结束", "lin 张三(财务部)：会话已结束。"},
			"-",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(append(tt.givens, allSeats(true))...).decide()
			if got := string(step.Outcome) + " " + step.Reason; got != tt.outcome {
				t.Errorf("ends as %s, want %s", got, tt.outcome)
			}
			checkTold(t, step, tt.told...)
			switch {
			case tt.seat == "-" && step.Session != nil:
				t.Errorf("the session changes: %+v", step.Session)
			case tt.seat != "-" && (step.Session.Seat != tt.seat || step.Session.SeatNo != 2 || !step.Reserve.Keep || step.Reserve.No != 2):
				t.Errorf("session %+v, reservation %+v", step.Session, step.Reserve)
			}
		})
	}
}

// At the desk: a text before the claim is held, and goes with the claim.
func TestDecideSharedAtDesk(t *testing.T) {
	t.Parallel()
	shared := func(s *scene) {
		for i := range s.in.Case.Serving {
			s.in.Case.Serving[i].Session.Seat, s.in.Case.Serving[i].Session.Shared = "", true
		}
	}
	target := func(s *scene) {
		t := s.in.Case.Serving[0].Session
		s.in.Case.Target = &t
	}
	offline := func(s *scene) { s.in.Case.Seat.State = model.SeatOffline }
	tests := []struct {
		name     string
		givens   []given
		outcome  string
		forwards []model.EventKind
		told     []string
	}{
		{
			"a text, without claims",
			[]given{says("好"), atDesk(7), shared, allSeats(false)},
			"relayed to_session",
			[]model.EventKind{model.EventSeatMessage},
			nil,
		},
		{
			"a text before the claim",
			[]given{says("好"), atDesk(7), shared, allSeats(true)},
			"held claim_first", nil,
			[]string{"lin card 请先接待，再回复张三 接待并发送"},
		},
		{
			"with a number",
			[]given{says("#2 好"), atDesk(7, 8), shared, allSeats(true)},
			"held claim_first", nil,
			[]string{"lin card 这条消息发给谁？ 接待 #2 张三"},
		},
		{
			"接待并发送",
			[]given{clicks("send:7"), atDesk(7), shared, target, allSeats(true), held("好")},
			"relayed held_sent",
			[]model.EventKind{model.EventSeatClaim, model.EventSeatMessage},
			[]string{"lin update 已发给 #2 张三"},
		},
		{
			"接待",
			[]given{clicks("claim:7"), atDesk(7, 8), shared, target, allSeats(true)},
			"handled claim",
			[]model.EventKind{model.EventSeatClaim},
			nil,
		},
		{
			"接待 of one that is gone",
			[]given{clicks("claim:7"), atDesk(), closed7, allSeats(true)},
			"handled not_serving", nil,
			[]string{"lin update 会话已结束"},
		},
		{
			"offline, a text is the seat's own question",
			[]given{says("好"), atDesk(7), shared, offline, allSeats(false), knows(hit(true))},
			"answered hit", nil,
			[]string{"lin 五天"},
		},
		{
			"offline, with a number",
			[]given{says("#2 好"), atDesk(7), shared, offline, allSeats(false)},
			"relayed to_session",
			[]model.EventKind{model.EventSeatMessage},
			nil,
		},
		{
			"the list",
			[]given{says("#列表"), atDesk(7), shared, allSeats(false)},
			"handled command", nil,
			[]string{"lin 正在接待 1 个会话：\n#2 张三(财务部)　全体，等待回复，1 分钟前"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(tt.givens...).decide()
			if got := string(step.Outcome) + " " + step.Reason; got != tt.outcome {
				t.Errorf("ends as %s, want %s", got, tt.outcome)
			}
			var kinds []model.EventKind
			for _, f := range step.Forwards {
				kinds = append(kinds, f.Event.Kind)
			}
			if !slices.Equal(kinds, tt.forwards) {
				t.Errorf("forwards %v, want %v", kinds, tt.forwards)
			}
			checkTold(t, step, tt.told...)
		})
	}
}
