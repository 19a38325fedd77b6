package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// handle works off the lane of a person until nothing is left in it, as a runner does.
func (w *world) handle(person string) error {
	w.t.Helper()
	for {
		lane := w.claim(model.PersonLane(1, person))
		if err := w.engine().Handle(w.t.Context(), lane); err != nil {
			return err
		}
		if rows, err := w.PendingInbox(w.t.Context(), lane, 1); len(rows) == 0 {
			return err
		}
	}
}

// mustHandle works off the lanes of people, one after the other.
func (w *world) mustHandle(people ...string) {
	w.t.Helper()
	for _, person := range people {
		if err := w.handle(person); err != nil {
			w.t.Fatalf("handle %s: %v", person, err)
		}
	}
}

// outcomes is what became of the events of a person, in order.
func (w *world) outcomes(person string) []string {
	var list []string
	for _, row := range w.inbox[model.PersonLane(1, person)] {
		list = append(list, strings.TrimSpace(string(row.State)+" "+string(row.Outcome)+" "+row.Reason))
	}
	return list
}

// told is the texts on their way to somebody.
func (w *world) told(person string) []string {
	var list []string
	for _, row := range w.outbox[model.OutLane(1, person)] {
		if row.Push.Kind == model.PushText {
			list = append(list, row.Push.Text)
		}
	}
	return list
}

func (w *world) wantOutcomes(person string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.outcomes(person)); diff != "" {
		w.t.Errorf("events of %s (-want +got):\n%s", person, diff)
	}
}

// failing makes the first n steps fail that match.
func (w *world) failing(n int, err error, match func(*model.Step) bool) *int {
	tries := 0
	w.onApply = func(step *model.Step) error {
		if !match(step) {
			return nil
		}
		if tries++; tries > n {
			return nil
		}
		return err
	}
	return &tries
}

func everyStep(*model.Step) bool { return true }

func reserves(step *model.Step) bool { return step.Reserve != nil }

const forever = 1 << 30

func TestEngineDecidesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tries := w.failing(7, model.ErrStale, everyStep)
	w.writes(zhang, "知道")
	w.mustHandle(zhang)
	w.wantOutcomes(zhang, "done answered hit")
	if *tries != 8 {
		t.Errorf("decided %d times, want 8", *tries)
	}
}

func TestEngineGivesUpDecidingAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tries := w.failing(forever, model.ErrStale, everyStep)
	w.writes(zhang, "知道")
	if err := w.handle(zhang); !errors.Is(err, bot.ErrLetGo) {
		t.Errorf("Handle = %v, want it delayed", err)
	}
	w.wantOutcomes(zhang, "pending")
	if *tries != 8 {
		t.Errorf("decided %d times, want 8", *tries)
	}
}

func TestEngineSeatTaken(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) *world {
		t.Helper()
		w := newWorld(t)
		w.addSeat(lin, 0)
		w.writes(zhang, "人工")
		return w
	}
	t.Run("another_seat_is_asked", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		w.addSeat(chen, 0)
		w.mirror[chen] = 1 // so that lin is first
		w.failing(1, model.ErrSeatTaken, reserves)
		w.mustHandle(zhang)
		w.wantOutcomes(zhang, "done handed_off keyword")
		if diff := cmp.Diff(map[string]int{lin: 0, chen: 2}, w.mirror); diff != "" {
			t.Errorf("reserved places (-want +got):\n%s", diff)
		}
	})
	t.Run("the_only_seat_is_asked_again", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		w.failing(1, model.ErrSeatTaken, reserves) // its number has moved, no more
		w.mustHandle(zhang)
		w.wantOutcomes(zhang, "done handed_off keyword")
		if w.mirror[lin] != 1 {
			t.Errorf("%d places are reserved, want 1", w.mirror[lin])
		}
	})
	t.Run("the_seat_that_is_named_is_asked_again", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		w.mustHandle(zhang)
		w.addSeat(chen, 0)
		w.failing(1, model.ErrSeatTaken, reserves)
		w.writes(lin, "#转接 陈二")
		w.mustHandle(lin, zhang)
		w.wantOutcomes(zhang, "done handed_off keyword", "done handed_off transfer")
		if diff := cmp.Diff(map[string]int{lin: 0, chen: 1}, w.mirror); diff != "" {
			t.Errorf("reserved places (-want +got):\n%s", diff)
		}
	})
	t.Run("all_refuse", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		w.addSeat(chen, 0)
		w.failing(forever, model.ErrSeatTaken, reserves)
		w.mustHandle(zhang)
		w.wantOutcomes(zhang, "done queued keyword")
		if diff := cmp.Diff(map[string]int{lin: 0, chen: 0}, w.mirror); diff != "" {
			t.Errorf("reserved places (-want +got):\n%s", diff)
		}
	})
}

