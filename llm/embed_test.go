package llm_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/llm"
	"deskmate/llm/llmtest"
	"deskmate/model"
)

func texts(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("问题%d", i)
	}
	return out
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	b := newBundle(t, nil)
	vectors, err := b.client.Embed(t.Context(), texts(150))
	if err != nil || len(vectors) != 150 {
		t.Fatalf("Embed: %d vectors, %v", len(vectors), err)
	}
	one, err := b.client.Embed(t.Context(), []string{"问题149"})
	if err != nil {
		t.Fatalf("Embed: %v", err)
	}
	if diff := cmp.Diff(one[0], vectors[149]); diff != "" {
		t.Errorf("vectors are out of order (-alone +among others):\n%s", diff)
	}
	if call := b.server.Calls()[0]; call.Model != "vectors" || len(call.Texts) != 64 {
		t.Errorf("first call: model %q, %d texts", call.Model, len(call.Texts))
	}
	if none, err := b.client.Embed(t.Context(), nil); err != nil || len(none) != 0 {
		t.Errorf("Embed of nothing: %v, %v", none, err)
	}
	if got := b.client.EmbeddingModel(); got != "vectors" {
		t.Errorf("EmbeddingModel = %q", got)
	}
}

func TestEmbedLearnsHowManyTextsAServiceTakes(t *testing.T) {
	t.Parallel()
	b := newBundle(t, nil)
	b.server.BehaveEmbeddings(llmtest.EmbedAtMost(10, llmtest.Embed(8)))
	for range 2 {
		if vectors, err := b.client.Embed(t.Context(), texts(64)); err != nil || len(vectors) != 64 {
			t.Fatalf("Embed: %d vectors, %v", len(vectors), err)
		}
	}
	if got, want := len(b.server.Calls()), 3+8+8; got != want { // 64, 32 and 16 are too many, 8 isn't
		t.Errorf("%d calls, want %d", got, want)
	}
}

func TestEmbedRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"too few":       `{"data":[{"index":0,"embedding":[1,2]}]}`,
		"lengths":       `{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]}`,
		"index twice":   `{"data":[{"index":0,"embedding":[1,2]},{"index":0,"embedding":[1,2]}]}`,
		"index outside": `{"data":[{"index":0,"embedding":[1,2]},{"index":7,"embedding":[1,2]}]}`,
		"no direction":  `{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[0,0]}]}`,
		"empty":         `{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}`,
		"nonsense":      `<html>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, nil)
			b.server.BehaveEmbeddings(llmtest.Raw(200, "application/json", body))
			if _, err := b.client.Embed(t.Context(), texts(2)); reason(err) != llm.ReasonUnavailable {
				t.Errorf("Embed: %v", err)
			}
		})
	}
}

func TestEmbedWithoutModel(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(cfg *llm.Config) { cfg.EmbeddingModel = "" })
	if _, err := b.client.Embed(t.Context(), texts(1)); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("Embed: %v", err)
	}
	if len(b.server.Calls()) != 0 {
		t.Error("the server was asked")
	}
}
