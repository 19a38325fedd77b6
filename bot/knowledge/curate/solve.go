package curate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"unicode/utf8"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// Solved is what became of misses.
type Solved struct {
	Saved
	Settled int // misses settled, those that ask letter for letter the same among them
}

// Make makes a new entry of misses, as a person approved it; without similar questions of its
// own it gets those of the misses. Where somebody else has settled the misses meanwhile it is a
// conflict with the reason miss_settled, and no entry is left. What is wrong with the entry is
// told as by [Editor.Save].
func (m *Misses) Make(ctx context.Context, acc model.Account, ids []uint64, entry model.Entry, author string) (Solved, error) {
	return m.solve(ctx, acc, ids, author, func(asked []model.Question) (Saved, bool, error) {
		entry.ID = 0
		if entry.Similar == nil {
			entry.Similar = fitting(asked)
		}
		saved, err := m.editor.Save(ctx, acc, entry, 0, author)
		return saved, true, err
	})
}

// tries is how often an entry that others edit at the same time is extended anew.
const tries = 3

// Extend adds the questions of misses to the similar ones of an entry. Where somebody else has
// settled the misses meanwhile it is a conflict with the reason miss_settled, and the entry
// stays as it was.
func (m *Misses) Extend(ctx context.Context, acc model.Account, ids []uint64, entryID uint64, author string) (Solved, error) {
	return m.solve(ctx, acc, ids, author, func(asked []model.Question) (saved Saved, wrote bool, err error) {
		for range tries {
			entry, err := m.editor.Entry(ctx, acc.ID, entryID)
			if err != nil {
				return Saved{}, false, err
			}
			seen := entry.Version
			entry.Similar = slices.Concat(entry.Similar, fitting(asked))
			saved, err = m.editor.Save(ctx, acc, entry, seen, author)
			if !errors.Is(err, model.ErrStale) {
				return saved, saved.Entry.Version != seen, err
			}
		}
		return Saved{}, false, fmt.Errorf("add similar questions: %w", told(model.ErrStale, thisEntry))
	})
}

// Ignore takes misses off the list for good: asked again, they are none. It returns how many
// it settled. Where somebody else has settled all of them it is a conflict with the reason
// miss_settled.
func (m *Misses) Ignore(ctx context.Context, accountID uint64, ids []uint64) (int, error) {
	if _, err := m.open(ctx, accountID, ids); err != nil {
		return 0, err
	}
	n, err := m.questions.SettleMisses(ctx, accountID, ids, model.MissIgnored, 0)
	if err != nil {
		return 0, fmt.Errorf("ignore misses: %w", err)
	}
	if n == 0 {
		return 0, errSettled()
	}
	return n, nil
}

func errSettled() error {
	return conflict("miss_settled", "这些问题刚被别人处理过了，请刷新")
}

// solve lets write turn misses into knowledge, which says whether it changed anything, and
// settles them. What was written for misses that somebody else has settled in between is taken
// back.
func (m *Misses) solve(
	ctx context.Context, acc model.Account, ids []uint64, author string, write func(asked []model.Question) (saved Saved, wrote bool, err error),
) (Solved, error) {
	leave, err := m.turns.take(ctx, acc.ID)
	if err != nil {
		return Solved{}, err
	}
	defer leave()
	asked, err := m.open(ctx, acc.ID, ids)
	if err != nil {
		return Solved{}, err
	}
	saved, wrote, err := write(asked)
	if err != nil {
		return Solved{}, err
	}
	n, err := m.questions.SettleMisses(ctx, acc.ID, ids, model.MissSolved, saved.Entry.ID)
	switch {
	case err != nil:
		return Solved{}, fmt.Errorf("settle misses: %w", err)
	case n > 0:
		return Solved{saved, n}, nil
	case wrote:
		m.takeBack(context.WithoutCancel(ctx), saved.Entry, author)
	}
	return Solved{}, errSettled()
}

// takeBack undoes the version that wrote an entry, which touched nothing else.
func (m *Misses) takeBack(ctx context.Context, entry model.Entry, author string) {
	if _, _, err := m.editor.Undo(ctx, entry.AccountID, entry.Version, author); err != nil {
		m.log.WarnContext(ctx, "entry of misses that somebody else settled not taken back",
			slog.Uint64("account_id", entry.AccountID), slog.Uint64("entry_id", entry.ID), slog.Any("err", err))
	}
}

// open gives the questions that nobody has settled.
func (m *Misses) open(ctx context.Context, accountID uint64, ids []uint64) ([]model.Question, error) {
	asked, err := m.read(ctx, accountID, ids)
	if err != nil {
		return nil, err
	}
	var open []model.Question
	for _, q := range asked {
		if q.Miss == model.MissOpen {
			open = append(open, q)
		}
	}
	if len(open) == 0 {
		return nil, errSettled()
	}
	return open, nil
}

// fitting are the ways of asking that can be similar questions, each once.
func fitting(asked []model.Question) []string {
	var list []string
	for _, w := range wordings(asked) {
		if match.Fold(w.text) != "" && utf8.RuneCountInString(w.text) <= maxQuestion && !hasControl(w.text) {
			list = append(list, w.text)
		}
	}
	return list
}

// turns lets one at a time settle misses of an account. The zero value is ready.
type turns struct {
	mu   sync.Mutex
	busy map[uint64]chan struct{} // closed when the turn ends
}

// take waits for the account's turn and gives what ends it.
func (t *turns) take(ctx context.Context, accountID uint64) (leave func(), err error) {
	for {
		t.mu.Lock()
		other, busy := t.busy[accountID]
		if !busy {
			if t.busy == nil {
				t.busy = map[uint64]chan struct{}{}
			}
			mine := make(chan struct{})
			t.busy[accountID] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.busy, accountID)
				t.mu.Unlock()
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait to settle misses: %w", context.Cause(ctx))
		}
	}
}
