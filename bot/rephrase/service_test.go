package rephrase_test

import (
	"testing"
	"time"

	"deskmate/bot/rephrase"
	"deskmate/llm"
	"deskmate/llm/llmtest"
	"deskmate/model"
)

// TestRephraseAgainstAService asks a server through the real client.
func TestRephraseAgainstAService(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		server llmtest.Behaviour
		text   string // "": the answer
		reason string
	}{
		{"polite", llmtest.Polite(), "您好，" + answer, ""},
		{"thinks aloud", llmtest.Think("这个问题…", reworded), reworded, ""},
		{"streams", llmtest.Stream(reworded, 3, 0), reworded, ""},
		{"echoes", llmtest.Echo(), "", "same"},
		{"stalls", llmtest.Stall(), "", "timeout"},
		{"streams too slowly", llmtest.Stream(reworded, 100, 100*time.Millisecond), "", "timeout"},
		{"down", llmtest.Fail(503, "overloaded"), "", "unavailable"},
		{"wrong key", llmtest.Fail(401, "bad key"), "", "unauthorized"},
		{"too often", llmtest.Fail(429, "slow down"), "", "rate_limited"},
		{"refuses", llmtest.Fail(400, "filtered"), "", "refused"},
		{"breaks off", llmtest.CutOff(), "", "unavailable"},
		{"runs out of tokens", llmtest.Finish("您好，年假需", "length"), "", "cut_off"},
		{"lies about numbers", llmtest.LieNumbers(), "", "facts"},
		{"lies about an address", llmtest.LieURL(), "", "facts"},
		{"promises", llmtest.LiePromise(), "", "facts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, usage := newServed(t, c.server, 400*time.Millisecond)
			got := r.Rephrase(t.Context(), account(nil), question, answer)
			want := c.text
			if want == "" {
				want = answer
			}
			if got.Text != want || got.Reason != c.reason {
				t.Errorf("phrase %+v, want %q, %q", got, want, c.reason)
			}
			if use := usage.days[20260105]; use.Calls != 1 || use.TokensIn == 0 {
				t.Errorf("usage %+v", use)
			}
		})
	}
	t.Run("drops a denial", func(t *testing.T) {
		t.Parallel()
		r, _ := newServed(t, llmtest.LieNegation(), 4*time.Second)
		for _, denial := range []string{"打车费不能报销。", "实习生没有年假。", "禁止在办公区吸烟。", "材料无需打印。"} {
			if got := r.Rephrase(t.Context(), account(nil), question, denial); got.Text != denial || got.Reason != "facts" {
				t.Errorf("phrase %+v", got)
			}
		}
	})
	t.Run("opens the breaker", func(t *testing.T) {
		t.Parallel()
		r, _ := newServed(t, llmtest.Fail(500, "down"), 4*time.Second)
		var last model.Phrase
		for range 10 {
			last = r.Rephrase(t.Context(), account(nil), question, answer)
		}
		if last.Reason != "breaker" || last.Text != answer {
			t.Errorf("phrase %+v", last)
		}
	})
}

func newServed(tb testing.TB, behave llmtest.Behaviour, budget time.Duration) (*rephrase.Rephraser, *fakeUsage) {
	tb.Helper()
	server := llmtest.New(tb)
	server.Behave(behave)
	client, err := llm.New(llm.Config{BaseURL: server.URL, APIKey: "sk-test", Model: "small"})
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	usage := &fakeUsage{}
	return newRephraser(tb, client, usage, func(cfg *rephrase.Config) { cfg.Budget = budget }), usage
}
