package bot

import (
	"context"
	"slices"

	"deskmate/model"
)

// traced sends one message, as a span of every trace whose pushes it carries.
func (s *Sender) traced(ctx context.Context, lane model.Lane, acc model.Account, p parcel) error {
	if s.cfg.Trace == nil {
		return s.sendParcel(ctx, lane, acc, p)
	}
	ctx, span := model.WithSpan(ctx, s.startPush(ctx, p.group))
	defer span.End()
	span.Set("account", acc.Key)
	span.Set("kind", string(p.push.Kind))
	span.Count("attempts", int64(p.group[0].Attempts)+1)
	return s.sendParcel(ctx, lane, acc, p)
}

// startPush begins the spans of rows that go out together: one below each span they came from.
func (s *Sender) startPush(ctx context.Context, group []model.Outbox) model.TraceSpan {
	var spans sameSpans
	var parents []string
	for _, row := range group {
		if slices.Contains(parents, row.Traceparent) {
			continue
		}
		parents = append(parents, row.Traceparent)
		spans = append(spans, s.cfg.Trace.Start(ctx, "push", row.Traceparent))
	}
	return spans
}

// sameSpans are one thing that was done, in several traces; at least one. What is below it is
// in the first.
type sameSpans []model.TraceSpan

func (l sameSpans) Child(ctx context.Context, name string) model.TraceSpan {
	return l[0].Child(ctx, name)
}
func (l sameSpans) Traceparent() string { return l[0].Traceparent() }
func (l sameSpans) TraceID() string     { return l[0].TraceID() }

func (l sameSpans) Set(key, word string) {
	for _, s := range l {
		s.Set(key, word)
	}
}

func (l sameSpans) Count(key string, n int64) {
	for _, s := range l {
		s.Count(key, n)
	}
}

func (l sameSpans) Fail(err error) {
	for _, s := range l {
		s.Fail(err)
	}
}

func (l sameSpans) End() {
	for _, s := range l {
		s.End()
	}
}
