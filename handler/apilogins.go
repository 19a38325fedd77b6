package handler

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"

	"deskmate/model"
)

// Logins are the browsers that people signed in with, and the super admins.
type Logins interface {
	AddLogin(ctx context.Context, l model.Login) (model.Login, error)
	Login(ctx context.Context, id uint64) (model.Login, error)
	// Logins lists those of a person, or of everybody, that have not ended, the newest first.
	Logins(ctx context.Context, whose model.Login, everybody bool, before uint64, limit int) ([]model.Login, error)
	EndLogin(ctx context.Context, id uint64) error
	EndLogins(ctx context.Context, corpID, userID string) error
	// UseLoginLink is [model.ErrNotFound] for a link that is none, or was used.
	UseLoginLink(ctx context.Context, hash string) error
	SuperAdmins(ctx context.Context) ([]model.SuperAdmin, error)
	AddSuperAdmin(ctx context.Context, a model.SuperAdmin) error
	RemoveSuperAdmin(ctx context.Context, corpID, userID, actor string) error
	Names(ctx context.Context, corpID string, userIDs []string) (map[string]string, error)
	// Standing is what a member is in all accounts.
	Standing(ctx context.Context, corpID, userID, key string) (model.Standing, error)
}

// DemoLogin is somebody as whom a visitor of the demo may sign in with one click.
type DemoLogin struct {
	ID             string // of the choice
	Name           string // of the member
	Role           model.Role
	Account        string // name of the account that the role is for; "" for all
	CorpID, UserID string
}

// loginOptions are the ways to sign in.
type loginOptions struct {
	WeCom []wecomOption `json:"wecom" doc:"Accounts whose app can say who somebody is"`
	Demo  []demoOption  `json:"demo" doc:"In the demo: people to be"`
}

type wecomOption struct {
	Account string `json:"account" doc:"Its key"`
	Name    string `json:"name"`
}

type demoOption struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Role    model.Role `json:"role" enum:"super_admin,owner,seat,member"`
	Account string     `json:"account,omitempty" doc:"Name of the account that the role is for"`
}

// loginView is a login to its own person, or to a super admin.
type loginView struct {
	ID      ID      `json:"id"`
	Name    string  `json:"name"`
	UserID  string  `json:"userid" doc:"Empty: signed in by a link of the command line"`
	Agent   string  `json:"agent" doc:"What the browser calls itself"`
	Address string  `json:"address"`
	Current bool    `json:"current" doc:"It is the caller's own"`
	Created Instant `json:"created_at"`
	Seen    Instant `json:"seen_at" doc:"Last request, to the minute"`
	Expires Instant `json:"expires_at"`
}

