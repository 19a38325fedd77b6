package llm_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/llm"
	"deskmate/llm/llmtest"
	"deskmate/model"
)

const (
	key    = "sk-very-secret"
	secret = "月薪是多少"
)

// bundle is a client, the server it asks and what it logged.
type bundle struct {
	client *llm.Client
	server *llmtest.Server

	mu       sync.Mutex
	log      bytes.Buffer
	outcomes []string
}

// Write takes a line of the log.
func (b *bundle) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(line)
}

func newBundle(tb testing.TB, change func(*llm.Config)) *bundle {
	tb.Helper()
	b := &bundle{server: llmtest.New(tb)}
	cfg := llm.Config{
		BaseURL: b.server.URL, APIKey: key, Model: "small", EmbeddingModel: "vectors", OpenFor: time.Hour,
		Log: slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Observe: func(operation, outcome string, _ time.Duration) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.outcomes = append(b.outcomes, operation+" "+outcome)
		},
	}
	if change != nil {
		change(&cfg)
	}
	client, err := llm.New(cfg)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	b.client = client
	return b
}

func prompt() model.Prompt {
	return model.Prompt{System: "规则", User: secret, MaxTokens: 100}
}

// mustKeepSecrets fails where key or prompt stand in an error or the log.
func (b *bundle) mustKeepSecrets(tb testing.TB, err error) {
	tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.log.String()
	for ; err != nil; err = errors.Unwrap(err) {
		text += err.Error()
	}
	for _, word := range []string{key, secret, "说了什么"} {
		if strings.Contains(text, word) {
			tb.Errorf("%q is in the log or the error:\n%s", word, text)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, base, path string
	}{
		{"bare host", "", "/v1/chat/completions"},
		{"slash", "/", "/v1/chat/completions"},
		{"v1", "/v1", "/v1/chat/completions"},
		{"v1 and slash", "/v1/", "/v1/chat/completions"},
		{"another version", "/api/paas/v4", "/api/paas/v4/chat/completions"},
		{"another path", "/compatible-mode/v1/", "/compatible-mode/v1/chat/completions"},
		{"the call itself", "/v1/chat/completions", "/v1/chat/completions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var asked string
			client, err := llm.New(llm.Config{
				BaseURL: "http://model.example" + c.base, Model: "m",
				HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
					asked = r.URL.Path
					return nil, errors.New("no network")
				})},
			})
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			_, _ = client.Complete(t.Context(), prompt())
			if asked != c.path {
				t.Errorf("asked %q, want %q", asked, c.path)
			}
		})
	}
	for _, bad := range []llm.Config{
		{},
		{BaseURL: "model.example", Model: "m"},
		{BaseURL: "ftp://model.example", Model: "m"},
		{BaseURL: "http://model.example"},
		{BaseURL: "http://user:pass@model.example", Model: "m"},
		{BaseURL: "http://model.example/v1?key=1", Model: "m"},
		{BaseURL: "http://[", Model: "m"},
	} {
		if _, err := llm.New(bad); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("New(%q) = %v, want an invalid error", bad.BaseURL, err)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestCompleteSendsWhatItIsTold(t *testing.T) {
	t.Parallel()
	b := newBundle(t, nil)
	b.server.Behave(llmtest.Say(" 您好 "))
	done, err := b.client.Complete(t.Context(), prompt())
	if err != nil || done.Text != "您好" || done.TokensIn != 7 || done.TokensOut != 4 {
		t.Errorf("Complete = %+v, %v", done, err)
	}
	p := prompt()
	p.Model, p.System = "large", ""
	if _, err := b.client.Complete(t.Context(), p); err != nil {
		t.Errorf("Complete: %v", err)
	}
	calls := b.server.Calls()
	first, second := calls[0], calls[1]
	if first.Authorization != "Bearer "+key || first.Model != "small" || first.System != "规则" || first.User != secret ||
		first.MaxTokens != 100 || first.Newer || first.Temperature == 0 || first.Stream {
		t.Errorf("first call: %+v", first)
	}
	if second.Model != "large" || second.System != "" {
		t.Errorf("second call: %+v", second)
	}
	if strings.Join(b.outcomes, ",") != "complete ok,complete ok" {
		t.Errorf("observed %v", b.outcomes)
	}
	b.mustKeepSecrets(t, nil)
}

func TestCompleteOutcomes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		server llmtest.Behaviour
		text   string
		reason string
	}{
		{"thinks aloud", llmtest.Think("员工问的是…", "年假5天"), "年假5天", ""},
		{"opening tag swallowed", llmtest.Say("想一想</think>\n年假5天"), "年假5天", ""},
		{"only thoughts", llmtest.Say("<think>想一想"), "", llm.ReasonEmpty},
		{"says nothing", llmtest.Say(" \n"), "", llm.ReasonEmpty},
		{"streams unasked", llmtest.Stream("年假共有五天。", 4, 0), "年假共有五天。", ""},
		{"stream breaks off", llmtest.StreamCutOff("年假共有五天。"), "", llm.ReasonCutOff},
		{"stream of nonsense", llmtest.Raw(200, "text/event-stream", "data: {\"说了什么\n\n"), "", llm.ReasonUnavailable},
		{"runs out of tokens", llmtest.Finish("年假共", "length"), "", llm.ReasonCutOff},
		{"content filter", llmtest.Finish("年假", "content_filter"), "", llm.ReasonRefused},
		{"connection breaks", llmtest.CutOff(), "", llm.ReasonUnavailable},
		{"bad request", llmtest.Fail(400, "data inspection failed"), "", llm.ReasonRefused},
		{"bad key", llmtest.Fail(401, "Incorrect API key provided"), "", llm.ReasonUnauthorized},
		{"no money", llmtest.Fail(402, "Insufficient Balance"), "", llm.ReasonRateLimited},
		{"no such model", llmtest.Fail(404, "model not found"), "", llm.ReasonUnavailable},
		{"too often", llmtest.Fail(429, "slow down"), "", llm.ReasonRateLimited},
		{"down", llmtest.Fail(503, "overloaded"), "", llm.ReasonUnavailable},
		{"proxy page", llmtest.Raw(502, "text/html", "<html>说了什么</html>"), "", llm.ReasonUnavailable},
		{"page for an answer", llmtest.Raw(200, "text/html", "<html>说了什么</html>"), "", llm.ReasonUnavailable},
		{"error for an answer", llmtest.Raw(200, "application/json", `{"error":{"message":"说了什么"}}`), "", llm.ReasonUnavailable},
		{"redirect", llmtest.Raw(302, "text/html", "说了什么"), "", llm.ReasonUnavailable},
		{"content in parts", llmtest.Raw(200, "application/json", `{"choices":[{"message":{"role":"assistant","content":"五天"},"finish_reason":null}]}`), "五天", ""},
		{"endless", llmtest.Raw(200, "application/json", `{"choices":[{"message":{"content":"`+strings.Repeat("说", 1<<19)+`"}}]}`), "", llm.ReasonUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, nil)
			b.server.Behave(c.server)
			done, err := b.client.Complete(t.Context(), prompt())
			if done.Text != c.text || reason(err) != c.reason {
				t.Errorf("Complete = %q, %v; want %q, %q", done.Text, err, c.text, c.reason)
			}
			if done.TokensIn == 0 {
				t.Error("no tokens are counted")
			}
			b.mustKeepSecrets(t, err)
		})
	}
}

