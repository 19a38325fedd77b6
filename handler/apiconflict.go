package handler

import (
	"context"
	"errors"
	"strings"

	"deskmate/model"
)

// saverView is who saved a part of the settings last.
type saverView struct {
	By   string  `json:"by" doc:"As in the audit log: member:userid, seat:userid, token:name, cli" example:"member:zhangsan"`
	Name string  `json:"name,omitempty" doc:"What the directory calls a member"`
	At   Instant `json:"at"`
}

// staleError is a conflict with somebody who saved the same part first.
type staleError struct {
	error
	saved saverView
}

// Unwrap gives the conflict.
func (e *staleError) Unwrap() error { return e.error }

// change changes a part of an account's settings. Where somebody was first, the error tells who
// and when, as far as the audit log knows.
func (a *API) change(ctx context.Context, acc model.Account, expect uint64, part string, change func(*model.Account) error) (model.Account, error) {
	who := callerFrom(ctx)
	entry := model.Audit{Actor: auditName(who), Action: "account.changed", Target: part, From: who.from}
	now, err := a.cfg.Changer.ChangeAccount(ctx, acc.ID, expect, entry, change)
	if errors.Is(err, model.ErrStale) {
		err = a.stale(ctx, acc, part, err)
	}
	return now, err
}

// stale adds to a conflict who saved the part last. That is only an addition: what goes wrong
// with it leaves the conflict as it was.
func (a *API) stale(ctx context.Context, acc model.Account, part string, conflict error) error {
	list, err := a.cfg.AuditLog.Audits(ctx, model.AuditFilter{AccountID: acc.ID, Target: part, Action: "account.changed"}, model.AuditKey{}, 1)
	if err != nil || len(list) == 0 {
		return conflict
	}
	saved := saverView{By: list[0].Actor, At: NewInstant(list[0].AtMS)}
	name := strings.TrimPrefix(saved.By, "token:")
	if userID := auditMember(saved.By); userID != "" {
		name = userID
		if names, err := a.names(ctx, acc, []string{userID}); err == nil && names[userID] != "" {
			name, saved.Name = names[userID], names[userID]
		}
	}
	at := a.cfg.Now().In(a.cfg.Location)
	day, saidAt := at.Format("2006-01-02"), model.Time(list[0].AtMS).In(a.cfg.Location)
	said := saidAt.Format("1月2日 15:04")
	if saidAt.Format("2006-01-02") == day {
		said = "今天 " + saidAt.Format("15:04")
	}
	return &staleError{&model.Error{Code: model.CodeConflict, Reason: model.ErrStale.Reason, Message: name + " " + said + " 保存了设置，请核对后再保存", Err: conflict}, saved}
}
