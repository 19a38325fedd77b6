package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// ring lets time pass and delivers the opening's timers to these people, in this order.
func (w *world) ring(at time.Time, people ...string) {
	w.t.Helper()
	w.now = at
	for _, person := range people {
		lane := model.PersonLane(1, person)
		due, ok := w.timers[lane][model.TimerOpening]
		if !ok || due > at.UnixMilli() {
			w.t.Fatalf("the timer of %s is due at %d, now is %d", person, due, at.UnixMilli())
		}
		delete(w.timers[lane], model.TimerOpening)
		in := model.Inbound{
			AccountID: 1, DedupeKey: fmt.Sprintf("t:%s:%d", person, due), Event: model.Event{Kind: model.EventTimer, Timer: model.TimerOpening},
		}
		if _, err := w.Accept(context.Background(), in, lane); err != nil {
			w.t.Fatal(err)
		}
	}
}

// Two ask outside the hours; one place is free at the opening. The timers come in the wrong
// order, and the one who asked first is first all the same, with all that was said.
func TestEngineOpening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSeat(lin, 1)
	w.acc.Policy.Hours = open(9, 12, 14, 18)
	w.writes(zhang, "人工")
	w.mustHandle(zhang)
	w.now = w.now.Add(time.Minute)
	w.writes(li, "人工")
	w.mustHandle(li)
	w.now = w.now.Add(time.Minute)
	w.writes(zhang, "打印机冒烟了")
	w.writes(zhang, "很急")
	w.mustHandle(zhang)
	w.wantOutcomes(zhang, "done kept off_hours", "done kept off_hours", "done kept off_hours")
	if diff := cmp.Diff([]string{kept}, w.told(zhang)); diff != "" {
		t.Errorf("zhang was told (-want +got):\n%s", diff)
	}

	w.ring(noon().Add(2*time.Hour), li, zhang)
	w.mustHandle(li, zhang, li)
	w.wantOutcomes(li, "done kept off_hours", "done handled not_first", "done handled no_seat")
	if got := w.outcomes(zhang)[3]; got != "done handed_off queue" {
		t.Errorf("the opening ends as %q for who asked first", got)
	}
	introduction := w.told(lin)[0]
	for _, line := range []string{"张三: 人工", "张三: 打印机冒烟了", "张三: 很急"} {
		if !strings.Contains(introduction, line) {
			t.Errorf("the seat is not shown %q: %s", line, introduction)
		}
	}
}

// The hours change while somebody waits: nobody waits for an opening that is no more.
func TestEngineHoursChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSeat(lin, 0)
	w.acc.Policy.Hours = open(9, 12, 14, 18)
	w.writes(zhang, "人工")
	w.mustHandle(zhang)

	w.acc.Policy.Hours = open(15, 18)
	w.ring(noon().Add(2*time.Hour), zhang)
	w.mustHandle(zhang)
	w.wantOutcomes(zhang, "done kept off_hours", "done handled off_hours")
	if told := w.told(zhang); !slices.ContainsFunc(told[1:], func(s string) bool { return strings.Contains(s, "1月5日(周一) 15:00") }) {
		t.Errorf("zhang was told %q", told)
	}
	if due := w.timers[model.PersonLane(1, zhang)][model.TimerOpening]; due != noon().Add(3*time.Hour).UnixMilli() {
		t.Errorf("the timer is due at %d", due)
	}

	w.acc.Policy.Hours = nil
	w.turn("sweep", w.hopes)
	w.mustHandle(zhang)
	if got := w.outcomes(zhang)[2]; got != "done handed_off queue" {
		t.Errorf("the sweep's turn ends as %q", got)
	}
}
