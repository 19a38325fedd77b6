package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"deskmate/model"
)

var errShortcutTaken = &model.Error{
	Code: model.CodeConflict, Reason: "shortcut_taken", Message: "已有同样短语的快捷回复",
}

// QuickReplies lists the quick replies that a seat has: the account's first, then its own,
// each in their order.
func (s *Store) QuickReplies(ctx context.Context, f model.QuickFilter) ([]model.QuickReply, error) {
	var list []model.QuickReply
	for len(list) < f.Limit {
		var page []model.QuickReply
		err := quickAfter(s.reader(ctx), f).Order("owner, position, id").Limit(batchRows).Find(&page).Error
		if err != nil {
			return nil, s.wrap(err, "list quick replies of account %d", f.AccountID)
		}
		for _, q := range page {
			if q.Matches(f.Text) {
				list = append(list, q)
			}
		}
		if len(page) < batchRows {
			break
		}
		last := page[len(page)-1]
		f.After = model.QuickPlace{Owner: last.Owner, Position: last.Position, ID: last.ID}
	}
	return list[:min(len(list), f.Limit)], nil
}

// quickAfter narrows to the seat's quick replies behind a place.
func quickAfter(q *gorm.DB, f model.QuickFilter) *gorm.DB {
	owners := []string{""}
	if seat := model.Fold(f.Seat); seat != "" {
		owners = append(owners, seat)
	}
	q = q.Where("account_id = ? AND owner IN ?", f.AccountID, owners)
	if a := f.After; a != (model.QuickPlace{}) {
		q = q.Where("owner > ? OR (owner = ? AND (position > ? OR (position = ? AND id > ?)))",
			a.Owner, a.Owner, a.Position, a.Position, a.ID)
	}
	return q
}

// QuickReply finds a quick reply of an account.
func (s *Store) QuickReply(ctx context.Context, accountID, id uint64) (model.QuickReply, error) {
	q, ok, err := find[model.QuickReply](s.reader(ctx).Where("account_id = ? AND id = ?", accountID, id))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return q, s.wrap(err, "read quick reply %d", id)
}

// SaveQuickReply writes a quick reply and returns it as stored. Without an ID it is a new one,
// the last of its owner's; with one, its Version must be what is stored, else it is
// [model.ErrStale], and Owner and Position stay. A shortcut that the owner uses already is a
// conflict with the reason shortcut_taken.
func (s *Store) SaveQuickReply(ctx context.Context, q model.QuickReply) (model.QuickReply, error) {
	if err := q.Check(); err != nil {
		return q, err
	}
	q.Owner, q.Folded, q.UpdatedMS = model.Fold(q.Owner), model.FoldShortcut(q.Shortcut), s.nowMS()
	write := s.changeQuickReply
	if q.ID == 0 {
		write = s.addQuickReply
	}
	err := s.write(ctx, func(tx *gorm.DB) error { return write(tx, &q) })
	if errors.Is(err, model.ErrDuplicate) {
		err = errShortcutTaken
	}
	return q, s.wrap(err, "save a quick reply of account %d", q.AccountID)
}

func (s *Store) addQuickReply(tx *gorm.DB, q *model.QuickReply) error {
	var have struct{ Count, Last int }
	err := ownedQuick(tx, q.AccountID, q.Owner).Select("COUNT(*) AS count, COALESCE(MAX(position), -1) AS last").Scan(&have).Error
	if err != nil {
		return err
	}
	if have.Count >= model.MaxQuickReplies {
		return model.Invalid("quick_reply_limit", "快捷回复最多 %d 条", model.MaxQuickReplies)
	}
	q.ID, q.Version, q.Position = model.NewID(s.now()), 1, have.Last+1
	if err := tx.Create(q).Error; err != nil {
		q.ID = 0 // tried again, it is still a new one
		return err
	}
	return s.quickAudit(tx, "quick_reply.saved", nil, q)
}

