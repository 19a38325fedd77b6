package handler

import (
	"cmp"
	"context"
	"net/http"

	"deskmate/model"
)

func (a *API) registerLoginLists(s surface, tag string) {
	type list struct {
		Everybody bool   `query:"everybody" doc:"Those of all people; super admins only"`
		UserID    string `query:"userid" maxLength:"64" doc:"Those of this member; super admins only"`
		CorpID    string `query:"corp_id" maxLength:"64" doc:"Of the member; the caller's own where it is missing"`
		Before    ID     `query:"before"`
		Limit     int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	}
	operation(s.API, call(http.MethodGet, "listLogins", "/logins", tag, "The caller's logins, or everybody's"),
		func(ctx context.Context, in *list) (*body[Listed[loginView]], error) {
			who := callerFrom(ctx)
			if (in.Everybody || in.UserID != "") && who.Role != model.RoleSuperAdmin {
				return nil, errNoRole
			}
			whose := who.login
			if in.UserID != "" {
				whose = model.Login{CorpID: model.Fold(cmp.Or(in.CorpID, who.corp)), UserID: model.Fold(in.UserID)}
			}
			if whose.ID == 0 && whose.UserID == "" && !in.Everybody {
				return &body[Listed[loginView]]{Listed[loginView]{Items: []loginView{}}}, nil // a token has none
			}
			found, err := a.cfg.Logins.Logins(ctx, whose, in.Everybody, in.Before.number(), in.Limit)
			if err != nil {
				return nil, err
			}
			items, err := a.viewLogins(ctx, who, found)
			return reply(Listed[loginView]{Items: items, Next: next(found, in.Limit, func(l model.Login) uint64 { return l.ID })}, err)
		})
	type one struct {
		ID ID `path:"id"`
	}
	operation(s.API, call(http.MethodDelete, "endLogin", "/logins/{id}", tag, "Sign a browser out: one's own, or any by a super admin"),
		func(ctx context.Context, in *one) (*nothing, error) {
			who := callerFrom(ctx)
			login, err := a.cfg.Logins.Login(ctx, in.ID.number())
			if err != nil {
				return nil, err
			}
			if who.Role != model.RoleSuperAdmin && (login.UserID != who.UserID || login.CorpID != who.corp) {
				return nil, model.ErrNotFound
			}
			if err := a.cfg.Logins.EndLogin(ctx, login.ID); err != nil {
				return nil, err
			}
			return replyNothing(a.audit(ctx, model.Account{}, model.Audit{
				Action: "login.ended", Target: string(NewID(login.ID)), Before: whoseLogin(login),
			}))
		})
	type all struct {
		UserID string `query:"userid" maxLength:"64" doc:"Of this member, all of them; super admins only. Missing: the caller's own but for the one that calls"`
		CorpID string `query:"corp_id" maxLength:"64" doc:"Of the member; the caller's own where it is missing"`
	}
	operation(s.API, call(http.MethodDelete, "endLogins", "/logins", tag, "Sign all other browsers of one's own out, or by a super admin all of a member"),
		func(ctx context.Context, in *all) (*nothing, error) {
			who := callerFrom(ctx)
			if in.UserID != "" && who.Role != model.RoleSuperAdmin {
				return nil, errNoRole
			}
			whose := model.Login{CorpID: model.Fold(cmp.Or(in.CorpID, who.corp)), UserID: model.Fold(in.UserID)}
			if in.UserID == "" {
				if whose = who.login; whose.ID == 0 {
					return nil, errNoMember
				}
			}
			ended, err := a.cfg.Logins.EndLogins(ctx, whose.CorpID, whose.UserID, whose.ID)
			if err != nil || ended == 0 {
				return nil, err
			}
			return replyNothing(a.audit(ctx, model.Account{}, model.Audit{
				Action: "login.ended", Target: cmp.Or(whose.UserID, "login-link"), Before: whoseLogin(whose),
			}))
		})
}

// whoseLogin is what the audit log says of a login besides its id.
func whoseLogin(l model.Login) string {
	return jsonOf(map[string]string{"corp_id": l.CorpID, "userid": l.UserID})
}

var errNoRole = &model.Error{Code: model.CodeForbidden, Reason: "role", Message: "没有权限"}

func (a *API) viewLogins(ctx context.Context, who caller, list []model.Login) ([]loginView, error) {
	views := make([]loginView, len(list))
	for i, l := range list {
		name := "命令行链接"
		if !l.Nameless() {
			names, err := a.cfg.Logins.Names(ctx, l.CorpID, []string{l.UserID})
			if err != nil {
				return nil, err
			}
			if name = names[l.UserID]; name == "" {
				name = l.UserID
			}
		}
		views[i] = loginView{
			ID: NewID(l.ID), Name: name, UserID: l.UserID, Agent: l.Agent, Address: l.Address, Current: l.ID == who.login.ID,
			Created: NewInstant(l.CreatedMS), Seen: NewInstant(l.SeenMS), Expires: NewInstant(min(l.ExpiresMS, l.SeenMS+model.LoginIdle.Milliseconds())),
		}
	}
	return views, nil
}
