package bot_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// outbound is a world whose lane to zhang has pushes waiting.
func outbound(t *testing.T, pushes ...model.Push) *world {
	t.Helper()
	w := newWorld(t)
	for _, p := range pushes {
		p.Receiver = zhang
		w.ids++
		lane := w.lane(model.OutLane(1, zhang), model.LaneOut)
		w.outbox[lane.Lane] = append(w.outbox[lane.Lane], &model.Outbox{
			ID: w.ids, AccountID: 1, Lane: lane.Lane, SessionID: p.Session, Push: p, State: model.OutPending, CreatedMS: w.now.UnixMilli(),
		})
	}
	return w
}

func (w *world) send() error {
	w.t.Helper()
	return w.sender().Handle(w.t.Context(), w.claim(model.OutLane(1, zhang)))
}

// waits is how long the lane to zhang rests from now on.
func (w *world) waits() time.Duration {
	return model.Time(w.lanes[model.OutLane(1, zhang)].RunAtMS).Sub(w.now)
}

// sent is what WeCom got, in order.
func (w *world) sent() []string {
	var list []string
	for _, p := range w.pushed {
		if p.Kind == model.PushText {
			list = append(list, p.Text)
		} else {
			list = append(list, string(p.Kind))
		}
	}
	return list
}

// states is how far the pushes have come.
func (w *world) states() []model.OutboxState {
	var list []model.OutboxState
	for _, row := range w.outbox[model.OutLane(1, zhang)] {
		list = append(list, row.State)
	}
	return list
}

func line(session uint64, text string) model.Push {
	return model.Push{Kind: model.PushText, Text: text, Session: session, Author: lin, Merge: true}
}

func notice(text string) model.Push { return model.Push{Kind: model.PushText, Text: text, Session: 7} }

func cardPush() model.Push {
	return model.Push{Kind: model.PushCard, Card: &model.Card{Kind: model.CardButtons, Title: "t", TaskID: "x"}}
}

func TestSenderOrderAndMerging(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1500)
	image := model.Push{Kind: model.PushImage, MediaID: "m1", Session: 7, Author: lin}
	tests := []struct {
		name   string
		pushes []model.Push
		want   []string
	}{
		{"lines_of_one_session", []model.Push{line(7, "a"), line(7, "b"), line(7, "c")}, []string{"a\nb\nc"}},
		{"lines_of_two_sessions", []model.Push{line(7, "a"), line(8, "b"), line(7, "c")}, []string{"a", "b", "c"}},
		{"a_notice_stays_alone", []model.Push{line(7, "a"), notice("b"), line(7, "c"), notice("d"), notice("e")}, []string{"a", "b", "c", "d", "e"}},
		{"a_picture_stays_in_its_place", []model.Push{line(7, "a"), image, line(7, "b"), line(7, "c")}, []string{"a", "image", "b\nc"}},
		{"as_much_as_fits", []model.Push{line(7, long), line(7, long[:547]), line(7, "b")}, []string{long + "\n" + long[:547], "b"}},
		{"what_does_not_fit", []model.Push{line(7, long), line(7, long[:548]), line(7, "b")}, []string{long, long[:548] + "\nb"}},
		{"more_than_one_batch", manyNotices(45), manyTexts(45)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := outbound(t, tt.pushes...)
			for range 5 {
				if err := w.send(); err != nil {
					t.Fatalf("Handle: %v", err)
				}
			}
			if diff := cmp.Diff(tt.want, w.sent()); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			for _, row := range w.outbox[model.OutLane(1, zhang)] {
				if row.State != model.OutSent || row.MsgID == "" || row.Attempts != 1 {
					t.Errorf("push is %s as %q after %d attempts", row.State, row.MsgID, row.Attempts)
				}
			}
		})
	}
}

func manyNotices(n int) []model.Push {
	list := make([]model.Push, n)
	for i, text := range manyTexts(n) {
		list[i] = notice(text)
	}
	return list
}

func manyTexts(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.Repeat("n", i+1)
	}
	return list
}

