package sqlstore

import (
	"cmp"
	"context"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// AddLogin stores a new login; without an ID it gets one.
func (s *Store) AddLogin(ctx context.Context, l model.Login) (model.Login, error) {
	now := s.now()
	l.ID, l.CreatedMS = cmp.Or(l.ID, model.NewID(now)), cmp.Or(l.CreatedMS, model.MS(now))
	l.SeenMS = cmp.Or(l.SeenMS, l.CreatedMS)
	l.ExpiresMS = cmp.Or(l.ExpiresMS, l.CreatedMS+model.LoginLife.Milliseconds())
	l.CorpID, l.UserID = model.Fold(l.CorpID), model.Fold(l.UserID)
	err := s.write(ctx, func(tx *gorm.DB) error { return tx.Create(&l).Error })
	return l, s.wrap(err, "save a login of %s", l.UserID)
}

// LoginByHash finds a login by the SHA-256 (hex) of what its browser carries. Whether it has
// ended is for the caller to see.
func (s *Store) LoginByHash(ctx context.Context, hash string) (model.Login, error) {
	l, ok, err := find[model.Login](s.reader(ctx).Where("hash = ?", hash))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return l, s.wrap(err, "read a login")
}

// TouchLogin remembers that a login was used, to the minute.
func (s *Store) TouchLogin(ctx context.Context, id uint64, atMS int64) error {
	minute := atMS - atMS%time.Minute.Milliseconds()
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&model.Login{}).Where("id = ? AND seen_ms < ?", id, minute).Update("seen_ms", minute).Error
	})
	return s.wrap(err, "touch login %d", id)
}

// Logins lists the logins of somebody, or of everybody, that have not ended: the newest first,
// below an id; 0: from the newest.
func (s *Store) Logins(ctx context.Context, whose model.Login, everybody bool, before uint64, limit int) ([]model.Login, error) {
	q := s.reader(ctx).Where("expires_ms > ? AND seen_ms > ?", s.nowMS(), s.nowMS()-model.LoginIdle.Milliseconds())
	if !everybody {
		q = q.Where("corp_id = ? AND user_id = ?", whose.CorpID, whose.UserID)
	}
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	var list []model.Login
	err := q.Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.wrap(err, "list logins")
}

// Login finds one by id.
func (s *Store) Login(ctx context.Context, id uint64) (model.Login, error) {
	l, ok, err := find[model.Login](s.reader(ctx).Where("id = ?", id))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return l, s.wrap(err, "read login %d", id)
}

// EndLogin ends a login, for good and at once; one that is gone is as good.
func (s *Store) EndLogin(ctx context.Context, id uint64) error {
	err := s.write(ctx, func(tx *gorm.DB) error { return tx.Where("id = ?", id).Delete(&model.Login{}).Error })
	return s.wrap(err, "end login %d", id)
}

// EndLogins ends all logins of a member.
func (s *Store) EndLogins(ctx context.Context, corpID, userID string) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Where("corp_id = ? AND user_id = ?", model.Fold(corpID), model.Fold(userID)).Delete(&model.Login{}).Error
	})
	return s.wrap(err, "end logins of %s", userID)
}

// PruneLogins deletes what has ended of logins and links.
func (s *Store) PruneLogins(ctx context.Context) error {
	now := s.nowMS()
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := tx.Where("expires_ms <= ?", now).Delete(&model.Login{}).Error; err != nil {
			return err
		}
		return tx.Where("expires_ms <= ?", now).Delete(&model.LoginLink{}).Error
	})
	return s.wrap(err, "prune logins")
}

// AddLoginLink stores a link that signs in once.
func (s *Store) AddLoginLink(ctx context.Context, hash string) error {
	now := s.nowMS()
	link := model.LoginLink{Hash: hash, CreatedMS: now, ExpiresMS: now + model.LinkLife.Milliseconds()}
	err := s.write(ctx, func(tx *gorm.DB) error { return tx.Create(&link).Error })
	return s.wrap(err, "save a login link")
}

// UseLoginLink uses a link up. It is [model.ErrNotFound] where there is none, or it was used, or
// is too old.
func (s *Store) UseLoginLink(ctx context.Context, hash string) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return one(tx.Where("hash = ? AND expires_ms > ?", hash, s.nowMS()).Delete(&model.LoginLink{}), model.ErrNotFound)
	})
	return s.wrap(err, "use a login link")
}
