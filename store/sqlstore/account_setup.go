package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"deskmate/model"
)

var (
	errAccountExists = &model.Error{Code: model.CodeConflict, Reason: "account_exists", Message: "已有这个标识的服务账号，请换一个"}
	errCorpFixed     = &model.Error{
		Code: model.CodeConflict, Reason: "corp_fixed", Message: "已有成员与该账号会话，不能再换到另一个企业",
	}
	errAccountRemoving = &model.Error{Code: model.CodeConflict, Reason: "account_removing", Message: "该账号正在删除"}
)

// by is an entry of the audit log by whoever who says.
func by(who model.Audit, accountID uint64, action, target string, before, after any) model.Audit {
	return model.Audit{
		AccountID: accountID, Actor: who.Actor, From: who.From, Action: action, Target: target,
		Before: auditText(before), After: auditText(after),
	}
}

// auditText is a value for the audit log; nil is nothing.
func auditText(v any) string {
	if v == nil {
		return ""
	}
	text, _ := json.Marshal(v) // of texts, numbers and flags
	return string(text)
}

// connectionText is a connection for the audit log: of secrets, which were given.
func connectionText(c model.Connection) map[string]any {
	said := map[string]any{"corp_id": c.CorpID, "agent_id": c.AgentID}
	for name, secret := range map[string]model.Secret{"secret": c.Secret, "token": c.Token, "encoding_aes_key": c.EncodingAESKey} {
		if secret != "" {
			said[name] = "***"
		}
	}
	return said
}

// CreateAccount adds an account with nobody in it. A key or an app that another account has is a
// conflict with the reason account_exists or agent_taken. who is in the audit log.
func (s *Store) CreateAccount(ctx context.Context, acc model.Account, who model.Audit) (model.Account, error) {
	now := s.now()
	acc.ID, acc.Version, acc.CreatedMS, acc.UpdatedMS = model.NewID(now), 1, model.MS(now), model.MS(now)
	row, err := s.accountRow(acc)
	if err != nil {
		return model.Account{}, err
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		entry := by(who, acc.ID, "account.created", acc.Key, nil, connectionText(model.Connection{CorpID: acc.CorpID, AgentID: acc.AgentID}))
		if err := saveAudits(tx, []model.Audit{entry}, s.nowMS()); err != nil {
			return err
		}
		return bumpRevision(tx, accountsRevision)
	})
	if errors.Is(err, model.ErrDuplicate) {
		if _, taken, findErr := find[accountRow](s.reader(ctx).Where("account_key = ?", acc.Key)); findErr != nil || taken {
			err = errors.Join(findErr, errAccountExists)
		} else if other := s.agentTaken(ctx, acc); other != nil {
			err = other
		}
	}
	return acc, s.wrap(err, "create account %q", acc.Key)
}

// SetConnection says which app an account is, and returns the account's version after that.
// expect is the version that the caller saw: ErrStale where the account has changed since; 0
// doesn't look. The corp stays once people have talked to the account. With another app, token
// or key, what was known of callbacks is forgotten.
func (s *Store) SetConnection(ctx context.Context, accountID, expect uint64, c model.Connection, who model.Audit) (version uint64, err error) {
	var now model.Account
	err = s.write(ctx, func(tx *gorm.DB) error {
		return s.changeAccount(tx, accountID, expect, &version, func(acc *model.Account) error {
			before := *acc
			if model.Fold(c.CorpID) != model.Fold(acc.CorpID) {
				_, talked, err := find[model.Session](tx.Where("account_id = ?", accountID))
				if err != nil || talked {
					return errors.Join(err, onlyIf(talked, errCorpFixed))
				}
			}
			acc.CorpID, acc.AgentID = c.CorpID, c.AgentID
			for to, given := range map[*model.Secret]model.Secret{&acc.Secret: c.Secret, &acc.Token: c.Token, &acc.EncodingAESKey: c.EncodingAESKey} {
				if given != "" {
					*to = given
				}
			}
			now = *acc
			if !sameCallback(before, *acc) {
				if err := forgetCallback(tx, accountID); err != nil {
					return err
				}
			}
			old := connectionText(model.Connection{CorpID: before.CorpID, AgentID: before.AgentID})
			return saveAudits(tx, []model.Audit{by(who, accountID, "account.connected", acc.Key, old, connectionText(c))}, s.nowMS())
		})
	})
	if errors.Is(err, model.ErrDuplicate) {
		if other := s.agentTaken(ctx, now); other != nil {
			err = other
		}
	}
	return version, s.wrap(err, "connect account %d", accountID)
}

