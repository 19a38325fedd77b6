package sqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// Retention says how far deleting has come in an account; a zero value where it never began.
func (s *Store) Retention(ctx context.Context, accountID uint64) (model.RetentionRun, error) {
	run, ok, err := find[model.RetentionRun](s.reader(ctx).Where("account_id = ?", accountID))
	if !ok {
		run = model.RetentionRun{AccountID: accountID}
	}
	return run, s.wrap(err, "read the retention of account %d", accountID)
}

// ClaimRetention lets a worker delete in an account for the time of a lease, if it is due and
// nobody else does; the worker itself may claim again to have longer. It reports whether the claim
// holds.
func (s *Store) ClaimRetention(ctx context.Context, accountID uint64, owner string, lease time.Duration) (bool, error) {
	if owner == "" {
		return false, model.Invalid("owner", "who deletes needs a name")
	}
	now := s.nowMS()
	// Most looks find nothing to do: they shall not cost a transaction.
	run, known, err := find[model.RetentionRun](s.reader(ctx).Where("account_id = ?", accountID))
	if err != nil || known && (run.DueMS > now || run.Owner != owner && run.UntilMS > now) {
		return false, s.wrap(err, "look whether account %d has anything to delete", accountID)
	}
	claimed := false
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&model.RetentionRun{AccountID: accountID}).Error; err != nil {
			return err
		}
		res := tx.Model(&model.RetentionRun{}).Where("account_id = ? AND due_ms <= ? AND (until_ms <= ? OR owner = ?)", accountID, now, now, owner).
			Updates(map[string]any{"owner": owner, "until_ms": now + lease.Milliseconds()})
		claimed = res.RowsAffected == 1
		return res.Error
	})
	return claimed && err == nil, s.wrap(err, "claim the retention of account %d", accountID)
}

// EndRetention ends a worker's claim: nothing is to do until a time. What was deleted since the
// last entry goes to the audit log.
func (s *Store) EndRetention(ctx context.Context, accountID uint64, owner string, due time.Time) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		run, err := lockRetention(tx, accountID, owner)
		if err != nil {
			return err
		}
		now := s.nowMS()
		if news := run.Deleted.Minus(run.Audited); news.Sessions+news.Files > 0 {
			entry := model.Audit{AccountID: accountID, Actor: "system", Action: "retention.deleted", After: auditText(news)}
			if err := saveAudits(tx, []model.Audit{entry}, now); err != nil {
				return err
			}
			run.Audited = run.Deleted
		}
		run.Owner, run.UntilMS, run.DueMS, run.RanMS = "", 0, due.UnixMilli(), now
		return tx.Model(&run).Select("owner", "until_ms", "due_ms", "ran_ms", "audited").Updates(&run).Error
	})
	return s.wrap(err, "end the retention of account %d", accountID)
}

// HurryRetention makes deleting in an account due now.
func (s *Store) HurryRetention(ctx context.Context, accountID uint64) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&model.RetentionRun{}).Where("account_id = ?", accountID).Update("due_ms", 0).Error
	})
	return s.wrap(err, "hurry the retention of account %d", accountID)
}

// lockRetention locks the row of a claim; [model.ErrFenced] where it is somebody else's now.
func lockRetention(tx *gorm.DB, accountID uint64, owner string) (model.RetentionRun, error) {
	run, ok, err := find[model.RetentionRun](tx.Clauses(forUpdate()).Where("account_id = ? AND owner = ? AND owner <> ''", accountID, owner))
	if err == nil && !ok {
		err = model.ErrFenced
	}
	return run, err
}

// countDeleted adds to what was deleted in an account.
func countDeleted(tx *gorm.DB, run model.RetentionRun, n model.RetentionCounts, lastID uint64) error {
	run.Deleted.Add(n)
	run.UnindexID = max(run.UnindexID, lastID)
	return tx.Model(&run).Select("deleted", "unindex_id").Updates(&run).Error
}

// KeepStats freezes an account's figures of what began before a time, for its sessions may go
// from then on. It is [model.ErrUnavailable] until all of that is counted.
func (s *Store) KeepStats(ctx context.Context, accountID uint64, beforeMS int64) error {
	const lately = time.Hour // a replica counts every few seconds
	err := s.write(ctx, func(tx *gorm.DB) error {
		st, ok, err := find[model.StatState](tx.Clauses(forUpdate()).Where("account_id = ?", accountID))
		switch {
		case err != nil:
			return err
		case ok && st.KeptMS >= beforeMS:
			return nil
		case !ok || st.SinceMS > 0 || st.RefoldMS > 0 || s.nowMS()-st.ThroughMS > lately.Milliseconds():
			return errNotCounted
		}
		st.KeptMS, st.Version = beforeMS, st.Version+1
		return tx.Model(&st).Select("kept_ms", "version").Updates(&st).Error
	})
	return s.wrap(err, "freeze the figures of account %d", accountID)
}

var errNotCounted = &model.Error{Code: model.CodeUnavailable, Reason: "not_counted", Message: "统计数据还没有汇总完，完成后才会开始清理"}

// ForgetIndexed notes that the text index knows nothing any more of sessions up to an id that are
// gone.
func (s *Store) ForgetIndexed(ctx context.Context, accountID uint64, owner string, upTo uint64) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		run, err := lockRetention(tx, accountID, owner)
		if err != nil || run.UnindexID > upTo {
			return err
		}
		return tx.Model(&run).Update("unindex_id", 0).Error
	})
	return s.wrap(err, "note that the text index of account %d is clean", accountID)
}
