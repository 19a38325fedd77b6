package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// gist is what a step does that is about a seat that goes.
func gist(step model.Step) []string {
	out := []string{fmt.Sprintf("%s %s", step.Outcome, step.Reason)}
	if s := step.Session; s != nil {
		out = append(out, fmt.Sprintf("session %s seat %q queued %v returned by %q from %d", s.State, s.Seat, s.QueuedMS == ago(3*time.Minute), s.ReturnedBy, s.HandoffSeq))
	}
	if step.Release != "" {
		out = append(out, "release "+step.Release)
	}
	for _, p := range step.Pushes {
		text := p.Text
		if p.Card != nil {
			text = p.Card.Title
		}
		out = append(out, p.Receiver+": "+text)
	}
	for _, f := range step.Forwards {
		out = append(out, fmt.Sprintf("to %q: %s %d %s %s", f.Person, f.Event.Kind, f.Event.Session, f.Event.Seat, f.Event.Reason))
	}
	for _, a := range step.Audits {
		out = append(out, strings.TrimSpace(strings.Join([]string{"audit", a.Actor, a.Action, a.Target, a.Before, a.After}, " ")))
	}
	if c := step.SeatChange; c != nil {
		if c.State != nil {
			out = append(out, "state "+string(*c.State))
		}
		if c.LeftMS != nil {
			out = append(out, fmt.Sprintf("left %v", *c.LeftMS > 0))
		}
		if c.ActiveMS != nil {
			out = append(out, "active")
		}
	}
	return out
}

func review(seat *model.Seat, reason string) given {
	return func(s *scene) {
		s.in.Event = model.Event{Kind: model.EventReview, Session: 7, Seat: lin, Reason: reason}
		s.in.Case.ServedBy = seat
	}
}

func autoAway(p *model.Policy) { p.Assignment.AutoAway = true }

