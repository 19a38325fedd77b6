package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// AddLogin stores a new login; without an ID it gets one. Some of those that have ended are
// removed on the way.
func (s *Store) AddLogin(ctx context.Context, l model.Login) (model.Login, error) {
	now := s.now()
	l.ID, l.CreatedMS = cmp.Or(l.ID, model.NewID(now)), cmp.Or(l.CreatedMS, model.MS(now))
	l.SeenMS = cmp.Or(l.SeenMS, l.CreatedMS)
	l.ExpiresMS = cmp.Or(l.ExpiresMS, l.CreatedMS+model.LoginLife.Milliseconds())
	l.CorpID, l.UserID = model.Fold(l.CorpID), model.Fold(l.UserID)
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := sweep(tx, &model.Login{}, "id", model.MS(now)); err != nil {
			return err
		}
		return tx.Create(&l).Error
	})
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

// EndLogins ends the logins of somebody but for one; 0: all. It says how many there were.
func (s *Store) EndLogins(ctx context.Context, corpID, userID string, but uint64) (ended int64, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		res := tx.Where("corp_id = ? AND user_id = ? AND id <> ?", model.Fold(corpID), model.Fold(userID), but).Delete(&model.Login{})
		ended = res.RowsAffected
		return res.Error
	})
	return ended, s.wrap(err, "end logins of %s", userID)
}

// sweepRows is how many rows that have expired are removed with each that is added.
const sweepRows = 100

// sweep removes some rows that have expired.
func sweep(tx *gorm.DB, row any, key string, nowMS int64) error {
	var old []any
	err := tx.Model(row).Where("expires_ms <= ?", nowMS).Order("expires_ms").Limit(sweepRows).Pluck(key, &old).Error
	if err != nil || len(old) == 0 {
		return err
	}
	return tx.Where(key+" IN ?", old).Delete(row).Error
}

// AddLoginLink stores a link that signs in once.
func (s *Store) AddLoginLink(ctx context.Context, hash string) error {
	now := s.nowMS()
	link := model.LoginLink{Hash: hash, CreatedMS: now, ExpiresMS: now + model.LinkLife.Milliseconds()}
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := sweep(tx, &model.LoginLink{}, "hash", now); err != nil {
			return err
		}
		return errors.Join(tx.Create(&link).Error, saveAudits(tx, []model.Audit{{Actor: "cli", Action: "login.link", Target: "login-link"}}, now))
	})
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

// AddLoginStart remembers that a sign-in went to WeCom. Some of those that came to nothing are
// removed on the way.
func (s *Store) AddLoginStart(ctx context.Context, l model.LoginStart) error {
	now := s.nowMS()
	l.ExpiresMS = now + model.LoginStartLife.Milliseconds()
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := sweep(tx, &model.LoginStart{}, "hash", now); err != nil {
			return err
		}
		return tx.Create(&l).Error
	})
	return s.wrap(err, "begin a sign-in")
}

// TakeLoginStart gives a sign-in that has begun, once. It is [model.ErrNotFound] where there is
// none, or it came back before, or took too long.
func (s *Store) TakeLoginStart(ctx context.Context, hash string) (l model.LoginStart, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		found, ok, err := find[model.LoginStart](tx.Where("hash = ? AND expires_ms > ?", hash, s.nowMS()))
		if err != nil {
			return err
		}
		if !ok {
			return model.ErrNotFound
		}
		l = found
		return one(tx.Where("hash = ?", hash).Delete(&model.LoginStart{}), model.ErrNotFound)
	})
	return l, s.wrap(err, "go on with a sign-in")
}
