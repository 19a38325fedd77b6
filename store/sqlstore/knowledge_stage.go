package sqlstore

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// stageBatch is how many entries one transaction of a staged change writes: callbacks that
// arrive meanwhile wait for one at most.
const stageBatch = 250

// stageLease is how long a staged change may be silent before it counts as dead.
const stageLease = 15 * time.Second

// How long a change waits for one that is being staged before it gives up, and how often it
// looks.
const (
	stagePatience = 2 * time.Second
	stagePoll     = 50 * time.Millisecond
)

var errImportRunning = &model.Error{
	Code: model.CodeConflict, Reason: "import_running", Message: "知识库正在导入或批量修改，请等它完成后再保存",
}

// part is what one transaction writes of a new version.
type part struct {
	ended   []uint64      // entries that are another way from it on, or gone
	entries []model.Entry // how they are from it on; Version and times are filled in
}

// add plans that an entry takes the place of another, or of none where before is zero.
func (p *part) add(before, after model.Entry) {
	if before.ID != 0 {
		p.ended = append(p.ended, before.ID)
	}
	p.entries = append(p.entries, after)
}

// touched is how many entries the part changes.
func (p *part) touched() int {
	ids := make(map[uint64]bool, len(p.ended)+len(p.entries))
	for _, id := range p.ended {
		ids[id] = true
	}
	for _, e := range p.entries {
		ids[e.ID] = true
	}
	return len(ids)
}

// put writes a part of the version that follows the one readers see.
func (s *Store) put(tx *gorm.DB, accountID, seen uint64, p part) error {
	if len(p.ended) > 0 {
		current := tx.Where("+from_version <= ? AND +to_version > ?", seen, seen) // see tx.go on the plus
		err := current.Model(&entryRow{}).Where("account_id = ? AND entry_id IN ?", accountID, p.ended).Update("to_version", seen+1).Error
		if err != nil {
			return err
		}
	}
	rows := make([]entryRow, len(p.entries))
	var similar []similarRow
	for i, e := range p.entries {
		e.AccountID, e.Version = accountID, seen+1
		var own []similarRow
		rows[i], own = rowsOf(e)
		similar = append(similar, own...)
	}
	if err := chunks(rows, batchRows, func(some []entryRow) error { return create(tx, some) }); err != nil {
		return err
	}
	return chunks(similar, batchRows, func(some []similarRow) error { return create(tx, some) })
}

// raise makes visible what was written of the next version, and writes down who made it, in the
// audit log, too; what exactly changed is the base's own history.
func (s *Store) raise(tx, knowledge *gorm.DB, change model.KnowledgeChange) error {
	err := one(knowledge.Updates(map[string]any{"version": change.Version, "import_until_ms": 0}), model.ErrStale)
	if err != nil {
		return err
	}
	change.AtMS = s.nowMS()
	if err := tx.Create(&change).Error; err != nil {
		return err
	}
	entry := by(model.Audit{Actor: change.Author}, change.AccountID, "knowledge.changed", strconv.FormatUint(change.Version, 10), nil,
		map[string]any{"kind": change.Kind, "entries": change.Entries})
	return saveAudits(tx, []model.Audit{entry}, change.AtMS)
}

// lockKnowledge locks an account's knowledge row, which it makes where there is none.
func lockKnowledge(tx *gorm.DB, accountID uint64) (knowledgeRow, error) {
	row := knowledgeRow{AccountID: accountID}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return row, err
	}
	row, _, err := find[knowledgeRow](tx.Clauses(forUpdate()).Where("account_id = ?", accountID))
	return row, err
}

// staging is a new version of a knowledge base that is written in many small transactions.
type staging struct {
	store  *Store
	change model.KnowledgeChange // Entries grows with what is written
	no     uint64                // its number; a newer one shuts it out
	seen   uint64                // the version that readers see meanwhile
	also   func(tx *gorm.DB) error
}

// stage makes a new version of a knowledge base: fill writes it, batch by batch, and nobody
// sees any of it before all of it. It returns the version; 0 where fill wrote nothing. What
// breaks off leaves the base as it was. While another change is staged it waits, for as long
// as patience or, where that is 0, the context.
func (s *Store) stage(
	ctx context.Context, change model.KnowledgeChange, patience time.Duration, fill func(st *staging) error,
) (made uint64, err error) {
	st := &staging{store: s, change: change}
	leftovers, err := st.begin(ctx, patience)
	if err != nil {
		return 0, err
	}
	if leftovers {
		err = st.cleanUp(ctx)
	}
	if err == nil {
		err = fill(st)
	}
	switch {
	case err != nil:
	case st.change.Entries == 0:
		return 0, st.giveBack(ctx, 0)
	default:
		err = st.show(ctx)
	}
	if err != nil {
		return 0, errors.Join(err, st.abandon(context.WithoutCancel(ctx)))
	}
	return st.change.Version, nil
}

