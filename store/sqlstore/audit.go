package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// AddAudit adds an entry to the audit log. Without a time it is of now.
func (s *Store) AddAudit(ctx context.Context, a model.Audit) error {
	err := s.write(ctx, func(tx *gorm.DB) error { return saveAudits(tx, []model.Audit{a}, s.nowMS()) })
	return s.wrap(err, "add %s to the audit log", a.Action)
}

// saveAudits adds entries as part of what they tell; those without a time are of now.
func saveAudits(tx *gorm.DB, list []model.Audit, nowMS int64) error {
	for i := range list {
		list[i].ID = 0
		if list[i].AtMS == 0 {
			list[i].AtMS = nowMS
		}
	}
	return create(tx, list)
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
