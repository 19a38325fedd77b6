package sqlstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// importBatch is how many entries one transaction of an import writes.
const importBatch = 100

// importLease is how long an import may be silent before it counts as dead.
const importLease = 15 * time.Second

// ImportCounts says what an import did, in entries.
type ImportCounts struct {
	Added, Changed, Same, Removed int
}

// ImportEntries merges entries into an account's knowledge base: one whose Folded is
// there already takes that entry's place and keeps its ID (and its Ref, where the new
// one has none), others are added; with replace those that are not among them are
// removed. IDs, versions and times of the given entries are ignored. The writing is done
// in small transactions; readers see none of it until the end and then all of it. What
// breaks off leaves the base as it was. Imports of one account wait for each other.
func (s *Store) ImportEntries(ctx context.Context, accountID uint64, entries []model.Entry, replace bool) (ImportCounts, error) {
	im := importing{store: s, accountID: accountID, keep: make(map[string]bool, len(entries))}
	for _, e := range entries {
		if e.Folded == "" || e.Answer == "" {
			return ImportCounts{}, model.Invalid("entry_incomplete", "an entry needs a question and an answer")
		}
		if im.keep[e.Folded] {
			return ImportCounts{}, model.Invalid("entry_twice", "a question stands twice in the import")
		}
		im.keep[e.Folded] = true
	}
	if err := im.run(ctx, entries, replace); err != nil {
		return ImportCounts{}, s.wrap(err, "import entries of account %d", accountID)
	}
	return im.counts, nil
}

// importing is one import at work.
type importing struct {
	store     *Store
	accountID uint64
	no        uint64          // its number; a newer one shuts it out
	from      uint64          // the version that readers see meanwhile
	nextID    uint64          // of the next entry that is new
	keep      map[string]bool // folded questions of the import
	counts    ImportCounts
}

func (im *importing) run(ctx context.Context, entries []model.Entry, replace bool) (err error) {
	if err := im.begin(ctx); err != nil {
		return err
	}
	finished := false
	defer func() {
		if !finished {
			err = errors.Join(err, im.giveBack(context.WithoutCancel(ctx)))
		}
	}()
	if err := im.cleanUp(ctx); err != nil {
		return err
	}
	// Entries of one import are made within a moment: their ids are counted up from one.
	im.nextID = model.NewID(im.store.now())
	err = chunks(entries, importBatch, func(batch []model.Entry) error { return im.merge(ctx, batch) })
	if err != nil {
		return err
	}
	if replace {
		if err := im.removeOthers(ctx); err != nil {
			return err
		}
	}
	if im.counts.Added+im.counts.Changed+im.counts.Removed > 0 {
		if err := im.show(ctx); err != nil {
			return err
		}
	}
	finished = true
	return im.giveBack(ctx)
}

// begin waits until no other import is at work and takes its place.
func (im *importing) begin(ctx context.Context) error {
	const poll = 50 * time.Millisecond
	for {
		var free bool
		err := im.store.write(ctx, func(tx *gorm.DB) error {
			now := im.store.nowMS()
			row := knowledgeRow{AccountID: im.accountID}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
				return err
			}
			row, _, err := find[knowledgeRow](tx.Clauses(forUpdate()).Where("account_id = ?", im.accountID))
			if err != nil {
				return err
			}
			if free = row.ImportUntilMS <= now; !free {
				return nil
			}
			im.no, im.from = row.ImportNo+1, row.Version
			return tx.Model(&knowledgeRow{}).Where("account_id = ?", im.accountID).
				Updates(map[string]any{"import_no": im.no, "import_until_ms": now + importLease.Milliseconds()}).Error
		})
		if err != nil || free {
			return err
		}
		if err := pause(ctx, poll); err != nil {
			return err
		}
	}
}

