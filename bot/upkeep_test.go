package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// office is WeCom and the store of the directory, for the upkeep.
type office struct {
	mu       sync.Mutex
	accounts *accountStore
	dirs     map[string]model.Directory // what each account's app may see, by key
	members  map[string]model.Member
	menuErr  error
	dirErr   map[string]error
	saveErr  error
	calls    []string
	seats    map[uint64][]model.Seat
}

func (o *office) note(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls = append(o.calls, fmt.Sprintf(format, args...))
}

// with changes the office while nobody else looks.
func (o *office) with(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
}

// take gives the calls since the last time, sorted.
func (o *office) take() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	calls := o.calls
	o.calls = nil
	slices.Sort(calls)
	return calls
}

// Directory implements [bot.DirectoryPlatform].
func (o *office) Directory(_ context.Context, acc model.Account) (model.Directory, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dirs[acc.Key], o.dirErr[acc.Key]
}

// Member implements [bot.DirectoryPlatform].
func (o *office) Member(_ context.Context, _ model.Account, userID string) (model.Member, error) {
	o.note("read %s", userID)
	m, ok := o.members[model.Fold(userID)]
	if !ok {
		return m, model.ErrNotFound
	}
	if m.Status == 5 {
		return m, model.ErrUnavailable
	}
	return m, nil
}

// SetMenu implements [bot.DirectoryPlatform].
func (o *office) SetMenu(_ context.Context, acc model.Account) error {
	o.note("menu %s v%d", acc.Key, acc.Version)
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.menuErr
}

// SaveDirectory implements [bot.DirectoryStore].
func (o *office) SaveDirectory(_ context.Context, corpID string, dir model.Directory, replace bool) error {
	var who []string
	for _, m := range dir.Members {
		who = append(who, fmt.Sprint(m.UserID, m.Departments))
	}
	var where []string
	for _, d := range dir.Departments {
		where = append(where, d.Name)
	}
	o.note("save %s: %s in %s, replace %v", corpID, strings.Join(who, " "), strings.Join(where, " "), replace)
	return o.saveErr
}

// SaveMember implements [bot.DirectoryStore].
func (o *office) SaveMember(_ context.Context, m model.Member) error {
	o.note("save %s", m.UserID)
	return nil
}

// DeleteMember implements [bot.DirectoryStore].
func (o *office) DeleteMember(_ context.Context, corpID, userID string) error {
	o.note("delete %s %s", corpID, userID)
	return o.saveErr
}

// Seats implements [bot.SeatStore].
func (o *office) Seats(_ context.Context, accountID uint64) ([]model.Seat, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seats[accountID], nil
}

// Seat implements [bot.SeatStore].
func (o *office) Seat(_ context.Context, accountID uint64, userID string) (model.Seat, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, seat := range o.seats[accountID] {
		if seat.UserID == userID {
			return seat, nil
		}
	}
	return model.Seat{}, model.ErrNotFound
}

// MarkSeat implements [bot.SeatStore].
func (o *office) MarkSeat(_ context.Context, accountID uint64, userID, name string, gone bool) (bool, error) {
	o.note("mark %d %s %s %v", accountID, userID, name, gone)
	return true, nil
}

func newOffice() *office {
	account := func(id uint64, key, corp string) model.Account {
		return model.Account{ID: id, Key: key, CorpID: corp, Enabled: true, Version: 1, Policy: model.DefaultPolicy()}
	}
	o := &office{
		accounts: &accountStore{}, members: map[string]model.Member{}, dirErr: map[string]error{},
		dirs: map[string]model.Directory{
			"it": {
				Departments: []model.Department{{ID: 1, Name: "root"}},
				Members:     []model.Member{{UserID: zhang, Departments: []int64{1}}, {UserID: li, Departments: []int64{1, 2}}},
			},
			"hr": {
				Departments: []model.Department{{ID: 1, Name: "root"}, {ID: 2, Name: "hr"}},
				Members:     []model.Member{{UserID: zhang, Departments: []int64{1, 2}}, {UserID: li, Departments: []int64{2}}},
			},
			"other": {Members: []model.Member{{UserID: "wang"}}},
		},
	}
	o.accounts.save(account(1, "it", "Corp"), account(2, "hr", "corp"), account(3, "other", "two"))
	return o
}

