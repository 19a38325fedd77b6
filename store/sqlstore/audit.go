package sqlstore

import (
	"cmp"
	"context"
	"errors"

	"gorm.io/gorm"

	"deskmate/model"
)

// AddAudit adds an entry to the audit log. Without a time it is of now.
func (s *Store) AddAudit(ctx context.Context, a model.Audit) error {
	err := s.write(ctx, func(tx *gorm.DB) error { return saveAudits(tx, []model.Audit{a}, s.nowMS()) })
	return s.wrap(err, "add %s to the audit log", a.Action)
}

// notedKey is where a transaction keeps what it notes for the audit log.
const notedKey = "deskmate:audits"

// notedAudits are entries that a transaction adds to the audit log at its end, when it has
// locked everything else: so two transactions never wait for each other in a circle.
type notedAudits []model.Audit

// saveAudits adds entries as part of what they tell; those without a time are of now, and those
// that name no actor or address have those of [model.HandFrom]. They are written when the
// transaction of [Store.write] ends.
func saveAudits(tx *gorm.DB, list []model.Audit, nowMS int64) error {
	noted, ok := tx.Get(notedKey)
	all, is := noted.(*notedAudits)
	if !ok || !is {
		return errors.New("audit entries need a transaction of the store's")
	}
	hand := model.HandFrom(tx.Statement.Context)
	for _, a := range list {
		a.ID, a.Actor, a.From = 0, cmp.Or(a.Actor, hand.Actor), cmp.Or(a.From, hand.From)
		if a.AtMS == 0 {
			a.AtMS = nowMS
		}
		*all = append(*all, a)
	}
	return nil
}

// Audits lists what a filter lets through of an account's audit log, newest first, behind the
// place given.
func (s *Store) Audits(ctx context.Context, f model.AuditFilter, before model.AuditKey, limit int) ([]model.Audit, error) {
	q := s.reader(ctx).Where("account_id = ?", f.AccountID)
	if len(f.Actors) > 0 {
		q = q.Where("actor IN ?", f.Actors)
	}
	if f.Action != "" {
		q = q.Where("action = ?", f.Action)
	}
	if f.Target != "" {
		q = q.Where("target = ?", f.Target)
	}
	if f.FromMS > 0 {
		q = q.Where("at_ms >= ?", f.FromMS)
	}
	if f.ToMS > 0 {
		q = q.Where("at_ms < ?", f.ToMS)
	}
	if before != (model.AuditKey{}) {
		// The first half is what an index can use.
		q = q.Where("at_ms <= ? AND (at_ms < ? OR id < ?)", before.AtMS, before.AtMS, before.ID)
	}
	var list []model.Audit
	err := q.Order("at_ms DESC, id DESC").Limit(limit).Find(&list).Error
	return list, s.wrap(err, "read audit log of account %d", f.AccountID)
}
