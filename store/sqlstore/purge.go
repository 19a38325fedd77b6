package sqlstore

import (
	"context"
	"strconv"

	"gorm.io/gorm"

	"deskmate/model"
)

// How much one transaction purges: rows, and of those that hold up to a MiB each.
const (
	purgeRows     = 500
	purgeSessions = 50
	purgeChunks   = 8
	purgeWindow   = 20_000 // ids looked through at once, where no index helps
)

// purgedByLane are the tables whose rows are found by the names of an account's lanes.
func purgedByLane() []string { return []string{"timer", "lane"} }

// purgedBySession are the tables whose rows are found by the sessions of an account.
func purgedBySession() []string {
	return []string{"message", "message_media", "session_seen", "seat_session", "survey", "session"}
}

// purgedByAccount are the tables whose rows an index finds by their account.
func purgedByAccount() []string {
	return []string{
		"inbox", "outbox", "held", "conversation", "seat", "account_owner", "account_callback", "group_chat", "group_lease", "group_record", "shared_no",
		"knowledge", "entry", "entry_similar", "knowledge_change", "entry_group", "synonym", "golden", "question", "ignored_question",
		"import", "encoder_state", "embedding", "media_upload", "blob_chunk", "blob", "llm_usage", "quick_reply",
		"text_index", "text_part", "text_segment", "login_start", "stat_rollup", "stat_state", "seat_spell", "retention", "file_removal",
		"webhook_delivery", "webhook",
	}
}

// PurgedTables are the tables that [Store.Purge] empties of an account's rows.
func PurgedTables() []string {
	return append(append(append([]string{"fact"}, purgedByLane()...), purgedBySession()...), purgedByAccount()...)
}

// Purge deletes some of what is left of an account that is gone, and tells whether there may be
// more. remove deletes a kept file; it is called before the row that names the file goes.
func (s *Store) Purge(ctx context.Context, r model.Removal, remove func(ctx context.Context, key string) error) (more bool, err error) {
	for _, table := range purgedByLane() {
		if more, err := s.purgeLanes(ctx, r.AccountID, table); err != nil || more {
			return more, s.wrap(err, "purge %s of account %d", table, r.AccountID)
		}
	}
	if more, err = s.purgeSessions(ctx, r.AccountID, remove); err != nil || more {
		return more, s.wrap(err, "purge sessions of account %d", r.AccountID)
	}
	for left := 1; left > 0; {
		if left, err = s.RemoveFiles(ctx, r.AccountID, remove); err != nil {
			return true, err
		}
	}
	for _, table := range purgedByAccount() {
		if more, err = s.purgeTable(ctx, r.AccountID, table); err != nil || more {
			return more, s.wrap(err, "purge %s of account %d", table, r.AccountID)
		}
	}
	return false, s.wrap(s.purgeFacts(ctx, r.AccountID), "purge facts of account %d", r.AccountID)
}

// purgeLanes deletes the rows of an account's lanes, which all begin alike.
func (s *Store) purgeLanes(ctx context.Context, accountID uint64, table string) (more bool, err error) {
	for _, kind := range []string{"p", "c", "o"} {
		first := kind + ":" + strconv.FormatUint(accountID, 10)
		n, err := s.purge(ctx, table, purgeRows, "lane >= ? AND lane < ?", first+":", first+";")
		if err != nil || n == purgeRows {
			return true, err
		}
	}
	return false, nil
}

// purgeSessions deletes sessions with all that was said in them, the oldest first.
func (s *Store) purgeSessions(ctx context.Context, accountID uint64, remove func(context.Context, string) error) (more bool, err error) {
	var ids []uint64
	q := s.reader(ctx)
	err = q.Model(&model.Session{}).Where("account_id = ?", accountID).Order("id").Limit(purgeSessions).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return false, err
	}
	var files []string
	if err := q.Model(&model.MessageMedia{}).Where("session_id IN ? AND blob_key <> ''", ids).Distinct().Pluck("blob_key", &files).Error; err != nil {
		return false, err
	}
	for _, key := range files {
		if err := remove(ctx, key); err != nil {
			return false, err
		}
	}
	return true, s.write(ctx, func(tx *gorm.DB) error {
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
	})
}

// purgeTable deletes rows of an account from a table that an index finds them in.
func (s *Store) purgeTable(ctx context.Context, accountID uint64, table string) (more bool, err error) {
	limit := purgeRows
	if table == "blob_chunk" || table == "text_part" {
		limit = purgeChunks
	}
	n, err := s.purge(ctx, table, limit, "account_id = ?", accountID)
	return n == limit, err
}

// purge deletes at most limit rows.
func (s *Store) purge(ctx context.Context, table string, limit int, where string, args ...any) (n int, err error) {
	statement := "DELETE FROM `" + table + "` WHERE " + where + " LIMIT ?"
	if s.dialect.name() == sqliteDriver {
		statement = "DELETE FROM `" + table + "` WHERE rowid IN (SELECT rowid FROM `" + table + "` WHERE " + where + " LIMIT ?)"
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		res := tx.Exec(statement, append(args, limit)...)
		n = int(res.RowsAffected)
		return res.Error
	})
	return n, err
}

// purgeFacts deletes an account's facts, which nothing finds by their account: it looks through
// all of them, a window of ids at a time.
func (s *Store) purgeFacts(ctx context.Context, accountID uint64) error {
	for from := uint64(0); ; from += purgeWindow {
		next, more, err := find[model.Fact](s.reader(ctx).Where("id > ?", from).Order("id"))
		if err != nil || !more {
			return err
		}
		from = next.ID - 1
		err = s.write(ctx, func(tx *gorm.DB) error {
			return tx.Where("id > ? AND id <= ? AND account_id = ?", from, from+purgeWindow, accountID).Delete(&model.Fact{}).Error
		})
		if err != nil {
			return err
		}
	}
}
