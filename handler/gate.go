package handler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// TokenPrefix begins every API token, so that leaked ones can be found and known for what
// they are.
const TokenPrefix = "dmt_"

// HashToken is what is kept of an API token: it has far too much chance in it to be guessed
// from that.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Gate finds out who calls the API.
type Gate struct {
	cfg     GateConfig
	own     ownCalls
	origins *http.CrossOriginProtection
	secure  bool // browsers come by https
}

// GateConfig is what the gate works with. Every field but the last three is required.
type GateConfig struct {
	Tokens TokenFinder
	Seats  SeatFinder
	Logins LoginFinder
	Origin string // of the pages as browsers see them, such as https://desk.example.com; "": that of each request
	Now    func() time.Time
	Log    *slog.Logger
	// Calls counts the calls of tokens, of which each may make PerMinute; nil or 0: any number.
	Calls     CallLimiter
	PerMinute int
	Refused   func() // counts calls beyond that; may be nil
}

// TokenFinder finds API tokens.
type TokenFinder interface {
	TokenByHash(ctx context.Context, hash string) (model.Token, error)
	TouchToken(ctx context.Context, id uint64, atMS int64) error
}

// SeatFinder finds the seat that a seat's token is for.
type SeatFinder interface {
	// AccountSeat is [model.ErrNotFound] where the member is no seat of the account.
	AccountSeat(ctx context.Context, accountKey, userID string) (model.Seat, error)
}

// NewGate makes a gate.
func NewGate(cfg GateConfig) *Gate {
	g := &Gate{cfg: cfg, origins: http.NewCrossOriginProtection(), secure: strings.HasPrefix(cfg.Origin, "https://")}
	if u, err := url.Parse(cfg.Origin); err == nil && u.Host != "" {
		_ = g.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host) // what is no origin is trusted by nobody
	}
	return g
}

// actorKey is the context key of the caller.
type actorKey struct{}

// caller is who calls, as far as handlers want to know.
type caller struct {
	model.Actor
	seat *model.Seat // of a seat; nil for others
	corp string      // folded; whose member it is, where the caller signed in itself; "" for tokens
	from string      // the address it calls from

	token    uint64      // the id of the token; 0 for logins
	login    model.Login // zero for tokens
	standing model.Standing
}

// callerFrom is who calls; the zero caller may do nothing.
func callerFrom(ctx context.Context) caller {
	c, _ := ctx.Value(actorKey{}).(caller)
	return c
}

// actorFrom is the same without what only seats have.
func actorFrom(ctx context.Context) model.Actor { return callerFrom(ctx).Actor }

var errNoToken = &model.Error{
	Code: model.CodeUnauthenticated, Reason: "token_missing", Message: "请求缺少令牌：Authorization: Bearer " + TokenPrefix + "…",
}

var errBadToken = &model.Error{
	Code: model.CodeUnauthenticated, Reason: "token_unknown", Message: "令牌无效、已撤销或已过期",
}

// Authenticate remembers who calls, and aborts the request of a caller with neither a valid
// token nor a login.
func (g *Gate) Authenticate(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	who, err := g.identify(c.Request, c.Param("account"))
	if err == nil {
		err = g.limit(c, who.token)
	}
	switch {
	case errors.Is(err, errNoToken):
		c.Header("WWW-Authenticate", "Bearer")
	case errors.Is(err, errBadToken):
		c.Header("WWW-Authenticate", `Bearer error="invalid_token"`)
	case errors.Is(err, errBadLogin):
		gone := loginCookie(g.secure, "", 0)
		http.SetCookie(c.Writer, &gone)
	case err != nil && model.CodeOf(err) == model.CodeInternal:
		g.cfg.Log.ErrorContext(c.Request.Context(), "caller not read", "err", err.Error())
	}
	if err != nil {
		fail(c, err)
		return
	}
	who.from = c.ClientIP()
	ctx := model.WithHand(c.Request.Context(), model.Hand{Actor: auditName(who), From: who.from})
	c.Request = c.Request.WithContext(context.WithValue(ctx, actorKey{}, who))
}

// identify finds out who makes a request, as far as an account is concerned; "": as far as any is.
func (g *Gate) identify(r *http.Request, account string) (caller, error) {
	header := r.Header.Get("Authorization")
	if cookie, err := r.Cookie(loginCookieName(g.secure)); header == "" && err == nil && cookie.Value != "" {
		return g.signedIn(r.Context(), cookie.Value, account)
	}
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || !strings.HasPrefix(token, TokenPrefix) {
		return caller{}, errNoToken
	}
	return g.program(r.Context(), token)
}

