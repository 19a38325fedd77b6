package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// adminView is a super admin.
type adminView struct {
	CorpID string  `json:"corp_id"`
	UserID string  `json:"userid"`
	Name   string  `json:"name"`
	Since  Instant `json:"since"`
	By     string  `json:"by" doc:"Who made it one"`
}

func (a *API) registerAdmins(s surface) {
	const tag = "super admins"
	operation(s.API, call(http.MethodGet, "listSuperAdmins", "/super-admins", tag, "The super admins"),
		func(ctx context.Context, _ *nothing) (*body[Listed[adminView]], error) {
			all, err := a.cfg.Logins.SuperAdmins(ctx)
			return listed(all, err, func(m model.SuperAdmin) adminView {
				return adminView{CorpID: m.CorpID, UserID: m.UserID, Name: m.Name, Since: NewInstant(m.CreatedMS), By: m.CreatedBy}
			})
		})
	type newAdmin struct {
		Body struct {
			Account string `json:"account" maxLength:"40" doc:"Key of an account of the member's corp"`
			UserID  string `json:"userid" minLength:"1" maxLength:"64"`
		}
	}
	operation(s.API, call(http.MethodPost, "addSuperAdmin", "/super-admins", tag, "Make a member a super admin"),
		func(ctx context.Context, in *newAdmin) (*nothing, error) {
			acc, err := a.cfg.Accounts.AccountByKey(ctx, in.Body.Account)
			if model.CodeOf(err) == model.CodeNotFound {
				return nil, errNoAccount
			}
			if err != nil {
				return nil, err
			}
			userID := model.Fold(in.Body.UserID)
			names, err := a.cfg.Logins.Names(ctx, acc.CorpID, []string{userID})
			if err != nil {
				return nil, err
			}
			if _, known := names[userID]; !known {
				return nil, model.Invalid("member_unknown", "通讯录里没有成员 %s", in.Body.UserID)
			}
			return replyNothing(a.cfg.Logins.AddSuperAdmin(ctx, model.SuperAdmin{CorpID: acc.CorpID, UserID: userID, CreatedBy: author(ctx)}))
		})
	type formerAdmin struct {
		CorpID string `path:"corp"`
		UserID string `path:"userid"`
	}
	operation(s.API, call(http.MethodDelete, "removeSuperAdmin", "/super-admins/{corp}/{userid}", tag, "Take it from a member; not from the last one"),
		func(ctx context.Context, in *formerAdmin) (*nothing, error) {
			return replyNothing(a.cfg.Logins.RemoveSuperAdmin(ctx, in.CorpID, in.UserID, author(ctx)))
		})
}
