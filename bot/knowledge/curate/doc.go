// Package curate is what people do with a knowledge base: they write entries ([Editor]), ask
// golden questions before a change goes live ([Examiner]), bring files in ([Importer]), turn
// misses into entries ([Misses]) and choose thresholds ([Tuner]).
//
// It decides what is allowed, what is worth a warning and what would change; each part says
// in small interfaces what it needs of a store. Who may do what, it doesn't know. Errors are
// [model.Error] with a stable reason and a Chinese sentence that says what is wrong where;
// nothing is done by halves.
package curate

import (
	"context"

	"deskmate/bot/knowledge/match"
)

// Base is the knowledge base in memory, as [knowledge.Base] keeps it.
type Base interface {
	// Index is an account's base as it is in memory; it never changes.
	Index(ctx context.Context, accountID uint64) (*match.Index, error)
	// Refresh reads what changed, so that this replica answers from it at once.
	Refresh(ctx context.Context, accountID uint64) error
}
