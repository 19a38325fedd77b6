package knowledge

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// holding is what of an account is in memory.
type holding struct {
	index    *match.Index    // nil: nothing
	version  uint64          // of the entries in index
	words    []model.Synonym // in index
	encoder  uint64          // number of the encoder in index; 0: none
	wanted   uint64          // number of the encoder that is stored, as last seen
	retry    pause           // after failing to take over an encoder
	asleep   bool            // its encoder was put away
	dressed  bool            // some of its texts have vectors
	embedded uint64          // version all of whose texts have them
}

// account is one account's knowledge base in memory.
//
// What is quick (an edit) is done by whoever has the turn. What is slow (a new encoder) is
// done by whoever has the bench, on a copy; the edits that come meanwhile are noted and done
// again on the copy before it takes the place of what it was made from.
type account struct {
	turn  token
	bench token
	used  atomic.Int64 // when it was last asked, epoch-ms

	mu       sync.RWMutex
	held     holding
	late     *journal // edits since the work on the bench began; nil: none is going on
	failing  bool     // the last refresh failed
	hot      hotList
	vectored map[string]bool // texts that have vectors in the index
}

// change makes an index of another.
type change func(*match.Index) *match.Index

// journal is a list of edits to do again.
type journal struct{ edits []change }

// token is held by one goroutine at a time.
type token chan struct{}

func (t token) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for knowledge: %w", context.Cause(ctx))
	}
}

func (t token) give() { <-t }

func newAccount() *account {
	return &account{turn: make(token, 1), bench: make(token, 1)}
}

// account gives the account's place in memory, making it.
func (b *Base) account(id uint64) *account {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.accounts[id]
	if !ok {
		a = newAccount()
		b.accounts[id] = a
	}
	return a
}

// Loaded lists the accounts whose knowledge is in memory.
func (b *Base) Loaded() []uint64 { return b.loaded() }

// loaded lists the accounts in memory.
func (b *Base) loaded() []uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []uint64
	for id, a := range b.accounts {
		if a.get().index != nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// asked is when an account was last asked here; zero where it is not in memory.
func (b *Base) asked(id uint64) time.Time {
	b.mu.Lock()
	a, ok := b.accounts[id]
	b.mu.Unlock()
	if !ok || a.get().index == nil {
		return time.Time{}
	}
	return time.UnixMilli(a.used.Load())
}

func (a *account) get() holding {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.held
}

// note changes something that is not the index.
func (a *account) note(what func(*holding)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	what(&a.held)
}

// idle is how long nobody has asked.
func (a *account) idle(now time.Time) time.Duration {
	return time.Duration(now.UnixMilli()-a.used.Load()) * time.Millisecond
}

// replace puts something else in memory, or nothing. Work on the bench comes to nothing.
// The caller has the turn.
func (a *account) replace(h holding) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held, a.late, a.hot, a.vectored = h, nil, hotList{}, map[string]bool{}
}

// edit makes the index of version next. Texts of which may be new to the index, or gone and
// back again. The caller has the turn.
func (a *account) edit(next uint64, words []model.Synonym, texts []string, do change) {
	index := do(a.get().index)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, text := range texts {
		delete(a.vectored, text)
	}
	a.held.index, a.held.version, a.held.words = index, next, words
	if a.late != nil {
		a.late.edits = append(a.late.edits, do)
	}
}

// rebuild does what is slow, and notes it in the holding with the new index. The caller has
// the bench. It comes to nothing when the account is read anew or put away meanwhile.
func (a *account) rebuild(ctx context.Context, do change, note func(*holding)) error {
	late := &journal{}
	a.mu.Lock()
	index := a.held.index
	a.late = late
	a.mu.Unlock()
	if index == nil {
		return nil
	}
	defer a.forget(late)
	index = a.catchUp(do(index), late)
	if err := a.turn.take(ctx); err != nil {
		return err
	}
	defer a.turn.give()
	index = a.catchUp(index, late)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.late == late {
		a.held.index = index
		note(&a.held)
	}
	return nil
}

// catchUp does the noted edits again.
func (a *account) catchUp(index *match.Index, late *journal) *match.Index {
	a.mu.Lock()
	edits := late.edits
	late.edits = nil
	a.mu.Unlock()
	for _, do := range edits {
		index = do(index)
	}
	return index
}

func (a *account) forget(late *journal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.late == late {
		a.late = nil
	}
}
