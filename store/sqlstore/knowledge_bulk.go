package sqlstore

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// ChangeEntries does the same to many entries at once and returns how many it changed: those
// that are not there, or are so already, don't count. It works like an import: in small
// transactions that readers see all at once. A change that is already at work is a conflict
// with the reason import_running.
func (s *Store) ChangeEntries(ctx context.Context, accountID uint64, ids []uint64, change model.EntryChange, author string) (int, error) {
	if change.Group != nil && *change.Group != "" {
		if err := checkGroup(*change.Group); err != nil {
			return 0, err
		}
	}
	if change.State != nil && !change.State.Valid() {
		return 0, model.Invalid("entry_state", "an entry is on or off")
	}
	made := model.KnowledgeChange{AccountID: accountID, Kind: model.ChangeBulk, Author: author}
	if change.Delete {
		made.Kind = model.ChangeDelete
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	n := 0
	_, err := s.stage(ctx, made, stagePatience, func(st *staging) error {
		err := st.changeEach(ctx, ids, func(e *model.Entry) (keep bool, err error) {
			if change.Delete {
				return false, nil
			}
			return true, changeEntry(e, change)
		})
		n = st.change.Entries
		return err
	})
	if err != nil {
		return 0, s.wrap(err, "change entries of account %d", accountID)
	}
	return n, nil
}

// changeEntry does to an entry what the fields of change say.
func changeEntry(e *model.Entry, change model.EntryChange) error {
	set(&e.Group, change.Group)
	set(&e.State, change.State)
	set(&e.Draft, change.Draft)
	set(&e.ValidFromMS, change.ValidFromMS)
	set(&e.ValidUntilMS, change.ValidUntilMS)
	if e.ValidUntilMS != 0 && e.ValidUntilMS <= e.ValidFromMS {
		return model.Invalid("entry_validity", "an entry's validity ends after it begins")
	}
	return nil
}

// set assigns what is there.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// changeEach stages a change of entries, of those that differ after fn; keep false takes them
// out.
func (st *staging) changeEach(ctx context.Context, ids []uint64, fn func(e *model.Entry) (keep bool, err error)) error {
	now := st.store.nowMS()
	return st.each(ctx, ids, nil, func(tx *gorm.DB, ids []uint64) (p part, err error) {
		list, err := entriesByID(tx, st.change.AccountID, ids, st.seen)
		if err != nil {
			return p, err
		}
		for _, before := range list {
			after := before
			keep, err := fn(&after)
			switch {
			case err != nil:
				return p, err
			case !keep:
				p.ended = append(p.ended, before.ID)
			case !before.Same(&after):
				after.Author, after.UpdatedMS = st.change.Author, now
				p.add(before, after)
			}
		}
		return p, nil
	})
}