// quickAudit writes down what was done to a quick reply; before or after is nil for none.
func (s *Store) quickAudit(tx *gorm.DB, action string, before, after *model.QuickReply) error {
	said := func(q *model.QuickReply) any {
		if q == nil {
			return nil
		}
		return map[string]any{"shortcut": q.Shortcut, "title": q.Title, "group": q.Group, "text": q.Text}
	}
	of := cmp.Or(after, before)
	entry := by(model.Audit{}, of.AccountID, action, strconv.FormatUint(of.ID, 10), said(before), said(after))
	return saveAudits(tx, []model.Audit{entry}, s.nowMS())
}

func (s *Store) changeQuickReply(tx *gorm.DB, q *model.QuickReply) error {
	old, ok, err := find[model.QuickReply](tx.Where("account_id = ? AND id = ? AND owner = ?", q.AccountID, q.ID, q.Owner))
	if err != nil || !ok {
		return cmp.Or(err, error(model.ErrNotFound))
	}
	seen := q.Version
	next := *q
	next.Position, next.Version = old.Position, seen+1
	err = one(tx.Model(&model.QuickReply{}).Where("id = ? AND version = ?", q.ID, seen).
		Select("*").Omit("id", "position").Updates(next), model.ErrStale)
	if err != nil {
		return err
	}
	*q = next
	return s.quickAudit(tx, "quick_reply.saved", &old, q)
}

// DeleteQuickReply removes a quick reply of an owner. Where version isn't 0 it must be what is
// stored, else it is [model.ErrStale].
func (s *Store) DeleteQuickReply(ctx context.Context, accountID uint64, owner string, id, version uint64) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		old, ok, err := find[model.QuickReply](ownedQuick(tx, accountID, owner).Where("id = ?", id))
		switch {
		case err != nil:
			return err
		case !ok:
			return model.ErrNotFound
		case version != 0 && version != old.Version:
			return model.ErrStale
		}
		if err := one(tx.Where("id = ? AND version = ?", id, old.Version).Delete(&model.QuickReply{}), model.ErrStale); err != nil {
			return err
		}
		return s.quickAudit(tx, "quick_reply.deleted", &old, nil)
	})
	return s.wrap(err, "delete quick reply %d", id)
}

// OrderQuickReplies puts an owner's quick replies into an order: those named first, the others
// behind them as they were. One that isn't the owner's is [model.ErrNotFound].
func (s *Store) OrderQuickReplies(ctx context.Context, accountID uint64, owner string, ids []uint64) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		var have []model.QuickReply
		if err := ownedQuick(tx, accountID, owner).Order("position, id").Find(&have).Error; err != nil {
			return err
		}
		order := make([]uint64, 0, len(have))
		for _, id := range ids {
			if !slices.ContainsFunc(have, func(q model.QuickReply) bool { return q.ID == id }) {
				return model.ErrNotFound
			}
			order = append(order, id)
		}
		for _, q := range have {
			if !slices.Contains(ids, q.ID) {
				order = append(order, q.ID)
			}
		}
		moved := 0
		for _, q := range have {
			at := slices.Index(order, q.ID)
			if at == q.Position {
				continue
			}
			moved++
			if err := tx.Model(&model.QuickReply{}).Where("id = ?", q.ID).Update("position", at).Error; err != nil {
				return err
			}
		}
		if moved == 0 {
			return nil
		}
		entry := by(model.Audit{}, accountID, "quick_reply.ordered", owner, nil, map[string]any{"count": moved})
		return saveAudits(tx, []model.Audit{entry}, s.nowMS())
	})
	return s.wrap(err, "order quick replies of account %d", accountID)
}

// ownedQuick narrows to an owner's quick replies.
func ownedQuick(tx *gorm.DB, accountID uint64, owner string) *gorm.DB {
	return tx.Model(&model.QuickReply{}).Where("account_id = ? AND owner = ?", accountID, model.Fold(owner))
}
