package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"deskmate/model"
)

// Upkeep keeps in step with WeCom what changes rarely: the directory, which the scope and
// every name come from, and the app's menu.
type Upkeep struct {
	cfg    UpkeepConfig
	again  chan struct{}     // a change of the tree wants a full pass
	menued map[uint64]uint64 // account → version whose menu is set

	reading sync.Mutex      // one full read at a time
	mu      sync.Mutex      // guards read
	read    map[string]bool // corps whose directory was read in full
}

// UpkeepConfig is what the upkeep works with. Every field is required.
type UpkeepConfig struct {
	Accounts *Accounts
	Store    DirectoryStore
	Platform DirectoryPlatform
	Every    time.Duration // between full passes
	Retry    time.Duration // after a pass that failed
	Log      *slog.Logger
}

// DirectoryStore keeps the directory.
type DirectoryStore interface {
	SeatStore
	SaveDirectory(ctx context.Context, corpID string, dir model.Directory, replace bool) error
	SaveMember(ctx context.Context, m model.Member) error
	DeleteMember(ctx context.Context, corpID, userID string) error
}

// DirectoryPlatform is WeCom as the upkeep sees it.
type DirectoryPlatform interface {
	Directory(ctx context.Context, acc model.Account) (model.Directory, error)
	Member(ctx context.Context, acc model.Account, userID string) (model.Member, error)
	SetMenu(ctx context.Context, acc model.Account) error
}

// NewUpkeep makes the upkeep.
func NewUpkeep(cfg UpkeepConfig) *Upkeep {
	return &Upkeep{cfg: cfg, again: make(chan struct{}, 1), menued: map[uint64]uint64{}, read: map[string]bool{}}
}

