package sqlstore

import (
	"cmp"
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// ImportOptions says how entries are brought into a knowledge base.
type ImportOptions struct {
	Replace  bool                  // remove the entries that are not among those given
	Author   string                // as [model.Entry.Author]
	ImportID uint64                // of the import wizard; 0: none is at work
	Progress func(done, total int) // entries dealt with so far; nil: nobody wants to know
}

// ImportEntries merges entries into an account's knowledge base: one whose Folded is
// there already takes that entry's place and keeps its ID (and its Ref, where the new
// one has none), others are added; with Replace those that are not among them are
// removed. IDs, versions, times and authors of the given entries are ignored. It returns
// the version that it made, 0 where nothing had to change. The writing is done in small
// transactions; readers see none of it until the end and then all of it. What breaks off
// leaves the base as it was. Imports of one account wait for each other.
func (s *Store) ImportEntries(
	ctx context.Context, accountID uint64, entries []model.Entry, opts ImportOptions,
) (model.ImportCounts, uint64, error) {
	im := importing{opts: opts, total: len(entries), keep: make(map[string]bool, len(entries))}
	for i := range entries {
		e := &entries[i]
		if err := checkEntry(e); err != nil {
			return model.ImportCounts{}, 0, err
		}
		if im.keep[e.Folded] {
			return model.ImportCounts{}, 0, model.Invalid("entry_twice", "a question stands twice in the import")
		}
		im.keep[e.Folded] = true
	}
	change := model.KnowledgeChange{AccountID: accountID, Kind: model.ChangeImport, Author: opts.Author, ImportID: opts.ImportID}
	version, err := s.stage(ctx, change, 0, func(st *staging) error {
		im.staging, im.counts = st, model.ImportCounts{}
		return im.fill(ctx, entries)
	})
	if err != nil {
		return model.ImportCounts{}, 0, s.wrap(err, "import entries of account %d", accountID)
	}
	return im.counts, version, nil
}

// importing is one import at work.
type importing struct {
	*staging

	opts   ImportOptions
	nextID uint64          // of the next entry that is new
	keep   map[string]bool // folded questions of the import
	counts model.ImportCounts
	done   int
	total  int
}

func (im *importing) fill(ctx context.Context, entries []model.Entry) error {
	// Entries of one import are made within a moment: their ids are counted up from one.
	im.nextID = model.NewID(im.store.now())
	err := chunks(entries, stageBatch, func(some []model.Entry) error {
		err := im.merge(ctx, some)
		if im.done += len(some); err == nil && im.opts.Progress != nil {
			im.opts.Progress(im.done, im.total)
		}
		return err
	})
	if err != nil || !im.opts.Replace {
		return err
	}
	return im.removeOthers(ctx)
}

// merge writes one batch of entries.
func (im *importing) merge(ctx context.Context, batch []model.Entry) error {
	var (
		counts model.ImportCounts
		nextID uint64
	)
	err := im.batch(ctx, func(tx *gorm.DB) (p part, err error) {
		counts, nextID = im.counts, im.nextID
		old, err := im.existing(tx, batch)
		if err != nil {
			return p, err
		}
		for _, e := range batch {
			before := old[e.Folded]
			e.ID, e.CreatedMS, e.UpdatedMS, e.Author = before.ID, before.CreatedMS, im.store.nowMS(), im.opts.Author
			e.State, e.Ref = cmp.Or(e.State, model.EntryOn), cmp.Or(e.Ref, before.Ref)
			switch {
			case before.ID == 0:
				counts.New++
				e.ID, e.CreatedMS = nextID, e.UpdatedMS
				nextID++
			case before.Same(&e):
				counts.Same++
				continue
			default:
				counts.Changed++
			}
			p.add(before, e)
		}
		return p, nil
	})
	if err == nil {
		im.counts, im.nextID = counts, nextID
	}
	return err
}

// existing finds the entries that ask the same, by folded question.
func (im *importing) existing(tx *gorm.DB, batch []model.Entry) (map[string]model.Entry, error) {
	if im.seen == 0 {
		return nil, nil //nolint:nilnil // an empty base has none
	}
	folded := make([]string, len(batch))
	for i := range batch {
		folded[i] = batch[i].Folded
	}
	list, err := im.store.entriesByFolded(tx, im.change.AccountID, folded, im.seen)
	old := make(map[string]model.Entry, len(list))
	for _, e := range list {
		old[e.Folded] = e
	}
	return old, err
}

// entriesByFolded reads the entries of a version that ask certain questions.
func (s *Store) entriesByFolded(q *gorm.DB, accountID uint64, folded []string, version uint64) ([]model.Entry, error) {
	var rows []entryRow // see tx.go on the plus
	err := q.Table(s.dialect.using("entry", "entry_folded")).Where("account_id = ? AND folded IN ? AND +from_version <= ? AND +to_version > ?", accountID, folded, version, version).
		Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return withSimilar(q, accountID, rows)
}

// removeOthers ends the entries that the import doesn't have.
func (im *importing) removeOthers(ctx context.Context) error {
	for after := uint64(0); ; {
		var rows []entryRow
		err := at(im.store.reader(ctx), im.change.AccountID, im.seen).Where("entry_id > ?", after).
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
		err = im.each(ctx, gone, nil, func(_ *gorm.DB, ids []uint64) (part, error) { return part{ended: ids}, nil })
		if err != nil {
			return err
		}
		im.counts.Removed += len(gone)
	}
}
