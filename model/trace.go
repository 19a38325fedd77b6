package model

import "context"

// Tracer begins spans that others see; where there is none, nothing is traced and nothing is
// spent on it. See [StartTrace].
type Tracer interface {
	// Start begins a trace or, below parent, goes on with one that began elsewhere. parent is a
	// traceparent (W3C Trace Context); one that can't be read is none.
	Start(ctx context.Context, name, parent string) TraceSpan
}

// TraceSpan is a part of a trace: what was done, from when to when, and how it went. It holds words
// of the program and numbers, never what people wrote, are called or are known by.
type TraceSpan interface {
	// Child begins a span below this one.
	Child(ctx context.Context, name string) TraceSpan
	// Set notes a word. What is no word, such as a sentence, is not noted.
	Set(key, word string)
	// Count notes a number.
	Count(key string, n int64)
	// Fail notes that it went wrong and of what kind the error is, not its text; nil: nothing.
	Fail(err error)
	// End ends the span; what is noted afterwards is lost.
	End()
	// Traceparent names the span to whoever goes on with the trace later or elsewhere.
	Traceparent() string
	// TraceID names the trace in the log.
	TraceID() string
}

// spanKey is the context key of the span that is under way.
type spanKey struct{}

// StartTrace begins a span by a tracer and puts it into the context; a nil tracer begins none.
func StartTrace(ctx context.Context, t Tracer, name, parent string) (context.Context, TraceSpan) {
	if t == nil {
		return ctx, noSpan{}
	}
	return WithSpan(ctx, t.Start(ctx, name, parent))
}

// StartSpan begins a span below that of the context; where that has none, neither has this.
func StartSpan(ctx context.Context, name string) (context.Context, TraceSpan) {
	above, ok := ctx.Value(spanKey{}).(TraceSpan)
	if !ok {
		return ctx, noSpan{}
	}
	return WithSpan(ctx, above.Child(ctx, name))
}

// WithSpan puts a span into the context.
func WithSpan(ctx context.Context, span TraceSpan) (context.Context, TraceSpan) {
	return context.WithValue(ctx, spanKey{}, span), span
}

// SpanFrom is the span that is under way; without one, a span that goes nowhere.
func SpanFrom(ctx context.Context) TraceSpan {
	if span, ok := ctx.Value(spanKey{}).(TraceSpan); ok {
		return span
	}
	return noSpan{}
}

// noSpan is the span of what isn't traced.
type noSpan struct{}

func (noSpan) Child(context.Context, string) TraceSpan { return noSpan{} }
func (noSpan) Set(string, string)                      {}
func (noSpan) Count(string, int64)                     {}
func (noSpan) Fail(error)                              {}
func (noSpan) End()                                    {}
func (noSpan) Traceparent() string                     { return "" }
func (noSpan) TraceID() string                         { return "" }