// withCookie is an answer that sets a cookie.
type withCookie struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// cookie is what a signed-in browser carries; without a token it takes it away.
func (a *API) cookie(token string) http.Cookie {
	c := http.Cookie{
		Name: LoginCookie, Value: token, Path: "/", HttpOnly: true, Secure: a.cfg.Secure, SameSite: http.SameSiteLaxMode,
		MaxAge: int(model.LoginLife.Seconds()),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// agentSize is how much is kept of what a browser calls itself, in bytes.
const agentSize = 256

// SignIn makes a login for a person and gives what the browser is to carry.
func (a *API) SignIn(ctx context.Context, corpID, userID, agent, address string) (http.Cookie, error) {
	token := rand.Text() + rand.Text()
	agent = strings.ToValidUTF8(agent, "")
	if len(agent) > agentSize {
		agent = strings.ToValidUTF8(agent[:agentSize], "")
	}
	login, err := a.cfg.Logins.AddLogin(ctx, model.Login{
		Hash: HashToken(token), CorpID: corpID, UserID: userID, Agent: agent, Address: address,
	})
	if err != nil {
		return http.Cookie{}, err
	}
	name := "member:" + login.UserID
	if login.Nameless() {
		name = "login-link"
	}
	err = a.cfg.Audit.AddAudit(ctx, model.Audit{
		AtMS: a.cfg.Now().UnixMilli(), Actor: name, Action: "login.made", Target: string(NewID(login.ID)), From: address,
	})
	return a.cookie(token), err
}

var (
	errNoLink = &model.Error{Code: model.CodeUnauthenticated, Reason: "login_link", Message: "链接无效、已使用或已过期，请重新生成"}
	errNoDemo = &model.Error{Code: model.CodeForbidden, Reason: "no_demo", Message: "只有演示环境可以这样登录"}
)

func (a *API) registerLogins(s surface) {
	const tag = "logins"
	operation(s.API, call(http.MethodGet, "getLoginOptions", "/login-options", tag, "How one can sign in"),
		func(ctx context.Context, _ *nothing) (*body[loginOptions], error) {
			return reply(a.loginOptions(ctx))
		})
	type signIn struct {
		Agent string `header:"User-Agent"`
		Body  struct {
			Link string `json:"link,omitempty" maxLength:"200" doc:"What is in a link of 'deskmate admin login-link'"`
			Demo string `json:"demo,omitempty" maxLength:"64" doc:"Id of one of the demo's people"`
		}
	}
	operation(s.API, call(http.MethodPost, "signIn", "/logins", tag, "Sign this browser in"),
		func(ctx context.Context, in *signIn) (*withCookie, error) {
			corpID, userID, err := a.whoSignsIn(ctx, in.Body.Link, in.Body.Demo)
			if err != nil {
				return nil, err
			}
			cookie, err := a.SignIn(ctx, corpID, userID, in.Agent, callerFrom(ctx).from)
			if err != nil {
				return nil, err
			}
			return &withCookie{cookie}, nil
		})
	operation(s.API, call(http.MethodPost, "signOut", "/logout", tag, "Sign this browser out"),
		func(ctx context.Context, _ *nothing) (*withCookie, error) {
			if id := callerFrom(ctx).login.ID; id != 0 {
				if err := a.cfg.Logins.EndLogin(ctx, id); err != nil {
					return nil, err
				}
			}
			return &withCookie{a.cookie("")}, nil
		})
	a.registerLoginLists(s, tag)
}

// whoSignsIn is the person whom a link or a choice of the demo signs in.
func (a *API) whoSignsIn(ctx context.Context, link, demo string) (corpID, userID string, err error) {
	if link != "" {
		err = a.cfg.Logins.UseLoginLink(ctx, HashToken(link))
		if model.CodeOf(err) == model.CodeNotFound {
			err = errNoLink
		}
		return "", "", err
	}
	for _, d := range a.cfg.Demo {
		if d.ID == demo {
			return d.CorpID, d.UserID, nil
		}
	}
	return "", "", errNoDemo
}

func (a *API) loginOptions(ctx context.Context) (loginOptions, error) {
	out := loginOptions{WeCom: []wecomOption{}, Demo: []demoOption{}}
	for _, d := range a.cfg.Demo {
		out.Demo = append(out.Demo, demoOption{ID: d.ID, Name: d.Name, Role: d.Role, Account: d.Account})
	}
	all, err := a.cfg.Accounts.Accounts(ctx)
	corps := map[string]bool{}
	for _, acc := range all {
		if corp := model.Fold(acc.CorpID); acc.Enabled && !corps[corp] {
			corps[corp] = true // one app of a corp says who any member is
			out.WeCom = append(out.WeCom, wecomOption{acc.Key, acc.Name})
		}
	}
	return out, err
}

func (a *API) registerLoginLists(s surface, tag string) {
	type list struct {
		Everybody bool `query:"everybody" doc:"Those of all people; super admins only"`
		Before    ID   `query:"before"`
		Limit     int  `query:"limit" minimum:"1" maximum:"100" default:"50"`
	}
	operation(s.API, call(http.MethodGet, "listLogins", "/logins", tag, "The caller's logins, or everybody's"),
		func(ctx context.Context, in *list) (*body[Listed[loginView]], error) {
			who := callerFrom(ctx)
			if in.Everybody && who.Role != model.RoleSuperAdmin {
				return nil, &model.Error{Code: model.CodeForbidden, Reason: "role", Message: "没有权限"}
			}
			found, err := a.cfg.Logins.Logins(ctx, who.login, in.Everybody, in.Before.number(), in.Limit)
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
			return replyNothing(a.cfg.Audit.AddAudit(ctx, model.Audit{
				AtMS: a.cfg.Now().UnixMilli(), Actor: who.Name, Action: "login.ended", Target: string(NewID(login.ID)), From: who.from,
			}))
		})
}

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
