package sqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// textIndexRow says who indexes an account's text, and until when.
type textIndexRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Owner     string `gorm:"size:64"`
	UntilMS   int64
}

// TableName implements gorm's Tabler.
func (textIndexRow) TableName() string { return "text_index" }

// ClaimTextIndex lets a worker index an account's text for the time of a lease, if nobody else
// does; the worker itself may claim again to have longer. It reports whether the claim holds.
func (s *Store) ClaimTextIndex(ctx context.Context, accountID uint64, owner string, lease time.Duration) (bool, error) {
	if owner == "" {
		return false, model.Invalid("owner", "who indexes needs a name")
	}
	claimed := false
	err := s.write(ctx, func(tx *gorm.DB) error {
		now := s.nowMS()
		first := textIndexRow{AccountID: accountID}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&first).Error; err != nil {
			return err
		}
		res := tx.Model(&textIndexRow{}).Where("account_id = ? AND (until_ms <= ? OR owner = ?)", accountID, now, owner).
			Updates(map[string]any{"owner": owner, "until_ms": now + lease.Milliseconds()})
		claimed = res.RowsAffected == 1
		return res.Error
	})
	return claimed && err == nil, s.wrap(err, "claim text index of account %d", accountID)
}

// ReleaseTextIndex ends a worker's claim.
func (s *Store) ReleaseTextIndex(ctx context.Context, accountID uint64, owner string) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&textIndexRow{}).Where("account_id = ? AND owner = ?", accountID, owner).
			Updates(map[string]any{"owner": "", "until_ms": 0}).Error
	})
	return s.wrap(err, "let go of text index of account %d", accountID)
}

// unindexed narrows to the sessions of an account that the text index doesn't know whole: few,
// which a server doesn't guess.
func (s *Store) unindexed(ctx context.Context, accountID uint64) *gorm.DB {
	return s.reader(ctx).Table(s.dialect.using("session", "session_unindexed")).
		Where("account_id = ? AND unindexed = ?", accountID, true)
}

// UnindexedSessions lists sessions whose text is to be indexed, oldest first: closed ones, and
// those without a change since a time.
func (s *Store) UnindexedSessions(ctx context.Context, accountID uint64, quietMS int64, limit int) ([]model.SessionText, error) {
	var rows []model.SessionText
	err := s.unindexed(ctx, accountID).Select("id, message_count AS `lines`").
		Where("state = ? OR updated_ms < ?", model.StateClosed, quietMS).Order("id").Limit(limit).Find(&rows).Error
	return rows, s.wrap(err, "list unindexed sessions of account %d", accountID)
}

// UnindexedIDs lists the sessions of an account with ids in [from, before) that the text index
// doesn't know whole, newest first; before 0 begins with the newest.
func (s *Store) UnindexedIDs(ctx context.Context, accountID, from, before uint64, limit int) ([]uint64, error) {
	var ids []uint64
	err := older(s.unindexed(ctx, accountID), "id", before).Where("id >= ?", from).
		Order("id DESC").Limit(limit).Pluck("id", &ids).Error
	return ids, s.wrap(err, "list unindexed sessions of account %d", accountID)
}

// TextSegments lists the segments of an account's text index that have sessions with ids in
// [from, before), those with the newest first; before 0 means no bound.
func (s *Store) TextSegments(ctx context.Context, accountID, from, before uint64) ([]model.TextSegment, error) {
	var rows []model.TextSegment
	err := older(s.reader(ctx), "first_id", before).Where("account_id = ? AND last_id >= ?", accountID, from).
		Order("last_id DESC, id DESC").Find(&rows).Error
	return rows, s.wrap(err, "list text segments of account %d", accountID)
}

// TextParts reads parts of segments of an account. Those that are not there are left out.
func (s *Store) TextParts(ctx context.Context, accountID uint64, segmentIDs []uint64, parts []int) ([]model.TextPart, error) {
	var rows []model.TextPart
	q := s.reader(ctx).Where("account_id = ? AND segment_id IN ?", accountID, segmentIDs)
	if parts != nil {
		q = q.Where("part IN ?", parts)
	}
	err := q.Find(&rows).Error
	return rows, s.wrap(err, "read text parts of account %d", accountID)
}

// SaveTextParts writes parts of a segment that is not in use yet, a few MiB a transaction.
func (s *Store) SaveTextParts(ctx context.Context, parts []model.TextPart) error {
	const most = 1 << 20
	for len(parts) > 0 {
		n, size := 0, 0
		for n < len(parts) && (n == 0 || size+len(parts[n].Data) <= most) {
			size += len(parts[n].Data)
			n++
		}
		some := parts[:n]
		if err := s.write(ctx, func(tx *gorm.DB) error { return tx.Create(&some).Error }); err != nil {
			return s.wrap(err, "save text parts of account %d", some[0].AccountID)
		}
		parts = parts[n:]
	}
	return nil
}