// program is the caller whose token it is.
func (g *Gate) program(ctx context.Context, token string) (caller, error) {
	found, err := g.cfg.Tokens.TokenByHash(ctx, HashToken(token))
	now := g.cfg.Now().UnixMilli()
	switch {
	case errors.Is(err, model.ErrNotFound), err == nil && found.ExpiresMS != 0 && found.ExpiresMS <= now:
		return caller{}, errBadToken
	case err != nil:
		return caller{}, fmt.Errorf("read a token: %w", err)
	}
	if now-found.LastUsedMS >= time.Minute.Milliseconds() {
		if err := g.cfg.Tokens.TouchToken(ctx, found.ID, now); err != nil {
			g.cfg.Log.WarnContext(ctx, "use of a token not noted", "err", err.Error())
		}
	}
	who := caller{
		token: found.ID,
		Actor: model.Actor{Name: "token:" + found.Name, Role: found.Role, Accounts: found.Accounts, UserID: model.Fold(found.UserID)},
	}
	if found.Role == model.RoleSeat {
		who.seat, err = g.seat(ctx, found)
	}
	return who, err
}

var errNoSeat = &model.Error{Code: model.CodeForbidden, Reason: "not_a_seat", Message: "令牌的成员已不是该账号的坐席"}

// seat is the seat that a seat's token is for: it ends with the place, not with the token.
func (g *Gate) seat(ctx context.Context, t model.Token) (*model.Seat, error) {
	if len(t.Accounts) != 1 || t.UserID == "" {
		return nil, errNoSeat
	}
	seat, err := g.cfg.Seats.AccountSeat(ctx, t.Accounts[0], model.Fold(t.UserID))
	switch {
	case errors.Is(err, model.ErrNotFound), err == nil && seat.LeftMS != 0:
		return nil, errNoSeat
	case err != nil:
		return nil, fmt.Errorf("read the seat of a token: %w", err)
	}
	return &seat, nil
}

// Allow reports whether the caller has one of the roles and may act on the account that the
// path names; otherwise it aborts the request. Somebody else's account looks like none at all.
func (g *Gate) Allow(c *gin.Context, roles ...model.Role) bool {
	actor := actorFrom(c.Request.Context())
	allowed := false
	for _, r := range roles {
		allowed = allowed || actor.Role == r
	}
	if !allowed {
		fail(c, &model.Error{Code: model.CodeForbidden, Reason: "role", Message: "没有权限"})
		return false
	}
	if key := c.Param("account"); key != "" && !actor.May(key) {
		fail(c, errNoAccount)
		return false
	}
	return true
}

// Permit reports whether a caller who is let in as a seat has the permission; whoever is more
// needs none. Otherwise it aborts the request.
func (g *Gate) Permit(c *gin.Context, p model.SeatPermission) bool {
	who := callerFrom(c.Request.Context())
	if who.seat == nil || who.seat.May(p) {
		return true
	}
	fail(c, &model.Error{Code: model.CodeForbidden, Reason: "permission", Message: "坐席没有这项权限"})
	return false
}

var errNoAccount = &model.Error{Code: model.CodeNotFound, Reason: "account_unknown", Message: "没有这个账号"}

// Bounds are how much a request may send and how long it may take.
type Bounds struct {
	Bytes int64         // of the body
	Time  time.Duration // from the first byte of the body to the last of the answer
}

// sayTime is what is left, after its time, to say that a request took too long.
const sayTime = 5 * time.Second

// Hold holds a request to bounds: a body that is longer is refused, and what takes longer is
// cut off. They replace the server's own deadlines for the connection.
func (b Bounds) Hold(c *gin.Context) {
	if c.Request.ContentLength > b.Bytes {
		fail(c, &http.MaxBytesError{Limit: b.Bytes})
		return
	}
	until := time.Now().Add(b.Time + sayTime)
	conn := http.NewResponseController(c.Writer)
	_, _ = conn.SetReadDeadline(until), conn.SetWriteDeadline(until) // what is no connection has none
	ctx, cancel := context.WithTimeout(c.Request.Context(), b.Time)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, b.Bytes)
	c.Next()
	if form := c.Request.MultipartForm; form != nil {
		_ = form.RemoveAll() // net/http knows only the request that came
	}
}

// NoRoute answers what no route answers.
func NoRoute(c *gin.Context) {
	fail(c, &model.Error{Code: model.CodeNotFound, Reason: "route_unknown", Message: "no such address"})
}
