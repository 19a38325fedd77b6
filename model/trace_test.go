package model_test

import (
	"errors"
	"testing"

	"deskmate/model"
)

// untraced is what a message's way through the program does to a trace that nobody keeps.
func untraced(tb testing.TB) {
	tb.Helper()
	ctx, span := model.StartTrace(tb.Context(), nil, "callback", "")
	span.Set("account", "it")
	child, below := model.StartSpan(ctx, "load")
	below.Count("attempts", 3)
	below.Fail(errUntraced)
	below.End()
	model.SpanFrom(child).Set("outcome", "answered")
	if model.SpanFrom(child).Traceparent() != "" || model.SpanFrom(child).TraceID() != "" {
		tb.Fatal("a span without a tracer has a name")
	}
	span.End()
}

var errUntraced = errors.New("some failure")

func TestUntracedCostsNothing(t *testing.T) { //nolint:paralleltest // counts allocations
	if n := testing.AllocsPerRun(100, func() { untraced(t) }); n != 0 {
		t.Errorf("a message that isn't traced costs %v allocations, want none", n)
	}
}

func BenchmarkUntraced(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		untraced(b)
	}
}