// upkeep makes an upkeep over accounts that were just read.
func (o *office) upkeep(t *testing.T) (*bot.Upkeep, *bot.Accounts) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	accounts := bot.NewAccounts(o.accounts, time.Second, log)
	if err := accounts.Refresh(t.Context()); err != nil {
		t.Fatalf("Refresh: %v", err)
	}
	return bot.NewUpkeep(bot.UpkeepConfig{
		Accounts: accounts, Store: o, Platform: o, Every: time.Hour, Retry: time.Minute, Log: log,
	}), accounts
}

// run runs an upkeep until the test ends.
func (o *office) run(t *testing.T) (*bot.Upkeep, *bot.Accounts) {
	t.Helper()
	u, accounts := o.upkeep(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	synctest.Wait()
	return u, accounts
}

// wantCalls checks what was asked for since the last time.
func (o *office) wantCalls(t *testing.T, when string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, o.take()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

const (
	bothApps = "save corp: zhang[1 2] li[1 2] in root hr, replace true"
	otherApp = "save two: wang[] in , replace true"
)

func TestUpkeepPasses(t *testing.T) {
	t.Parallel()
	t.Run("at_the_start_and_every_hour", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			o.run(t)
			o.wantCalls(t, "at the start", "menu hr v1", "menu it v1", "menu other v1", bothApps, otherApp)
			pass(time.Hour - time.Second)
			o.wantCalls(t, "before the hour")
			pass(time.Second)
			o.wantCalls(t, "after an hour; the menus are as they were", bothApps, otherApp)
		})
	})
	t.Run("after_a_change_of_an_account", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			_, accounts := o.run(t)
			o.take()
			changed := slices.Clone(o.accounts.list)
			changed[1].Version = 2
			o.accounts.save(changed...)
			if err := accounts.Refresh(t.Context()); err != nil {
				t.Fatalf("Refresh: %v", err)
			}
			synctest.Wait()
			o.wantCalls(t, "after the change", "menu hr v2", bothApps, otherApp)
		})
	})
	t.Run("after_a_change_of_the_departments", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			u, _ := o.run(t)
			o.take()
			for range 3 { // they come in swarms
				if err := u.Refresh(t.Context(), o.accounts.list[0], "", &model.ContactChange{Change: "update_party", Department: 2}); err != nil {
					t.Fatalf("Refresh: %v", err)
				}
			}
			synctest.Wait()
			if calls := o.take(); len(calls) == 0 || len(calls) > 4 || !slices.Contains(calls, bothApps) {
				t.Errorf("calls = %q, want one pass or two", calls)
			}
		})
	})
	t.Run("menus_where_they_are_wanted", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			changed := slices.Clone(o.accounts.list)
			changed[0].Policy.Menu, changed[1].Enabled = model.MenuOff, false
			o.accounts.save(changed...)
			o.run(t)
			o.wantCalls(t, "at the start", "menu other v1", bothApps, otherApp)
		})
	})
	t.Run("again_after_a_menu_that_failed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			o.menuErr = errors.New("no")
			o.run(t)
			o.wantCalls(t, "at the start", "menu hr v1", "menu it v1", "menu other v1", bothApps, otherApp)
			o.with(func() { o.menuErr = nil })
			pass(time.Minute)
			o.wantCalls(t, "after a minute", "menu hr v1", "menu it v1", "menu other v1", bothApps, otherApp)
			pass(time.Minute)
			o.wantCalls(t, "once it succeeded")
		})
	})
	t.Run("removes_nobody_while_an_app_can_not_be_read", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			o.dirErr["hr"] = errors.New("no")
			o.run(t)
			o.wantCalls(t, "at the start", "menu hr v1", "menu it v1", "menu other v1",
				"save corp: zhang[1] li[1 2] in root, replace false", otherApp)
			o.with(func() { delete(o.dirErr, "hr") })
			pass(time.Minute)
			o.wantCalls(t, "after a minute", bothApps, otherApp)
		})
	})
	t.Run("saves_nothing_where_nothing_was_read", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			o.dirErr["hr"], o.dirErr["it"] = errors.New("no"), errors.New("no")
			o.run(t)
			o.wantCalls(t, "at the start", "menu hr v1", "menu it v1", "menu other v1", otherApp)
		})
	})
	t.Run("again_after_a_store_that_failed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			o.saveErr = errors.New("no")
			o.run(t)
			o.take()
			pass(time.Minute)
			o.wantCalls(t, "after a minute", bothApps, otherApp)
		})
	})
}

