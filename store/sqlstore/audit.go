package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// AddAudit adds an entry to the audit log. Without a time it is of now.
func (s *Store) AddAudit(ctx context.Context, a model.Audit) error {
	a.ID = 0
	if a.AtMS == 0 {
		a.AtMS = s.nowMS()
	}
	err := s.write(ctx, func(tx *gorm.DB) error { return tx.Create(&a).Error })
	return s.wrap(err, "add %s to the audit log", a.Action)
}

// Audits lists the audit log of an account, newest first, before the id given; 0: from the end.
func (s *Store) Audits(ctx context.Context, accountID, before uint64, limit int) ([]model.Audit, error) {
	q := s.reader(ctx).Where("account_id = ?", accountID)
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	var list []model.Audit
	err := q.Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.wrap(err, "read audit log of account %d", accountID)
}
