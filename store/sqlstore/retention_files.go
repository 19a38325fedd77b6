package sqlstore

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// expiredMedia narrows to an account's media of before a time that are not gone yet.
func expiredMedia(q *gorm.DB, accountID uint64, beforeMS int64) *gorm.DB {
	return q.Model(&model.MessageMedia{}).Where("account_id = ? AND state = ? AND sent_ms < ?", accountID, model.MediaStored, beforeMS)
}

// PlanMedia says what the retention of an account's media would delete before a time.
func (s *Store) PlanMedia(ctx context.Context, accountID uint64, beforeMS int64) (model.RetentionPlan, error) {
	plan := model.RetentionPlan{CutMS: beforeMS}
	var kept struct{ Files, Bytes, Oldest, Newest int64 }
	err := expiredMedia(s.reader(ctx), accountID, beforeMS).
		Select("COUNT(*) AS files, COALESCE(SUM(size), 0) AS bytes, COALESCE(MIN(sent_ms), 0) AS oldest, COALESCE(MAX(sent_ms), 0) AS newest").
		Scan(&kept).Error
	plan.Files, plan.Bytes, plan.OldestMS, plan.NewestMS = kept.Files, kept.Bytes, kept.Oldest, kept.Newest
	if err != nil {
		return plan, s.wrap(err, "plan the retention of media of account %d", accountID)
	}
	err = s.eachUpload(ctx, accountID, model.FirstID(beforeMS), nil, func(b model.Blob) bool {
		at := model.IDTime(b.ID)
		plan.Files, plan.Bytes, plan.NewestMS = plan.Files+1, plan.Bytes+b.Size, max(plan.NewestMS, at)
		if plan.OldestMS == 0 || at < plan.OldestMS {
			plan.OldestMS = at
		}
		return true
	})
	return plan, s.wrap(err, "plan the retention of uploads of account %d", accountID)
}

// ExpireMedia deletes some media of an account of before a time; their lines stay. It tells
// whether there may be more. [model.ErrFenced] where somebody else has taken over.
func (s *Store) ExpireMedia(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		more = false
		run, err := lockRetention(tx, accountID, owner)
		if err != nil {
			return err
		}
		var list []model.MessageMedia
		if err := expiredMedia(tx, accountID, beforeMS).Order("sent_ms").Limit(batchRows).Find(&list).Error; err != nil || len(list) == 0 {
			return err
		}
		more = true
		n := model.RetentionCounts{Files: int64(len(list))}
		for _, m := range list {
			n.Bytes += m.Size
			if err := queueFiles(tx, messageMedia(tx, m)); err != nil {
				return err
			}
			if err := messageMedia(tx, m).Updates(forgottenMedia(model.MediaExpired)).Error; err != nil {
				return err
			}
		}
		return countDeleted(tx, run, n, 0)
	})
	if err != nil || more {
		return more, s.wrap(err, "delete old media of account %d", accountID)
	}
	return s.expireUploads(ctx, accountID, owner, func(do func(model.Blob) bool) error {
		return s.eachUpload(ctx, accountID, model.FirstID(beforeMS), nil, do)
	})
}

// forgottenMedia is what a row of media says once its file is gone.
func forgottenMedia(state model.MediaState) map[string]any {
	return map[string]any{"state": state, "blob_key": "", "name": "", "sum": "", "media_id": "", "again_id": "", "again_ms": 0}
}

// fileGoes tells whoever stores a file that the same bytes are being removed: to be tried again.
var errFileGoes = &model.Error{Code: model.CodeUnavailable, Reason: "file_goes", Message: "the same file is being removed"}

// claimFile makes sure that a file which a line is about to rely on stays: its removal is called
// off, or, where that has begun, the line is told to store it again.
func claimFile(tx *gorm.DB, key string) error {
	if key == "" {
		return nil
	}
	row, ok, err := find[model.FileRemoval](tx.Clauses(forUpdate()).Where("blob_key = ?", key))
	if err != nil || !ok {
		return err
	}
	if row.BegunMS != 0 && row.DoneMS == 0 {
		return errFileGoes
	}
	if err := tx.Where("blob_key = ?", key).Delete(&model.FileRemoval{}).Error; err != nil {
		return err
	}
	return onlyIf(row.DoneMS != 0, errFileGoes)
}

// orphanFile notes a file for removal that was stored in vain, unless a line has it.
func (s *Store) orphanFile(ctx context.Context, key string) error {
	if key == "" {
		return nil
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&model.FileRemoval{Key: key, AccountID: fileAccount(key)}).Error
	})
}

// fileTombstone is how long the row of a removed file stays: longer than anybody stores one.
const fileTombstone = time.Hour

// RemoveFiles removes files that no line needs any more, some at a time, and tells how many are
// left. remove deletes a file; one that is not there is no error.
func (s *Store) RemoveFiles(ctx context.Context, accountID uint64, remove func(ctx context.Context, key string) error) (left int, err error) {
	q := s.reader(ctx)
	var list []model.FileRemoval
	if err := q.Where("account_id = ? AND done_ms = 0", accountID).Limit(batchRows).Find(&list).Error; err != nil {
		return 0, s.wrap(err, "list files to remove of account %d", accountID)
	}
	for _, f := range list {
		if err := s.removeFile(ctx, f.Key, remove); err != nil {
			return len(list), s.wrap(err, "remove a file of account %d", accountID)
		}
	}
	var n int64
	err = s.write(ctx, func(tx *gorm.DB) error {
		old := s.nowMS() - fileTombstone.Milliseconds()
		return tx.Where("account_id = ? AND done_ms > 0 AND done_ms < ?", accountID, old).Delete(&model.FileRemoval{}).Error
	})
	err = errors.Join(err, q.Model(&model.FileRemoval{}).Where("account_id = ? AND done_ms = 0", accountID).Count(&n).Error)
	return int(n), s.wrap(err, "list files to remove of account %d", accountID)
}

func (s *Store) removeFile(ctx context.Context, key string, remove func(context.Context, string) error) error {
	begun := false
	err := s.write(ctx, func(tx *gorm.DB) error {
		begun = false
		row, ok, err := find[model.FileRemoval](tx.Clauses(forUpdate()).Where("blob_key = ? AND done_ms = 0", key))
		if err != nil || !ok {
			return err
		}
		_, needed, err := find[model.MessageMedia](tx.Where("blob_key = ?", key))
		if err != nil {
			return err
		}
		if needed {
			return tx.Where("blob_key = ?", key).Delete(&model.FileRemoval{}).Error
		}
		begun = true
		if row.BegunMS != 0 {
			return nil // by somebody who did not come to the end
		}
		return tx.Model(&row).Update("begun_ms", s.nowMS()).Error
	})
	if err != nil || !begun {
		return err
	}
	if err := remove(ctx, key); err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&model.FileRemoval{}).Where("blob_key = ?", key).Update("done_ms", s.nowMS()).Error
	})
}
