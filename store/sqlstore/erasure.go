package sqlstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// What stands in the way of an erasure.
var (
	errErasureOpen  = &model.Error{Code: model.CodeConflict, Reason: "open_session", Message: "该员工有未结束的会话，请先结束会话再清除"}
	errErasureRole  = &model.Error{Code: model.CodeConflict, Reason: "has_role", Message: "该成员还是坐席、负责人、超级管理员或令牌的使用者，请先移除这些身份再清除"}
	errErasureTwice = &model.Error{Code: model.CodeConflict, Reason: "erasing", Message: "该员工的数据正在清除"}
)

// CreateErasure begins to erase what is stored of an employee: e says of whom, where and why. It is
// a conflict while the employee has an open session or is more than an employee.
func (s *Store) CreateErasure(ctx context.Context, e model.Erasure, who model.Audit) (model.Erasure, error) {
	e.Employee = model.Fold(e.Employee)
	plan, err := s.PlanErasure(ctx, e)
	if err != nil {
		return e, err
	}
	switch {
	case len(plan.Roles) > 0:
		return e, errErasureRole
	case len(plan.Open) > 0:
		return e, errErasureOpen
	}
	e.Name = plan.Name
	if err := e.CheckReason(); err != nil {
		return e, err
	}
	now := s.now()
	e.ID, e.CreatedMS, e.CreatedBy, e.Stage, e.Pseudonym = model.NewID(now), model.MS(now), who.Actor, model.ErasureSessions, pseudonym()
	e.Subject, e.Counts = model.ErasureSubject(e.ID, e.Employee), model.ErasedRows{}
	err = s.write(ctx, func(tx *gorm.DB) error {
		_, twice, err := find[model.Erasure](tx.Where("done_ms = 0 AND corp_id = ? AND employee = ?", e.CorpID, e.Employee))
		if err != nil || twice {
			return errors.Join(err, onlyIf(twice, errErasureTwice))
		}
		if err := tx.Create(&e).Error; err != nil {
			return err
		}
		// The log names the request and not the employee: it outlives both.
		entry := by(who, 0, "erasure.requested", idText(e.ID), nil, map[string]any{"accounts": len(e.Accounts), "directory": e.Whole, "reason": e.Reason})
		return saveAudits(tx, []model.Audit{entry}, e.CreatedMS)
	})
	return e, s.wrap(err, "begin to erase an employee")
}

// pseudonym is a name that says nothing of whom it stands for.
func pseudonym() string {
	const random = 10
	b := make([]byte, random)
	_, _ = rand.Read(b) // never fails
	return "erased-" + strings.ToLower(base32.StdEncoding.EncodeToString(b))
}

// Erasure finds an erasure.
func (s *Store) Erasure(ctx context.Context, id uint64) (model.Erasure, error) {
	e, ok, err := find[model.Erasure](s.reader(ctx).Where("id = ?", id))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return e, s.wrap(err, "read erasure %d", id)
}

// Erasures lists erasures with smaller ids than before, newest first; before 0 begins with the
// newest.
func (s *Store) Erasures(ctx context.Context, before uint64, limit int) ([]model.Erasure, error) {
	var list []model.Erasure
	err := older(s.reader(ctx), "id", before).Order("id DESC").Limit(limit).Find(&list).Error
	return list, s.wrap(err, "list erasures")
}

// ClaimErasure takes an erasure that is not done and that nobody works on, for the time of a lease;
// [model.ErrNotFound] where there is none. With an id it takes that one.
func (s *Store) ClaimErasure(ctx context.Context, id uint64, owner string, lease time.Duration) (model.Erasure, error) {
	now := s.nowMS()
	q := s.reader(ctx).Where("done_ms = 0 AND (until_ms <= ? OR owner = ?)", now, owner)
	if id != 0 {
		q = q.Where("id = ?", id)
	}
	e, ok, err := find[model.Erasure](q.Order("until_ms"))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	if err != nil {
		return e, s.wrap(err, "claim an erasure")
	}
	until := now + lease.Milliseconds()
	err = s.write(ctx, func(tx *gorm.DB) error {
		return one(tx.Model(&model.Erasure{}).Where("id = ? AND done_ms = 0 AND until_ms = ? AND owner = ?", e.ID, e.UntilMS, e.Owner).
			Updates(map[string]any{"owner": owner, "until_ms": until}), model.ErrNotFound)
	})
	e.Owner, e.UntilMS = owner, until
	return e, s.wrap(err, "claim an erasure")
}

