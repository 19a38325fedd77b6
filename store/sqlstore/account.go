package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// accountRow is how an account is stored: secrets sealed, policy and profile as JSON,
// seats and owners in tables of their own.
type accountRow struct {
	ID             uint64 `gorm:"primaryKey;autoIncrement:false"`
	AccountKey     string
	CorpID         string
	CorpFold       string // CorpID as it is compared
	AgentID        int64
	Name           string
	Secret         string
	Token          string
	EncodingAESKey string `gorm:"column:encoding_aes_key"`
	BotID          string
	GroupBot       string // sealed JSON; "" for none
	Enabled        bool
	Policy         string
	Profile        string
	Version        uint64
	CreatedMS      int64
	UpdatedMS      int64
}

// TableName implements gorm's Tabler.
func (accountRow) TableName() string { return "account" }

// ownerRow is one owner of one account.
type ownerRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	UserID    string `gorm:"primaryKey"`
}

// TableName implements gorm's Tabler.
func (ownerRow) TableName() string { return "account_owner" }

// revisionRow counts the changes of something that others poll.
type revisionRow struct {
	Name  string `gorm:"primaryKey"`
	Value uint64
}

// TableName implements gorm's Tabler.
func (revisionRow) TableName() string { return "revision" }

// accountsRevision counts the changes of all accounts together.
const accountsRevision = "accounts"

// SaveAccount makes the account with acc.Key what acc says, with exactly these seats and
// owners, and returns it as stored; changed tells whether anything differed. Saving the
// same again changes nothing, not even the version. ID, Version and the times of acc are
// ignored but for the ID of an account that is new. New seats are online; the sessions of
// a seat that is no longer listed move when they are reviewed (see ReviewSessions). What
// changes of the seats is in the audit log as done by actor. A corp's app that serves another
// account already is a conflict with the reason agent_taken.
func (s *Store) SaveAccount(
	ctx context.Context, acc model.Account, seats []model.SeatSetup, owners []string, actor string,
) (model.Account, bool, error) {
	if acc.Key == "" || model.Fold(acc.CorpID) == "" || acc.AgentID <= 0 {
		return model.Account{}, false, model.Invalid("account_incomplete", "an account needs a key, a corp id and a positive agent id")
	}
	var (
		saved   model.Account
		changed bool
	)
	save := func(tx *gorm.DB) (err error) {
		saved, changed, err = s.saveAccount(tx, acc, setups(seats), people(owners), actor)
		return err
	}
	err := s.write(ctx, save)
	if errors.Is(err, model.ErrDuplicate) {
		if err = s.agentTaken(ctx, acc); err == nil {
			err = s.write(ctx, save) // somebody else made the same account meanwhile
		}
	}
	if err != nil {
		return model.Account{}, false, fmt.Errorf("save account %q: %w", acc.Key, err)
	}
	return saved, changed, nil
}

// agentTaken is the conflict with another account of the same app, or nil.
func (s *Store) agentTaken(ctx context.Context, acc model.Account) error {
	other, ok, err := find[accountRow](s.reader(ctx).Where("corp_fold = ? AND agent_id = ? AND account_key <> ?",
		model.Fold(acc.CorpID), acc.AgentID, acc.Key))
	if err != nil || !ok {
		return s.translate(err)
	}
	return &model.Error{
		Code: model.CodeConflict, Reason: "agent_taken",
		Message: fmt.Sprintf("app %d of this corp serves account %q already", acc.AgentID, other.AccountKey),
	}
}

