package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"gorm.io/gorm"

	"deskmate/model"
)

// ChangeAccount changes an account's name, profile, policy or AI bot as change does, and returns the
// account after that. expect is the version that the caller saw: [model.ErrStale] where the account has
// changed since; 0 doesn't look. An error of change changes nothing. What differs goes to the audit log,
// completed from the entry given; where nothing does, nothing happens.
func (s *Store) ChangeAccount(
	ctx context.Context, accountID, expect uint64, entry model.Audit, change func(*model.Account) error,
) (acc model.Account, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		acc, err = s.changeAccountIn(tx, accountID, expect, entry, change)
		return err
	})
	return acc, s.wrap(err, "change account %d", accountID)
}

// changeAccountIn is [Store.ChangeAccount] within a transaction.
func (s *Store) changeAccountIn(
	tx *gorm.DB, accountID, expect uint64, entry model.Audit, change func(*model.Account) error,
) (acc model.Account, err error) {
	row, err := lockAccount(tx, accountID, expect)
	if err != nil {
		return acc, err
	}
	if acc, err = s.account(row); err != nil {
		return acc, err
	}
	before, err := s.account(row) // a copy that shares nothing
	if err != nil {
		return acc, err
	}
	if err := change(&acc); err != nil {
		return acc, err
	}
	entry.Before, entry.After, err = differences(before, acc)
	if err != nil || entry.Before == entry.After {
		return before, err
	}
	if !sameBot(before.Group, acc.Group) {
		if err := errors.Join(botFree(tx, acc), forgetBot(tx, accountID)); err != nil {
			return acc, err
		}
	}
	acc.Version, acc.UpdatedMS = row.Version+1, s.nowMS()
	if row, err = s.accountRow(acc); err != nil {
		return acc, err
	}
	if err := tx.Model(&row).Select("name", "policy", "profile", "bot_id", "group_bot", "version", "updated_ms").Updates(&row).Error; err != nil {
		return acc, err
	}
	entry.AccountID = accountID
	if err := saveAudits(tx, []model.Audit{entry}, s.nowMS()); err != nil {
		return acc, err
	}
	return acc, bumpRevision(tx, accountsRevision)
}

// differences are the settings in which two accounts differ, as JSON.
func differences(before, after model.Account) (string, string, error) {
	a, err := settings(before)
	if err != nil {
		return "", "", err
	}
	b, err := settings(after)
	if err != nil {
		return "", "", err
	}
	for key := range a {
		if reflect.DeepEqual(a[key], b[key]) {
			delete(a, key)
			delete(b, key)
		}
	}
	if secrets := newSecrets(before.Group, after.Group); secrets != nil {
		b["group_secrets"] = secrets // that there are others, and nothing of what they are
	}
	old, err := json.Marshal(a)
	if err != nil {
		return "", "", err
	}
	now, err := json.Marshal(b)
	return string(old), string(now), err
}

// settings are what people may change of an account, by name.
func settings(acc model.Account) (map[string]any, error) {
	text, err := json.Marshal(struct {
		Name    string        `json:"name"`
		Profile model.Profile `json:"profile"`
		model.Policy
		Group map[string]any `json:"group"`
	}{acc.Name, acc.Profile, acc.Policy, groupSaid(acc.Group)})
	if err != nil {
		return nil, err
	}
	all := map[string]any{}
	return all, json.Unmarshal(text, &all)
}
