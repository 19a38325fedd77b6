package knowledge

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// Run keeps the loaded accounts up to date until ctx ends: a change is answered from
// one poll after it was stored. It trains the encoders that are behind, takes over those
// that others trained, and puts away what nobody asks. A store that fails is asked again;
// meanwhile the answers are those of before. Run returns nil, after all it started ended.
func (b *Base) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { b.eachSignal(ctx, b.swaps, b.swap) })
	work.Go(func() { b.eachSignal(ctx, b.training.wake, b.train) })
	work.Go(func() { b.eachSignal(ctx, b.fetches, b.fetch) })
	ticker := time.NewTicker(b.poll)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := b.follow(ctx, &work)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			b.log.WarnContext(ctx, "knowledge versions not read", slog.Any("err", err))
		case err == nil && failing:
			b.log.InfoContext(ctx, "knowledge versions read again")
		}
		failing = err != nil
	}
}

func (b *Base) eachSignal(ctx context.Context, s signal, do func(context.Context)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s:
			do(ctx)
		}
	}
}

// follow compares versions once and sees to it that what moved is updated.
func (b *Base) follow(ctx context.Context, work *sync.WaitGroup) error {
	loaded := b.loaded()
	b.tidy(ctx, work, loaded)
	if len(loaded) == 0 && b.encoders == nil {
		return nil
	}
	versions, err := b.source.KnowledgeVersions(ctx)
	if err != nil {
		return fmt.Errorf("compare knowledge versions: %w", err)
	}
	for _, id := range loaded {
		a := b.account(id)
		h := a.get()
		if h.index != nil && h.version != versions[id] {
			b.catchUp(ctx, work, id, a)
		}
		if b.embed != nil && h.embedded != h.version {
			b.fetches.raise()
		}
	}
	if b.encoders == nil {
		return nil
	}
	states, err := b.encoders.EncoderStates(ctx)
	if err != nil {
		return fmt.Errorf("compare encoders: %w", err)
	}
	b.compare(loaded, states)
	b.training.see(b.now(), versions, states, b.asked)
	return nil
}

// catchUp refreshes an account without making the others wait for a large change.
func (b *Base) catchUp(ctx context.Context, work *sync.WaitGroup, id uint64, a *account) {
	select {
	case a.turn <- struct{}{}:
	default:
		return // somebody is at it
	}
	work.Go(func() {
		defer a.turn.give()
		err := safely(func() error { return b.refresh(ctx, id, a) })
		if ctx.Err() != nil {
			return
		}
		a.mu.Lock()
		failed := a.failing
		a.failing = err != nil
		a.mu.Unlock()
		if err != nil && !failed {
			b.log.WarnContext(ctx, "knowledge not refreshed", slog.Uint64("account_id", id), slog.Any("err", err))
		}
	})
}

// tidy puts away what nobody asks: first the encoder, then all.
func (b *Base) tidy(ctx context.Context, work *sync.WaitGroup, loaded []uint64) {
	now := b.now()
	for _, id := range loaded {
		a := b.account(id)
		idle := a.idle(now)
		if idle >= 2*b.idle {
			b.unload(ctx, id, a)
		} else if idle >= b.idle && a.get().encoder > 0 {
			work.Go(func() { b.sleep(ctx, id, a) })
		}
	}
}

func (b *Base) unload(ctx context.Context, id uint64, a *account) {
	select {
	case a.turn <- struct{}{}:
	default:
		return // an edit or a question is at it
	}
	defer a.turn.give()
	a.replace(holding{})
	b.log.DebugContext(ctx, "knowledge unloaded", slog.Uint64("account_id", id))
}

// Load reads an account, unless it is in memory, and waits for its vectors, where those are
// configured: for those who ask once and don't [Base.Run].
func (b *Base) Load(ctx context.Context, accountID uint64) error {
	if _, err := b.hold(ctx, accountID); err != nil {
		return fmt.Errorf("load knowledge of account %d: %w", accountID, err)
	}
	if err := b.fetchOne(ctx, accountID, b.account(accountID)); err != nil {
		b.embed.pause()
		b.log.WarnContext(ctx, "knowledge not embedded", slog.Uint64("account_id", accountID), slog.Any("err", err))
	}
	return nil
}