// lockErasure locks an erasure that owner works on; [model.ErrFenced] where somebody else does now.
func lockErasure(tx *gorm.DB, id uint64, owner string) (model.Erasure, error) {
	e, ok, err := find[model.Erasure](tx.Clauses(forUpdate()).Where("id = ? AND owner = ? AND done_ms = 0", id, owner))
	if err == nil && !ok {
		err = model.ErrFenced
	}
	return e, err
}

// erasing runs a step of an erasure in one transaction, counts what it did, and lengthens the lease.
func (s *Store) erasing(ctx context.Context, e model.Erasure, lease time.Duration, step func(tx *gorm.DB, counts *model.ErasedRows) error) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		now, err := lockErasure(tx, e.ID, e.Owner)
		if err != nil {
			return err
		}
		if err := step(tx, &now.Counts); err != nil {
			return err
		}
		now.UntilMS, now.Waits = s.nowMS()+lease.Milliseconds(), ""
		return tx.Model(&now).Select("counts", "until_ms", "waits").Updates(&now).Error
	})
	return s.wrap(err, "erase %s", e.Stage)
}

// KeepErasure lengthens the lease of an erasure.
func (s *Store) KeepErasure(ctx context.Context, e model.Erasure, lease time.Duration) error {
	return s.erasing(ctx, e, lease, func(*gorm.DB, *model.ErasedRows) error { return nil })
}

// AdvanceErasure moves an erasure to a stage.
func (s *Store) AdvanceErasure(ctx context.Context, e *model.Erasure, stage model.ErasureStage) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		now, err := lockErasure(tx, e.ID, e.Owner)
		if err != nil {
			return err
		}
		return tx.Model(&now).Update("stage", stage).Error
	})
	if err == nil {
		e.Stage = stage
	}
	return s.wrap(err, "go on with erasure %d", e.ID)
}

// DelayErasure lets go of an erasure until a time, for it waits for something.
func (s *Store) DelayErasure(ctx context.Context, e model.Erasure, waits string, until time.Time) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		now, err := lockErasure(tx, e.ID, e.Owner)
		if err != nil {
			return err
		}
		return tx.Model(&now).Updates(map[string]any{"owner": "", "until_ms": until.UnixMilli(), "waits": waits}).Error
	})
	return s.wrap(err, "delay erasure %d", e.ID)
}

// FinishErasure ends an erasure with its report. From then on nothing names the employee.
func (s *Store) FinishErasure(ctx context.Context, e model.Erasure, report string) (model.Erasure, error) {
	sum := sha256.Sum256([]byte(report))
	err := s.write(ctx, func(tx *gorm.DB) error {
		now, err := lockErasure(tx, e.ID, e.Owner)
		if err != nil {
			return err
		}
		now.Employee, now.Name, now.Owner, now.Stage, now.Waits = "", "", "", model.ErasureDone, ""
		now.DoneMS, now.Report, now.Sum = s.nowMS(), report, hex.EncodeToString(sum[:])
		e = now
		err = tx.Model(&now).Select("employee", "name", "owner", "stage", "waits", "done_ms", "report", "sum").Updates(&now).Error
		if err != nil {
			return err
		}
		entry := model.Audit{Actor: "system", Action: "erasure.done", Target: idText(e.ID), After: auditText(map[string]any{"report_sha256": e.Sum})}
		return saveAudits(tx, []model.Audit{entry}, now.DoneMS)
	})
	return e, s.wrap(err, "finish erasure %d", e.ID)
}

// ErasureAccounts are the accounts of a corp, by id.
func (s *Store) ErasureAccounts(ctx context.Context, corpID string) ([]uint64, error) {
	var ids []uint64
	err := s.reader(ctx).Model(&accountRow{}).Where("corp_fold = ?", model.Fold(corpID)).Order("id").Pluck("id", &ids).Error
	slices.Sort(ids)
	return ids, s.wrap(err, "list accounts of a corp")
}