// SetAccountEnabled switches an account on or off; see [Store.SetConnection] on versions.
func (s *Store) SetAccountEnabled(ctx context.Context, accountID, expect uint64, on bool, who model.Audit) (version uint64, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		return s.changeAccount(tx, accountID, expect, &version, func(acc *model.Account) error {
			if acc.Enabled == on {
				return nil
			}
			acc.Enabled = on
			action := map[bool]string{true: "account.enabled", false: "account.disabled"}[on]
			return saveAudits(tx, []model.Audit{by(who, accountID, action, acc.Key, nil, nil)}, s.nowMS())
		})
	})
	return version, s.wrap(err, "switch account %d", accountID)
}

// changeAccount changes an account that is not being removed. What stays as it was makes no new
// version.
func (s *Store) changeAccount(tx *gorm.DB, accountID, expect uint64, version *uint64, change func(*model.Account) error) error {
	row, err := lockAccount(tx, accountID, expect)
	if err != nil {
		return err
	}
	if err := notRemoving(tx, accountID); err != nil {
		return err
	}
	*version = row.Version
	acc, err := s.account(row)
	if err != nil {
		return err
	}
	before := acc
	if err := change(&acc); err != nil {
		return err
	}
	if same, err := differs(before, acc); err != nil || !same {
		return err
	}
	*version++
	acc.Version, acc.UpdatedMS = *version, s.nowMS()
	if row, err = s.accountRow(acc); err != nil {
		return err
	}
	if err := tx.Save(&row).Error; err != nil {
		return err
	}
	return bumpRevision(tx, accountsRevision)
}

func onlyIf(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// sameCallback reports whether WeCom's callbacks for one account are right for the other.
func sameCallback(a, b model.Account) bool {
	return a.Token == b.Token && a.EncodingAESKey == b.EncodingAESKey && a.AgentID == b.AgentID &&
		strings.EqualFold(a.CorpID, b.CorpID)
}

// AddOwner makes a member an owner of an account; one who is stays it. who is in the audit log.
func (s *Store) AddOwner(ctx context.Context, accountID uint64, userID string, who model.Audit) error {
	return s.changeOwners(ctx, accountID, func(tx *gorm.DB) (bool, error) {
		row := ownerRow{AccountID: accountID, UserID: model.Fold(userID)}
		_, is, err := find[ownerRow](tx.Where("account_id = ? AND user_id = ?", accountID, row.UserID))
		if err != nil || is {
			return false, err
		}
		return true, errors.Join(tx.Create(&row).Error,
			saveAudits(tx, []model.Audit{by(who, accountID, "owner.added", row.UserID, nil, nil)}, s.nowMS()))
	})
}

// RemoveOwner takes it from a member. One who is none is ErrNotFound.
func (s *Store) RemoveOwner(ctx context.Context, accountID uint64, userID string, who model.Audit) error {
	user := model.Fold(userID)
	return s.changeOwners(ctx, accountID, func(tx *gorm.DB) (bool, error) {
		err := one(tx.Where("account_id = ? AND user_id = ?", accountID, user).Delete(&ownerRow{}), model.ErrNotFound)
		if err != nil {
			return false, err
		}
		return true, saveAudits(tx, []model.Audit{by(who, accountID, "owner.removed", user, nil, nil)}, s.nowMS())
	})
}

// changeOwners runs a change of an account's owners, which is one of the account.
func (s *Store) changeOwners(ctx context.Context, accountID uint64, change func(tx *gorm.DB) (bool, error)) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := lockAccount(tx, accountID, 0)
		if err != nil {
			return err
		}
		changed, err := change(tx)
		if err != nil || !changed {
			return err
		}
		row.Version, row.UpdatedMS = row.Version+1, s.nowMS()
		if err := tx.Model(&row).Select("version", "updated_ms").Updates(&row).Error; err != nil {
			return err
		}
		return bumpRevision(tx, accountsRevision)
	})
	return s.wrap(err, "change owners of account %d", accountID)
}

// NamedOwners lists an account's owners with their names, by userid.
func (s *Store) NamedOwners(ctx context.Context, acc model.Account) ([]model.Owner, error) {
	ids, err := s.Owners(ctx, acc.ID)
	if err != nil {
		return nil, err
	}
	names, err := s.Names(ctx, acc.CorpID, ids)
	if err != nil {
		return nil, fmt.Errorf("name owners of account %d: %w", acc.ID, err)
	}
	list := make([]model.Owner, len(ids))
	for i, id := range ids {
		list[i] = model.Owner{UserID: id, Name: names[id]}
		if list[i].Name == "" {
			list[i].Name = id
		}
	}
	return list, nil
}
