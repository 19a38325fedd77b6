package records

import (
	"context"
	"errors"
	"fmt"

	"deskmate/model"
)

// Forget takes sessions out of an account's text index. Only segments that have sessions with ids
// up to upTo are looked at; gone tells which of some sessions are to be forgotten. done is false
// where somebody else works on the index: to be tried again.
func (x *Indexer) Forget(
	ctx context.Context, accountID, upTo uint64, gone func(ctx context.Context, ids []uint64) (map[uint64]bool, error),
) (done bool, err error) {
	if mine, err := x.cfg.Store.ClaimTextIndex(ctx, accountID, x.cfg.Owner, claim); err != nil || !mine {
		return false, err
	}
	defer func() {
		err = errors.Join(err, x.cfg.Store.ReleaseTextIndex(context.WithoutCancel(ctx), accountID, x.cfg.Owner))
	}()
	segments, err := x.cfg.Store.TextSegments(ctx, accountID, 0, 0)
	if err != nil {
		return false, err
	}
	for _, seg := range segments {
		if seg.FirstID > upTo {
			continue
		}
		if err := x.forget(ctx, seg, gone); err != nil {
			return false, fmt.Errorf("forget sessions of a text segment of account %d: %w", accountID, err)
		}
		if mine, err := x.cfg.Store.ClaimTextIndex(ctx, accountID, x.cfg.Owner, claim); err != nil || !mine {
			return false, err
		}
	}
	return true, x.cfg.Store.DropTextParts(ctx, accountID)
}

// forget writes a segment anew without the sessions that are gone.
func (x *Indexer) forget(ctx context.Context, seg model.TextSegment, gone func(context.Context, []uint64) (map[uint64]bool, error)) error {
	parts, err := x.cfg.Store.TextParts(ctx, seg.AccountID, []uint64{seg.ID}, nil)
	if err != nil {
		return err
	}
	var ids []uint64
	for _, p := range parts {
		if p.Part < docParts {
			continue
		}
		docs, err := readBlock(p.Data)
		if err != nil {
			return err
		}
		for _, d := range docs {
			ids = append(ids, d.id)
		}
	}
	drop, err := gone(ctx, ids)
	if err != nil || len(drop) == 0 {
		return err
	}
	b, err := mergeWithout([]model.TextSegment{seg}, map[uint64][]model.TextPart{seg.ID: parts}, drop)
	if err != nil {
		return err
	}
	if len(b.docs) == 0 {
		return x.cfg.Store.DropTextSegment(ctx, x.cfg.Owner, seg.AccountID, seg.ID)
	}
	return x.publish(ctx, seg.AccountID, b, []uint64{seg.ID})
}
