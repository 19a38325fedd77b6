package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/llm/llmtest"
	"deskmate/model"
	"deskmate/trace/tracetest"
)

// What one member asks, and the answer.
const (
	tracedAsks    = "年假有几天"
	tracedAnswers = "入职满一年有 5 天年假"
)

// tracedWorld is a world with an entry and a language model, of which a conversation is held.
func tracedWorld(t *testing.T, settings ...string) (*world, apiClient) {
	t.Helper()
	lm := llmtest.Start()
	lm.Behave(llmtest.Polite())
	w, err := newWorld(t.TempDir(), append(settings, "DESKMATE_LLM_BASE_URL="+lm.URL, "DESKMATE_LLM_MODEL=test")...)
	if err != nil {
		t.Fatal(err)
	}
	w.model = lm
	t.Cleanup(w.close)
	path, err := w.accountFile("bot: {feedback: false}\nllm: {mode: rephrase, tone: 亲切}\n")
	if err != nil {
		t.Fatal(err)
	}
	w.run(t, "account", "apply", "-f", path)
	token := w.run(t, "admin", "token", "create", "sync", "--account", scriptKey)
	if err := w.serve("a"); err != nil {
		t.Fatal(err)
	}
	api := apiClient{t, "http://" + w.replicas[0].addr + "/api/v1/accounts/" + scriptKey, token}
	api.do(http.MethodPost, "/entries", `{"question":"`+tracedAsks+`","answer":"`+tracedAnswers+`"}`, http.StatusCreated)
	w.sim.Say(scriptAgent, "wang", tracedAsks)
	if err := w.settle(); err != nil {
		t.Fatal(err)
	}
	w.sim.Say(scriptAgent, "wang", "人工")
	if err := w.settle(); err != nil {
		t.Fatal(err)
	}
	return w, api
}

// stopped stops the server, which sends what is left, and gives its log.
func stopped(t *testing.T, w *world) string {
	t.Helper()
	r, err := w.leave("a")
	if err == nil {
		err = r.stop()
	}
	if err != nil {
		t.Fatal(err)
	}
	return r.log.String()
}

// TestTrace follows one question from its callback to its answer.
func TestTrace(t *testing.T) {
	t.Parallel()
	eachTrace(t, func(t *testing.T, settings []string) {
		t.Helper()
		collector := tracetest.New()
		t.Cleanup(collector.Close)
		w, _ := tracedWorld(t, append(settings, "DESKMATE_OTLP_ENDPOINT="+collector.URL)...)
		log := stopped(t, w)
		spans := collector.Spans()
		holdsNothingPrivate(t, w, spans)

		var answered tracetest.Span
		for _, s := range spans {
			if s.Name == "event" && s.Attributes["deskmate.outcome"] == string(model.OutcomeAnswered) {
				answered = s
			}
		}
		chains := chainsOf(spans, answered.Trace)
		for _, want := range []string{
			"callback",
			"callback > accept",
			"callback > accept > event",
			"callback > accept > event > load",
			"callback > accept > event > ask",
			"callback > accept > event > ask > llm",
			"callback > accept > event > decide",
			"callback > accept > event > apply",
			"callback > accept > event > apply > push",
			"callback > accept > event > apply > push > wecom",
		} {
			if chains[want] == nil {
				t.Errorf("the question's trace has no %s; it has:\n%s", want, names(chains))
			}
		}
		want := map[string]string{"deskmate.account": scriptKey, "deskmate.event": "message", "deskmate.outcome": "accepted"}
		if diff := cmp.Diff(want, chains["callback"]); diff != "" {
			t.Errorf("callback (-want +got):\n%s", diff)
		}
		want = map[string]string{"deskmate.account": scriptKey, "deskmate.kind": "text", "deskmate.attempts": "1", "deskmate.outcome": "sent"}
		if diff := cmp.Diff(want, chains["callback > accept > event > apply > push"]); diff != "" {
			t.Errorf("push (-want +got):\n%s", diff)
		}
		sent := chains["callback > accept > event > apply > push > wecom"]
		if sent["deskmate.endpoint"] != "message/send" || sent["deskmate.errcode"] != "0" {
			t.Errorf("wecom: %v", sent)
		}
		if !strings.Contains(log, `"outcome":"answered"`) || !strings.Contains(log, `"trace_id":"`+answered.Trace+`"`) {
			t.Errorf("the log doesn't name the trace %s:\n%s", answered.Trace, log)
		}
	})
}