// Refresh brings an account's entries and words up to date at once, for those who know that
// they changed. An account that is not in memory stays out of it.
func (b *Base) Refresh(ctx context.Context, accountID uint64) error {
	a := b.account(accountID)
	if err := a.turn.take(ctx); err != nil {
		return err
	}
	defer a.turn.give()
	return b.refresh(ctx, accountID, a)
}

// refresh reads what changed. The caller has the turn.
func (b *Base) refresh(ctx context.Context, accountID uint64, a *account) error {
	h := a.get()
	if h.index == nil {
		return nil
	}
	start := b.now()
	changed, deleted, next, err := b.source.EntriesSince(ctx, accountID, h.version)
	if err != nil {
		return fmt.Errorf("read changes of knowledge %d: %w", accountID, err)
	}
	if next < h.version { // the store went back in time (a restored backup, entries of a deleted account)
		return b.read(ctx, accountID, a)
	}
	words, err := b.source.Synonyms(ctx, accountID)
	if err != nil {
		return fmt.Errorf("read synonyms of knowledge %d: %w", accountID, err)
	}
	other := !slices.EqualFunc(words, h.words, sameWords)
	if next == h.version && !other {
		return nil
	}
	a.edit(next, words, touched(h.index, changed, deleted), func(x *match.Index) *match.Index {
		if len(changed) > 0 || len(deleted) > 0 {
			x = x.With(changed, deleted)
		}
		if other {
			x = x.WithSynonyms(words)
		}
		return x
	})
	b.log.DebugContext(ctx, "knowledge updated", slog.Uint64("account_id", accountID), slog.Uint64("version", next),
		slog.Int("changed", len(changed)), slog.Int("deleted", len(deleted)), slog.Int64("took_ms", b.now().Sub(start).Milliseconds()))
	return nil
}

// touched lists the texts of entries as they were and as they are.
func touched(x *match.Index, changed []model.Entry, deleted []uint64) []string {
	var texts []string
	add := func(e model.Entry) { texts = append(append(texts, e.Question), e.Similar...) }
	for _, e := range changed {
		add(e)
		deleted = append(deleted, e.ID)
	}
	for _, id := range deleted {
		if e, ok := x.Entry(id); ok {
			add(e)
		}
	}
	return texts
}

func sameWords(a, b model.Synonym) bool { return slices.Equal(a.Words, b.Words) }

// hold gives what is in memory of an account, after reading what is not.
func (b *Base) hold(ctx context.Context, accountID uint64) (holding, error) {
	a := b.account(accountID)
	a.used.Store(b.now().UnixMilli())
	h := a.get()
	if h.index == nil {
		var err error
		if h, err = b.load(ctx, accountID, a); err != nil {
			return holding{}, err
		}
	}
	if h.asleep {
		b.awake(ctx, accountID, a)
		h = a.get()
		if h.index == nil { // put away while we woke it
			return b.load(ctx, accountID, a)
		}
	}
	return h, nil
}

// load reads an account that is not in memory.
func (b *Base) load(ctx context.Context, accountID uint64, a *account) (holding, error) {
	if err := a.turn.take(ctx); err != nil {
		return holding{}, err
	}
	defer a.turn.give()
	if h := a.get(); h.index != nil {
		return h, nil // somebody else read it while we waited
	}
	err := b.read(ctx, accountID, a)
	return a.get(), err
}

// read replaces what is in memory by all that is stored. The caller has the turn.
func (b *Base) read(ctx context.Context, accountID uint64, a *account) error {
	start := b.now()
	entries, version, err := b.source.Entries(ctx, accountID)
	if err != nil {
		return fmt.Errorf("read knowledge %d: %w", accountID, err)
	}
	words, err := b.source.Synonyms(ctx, accountID)
	if err != nil {
		return fmt.Errorf("read synonyms of knowledge %d: %w", accountID, err)
	}
	h := holding{index: match.NewIndex(entries, match.Options{Synonyms: words}), version: version, words: words}
	encoder, number, err := b.stored(ctx, accountID, 0)
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case encoder != nil:
		h.index, h.encoder, h.wanted = h.index.WithEncoder(encoder), number, number
	}
	a.replace(h)
	if err != nil { // answers can do without, and swap tries again
		b.complain(ctx, accountID, a, err)
	}
	b.log.DebugContext(ctx, "knowledge loaded", slog.Uint64("account_id", accountID), slog.Uint64("version", version),
		slog.Int("entries", h.index.Len()), slog.Uint64("encoder", h.encoder), slog.Int64("took_ms", b.now().Sub(start).Milliseconds()))
	return nil
}
