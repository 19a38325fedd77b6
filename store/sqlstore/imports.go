package sqlstore

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// CreateImport stores an import that begins.
func (s *Store) CreateImport(ctx context.Context, imp model.Import) error {
	imp.FileName, imp.Err = clip(imp.FileName, nameSize), clip(imp.Err, errSize)
	err := s.write(ctx, func(tx *gorm.DB) error { return tx.Create(&imp).Error })
	return s.wrap(err, "create import %d", imp.ID)
}

// Import finds an import of an account.
func (s *Store) Import(ctx context.Context, accountID, id uint64) (model.Import, error) {
	imp, ok, err := find[model.Import](s.reader(ctx).Where("id = ? AND account_id = ?", id, accountID))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return imp, s.wrap(err, "read import %d", id)
}

// Imports lists an account's imports with smaller ids than before, newest first; before 0
// begins with the newest.
func (s *Store) Imports(ctx context.Context, accountID, before uint64, limit int) ([]model.Import, error) {
	var list []model.Import
	err := older(s.reader(ctx), "id", before).Where("account_id = ?", accountID).Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.wrap(err, "list imports of account %d", accountID)
}

// MoveImport writes all of imp where the import is in the state from and, where imp names an
// Owner, still has that one: else ErrStale. With a state that something new has to work on,
// or nobody, the import has no owner any more: a worker may claim it at once.
func (s *Store) MoveImport(ctx context.Context, imp model.Import, from model.ImportState) error {
	owner := imp.Owner
	if imp.State != from {
		imp.Owner, imp.UntilMS = "", 0
	}
	imp.FileName, imp.Err, imp.UpdatedMS = clip(imp.FileName, nameSize), clip(imp.Err, errSize), s.nowMS()
	err := s.write(ctx, func(tx *gorm.DB) error {
		q := tx.Model(&model.Import{}).Where("id = ? AND account_id = ? AND state = ?", imp.ID, imp.AccountID, from)
		if owner != "" {
			q = q.Where("owner = ?", owner)
		}
		return one(q.Select("*").Omit("id", "account_id", "created_ms").Updates(&imp), model.ErrStale)
	})
	return s.wrap(err, "move import %d from %s to %s", imp.ID, from, imp.State)
}

// claimTries is how many imports a worker tries to claim before it comes back later.
const claimTries = 5

// ClaimImport takes an import that has work and that nobody does, the longest waiting first,
// for the time of a lease; owner names the worker, at most 64 characters. ErrNotFound where
// there is none.
func (s *Store) ClaimImport(ctx context.Context, owner string, lease time.Duration) (model.Import, error) {
	now := s.nowMS()
	var waiting []model.Import
	err := s.reader(ctx).Where("state IN ? AND until_ms <= ?",
		[]model.ImportState{model.ImportChecking, model.ImportApplying, model.ImportUndoing}, now).
		Order("until_ms, id").Limit(claimTries).Find(&waiting).Error
	for _, imp := range waiting {
		err = s.write(ctx, func(tx *gorm.DB) error {
			asSeen := tx.Model(&model.Import{}).Where("id = ? AND account_id = ? AND state = ? AND owner = ? AND until_ms = ?",
				imp.ID, imp.AccountID, imp.State, imp.Owner, imp.UntilMS)
			return one(asSeen.Updates(map[string]any{"owner": owner, "until_ms": now + lease.Milliseconds()}), model.ErrStale)
		})
		if err == nil {
			imp.Owner, imp.UntilMS = owner, now+lease.Milliseconds()
			return imp, nil
		}
		if !errors.Is(err, model.ErrStale) {
			break
		}
		err = nil // somebody else was first
	}
	if err == nil {
		err = model.ErrNotFound
	}
	return model.Import{}, s.wrap(err, "claim an import")
}

// KeepImport tells how far a claimed import has come and makes its lease run anew; ErrFenced
// where another worker has it, or nobody has anything to do any more.
func (s *Store) KeepImport(ctx context.Context, imp model.Import, done, total int, lease time.Duration) error {
	now := s.nowMS()
	err := s.write(ctx, func(tx *gorm.DB) error {
		mine := tx.Model(&model.Import{}).Where("id = ? AND account_id = ? AND state = ? AND owner = ?", imp.ID, imp.AccountID, imp.State, imp.Owner)
		return one(mine.Updates(map[string]any{
			"done": done, "total": total, "until_ms": now + lease.Milliseconds(), "updated_ms": now,
		}), model.ErrFenced)
	})
	return s.wrap(err, "keep import %d", imp.ID)
}
