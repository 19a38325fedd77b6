package handler

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// SignIn lets WeCom say who somebody is: inside WeCom without asking, elsewhere by a QR code.
// What goes wrong is said by the page /login.
type SignIn struct {
	cfg    SignInConfig
	host   string // of PublicURL; "" where nobody told
	starts *attempts
}

// SignInConfig is what signing in works with. Every field is required.
type SignInConfig struct {
	API       *API
	Accounts  SignInAccounts
	Platform  SignInPlatform
	Starts    LoginStarts
	PublicURL string // where browsers reach the pages; "": as each request says
	Now       func() time.Time
	Log       *slog.Logger
}

// SignInAccounts are the accounts whose apps say who somebody is.
type SignInAccounts interface {
	Accounts
	Account(ctx context.Context, id uint64) (model.Account, error)
}

// SignInPlatform is WeCom, which knows its members.
type SignInPlatform interface {
	// OAuthURL is the page that signs in inside WeCom, LoginURL the one for other browsers.
	OAuthURL(acc model.Account, redirect, state string) string
	LoginURL(acc model.Account, redirect, state string) string
	// MemberFromCode is the userid of the member whom the page signed in; "" for somebody else.
	MemberFromCode(ctx context.Context, acc model.Account, code string) (userID string, err error)
}

// LoginStarts keep sign-ins while they are at WeCom.
type LoginStarts interface {
	AddLoginStart(ctx context.Context, l model.LoginStart) error
	// TakeLoginStart gives one once; else it is [model.ErrNotFound].
	TakeLoginStart(ctx context.Context, hash string) (model.LoginStart, error)
}

const (
	browserCookie = "deskmate_signin" // binds sign-ins to the browser that began them
	returnPath    = "/auth/return"

	// Whole companies come from one address in the morning.
	startEvery, startBurst = 20 * time.Millisecond, 500
)

// NewSignIn makes the handler.
func NewSignIn(cfg SignInConfig) *SignIn {
	s := &SignIn{cfg: cfg, starts: newAttempts(startEvery, startBurst, cfg.Now)}
	if u, err := url.Parse(cfg.PublicURL); err == nil {
		s.host = u.Host
	}
	return s
}

// Start sends the browser to WeCom: GET /auth/start?account=KEY&to=/path. Without an account,
// the page's or any is taken that can say who somebody is. by=wecom or by=web says where the
// browser is, which it says itself as a rule.
func (s *SignIn) Start(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	ctx, q := c.Request.Context(), c.Request.URL.Query()
	to := localPath(q.Get("to"))
	if s.host != "" && s.host != c.Request.Host && q.Get("moved") == "" {
		// WeCom leads back to the public address, and what the browser keeps must be there.
		q.Set("moved", "1")
		c.Redirect(http.StatusFound, s.base(c)+"/auth/start?"+q.Encode())
		return
	}
	if !s.starts.allow(c.ClientIP()) {
		s.back(c, "too_many", to)
		return
	}
	acc, reason := s.account(ctx, q.Get("account"), to)
	if reason != "" {
		s.back(c, reason, to)
		return
	}
	state, err := s.begin(c, acc, to)
	if err != nil {
		s.failed(c, acc, to, err)
		return
	}
	page := s.cfg.Platform.LoginURL
	if by := q.Get("by"); by == "wecom" || by == "" && insideWeCom(c.Request.UserAgent()) {
		page = s.cfg.Platform.OAuthURL
	}
	c.Redirect(http.StatusFound, page(acc, s.base(c)+returnPath, state))
}

// insideWeCom reports whether a browser is WeCom's own (doc path/90315).
func insideWeCom(agent string) bool { return strings.Contains(strings.ToLower(agent), "wxwork") }

// account is the one whose app says who somebody is: the one asked for, that of the page, or the
// first where all belong to one corp. Else there is a reason why there is none.
func (s *SignIn) account(ctx context.Context, key, to string) (model.Account, string) {
	if key == "" {
		key = accountOf(to)
	}
	all, err := s.cfg.Accounts.Accounts(ctx)
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "accounts not read", "err", err.Error())
		return model.Account{}, "unavailable"
	}
	all = slices.DeleteFunc(all, func(a model.Account) bool { return !signsIn(a) })
	if len(all) == 0 {
		return model.Account{}, "no_account"
	}
	if at := slices.IndexFunc(all, func(a model.Account) bool { return a.Key == key }); at >= 0 {
		return all[at], ""
	}
	for _, a := range all {
		if model.Fold(a.CorpID) != model.Fold(all[0].CorpID) {
			return model.Account{}, "choose"
		}
	}
	return all[0], ""
}

// signsIn reports whether an account's app can say who somebody is. That of a disabled account
// may: its owner must get in.
func signsIn(acc model.Account) bool { return acc.CorpID != "" && acc.AgentID > 0 && acc.Secret != "" }

// accountOf is the account in the address of a page; "" for none.
func accountOf(path string) string {
	key, ok := strings.CutPrefix(path, "/a/")
	if end := strings.IndexAny(key, "/?#"); end >= 0 {
		key = key[:end]
	}
	if !ok {
		return ""
	}
	return key
}

