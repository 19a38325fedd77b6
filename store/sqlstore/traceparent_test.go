package sqlstore_test

import (
	"context"
	"testing"

	"deskmate/model"
)

// named is a span that is known by its traceparent alone.
type named struct {
	model.TraceSpan
	parent string
}

// Traceparent implements [model.TraceSpan].
func (n named) Traceparent() string { return n.parent }

// in is a context in which such a span is under way.
func (n named) in(t *testing.T) context.Context {
	t.Helper()
	ctx, _ := model.WithSpan(t.Context(), n)
	return ctx
}

const (
	acceptSpan = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	applySpan  = "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-01"
)

func TestTraceparent(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		if _, err := d.Accept(named{parent: acceptSpan}.in(t), d.inbound("wang", "traced"), d.person("wang")); err != nil {
			t.Fatal(err)
		}
		lane := d.hold(t, d.person("wang"))
		row := d.pending(t, lane)[0]
		if row.Traceparent != acceptSpan {
			t.Errorf("an event that was accepted: %q", row.Traceparent)
		}
		step := model.Step{
			Lane: lane, InboxID: row.ID, Outcome: model.OutcomeHandled, Reason: "test", At: d.nowMS(),
			Pushes:   []model.Push{{Receiver: "wang", Kind: model.PushText, Text: "好"}},
			Forwards: []model.Forward{{Person: "li", Event: model.Event{Kind: model.EventSeatAway, Seat: "li"}}},
		}
		if _, err := d.Apply(named{parent: applySpan}.in(t), step); err != nil {
			t.Fatal(err)
		}
		pushes, err := d.PendingOutbox(t.Context(), d.hold(t, model.OutLane(d.acc.ID, "wang")), 10)
		if err != nil || len(pushes) != 1 || pushes[0].Traceparent != applySpan {
			t.Errorf("pushes of a step: %+v, %v", pushes, err)
		}
		if told := d.pending(t, d.hold(t, d.person("li"))); len(told) != 1 || told[0].Traceparent != applySpan {
			t.Errorf("events of a step: %+v", told)
		}
	})
}

func TestTraceparent_of_what_is_not_traced(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		step.Pushes = []model.Push{{Receiver: "wang", Kind: model.PushText, Text: "好"}}
		d.apply(t, step)
		for _, table := range []string{"inbox", "outbox"} {
			var filled, rows int64
			err := d.Raw().Table(table).Select("COALESCE(SUM(CASE WHEN traceparent = '' THEN 0 ELSE 1 END), 0), COUNT(*)").Row().Scan(&filled, &rows)
			if err != nil || filled != 0 || rows == 0 {
				t.Errorf("%s: %d of %d rows name a span, %v", table, filled, rows, err)
			}
		}
	})
}
