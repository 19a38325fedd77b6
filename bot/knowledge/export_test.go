package knowledge

import (
	"context"

	"deskmate/bot/knowledge/match"
)

// Rebuild does to an account in memory what a new encoder does, with slow in its place.
func (b *Base) Rebuild(ctx context.Context, accountID uint64, slow func(*match.Index) *match.Index) error {
	a := b.account(accountID)
	if err := a.bench.take(ctx); err != nil {
		return err
	}
	defer a.bench.give()
	return a.rebuild(ctx, slow, func(*holding) {})
}
