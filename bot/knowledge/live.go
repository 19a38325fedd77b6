package knowledge

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"deskmate/bot/knowledge/match"
)

// Run keeps the loaded accounts up to date until ctx ends: a change is answered from
// one poll after it was stored. A source that fails is asked again at the next poll;
// meanwhile the answers are those of before. Run returns nil.
func (b *Base) Run(ctx context.Context) error {
	ticker := time.NewTicker(b.poll)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := b.follow(ctx)
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

// follow compares versions once and updates what moved. The first error is returned
// after every account had its turn.
func (b *Base) follow(ctx context.Context) error {
	loaded := b.loaded()
	if len(loaded) == 0 {
		return nil
	}
	versions, err := b.source.KnowledgeVersions(ctx)
	if err != nil {
		return fmt.Errorf("compare knowledge versions: %w", err)
	}
	var first error
	for _, id := range loaded {
		if b.account(id).at() == versions[id] {
			continue
		}
		if err := b.Refresh(ctx, id); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Load reads an account's entries, unless they are in memory.
func (b *Base) Load(ctx context.Context, accountID uint64) error {
	_, err := b.index(ctx, accountID)
	return err
}

// Refresh brings an account up to date at once, for those who know that it changed. An
// account that is not in memory stays out of it.
func (b *Base) Refresh(ctx context.Context, accountID uint64) error {
	a := b.account(accountID)
	if err := a.take(ctx); err != nil {
		return err
	}
	defer a.give()
	index, version := a.get()
	if index == nil {
		return nil
	}
	start := b.now()
	changed, deleted, next, err := b.source.EntriesSince(ctx, accountID, version)
	if err != nil {
		return fmt.Errorf("read changes of knowledge %d: %w", accountID, err)
	}
	if next < version { // the store went back in time (a restored backup, entries of a deleted account)
		return b.read(ctx, accountID, a)
	}
	if len(changed) > 0 || len(deleted) > 0 {
		index = index.With(changed, deleted)
	}
	a.set(index, next)
	b.log.DebugContext(ctx, "knowledge updated", slog.Uint64("account_id", accountID), slog.Uint64("version", next),
		slog.Int("changed", len(changed)), slog.Int("deleted", len(deleted)), slog.Int64("took_ms", b.now().Sub(start).Milliseconds()))
	return nil
}

// index is the account's index, read first where it is not in memory.
func (b *Base) index(ctx context.Context, accountID uint64) (*match.Index, error) {
	a := b.account(accountID)
	if index, _ := a.get(); index != nil {
		return index, nil
	}
	if err := a.take(ctx); err != nil {
		return nil, err
	}
	defer a.give()
	if index, _ := a.get(); index != nil {
		return index, nil // somebody else read it while we waited
	}
	if err := b.read(ctx, accountID, a); err != nil {
		return nil, err
	}
	index, _ := a.get()
	return index, nil
}

// read replaces what is in memory by all that is stored. The caller has the account's
// turn.
func (b *Base) read(ctx context.Context, accountID uint64, a *account) error {
	start := b.now()
	entries, version, err := b.source.Entries(ctx, accountID)
	if err != nil {
		return fmt.Errorf("read knowledge %d: %w", accountID, err)
	}
	index := match.NewIndex(entries)
	a.set(index, version)
	b.log.DebugContext(ctx, "knowledge loaded", slog.Uint64("account_id", accountID), slog.Uint64("version", version),
		slog.Int("entries", index.Len()), slog.Int64("took_ms", b.now().Sub(start).Milliseconds()))
	return nil
}

// account gives the account's place in memory, making it.
func (b *Base) account(id uint64) *account {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.accounts[id]
	if !ok {
		a = &account{turn: make(chan struct{}, 1)}
		b.accounts[id] = a
	}
	return a
}

// loaded lists the accounts in memory.
func (b *Base) loaded() []uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []uint64
	for id, a := range b.accounts {
		if index, _ := a.get(); index != nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (a *account) take(ctx context.Context) error {
	select {
	case a.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for knowledge: %w", context.Cause(ctx))
	}
}

func (a *account) give() { <-a.turn }

func (a *account) get() (*match.Index, uint64) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.index, a.version
}

func (a *account) at() uint64 {
	_, version := a.get()
	return version
}

func (a *account) set(index *match.Index, version uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.index, a.version = index, version
}
