package trace

import (
	"context"
	"log/slog"
	"sync"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// quiet is an exporter whose failures are logged now and then: the batch is lost, and nobody
// but the log wants to know.
type quiet struct {
	sdk.SpanExporter
	trouble *complaints
}

// ExportSpans implements the SDK's exporter.
func (q quiet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := q.SpanExporter.ExportSpans(ctx, spans); err != nil {
		q.trouble.note(ctx, len(spans), err)
	}
	return nil
}

// complaints logs what is wrong with the collector, once a minute at most.
type complaints struct {
	log *slog.Logger

	mu   sync.Mutex
	last time.Time
	lost int // spans, since then
}

// Handle implements OpenTelemetry's error handler.
func (c *complaints) Handle(err error) {
	c.note(context.Background(), 0, err) //nolint:forbidigo // OpenTelemetry gives none
}

func (c *complaints) note(ctx context.Context, lost int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost += lost
	if now := time.Now(); c.last.IsZero() || now.Sub(c.last) >= complain {
		c.log.WarnContext(ctx, "spans not sent", "lost", c.lost, "err", err.Error())
		c.last, c.lost = now, 0
	}
}
