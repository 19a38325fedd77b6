package handler_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

// book is what a hall doesn't play.
type book interface {
	AccountByKey(ctx context.Context, key string) (model.Account, error)
	Login(ctx context.Context, id uint64) (model.Login, error)
	Logins(ctx context.Context, whose model.Login, everybody bool, before uint64, limit int) ([]model.Login, error)
	EndLogins(ctx context.Context, corpID, userID string, but uint64) (int64, error)
	SuperAdmins(ctx context.Context) ([]model.SuperAdmin, error)
	AddSuperAdmin(ctx context.Context, a model.SuperAdmin) error
	RemoveSuperAdmin(ctx context.Context, corpID, userID, actor string) error
	Names(ctx context.Context, corpID string, userIDs []string) (map[string]string, error)
}

// hall is where people sign in: it keeps what handlers ask to be kept.
type hall struct {
	book
	accounts []model.Account
	standing map[string]model.Standing // by userid
	starts   map[string]model.LoginStart
	links    map[string]bool
	logins   map[string]model.Login // by hash
	audits   []model.Audit
	member   string // what the code says
	refuse   error  // of WeCom
	logged   bytes.Buffer
	now      time.Time
	public   string
}

func newHall() *hall {
	return &hall{
		accounts: []model.Account{
			{ID: 1, Key: "hr", Name: "人事", CorpID: "wwA", AgentID: 1, Secret: "s", Enabled: true},
			{ID: 2, Key: "it", Name: "IT", CorpID: "wwA", AgentID: 2, Secret: "s"},
		},
		standing: map[string]model.Standing{
			"":   {Super: true},
			"li": {Name: "李", Places: []model.AccountPlace{{Key: "it", Own: true, Seat: &model.Seat{UserID: "li"}}}},
		},
		starts: map[string]model.LoginStart{}, links: map[string]bool{}, logins: map[string]model.Login{}, now: simNow,
		member: "li", public: "https://desk.example.com",
	}
}

func (h *hall) Accounts(context.Context) ([]model.Account, error) {
	return append([]model.Account(nil), h.accounts...), nil
}

func (h *hall) Account(_ context.Context, id uint64) (model.Account, error) {
	return h.accounts[id-1], nil
}

func (h *hall) AddLoginStart(_ context.Context, l model.LoginStart) error {
	h.starts[l.Hash] = l
	return nil
}

func (h *hall) TakeLoginStart(_ context.Context, hash string) (model.LoginStart, error) {
	l, ok := h.starts[hash]
	if !ok {
		return l, model.ErrNotFound
	}
	delete(h.starts, hash)
	return l, nil
}

func (h *hall) UseLoginLink(_ context.Context, hash string) error {
	if !h.links[hash] {
		return model.ErrNotFound
	}
	delete(h.links, hash)
	return nil
}

func (h *hall) AddLogin(_ context.Context, l model.Login) (model.Login, error) {
	l.ID, l.SeenMS = uint64(len(h.logins)+1), l.CreatedMS
	h.logins[l.Hash] = l
	return l, nil
}

func (h *hall) LoginByHash(_ context.Context, hash string) (model.Login, error) {
	l, ok := h.logins[hash]
	if !ok {
		return l, model.ErrNotFound
	}
	return l, nil
}

func (h *hall) EndLogin(_ context.Context, id uint64) error {
	for hash, l := range h.logins {
		if l.ID == id {
			delete(h.logins, hash)
		}
	}
	return nil
}

func (h *hall) TouchLogin(context.Context, uint64, int64) error { return nil }

func (h *hall) Standing(_ context.Context, _, userID, _ string) (model.Standing, error) {
	return h.standing[userID], nil
}

func (h *hall) AddAudit(_ context.Context, a model.Audit) error {
	h.audits = append(h.audits, a)
	return nil
}

func (h *hall) OAuthURL(acc model.Account, redirect, state string) string {
	return "https://wecom/inside?" + url.Values{"app": {acc.Key}, "to": {redirect}, "state": {state}}.Encode()
}

func (h *hall) LoginURL(acc model.Account, redirect, state string) string {
	return "https://wecom/qr?" + url.Values{"app": {acc.Key}, "to": {redirect}, "state": {state}}.Encode()
}

func (h *hall) MemberFromCode(context.Context, model.Account, string) (string, error) {
	return h.member, h.refuse
}

// open makes what a browser reaches.
func (h *hall) open() http.Handler {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	log := slog.New(slog.NewTextHandler(&h.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	now := func() time.Time { return h.now }
	gate := handler.NewGate(handler.GateConfig{Logins: h, Origin: h.public, Now: now, Log: log})
	api := handler.NewAPI(handler.APIConfig{
		Accounts: h, Logins: h, Audit: h, Now: now, Log: log, Secure: strings.HasPrefix(h.public, "https://"),
		Demo: []handler.DemoLogin{{ID: "li", CorpID: "wwA", UserID: "li", Name: "李", Role: model.RoleSeat}},
	})
	api.Register(r, r.Group("", gate.Remember))
	s := handler.NewSignIn(handler.SignInConfig{API: api, Accounts: h, Platform: h, Starts: h, PublicURL: h.public, Now: now, Log: log})
	r.GET("/auth/start", s.Start)
	r.GET("/auth/return", s.Return)
	return r
}

// browser keeps cookies.
type browser struct {
	site   http.Handler
	agent  string
	host   string
	kept   map[string]*http.Cookie
	answer *httptest.ResponseRecorder
}

func newBrowser(site http.Handler) *browser {
	return &browser{site: site, agent: "Mozilla/5.0 Chrome/140", host: "desk.example.com", kept: map[string]*http.Cookie{}}
}

// send gives where it is led to, or the body.
func (b *browser) send(t *testing.T, method, target, payload string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(payload))
	r.Host = b.host
	r.Header.Set("User-Agent", b.agent)
	r.Header.Set("Content-Type", "application/json")
	for _, c := range b.kept {
		if strings.HasPrefix(r.URL.Path, c.Path) {
			r.AddCookie(c)
		}
	}
	b.answer = httptest.NewRecorder()
	b.site.ServeHTTP(b.answer, r)
	for _, c := range b.answer.Result().Cookies() {
		b.kept[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.kept, c.Name)
		}
	}
	if to := b.answer.Header().Get("Location"); to != "" {
		return to
	}
	return b.answer.Body.String()
}

func (b *browser) get(t *testing.T, target string) string {
	t.Helper()
	return b.send(t, http.MethodGet, target, "")
}

// stateIn is the state in the address of WeCom's page.
func stateIn(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Host != "wecom" {
		t.Fatalf("led to %q, %v, want WeCom", address, err)
	}
	return u.Query().Get("state")
}
