// Package tracetest is a collector of traces for tests. It takes OTLP over HTTP and keeps what
// it is sent.
package tracetest

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector keeps spans. Its URL is a tracer's endpoint.
type Collector struct {
	*httptest.Server

	mu    sync.Mutex
	posts int
	spans []Span
}

// Span is a span as it was sent.
type Span struct {
	Trace, ID, Parent string // hexadecimal; Parent is "" at the top
	Name              string
	Failed            string // the kind of error; "" for none
	Attributes        map[string]string
	Texts             []string // all that it says, its resource and names included
}

// New starts a collector; close it.
func New() *Collector {
	c := &Collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(c.take))
	return c
}

// Posts is how often something was sent.
func (c *Collector) Posts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.posts
}

// Spans are those that were sent, in the order of arrival.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Span{}, c.spans...)
}

func (c *Collector) take(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts++
	body, err := io.ReadAll(r.Body)
	var sent collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &sent)
	}
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" {
		http.Error(w, "no spans", http.StatusBadRequest)
		return
	}
	for _, rs := range sent.GetResourceSpans() {
		_, about := attributes(rs.GetResource().GetAttributes())
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				c.spans = append(c.spans, read(s, about))
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func read(s *wire.Span, about []string) Span {
	values, texts := attributes(s.GetAttributes())
	span := Span{
		Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
		Name: s.GetName(), Attributes: values,
	}
	if s.GetStatus().GetCode() == wire.Status_STATUS_CODE_ERROR {
		span.Failed = s.GetStatus().GetMessage()
	}
	span.Texts = append(append(texts, about...), s.GetName(), s.GetStatus().GetMessage(), s.GetTraceState())
	for _, e := range s.GetEvents() {
		_, more := attributes(e.GetAttributes())
		span.Texts = append(append(span.Texts, e.GetName()), more...)
	}
	return span
}

func attributes(list []*common.KeyValue) (values map[string]string, texts []string) {
	values = map[string]string{}
	for _, a := range list {
		text := a.GetValue().GetStringValue()
		if n, ok := a.GetValue().GetValue().(*common.AnyValue_IntValue); ok {
			text = strconv.FormatInt(n.IntValue, 10)
		}
		values[a.GetKey()] = text
		texts = append(texts, a.GetKey(), text)
	}
	return values, texts
}
