package bot_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// accountStore keeps accounts and counts how they are read.
type accountStore struct {
	mu      sync.Mutex
	version uint64
	list    []model.Account
	reads   int // of all accounts
	singles int // of one
	err     error
}

// AccountsVersion implements [bot.AccountStore].
func (s *accountStore) AccountsVersion(context.Context) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version, s.err
}

// Accounts implements [bot.AccountStore].
func (s *accountStore) Accounts(context.Context) ([]model.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return slices.Clone(s.list), nil
}

// AccountByKey implements [bot.AccountStore].
func (s *accountStore) AccountByKey(_ context.Context, key string) (model.Account, error) {
	return s.one(func(a model.Account) bool { return a.Key == key })
}

// Account implements [bot.AccountStore].
func (s *accountStore) Account(_ context.Context, id uint64) (model.Account, error) {
	return s.one(func(a model.Account) bool { return a.ID == id })
}

func (s *accountStore) one(is func(model.Account) bool) (model.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.singles++
	for _, a := range s.list {
		if is(a) {
			return a, nil
		}
	}
	return model.Account{}, model.ErrNotFound
}

// with looks at the store, or changes it, while nobody else does.
func (s *accountStore) with(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *accountStore) save(accounts ...model.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.list = accounts
}

func keys(accounts []model.Account) []string {
	var list []string
	for _, a := range accounts {
		list = append(list, a.Key)
	}
	return list
}

func TestAccountsFind(t *testing.T) {
	t.Parallel()
	store := &accountStore{}
	store.save(model.Account{ID: 1, Key: "it", Name: "IT"}, model.Account{ID: 2, Key: "hr", Name: "HR"})
	a := bot.NewAccounts(store, time.Second, slog.New(slog.DiscardHandler))
	if a.All() != nil {
		t.Error("accounts are known before they were read")
	}
	if err := a.Refresh(t.Context()); err != nil {
		t.Fatalf("Refresh: %v", err)
	}
	if diff := cmp.Diff([]string{"it", "hr"}, keys(a.All())); diff != "" {
		t.Errorf("All (-want +got):\n%s", diff)
	}
	byKey, err := a.ByKey(t.Context(), "hr")
	if err != nil || byKey.ID != 2 {
		t.Errorf("ByKey = %d, %v", byKey.ID, err)
	}
	byID, err := a.Account(t.Context(), 1)
	if err != nil || byID.Key != "it" || store.singles != 0 {
		t.Errorf("Account = %q, %v with %d reads", byID.Key, err, store.singles)
	}
	store.save(append(store.list, model.Account{ID: 3, Key: "new"})...) // a moment ago
	if acc, err := a.ByKey(t.Context(), "new"); err != nil || acc.ID != 3 {
		t.Errorf("ByKey of a new one = %d, %v", acc.ID, err)
	}
	if acc, err := a.Account(t.Context(), 3); err != nil || acc.Key != "new" {
		t.Errorf("Account of a new one = %q, %v", acc.Key, err)
	}
	if _, err := a.ByKey(t.Context(), "none"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("ByKey = %v, want ErrNotFound", err)
	}
	if _, err := a.Account(t.Context(), 9); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Account = %v, want ErrNotFound", err)
	}
}

func TestAccountsFollow(t *testing.T) {
	t.Parallel()
	t.Run("what_changes", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := &accountStore{}
			store.save(model.Account{ID: 1, Key: "it"})
			a := bot.NewAccounts(store, time.Second, slog.New(slog.DiscardHandler))
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			first := a.Changed()
			go func() { ended <- a.Run(ctx) }()
			synctest.Wait()
			if !closed(first) {
				t.Error("the first reading is no change")
			}
			second := a.Changed()
			pass(10 * time.Second)
			store.with(func() {
				if store.reads != 1 || closed(second) {
					t.Errorf("%d readings of what did not change", store.reads)
				}
			})
			store.save(model.Account{ID: 2, Key: "hr"})
			pass(time.Second)
			if diff := cmp.Diff([]string{"hr"}, keys(a.All())); diff != "" {
				t.Errorf("All (-want +got):\n%s", diff)
			}
			if !closed(second) {
				t.Error("nobody was told of the change")
			}
			if _, err := a.ByKey(ctx, "it"); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("ByKey of a deleted one = %v", err)
			}
			stop()
			if err := <-ended; err != nil {
				t.Errorf("Run = %v", err)
			}
		})
	})
	t.Run("goes_on_while_the_store_is_away", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			store := &accountStore{}
			store.save(model.Account{ID: 1, Key: "it"})
			a := bot.NewAccounts(store, time.Second, slog.New(slog.DiscardHandler))
			if err := a.Refresh(t.Context()); err != nil {
				t.Fatalf("Refresh: %v", err)
			}
			store.err = model.ErrUnavailable
			if err := a.Refresh(t.Context()); !errors.Is(err, model.ErrUnavailable) {
				t.Errorf("Refresh = %v, want ErrUnavailable", err)
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			go func() { _ = a.Run(ctx) }()
			pass(5 * time.Second)
			if acc, err := a.ByKey(ctx, "it"); err != nil || acc.ID != 1 {
				t.Errorf("ByKey = %d, %v", acc.ID, err)
			}
		})
	})
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
