package trace_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/trace"
	"deskmate/trace/tracetest"
)

// open makes a tracer whose log the test reads.
func open(t *testing.T, endpoint string, share float64) (*trace.Tracer, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	tracer, err := trace.Open(t.Context(), trace.Config{
		Endpoint: endpoint, Share: share, Version: "1.2.3", Instance: "host-1", Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return tracer, &log
}

func closeTracer(t *testing.T, tracer *trace.Tracer) {
	t.Helper()
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	collector := tracetest.New()
	t.Cleanup(collector.Close)
	tracer, log := open(t, collector.URL+"/", 1)
	ctx, root := model.StartTrace(t.Context(), tracer, "callback", "")
	root.Set("account", "it")
	root.Set("http.route", "/api/v1/accounts/:account/entries")
	root.Set("said", "年假有几天")
	root.Set("said", "how many days")
	root.Set("said", strings.Repeat("x", 129))
	root.Count("attempts", 2)
	_, child := model.StartSpan(ctx, "accept")
	child.Fail(nil)
	child.End()
	_, refused := model.StartSpan(ctx, "wecom")
	refused.Fail(&model.PushError{Class: model.FailAlert, Err: errors.New("王芳 is not allowed")})
	refused.End()
	// Later, and elsewhere: a trace goes on from what was stored.
	_, later := model.StartTrace(t.Context(), tracer, "event", child.Traceparent())
	later.Fail(model.Invalid("too_long", "年假有几天 is too long"))
	later.End()
	_, other := model.StartTrace(ctx, tracer, "other", "nonsense")
	other.Fail(errors.New("年假有几天"))
	other.End()
	root.End()
	closeTracer(t, tracer)

	spans := map[string]tracetest.Span{}
	for _, s := range collector.Spans() {
		spans[s.Name] = s
		if all := strings.Join(s.Texts, " "); strings.ContainsAny(all, "年王x") || strings.Contains(all, "how many") {
			t.Errorf("span %s says what a person wrote: %s", s.Name, all)
		}
	}
	parents := map[string]string{}
	for name, s := range spans {
		for _, p := range spans {
			if p.ID == s.Parent && p.Trace == s.Trace {
				parents[name] = p.Name
			}
		}
	}
	if diff := cmp.Diff(map[string]string{"accept": "callback", "wecom": "callback", "event": "accept"}, parents); diff != "" {
		t.Errorf("parents (-want +got):\n%s", diff)
	}
	want := map[string]string{"deskmate.account": "it", "http.route": "/api/v1/accounts/:account/entries", "deskmate.attempts": "2"}
	if diff := cmp.Diff(want, spans["callback"].Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	failed := map[string]string{}
	for name, s := range spans {
		failed[name] = s.Failed
	}
	if diff := cmp.Diff(map[string]string{"callback": "", "accept": "", "wecom": "alert", "event": "too_long", "other": "internal"}, failed); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if o := spans["other"]; o.Parent != "" || o.Trace == spans["callback"].Trace {
		t.Errorf("a parent that is none: %+v", o)
	}
	if about := strings.Join(spans["callback"].Texts, " "); !strings.Contains(about, "service.instance.id host-1 service.name deskmate service.version 1.2.3") {
		t.Errorf("resource: %s", about)
	}
	if log.Len() > 0 {
		t.Errorf("logged: %s", log)
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	collector := tracetest.New()
	t.Cleanup(collector.Close)
	tracer, _ := open(t, collector.URL, 0)
	ctx, root := model.StartTrace(t.Context(), tracer, "callback", "")
	_, child := model.StartSpan(ctx, "accept")
	if !strings.HasSuffix(child.Traceparent(), "-00") {
		t.Errorf("traceparent %s: those who go on would not know that nothing is kept", child.Traceparent())
	}
	_, later := model.StartTrace(t.Context(), tracer, "event", child.Traceparent())
	later.End()
	child.End()
	root.End()
	// A caller of the API whose trace is kept has ours kept, too.
	_, asked := model.StartTrace(t.Context(), tracer, "asked", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	asked.End()
	closeTracer(t, tracer)
	spans := collector.Spans()
	if len(spans) != 1 || spans[0].Name != "asked" || spans[0].Trace != "4bf92f3577b34da6a3ce929d0e0e4736" || spans[0].Parent != "00f067aa0ba902b7" {
		t.Errorf("spans: %+v", spans)
	}
}

func TestCollectorRefuses(t *testing.T) {
	t.Parallel()
	answered := make(chan struct{}, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		answered <- struct{}{}
	}))
	t.Cleanup(collector.Close)
	tracer, log := open(t, collector.URL, 1)
	const many = 600 // more than one batch
	for range many {
		_, span := model.StartTrace(t.Context(), tracer, "callback", "")
		span.End()
	}
	closeTracer(t, tracer)
	if len(answered) < 2 {
		t.Fatalf("%d batches were sent, want several", len(answered))
	}
	if got := strings.Count(log.String(), "spans not sent"); got != 1 {
		t.Errorf("logged %d times, want once a minute:\n%s", got, log)
	}
}

func TestCollectorHangs(t *testing.T) {
	t.Parallel()
	let := make(chan struct{})
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-let }))
	t.Cleanup(collector.Close)
	t.Cleanup(func() { close(let) })
	tracer, _ := open(t, collector.URL, 1)
	start := time.Now()
	const many = 20_000 // far beyond the queue
	for range many {
		_, span := model.StartTrace(t.Context(), tracer, "callback", "")
		span.End()
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("%d spans took %v while the collector hung", many, took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start = time.Now()
	if err := tracer.Close(ctx); err == nil {
		t.Error("the spans were sent to a collector that hangs")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("closing took %v, want the deadline of 100 ms", took)
	}
}

func TestInLog(t *testing.T) {
	t.Parallel()
	collector := tracetest.New()
	t.Cleanup(collector.Close)
	tracer, _ := open(t, collector.URL, 1)
	var text bytes.Buffer
	log := slog.New(trace.InLog(slog.NewTextHandler(&text, nil))).With("component", "bot")
	log.InfoContext(t.Context(), "outside")
	ctx, span := model.StartTrace(t.Context(), tracer, "event", "")
	log.InfoContext(ctx, "inside")
	span.End()
	closeTracer(t, tracer)
	outside, inside, _ := strings.Cut(text.String(), "\n")
	if strings.Contains(outside, trace.LogKey) || !strings.Contains(inside, "component=bot trace_id="+collector.Spans()[0].Trace) {
		t.Errorf("log:\n%s", text.String())
	}
}
