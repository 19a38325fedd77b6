package sqlstore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

var errNameDiffers = model.Invalid("name_differs", "输入的名称与账号名称不一致")

// settleFor is how long nothing is purged after an account is gone: as long as some replica may
// still know it, and take callbacks for it.
const settleFor = 10 * time.Second

// RemovalPlan says what deleting an account would delete.
func (s *Store) RemovalPlan(ctx context.Context, acc model.Account) (model.RemovalPlan, error) {
	var (
		plan                           model.RemovalPlan
		sessions, open, entries, seats int64
	)
	q := s.reader(ctx)
	err := errors.Join(
		q.Model(&model.Session{}).Where("account_id = ?", acc.ID).Count(&sessions).Error,
		q.Model(&model.Session{}).Where("account_id = ? AND state IN ?", acc.ID, openStates()).Count(&open).Error,
		q.Model(&entryRow{}).Where("account_id = ? AND to_version = ?", acc.ID, uint64(still)).Count(&entries).Error,
		q.Model(&model.Seat{}).Where("account_id = ?", acc.ID).Count(&seats).Error,
	)
	plan.Sessions, plan.Open, plan.Entries, plan.Seats = int(sessions), int(open), int(entries), int(seats)
	tokens, tokenErr := tokensFor(q, acc.Key)
	for _, t := range tokens {
		plan.Tokens = append(plan.Tokens, t.Name)
	}
	return plan, s.wrap(errors.Join(err, tokenErr), "plan the removal of account %d", acc.ID)
}

// tokensFor are the API tokens that can act on the account with a key.
func tokensFor(q *gorm.DB, key string) ([]model.Token, error) {
	var all []model.Token
	err := q.Order("name").Find(&all).Error
	return slices.DeleteFunc(all, func(t model.Token) bool { return !slices.Contains(t.Accounts, key) }), err
}

// BeginRemoval begins to delete an account: it is disabled, so that its sessions end, and stays
// so. name must be the account's. One whose removal has begun is as good.
func (s *Store) BeginRemoval(ctx context.Context, accountID uint64, name string, who model.Audit) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := lockAccount(tx, accountID, 0)
		if err != nil {
			return err
		}
		if strings.TrimSpace(name) != strings.TrimSpace(row.Name) {
			return errNameDiffers
		}
		if err := notRemoving(tx, accountID); err != nil {
			return onlyIf(!errors.Is(err, errAccountRemoving), err)
		}
		now := s.nowMS()
		removal := model.Removal{
			AccountID: row.ID, AccountKey: row.AccountKey, Name: row.Name, Stage: model.RemovalDraining,
			DueMS: now, CreatedMS: now, CreatedBy: who.Actor,
		}
		if err := tx.Create(&removal).Error; err != nil {
			return err
		}
		was := map[string]any{"name": row.Name, "corp_id": row.CorpID, "agent_id": row.AgentID}
		// The installation's log has it: nobody reads the account's own any more.
		entries := []model.Audit{by(who, 0, "account.removing", row.AccountKey, was, nil), by(who, row.ID, "account.removing", row.AccountKey, was, nil)}
		if err := saveAudits(tx, entries, now); err != nil {
			return err
		}
		row.Enabled, row.Version, row.UpdatedMS = false, row.Version+1, now
		if err := tx.Model(&row).Select("enabled", "version", "updated_ms").Updates(&row).Error; err != nil {
			return err
		}
		return bumpRevision(tx, accountsRevision)
	})
	return s.wrap(err, "begin the removal of account %d", accountID)
}

// notRemoving is the conflict with the removal of an account, or nil.
func notRemoving(tx *gorm.DB, accountID uint64) error {
	_, removing, err := find[model.Removal](tx.Where("account_id = ?", accountID))
	return errors.Join(err, onlyIf(removing, errAccountRemoving))
}

// Removals lists the accounts that are being deleted.
func (s *Store) Removals(ctx context.Context) ([]model.Removal, error) {
	var list []model.Removal
	err := s.reader(ctx).Order("created_ms").Find(&list).Error
	return list, s.wrap(err, "list removals")
}

