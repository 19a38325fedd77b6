package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// UndoChange takes one version of a knowledge base back: the entries that it touched become
// what they were before it. Those that have changed again since are kept as they are, and so
// are those whose question belongs to another entry by now. It returns how many entries it
// took back and kept, and the version that this made, 0 where there was nothing to take back;
// that version names the import which is taken back, too.
// progress may be nil. A change that is already at work is a conflict with the reason
// import_running.
func (s *Store) UndoChange(
	ctx context.Context, accountID, version uint64, author string, progress func(done, total int),
) (undone, kept int, made uint64, err error) {
	change := model.KnowledgeChange{AccountID: accountID, Kind: model.ChangeUndo, Author: author}
	made, err = s.stage(ctx, change, stagePatience, func(st *staging) error {
		if version == 0 || version > st.seen {
			return model.ErrNotFound
		}
		of, err := s.changes(ctx, accountID, []uint64{version})
		if err != nil {
			return err
		}
		st.change.ImportID = of[version].ImportID
		ids, err := s.touchedAt(ctx, accountID, version)
		if err != nil {
			return err
		}
		err = st.each(ctx, ids, progress, func(tx *gorm.DB, ids []uint64) (part, error) { return st.takeBack(tx, ids, version) })
		undone, kept = st.change.Entries, len(ids)-st.change.Entries
		return err
	})
	if err != nil {
		return 0, 0, 0, s.wrap(err, "undo version %d of account %d", version, accountID)
	}
	return undone, kept, made, nil
}

// touchedAt are the entries that a version changed, added or removed, by id.
func (s *Store) touchedAt(ctx context.Context, accountID, version uint64) ([]uint64, error) {
	var ids []uint64
	err := s.reader(ctx).Raw("SELECT entry_id FROM entry WHERE account_id = ? AND from_version = ? "+
		"UNION SELECT entry_id FROM entry WHERE account_id = ? AND to_version = ? ORDER BY entry_id",
		accountID, version, accountID, version).Scan(&ids).Error
	return ids, err
}

// lives is what is known of one entry around a version: how it was before it and how it made
// it, zero where it was not there, and whether it has changed since.
type lives struct {
	before, made entryRow
	since        bool
}

// takeBack plans what becomes of some of the entries that a version touched.
func (st *staging) takeBack(tx *gorm.DB, ids []uint64, version uint64) (p part, err error) {
	of, err := st.livesOf(tx, ids, version)
	if err != nil {
		return p, err
	}
	var back []entryRow // they become these
	for _, id := range ids {
		l := of[id]
		switch {
		case l.since:
		case l.before.EntryID != 0:
			back = append(back, l.before)
		default:
			p.ended = append(p.ended, id)
		}
	}
	if len(back) == 0 {
		return p, nil
	}
	taken, err := st.questionsTaken(tx, back, version)
	if err != nil {
		return p, err
	}
	entries, err := withSimilar(tx, st.change.AccountID, back)
	for _, e := range entries {
		if taken[e.ID] {
			continue
		}
		e.Author, e.UpdatedMS = st.change.Author, st.store.nowMS()
		p.entries = append(p.entries, e)
		if of[e.ID].made.EntryID != 0 {
			p.ended = append(p.ended, e.ID)
		}
	}
	return p, err
}

func (st *staging) livesOf(tx *gorm.DB, ids []uint64, version uint64) (map[uint64]lives, error) {
	var rows []entryRow
	err := tx.Table(st.store.dialect.using("entry", "PRIMARY")).Where("account_id = ? AND entry_id IN ?", st.change.AccountID, ids).
		Where("+to_version = ? OR (+from_version >= ? AND +from_version <= ?)", version, version, st.seen).
		Find(&rows).Error
	of := make(map[uint64]lives, len(ids))
	for _, r := range rows {
		l := of[r.EntryID]
		switch {
		case r.ToVersion == version:
			l.before = r
		case r.FromVersion == version:
			l.made = r
		}
		l.since = l.since || r.FromVersion > version || r.FromVersion == version && r.ToVersion <= st.seen
		of[r.EntryID] = l
	}
	return of, err
}

// questionsTaken are those of the entries that would come back to a question which another
// entry asks now, but for one that the version added and that goes again.
func (st *staging) questionsTaken(tx *gorm.DB, back []entryRow, version uint64) (map[uint64]bool, error) {
	owner := make(map[string]uint64, len(back))
	folded := make([]string, len(back))
	for i, r := range back {
		owner[r.Folded], folded[i] = r.EntryID, r.Folded
	}
	same, err := st.store.entriesByFolded(tx, st.change.AccountID, folded, st.seen)
	if err != nil {
		return nil, err
	}
	taken := make(map[uint64]bool)
	for _, e := range same {
		if e.ID != owner[e.Folded] && e.Version != version {
			taken[owner[e.Folded]] = true
		}
	}
	return taken, nil
}