func TestSenderBudget(t *testing.T) {
	t.Parallel()
	t.Run("waits", func(t *testing.T) {
		t.Parallel()
		w := outbound(t, notice("a"))
		w.budget = func() (time.Duration, error) { return 40 * time.Second, nil }
		if err := w.send(); !errors.Is(err, bot.ErrLetGo) {
			t.Errorf("Handle = %v, want it delayed", err)
		}
		if len(w.pushed) != 0 || w.waits() != 40*time.Second {
			t.Errorf("%d were sent, the lane waits %s", len(w.pushed), w.waits())
		}
		if diff := cmp.Diff([]model.OutboxState{model.OutPending}, w.states()); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
	t.Run("once_for_what_is_sent_together", func(t *testing.T) {
		t.Parallel()
		takes := 0
		update := model.Push{Kind: model.PushUpdate, Update: &model.CardUpdate{ResponseCode: "c", Replace: "r"}}
		w := outbound(t, line(7, "a"), line(7, "b"), update, model.Push{Kind: model.PushRecall, MsgID: "m"}, cardPush())
		w.budget = func() (time.Duration, error) { takes++; return 0, nil }
		if err := w.send(); err != nil {
			t.Fatalf("Handle: %v", err)
		}
		if len(w.pushed) != 4 || takes != 2 {
			t.Errorf("%d sends took %d from the budget, want 4 and 2", len(w.pushed), takes)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		w := outbound(t, notice("a"))
		w.budget = func() (time.Duration, error) { return 0, model.ErrUnavailable }
		if err := w.send(); !errors.Is(err, model.ErrUnavailable) || len(w.pushed) != 0 {
			t.Errorf("Handle = %v with %d sent", err, len(w.pushed))
		}
	})
}

// refused makes WeCom refuse everything.
func (w *world) refused(class model.FailureClass, after time.Duration) {
	w.onPush = func(model.Push) error {
		return &model.PushError{Class: class, After: after, Code: 45009, Err: errors.New("no")}
	}
}

func TestSenderRetries(t *testing.T) {
	t.Parallel()
	w := outbound(t, line(7, "a"), notice("b"))
	w.refused(model.FailRetry, 0)
	tries := 0
	for delayed := true; delayed; tries++ {
		if tries == 12 {
			w.now = noon().Add(24 * time.Hour)
			w.onPush = func(p model.Push) error {
				if p.Text == "a" { // is given up now, and what waits behind it goes out
					return &model.PushError{Class: model.FailRetry, Err: errors.New("no")}
				}
				return nil
			}
		}
		delayed = errors.Is(w.send(), bot.ErrLetGo)
		most := min(500*time.Millisecond<<tries, 2*time.Minute)
		if wait := w.waits(); delayed && (wait < most/2-time.Millisecond || wait > most) {
			t.Errorf("pause %d is %s, want %s to %s", tries, wait, most/2, most)
		}
		w.now = w.now.Add(max(w.waits(), 0))
	}
	if tries != 13 {
		t.Errorf("tried %d times, want 12 and once more after a day", tries)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutDead, model.OutSent}, w.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	w.wantOutcomes(lin, "pending")
}

// What an operator has sent again has a day of its own.
func TestSenderRetriesWhatWasRevived(t *testing.T) {
	t.Parallel()
	w := outbound(t, notice("a"))
	w.now = noon().Add(30 * time.Hour)
	w.outbox[model.OutLane(1, zhang)][0].RetriedMS = w.now.Add(-time.Hour).UnixMilli()
	w.refused(model.FailRetry, 0)
	if err := w.send(); !errors.Is(err, bot.ErrLetGo) {
		t.Errorf("Handle = %v", err)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutPending}, w.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestSenderWaitsAsLongAsWeComSays(t *testing.T) {
	t.Parallel()
	for _, class := range []model.FailureClass{model.FailRetry, model.FailAlert} {
		w := outbound(t, notice("a"))
		w.refused(class, time.Hour)
		if err := w.send(); !errors.Is(err, bot.ErrLetGo) || w.waits() != time.Hour {
			t.Errorf("%s: Handle = %v, waits %s", class, err, w.waits())
		}
	}
}

func TestSenderAlerts(t *testing.T) {
	t.Parallel()
	w := outbound(t, line(7, "a"), notice("b"))
	w.refused(model.FailAlert, 0)
	for range 20 { // more often than other failures are tried
		if err := w.send(); !errors.Is(err, bot.ErrLetGo) || w.waits() != time.Minute {
			t.Fatalf("Handle = %v, waits %s", err, w.waits())
		}
		w.now = w.now.Add(time.Minute)
	}
	w.now = noon().Add(24 * time.Hour)
	if err := w.send(); err != nil {
		t.Fatalf("Handle = %v", err)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutDead, model.OutDead}, w.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

// What WeCom refuses for a reason that nobody knows must not hold up the lane for a day.
func TestSenderGivesUpWhatIsPuzzling(t *testing.T) {
	t.Parallel()
	w := outbound(t, line(7, "a"), notice("b"))
	w.onPush = func(p model.Push) error {
		if p.Text == "a" {
			return &model.PushError{Class: model.FailAlert, Code: 99999, Puzzling: true, Err: errors.New("no")}
		}
		return nil
	}
	tries := 1
	for errors.Is(w.send(), bot.ErrLetGo) {
		tries++
		w.now = w.now.Add(time.Minute)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutDead, model.OutSent}, w.states()); diff != "" || tries != 10 {
		t.Errorf("after %d tries, states (-want +got):\n%s", tries, diff)
	}
	w.wantOutcomes(lin, "pending") // the author will be told
}

func TestSenderDrops(t *testing.T) {
	t.Parallel()
	image := model.Push{Kind: model.PushImage, MediaID: "m1", Session: 7, Author: lin}
	w := outbound(t, line(7, "a"), line(7, "b"), image, notice("c"))
	w.onPush = func(p model.Push) error {
		if p.Author == "" {
			return nil
		}
		return &model.PushError{Class: model.FailDrop, Code: 81013, Err: errors.New("no")}
	}
	if err := w.send(); err != nil {
		t.Fatalf("Handle: %v", err)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutDead, model.OutDead, model.OutDead, model.OutSent}, w.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	var got []string
	for _, row := range w.inbox[model.PersonLane(1, lin)] {
		got = append(got, renderEvent(row.Event))
	}
	want := []string{
		"push_failed session=7 target=zhang reason=dead: a",
		"push_failed session=7 target=zhang reason=dead: b",
		"push_failed session=7 target=zhang reason=dead: image ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the author is told (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]model.LaneKind{model.LaneIn, model.LaneIn}, w.woken); diff != "" {
		t.Errorf("woken (-want +got):\n%s", diff)
	}
}

// What may have arrived is repeated as the policy says: a person's line once, our own words
// three times, and a card until WeCom knows its task.
func TestSenderUncertain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		push  model.Push
		tries int
		want  model.OutboxState
		told  []string
	}{
		{"line", line(7, "a"), 2, model.OutUncertain, []string{"push_failed session=7 target=zhang reason=uncertain: a"}},
		{"notice", notice("a"), 4, model.OutUncertain, nil},
		{"card", cardPush(), 4, model.OutUncertain, nil},
	}
	for _, tt := range tests {
		for _, how := range []struct {
			name string
			err  error
		}{
			{"classed", &model.PushError{Class: model.FailUncertain, Err: errors.New("timeout")}},
			{"unclassed", errors.New("timeout")},
		} {
			t.Run(tt.name+"/"+how.name, func(t *testing.T) {
				t.Parallel()
				w := outbound(t, tt.push)
				tries := 0
				w.onPush = func(model.Push) error { tries++; return how.err }
				var err error
				for err = w.send(); errors.Is(err, bot.ErrLetGo); err = w.send() {
					if w.waits() <= 0 {
						t.Error("repeated without a pause")
					}
				}
				if err != nil || tries != tt.tries || w.states()[0] != tt.want {
					t.Errorf("Handle = %v, %d tries, %s; want %d, %s", err, tries, w.states()[0], tt.tries, tt.want)
				}
				var told []string
				for _, row := range w.inbox[model.PersonLane(1, lin)] {
					told = append(told, renderEvent(row.Event))
				}
				if diff := cmp.Diff(tt.told, told); diff != "" {
					t.Errorf("the author is told (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestSenderCardThatArrivedAfterAll(t *testing.T) {
	t.Parallel()
	w := outbound(t, cardPush())
	w.refused(model.FailUncertain, 0)
	if err := w.send(); !errors.Is(err, bot.ErrLetGo) {
		t.Fatalf("Handle = %v", err)
	}
	w.refused(model.FailDrop, 0) // the task_id is taken
	if err := w.send(); err != nil {
		t.Fatalf("Handle = %v", err)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutSent}, w.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

// Lines that went out together and may have arrived go out alone the second time, so that
// what is repeated is known line by line.
func TestSenderUncertainLinesGoAlone(t *testing.T) {
	t.Parallel()
	w := outbound(t, line(7, "a"), line(7, "b"), line(7, "c"))
	w.refused(model.FailUncertain, 0)
	if err := w.send(); !errors.Is(err, bot.ErrLetGo) {
		t.Fatalf("Handle = %v", err)
	}
	w.onPush = nil
	if err := w.send(); err != nil {
		t.Fatalf("Handle = %v", err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, w.sent()); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestSenderInterrupted(t *testing.T) {
	t.Parallel()
	w := outbound(t, line(7, "a"), line(7, "b"))
	for _, row := range w.outbox[model.OutLane(1, zhang)] { // a worker was killed here
		row.State, row.Attempts = model.OutSending, 1
	}
	for range 2 { // each of them may have arrived
		if err := w.send(); !errors.Is(err, bot.ErrLetGo) {
			t.Fatalf("Handle = %v, want it delayed", err)
		}
	}
	if err := w.send(); err != nil {
		t.Fatalf("Handle = %v", err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, w.sent()); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	for _, row := range w.outbox[model.OutLane(1, zhang)] {
		if row.Uncertain != 1 {
			t.Errorf("%d uncertain attempts, want 1", row.Uncertain)
		}
	}
}

func TestSenderFenced(t *testing.T) {
	t.Parallel()
	w := outbound(t, notice("a"))
	lane := w.claim(model.OutLane(1, zhang))
	w.claim(model.OutLane(1, zhang)) // by somebody else
	if err := w.sender().Handle(t.Context(), lane); !errors.Is(err, model.ErrFenced) || len(w.pushed) != 0 {
		t.Errorf("Handle = %v with %d sent, want ErrFenced and none", err, len(w.pushed))
	}
}

// What WeCom said is noted even when the program is being stopped.
func TestSenderStopped(t *testing.T) {
	t.Parallel()
	w := outbound(t, notice("a"), notice("b"))
	ctx, cancel := context.WithCancel(t.Context())
	w.onPush = func(model.Push) error { cancel(); return nil }
	strict := cancelled{w}
	cfg := bot.SenderConfig{
		Store: strict, Accounts: w, Pusher: w, Budget: w, Wake: w.wake, Limit: 2048, Now: w.clock, Log: w.log,
	}
	if err := bot.NewSender(cfg).Handle(ctx, w.claim(model.OutLane(1, zhang))); err != nil {
		t.Errorf("Handle = %v", err)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutSent, model.OutPending}, w.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

// The lane is let go of with the last push, and only with the last.
func TestSenderLetsGoWithTheLast(t *testing.T) {
	t.Parallel()
	w := outbound(t, notice("a"), notice("b"))
	w.letsGo = true
	if err := w.send(); !errors.Is(err, bot.ErrLetGo) {
		t.Errorf("Handle = %v, want ErrLetGo", err)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutSent, model.OutSent}, w.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

// cancelled is a store that heeds the end of a context.
type cancelled struct{ *world }

// MarkSentLast implements [bot.OutboxStore].
func (c cancelled) MarkSentLast(ctx context.Context, lane model.Lane, ids []uint64, receipt model.Receipt) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return c.world.MarkSentLast(ctx, lane, ids, receipt)
}

// MarkSent implements [bot.OutboxStore].
func (c cancelled) MarkSent(ctx context.Context, lane model.Lane, ids []uint64, receipt model.Receipt) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.world.MarkSent(ctx, lane, ids, receipt)
}

func TestSenderTellsOfItsWork(t *testing.T) {
	t.Parallel()
	w := outbound(t, line(7, "秘密"), cardPush(), notice("秘密"))
	var logged bytes.Buffer
	results := map[string]int{}
	waited := time.Duration(0)
	cfg := bot.SenderConfig{
		Store: w, Accounts: w, Pusher: w, Budget: w, Wake: w.wake, Limit: 2048, Now: w.clock,
		Log:     slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Observe: func(result string, d time.Duration) { results[result]++; waited += d },
	}
	answers := []error{
		&model.PushError{Class: model.FailDrop, Err: errors.New("no")},
		&model.PushError{Class: model.FailUncertain, Err: errors.New("timeout")},
		nil, nil,
	}
	w.onPush = func(model.Push) error {
		next := answers[0]
		answers = answers[1:]
		return next
	}
	lane := w.claim(model.OutLane(1, zhang))
	if err := bot.NewSender(cfg).Handle(t.Context(), lane); !errors.Is(err, bot.ErrLetGo) {
		t.Fatalf("Handle = %v", err)
	}
	w.now = w.now.Add(3 * time.Second)
	if err := bot.NewSender(cfg).Handle(t.Context(), lane); err != nil {
		t.Fatalf("Handle = %v", err)
	}
	if diff := cmp.Diff(map[string]int{"dead": 1, "uncertain": 1, "repeated": 1, "sent": 2}, results); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
	if waited != 6*time.Second {
		t.Errorf("observed %s of waiting, want 6s", waited)
	}
	if strings.Contains(logged.String(), "秘密") {
		t.Errorf("what people wrote is logged:\n%s", &logged)
	}
}
