package handler

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"deskmate/model"
)

// Logins are the browsers that people signed in with, and the super admins.
type Logins interface {
	AddLogin(ctx context.Context, l model.Login) (model.Login, error)
	Login(ctx context.Context, id uint64) (model.Login, error)
	// Logins lists those of a person, or of everybody, that have not ended, the newest first.
	Logins(ctx context.Context, whose model.Login, everybody bool, before uint64, limit int) ([]model.Login, error)
	EndLogin(ctx context.Context, id uint64) error
	// EndLogins ends those of a person but for one, and says how many there were.
	EndLogins(ctx context.Context, corpID, userID string, but uint64) (int64, error)
	LoginByHash(ctx context.Context, hash string) (model.Login, error)
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
	CorpID  string `json:"corp_id" doc:"One account of a corp is enough to sign its members in"`
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

// person is somebody who said who they are.
type person struct {
	corpID, userID string // both "": whoever has the command line
	by             string // how they said it, for the audit log
}

// signIn makes a login for a person in place of the one that the browser has, and gives what
// the browser is to carry, and the mightiest role that the person has anywhere. The audit log
// hears of whoever has one; employees only see what is their own.
func (a *API) signIn(ctx context.Context, p person, v visit) (http.Cookie, model.Role, error) {
	standing, err := a.cfg.Logins.Standing(ctx, p.corpID, p.userID, "")
	if err != nil {
		return http.Cookie{}, "", err
	}
	role := standing.Role()
	if err := a.signOut(ctx, v); err != nil {
		return http.Cookie{}, role, err
	}
	life := model.LoginLife
	if p.userID == "" {
		life = model.LinkLoginLife
	}
	token, now := rand.Text()+rand.Text(), a.cfg.Now()
	login, err := a.cfg.Logins.AddLogin(ctx, model.Login{
		Hash: HashToken(token), CorpID: p.corpID, UserID: p.userID, Agent: clipped(v.agent), Address: v.address,
		CreatedMS: now.UnixMilli(), ExpiresMS: now.Add(life).UnixMilli(),
	})
	if err != nil {
		return http.Cookie{}, role, err
	}
	cookie := loginCookie(a.cfg.Secure, token, life)
	if role == model.RoleMember {
		return cookie, role, nil
	}
	return cookie, role, a.cfg.Audit.AddAudit(ctx, model.Audit{
		AtMS: now.UnixMilli(), Actor: loginName(login), Action: "login.made", Target: string(NewID(login.ID)),
		After: jsonOf(map[string]string{"by": p.by}), From: v.address,
	})
}

// signOut ends the login that a browser has, if it has one.
func (a *API) signOut(ctx context.Context, v visit) error {
	if v.secret == "" {
		return nil
	}
	login, err := a.cfg.Logins.LoginByHash(ctx, HashToken(v.secret))
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.cfg.Logins.EndLogin(ctx, login.ID)
}

// clipped is what is kept of what a browser calls itself.
func clipped(agent string) string {
	const most = 256 // bytes
	agent = strings.ToValidUTF8(agent, "")
	if len(agent) > most {
		agent = strings.ToValidUTF8(agent[:most], "")
	}
	return agent
}

// jsonOf is what the audit log says of a few words.
func jsonOf(words map[string]string) string {
	text, _ := json.Marshal(words) // of strings never fails
	return string(text)
}

var (
	errNoLink = &model.Error{Code: model.CodeUnauthenticated, Reason: "login_link", Message: "链接无效、已使用或已过期，请重新生成"}
	errNoDemo = &model.Error{Code: model.CodeForbidden, Reason: "no_demo", Message: "只有演示环境可以这样登录"}
	errOften  = &model.Error{Code: model.CodeRateLimited, Reason: "too_many_attempts", Message: "尝试次数过多，请稍后再试"}
)

// linkEvery and linkBurst are how often one address may try a link. It has far too much chance
// in it to be guessed; this saves work.
const linkEvery, linkBurst = 6 * time.Second, 20

func (a *API) registerLogins(s surface) {
	const tag = "logins"
	tries := newAttempts(linkEvery, linkBurst, a.cfg.Now)
	operation(s.API, call(http.MethodGet, "getLoginOptions", "/login-options", tag, "How one can sign in"),
		func(ctx context.Context, _ *nothing) (*body[loginOptions], error) {
			return reply(a.loginOptions(ctx))
		})
	type signIn struct {
		Body struct {
			Link string `json:"link,omitempty" maxLength:"200" doc:"What is in a link of 'deskmate admin login-link'"`
			Demo string `json:"demo,omitempty" maxLength:"64" doc:"Id of one of the demo's people"`
		}
	}
	operation(s.API, call(http.MethodPost, "signIn", "/logins", tag, "Sign this browser in"),
		func(ctx context.Context, in *signIn) (*withCookie, error) {
			v := visitFrom(ctx)
			if !tries.allow(v.address) {
				return nil, errOften
			}
			who, err := a.whoSignsIn(ctx, in.Body.Link, in.Body.Demo)
			if err != nil {
				return nil, err
			}
			cookie, _, err := a.signIn(ctx, who, v)
			if err != nil {
				return nil, err
			}
			return &withCookie{cookie}, nil
		})
	operation(s.API, call(http.MethodPost, "signOut", "/logout", tag, "Sign this browser out; without a login it does nothing"),
		func(ctx context.Context, _ *nothing) (*withCookie, error) {
			if err := a.signOut(ctx, visitFrom(ctx)); err != nil {
				return nil, err
			}
			return &withCookie{loginCookie(a.cfg.Secure, "", 0)}, nil
		})
	a.registerLoginLists(s, tag)
}

// whoSignsIn is the person whom a link or a choice of the demo signs in.
func (a *API) whoSignsIn(ctx context.Context, link, demo string) (person, error) {
	if link != "" {
		err := a.cfg.Logins.UseLoginLink(ctx, HashToken(link))
		if model.CodeOf(err) == model.CodeNotFound {
			err = errNoLink
		}
		return person{by: "link"}, err
	}
	for _, d := range a.cfg.Demo {
		if d.ID == demo {
			return person{d.CorpID, d.UserID, "demo"}, nil
		}
	}
	return person{}, errNoDemo
}

func (a *API) loginOptions(ctx context.Context) (loginOptions, error) {
	out := loginOptions{WeCom: []wecomOption{}, Demo: []demoOption{}}
	for _, d := range a.cfg.Demo {
		out.Demo = append(out.Demo, demoOption{ID: d.ID, Name: d.Name, Role: d.Role, Account: d.Account})
	}
	all, err := a.cfg.Accounts.Accounts(ctx)
	for _, acc := range all {
		if signsIn(acc) {
			out.WeCom = append(out.WeCom, wecomOption{acc.Key, acc.Name, acc.CorpID})
		}
	}
	return out, err
}
