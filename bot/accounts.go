package bot

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"deskmate/model"
)

// Accounts is this process's copy of all accounts, for what happens with every callback
// and push. It follows the store within one poll.
type Accounts struct {
	store AccountStore
	poll  time.Duration
	log   *slog.Logger

	mu      sync.RWMutex
	version uint64
	loaded  bool
	list    []model.Account
	byKey   map[string]int
	byID    map[uint64]int
	changed chan struct{} // closed and replaced with every change
}

// AccountStore is where the accounts are.
type AccountStore interface {
	AccountsVersion(ctx context.Context) (uint64, error)
	Accounts(ctx context.Context) ([]model.Account, error)
	AccountByKey(ctx context.Context, key string) (model.Account, error)
	Account(ctx context.Context, id uint64) (model.Account, error)
}

// NewAccounts makes an empty copy; Run or Refresh fills it.
func NewAccounts(store AccountStore, poll time.Duration, log *slog.Logger) *Accounts {
	return &Accounts{store: store, poll: poll, log: log, changed: make(chan struct{})}
}

// Run follows the store until ctx ends.
func (a *Accounts) Run(ctx context.Context) error {
	tick := time.NewTicker(a.poll)
	defer tick.Stop()
	for {
		if err := a.Refresh(ctx); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "accounts not read", "err", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Refresh reads the accounts if they have changed.
func (a *Accounts) Refresh(ctx context.Context) error {
	version, err := a.store.AccountsVersion(ctx)
	if err != nil {
		return fmt.Errorf("version of the accounts: %w", err)
	}
	a.mu.RLock()
	same := a.loaded && a.version == version
	a.mu.RUnlock()
	if same {
		return nil
	}
	list, err := a.store.Accounts(ctx)
	if err != nil {
		return fmt.Errorf("accounts: %w", err)
	}
	byKey, byID := make(map[string]int, len(list)), make(map[uint64]int, len(list))
	for i, acc := range list {
		byKey[acc.Key], byID[acc.ID] = i, i
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list, a.byKey, a.byID, a.version, a.loaded = list, byKey, byID, version, true
	close(a.changed)
	a.changed = make(chan struct{})
	return nil
}

// All gives every account as of the last poll. The slice must not be changed.
func (a *Accounts) All() []model.Account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.list
}

// Changed is closed at the next change of any account.
func (a *Accounts) Changed() <-chan struct{} {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.changed
}

// ByKey gives the account with this key, or [model.ErrNotFound]. An account that was
// made a moment ago is found, too.
func (a *Accounts) ByKey(ctx context.Context, key string) (model.Account, error) {
	a.mu.RLock()
	i, ok := a.byKey[key]
	list := a.list
	a.mu.RUnlock()
	if ok {
		return list[i], nil
	}
	return a.store.AccountByKey(ctx, key)
}

// Account gives the account with this id, or [model.ErrNotFound].
func (a *Accounts) Account(ctx context.Context, id uint64) (model.Account, error) {
	a.mu.RLock()
	i, ok := a.byID[id]
	list := a.list
	a.mu.RUnlock()
	if ok {
		return list[i], nil
	}
	return a.store.Account(ctx, id)
}
