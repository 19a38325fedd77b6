package sqlstore

import (
	"cmp"
	"context"
	"strconv"

	"gorm.io/gorm"

	"deskmate/model"
)

// GoldenQuestions lists an account's golden questions, oldest first.
func (s *Store) GoldenQuestions(ctx context.Context, accountID uint64) ([]model.Golden, error) {
	var list []model.Golden
	err := s.reader(ctx).Where("account_id = ?", accountID).Order("id").Find(&list).Error
	return list, s.wrap(err, "read golden questions of account %d", accountID)
}

// SaveGolden writes a golden question and returns it as stored; without an ID it is a new one.
func (s *Store) SaveGolden(ctx context.Context, g model.Golden) (model.Golden, error) {
	fresh := g.ID == 0
	if fresh {
		now := s.now()
		g.ID, g.CreatedMS = model.NewID(now), model.MS(now)
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		var before any
		if fresh {
			if err := tx.Create(&g).Error; err != nil {
				return err
			}
		} else {
			old, ok, err := find[model.Golden](tx.Where("id = ? AND account_id = ?", g.ID, g.AccountID))
			if err != nil || !ok {
				return cmp.Or(err, error(model.ErrNotFound))
			}
			before, g.CreatedMS = goldenSaid(old), old.CreatedMS
			if err := tx.Save(&g).Error; err != nil {
				return err
			}
		}
		entry := by(model.Audit{}, g.AccountID, "golden.saved", strconv.FormatUint(g.ID, 10), before, goldenSaid(g))
		return saveAudits(tx, []model.Audit{entry}, s.nowMS())
	})
	return g, s.wrap(err, "save golden question %d", g.ID)
}

// DeleteGolden removes a golden question.
func (s *Store) DeleteGolden(ctx context.Context, accountID, id uint64) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		old, ok, err := find[model.Golden](tx.Where("id = ? AND account_id = ?", id, accountID))
		if err != nil || !ok {
			return cmp.Or(err, error(model.ErrNotFound))
		}
		if err := one(tx.Where("account_id = ? AND id = ?", accountID, id).Delete(&model.Golden{}), model.ErrNotFound); err != nil {
			return err
		}
		entry := by(model.Audit{}, accountID, "golden.deleted", strconv.FormatUint(id, 10), goldenSaid(old), nil)
		return saveAudits(tx, []model.Audit{entry}, s.nowMS())
	})
	return s.wrap(err, "delete golden question %d", id)
}

// goldenSaid is a golden question as the audit log tells it: without its words, which may be an
// employee's, and what is in the log can't be erased.
func goldenSaid(g model.Golden) map[string]any {
	return map[string]any{"entry": strconv.FormatUint(g.EntryID, 10)}
}
