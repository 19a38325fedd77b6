package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// ledger is a tracer that writes down what its spans are told.
type ledger struct{ lines []string }

// Start implements [model.Tracer].
func (l *ledger) Start(_ context.Context, name, parent string) model.TraceSpan {
	return entry{l, parent + " " + name}
}

type entry struct {
	l    *ledger
	name string
}

func (e entry) Child(_ context.Context, name string) model.TraceSpan {
	return entry{e.l, e.name + " > " + name}
}
func (e entry) Set(key, word string)      { e.add("%s=%s", key, word) }
func (e entry) Count(key string, n int64) { e.add("%s=%d", key, n) }
func (e entry) End()                      { e.add("end") }
func (e entry) Traceparent() string       { return e.name }
func (e entry) TraceID() string           { return e.name }

func (e entry) Fail(err error) {
	if err != nil {
		e.add("failed")
	}
}

func (e entry) add(format string, args ...any) {
	e.l.lines = append(e.l.lines, e.name+": "+fmt.Sprintf(format, args...))
}

// traced sends with a tracer, the rows going on from these spans.
func (w *world) traced(parents ...string) []string {
	w.t.Helper()
	for i, row := range w.outbox[model.OutLane(1, zhang)] {
		row.Traceparent = parents[i]
	}
	l := &ledger{}
	sender := bot.NewSender(bot.SenderConfig{
		Store: w, Accounts: w, Pusher: w, Budget: w, Media: w, Copies: w, Wake: w.wake, Limit: 2048, Now: w.clock, Log: w.log, Trace: l,
	})
	if err := sender.Handle(w.t.Context(), w.claim(model.OutLane(1, zhang))); err != nil && !errors.Is(err, bot.ErrLetGo) {
		w.t.Fatalf("Handle: %v", err)
	}
	return l.lines
}

// Lines that go out as one message are in the trace of each event that they came from.
func TestSenderTracesWhatItMerges(t *testing.T) {
	t.Parallel()
	w := outbound(t, line(7, "a"), line(7, "b"), line(7, "c"))
	var want []string
	for _, note := range []string{"account=" + w.acc.Key, "kind=text", "attempts=1", "outcome=sent", "end"} {
		want = append(want, "first push: "+note, "second push: "+note)
	}
	if diff := cmp.Diff(want, w.traced("first", "second", "first")); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}

func TestSenderTracesWhatIsRefused(t *testing.T) {
	t.Parallel()
	w := outbound(t, notice("a"))
	w.onPush = func(model.Push) error {
		return &model.PushError{Class: model.FailRetry, Code: 45009, Err: errors.New("no")}
	}
	want := []string{
		"first push: account=" + w.acc.Key, "first push: kind=text", "first push: attempts=1",
		"first push: errcode=45009", "first push: failed", "first push: outcome=repeated", "first push: end",
	}
	if diff := cmp.Diff(want, w.traced("first")); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}
