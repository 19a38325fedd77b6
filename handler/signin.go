package handler

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// SignIn lets WeCom say who somebody is: inside WeCom without asking, elsewhere by a QR code.
type SignIn struct{ cfg SignInConfig }

// SignInConfig is what signing in works with. Every field is required.
type SignInConfig struct {
	API       *API
	Accounts  Accounts
	Platform  SignInPlatform
	PublicURL string // where browsers reach the pages; "": as each request says
	Log       *slog.Logger
}

// SignInPlatform is WeCom, which knows its members.
type SignInPlatform interface {
	// OAuthURL is the page that signs in inside WeCom, LoginURL the one for other browsers.
	OAuthURL(acc model.Account, redirect, state string) string
	LoginURL(acc model.Account, redirect, state string) string
	// MemberFromCode is the userid of the member whom the page signed in; "" for somebody else.
	MemberFromCode(ctx context.Context, acc model.Account, code string) (userID string, err error)
}

// NewSignIn makes the handler.
func NewSignIn(cfg SignInConfig) *SignIn { return &SignIn{cfg: cfg} }

// stateCookie binds a sign-in to the browser that began it.
const (
	stateCookie = "deskmate_signin"
	stateLife   = 10 * time.Minute
)

// Start sends the browser to WeCom: GET /auth/start?account=KEY&to=/path.
func (s *SignIn) Start(c *gin.Context) {
	acc, err := s.cfg.Accounts.AccountByKey(c.Request.Context(), c.Query("account"))
	if err != nil || !acc.Enabled {
		s.back(c, "account_unknown", "")
		return
	}
	to, state := localPath(c.Query("to")), rand.Text()+rand.Text()
	value := url.Values{"state": {state}, "account": {acc.Key}, "to": {to}}.Encode()
	http.SetCookie(c.Writer, s.cookie(value, int(stateLife.Seconds())))
	redirect := s.base(c) + "/auth/return"
	page := s.cfg.Platform.LoginURL(acc, redirect, state)
	if strings.Contains(strings.ToLower(c.GetHeader("User-Agent")), "wxwork") {
		page = s.cfg.Platform.OAuthURL(acc, redirect, state)
	}
	c.Redirect(http.StatusFound, page)
}

// Return is where WeCom sends the browser back to: GET /auth/return?code=…&state=….
func (s *SignIn) Return(c *gin.Context) {
	kept, _ := c.Cookie(stateCookie)
	begun, _ := url.ParseQuery(kept)
	http.SetCookie(c.Writer, s.cookie("", -1)) // used up, whatever comes of it
	state, to := begun.Get("state"), localPath(begun.Get("to"))
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(c.Query("state"))) != 1 {
		s.back(c, "signin_state", to)
		return
	}
	ctx := c.Request.Context()
	acc, err := s.cfg.Accounts.AccountByKey(ctx, begun.Get("account"))
	if err != nil || !acc.Enabled {
		s.back(c, "account_unknown", to)
		return
	}
	userID, err := s.cfg.Platform.MemberFromCode(ctx, acc, c.Query("code"))
	switch {
	case model.CodeOf(err) == model.CodeUnauthenticated:
		s.back(c, "oauth_code", to)
		return
	case err != nil:
		s.cfg.Log.WarnContext(ctx, "sign-in code not exchanged", "account_key", acc.Key, "err", err.Error())
		s.back(c, "wecom_unavailable", to)
		return
	case userID == "":
		s.back(c, "not_a_member", to)
		return
	}
	cookie, err := s.cfg.API.SignIn(ctx, acc.CorpID, userID, c.GetHeader("User-Agent"), c.ClientIP())
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "login not made", "err", err.Error())
		s.back(c, "internal", to)
		return
	}
	http.SetCookie(c.Writer, &cookie)
	c.Redirect(http.StatusFound, to)
}

// back shows the sign-in page with what went wrong.
func (s *SignIn) back(c *gin.Context, reason, to string) {
	q := url.Values{"error": {reason}}
	if to != "" {
		q.Set("to", to)
	}
	c.Redirect(http.StatusFound, "/login?"+q.Encode())
}

func (s *SignIn) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: stateCookie, Value: value, Path: "/auth/", MaxAge: age, HttpOnly: true, Secure: s.cfg.API.cfg.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// base is where the browser reaches the pages.
func (s *SignIn) base(c *gin.Context) string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	scheme := "http"
	if c.Request.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host
}

// localPath is a path of ours, or "/" for what is none, such as another host's address.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}