// Run makes a full pass at the start, after every change of an account or of the
// departments, and from time to time, until ctx ends.
func (u *Upkeep) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		changed := u.cfg.Accounts.Changed()
		wait := u.cfg.Every
		if !u.pass(ctx) {
			wait = u.cfg.Retry
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-u.again:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// Again makes the next pass begin soon: something that it failed on may be mended.
func (u *Upkeep) Again() {
	select {
	case u.again <- struct{}{}:
	default:
	}
}

// pass reads the directory of every corp and sets the menus; it reports whether all of it
// succeeded.
func (u *Upkeep) pass(ctx context.Context) bool {
	ok := true
	corps := map[string][]model.Account{}
	for _, acc := range u.cfg.Accounts.All() {
		corps[model.Fold(acc.CorpID)] = append(corps[model.Fold(acc.CorpID)], acc)
		if acc.Policy.Menu != model.MenuOn || !acc.Enabled || u.menued[acc.ID] == acc.Version {
			continue
		}
		if err := u.cfg.Platform.SetMenu(ctx, acc); err != nil {
			ok = false
			u.cfg.Log.WarnContext(ctx, "menu not set", "account_key", acc.Key, "err", err.Error())
			continue
		}
		u.menued[acc.ID] = acc.Version
	}
	u.reading.Lock()
	defer u.reading.Unlock()
	for corp, accs := range corps {
		if err := u.readCorp(ctx, corp, accs); err != nil && ctx.Err() == nil {
			ok = false
			u.cfg.Log.WarnContext(ctx, "directory not read", "corp_id", corp, "err", err.Error())
		}
	}
	return ok
}

// readCorp joins what each of the corp's apps may see. Only when all of them could be
// read, whoever is in none of them is removed.
func (u *Upkeep) readCorp(ctx context.Context, corp string, accs []model.Account) error {
	all := model.Directory{}
	var failures []error
	members, departments := map[string]int{}, map[int64]bool{}
	for _, acc := range accs {
		dir, err := u.cfg.Platform.Directory(ctx, acc)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		// Before the members that left are forgotten, for their names.
		if err := u.checkSeats(ctx, acc, dir); err != nil {
			u.cfg.Log.WarnContext(ctx, "seats not checked", "account_key", acc.Key, "err", err.Error())
		}
		for _, d := range dir.Departments {
			if !departments[d.ID] {
				departments[d.ID] = true
				all.Departments = append(all.Departments, d)
			}
		}
		for _, m := range dir.Members {
			i, seen := members[m.UserID]
			if !seen {
				members[m.UserID] = len(all.Members)
				all.Members = append(all.Members, m)
			} else if len(m.Departments) > len(all.Members[i].Departments) {
				all.Members[i] = m // this app sees more of the member
			}
		}
	}
	if len(failures) == len(accs) {
		return errors.Join(failures...)
	}
	if err := u.cfg.Store.SaveDirectory(ctx, corp, all, len(failures) == 0); err != nil {
		return fmt.Errorf("save directory: %w", err)
	}
	u.mu.Lock()
	u.read[corp] = true
	u.mu.Unlock()
	return errors.Join(failures...)
}

// firstRead reads a corp's directory unless it was read before: without the tree of
// departments nobody can say who is inside a scope.
func (u *Upkeep) firstRead(ctx context.Context, acc model.Account) error {
	corp := model.Fold(acc.CorpID)
	if acc.Policy.Scope == nil || len(acc.Policy.Scope.Departments) == 0 || u.wasRead(corp) {
		return nil
	}
	// Workers must not queue up for a read that takes long: the event comes again.
	if !u.reading.TryLock() {
		return errors.New("the directory is being read")
	}
	defer u.reading.Unlock()
	if u.wasRead(corp) {
		return nil
	}
	return u.readCorp(ctx, corp, u.ofCorp(acc)) // or those whom another app alone sees would be removed
}

// ofCorp are the accounts of an account's corp, itself first.
func (u *Upkeep) ofCorp(acc model.Account) []model.Account {
	accs := []model.Account{acc}
	for _, other := range u.cfg.Accounts.All() {
		if model.Fold(other.CorpID) == model.Fold(acc.CorpID) && other.ID != acc.ID {
			accs = append(accs, other)
		}
	}
	return accs
}

func (u *Upkeep) wasRead(corp string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.read[corp]
}

// Refresh reads what a change is about, or the person, from WeCom again. See
// [DirectoryReader].
func (u *Upkeep) Refresh(ctx context.Context, acc model.Account, person string, change *model.ContactChange) error {
	corp := model.Fold(acc.CorpID)
	if change == nil {
		if err := u.firstRead(ctx, acc); err != nil {
			return awayError("the directory can't be read", err)
		}
		return u.readMember(ctx, acc, person)
	}
	switch {
	case change.Change == "delete_user":
		if err := u.recheck(ctx, corp, change.UserID, true); err != nil {
			return err
		}
		return u.cfg.Store.DeleteMember(ctx, corp, model.Fold(change.UserID))
	case change.UserID == "":
		select { // departments or tags: the whole tree may have moved
		case u.again <- struct{}{}:
		default:
		}
		return nil
	case change.NewUserID != "" && model.Fold(change.NewUserID) != model.Fold(change.UserID):
		if err := u.cfg.Store.DeleteMember(ctx, corp, model.Fold(change.UserID)); err != nil {
			return fmt.Errorf("forget the old userid: %w", err)
		}
		if err := u.recheck(ctx, corp, change.UserID, true); err != nil {
			return err
		}
		return u.readMember(ctx, acc, change.NewUserID)
	}
	if err := u.recheck(ctx, corp, change.UserID, false); err != nil {
		return awayError("a seat can't be read", err)
	}
	return u.readChanged(ctx, acc, change.UserID)
}

// readChanged reads a member who changed, and forgets one whom no app of the corp is shown
// any more.
func (u *Upkeep) readChanged(ctx context.Context, acc model.Account, userID string) error {
	for _, app := range u.ofCorp(acc) {
		m, err := u.cfg.Platform.Member(ctx, app, userID)
		switch {
		case errors.Is(err, model.ErrNotFound):
		case err == nil:
			return u.cfg.Store.SaveMember(ctx, m)
		case app.ID == acc.ID:
			return awayError("the member can't be read", err)
		default:
			return nil // it may be shown to the app that can't be asked
		}
	}
	return u.cfg.Store.DeleteMember(ctx, model.Fold(acc.CorpID), model.Fold(userID))
}

func (u *Upkeep) readMember(ctx context.Context, acc model.Account, userID string) error {
	m, err := u.cfg.Platform.Member(ctx, acc, userID)
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	if err != nil {
		return awayError("the member can't be read", err)
	}
	return u.cfg.Store.SaveMember(ctx, m)
}

// awayError says that WeCom could not be asked, whatever the reason: trying again helps,
// perhaps after an operator has acted.
func awayError(message string, err error) error {
	return &model.Error{Code: model.CodeUnavailable, Reason: "directory_away", Message: message, Err: err}
}
