package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

var errTokenNameTaken = &model.Error{
	Code: model.CodeConflict, Reason: "token_name_taken", Message: "已有同名令牌，请换一个名字，或先撤销旧令牌",
}

// SaveToken stores a new API token; without an ID it gets one. A name that another token has
// is a conflict with the reason token_name_taken.
func (s *Store) SaveToken(ctx context.Context, t model.Token) error {
	now := s.now()
	t.ID, t.CreatedMS = cmp.Or(t.ID, model.NewID(now)), cmp.Or(t.CreatedMS, model.MS(now))
	err := s.write(ctx, func(tx *gorm.DB) error { return tx.Create(&t).Error })
	if errors.Is(err, model.ErrDuplicate) {
		if _, taken, findErr := find[model.Token](s.reader(ctx).Where("name = ?", t.Name)); findErr != nil || taken {
			err = cmp.Or(findErr, error(errTokenNameTaken))
		}
	}
	return s.wrap(err, "save token %q", t.Name)
}

// TokenByHash finds a token by the SHA-256 (hex) of it. Whether it has ended is for the
// caller to see.
func (s *Store) TokenByHash(ctx context.Context, hash string) (model.Token, error) {
	t, ok, err := find[model.Token](s.reader(ctx).Where("hash = ?", hash))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return t, s.wrap(err, "read a token")
}

// Tokens lists all API tokens by name.
func (s *Store) Tokens(ctx context.Context) ([]model.Token, error) {
	var list []model.Token
	err := s.reader(ctx).Order("name").Find(&list).Error
	return list, s.wrap(err, "list tokens")
}

// RevokeToken ends a token, for good and at once.
func (s *Store) RevokeToken(ctx context.Context, name string) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return one(tx.Where("name = ?", name).Delete(&model.Token{}), model.ErrNotFound)
	})
	return s.wrap(err, "revoke token %q", name)
}

// TouchToken remembers that a token was used, to the minute: it writes once a minute at most.
func (s *Store) TouchToken(ctx context.Context, id uint64, atMS int64) error {
	minute := atMS - atMS%time.Minute.Milliseconds()
	used, known, err := find[model.Token](s.reader(ctx).Where("id = ?", id))
	if err == nil && known && used.LastUsedMS < minute {
		err = s.write(ctx, func(tx *gorm.DB) error {
			return tx.Model(&model.Token{}).Where("id = ? AND last_used_ms < ?", id, minute).Update("last_used_ms", minute).Error
		})
	}
	return s.wrap(err, "touch token %d", id)
}
