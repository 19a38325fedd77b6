package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// EntryHistory lists what an entry was, newest first; it may be gone by now. An entry that
// never was is ErrNotFound.
func (s *Store) EntryHistory(ctx context.Context, accountID, entryID uint64) ([]model.EntryVersion, error) {
	list, err := s.entryHistory(ctx, accountID, entryID)
	if err == nil && len(list) == 0 {
		err = model.ErrNotFound
	}
	return list, s.wrap(err, "read history of entry %d", entryID)
}

func (s *Store) entryHistory(ctx context.Context, accountID, entryID uint64) ([]model.EntryVersion, error) {
	now, err := s.KnowledgeVersion(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var rows []entryRow
	err = s.reader(ctx).Where("account_id = ? AND entry_id = ? AND +from_version <= ?", accountID, entryID, now).
		Order("from_version DESC").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	entries, err := withSimilar(s.reader(ctx), accountID, rows)
	if err != nil {
		return nil, err
	}
	versions := make([]uint64, 0, 2*len(rows))
	for _, r := range rows {
		versions = append(versions, r.FromVersion, r.ToVersion)
	}
	changes, err := s.changes(ctx, accountID, versions)
	list := make([]model.EntryVersion, len(rows))
	for i, r := range rows {
		v := &list[i]
		v.Entry, v.Change = entries[i], changes[r.FromVersion]
		if r.ToVersion > now {
			continue
		}
		v.Until = r.ToVersion
		if followed := i > 0 && rows[i-1].FromVersion == r.ToVersion; !followed {
			removed := changes[r.ToVersion]
			v.Removed = &removed
		}
	}
	return list, err
}

// changes reads who made some versions, by version; those that nobody wrote down are missing.
func (s *Store) changes(ctx context.Context, accountID uint64, versions []uint64) (map[uint64]model.KnowledgeChange, error) {
	of := make(map[uint64]model.KnowledgeChange, len(versions))
	err := chunks(versions, batchRows, func(some []uint64) error {
		var rows []model.KnowledgeChange
		err := s.reader(ctx).Where("account_id = ? AND version IN ?", accountID, some).Find(&rows).Error
		for _, r := range rows {
			of[r.Version] = r
		}
		return err
	})
	return of, err
}

// KnowledgeChanges lists the versions of a knowledge base that are older than another, newest
// first; before 0 begins with the present one. Versions of the time when nobody wrote them
// down are missing.
func (s *Store) KnowledgeChanges(ctx context.Context, accountID, before uint64, limit int) ([]model.KnowledgeChange, error) {
	var list []model.KnowledgeChange
	err := older(s.reader(ctx), "version", before).Where("account_id = ?", accountID).Order("version DESC").Limit(limit).Find(&list).Error
	return list, s.wrap(err, "list changes of account %d", accountID)
}

// older narrows to rows with a smaller key, to page backwards; 0 is the first page.
func older(q *gorm.DB, column string, before uint64) *gorm.DB {
	if before == 0 {
		return q
	}
	return q.Where(column+" < ?", before)
}
