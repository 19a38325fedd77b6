package records

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"deskmate/model"
)

// Indexer keeps the text indexes of all accounts in step with their transcripts. Any number of
// replicas may run one: who claims an account's index works on it.
type Indexer struct{ cfg IndexerConfig }

// IndexerConfig is what an indexer works with. Every field but the last is required.
type IndexerConfig struct {
	Store    IndexStore
	Accounts Accounts
	Fold     Folder
	Owner    string // names this process
	Now      func() time.Time
	Log      *slog.Logger
	Every    time.Duration // between looks
	Quiet    time.Duration // a session that is open is indexed after this time without a change
	Batch    int           // sessions at once; 0: 2000
}

// Accounts lists the accounts.
type Accounts interface {
	Accounts(ctx context.Context) ([]model.Account, error)
}

// IndexStore keeps text indexes.
type IndexStore interface {
	ClaimTextIndex(ctx context.Context, accountID uint64, owner string, lease time.Duration) (bool, error)
	ReleaseTextIndex(ctx context.Context, accountID uint64, owner string) error
	UnindexedSessions(ctx context.Context, accountID uint64, quietMS int64, limit int) ([]model.SessionText, error)
	SessionMessages(ctx context.Context, accountID uint64, ids []uint64) (map[uint64][]model.Message, error)
	TextSegments(ctx context.Context, accountID, from, before uint64) ([]model.TextSegment, error)
	TextParts(ctx context.Context, accountID uint64, segmentIDs []uint64, parts []int) ([]model.TextPart, error)
	SaveTextParts(ctx context.Context, parts []model.TextPart) error
	PublishTextSegment(ctx context.Context, owner string, seg model.TextSegment, replaces []uint64) error
	MarkIndexed(ctx context.Context, accountID uint64, sessions []model.SessionText) error
	DropTextParts(ctx context.Context, accountID uint64) error
	// DropTextSegment takes a segment out of use; [model.ErrFenced] as above.
	DropTextSegment(ctx context.Context, owner string, accountID, id uint64) error
}

// NewIndexer makes an indexer.
func NewIndexer(cfg IndexerConfig) *Indexer {
	if cfg.Batch == 0 {
		const usual = 2000
		cfg.Batch = usual
	}
	return &Indexer{cfg}
}

// claim is how long an account's index is claimed, far longer than one batch takes.
const claim = 5 * time.Minute

// Run indexes what is there and what comes, until ctx ends.
func (x *Indexer) Run(ctx context.Context) error {
	tick := time.NewTicker(x.cfg.Every)
	defer tick.Stop()
	for {
		x.pass(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (x *Indexer) pass(ctx context.Context) {
	accounts, err := x.cfg.Accounts.Accounts(ctx)
	if err != nil {
		x.failed(ctx, "", err)
	}
	for _, acc := range accounts {
		if _, err := x.Index(ctx, acc.ID); err != nil {
			x.failed(ctx, acc.Key, err)
		}
	}
}

func (x *Indexer) failed(ctx context.Context, key string, err error) {
	if ctx.Err() == nil && !errors.Is(err, model.ErrFenced) {
		x.cfg.Log.WarnContext(ctx, "transcripts not indexed", "account_key", key, "err", err.Error())
	}
}

// Index indexes all of an account's text that is ready for it, unless somebody else does, and
// gives the number of sessions.
func (x *Indexer) Index(ctx context.Context, accountID uint64) (sessions int, err error) {
	if ready, err := x.ready(ctx, accountID, 1); err != nil || len(ready) == 0 {
		return 0, err
	}
	if mine, err := x.cfg.Store.ClaimTextIndex(ctx, accountID, x.cfg.Owner, claim); err != nil || !mine {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, x.cfg.Store.ReleaseTextIndex(context.WithoutCancel(ctx), accountID, x.cfg.Owner))
	}()
	if err := x.cfg.Store.DropTextParts(ctx, accountID); err != nil {
		return 0, err
	}
	for {
		n, err := x.batch(ctx, accountID)
		sessions += n
		if err != nil || n == 0 {
			return sessions, err
		}
		if err := x.merge(ctx, accountID); err != nil || n < x.cfg.Batch {
			return sessions, err
		}
		if mine, err := x.cfg.Store.ClaimTextIndex(ctx, accountID, x.cfg.Owner, claim); err != nil || !mine {
			return sessions, err
		}
	}
}

func (x *Indexer) ready(ctx context.Context, accountID uint64, limit int) ([]model.SessionText, error) {
	return x.cfg.Store.UnindexedSessions(ctx, accountID, x.cfg.Now().Add(-x.cfg.Quiet).UnixMilli(), limit)
}

// batch writes a segment of sessions that are ready.
func (x *Indexer) batch(ctx context.Context, accountID uint64) (int, error) {
	sessions, err := x.ready(ctx, accountID, x.cfg.Batch)
	if err != nil || len(sessions) == 0 {
		return 0, err
	}
	b := newBuilder()
	const some = 200
	for at := 0; at < len(sessions); at += some {
		page := sessions[at:min(len(sessions), at+some)]
		ids := make([]uint64, len(page))
		for i, s := range page {
			ids[i] = s.ID
		}
		messages, err := x.cfg.Store.SessionMessages(ctx, accountID, ids)
		if err != nil {
			return 0, err
		}
		for _, s := range page {
			b.add(doc{s.ID, s.Lines}, x.cfg.Fold, textsOf(messages[s.ID]))
		}
	}
	if err := x.publish(ctx, accountID, b, nil); err != nil {
		return 0, err
	}
	return len(sessions), x.cfg.Store.MarkIndexed(ctx, accountID, sessions)
}

// textsOf are the texts of messages that can be found.
func textsOf(messages []model.Message) []string {
	texts := make([]string, 0, len(messages))
	for _, m := range messages {
		if t := Text(m); t != "" {
			texts = append(texts, t)
		}
	}
	return texts
}

func (x *Indexer) publish(ctx context.Context, accountID uint64, b *builder, replaces []uint64) error {
	seg, parts := b.segment(accountID, model.NewID(x.cfg.Now()))
	if err := x.cfg.Store.SaveTextParts(ctx, parts); err != nil {
		return err
	}
	return x.cfg.Store.PublishTextSegment(ctx, x.cfg.Owner, seg, replaces)
}

// merge joins segments until there are few of each size.
func (x *Indexer) merge(ctx context.Context, accountID uint64) error {
	for {
		all, err := x.cfg.Store.TextSegments(ctx, accountID, 0, 0)
		if err != nil {
			return err
		}
		some := mergeable(all)
		if some == nil {
			return nil
		}
		ids, parts := make([]uint64, len(some)), map[uint64][]model.TextPart{}
		for i, s := range some {
			ids[i] = s.ID
			if parts[s.ID], err = x.cfg.Store.TextParts(ctx, accountID, ids[i:i+1], nil); err != nil {
				return err
			}
		}
		b, err := merge(some, parts)
		if err != nil {
			return fmt.Errorf("join text segments of account %d: %w", accountID, err)
		}
		if err := x.publish(ctx, accountID, b, ids); err != nil {
			return err
		}
	}
}