// eachTrace runs f on SQLite and, where there are servers, on those.
func eachTrace(t *testing.T, f func(t *testing.T, settings []string)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		f(t, nil)
	})
	t.Run("servers", func(t *testing.T) {
		t.Parallel()
		f(t, serverSettings(t))
	})
}

// holdsNothingPrivate looks through all that was sent for what people wrote, who they are, and
// secrets.
func holdsNothingPrivate(t *testing.T, w *world, spans []tracetest.Span) {
	t.Helper()
	private := []string{tracedAsks, "年假", tracedAnswers, "5 天", "人工", scriptSecret, scriptToken, scriptAESKey, w.sim.CorpID()}
	people := map[string]bool{"wang": true, "li": true, "zhao": true, "王芳": true, "李明": true, "赵磊": true}
	for _, s := range spans {
		for _, text := range s.Texts {
			for _, p := range private {
				if strings.Contains(text, p) {
					t.Errorf("span %s holds %q: %q", s.Name, p, text)
				}
			}
			for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(":/. ", r) }) {
				if people[part] {
					t.Errorf("span %s names %s: %q", s.Name, part, text)
				}
			}
		}
	}
}

// chainsOf are the attributes of a trace's spans, by the names from the top down to each.
func chainsOf(spans []tracetest.Span, trace string) map[string]map[string]string {
	byID := map[string]tracetest.Span{}
	for _, s := range spans {
		if s.Trace == trace {
			byID[s.ID] = s
		}
	}
	chains := map[string]map[string]string{}
	for _, s := range byID {
		chain := s.Name
		for above, ok := byID[s.Parent]; ok; above, ok = byID[above.Parent] {
			chain = above.Name + " > " + chain
		}
		chains[chain] = s.Attributes
	}
	return chains
}

func names(chains map[string]map[string]string) string {
	var b strings.Builder
	for name := range chains {
		b.WriteString(name + "\n")
	}
	return b.String()
}

// TestTraceOfAPI holds that a call of the API goes on with its caller's trace, and that nobody
// else's calls are traced.
func TestTraceOfAPI(t *testing.T) {
	t.Parallel()
	collector := tracetest.New()
	t.Cleanup(collector.Close)
	w, api := tracedWorld(t, "DESKMATE_OTLP_ENDPOINT="+collector.URL)
	for _, token := range []string{api.token, "dmt_wrong"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.base+"/entries?q="+"wang", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	stopped(t, w)
	var got []tracetest.Span
	for _, s := range collector.Spans() {
		if s.Trace == "4bf92f3577b34da6a3ce929d0e0e4736" {
			got = append(got, s)
		}
	}
	if len(got) != 1 || got[0].Parent != "00f067aa0ba902b7" || got[0].Name != "GET /api/v1/accounts/:account/entries" {
		t.Fatalf("spans of the caller's trace: %+v", got)
	}
	want := map[string]string{
		"http.request.method": "GET", "http.route": "/api/v1/accounts/:account/entries", "http.response.status_code": "200",
	}
	if diff := cmp.Diff(want, got[0].Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// TestTraceOff holds that nothing is sent and no row names a span where no collector is named.
func TestTraceOff(t *testing.T) {
	t.Parallel()
	collector := tracetest.New()
	t.Cleanup(collector.Close)
	// What other programs on the machine are told is not for us.
	w, _ := tracedWorld(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	store, acc, err := w.database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := store.InboxOf(t.Context(), acc.ID, 0, 100)
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d events, %v", len(rows), err)
	}
	for _, row := range rows {
		if row.Traceparent != "" {
			t.Errorf("event %d names the span %s", row.ID, row.Traceparent)
		}
	}
	if log := stopped(t, w); strings.Contains(log, "trace_id") {
		t.Errorf("the log names a trace:\n%s", log)
	}
	if n := collector.Posts(); n != 0 {
		t.Errorf("spans were sent %d times", n)
	}
}
