package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

var errQuestionTaken = &model.Error{
	Code: model.CodeConflict, Reason: "question_taken",
	Message: "另一条问答已经使用了这个标准问题，请换一个问法，或把它加为那条问答的相似问题",
}

// errLeftovers says that a staged change broke off and is to be cleared away first.
var errLeftovers = errors.New("a staged change broke off")

// edit makes a new version of a knowledge base in one transaction. fn gets the version that
// readers see and says what to write; nil means that nothing changes, and then the version is
// 0. While a change is staged it waits a moment, then it gives up with import_running.
func (s *Store) edit(
	ctx context.Context, change model.KnowledgeChange, fn func(tx *gorm.DB, seen uint64) (*part, error),
) (made uint64, err error) {
	for waited := time.Duration(0); ; {
		err = s.write(ctx, func(tx *gorm.DB) error {
			made = 0
			row, err := lockKnowledge(tx, change.AccountID)
			switch {
			case err != nil:
				return err
			case row.ImportUntilMS > s.nowMS():
				return errImportRunning
			case row.ImportUntilMS != 0:
				return errLeftovers
			}
			p, err := fn(tx, row.Version)
			if err != nil || p == nil {
				return err
			}
			if err := s.put(tx, change.AccountID, row.Version, *p); err != nil {
				return err
			}
			made, change.Version, change.Entries = row.Version+1, row.Version+1, p.touched()
			return s.raise(tx, tx.Model(&knowledgeRow{}).Where("account_id = ?", change.AccountID), change)
		})
		switch {
		case errors.Is(err, errLeftovers):
			_, err = s.stage(ctx, change, stagePatience, func(*staging) error { return nil })
		case errors.Is(err, errImportRunning) && waited < stagePatience:
			waited += stagePoll
			err = pause(ctx, stagePoll)
		default:
			return made, err
		}
		if err != nil {
			return 0, err
		}
	}
}

// SaveEntry writes one entry and returns it as stored. Without an ID it is a new one; else it
// takes the place of that entry and keeps its times and, where it has none, its Ref. expect
// is the Version that the caller saw: ErrStale where the entry has changed since; 0 doesn't
// look. Nothing happens to an entry that says the same. A question that another entry asks is
// a conflict with the reason question_taken, an import at work one with import_running.
func (s *Store) SaveEntry(ctx context.Context, e model.Entry, expect uint64, author string) (model.Entry, error) {
	change := model.KnowledgeChange{AccountID: e.AccountID, Kind: model.ChangeSave, Author: author}
	saved, err := s.saveEntry(ctx, change, func(tx *gorm.DB, seen uint64) (before, after model.Entry, err error) {
		if e.ID == 0 {
			after = e
			after.ID = model.NewID(s.now())
			return before, after, nil
		}
		before, ok, err := entryAt(tx, e.AccountID, e.ID, seen)
		switch {
		case err != nil:
			return before, after, err
		case !ok:
			return before, after, model.ErrNotFound
		case expect != 0 && before.Version != expect:
			return before, after, model.ErrStale
		}
		return before, e, nil
	})
	return saved, s.wrap(err, "save entry %d of account %d", e.ID, e.AccountID)
}

// RestoreEntry makes an entry what it was in a version of its account's knowledge base, even
// where it is gone by now. The conflicts are those of [Store.SaveEntry].
func (s *Store) RestoreEntry(ctx context.Context, accountID, entryID, version uint64, author string) (model.Entry, error) {
	change := model.KnowledgeChange{AccountID: accountID, Kind: model.ChangeRestore, Author: author}
	saved, err := s.saveEntry(ctx, change, func(tx *gorm.DB, seen uint64) (before, after model.Entry, err error) {
		after, ok, err := entryAt(tx, accountID, entryID, min(version, seen))
		if err != nil || !ok {
			return before, after, cmp.Or(err, error(model.ErrNotFound))
		}
		before, _, err = entryAt(tx, accountID, entryID, seen)
		return before, after, err
	})
	return saved, s.wrap(err, "restore entry %d of account %d", entryID, accountID)
}

// saveEntry lets one entry take the place of another, as plan says; before is zero for none.
func (s *Store) saveEntry(
	ctx context.Context, change model.KnowledgeChange, plan func(tx *gorm.DB, seen uint64) (before, after model.Entry, err error),
) (saved model.Entry, err error) {
	made, err := s.edit(ctx, change, func(tx *gorm.DB, seen uint64) (*part, error) {
		before, after, err := plan(tx, seen)
		if err != nil {
			return nil, err
		}
		after.State, after.Ref = cmp.Or(after.State, model.EntryOn), cmp.Or(after.Ref, before.Ref)
		if err := checkEntry(&after); err != nil {
			return nil, err
		}
		if before.ID != 0 && before.Same(&after) && before.Folded == after.Folded {
			saved = before
			return nil, nil //nolint:nilnil // as edit says
		}
		if err := s.questionFree(tx, after, seen); err != nil {
			return nil, err
		}
		after.Author, after.UpdatedMS = change.Author, s.nowMS()
		after.CreatedMS = cmp.Or(before.CreatedMS, after.UpdatedMS)
		p := &part{}
		p.add(before, after)
		saved = after
		return p, nil
	})
	if err != nil {
		return model.Entry{}, err
	}
	if made != 0 {
		saved.Version = made
	}
	return saved, nil
}

// questionFree refuses an entry whose question another one asks.
func (s *Store) questionFree(tx *gorm.DB, e model.Entry, seen uint64) error {
	same, err := s.entriesByFolded(tx, e.AccountID, []string{e.Folded}, seen)
	for _, other := range same {
		if other.ID != e.ID {
			return errQuestionTaken
		}
	}
	return err
}
