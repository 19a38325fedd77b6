package handler

import (
	"context"
	"errors"
	"net/http"

	"deskmate/model"
)

// ownerView is an owner of an account.
type ownerView struct {
	UserID string `json:"userid"`
	Name   string `json:"name"`
}

// removalView is what deleting an account deletes. What stays is the corp's directory, the
// installation's calendar, the audit log, and everything at WeCom.
type removalView struct {
	Name     string   `json:"name" doc:"Of the account, to be typed"`
	Sessions int      `json:"sessions" doc:"With all that was said and rated in them"`
	Open     int      `json:"open" doc:"Of them, those that this would end"`
	Entries  int      `json:"entries"`
	Seats    int      `json:"seats"`
	Tokens   []string `json:"tokens" doc:"API tokens that lose the account"`
}

var errOwnerUnknown = &model.Error{Code: model.CodeNotFound, Reason: "owner_unknown", Message: "没有这位负责人"}

func (a *API) registerOwners(s surface) {
	type ownerPath struct {
		AccountPath
		UserID string `path:"userid" maxLength:"64" doc:"The owner's userid"`
	}
	const one = account + "/owners/{userid}"
	within(s, call(http.MethodGet, "listOwners", account+"/owners", setupTag, "The account's owners, by userid"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[Listed[ownerView]], error) {
			owners, err := a.cfg.Setup.NamedOwners(ctx, acc)
			return listed(owners, err, func(o model.Owner) ownerView { return ownerView{o.UserID, o.Name} })
		})
	within(s, call(http.MethodPut, "addOwner", one, setupTag, "Make a member an owner; applying the account file later makes that the truth again"),
		func(ctx context.Context, acc model.Account, in *ownerPath) (*nothing, error) {
			userID := model.Fold(in.UserID)
			names, err := a.cfg.Logins.Names(ctx, acc.CorpID, []string{userID})
			if err != nil {
				return nil, err
			}
			if _, known := names[userID]; !known {
				return nil, model.Invalid("member_unknown", "通讯录里没有成员 %s", in.UserID)
			}
			return replyNothing(a.cfg.Setup.AddOwner(ctx, acc.ID, userID, by(ctx)))
		})
	within(s, call(http.MethodDelete, "removeOwner", one, setupTag, "Take it from a member, at once"),
		func(ctx context.Context, acc model.Account, in *ownerPath) (*nothing, error) {
			err := a.cfg.Setup.RemoveOwner(ctx, acc.ID, in.UserID, by(ctx))
			if errors.Is(err, model.ErrNotFound) {
				err = errOwnerUnknown
			}
			return replyNothing(err)
		})
	within(s, call(http.MethodGet, "planRemoval", account+"/removal", setupTag, "What deleting the account would delete"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[removalView], error) {
			p, err := a.cfg.Setup.RemovalPlan(ctx, acc)
			return reply(removalView{
				Name: acc.Name, Sessions: p.Sessions, Open: p.Open, Entries: p.Entries, Seats: p.Seats, Tokens: notNil(p.Tokens),
			}, err)
		})
	type remove struct {
		AccountPath
		Body struct {
			Name string `json:"name" minLength:"1" maxLength:"60" doc:"The account's name, typed by whoever means it"`
		}
	}
	within(s, call(http.MethodPost, "removeAccount", account+"/removal", setupTag, "Delete the account and all that is its own, for good: its sessions end at once, the rest goes in the background"),
		func(ctx context.Context, acc model.Account, in *remove) (*nothing, error) {
			return replyNothing(a.cfg.Setup.BeginRemoval(ctx, acc.ID, in.Body.Name, by(ctx)))
		})
}
