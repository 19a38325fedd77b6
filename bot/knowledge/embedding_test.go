package knowledge_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deskmate/bot/knowledge"
)

// embedder is a model that counts a text's bytes, and the store of its vectors.
type embedder struct {
	mu      sync.Mutex
	calls   [][]string
	kept    map[string][]float32 // by sum
	slow    time.Duration        // that a call takes
	fail    error
	odd     bool // gives one vector too few
	badRead error
}

func (e *embedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	e.mu.Lock()
	e.calls = append(e.calls, texts)
	slow, fail, odd := e.slow, e.fail, e.odd
	e.mu.Unlock()
	if slow > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(slow):
		}
	}
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		v := make([]float32, 16)
		for _, c := range []byte(text) {
			v[c%16]++
		}
		vectors[i] = v
	}
	if odd {
		vectors = vectors[1:]
	}
	return vectors, fail
}

func (e *embedder) EmbeddingModel() string { return "bytes" }

func (e *embedder) Embeddings(_ context.Context, account uint64, name string, sums []string) (map[string][]float32, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if account != 1 || name != "bytes" {
		return nil, errors.New("another account or model")
	}
	found := map[string][]float32{}
	for _, sum := range sums {
		if v, ok := e.kept[sum]; ok {
			found[sum] = v
		}
	}
	return found, e.badRead
}

func (e *embedder) SaveEmbeddings(_ context.Context, _ uint64, _ string, vectors map[string][]float32) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept == nil {
		e.kept = map[string][]float32{}
	}
	maps.Copy(e.kept, vectors)
	return nil
}

func (e *embedder) with(what func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	what()
}

// asked lists the calls of the model.
func (e *embedder) asked() [][]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.calls)
}

func (e *embedder) callCount() int { return len(e.asked()) }

func embedding(e *embedder) func(*knowledge.Config) {
	return func(cfg *knowledge.Config) {
		cfg.Embedder, cfg.Vectors = e, e
		cfg.Mask = func(text string) string { return strings.ReplaceAll(text, "13800138000", "手机号") }
	}
}

func TestEmbedding_wants_both_parts(t *testing.T) {
	t.Parallel()
	_, err := knowledge.New(knowledge.Config{
		Source: newSource(), Embedder: &embedder{}, Log: slog.New(slog.DiscardHandler),
	})
	if err == nil {
		t.Error("no error without a store of vectors")
	}
}

func TestEmbedding_is_fetched_in_batches_and_kept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(100)...), &embedder{}
		s.put(1, entry(1, "13800138000是谁的"))
		base := newBase(t, s, embedding(e))
		defer run(t, base)()
		if x := mustExplain(t, base, 1, "班车什么时候开"); x.Embedding {
			t.Error("vectors took part before there were any")
		}
		pass(poll)
		if got := e.callCount(); got != 4 { // 201 variants
			t.Errorf("%d calls, want 4", got)
		}
		var texts []string
		for _, call := range e.asked() {
			if len(call) > 64 {
				t.Errorf("%d texts in a call", len(call))
			}
			texts = append(texts, call...)
		}
		sum := sha256.Sum256([]byte("手机号是谁的"))
		if slices.Contains(texts, "13800138000是谁的") || e.kept[hex.EncodeToString(sum[:])] == nil || len(e.kept) != 201 {
			t.Errorf("%d vectors kept, or a number left the house", len(e.kept))
		}

		if x := mustExplain(t, base, 1, "13800138000几点开"); !x.Embedding || !slices.Equal(e.asked()[4], []string{"手机号几点开"}) {
			t.Errorf("embedding %t, calls %v", x.Embedding, e.asked()[4:])
		}
		if x := mustExplain(t, base, 1, "第3号班车几点开"); x.Embedding || e.callCount() != 5 {
			t.Error("the model was asked about an exact question")
		}
		if x := mustExplain(t, base, 1, "谢谢"); x.Embedding || e.callCount() != 5 {
			t.Error("the model was asked about small talk")
		}

		s.put(1, entry(2, "食堂几点开饭"), entry(1, "谁是13800138000"))
		pass(2 * poll)
		if got := e.asked()[5:]; len(got) != 1 || len(got[0]) != 2 {
			t.Errorf("an edit of two texts took calls %v", got)
		}
		pass(time.Hour)
		if got := e.callCount(); got != 6 {
			t.Errorf("%d calls with nothing to do", got-6)
		}

		other := newBase(t, s, embedding(e))
		if err := other.Load(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if x := mustExplain(t, other, 1, "班车什么时候开"); !x.Embedding || e.callCount() != 7 {
			t.Errorf("embedding %t, %d calls by another replica, want its question only", x.Embedding, e.callCount()-6)
		}
	})
}

func TestEmbedding_failures_cost_nothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		fail     func(*embedder)
		question time.Duration // that one question waits
	}{
		{"stalls", func(e *embedder) { e.slow = time.Hour }, 300 * time.Millisecond},
		{"fails", func(e *embedder) { e.fail = errors.New("no") }, 0},
		{"lies", func(e *embedder) { e.odd = true }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, e := newSource(lines(10)...), &embedder{}
				base := newBase(t, s, embedding(e))
				if err := base.Load(t.Context(), 1); err != nil {
					t.Fatal(err)
				}
				e.with(func() { tt.fail(e) })
				want := mustAnswer(t, newBase(t, s), "班车什么时候开")
				for i := range 5 {
					start := time.Now()
					got := mustAnswer(t, base, "班车什么时候开")
					if took := time.Since(start); i == 0 && took != tt.question || i > 0 && took != 0 {
						t.Errorf("question %d waited %s", i, took)
					}
					if got.Score != want.Score || got.Kind != want.Kind {
						t.Errorf("%+v, want %+v as without", got, want)
					}
				}
				if got := e.callCount(); got != 2 {
					t.Errorf("%d calls, want one of them in vain", got)
				}
				e.with(func() { e.slow, e.fail, e.odd = 0, nil, false })
				pass(30 * time.Second)
				if x := mustExplain(t, base, 1, "班车什么时候开"); !x.Embedding {
					t.Error("not asked again after the pause")
				}
			})
		})
	}
}

func TestEmbedding_background_pauses_after_a_failure(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*embedder){
		"model": func(e *embedder) { e.fail = errors.New("no") },
		"store": func(e *embedder) { e.badRead = errors.New("no") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, e := newSource(lines(10)...), &embedder{}
				fail(e)
				base := newBase(t, s, embedding(e))
				defer run(t, base)()
				mustAnswer(t, base, "第3号班车几点开")
				pass(time.Minute)
				if got := e.callCount(); got > 3 {
					t.Errorf("%d calls in a minute", got)
				}
				e.with(func() { e.fail, e.badRead = nil, nil })
				pass(31 * time.Second)
				if x := mustExplain(t, base, 1, "班车什么时候开"); !x.Embedding {
					t.Error("no vectors after it came back")
				}
			})
		})
	}
}

func TestEmbedding_of_a_caller_that_left_is_no_failure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &embedder{}
		base := newBase(t, newSource(lines(10)...), embedding(e))
		if err := base.Load(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		e.with(func() { e.slow = 100 * time.Millisecond })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := base.Answer(ctx, 1, ask("班车什么时候开")); err != nil {
			t.Errorf("Answer: %v", err)
		}
		if x := mustExplain(t, base, 1, "班车什么时候开"); !x.Embedding {
			t.Error("the model is left alone after a caller left")
		}
	})
}
