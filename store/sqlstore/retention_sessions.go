package sqlstore

import (
	"context"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// expiredSessions narrows to the sessions of an account that began and ended before a time.
func expiredSessions(q *gorm.DB, accountID uint64, beforeMS int64) *gorm.DB {
	// Ids sort by when sessions began: the walk needs no index of its own.
	return q.Model(&model.Session{}).Where("account_id = ? AND id < ?", accountID, model.FirstID(beforeMS)).
		Where("+state = ? AND closed_ms < ?", model.StateClosed, beforeMS)
}

// expiredPage lists the next of them behind an id, oldest first.
func expiredPage(q *gorm.DB, accountID uint64, beforeMS int64, after uint64, limit int) ([]model.Session, error) {
	var list []model.Session
	err := expiredSessions(q, accountID, beforeMS).Select("id", "employee", "message_count").
		Where("id > ?", after).Order("id").Limit(limit).Find(&list).Error
	return list, err
}

// PlanRecords says what the retention of an account's records would delete before a time.
func (s *Store) PlanRecords(ctx context.Context, accountID uint64, beforeMS int64) (model.RetentionPlan, error) {
	plan := model.RetentionPlan{CutMS: beforeMS}
	q := s.reader(ctx)
	var all struct {
		Sessions, Messages int64
		Oldest, Newest     uint64
	}
	err := expiredSessions(q, accountID, beforeMS).
		Select("COUNT(*) AS sessions, COALESCE(SUM(message_count), 0) AS messages, COALESCE(MIN(id), 0) AS oldest, COALESCE(MAX(id), 0) AS newest").
		Scan(&all).Error
	plan.Sessions, plan.Messages = all.Sessions, all.Messages
	plan.OldestMS, plan.NewestMS = model.IDTime(all.Oldest), model.IDTime(all.Newest)
	if err == nil {
		var kept fileSum
		err = q.Table("`message_media` AS f").Select("COUNT(*) AS files, COALESCE(SUM(f.`size`), 0) AS bytes").
			Joins("INNER JOIN `session` AS s ON s.`id` = f.`session_id`").
			Where("f.`session_id` BETWEEN ? AND ? AND f.`blob_key` <> ''", all.Oldest, all.Newest).
			Where("s.`account_id` = ? AND s.`state` = ? AND s.`closed_ms` < ?", accountID, model.StateClosed, beforeMS).
			Scan(&kept).Error
		plan.Files, plan.Bytes = kept.Files, kept.Bytes
	}
	if err == nil {
		err = s.eachOldUpload(ctx, accountID, beforeMS, func(b model.Blob) bool {
			plan.Files, plan.Bytes = plan.Files+1, plan.Bytes+b.Size
			return true
		})
	}
	return plan, s.wrap(err, "plan the retention of account %d", accountID)
}

// fileSum is how many files there are, and how large they are together.
type fileSum struct{ Files, Bytes int64 }

// ExpireRecords deletes the oldest sessions of an account that began and ended before a time, with
// all that belongs to them, and tells whether there may be more. Their files are noted for
// removal. [model.ErrFenced] where somebody else has taken over.
func (s *Store) ExpireRecords(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error) {
	list, err := expiredPage(s.reader(ctx), accountID, beforeMS, 0, purgeSessions)
	if err != nil || len(list) == 0 {
		return false, s.wrap(err, "look for old sessions of account %d", accountID)
	}
	n := model.RetentionCounts{Sessions: int64(len(list))}
	ids, people := make([]uint64, len(list)), make([]string, len(list))
	for i, x := range list {
		ids[i], people[i] = x.ID, x.Employee
		n.Messages += int64(x.MessageCount)
	}
	var kept fileSum
	err = s.reader(ctx).Model(&model.MessageMedia{}).Select("COUNT(*) AS files, COALESCE(SUM(size), 0) AS bytes").
		Where("session_id IN ? AND blob_key <> ''", ids).Scan(&kept).Error
	if err != nil {
		return false, s.wrap(err, "look for files of old sessions of account %d", accountID)
	}
	n.Files, n.Bytes = kept.Files, kept.Bytes
	err = s.write(ctx, func(tx *gorm.DB) error {
		run, err := lockRetention(tx, accountID, owner)
		if err != nil {
			return err
		}
		if err := dropSessions(tx, accountID, ids, people); err != nil {
			return err
		}
		return countDeleted(tx, run, n, ids[len(ids)-1])
	})
	return true, s.wrap(err, "delete old sessions of account %d", accountID)
}

// dropSessions deletes sessions with all that belongs to them, and notes their files for removal.
func dropSessions(tx *gorm.DB, accountID uint64, ids []uint64, people []string) error {
	if err := queueFiles(tx, tx.Model(&model.MessageMedia{}).Where("session_id IN ?", ids)); err != nil {
		return err
	}
	// What is said elsewhere of a session goes before the session, by which it is found.
	for _, q := range []*gorm.DB{
		tx.Table("question").Where("account_id = ? AND session_id IN ?", accountID, ids),
		tx.Table("inbox").Where("session_id IN ? AND +state <> ?", ids, model.InboxPending),
		tx.Table("outbox").Where("session_id IN ? AND +state NOT IN ?", ids, unsentStates()),
		tx.Table("conversation").Where("account_id = ? AND peer IN ? AND last_session IN ?", accountID, people, ids),
	} {
		if err := q.Delete(nil).Error; err != nil {
			return err
		}
	}
	for _, table := range purgedBySession() {
		column := "session_id"
		if table == "session" {
			column = "id"
		}
		if err := tx.Table(table).Where(column+" IN ?", ids).Delete(nil).Error; err != nil {
			return err
		}
	}
	return nil
}

// unsentStates are those of pushes that are still to be done something about.
func unsentStates() []model.OutboxState {
	return []model.OutboxState{model.OutPending, model.OutSending}
}

// queueFiles notes the files of message_media rows for removal.
func queueFiles(tx, rows *gorm.DB) error {
	var list []model.FileRemoval
	err := rows.Select("blob_key", "account_id").Where("blob_key <> ''").Distinct().Find(&list).Error
	if err != nil || len(list) == 0 {
		return err
	}
	return chunks(list, batchRows, func(some []model.FileRemoval) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&some).Error
	})
}

// fileAccount is the account that a key of blob storage belongs to; 0 for none.
func fileAccount(key string) uint64 {
	id, _, _ := strings.Cut(key, "/")
	n, _ := strconv.ParseUint(id, 10, 63)
	return n
}