func TestReview(t *testing.T) {
	t.Parallel()
	moved := func(why, returned, told string) []string {
		list := []string{
			"queued moved_" + why, fmt.Sprintf(`session queued seat "" queued true returned by %q from 2`, returned), "release lin",
			"zhang: 坐席已离开，正在为您重新安排，前面还有 2 位", told, `to "zhang": queue_turn 7  `,
			`audit system session.moved 7 {"seat":"lin"} {"reason":"` + why + `"}`,
		}
		return slices.DeleteFunc(list, func(s string) bool { return s == "" })
	}
	reader := &model.Seat{UserID: lin, State: model.SeatOnline, Permissions: []model.SeatPermission{model.MayRead}}
	for _, tt := range []struct {
		name   string
		givens []given
		want   []string
	}{
		{
			"a removed seat",
			[]given{in7(model.StateServing), ahead(2), review(nil, "")},
			moved("removed", "", "lin: 您已不是该账号的坐席，与张三(财务部)的会话已转回排队，由其他坐席接待。"),
		},
		{"a seat that left", []given{in7(model.StateServing), ahead(2), review(&model.Seat{UserID: lin, LeftMS: 1}, "")}, moved("left", "", "")},
		{
			"a seat that may only read",
			[]given{in7(model.StateServing), ahead(2), review(reader, "")},
			moved("may_not_answer", "", "lin: 您已没有接待权限，与张三(财务部)的会话已转回排队，由其他坐席接待。"),
		},
		{
			"a seat that can't be reached",
			[]given{in7(model.StateServing), ahead(2), review(&model.Seat{UserID: lin}, bot.AwayUnreachable)},
			moved("unreachable", lin, "lin: 消息无法送达给您，与张三(财务部)的会话已转回排队，由其他坐席接待。"),
		},
		{"a seat as it must be", []given{in7(model.StateServing), review(&model.Seat{UserID: lin, State: model.SeatAway}, "")}, []string{"handled may_stay"}},
		{"a session that waits", []given{in7(model.StateQueued), review(nil, "")}, []string{"handled not_serving"}},
		{"no session", []given{review(nil, "")}, []string{"handled not_serving"}},
		{
			"one that nobody claimed",
			[]given{in7(model.StateServing, func(s *model.Session) { s.Shared, s.Seat = true, "" }), review(nil, "")},
			[]string{
				"queued review", `session queued seat "" queued true returned by "" from 2`,
				"zhang: 坐席暂时都不在线，正在为您转接人工，您排在第一位",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(tt.givens...).decide()
			if diff := cmp.Diff(tt.want, gist(step)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What the last seat answered needs not be shown again; what came after it does.
func TestReview_shows_what_was_not_answered(t *testing.T) {
	t.Parallel()
	line := func(seq int, from model.SenderKind) model.Message {
		return model.Message{Seq: seq, From: from, Content: model.Content{Type: model.ContentText, Text: "x"}}
	}
	_, step := newScene(in7(model.StateServing), review(nil, ""),
		recent(line(2, model.FromEmployee), line(3, model.FromSeat), line(4, model.FromEmployee))).decide()
	if step.Session == nil || step.Session.HandoffSeq != 3 {
		t.Errorf("%+v", step.Session)
	}
}

func TestReviewOfADisabledAccount(t *testing.T) {
	t.Parallel()
	_, step := newScene(in7(model.StateServing), disabled, review(&model.Seat{UserID: lin}, "")).decide()
	if step.Session == nil || step.Session.State != model.StateClosed || step.Session.CloseReason != model.ClosedDisabled || step.Release != lin {
		t.Errorf("%+v", step.Session)
	}
}

func TestReviewOfHeldTexts(t *testing.T) {
	t.Parallel()
	event := happens(model.Event{Kind: model.EventReview})
	_, step := newScene(held("一", "二"), event).decide()
	got := strings.Join(gist(step), "\n")
	if !step.ReleaseHeld || !strings.Contains(got, "一") || !strings.Contains(got, "二") || len(step.Pushes) != 2 {
		t.Errorf("of who is no seat:\n%s", got)
	}
	if _, step = newScene(atDesk(7), held("一"), event).decide(); step.ReleaseHeld || len(step.Pushes) > 0 {
		t.Errorf("of a seat:\n%s", gist(step))
	}
}

func TestAutoAway(t *testing.T) {
	t.Parallel()
	failed := happens(model.Event{
		Kind: model.EventPushFailed, Session: 7, Target: lin, Reason: string(model.OutDead),
		Content: &model.Content{Type: model.ContentText, Text: "在吗"},
	})
	_, step := newScene(in7(model.StateServing), policy(autoAway), failed).decide()
	want := []string{"handled unreachable", `to "lin": seat_away 7 lin unreachable`}
	if diff := cmp.Diff(want, gist(step)); diff != "" {
		t.Errorf("a line that did not arrive (-want +got):\n%s", diff)
	}
	if _, step = newScene(in7(model.StateServing), failed).decide(); step.Reason != "told" {
		t.Errorf("where the account doesn't want that: %v", gist(step))
	}

	away := func(s *scene) {
		s.in.Event = model.Event{Kind: model.EventSeatAway, Session: 7, Seat: lin, Reason: bot.AwayNoAnswer}
		s.in.Case.Target = session7(model.StateServing)
	}
	_, step = newScene(atDesk(7), policy(autoAway), away).decide()
	want = []string{
		"handled seat_away", "lin: 您长时间没有回复，已自动设为离开，不再分配新会话。恢复接待请发送 #上线。",
		`to "zhang": review 7 lin no_answer`, `audit system seat.away lin  {"reason":"no_answer"}`, "state away",
	}
	if diff := cmp.Diff(want, gist(step)); diff != "" {
		t.Errorf("the seat (-want +got):\n%s", diff)
	}
	if _, step = newScene(atDesk(7), away).decide(); step.SeatChange != nil {
		t.Errorf("where the account doesn't want that: %v", gist(step))
	}
}

func TestSeatLeavesTheRange(t *testing.T) {
	t.Parallel()
	_, step := newScene(atDesk(7, 8), happens(model.Event{Kind: model.EventUnsubscribe})).decide()
	want := []string{
		"handled unsubscribe", `to "": seat_left 0 lin left`, `to "zhang": review 7 lin `, `to "li": review 8 lin `,
		"audit system seat.left lin", "left true",
	}
	if diff := cmp.Diff(want, gist(step)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back := func(s *scene) { s.in.Case.Seat.LeftMS = 5 }
	_, step = newScene(atDesk(), back, happens(model.Event{Kind: model.EventSubscribe})).decide()
	if diff := cmp.Diff([]string{"handled subscribe", "audit system seat.back lin", "left false"}, gist(step)); diff != "" || !step.WakeQueue {
		t.Errorf("back (-want +got):\n%s", diff)
	}
	if _, step = newScene(happens(model.Event{Kind: model.EventUnsubscribe})).decide(); step.SeatChange != nil {
		t.Errorf("who is no seat: %v", gist(step))
	}
}

func TestOwnersHearOfSeats(t *testing.T) {
	t.Parallel()
	owners := func(s *scene) { s.in.Case.Person, s.in.Case.Owners = "", []string{"boss", "chief"} }
	_, step := newScene(owners, happens(model.Event{Kind: model.EventSeatLeft, Seat: lin, Note: "林一", Reason: "left"})).decide()
	const text = "「服务台」的坐席 林一(lin) 已离职或不在应用可见范围内，不再分配会话；正在接待的会话会重新安排给其他坐席。"
	if diff := cmp.Diff([]string{"handled owners_told", "boss: " + text, "chief: " + text}, gist(step)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSeatIsActive(t *testing.T) {
	t.Parallel()
	if _, step := newScene(atDesk(7), says("#列表")).decide(); !slices.Contains(gist(step), "active") {
		t.Errorf("%v", gist(step))
	}
	lately := func(s *scene) { s.in.Case.Seat.ActiveMS = ago(59 * time.Second) }
	if _, step := newScene(atDesk(7), lately, says("#列表")).decide(); slices.Contains(gist(step), "active") {
		t.Errorf("within a minute: %v", gist(step))
	}
}

// A seat that runs into the reassignment is set away, too, where the account wants that.
func TestAutoAwayWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	waits := in7(model.StateServing, func(s *model.Session) { s.OwedMS = ago(time.Hour) })
	late := policy(func(p *model.Policy) { p.Timers.Reassign = 30 * time.Minute })
	others := withRoster(model.Seat{UserID: lin, State: model.SeatOnline}, model.Seat{UserID: chen, State: model.SeatOnline})
	const away = `to "lin": seat_away 7 lin no_answer`
	_, step := newScene(waits, late, others, policy(autoAway), timerDue(model.TimerOwed)).decide()
	if !slices.Contains(gist(step), away) || step.Reason != "reassigned" {
		t.Errorf("%v", gist(step))
	}
	if _, step = newScene(waits, late, others, timerDue(model.TimerOwed)).decide(); slices.Contains(gist(step), away) {
		t.Errorf("where the account doesn't want that: %v", gist(step))
	}
	// Who can't take it is nobody else.
	reader := model.Seat{UserID: chen, State: model.SeatOnline, Permissions: []model.SeatPermission{model.MayRead}}
	if _, step = newScene(waits, late, withRoster(reader), timerDue(model.TimerOwed)).decide(); step.Reason != "nobody_else" {
		t.Errorf("%v", gist(step))
	}
}
