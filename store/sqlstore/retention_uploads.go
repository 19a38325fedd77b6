package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// eachUpload gives an account's stored pictures and files with ids before one, oldest first,
// until do wants no more: those that people sent, not those of its knowledge, nor those to be spared.
func (s *Store) eachUpload(ctx context.Context, accountID, before uint64, spare map[uint64]bool, do func(model.Blob) bool) error {
	var known map[uint64]bool
	for after := uint64(0); ; {
		var page []model.Blob
		err := s.reader(ctx).Select("id", "size").Where("account_id = ? AND kind = ? AND id > ? AND id < ?", accountID, model.BlobMedia, after, before).
			Order("id").Limit(purgeRows).Find(&page).Error
		if err != nil || len(page) == 0 {
			return err
		}
		if known == nil {
			if known, err = s.knowledgeBlobs(ctx, accountID); err != nil {
				return err
			}
		}
		for _, b := range page {
			after = b.ID
			if !known[b.ID] && !spare[b.ID] && !do(b) {
				return nil
			}
		}
	}
}

// knowledgeBlobs are the pictures and files of an account's entries, in every version: changes
// can be taken back.
func (s *Store) knowledgeBlobs(ctx context.Context, accountID uint64) (map[uint64]bool, error) {
	var entries []entryRow
	err := s.reader(ctx).Select("answer", "more").Where("account_id = ? AND (answer LIKE ? OR more LIKE ?)", accountID, "%[%:%]%", "%[%:%]%").Find(&entries).Error
	known := map[uint64]bool{}
	for _, e := range entries {
		for _, text := range append(e.More, e.Answer) {
			if _, id, ok := model.ParseMediaRef(text); ok {
				known[id] = true
			}
		}
	}
	return known, err
}

// eachOldUpload gives the uploads of before a time but for those of sessions that stay: they
// began before it, and ended later or are still open.
func (s *Store) eachOldUpload(ctx context.Context, accountID uint64, beforeMS int64, do func(model.Blob) bool) error {
	q := s.reader(ctx)
	_, some, err := find[model.Blob](q.Where("account_id = ? AND kind = ? AND id < ?", accountID, model.BlobMedia, model.FirstID(beforeMS)))
	if err != nil || !some {
		return err
	}
	var stay []uint64
	err = q.Model(&model.Session{}).Where("account_id = ? AND id < ?", accountID, model.FirstID(beforeMS)).
		Where("(+state <> ? OR closed_ms >= ?)", model.StateClosed, beforeMS).Pluck("id", &stay).Error
	if err != nil {
		return err
	}
	spare := map[uint64]bool{}
	err = chunks(stay, batchRows, func(ids []uint64) error {
		list, err := lineBlobs(q, ids)
		for _, id := range list {
			spare[id] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.eachUpload(ctx, accountID, model.FirstID(beforeMS), spare, do)
}

// lineBlobs are the stored pictures and files in the lines of some sessions.
func lineBlobs(q *gorm.DB, sessions []uint64) ([]uint64, error) {
	var lines []model.Message
	err := q.Select("content").Where("session_id IN ? AND content LIKE ?", sessions, `%"blob":%`).Find(&lines).Error
	var ids []uint64
	for _, m := range lines {
		if m.Content.Blob != 0 {
			ids = append(ids, m.Content.Blob)
		}
	}
	return ids, err
}

// ExpireUploads deletes some of the uploads that went with sessions of before a time, and tells
// whether there may be more. [model.ErrFenced] where somebody else has taken over.
func (s *Store) ExpireUploads(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error) {
	return s.expireUploads(ctx, accountID, owner, func(do func(model.Blob) bool) error {
		return s.eachOldUpload(ctx, accountID, beforeMS, do)
	})
}

func (s *Store) expireUploads(ctx context.Context, accountID uint64, owner string, each func(do func(model.Blob) bool) error) (more bool, err error) {
	var ids []uint64
	var n model.RetentionCounts
	err = each(func(b model.Blob) bool {
		if more = len(ids) == purgeSessions; more {
			return false
		}
		ids, n.Files, n.Bytes = append(ids, b.ID), n.Files+1, n.Bytes+b.Size
		return true
	})
	if err == nil && len(ids) > 0 {
		err = s.write(ctx, func(tx *gorm.DB) error {
			run, err := lockRetention(tx, accountID, owner)
			if err != nil {
				return err
			}
			if err := dropBlobs(tx, accountID, ids); err != nil {
				return err
			}
			return countDeleted(tx, run, n, 0)
		})
	}
	return more, s.wrap(err, "delete old uploads of account %d", accountID)
}

// dropBlobs deletes blobs of an account.
func dropBlobs(tx *gorm.DB, accountID uint64, ids []uint64) error {
	for table, column := range map[string]string{"blob": "id", "blob_chunk": "blob_id", "media_upload": "blob_id"} {
		err := chunks(ids, batchRows, func(some []uint64) error {
			return tx.Table(table).Where("account_id = ? AND "+column+" IN ?", accountID, some).Delete(nil).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}
