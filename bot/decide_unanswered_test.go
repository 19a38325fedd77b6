package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"deskmate/model"
)

func many(first, last int) []model.Message {
	var lines []model.Message
	for seq := first; seq <= last; seq++ {
		lines = append(lines, line7(seq, model.FromEmployee, textOf(fmt.Sprintf("第%d行", seq))))
	}
	return lines
}

func TestClaimStartsTheClock(t *testing.T) {
	t.Parallel()
	waits := func(s *model.Session) { s.OwedMS, s.RemindedMS = ago(20*time.Minute), ago(15*time.Minute) }
	_, step := newScene(
		bySeatOf(lin, model.EventSeatClaim, ""), in7(model.StateServing, shared7, waits), seats(nil), seatFree(lin), allSeats(true),
		policy(func(p *model.Policy) { p.Timers.Reassign = 5 * time.Minute }),
	).decide()
	due := int64(0)
	for _, timer := range step.Timers {
		if timer.Kind == model.TimerOwed {
			due = timer.DueMS
		}
	}
	if want := noon().Add(5 * time.Minute).UnixMilli(); due != want || step.Session.OwedMS != noon().UnixMilli() || step.Session.RemindedMS != 0 {
		t.Errorf("looked for in %v, owed since %v, reminded %d", model.Time(due).Sub(noon()), model.Time(step.Session.OwedMS), step.Session.RemindedMS)
	}
}

func TestUnansweredLinesAreShown(t *testing.T) {
	t.Parallel()
	given := []given{
		in7(model.StateQueued, func(s *model.Session) { s.MessageCount, s.HandoffSeq = 40, 1 }), recent(many(2, 40)...),
		acts(model.EventSeatTransfer, func(ev *model.Event) { ev.Target = chen; byWang(ev) }), seatFree(chen),
	}
	_, step := newScene(given...).decide()
	if shown := pushesTo(step, chen); len(shown) == 0 || !strings.Contains(shown[0].Text, "第2行") || !strings.Contains(shown[0].Text, "第40行") {
		t.Errorf("from the queue by a supervisor: %+v", shown)
	}
	others := withRoster(model.Seat{UserID: lin, State: model.SeatOnline}, model.Seat{UserID: chen, State: model.SeatOnline})
	late := policy(func(p *model.Policy) { p.Timers.Reassign = 30 * time.Minute })
	for _, tt := range []struct {
		name  string
		lines []model.Message
		want  int
	}{
		{"after an answer", append([]model.Message{line7(20, model.FromSeat, textOf("稍等"))}, many(21, 40)...), 20},
		{"without any", many(21, 40), 1},
	} {
		_, step = newScene(
			in7(model.StateServing, func(s *model.Session) { s.OwedMS, s.MessageCount, s.HandoffSeq = ago(time.Hour), 40, 1 }),
			recent(tt.lines...), late, others, timerDue(model.TimerOwed),
		).decide()
		if step.Reason != "reassigned" || step.Session.HandoffSeq != tt.want {
			t.Errorf("%s: %s, shown from %d on, want %d", tt.name, step.Reason, step.Session.HandoffSeq, tt.want)
		}
	}
}

func TestTransferFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		state model.SessionState
		by    string
		own   bool
	}{{model.StateServing, "", true}, {model.StateServing, "wang", false}, {model.StateQueued, "wang", false}} {
		_, step := newScene(in7(tt.state), acts(model.EventSeatTransfer, func(ev *model.Event) { ev.Target, ev.By = chen, tt.by })).decide()
		told := ""
		for _, p := range step.Pushes {
			told += p.Text
		}
		if step.Reason != "transfer_refused" || !strings.Contains(told, "转接失败") || strings.Contains(told, "仍由您接待") != tt.own {
			t.Errorf("%+v: %s, told %q", tt, step.Reason, told)
		}
	}
}