// begin remembers that a sign-in has begun in this browser, and gives its state. Sign-ins in
// several tabs share what the browser keeps.
func (s *SignIn) begin(c *gin.Context, acc model.Account, to string) (state string, err error) {
	browser, err := c.Cookie(browserCookie)
	if err != nil || len(browser) < len(rand.Text()) {
		browser = rand.Text()
	}
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure wherever browsers come by https
		Name: browserCookie, Value: browser, Path: "/auth/", MaxAge: int(model.LoginStartLife.Seconds()), HttpOnly: true,
		Secure: s.cfg.API.cfg.Secure, SameSite: http.SameSiteLaxMode, // WeCom's page leads back from another site
	})
	state = rand.Text()
	return state, s.cfg.Starts.AddLoginStart(c.Request.Context(), model.LoginStart{
		Hash: HashToken(state), Browser: HashToken(browser), AccountID: acc.ID, Target: to,
	})
}

// Return is where WeCom sends the browser back to: GET /auth/return?code=…&state=….
func (s *SignIn) Return(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	ctx := c.Request.Context()
	begun, err := s.begun(c)
	if errors.Is(err, model.ErrNotFound) {
		s.back(c, "state", "/")
		return
	}
	if err != nil {
		s.failed(c, model.Account{}, "/", err)
		return
	}
	to := localPath(begun.Target)
	if c.Query("code") == "" {
		s.back(c, "cancelled", to)
		return
	}
	acc, err := s.cfg.Accounts.Account(ctx, begun.AccountID)
	if err != nil {
		s.failed(c, acc, to, err)
		return
	}
	userID, err := s.cfg.Platform.MemberFromCode(ctx, acc, c.Query("code"))
	switch {
	case model.CodeOf(err) == model.CodeUnauthenticated:
		s.back(c, "code", to)
	case err != nil:
		s.failed(c, acc, to, err)
	case userID == "" || strings.Contains(userID, "/"): // CorpId/userid: of a linked corp
		s.back(c, "not_member", to)
	default:
		s.welcome(c, acc, userID, to)
	}
}

// begun is the sign-in that this browser began and WeCom answers; once only.
func (s *SignIn) begun(c *gin.Context) (model.LoginStart, error) {
	browser, err := c.Cookie(browserCookie)
	if err != nil || c.Query("state") == "" {
		return model.LoginStart{}, model.ErrNotFound
	}
	begun, err := s.cfg.Starts.TakeLoginStart(c.Request.Context(), HashToken(c.Query("state")))
	if err == nil && subtle.ConstantTimeCompare([]byte(begun.Browser), []byte(HashToken(browser))) != 1 {
		err = model.ErrNotFound
	}
	return begun, err
}

// welcome signs a member in and opens the page that was wanted. Who is neither seat nor owner
// of anything is told so, unless the page is an employee's.
func (s *SignIn) welcome(c *gin.Context, acc model.Account, userID, to string) {
	ctx := c.Request.Context()
	cookie, role, err := s.cfg.API.signIn(ctx, person{acc.CorpID, userID, "wecom:" + acc.Key}, visitOf(c, s.cfg.API.cfg.Secure))
	if err != nil {
		s.failed(c, acc, to, err)
		return
	}
	http.SetCookie(c.Writer, &cookie)
	if role == model.RoleMember && to != "/h5" && !strings.HasPrefix(to, "/h5/") && !strings.HasPrefix(to, "/h5?") {
		s.back(c, "no_role", "/")
		return
	}
	c.Redirect(http.StatusFound, to)
}

// failed says that WeCom or something of ours refused; the log says what.
func (s *SignIn) failed(c *gin.Context, acc model.Account, to string, err error) {
	s.cfg.Log.WarnContext(c.Request.Context(), "sign-in failed", "account_key", acc.Key, "err", err.Error())
	s.back(c, "wecom", to)
}

// back shows the sign-in page, which says why.
func (s *SignIn) back(c *gin.Context, reason, to string) {
	q := url.Values{"error": {reason}}
	if to != "/" {
		q.Set("to", to)
	}
	c.Redirect(http.StatusFound, "/login?"+q.Encode())
}

// base is where the browser reaches the pages.
func (s *SignIn) base(c *gin.Context) string {
	if s.cfg.PublicURL != "" {
		return strings.TrimSuffix(s.cfg.PublicURL, "/")
	}
	scheme := "http"
	if c.Request.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host
}

// localPath is a page of ours, or "/" for what is none: an address that leads elsewhere must
// not be followed after signing in.
func localPath(to string) string {
	const longest = 1000
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || len(to) > longest ||
		!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "\\") ||
		strings.ContainsFunc(to, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "/"
	}
	for _, prefix := range []string{"/api/", "/auth/", "/callback/"} {
		if strings.HasPrefix(u.Path, prefix) {
			return "/"
		}
	}
	if u.Path == "/login" {
		return "/"
	}
	return to
}
