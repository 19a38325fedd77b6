package bot_test

import (
	"slices"
	"testing"
	"time"

	"deskmate/model"
)

func shareLine(text string) model.Push {
	p := line(7, text)
	p.Author, p.Fanout, p.Line = li, "李四有新消息", true
	return p
}

// Once the account has used its share of the day, lines for several seats become a notice in
// ten minutes; what goes to one seat goes on.
func TestSenderSpares(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		used    int
		err     error
		percent int
		perDay  int
		want    []string
	}{
		{"below", 499, nil, 50, 1000, []string{"一\n二", "三"}},
		{"reached", 500, nil, 50, 1000, []string{"李四有新消息", "三"}},
		{"never", 1000, nil, 100, 1000, []string{"一\n二", "三"}},
		{"no limit", 1000, nil, 50, 0, []string{"一\n二", "三"}},
		{"nobody knows", 1000, model.ErrUnavailable, 50, 1000, []string{"一\n二", "三"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := outbound(t, shareLine("一"), shareLine("二"), line(7, "三"))
			w.used, w.usedErr = tt.used, tt.err
			w.acc.Policy.Limits = model.Limits{PushesPerDay: tt.perDay, SharedPercent: tt.percent}
			if err := w.send(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(w.sent(), tt.want) {
				t.Errorf("sent %q, want %q", w.sent(), tt.want)
			}
			if slices.ContainsFunc(w.states(), func(s model.OutboxState) bool { return s != model.OutSent }) {
				t.Errorf("states %v", w.states())
			}
		})
	}
}

func TestSenderNoticesAgain(t *testing.T) {
	t.Parallel()
	picture := model.Push{Kind: model.PushImage, MediaID: "m", Session: 7, Author: li, Fanout: "李四有新消息"}
	other := shareLine("八")
	other.Session, other.Fanout = 8, "王五有新消息"
	w := outbound(t, shareLine("一"), picture, other)
	w.used = 1000
	w.acc.Policy.Limits = model.Limits{PushesPerDay: 1000, SharedPercent: 50}
	failed := 0
	w.onPush = func(model.Push) error {
		if failed++; failed == 1 {
			return &model.PushError{Class: model.FailRetry, Err: model.ErrUnavailable}
		}
		return nil
	}
	s := w.sender()
	lane := model.OutLane(1, zhang)
	for range 2 { // the first try fails, and was no notice
		_ = s.Handle(t.Context(), w.claim(lane))
	}
	if want := []string{"李四有新消息", "王五有新消息"}; !slices.Equal(w.sent(), want) {
		t.Fatalf("sent %q, want %q", w.sent(), want)
	}
	for i, after := range []time.Duration{9 * time.Minute, time.Minute} {
		w.now = w.now.Add(after)
		more := outbound(t, shareLine("二"))
		row := *more.outbox[lane][0]
		row.ID = w.nextID()
		w.outbox[lane] = append(w.outbox[lane], &row)
		if err := s.Handle(t.Context(), w.claim(lane)); err != nil {
			t.Fatal(err)
		}
		if len(w.sent()) != 2+i {
			t.Errorf("%s later: sent %q", after, w.sent())
		}
	}
}

// The change of a card by session takes the code of its send; without one nothing happens, and
// neither does anything where WeCom doesn't take the code.
func TestSenderChangesCards(t *testing.T) {
	t.Parallel()
	change := model.Push{Kind: model.PushUpdate, Session: 7, Update: &model.CardUpdate{Replace: "已由李四接待"}}
	desk := model.Push{Kind: model.PushCard, Session: 7, Card: &model.Card{Kind: model.CardButtons, Title: "t", TaskID: "desk-1-0"}}
	send := func(t *testing.T, onPush func(model.Push) error, pushes ...model.Push) *world {
		t.Helper()
		w := outbound(t, pushes...)
		for _, r := range w.outbox[model.OutLane(1, zhang)] {
			if r.Push.Card != nil {
				r.TaskID = r.Push.Card.TaskID
			}
		}
		w.onPush = onPush
		if err := w.send(); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(w.states(), func(s model.OutboxState) bool { return s != model.OutSent }) {
			t.Errorf("states %v", w.states())
		}
		return w
	}
	if w := send(t, nil, desk, change); len(w.pushed) != 2 || w.pushed[1].Update.ResponseCode != "rc1" {
		t.Errorf("pushed %+v", w.pushed)
	}
	if w := send(t, nil, change); len(w.pushed) != 0 {
		t.Errorf("without a card: %+v", w.pushed)
	}
	send(t, func(p model.Push) error {
		if p.Kind == model.PushUpdate {
			return &model.PushError{Class: model.FailDrop, Err: model.ErrUnavailable}
		}
		return nil
	}, desk, change)
}