func (s *Store) saveAccount(
	tx *gorm.DB, acc model.Account, seats []model.SeatSetup, owners []string, actor string,
) (model.Account, bool, error) {
	old, exists, err := find[accountRow](tx.Clauses(forUpdate()).Where("account_key = ?", acc.Key))
	if err != nil {
		return acc, false, err
	}
	now := s.now()
	changed := !exists
	if exists {
		if err := notRemoving(tx, old.ID); err != nil {
			return acc, false, err
		}
		acc.ID, acc.Version, acc.CreatedMS, acc.UpdatedMS = old.ID, old.Version, old.CreatedMS, old.UpdatedMS
		before, err := s.account(old)
		// Secrets that were sealed with another key can't be read: the new ones take their place.
		changed = err != nil
		acc.Profile.Avatar = before.Profile.Avatar // a file can't name one
		if changed || !sameCallback(before, acc) {
			if err := forgetCallback(tx, old.ID); err != nil {
				return acc, false, err
			}
		}
		if changed || !sameBot(before.Group, acc.Group) {
			if err := forgetBot(tx, old.ID); err != nil {
				return acc, false, err
			}
		}
		if !changed {
			if changed, err = differs(before, acc); err != nil {
				return acc, false, err
			}
		}
	} else {
		if acc.ID == 0 {
			acc.ID = model.NewID(now)
		}
		acc.Version, acc.CreatedMS = 0, model.MS(now)
	}
	if err := botFree(tx, acc); err != nil {
		return acc, false, err
	}
	seatsChanged, err := s.saveSeats(tx, acc.ID, seats, actor)
	if err != nil {
		return acc, false, err
	}
	ownersChanged, err := saveOwners(tx, acc.ID, owners)
	if err != nil {
		return acc, false, err
	}
	if changed = changed || seatsChanged || ownersChanged; !changed {
		return acc, false, nil
	}
	acc.Version++
	acc.UpdatedMS = model.MS(now)
	row, err := s.accountRow(acc)
	if err != nil {
		return acc, false, err
	}
	put := tx.Create
	if exists {
		put = tx.Save
	}
	if err := put(&row).Error; err != nil {
		return acc, false, err
	}
	return acc, true, bumpRevision(tx, accountsRevision)
}

// differs compares what a person can configure, the way it is stored.
func differs(a, b model.Account) (bool, error) {
	type plain struct {
		Account                       model.Account
		Secret, Token, EncodingAESKey string
		Group                         string
	}
	var forms [2][]byte
	for i, acc := range []model.Account{a, b} {
		form, err := json.Marshal(plain{acc, acc.Secret.Reveal(), acc.Token.Reveal(), acc.EncodingAESKey.Reveal(), groupJSON(acc.Group).Reveal()}) //nolint:gosec // compared and thrown away
		if err != nil {
			return false, fmt.Errorf("compare accounts: %w", err)
		}
		forms[i] = form
	}
	return !slices.Equal(forms[0], forms[1]), nil
}

// saveOwners makes want the account's owners.
func saveOwners(tx *gorm.DB, accountID uint64, want []string) (changed bool, err error) {
	return savePeople(tx, accountID, want, func(userID string) ownerRow {
		return ownerRow{AccountID: accountID, UserID: userID}
	})
}

// savePeople adds the rows of T that are missing and removes those not wanted.
func savePeople[T any](tx *gorm.DB, accountID uint64, want []string, row func(userID string) T) (changed bool, err error) {
	var have []string
	if err := tx.Model(new(T)).Where("account_id = ?", accountID).Pluck("user_id", &have).Error; err != nil {
		return false, err
	}
	added, removed := missing(want, have), missing(have, want)
	if len(added) > 0 {
		rows := make([]T, 0, len(added))
		for _, u := range added {
			rows = append(rows, row(u))
		}
		if err := tx.Create(&rows).Error; err != nil {
			return false, err
		}
	}
	if len(removed) > 0 {
		if err := tx.Where("account_id = ? AND user_id IN ?", accountID, removed).Delete(new(T)).Error; err != nil {
			return false, err
		}
	}
	return len(added)+len(removed) > 0, nil
}

// people folds userids and drops empty ones and repetitions; sorted.
func people(userIDs []string) []string {
	out := make([]string, 0, len(userIDs))
	for _, u := range userIDs {
		if u = model.Fold(u); u != "" {
			out = append(out, u)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// missing gives what is in a and not in b.
func missing(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// bumpRevision counts a change of name.
func bumpRevision(tx *gorm.DB, name string) error {
	return tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "name"}},
		DoUpdates: clause.Assignments(map[string]any{"value": gorm.Expr("`revision`.`value` + 1")}),
	}).Create(&revisionRow{Name: name, Value: 1}).Error
}

// forUpdate locks the rows that are read; SQLite has locked everything already.
func forUpdate() clause.Locking { return clause.Locking{Strength: "UPDATE"} }