func TestEngineSeats(t *testing.T) {
	t.Parallel()
	t.Run("a_seat_is_not_given_to_itself", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.addSeat(lin, 0)
		w.writes(lin, "#咨询 人工")
		w.mustHandle(lin)
		w.wantOutcomes(lin, "done queued keyword")
	})
	t.Run("only_online_ones", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.addSeat(lin, 0)
		w.addSeat(chen, 0)
		w.seats[lin].State, w.seats[chen].State = model.SeatAway, model.SeatOffline
		w.writes(zhang, "人工")
		w.mustHandle(zhang)
		w.wantOutcomes(zhang, "done queued keyword")
	})
	t.Run("a_place_is_given_back_at_the_end", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.addSeat(lin, 1)
		w.writes(zhang, "人工")
		w.mustHandle(zhang)
		w.writes(li, "人工")
		w.mustHandle(li)
		w.writes(lin, "#结束")
		w.mustHandle(lin, zhang, li)
		w.wantOutcomes(zhang, "done handed_off keyword", "done handled ended")
		w.wantOutcomes(li, "done queued keyword", "done handed_off queue")
		if w.mirror[lin] != 1 || w.seats[lin].Load != 1 {
			t.Errorf("load = %d and %d, want 1", w.mirror[lin], w.seats[lin].Load)
		}
	})
	t.Run("a_seat_that_writes_first_needs_no_place", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.addSeat(lin, 1)
		w.writes(zhang, "人工")
		w.mustHandle(zhang)
		w.writes(lin, "#结束")
		w.mustHandle(lin, zhang)
		w.writes(lin, "还有")
		w.mustHandle(lin)
		w.writes(lin, "#离线")
		w.mustHandle(lin)
		session := w.steps[0].Session.ID
		w.arrives(lin, model.Event{Kind: model.EventCardClick, Click: &model.Click{Key: fmt.Sprint("reopen:", session)}})
		w.mustHandle(lin, zhang)
		w.wantOutcomes(zhang, "done handed_off keyword", "done handled ended", "done relayed to_employee")
	})
	t.Run("an_assigner_that_fails", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.addSeat(lin, 0)
		w.onReserve = func() error { return model.ErrUnavailable }
		w.writes(zhang, "人工")
		if err := w.handle(zhang); !errors.Is(err, bot.ErrLetGo) {
			t.Errorf("Handle = %v, want it delayed", err)
		}
		w.onReserve = nil
		w.mustHandle(zhang)
		w.wantOutcomes(zhang, "done handed_off keyword")
	})
}

// The lane is let go of with the last event, and only with the last.
func TestEngineLetsGoWithTheLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.letsGo = true
	w.writes(zhang, "知道")
	w.writes(zhang, "知道")
	if err := w.handle(zhang); !errors.Is(err, bot.ErrLetGo) {
		t.Errorf("Handle = %v, want ErrLetGo", err)
	}
	if len(w.steps) != 2 || w.steps[0].Last || !w.steps[1].Last {
		t.Errorf("%d steps, want 2 of which the second is the last", len(w.steps))
	}
}

func TestEngineFenced(t *testing.T) {
	t.Parallel()
	t.Run("while_applying", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.addSeat(lin, 0)
		w.failing(forever, model.ErrFenced, everyStep)
		w.writes(zhang, "人工")
		w.writes(zhang, "在吗")
		if err := w.handle(zhang); !errors.Is(err, model.ErrFenced) {
			t.Errorf("Handle = %v, want ErrFenced", err)
		}
		w.wantOutcomes(zhang, "pending", "pending")
		if w.row(model.PersonLane(1, zhang), w.inbox[model.PersonLane(1, zhang)][0].ID).Attempts != 0 {
			t.Error("the attempt was counted, though it is somebody else's lane")
		}
		if w.mirror[lin] != 0 {
			t.Error("the reserved place was not given back")
		}
	})
	t.Run("while_putting_back", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.onAnswer = func() error {
			w.lanes[model.PersonLane(1, zhang)].Fence++ // somebody else came
			return model.ErrUnavailable
		}
		w.writes(zhang, "知道")
		if err := w.handle(zhang); !errors.Is(err, model.ErrFenced) {
			t.Errorf("Handle = %v, want ErrFenced", err)
		}
	})
}

func TestEngineGoesOnBehindADuplicate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(zhang, "知道 1")
	w.writes(zhang, "知道 2")
	lane := model.PersonLane(1, zhang)
	w.onApply = func(step *model.Step) error {
		if first := w.inbox[lane][0]; step.InboxID == first.ID {
			first.State = model.InboxDone // by another worker, a moment ago
		}
		return nil
	}
	w.mustHandle(zhang)
	w.wantOutcomes(zhang, "done", "done answered hit")
}