func TestUpkeepRefresh(t *testing.T) {
	t.Parallel()
	contact := func(change, userID, newID string) *model.ContactChange {
		return &model.ContactChange{Change: change, UserID: userID, NewUserID: newID}
	}
	tests := []struct {
		name   string
		person string
		change *model.ContactChange
		want   []string
	}{
		{"person", zhang, nil, []string{"read zhang", "save zhang"}},
		{"person_that_wecom_does_not_show", "nobody", nil, []string{"read nobody"}},
		{"created", "", contact("create_user", "ZhangSan", ""), []string{"read ZhangSan", "save zhangsan"}},
		{"updated", "", contact("update_user", zhang, ""), []string{"read zhang", "save zhang"}},
		{"seen_no_more", "", contact("update_user", "Gone", ""), []string{"delete corp gone", "read Gone", "read Gone"}},
		{"deleted", "", contact("delete_user", "ZhangSan", ""), []string{"delete corp zhangsan"}},
		{"renamed", "", contact("update_user", "old", zhang), []string{"delete corp old", "read zhang", "save zhang"}},
		{"written_otherwise", "", contact("update_user", zhang, "Zhang"), []string{"read zhang", "save zhang"}},
		{"departments", "", &model.ContactChange{Change: "delete_party", Department: 2}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice()
			o.members[zhang], o.members["zhangsan"] = model.Member{UserID: zhang}, model.Member{UserID: "zhangsan"}
			u, _ := o.upkeep(t)
			if err := u.Refresh(t.Context(), o.accounts.list[0], tt.person, tt.change); err != nil {
				t.Fatalf("Refresh: %v", err)
			}
			o.wantCalls(t, "calls", tt.want...)
		})
	}
}

// Before anybody can be judged by department the tree must have been read, once: through
// all the corp's apps, or those whom the others alone see would be forgotten.
func TestUpkeepReadsTheTreeFirst(t *testing.T) {
	t.Parallel()
	scoped := func(o *office) model.Account {
		changed := slices.Clone(o.accounts.list)
		changed[0].Policy.Scope = &model.Scope{Departments: []int64{1}}
		o.accounts.save(changed...)
		return changed[0]
	}
	t.Run("once", func(t *testing.T) {
		t.Parallel()
		o := newOffice()
		acc := scoped(o)
		u, _ := o.upkeep(t)
		if err := u.Refresh(t.Context(), acc, "nobody", nil); err != nil {
			t.Fatalf("Refresh: %v", err)
		}
		o.wantCalls(t, "the first person", "read nobody", bothApps)
		if err := u.Refresh(t.Context(), acc, "nobody", nil); err != nil {
			t.Fatalf("Refresh: %v", err)
		}
		o.wantCalls(t, "the second", "read nobody")
	})
	t.Run("not_for_an_account_without_departments", func(t *testing.T) {
		t.Parallel()
		o := newOffice()
		acc := scoped(o)
		acc.Policy.Scope = &model.Scope{Members: []string{zhang}}
		u, _ := o.upkeep(t)
		if err := u.Refresh(t.Context(), acc, "nobody", nil); err != nil {
			t.Fatalf("Refresh: %v", err)
		}
		o.wantCalls(t, "the first person", "read nobody")
	})
	t.Run("not_after_a_full_pass", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			acc := scoped(o)
			u, _ := o.run(t)
			o.take()
			if err := u.Refresh(t.Context(), acc, "nobody", nil); err != nil {
				t.Fatalf("Refresh: %v", err)
			}
			o.wantCalls(t, "the first person", "read nobody")
		})
	})
	t.Run("or_says_that_it_is_away", func(t *testing.T) {
		t.Parallel()
		o := newOffice()
		acc := scoped(o)
		o.dirErr["it"], o.dirErr["hr"] = errors.New("no"), errors.New("no")
		u, _ := o.upkeep(t)
		if err := u.Refresh(t.Context(), acc, "nobody", nil); model.CodeOf(err) != model.CodeUnavailable {
			t.Errorf("Refresh = %v, want it unavailable", err)
		}
	})
}

func TestUpkeepRefreshFails(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.members[zhang] = model.Member{UserID: zhang, Status: 5}
	u, _ := o.upkeep(t)
	if err := u.Refresh(t.Context(), o.accounts.list[0], zhang, nil); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("Refresh = %v, want ErrUnavailable", err)
	}
	o.saveErr = model.ErrUnavailable
	renamed := &model.ContactChange{Change: "update_user", UserID: "old", NewUserID: zhang}
	if err := u.Refresh(t.Context(), o.accounts.list[0], "", renamed); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("Refresh = %v, want ErrUnavailable", err)
	}
}