// begin takes the place of the one change that is staged at a time; leftovers says that
// the last one broke off.
func (st *staging) begin(ctx context.Context, patience time.Duration) (leftovers bool, err error) {
	for waited := time.Duration(0); ; waited += stagePoll {
		var free bool
		err := st.store.write(ctx, func(tx *gorm.DB) error {
			now := st.store.nowMS()
			row, err := lockKnowledge(tx, st.change.AccountID)
			if err != nil {
				return err
			}
			if free = row.ImportUntilMS <= now; !free {
				return nil
			}
			leftovers = row.ImportUntilMS != 0
			st.no, st.seen, st.change.Version = row.ImportNo+1, row.Version, row.Version+1
			return tx.Model(&knowledgeRow{}).Where("account_id = ?", row.AccountID).
				Updates(map[string]any{"import_no": st.no, "import_until_ms": now + stageLease.Milliseconds()}).Error
		})
		if err != nil || free {
			return leftovers, err
		}
		if patience > 0 && waited >= patience {
			return false, errImportRunning
		}
		if err := pause(ctx, stagePoll); err != nil {
			return false, err
		}
	}
}

// mine narrows to the account's knowledge row while this change may write: until a newer one
// has begun or readers see it, which may be so although the database failed to say so.
func (st *staging) mine(tx *gorm.DB) *gorm.DB {
	return tx.Model(&knowledgeRow{}).Where("account_id = ? AND import_no = ? AND version = ?", st.change.AccountID, st.no, st.seen)
}

// batch runs fn in a transaction of its own, provided that no newer change has begun, and
// writes the part that it gives.
func (st *staging) batch(ctx context.Context, fn func(tx *gorm.DB) (part, error)) error {
	var touched int
	err := st.store.write(ctx, func(tx *gorm.DB) error {
		until := st.store.nowMS() + stageLease.Milliseconds()
		if err := one(st.mine(tx).Update("import_until_ms", until), model.ErrStale); err != nil {
			return err
		}
		p, err := fn(tx)
		if err != nil {
			return err
		}
		touched = p.touched()
		return st.store.put(tx, st.change.AccountID, st.seen, p)
	})
	if err == nil {
		st.change.Entries += touched
	}
	return err
}

// each runs fn for some of the ids at a time, in a transaction each.
func (st *staging) each(
	ctx context.Context, ids []uint64, progress func(done, total int), fn func(tx *gorm.DB, ids []uint64) (part, error),
) error {
	done := 0
	return chunks(ids, stageBatch, func(some []uint64) error {
		err := st.batch(ctx, func(tx *gorm.DB) (part, error) { return fn(tx, some) })
		if done += len(some); err == nil && progress != nil {
			progress(done, len(ids))
		}
		return err
	})
}

// show raises the version, which makes visible what was staged, and lets others begin.
func (st *staging) show(ctx context.Context) error {
	return st.store.write(ctx, func(tx *gorm.DB) error {
		if err := st.store.raise(tx, st.mine(tx), st.change); err != nil || st.also == nil {
			return err
		}
		return st.also(tx)
	})
}

// giveBack lets the next change begin at once. Other than 0, until says that something is
// left to be cleared away.
func (st *staging) giveBack(ctx context.Context, until int64) error {
	return st.store.write(ctx, func(tx *gorm.DB) error {
		return one(st.mine(tx).Update("import_until_ms", until), model.ErrStale)
	})
}

// abandon clears away what was staged, as far as that goes quickly.
func (st *staging) abandon(ctx context.Context) error {
	const soon, leftovers = 3 * time.Second, 1
	quick, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	if st.cleanUp(quick) != nil {
		return st.giveBack(ctx, leftovers) // the next one will
	}
	return st.giveBack(ctx, 0)
}

// cleanUp undoes what a change that broke off has left.
func (st *staging) cleanUp(ctx context.Context) error {
	began := func(q *gorm.DB) *gorm.DB {
		return q.Where("account_id = ? AND from_version > ?", st.change.AccountID, st.seen)
	}
	err := st.inBatches(ctx, began, func(tx *gorm.DB, ids []uint64) error {
		for _, row := range []any{&entryRow{}, &similarRow{}} {
			if err := tx.Where("account_id = ? AND entry_id IN ? AND +from_version > ?", st.change.AccountID, ids, st.seen).Delete(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	ended := func(q *gorm.DB) *gorm.DB {
		return q.Where("account_id = ? AND to_version > ? AND to_version < ?", st.change.AccountID, st.seen, uint64(still))
	}
	return st.inBatches(ctx, ended, func(tx *gorm.DB, ids []uint64) error {
		return ended(tx.Model(&entryRow{})).Where("entry_id IN ?", ids).Update("to_version", uint64(still)).Error
	})
}

// inBatches runs fn for the entries of the rows that some narrows to, until none is left.
func (st *staging) inBatches(ctx context.Context, some func(q *gorm.DB) *gorm.DB, fn func(tx *gorm.DB, ids []uint64) error) error {
	for more := true; more; {
		err := st.batch(ctx, func(tx *gorm.DB) (part, error) {
			var ids []uint64
			err := some(tx.Model(&entryRow{})).Limit(stageBatch).Pluck("entry_id", &ids).Error
			if more = len(ids) > 0; err != nil || !more {
				return part{}, err
			}
			return part{}, fn(tx, ids)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
