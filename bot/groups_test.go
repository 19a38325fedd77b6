package bot_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// botAccounts are accounts that change.
type botAccounts struct {
	mu   sync.Mutex
	list []model.Account
}

func (b *botAccounts) All() []model.Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.list
}

func (b *botAccounts) set(list ...model.Account) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = list
}

// botLeases are leases that don't end by themselves.
type botLeases struct {
	mu    sync.Mutex
	owner map[uint64]string
}

func (l *botLeases) ClaimGroups(_ context.Context, accountID uint64, owner string, _ time.Duration) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if holder := l.owner[accountID]; holder != "" && holder != owner {
		return false, nil
	}
	l.owner[accountID] = owner
	return true, nil
}

func (l *botLeases) ReleaseGroups(_ context.Context, accountID uint64, owner string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owner[accountID] == owner {
		delete(l.owner, accountID)
	}
	return nil
}

func (l *botLeases) give(accountID uint64, owner string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owner[accountID] = owner
}

func TestGroups_one_holds_a_bot(t *testing.T) {
	t.Parallel()
	bound := model.Account{ID: 1, Version: 1, Group: model.GroupBot{BotID: "b"}}
	accounts, leases := &botAccounts{}, &botLeases{owner: map[uint64]string{}}
	accounts.set(bound, model.Account{ID: 2})
	events := make(chan string, 100)
	start := func(owner string) (stop func()) {
		g := bot.NewGroups(bot.GroupsConfig{
			Accounts: accounts, Store: leases, Owner: owner, Lease: time.Minute, Every: time.Millisecond,
			Log: slog.New(slog.DiscardHandler),
			Serve: func(ctx context.Context, acc model.Account) error {
				if acc.ID != 1 {
					t.Errorf("account %d has no bot", acc.ID)
				}
				events <- owner + " begins"
				<-ctx.Done()
				events <- owner + " ends"
				return nil
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = g.Run(ctx)
		}()
		return func() {
			cancel()
			<-done
		}
	}
	next := func(want string) {
		t.Helper()
		select {
		case got := <-events:
			if got != want {
				t.Fatalf("%s, want: %s", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("not in time: %s", want)
		}
	}
	stopA := start("a")
	next("a begins")
	stopB := start("b")
	stopA()
	next("a ends")
	next("b begins") // at once, since a let go
	changed := bound
	changed.Version = 2
	accounts.set(changed)
	next("b ends")
	next("b begins")
	leases.give(1, "c") // b was away for longer than its lease
	next("b ends")
	leases.give(1, "")
	next("b begins")
	accounts.set(model.Account{ID: 1, Version: 3})
	next("b ends")
	stopB()
	if len(leases.owner) != 0 {
		t.Errorf("still held: %v", leases.owner)
	}
}
