package sqlstore

import (
	"cmp"
	"encoding/json"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// What the audit log says of itself.
const (
	auditBegun  = "audit.begun"  // in the installation's log: that of an account begins
	auditBroken = "audit.broken" // the chain's end was not as it was left
	auditSealed = "audit.sealed" // entries that were outside the chain got their places
)

// begunText is what an entry of [auditBegun] says.
type begunText struct {
	AccountID uint64 `json:"account_id"`
}

// appendAudits adds entries to the chains of their accounts, account by account.
func (s *Store) appendAudits(tx *gorm.DB, list []model.Audit) error {
	slices.SortStableFunc(list, func(a, b model.Audit) int { return cmp.Compare(a.AccountID, b.AccountID) })
	var started []model.Audit
	for len(list) > 0 {
		account := list[0].AccountID
		n := slices.IndexFunc(list, func(a model.Audit) bool { return a.AccountID != account })
		if n < 0 {
			n = len(list)
		}
		begun, err := s.appendChain(tx, account, list[:n])
		if err != nil {
			return err
		}
		if begun && account != 0 {
			entry, err := s.begunEntry(tx, account)
			if err != nil {
				return err
			}
			started = append(started, entry)
		}
		list = list[n:]
	}
	if len(started) == 0 {
		return nil
	}
	// This once the order of locks is another one: whoever meets us in a circle tries again.
	_, err := s.appendChain(tx, 0, started)
	return err
}

// begunEntry says in the installation's log that the log of an account begins, so that nobody can
// take that away as a whole.
func (s *Store) begunEntry(tx *gorm.DB, accountID uint64) (model.Audit, error) {
	key, err := accountKey(tx, accountID)
	return model.Audit{AtMS: s.nowMS(), Actor: "system", Action: auditBegun, Target: key, After: auditText(begunText{accountID})}, err
}

// accountKey is what people call an account; "" where it is gone.
func accountKey(tx *gorm.DB, accountID uint64) (string, error) {
	row, _, err := find[accountRow](tx.Select("account_key").Where("id = ?", accountID))
	return row.AccountKey, err
}

// appendChain adds entries to one chain; begun tells that it is a new one.
func (s *Store) appendChain(tx *gorm.DB, accountID uint64, list []model.Audit) (begun bool, err error) {
	c, begun, broken, err := s.lockChain(tx, accountID)
	if err != nil {
		return false, err
	}
	if broken {
		list = slices.Insert(list, 0, brokenEntry(c, s.nowMS()))
	}
	for i := range list {
		c = s.link(c, &list[i])
	}
	if err := create(tx, list); err != nil {
		return begun, err
	}
	return begun, s.saveChain(tx, c)
}

// link gives an entry its place at the end of a chain.
func (s *Store) link(c chainRow, a *model.Audit) chainRow {
	a.Seq, a.Prev = c.Seq+1, c.Hash
	a.Hash = s.chains.entry(*a)
	c.Seq, c.Hash = a.Seq, a.Hash
	return c
}

// brokenEntry says that a chain goes on from an end that nobody signed.
func brokenEntry(c chainRow, nowMS int64) model.Audit {
	return model.Audit{
		AccountID: c.AccountID, AtMS: nowMS, Actor: "system", Action: auditBroken,
		After: auditText(map[string]any{"seq": c.Seq, "hash": c.Hash}),
	}
}

// begins is the account whose log an entry says begins.
func begins(a model.Audit) (accountID uint64, ok bool) {
	var text begunText
	if a.AccountID != 0 || a.Action != auditBegun || json.Unmarshal([]byte(a.After), &text) != nil {
		return 0, false
	}
	return text.AccountID, true
}
