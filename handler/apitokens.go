package handler

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"deskmate/model"
)

// Tokens are the tokens of the API.
type Tokens interface {
	// SaveToken is a conflict of the reason token_name_taken where another has the name.
	SaveToken(ctx context.Context, t model.Token) error
	Tokens(ctx context.Context) ([]model.Token, error)
	RevokeToken(ctx context.Context, name string) error
}

// TokenView is a token, without itself.
type TokenView struct {
	ID         ID         `json:"id"`
	Name       string     `json:"name"`
	Role       model.Role `json:"role" enum:"super_admin,owner,seat"`
	Accounts   []string   `json:"accounts" doc:"Keys; a super admin's has none and is for all"`
	UserID     string     `json:"userid,omitempty" doc:"The member that it acts as"`
	CreatedAt  Instant    `json:"created_at"`
	ExpiresAt  Instant    `json:"expires_at,omitempty"`
	LastUsedAt Instant    `json:"last_used_at,omitempty" doc:"To the minute"`
}

// newTokenView is a token right after it was made, the only time that it is shown.
type newTokenView struct {
	TokenView
	Token string `json:"token" doc:"The token itself; only a hash of it is kept"`
}

func viewToken(t model.Token) TokenView {
	return TokenView{
		ID: NewID(t.ID), Name: t.Name, Role: t.Role, Accounts: notNil(t.Accounts), UserID: t.UserID,
		CreatedAt: NewInstant(t.CreatedMS), ExpiresAt: NewInstant(t.ExpiresMS), LastUsedAt: NewInstant(t.LastUsedMS),
	}
}

// tokenBody is what a token is to be.
type tokenBody struct {
	Name     string     `json:"name" minLength:"1" maxLength:"64"`
	Role     model.Role `json:"role" enum:"super_admin,owner,seat"`
	Accounts []string   `json:"accounts,omitempty" maxItems:"200" doc:"Keys: one or more of an owner's, one of a seat's, none of a super admin's"`
	UserID   string     `json:"userid,omitempty" maxLength:"128" doc:"The member that it acts as; a seat's needs one"`
	Days     int        `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"It ends after so many days; 0: never"`
}

func (a *API) registerTokens(s surface) {
	const tag, path = "tokens", "/tokens"
	operation(s.API, call(http.MethodGet, "listTokens", path, tag, "The tokens of the API, by name"),
		func(ctx context.Context, _ *nothing) (*body[Listed[TokenView]], error) {
			list, err := a.cfg.Tokens.Tokens(ctx)
			return listed(list, err, viewToken)
		})
	type createToken struct{ Body tokenBody }
	operation(s.API, call(http.MethodPost, "createToken", path, tag, "Make a token, which is shown this once; audited"),
		func(ctx context.Context, in *createToken) (*body[newTokenView], error) {
			t, err := a.newToken(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			secret := TokenPrefix + rand.Text() + rand.Text()
			t.Hash = HashToken(secret)
			if err := a.cfg.Tokens.SaveToken(ctx, t); err != nil {
				return nil, err
			}
			return reply(newTokenView{viewToken(t), secret}, a.auditToken(ctx, "token.created", t.Name, "", viewToken(t)))
		})
	type tokenPath struct {
		ID ID `path:"id"`
	}
	operation(s.API, call(http.MethodDelete, "revokeToken", path+"/{id}", tag, "End a token at once, for good; audited"),
		func(ctx context.Context, in *tokenPath) (*nothing, error) {
			list, err := a.cfg.Tokens.Tokens(ctx)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(list, func(t model.Token) bool { return t.ID == in.ID.number() })
			if i < 0 {
				return nil, model.ErrNotFound
			}
			if err := a.cfg.Tokens.RevokeToken(ctx, list[i].Name); err != nil {
				return nil, err
			}
			return replyNothing(a.auditToken(ctx, "token.revoked", list[i].Name, viewToken(list[i]), ""))
		})
}

// newToken is a token as it was asked for, without the token itself.
func (a *API) newToken(ctx context.Context, in tokenBody) (model.Token, error) {
	now := a.cfg.Now()
	t := model.Token{
		ID: model.NewID(now), Name: strings.TrimSpace(in.Name), Role: in.Role, Accounts: []string{}, UserID: model.Fold(in.UserID), CreatedMS: now.UnixMilli(),
	}
	if in.Days > 0 {
		t.ExpiresMS = now.AddDate(0, 0, in.Days).UnixMilli()
	}
	for _, key := range in.Accounts {
		if _, err := a.cfg.Accounts.AccountByKey(ctx, key); errors.Is(err, model.ErrNotFound) {
			return t, errNoAccount
		} else if err != nil {
			return t, err
		}
		if !slices.Contains(t.Accounts, key) {
			t.Accounts = append(t.Accounts, key)
		}
	}
	switch {
	case t.Name == "":
		return t, model.Invalid("token_name", "请填写令牌名称")
	case t.Role == model.RoleSuperAdmin && len(t.Accounts) > 0:
		return t, model.Invalid("token_accounts", "超级管理员的令牌适用于全部账号，不能指定账号")
	case t.Role == model.RoleOwner && len(t.Accounts) == 0:
		return t, model.Invalid("token_accounts", "请选择令牌适用的账号")
	case t.Role == model.RoleSeat && (len(t.Accounts) != 1 || t.UserID == ""):
		return t, model.Invalid("token_seat", "坐席令牌需要一个账号和一名坐席")
	}
	if t.Role != model.RoleSeat {
		return t, nil
	}
	_, err := a.cfg.Roster.AccountSeat(ctx, t.Accounts[0], t.UserID)
	if errors.Is(err, model.ErrNotFound) {
		return t, model.Invalid("token_seat", "该成员不是这个账号的坐席")
	}
	return t, err
}

// auditToken notes what became of a token.
func (a *API) auditToken(ctx context.Context, action, name string, before, after any) error {
	entry := model.Audit{Action: action, Target: name}
	for into, v := range map[*string]any{&entry.Before: before, &entry.After: after} {
		if v == "" {
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		*into = string(text)
	}
	return a.audit(ctx, model.Account{}, entry)
}
