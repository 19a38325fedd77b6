package knowledge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"deskmate/bot/knowledge/match"
)

const (
	embedBudget = 300 * time.Millisecond // of a question
	embedPause  = 30 * time.Second       // after a failure
	embedBatch  = 64                     // texts in a call
	embedStep   = 512                    // texts that are looked up and put to use together
	embedWait   = 30 * time.Second       // of a call for variants
)

// embedding turns texts into the vectors of an outside model.
type embedding struct {
	client Embedder
	store  Vectors
	mask   func(string) string
	now    func() time.Time

	mu    sync.Mutex
	until time.Time // not asked before then
}

// newEmbedding is nil where none is configured.
func newEmbedding(cfg Config, now func() time.Time) *embedding {
	if cfg.Embedder == nil {
		return nil
	}
	e := &embedding{client: cfg.Embedder, store: cfg.Vectors, mask: cfg.Mask, now: now}
	if e.mask == nil {
		e.mask = func(text string) string { return text }
	}
	return e
}

// paused reports whether the model failed a short time ago.
func (e *embedding) paused() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now().Before(e.until)
}

func (e *embedding) pause() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.until = e.now().Add(embedPause)
}

// question gives the vector of a question; nil when there is none in time.
func (e *embedding) question(ctx context.Context, text string) []float32 {
	if e.paused() {
		return nil
	}
	short, cancel := context.WithTimeout(ctx, embedBudget)
	defer cancel()
	vectors, err := e.ask(short, []string{e.mask(text)})
	if err != nil {
		if ctx.Err() == nil { // not the employee's own doing
			e.pause()
		}
		return nil
	}
	return vectors[0]
}

// ask calls the model.
func (e *embedding) ask(ctx context.Context, texts []string) ([][]float32, error) {
	vectors, err := e.client.Embed(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("embed %d texts: %w", len(texts), err)
	}
	if len(vectors) != len(texts) || slices.ContainsFunc(vectors, func(v []float32) bool { return len(v) == 0 || len(v) != len(vectors[0]) }) {
		return nil, fmt.Errorf("embed %d texts: %d vectors of unequal or no length", len(texts), len(vectors))
	}
	return vectors, nil
}

// vectors gives the vectors of an account's variants, from the store or else from the model.
// What it has when something fails is given as well.
func (e *embedding) vectors(ctx context.Context, id uint64, variants []string) (map[string][]float32, error) {
	found := make(map[string][]float32, len(variants))
	masked := make(map[string]string, len(variants))    // by sum
	written := make(map[string][]string, len(variants)) // by sum: masked, several may be equal
	for _, text := range variants {
		m := e.mask(text)
		sum := sumOf(m)
		masked[sum], written[sum] = m, append(written[sum], text)
	}
	use := func(vectors map[string][]float32) {
		for sum, vector := range vectors {
			for _, text := range written[sum] {
				found[text] = vector
			}
			delete(masked, sum)
		}
	}
	model := e.client.EmbeddingModel()
	stored, err := e.store.Embeddings(ctx, id, model, slices.Sorted(maps.Keys(masked)))
	if err != nil {
		return found, fmt.Errorf("read vectors of %d: %w", id, err)
	}
	use(stored)
	for sums := range slices.Chunk(slices.Sorted(maps.Keys(masked)), embedBatch) {
		fresh, err := e.batch(ctx, sums, masked)
		if err != nil {
			return found, err
		}
		use(fresh)
		if err := e.store.SaveEmbeddings(ctx, id, model, fresh); err != nil {
			return found, fmt.Errorf("store vectors of %d: %w", id, err)
		}
	}
	return found, nil
}

// batch asks the model for the vectors of a few texts, given and returned by sum.
func (e *embedding) batch(ctx context.Context, sums []string, masked map[string]string) (map[string][]float32, error) {
	ctx, cancel := context.WithTimeout(ctx, embedWait)
	defer cancel()
	texts := make([]string, len(sums))
	for i, sum := range sums {
		texts[i] = masked[sum]
	}
	list, err := e.ask(ctx, texts)
	if err != nil {
		return nil, err
	}
	vectors := make(map[string][]float32, len(sums))
	for i, sum := range sums {
		vectors[sum] = list[i]
	}
	return vectors, nil
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// fetch brings the vectors of all loaded accounts up to date.
func (b *Base) fetch(ctx context.Context) {
	for _, id := range b.loaded() {
		if b.embed.paused() {
			return
		}
		err := safely(func() error { return b.fetchOne(ctx, id, b.account(id)) })
		if err != nil && ctx.Err() == nil {
			b.embed.pause()
			b.log.WarnContext(ctx, "knowledge not embedded", slog.Uint64("account_id", id), slog.Duration("again_in", embedPause), slog.Any("err", err))
		}
	}
}

// fetchOne brings the vectors of an account up to date, a part at a time.
func (b *Base) fetchOne(ctx context.Context, id uint64, a *account) error {
	h := a.get()
	if b.embed == nil || h.index == nil || h.embedded == h.version {
		return nil
	}
	for texts := range slices.Chunk(a.bare(h.index.Texts()), embedStep) {
		if a.get().index == nil {
			return nil // put away meanwhile
		}
		vectors, err := b.embed.vectors(ctx, id, texts)
		if used := b.dress(ctx, a, vectors); used != nil || err != nil {
			return errors.Join(err, used)
		}
	}
	done := len(a.bare(h.index.Texts())) == 0
	a.note(func(now *holding) {
		if done && now.version == h.version {
			now.embedded = h.version
		}
	})
	return nil
}

// bare lists the texts that have no vectors in the index.
func (a *account) bare(texts []string) []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return a.vectored[text] })
}

// dress puts vectors into the index.
func (b *Base) dress(ctx context.Context, a *account, vectors map[string][]float32) error {
	if len(vectors) == 0 {
		return nil
	}
	if err := a.bench.take(ctx); err != nil {
		return err
	}
	defer a.bench.give()
	return a.rebuild(ctx, func(x *match.Index) *match.Index { return x.WithEmbeddings(vectors) }, func(h *holding) {
		h.dressed = true
		for text := range vectors {
			a.vectored[text] = true
		}
	})
}
