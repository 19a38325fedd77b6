package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// sealedText is what an entry of [auditSealed] says: how many entries there were, and their ids.
type sealedText struct {
	Count  int    `json:"count"`
	FromID uint64 `json:"from_id,string"`
	ToID   uint64 `json:"to_id,string"`
}

// SealAudits gives entries of an account's log (0: the installation's) that stand outside its
// chain their places at its end, and tells whether there may be more: those of before there were
// chains, and of replicas of the release before. The log says that it did.
func (s *Store) SealAudits(ctx context.Context, accountID uint64) (more bool, err error) {
	unsealed := func(q *gorm.DB) *gorm.DB { return q.Where("account_id = ? AND seq = 0", accountID) }
	// Hardly ever is there one: looking shall not cost a transaction.
	if _, found, err := find[model.Audit](unsealed(s.reader(ctx)).Select("id")); err != nil || !found {
		return false, s.wrap(err, "look for audit entries to seal")
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		c, begun, broken, err := s.lockChain(tx, accountID)
		if err != nil {
			return err
		}
		var list []model.Audit
		if err := unsealed(tx).Order("id").Limit(batchRows).Find(&list).Error; err != nil || len(list) == 0 {
			return err
		}
		for i := range list {
			c = s.link(c, &list[i])
			if err := tx.Model(&list[i]).Select("seq", "prev", "hash").Updates(&list[i]).Error; err != nil {
				return err
			}
		}
		if err := s.saveChain(tx, c); err != nil {
			return err
		}
		more = len(list) == batchRows
		notes := []model.Audit{{
			AccountID: accountID, Actor: "system", Action: auditSealed,
			After: auditText(sealedText{len(list), list[0].ID, list[len(list)-1].ID}),
		}}
		if broken {
			notes = append(notes, brokenEntry(c, s.nowMS()))
		}
		if begun && accountID != 0 {
			entry, err := s.begunEntry(tx, accountID)
			if err != nil {
				return err
			}
			notes = append(notes, entry)
		}
		return saveAudits(tx, notes, s.nowMS())
	})
	return more, s.wrap(err, "seal audit entries of account %d", accountID)
}