// show raises the version, which makes visible what the import wrote.
func (im *importing) show(ctx context.Context) error {
	return im.store.write(ctx, func(tx *gorm.DB) error {
		return one(im.mine(tx).Update("version", im.from+1), model.ErrStale)
	})
}

// giveBack lets the next import begin at once.
func (im *importing) giveBack(ctx context.Context) error {
	return im.store.write(ctx, func(tx *gorm.DB) error {
		return one(im.mine(tx).Update("import_until_ms", 0), model.ErrStale)
	})
}

// mine narrows to the account's knowledge row while this import may write.
func (im *importing) mine(tx *gorm.DB) *gorm.DB {
	return tx.Model(&knowledgeRow{}).Where("account_id = ? AND import_no = ?", im.accountID, im.no)
}

// batch runs fn in a transaction of its own, provided that no newer import has begun.
func (im *importing) batch(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return im.store.write(ctx, func(tx *gorm.DB) error {
		until := im.store.nowMS() + importLease.Milliseconds()
		if err := one(im.mine(tx).Update("import_until_ms", until), model.ErrStale); err != nil {
			return err
		}
		return fn(tx)
	})
}

// cleanUp undoes what an import that broke off has left.
func (im *importing) cleanUp(ctx context.Context) error {
	began := func(q *gorm.DB) *gorm.DB {
		return q.Where("account_id = ? AND from_version > ?", im.accountID, im.from)
	}
	err := im.inBatches(ctx, began, func(tx *gorm.DB, ids []uint64) error {
		for _, row := range []any{&entryRow{}, &similarRow{}} {
			if err := began(tx).Where("entry_id IN ?", ids).Delete(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	ended := func(q *gorm.DB) *gorm.DB {
		return q.Where("account_id = ? AND to_version > ? AND to_version < ?", im.accountID, im.from, uint64(still))
	}
	return im.inBatches(ctx, ended, func(tx *gorm.DB, ids []uint64) error {
		return ended(tx.Model(&entryRow{})).Where("entry_id IN ?", ids).Update("to_version", uint64(still)).Error
	})
}

// inBatches runs fn for the entries of the rows that some narrows to, until none is left.
func (im *importing) inBatches(ctx context.Context, some func(q *gorm.DB) *gorm.DB, fn func(tx *gorm.DB, ids []uint64) error) error {
	for more := true; more; {
		err := im.batch(ctx, func(tx *gorm.DB) error {
			var ids []uint64
			err := some(tx.Model(&entryRow{})).Limit(importBatch).Pluck("entry_id", &ids).Error
			if more = len(ids) > 0; err != nil || !more {
				return err
			}
			return fn(tx, ids)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// merge writes one batch of entries.
func (im *importing) merge(ctx context.Context, batch []model.Entry) error {
	var st staged
	err := im.batch(ctx, func(tx *gorm.DB) error {
		st = staged{counts: im.counts, nextID: im.nextID}
		old, similar, err := im.existing(tx, batch)
		if err != nil {
			return err
		}
		for _, e := range batch {
			st.add(im.row(e), old[e.Folded], similar, e.Similar)
		}
		if err := im.finishRows(tx, st.ended); err != nil {
			return err
		}
		if err := create(tx, st.rows); err != nil {
			return err
		}
		return chunks(st.similar, batchRows, func(part []similarRow) error { return create(tx, part) })
	})
	if err == nil {
		im.counts, im.nextID = st.counts, st.nextID
	}
	return err
}

// staged is what one batch of an import writes.
type staged struct {
	counts  ImportCounts // of the import so far
	nextID  uint64
	ended   []uint64 // entries whose rows end
	rows    []entryRow
	similar []similarRow
}

// add decides what becomes of one entry; before is the row that asks the same, zero for
// none.
func (st *staged) add(row, before entryRow, similar map[similarKey][]string, questions []string) {
	switch {
	case before.EntryID == 0:
		st.counts.Added++
		row.EntryID, row.CreatedMS = st.nextID, row.UpdatedMS
		st.nextID++
	case same(before, similar, &row, questions):
		st.counts.Same++
		return
	default:
		st.counts.Changed++
		row.EntryID, row.CreatedMS = before.EntryID, before.CreatedMS
		st.ended = append(st.ended, before.EntryID)
	}
	st.rows = append(st.rows, row)
	for n, q := range questions {
		st.similar = append(st.similar, similarRow{
			AccountID: row.AccountID, EntryID: row.EntryID, FromVersion: row.FromVersion, N: n, Question: q,
		})
	}
}

// row is the entry as it will be stored, but for its id.
func (im *importing) row(e model.Entry) entryRow {
	if e.State == "" {
		e.State = model.EntryOn
	}
	return entryRow{
		AccountID: im.accountID, FromVersion: im.from + 1, ToVersion: still, Ref: e.Ref, GroupPath: e.Group,
		Question: e.Question, Folded: e.Folded, Answer: e.Answer, State: e.State, UpdatedMS: im.store.nowMS(),
	}
}

// same reports whether an entry stays as it is. Without a Ref of its own it keeps the
// one it has.
func same(before entryRow, similar map[similarKey][]string, row *entryRow, questions []string) bool {
	if row.Ref == "" {
		row.Ref = before.Ref
	}
	return before.Ref == row.Ref && before.GroupPath == row.GroupPath && before.Question == row.Question &&
		before.Answer == row.Answer && before.State == row.State &&
		slices.Equal(similar[similarKey{before.EntryID, before.FromVersion}], questions)
}

// existing finds the entries that ask the same, by folded question.
func (im *importing) existing(tx *gorm.DB, batch []model.Entry) (map[string]entryRow, map[similarKey][]string, error) {
	folded := make([]string, len(batch))
	for i, e := range batch {
		folded[i] = e.Folded
	}
	var rows []entryRow // of all versions: conditions on those would tempt SQLite to another index
	if err := tx.Where("account_id = ? AND folded IN ?", im.accountID, folded).Find(&rows).Error; err != nil {
		return nil, nil, err
	}
	old := make(map[string]entryRow, len(rows))
	ids := make([]uint64, 0, len(rows))
	for _, r := range rows {
		if r.FromVersion <= im.from && r.ToVersion > im.from {
			old[r.Folded] = r
			ids = append(ids, r.EntryID)
		}
	}
	if len(ids) == 0 {
		return old, nil, nil
	}
	similar, err := similarOf(tx.Where("account_id = ? AND entry_id IN ? AND +from_version <= ?", im.accountID, ids, im.from))
	return old, similar, err
}

// finishRows lets entries end with the version that readers see.
func (im *importing) finishRows(tx *gorm.DB, ids []uint64) error {
	if len(ids) == 0 {
		return nil
	}
	current := tx.Where("+from_version <= ? AND +to_version > ?", im.from, im.from) // see tx.go on the plus
	return current.Model(&entryRow{}).Where("account_id = ? AND entry_id IN ?", im.accountID, ids).Update("to_version", im.from+1).Error
}

// removeOthers ends the entries that the import doesn't have.
func (im *importing) removeOthers(ctx context.Context) error {
	for after := uint64(0); ; {
		var rows []entryRow
		err := at(im.store.reader(ctx), im.accountID, im.from).Where("entry_id > ?", after).
			Select("entry_id", "folded").Order("entry_id").Limit(entriesPage).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		after = rows[len(rows)-1].EntryID
		var gone []uint64
		for _, r := range rows {
			if !im.keep[r.Folded] {
				gone = append(gone, r.EntryID)
			}
		}
		err = chunks(gone, importBatch, func(ids []uint64) error {
			return im.batch(ctx, func(tx *gorm.DB) error { return im.finishRows(tx, ids) })
		})
		if err != nil {
			return err
		}
		im.counts.Removed += len(gone)
	}
}