func reason(err error) string {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e.Reason
	}
	return ""
}

func TestCompleteEstimatesTokens(t *testing.T) {
	t.Parallel()
	b := newBundle(t, nil)
	b.server.Behave(llmtest.NoUsage("年假共5天"))
	done, err := b.client.Complete(t.Context(), prompt())
	if err != nil || done.TokensIn != 7 || done.TokensOut != 5 {
		t.Errorf("Complete = %+v, %v", done, err)
	}
}

func TestCompleteEndsInTime(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]llmtest.Behaviour{
		"stalls": llmtest.Stall(), "streams slowly": llmtest.Stream(strings.Repeat("年", 1000), 1000, 20*time.Millisecond),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, nil)
			b.server.Behave(server)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			start := time.Now()
			_, err := b.client.Complete(ctx, prompt())
			if reason(err) != llm.ReasonTimeout || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Complete: %v", err)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			b.mustKeepSecrets(t, err)
		})
	}
	t.Run("own timeout", func(t *testing.T) {
		t.Parallel()
		b := newBundle(t, func(cfg *llm.Config) { cfg.Timeout = 50 * time.Millisecond })
		b.server.Behave(llmtest.Stall())
		if _, err := b.client.Complete(t.Context(), prompt()); reason(err) != llm.ReasonTimeout {
			t.Errorf("Complete: %v", err)
		}
	})
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(cfg *llm.Config) { cfg.OpenFor, cfg.Failures = 50*time.Millisecond, 3 })
	b.server.Behave(llmtest.Fail(500, "down"))
	for range 3 {
		if _, err := b.client.Complete(t.Context(), prompt()); reason(err) != llm.ReasonUnavailable {
			t.Fatalf("Complete: %v", err)
		}
	}
	done, err := b.client.Complete(t.Context(), prompt())
	if reason(err) != llm.ReasonBreaker || done.TokensIn != 0 || len(b.server.Calls()) != 3 {
		t.Fatalf("an open breaker: %+v, %v, %d calls", done, err, len(b.server.Calls()))
	}
	if _, err := b.client.Embed(t.Context(), []string{"年假"}); err != nil {
		t.Errorf("embeddings fail with the completions: %v", err)
	}
	b.server.Behave(llmtest.Echo())
	deadline := time.Now().Add(10 * time.Second)
	for err != nil && time.Now().Before(deadline) {
		_, err = b.client.Complete(t.Context(), prompt())
	}
	if err != nil {
		t.Errorf("the breaker never closed: %v", err)
	}
}

func TestBreakerIgnoresWhatSaysNothingOfTheService(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(cfg *llm.Config) { cfg.Failures = 1 })
	b.server.Behave(llmtest.Fail(400, "data inspection failed"))
	_, _ = b.client.Complete(t.Context(), prompt())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = b.client.Complete(gone, prompt())
	b.server.Behave(llmtest.Echo())
	if _, err := b.client.Complete(t.Context(), prompt()); err != nil {
		t.Errorf("Complete: %v", err)
	}
}

func TestNewerParametersAreLearned(t *testing.T) {
	t.Parallel()
	b := newBundle(t, nil)
	b.server.Next(llmtest.Fail(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."))
	if _, err := b.client.Complete(t.Context(), prompt()); reason(err) != llm.ReasonRefused {
		t.Fatalf("Complete: %v", err)
	}
	_, _ = b.client.Complete(t.Context(), prompt())
	reasoning := prompt()
	reasoning.Model = "o3-mini"
	_, _ = b.client.Complete(t.Context(), reasoning)
	for i, call := range b.server.Calls() {
		if call.Newer != (i > 0) || (call.Temperature == 0) != (i > 0) || call.MaxTokens != 100 {
			t.Errorf("call %d: %+v", i, call)
		}
	}
}
