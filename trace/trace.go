// Package trace sends spans to a collector by OTLP over HTTP. It is the only one that knows
// OpenTelemetry; the others begin spans with [model.StartTrace] and [model.StartSpan]. It must
// never hold anybody up: what the collector doesn't take is dropped.
package trace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"

	"deskmate/model"
)

const (
	sendTimeout = 10 * time.Second // of one batch, its repeats included
	complain    = time.Minute      // between log lines about the collector
)

// Config is what a tracer works with. Every field is required.
type Config struct {
	Endpoint string  // of the collector: http(s), without /v1/traces
	Share    float64 // of new traces that are kept, from 0 to 1
	Version  string  // of the program
	Instance string  // names this process
	Log      *slog.Logger
}

// Tracer is a [model.Tracer] that sends its spans to a collector.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   api.Tracer
}

// Open makes a tracer. Whether there is a collector is seen when there are spans.
func Open(ctx context.Context, cfg Config) (*Tracer, error) {
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(strings.TrimRight(cfg.Endpoint, "/")+"/v1/traces"),
		otlptracehttp.WithTimeout(sendTimeout),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
			Enabled: true, InitialInterval: time.Second, MaxInterval: sendTimeout / 2, MaxElapsedTime: sendTimeout,
		}))
	if err != nil {
		return nil, fmt.Errorf("open traces: %w", err)
	}
	trouble := &complaints{log: cfg.Log.With("component", "trace")}
	otel.SetErrorHandler(trouble) // of what the exporter below doesn't see
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(quiet{exporter, trouble}, sdk.WithExportTimeout(sendTimeout)),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(cfg.Share))),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "deskmate"),
			attribute.String("service.version", cfg.Version),
			attribute.String("service.instance.id", cfg.Instance),
		)),
	)
	return &Tracer{provider: provider, tracer: provider.Tracer("deskmate")}, nil
}

// Close sends what is still to be sent, for as long as ctx allows.
func (t *Tracer) Close(ctx context.Context) error {
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last spans: %w", err)
	}
	return nil
}

// Start implements [model.Tracer].
func (t *Tracer) Start(ctx context.Context, name, parent string) model.TraceSpan {
	above := propagation.MapCarrier{"traceparent": parent}
	ctx = api.ContextWithSpanContext(ctx, api.SpanContext{})
	return t.start(propagation.TraceContext{}.Extract(ctx, above), name)
}

func (t *Tracer) start(ctx context.Context, name string) span {
	_, s := t.tracer.Start(ctx, name)
	return span{tracer: t, span: s}
}

// span is a [model.TraceSpan].
type span struct {
	tracer *Tracer
	span   api.Span
}

// Child implements [model.TraceSpan].
func (s span) Child(ctx context.Context, name string) model.TraceSpan {
	return s.tracer.start(api.ContextWithSpan(ctx, s.span), name)
}

// Set implements [model.TraceSpan].
func (s span) Set(key, word string) {
	if s.span.IsRecording() && isWord(word) {
		s.span.SetAttributes(attribute.String(keyOf(key), word))
	}
}

// Count implements [model.TraceSpan].
func (s span) Count(key string, n int64) {
	if s.span.IsRecording() {
		s.span.SetAttributes(attribute.Int64(keyOf(key), n))
	}
}

// Fail implements [model.TraceSpan].
func (s span) Fail(err error) {
	if err != nil && s.span.IsRecording() {
		s.span.SetStatus(codes.Error, kindOf(err))
	}
}

// End implements [model.TraceSpan].
func (s span) End() { s.span.End() }

// Traceparent implements [model.TraceSpan].
func (s span) Traceparent() string {
	c := s.span.SpanContext()
	return "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-" + c.TraceFlags().String()
}

// TraceID implements [model.TraceSpan].
func (s span) TraceID() string { return s.span.SpanContext().TraceID().String() }

// keyOf puts the program's own keys apart from those that OpenTelemetry defines.
func keyOf(key string) string {
	if strings.Contains(key, ".") {
		return key
	}
	return "deskmate." + key
}

// longest is how long a word may be.
const longest = 128

// isWord reports whether a text is of the kind that programs give things: what people write
// has spaces, Chinese characters or is longer.
func isWord(s string) bool {
	if s == "" || len(s) > longest {
		return false
	}
	for _, r := range s {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !letter && !strings.ContainsRune("_-./:*{}", r) {
			return false
		}
	}
	return true
}

// kindOf is what a span may say of an error: its text may quote a person.
func kindOf(err error) string {
	if e, ok := errors.AsType[*model.Error](err); ok && isWord(e.Reason) {
		return e.Reason
	}
	if e, ok := errors.AsType[*model.PushError](err); ok {
		return string(e.Class)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return string(model.CodeOf(err))
}
