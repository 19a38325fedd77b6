package bot_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

const broken = "抱歉，系统处理您刚才的消息时出了问题，它没有被处理。请重新发送，或稍后再试。"

// bury tries the head of zhang's lane until it is given up, and returns the pauses between.
func (w *world) bury() []time.Duration {
	w.t.Helper()
	var pauses []time.Duration
	for range 50 {
		err := w.handle(zhang)
		if err == nil {
			return pauses
		}
		if !errors.Is(err, bot.ErrLetGo) {
			w.t.Fatalf("handle: %v", err)
		}
		due := model.Time(w.lanes[model.PersonLane(1, zhang)].RunAtMS)
		pauses = append(pauses, due.Sub(w.now))
		w.now = due
	}
	w.t.Fatal("never given up")
	return nil
}

func TestEngineBacksOffAndGivesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onAnswer = func() error { return errors.New("no") }
	w.writes(zhang, "知道")
	w.arrives(zhang, model.Event{Kind: model.EventSubscribe}) // waits behind it
	pauses := w.bury()
	if len(pauses) != 11 {
		t.Fatalf("%d pauses: %v, want 11 between 12 tries", len(pauses), pauses)
	}
	most := 500 * time.Millisecond
	total := time.Duration(0)
	for i, p := range pauses {
		if p < most/2-time.Millisecond || p > most {
			t.Errorf("pause %d = %s, want %s to %s", i, p, most/2, most)
		}
		most = min(2*most, 2*time.Minute)
		total += p
	}
	if total < 4*time.Minute || total > 9*time.Minute {
		t.Errorf("given up after %s", total)
	}
	w.wantOutcomes(zhang, "dead", "done handled subscribe", "done handled told")
	if diff := cmp.Diff([]string{broken}, w.told(zhang)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("ask answer: no", w.inbox[model.PersonLane(1, zhang)][0].Err); diff != "" {
		t.Errorf("error kept (-want +got):\n%s", diff)
	}
}

// Who wrote it is told, on whatever lane it died.
func TestEngineTellsTheWriter(t *testing.T) {
	t.Parallel()
	c := textOf("您好")
	tests := []struct {
		name   string
		event  model.Event
		person string // who is told
	}{
		{"message", model.Event{Kind: model.EventMessage, Content: &c}, zhang},
		{"card_click", model.Event{Kind: model.EventCardClick, Click: &model.Click{Key: "handoff"}}, zhang},
		{"menu_click", model.Event{Kind: model.EventMenuClick, Key: "handoff"}, zhang},
		{"seat_message", model.Event{Kind: model.EventSeatMessage, Session: 7, Seat: lin, Content: &c}, lin},
		{"seat_end", model.Event{Kind: model.EventSeatEnd, Session: 7, Seat: lin}, lin},
		{"seat_transfer", model.Event{Kind: model.EventSeatTransfer, Session: 7, Seat: lin}, lin},
		{"seat_open", model.Event{Kind: model.EventSeatOpen, Session: 7, Seat: lin, Content: &c}, lin},
		{"push_failed", model.Event{Kind: model.EventPushFailed, Reason: "dead", Target: lin}, zhang},
		{"notice_of_a_dead_event", model.Event{Kind: model.EventPushFailed, Reason: bot.ReasonDead}, ""},
		{"timer", model.Event{Kind: model.EventTimer, Timer: model.TimerIdle}, ""},
		{"queue_turn", model.Event{Kind: model.EventQueueTurn, Session: 7}, ""},
		{"enter", model.Event{Kind: model.EventEnter}, ""},
		{"unknown", model.Event{Kind: model.EventUnknown, Raw: "<xml/>"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.arrives(zhang, tt.event)
			first := w.inbox[model.PersonLane(1, zhang)][0].ID
			w.failing(forever, errors.New("no"), func(s *model.Step) bool { return s.InboxID == first })
			w.bury()
			if len(w.inbox[model.PersonLane(1, lin)]) > 0 {
				w.mustHandle(lin)
			}
			for _, person := range []string{zhang, lin} {
				var want []string
				if person == tt.person {
					want = []string{broken}
				}
				if diff := cmp.Diff(want, w.told(person)); diff != "" {
					t.Errorf("%s is told (-want +got):\n%s", person, diff)
				}
			}
			if tt.person != "" && len(w.woken) == 0 {
				t.Error("nobody was woken for the notice")
			}
		})
	}
}

// While something the engine needs is away, an event waits for a day.
func TestEngineWaitsForWhatIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onAnswer = func() error { return model.ErrUnavailable }
	w.writes(zhang, "知道")
	lane := model.PersonLane(1, zhang)
	start := w.now
	for w.now.Sub(start) < 23*time.Hour {
		if err := w.handle(zhang); !errors.Is(err, bot.ErrLetGo) {
			t.Fatalf("after %s: handle = %v", w.now.Sub(start), err)
		}
		w.now = model.Time(w.lanes[lane].RunAtMS)
	}
	w.now = start.Add(24 * time.Hour)
	if err := w.handle(zhang); err != nil || w.inbox[lane][0].State != model.InboxDead {
		t.Errorf("after a day: handle = %v, event is %s", err, w.inbox[lane][0].State)
	}
}

// An event without a person is given up without a word.
func TestEngineGivesUpForTheCorp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lane := model.CorpLane(1)
	w.accept(model.Inbound{AccountID: 1, DedupeKey: "c", Event: model.Event{Kind: model.EventContact, Contact: &model.ContactChange{}}}, lane)
	w.onDirectory = func() error { return errors.New("no") }
	var err error
	for range 12 {
		err = w.engine().Handle(t.Context(), w.claim(lane))
	}
	if err != nil || w.inbox[lane][0].State != model.InboxDead || len(w.inbox) != 1 {
		t.Errorf("Handle = %v, event is %s, %d lanes", err, w.inbox[lane][0].State, len(w.inbox))
	}
}

// A panic costs its event, not the worker, and nothing of the event gets into the log.
func TestEnginePanic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var logged bytes.Buffer
	w.log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.onAnswer = func() error { panic("broken") }
	w.writes(zhang, "知道 秘密")
	w.bury()
	w.wantOutcomes(zhang, "dead", "done handled told")
	if !strings.Contains(w.inbox[model.PersonLane(1, zhang)][0].Err, "panic") {
		t.Errorf("error kept = %q", w.inbox[model.PersonLane(1, zhang)][0].Err)
	}
	if strings.Contains(logged.String(), "秘密") {
		t.Errorf("what people wrote is logged:\n%s", &logged)
	}
}
