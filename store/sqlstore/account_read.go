package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"deskmate/model"
)

// accountTable is where sealed secrets say they belong.
const accountTable = "account"

// account opens a row's secrets and reads its JSON. Settings that did not exist when
// the row was written have their default.
func (s *Store) account(r accountRow) (model.Account, error) {
	acc := model.Account{
		ID: r.ID, Key: r.AccountKey, CorpID: r.CorpID, AgentID: r.AgentID, Name: r.Name, Enabled: r.Enabled,
		Policy: model.DefaultPolicy(), Version: r.Version, CreatedMS: r.CreatedMS, UpdatedMS: r.UpdatedMS,
	}
	if err := json.Unmarshal([]byte(r.Policy), &acc.Policy); err != nil {
		return acc, fmt.Errorf("read policy of account %q: %w", r.AccountKey, err)
	}
	if err := json.Unmarshal([]byte(r.Profile), &acc.Profile); err != nil {
		return acc, fmt.Errorf("read profile of account %q: %w", r.AccountKey, err)
	}
	for _, f := range []struct {
		to             *model.Secret
		sealed, column string
	}{
		{&acc.Secret, r.Secret, "secret"},
		{&acc.Token, r.Token, "token"},
		{&acc.EncodingAESKey, r.EncodingAESKey, "encoding_aes_key"},
	} {
		secret, err := s.seals.open(f.sealed, accountTable, f.column, r.ID)
		if err != nil {
			return acc, err
		}
		*f.to = secret
	}
	group, err := s.seals.open(r.GroupBot, accountTable, "group_bot", r.ID)
	if err != nil {
		return acc, err
	}
	if acc.Group, err = parseGroup(group); err != nil {
		return acc, fmt.Errorf("read bot of account %q: %w", r.AccountKey, err)
	}
	return acc, nil
}

// accountRow is the way back of account.
func (s *Store) accountRow(acc model.Account) (accountRow, error) {
	policy, err := json.Marshal(acc.Policy)
	if err != nil {
		return accountRow{}, fmt.Errorf("write policy of account %q: %w", acc.Key, err)
	}
	profile, err := json.Marshal(acc.Profile)
	if err != nil {
		return accountRow{}, fmt.Errorf("write profile of account %q: %w", acc.Key, err)
	}
	return accountRow{
		ID: acc.ID, AccountKey: acc.Key, CorpID: acc.CorpID, CorpFold: model.Fold(acc.CorpID), AgentID: acc.AgentID,
		Name: acc.Name, Enabled: acc.Enabled, Policy: string(policy), Profile: string(profile),
		Secret:         s.seals.seal(acc.Secret, accountTable, "secret", acc.ID),
		Token:          s.seals.seal(acc.Token, accountTable, "token", acc.ID),
		EncodingAESKey: s.seals.seal(acc.EncodingAESKey, accountTable, "encoding_aes_key", acc.ID),
		BotID:          acc.Group.BotID,
		GroupBot:       s.seals.seal(groupJSON(acc.Group), accountTable, "group_bot", acc.ID),
		Version:        acc.Version, CreatedMS: acc.CreatedMS, UpdatedMS: acc.UpdatedMS,
	}, nil
}

// AccountByKey finds an account by its key.
func (s *Store) AccountByKey(ctx context.Context, key string) (model.Account, error) {
	acc, err := s.oneAccount(s.reader(ctx).Where("account_key = ?", key))
	if err != nil {
		return acc, fmt.Errorf("read account %q: %w", key, err)
	}
	return acc, nil
}

// Account finds an account by its id.
func (s *Store) Account(ctx context.Context, id uint64) (model.Account, error) {
	acc, err := s.oneAccount(s.reader(ctx).Where("id = ?", id))
	if err != nil {
		return acc, fmt.Errorf("read account %d: %w", id, err)
	}
	return acc, nil
}

func (s *Store) oneAccount(q *gorm.DB) (model.Account, error) {
	row, ok, err := find[accountRow](q)
	if err != nil {
		return model.Account{}, s.translate(err)
	}
	if !ok {
		return model.Account{}, model.ErrNotFound
	}
	return s.account(row)
}

// Accounts lists all accounts by key.
func (s *Store) Accounts(ctx context.Context) ([]model.Account, error) {
	var rows []accountRow
	if err := s.reader(ctx).Order("account_key").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list accounts: %w", s.translate(err))
	}
	list := make([]model.Account, 0, len(rows))
	for _, r := range rows {
		acc, err := s.account(r)
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		list = append(list, acc)
	}
	return list, nil
}

// AccountsVersion is a number that grows whenever any account, its seats or its owners
// change; 0 before there is one. It costs one row and may be asked several times a second.
func (s *Store) AccountsVersion(ctx context.Context) (uint64, error) {
	row, _, err := find[revisionRow](s.reader(ctx).Where("name = ?", accountsRevision))
	if err != nil {
		return 0, fmt.Errorf("read accounts version: %w", s.translate(err))
	}
	return row.Value, nil
}

// Owners lists the userids of an account's owners (负责人), sorted.
func (s *Store) Owners(ctx context.Context, accountID uint64) ([]string, error) {
	var list []string
	err := s.reader(ctx).Model(&ownerRow{}).Where("account_id = ?", accountID).Order("user_id").Pluck("user_id", &list).Error
	if err != nil {
		return nil, fmt.Errorf("list owners of account %d: %w", accountID, s.translate(err))
	}
	return list, nil
}
