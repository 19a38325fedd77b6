package handler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// LoginCookie is the cookie that a signed-in browser carries.
const LoginCookie = "deskmate_login"

// LoginFinder finds out who is signed in.
type LoginFinder interface {
	// LoginByHash is [model.ErrNotFound] for none.
	LoginByHash(ctx context.Context, hash string) (model.Login, error)
	TouchLogin(ctx context.Context, id uint64, atMS int64) error
	// Standing is what a member is in the account with a key, or with "" in all of them.
	Standing(ctx context.Context, corpID, userID, key string) (model.Standing, error)
}

var errBadLogin = &model.Error{Code: model.CodeUnauthenticated, Reason: "login_ended", Message: "登录已失效，请重新登录"}

// signedIn is the caller whose browser carries a cookie. It acts on an account with the
// mightiest role that its person has there.
func (g *Gate) signedIn(ctx context.Context, cookie, account string) (caller, error) {
	login, err := g.cfg.Logins.LoginByHash(ctx, HashToken(cookie))
	now := g.cfg.Now().UnixMilli()
	switch {
	case errors.Is(err, model.ErrNotFound), err == nil && login.Ended(now):
		return caller{}, errBadLogin
	case err != nil:
		return caller{}, fmt.Errorf("read a login: %w", err)
	}
	if now-login.SeenMS >= time.Minute.Milliseconds() {
		if err := g.cfg.Logins.TouchLogin(ctx, login.ID, now); err != nil {
			g.cfg.Log.WarnContext(ctx, "use of a login not noted", "err", err.Error())
		}
	}
	return g.person(ctx, login, account)
}

// person is the caller whose login it is, as far as an account is concerned; "": as far as any is.
func (g *Gate) person(ctx context.Context, login model.Login, account string) (caller, error) {
	standing, err := g.cfg.Logins.Standing(ctx, login.CorpID, login.UserID, account)
	who := caller{
		Actor: model.Actor{Name: "member:" + login.UserID, Role: standing.Role(), Accounts: standing.Keys(), UserID: login.UserID},
		corp:  login.CorpID, login: login, standing: standing,
	}
	if login.Nameless() {
		who.Name = "login-link"
	}
	if account != "" {
		who = who.in(account)
	}
	return who, err
}

// in is the caller as far as an account is concerned.
func (who caller) in(account string) caller {
	if who.login.ID == 0 {
		return who // a token is for its accounts alike
	}
	place, role := who.standing.In(account)
	if who.seat = nil; role == model.RoleSeat {
		who.seat = place.Seat
	}
	if role == "" {
		role = model.RoleMember
	}
	who.Role = role
	return who
}

// Remember remembers, of a caller who need not say who it is, from where it calls.
func (*Gate) Remember(c *gin.Context) {
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), actorKey{}, caller{from: c.ClientIP()}))
}

// SameOrigin aborts writes that a page from elsewhere makes in a browser of ours. Programs,
// which say no origin, pass.
func (g *Gate) SameOrigin(c *gin.Context) {
	if g.origins.Check(c.Request) != nil {
		fail(c, &model.Error{Code: model.CodeForbidden, Reason: "cross_origin", Message: "请求来自其他网站，已拒绝"})
	}
}