// PublishTextSegment puts a segment whose parts are written into use, in place of others.
// ErrFenced where another worker has claimed the account's index since.
func (s *Store) PublishTextSegment(ctx context.Context, owner string, seg model.TextSegment, replaces []uint64) error {
	seg.CreatedMS = s.nowMS()
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := holdTextIndex(tx, owner, seg.AccountID); err != nil {
			return err
		}
		if len(replaces) > 0 {
			if err := tx.Where("account_id = ? AND id IN ?", seg.AccountID, replaces).Delete(&model.TextSegment{}).Error; err != nil {
				return err
			}
		}
		return tx.Create(&seg).Error
	})
	return s.wrap(err, "publish text segment of account %d", seg.AccountID)
}

// holdTextIndex locks a claim's row until the transaction ends.
func holdTextIndex(tx *gorm.DB, owner string, accountID uint64) error {
	res := tx.Model(&textIndexRow{}).Where("account_id = ? AND owner = ?", accountID, owner).Update("until_ms", gorm.Expr("until_ms"))
	return one(res, model.ErrFenced)
}

// DropTextSegment takes a segment out of use; its parts go with the next DropTextParts. ErrFenced
// where another worker has claimed the account's index since.
func (s *Store) DropTextSegment(ctx context.Context, owner string, accountID, id uint64) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := holdTextIndex(tx, owner, accountID); err != nil {
			return err
		}
		return tx.Where("account_id = ? AND id = ?", accountID, id).Delete(&model.TextSegment{}).Error
	})
	return s.wrap(err, "drop text segment of account %d", accountID)
}

// GoneSessions are those of some sessions of an account that are not there any more.
func (s *Store) GoneSessions(ctx context.Context, accountID uint64, ids []uint64) (map[uint64]bool, error) {
	gone := make(map[uint64]bool)
	err := chunks(ids, 5*batchRows, func(some []uint64) error {
		var there []uint64
		err := s.reader(ctx).Model(&model.Session{}).Where("id IN ? AND +account_id = ?", some, accountID).Pluck("id", &there).Error
		for _, id := range some {
			gone[id] = true
		}
		for _, id := range there {
			delete(gone, id)
		}
		return err
	})
	return gone, s.wrap(err, "look which sessions of account %d are gone", accountID)
}

// MarkIndexed notes that the text index knows these sessions, each as far as Lines say: one
// that has grown since stays to be indexed.
func (s *Store) MarkIndexed(ctx context.Context, accountID uint64, sessions []model.SessionText) error {
	byLines := map[int][]uint64{}
	for _, t := range sessions {
		byLines[t.Lines] = append(byLines[t.Lines], t.ID)
	}
	for lines, ids := range byLines {
		err := chunks(ids, batchRows, func(some []uint64) error {
			return s.write(ctx, func(tx *gorm.DB) error {
				return tx.Model(&model.Session{}).Where("id IN ? AND +account_id = ? AND message_count = ?", some, accountID, lines).
					Update("unindexed", false).Error
			})
		})
		if err != nil {
			return s.wrap(err, "mark sessions of account %d as indexed", accountID)
		}
	}
	return nil
}

// DropTextParts removes the parts of segments that are not in use: replaced ones, and those
// that a worker left half written. Only who holds the claim may call it.
func (s *Store) DropTextParts(ctx context.Context, accountID uint64) error {
	var ids []uint64
	used := s.reader(ctx).Model(&model.TextSegment{}).Select("id").Where("account_id = ?", accountID)
	err := s.reader(ctx).Model(&model.TextPart{}).Distinct("segment_id").
		Where("account_id = ? AND segment_id NOT IN (?)", accountID, used).Pluck("segment_id", &ids).Error
	for _, id := range ids {
		if err == nil {
			err = s.dropSegmentParts(ctx, accountID, id)
		}
	}
	return s.wrap(err, "remove text parts of account %d", accountID)
}

func (s *Store) dropSegmentParts(ctx context.Context, accountID, id uint64) error {
	var parts []int
	err := s.reader(ctx).Model(&model.TextPart{}).Where("account_id = ? AND segment_id = ?", accountID, id).Pluck("part", &parts).Error
	if err != nil {
		return err
	}
	const some = 64
	return chunks(parts, some, func(some []int) error {
		return s.write(ctx, func(tx *gorm.DB) error {
			return tx.Where("account_id = ? AND segment_id = ? AND part IN ?", accountID, id, some).Delete(&model.TextPart{}).Error
		})
	})
}