// What was written in one order and arrived in another is handled as written, as far as
// it waits together; everything else keeps its place.
func TestEngineOrder(t *testing.T) {
	t.Parallel()
	type arrival struct {
		text    string
		created int64 // seconds
		kind    model.EventKind
	}
	tests := []struct {
		name     string
		arrivals []arrival
		want     []string
	}{
		{"late_arrival", []arrival{{"b", 2, ""}, {"a", 1, ""}, {"c", 3, ""}}, []string{"a", "b", "c"}},
		{"same_second", []arrival{{"b", 1, ""}, {"a", 1, ""}, {"c", 1, ""}}, []string{"b", "a", "c"}},
		{"not_across_other_events", []arrival{{"b", 2, ""}, {"", 1, model.EventEnter}, {"a", 1, ""}}, []string{"b", "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for i, a := range tt.arrivals {
				ev := model.Event{Kind: a.kind}
				if a.kind == "" {
					c := textOf(a.text)
					ev = model.Event{Kind: model.EventMessage, Content: &c}
				}
				w.accept(model.Inbound{AccountID: 1, Person: zhang, DedupeKey: fmt.Sprint(i), CreatedMS: a.created * 1000, Event: ev}, model.PersonLane(1, zhang))
			}
			w.mustHandle(zhang)
			var got []string
			for _, s := range w.steps {
				for _, m := range s.Messages {
					if m.From == model.FromEmployee {
						got = append(got, m.Content.Text)
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEngineStopsBetweenEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(zhang, "知道 1")
	w.writes(zhang, "知道 2")
	ctx, cancel := context.WithCancel(t.Context())
	w.onApply = func(*model.Step) error { cancel(); return nil }
	if err := w.engine().Handle(ctx, w.claim(model.PersonLane(1, zhang))); err != nil {
		t.Errorf("Handle = %v", err)
	}
	w.wantOutcomes(zhang, "done answered hit", "pending")
}

func TestEngineDirectory(t *testing.T) {
	t.Parallel()
	away := func() error { return model.ErrUnavailable }
	t.Run("everybody_may_ask_while_it_is_away", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.onDirectory = away
		delete(w.members, zhang)
		w.writes(zhang, "知道")
		w.mustHandle(zhang)
		w.wantOutcomes(zhang, "done answered hit")
	})
	t.Run("a_new_person_is_read", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.addSeat(lin, 0)
		delete(w.members, zhang)
		w.onDirectory = func() error { w.members[zhang] = *memberOf(zhang); return nil }
		w.writes(zhang, "人工")
		w.mustHandle(zhang)
		if got := w.told(lin); len(got) == 0 || !strings.HasPrefix(got[0], "张三(财务部)") {
			t.Errorf("the seat is told %q", got)
		}
	})
	t.Run("a_change_waits_for_it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.onDirectory = away
		w.arrives(zhang, model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "update_user", UserID: zhang}})
		if err := w.handle(zhang); !errors.Is(err, bot.ErrLetGo) {
			t.Errorf("Handle = %v, want it delayed", err)
		}
		w.wantOutcomes(zhang, "pending")
	})
}

func TestEngineTellsOfItsWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var logged bytes.Buffer
	observed := map[model.Outcome]int{}
	cfg := bot.EngineConfig{
		Store: w, Knowledge: w, Seats: w, Directory: w, Rules: newRules(), Wake: w.wake, Now: w.clock,
		Log:     slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Observe: func(o model.Outcome, _ time.Duration) { observed[o]++ },
	}
	w.writes(zhang, "知道 秘密")
	w.arrives(zhang, model.Event{Kind: model.EventAppAlert, Key: "low_active"})
	w.arrives(zhang, model.Event{Kind: model.EventUnknown, Raw: "秘密"})
	if err := bot.NewEngine(cfg).Handle(t.Context(), w.claim(model.PersonLane(1, zhang))); err != nil {
		t.Fatalf("Handle: %v", err)
	}
	if diff := cmp.Diff(map[model.Outcome]int{model.OutcomeAnswered: 1, model.OutcomeHandled: 2}, observed); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]model.LaneKind{model.LaneOut}, w.woken); diff != "" {
		t.Errorf("woken (-want +got):\n%s", diff)
	}
	if n := strings.Count(logged.String(), "event handled"); n != 3 {
		t.Errorf("%d lines are logged, want 3:\n%s", n, &logged)
	}
	if !strings.Contains(logged.String(), "level=WARN") || !strings.Contains(logged.String(), "alert=low_active") {
		t.Errorf("WeCom's alert is no warning:\n%s", &logged)
	}
	if strings.Contains(logged.String(), "秘密") || strings.Contains(logged.String(), "五天") {
		t.Errorf("what people wrote is logged:\n%s", &logged)
	}
}