// ClaimRemoval takes a removal that is due, for the time of a lease; ErrNotFound where none is.
func (s *Store) ClaimRemoval(ctx context.Context, lease time.Duration) (model.Removal, error) {
	now := s.nowMS()
	r, due, err := find[model.Removal](s.reader(ctx).Where("due_ms <= ?", now).Order("due_ms"))
	if err == nil && !due {
		err = model.ErrNotFound
	}
	if err != nil {
		return r, s.wrap(err, "claim a removal")
	}
	err = s.HoldRemoval(ctx, &r, lease)
	if errors.Is(err, model.ErrFenced) {
		err = model.ErrNotFound // another replica was first
	}
	return r, err
}

// HoldRemoval says anew how long the holder has a removal; ErrFenced where somebody else has
// taken over.
func (s *Store) HoldRemoval(ctx context.Context, r *model.Removal, lease time.Duration) error {
	until := s.nowMS() + lease.Milliseconds()
	if until == r.DueMS {
		return nil
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		return one(tx.Model(&model.Removal{}).Where("account_id = ? AND due_ms = ?", r.AccountID, r.DueMS).Update("due_ms", until), model.ErrFenced)
	})
	if err == nil {
		r.DueMS = until
	}
	return s.wrap(err, "hold the removal of account %d", r.AccountID)
}

// Drained reports whether nobody waits for anything of an account that is being removed: no
// session has a person to it, and all that was to be sent was sent.
func (s *Store) Drained(ctx context.Context, r model.Removal) (bool, error) {
	q := s.reader(ctx)
	_, open, err := find[model.Session](q.Where("account_id = ? AND state IN ?", r.AccountID, []model.SessionState{model.StateQueued, model.StateServing}))
	_, unsent, sendErr := find[model.Outbox](q.Where("account_id = ? AND state = ?", r.AccountID, model.OutPending))
	return !open && !unsent, s.wrap(errors.Join(err, sendErr), "look what is left of account %d", r.AccountID)
}

// ForgetAccount takes an account away that was drained: nobody finds it any more, and no API
// token is for it. What was its own is purged later.
func (s *Store) ForgetAccount(ctx context.Context, r *model.Removal) error {
	due := s.nowMS() + settleFor.Milliseconds()
	err := s.write(ctx, func(tx *gorm.DB) error {
		next := map[string]any{"stage": model.RemovalPurging, "due_ms": due}
		if err := one(tx.Model(&model.Removal{}).Where("account_id = ? AND due_ms = ?", r.AccountID, r.DueMS).Updates(next), model.ErrFenced); err != nil {
			return err
		}
		tokens, err := tokensFor(tx, r.AccountKey)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if err := withoutAccount(tx, t, r.AccountKey); err != nil {
				return err
			}
		}
		for _, row := range []any{&ownerRow{}, &model.Seat{}, &model.CallbackRecord{}} {
			if err := tx.Where("account_id = ?", r.AccountID).Delete(row).Error; err != nil {
				return err
			}
		}
		if err := tx.Where("id = ?", r.AccountID).Delete(&accountRow{}).Error; err != nil {
			return err
		}
		return bumpRevision(tx, accountsRevision)
	})
	return s.wrap(err, "forget account %d", r.AccountID)
}

// withoutAccount takes an account out of a token, which ends where it was for no other: another
// account may have the same key one day.
func withoutAccount(tx *gorm.DB, t model.Token, key string) error {
	t.Accounts = slices.DeleteFunc(t.Accounts, func(k string) bool { return k == key })
	if len(t.Accounts) == 0 {
		return tx.Where("id = ?", t.ID).Delete(&model.Token{}).Error
	}
	return tx.Model(&t).Select("accounts").Updates(&t).Error
}

// EndRemoval is the end of a removal: nothing is left but the audit log.
func (s *Store) EndRemoval(ctx context.Context, r model.Removal) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := one(tx.Where("account_id = ? AND due_ms = ?", r.AccountID, r.DueMS).Delete(&model.Removal{}), model.ErrFenced); err != nil {
			return err
		}
		return saveAudits(tx, []model.Audit{{Actor: "system", Action: "account.removed", Target: r.AccountKey}}, s.nowMS())
	})
	return s.wrap(err, "end the removal of account %d", r.AccountID)
}
