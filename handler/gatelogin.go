package handler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// LoginCookie is the cookie that a signed-in browser carries. Behind https its name begins with
// __Host-: browsers take such a one from this very host only.
const LoginCookie = "deskmate_login"

func loginCookieName(secure bool) string {
	if secure {
		return "__Host-" + LoginCookie
	}
	return LoginCookie
}

// loginCookie makes it, for some time; without a token it takes it away. No script reads it, and pages from elsewhere can't make a browser send
// it with what changes something.
func loginCookie(secure bool, token string, life time.Duration) http.Cookie {
	c := http.Cookie{ //nolint:gosec // Secure wherever browsers come by https
		Name: loginCookieName(secure), Value: token, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// visit is a browser that calls, whoever uses it.
type visit struct {
	secret         string // of its login; "" for none
	agent, address string
}

func visitOf(c *gin.Context, secure bool) visit {
	secret, _ := c.Cookie(loginCookieName(secure))
	return visit{secret: secret, agent: c.Request.UserAgent(), address: c.ClientIP()}
}

// visitKey is the context key of the visit.
type visitKey struct{}

func visitFrom(ctx context.Context) visit {
	v, _ := ctx.Value(visitKey{}).(visit)
	return v
}

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
		Actor: model.Actor{Name: loginName(login), Role: standing.Role(), Accounts: standing.Keys(), UserID: login.UserID},
		corp:  login.CorpID, login: login, standing: standing,
	}
	if account != "" {
		who = who.in(account)
	}
	return who, err
}

// loginName is whose a login is, as author.
func loginName(l model.Login) string {
	if l.Nameless() {
		return "login-link"
	}
	return "member:" + l.UserID
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
	who.Role, who.UserID = role, ""
	if place.Own { // in another corp somebody else may have the same userid
		who.UserID = who.login.UserID
	}
	return who
}

// Remember remembers, of a caller who need not say who it is, from where it calls.
func (g *Gate) Remember(c *gin.Context) {
	ctx := context.WithValue(c.Request.Context(), visitKey{}, visitOf(c, g.secure))
	c.Request = c.Request.WithContext(context.WithValue(ctx, actorKey{}, caller{from: c.ClientIP()}))
}

// SameOrigin aborts writes that a page from elsewhere makes in a browser of ours. Programs,
// which say no origin, pass.
func (g *Gate) SameOrigin(c *gin.Context) {
	if c.GetHeader("Authorization") == "" && g.origins.Check(c.Request) != nil {
		fail(c, &model.Error{Code: model.CodeForbidden, Reason: "cross_origin", Message: "请求来自其他网站，已拒绝"})
	}
}
