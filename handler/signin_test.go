package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	SetBotPolicy(ctx context.Context, accountID, expect uint64, bot model.BotPolicy, llm model.LLMPolicy) (version uint64, err error)
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

const secureCookie = "__Host-deskmate_login"

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := newHall()
	b := newBrowser(h.open())
	page := b.get(t, "/auth/start?to=/a/it/seats?x=1")
	if !strings.HasPrefix(page, "https://wecom/qr?app=it&") || !strings.Contains(page, url.QueryEscape("https://desk.example.com/auth/return")) {
		t.Errorf("led to %s", page)
	}
	state := stateIn(t, page)
	for _, r := range state {
		if !strings.ContainsRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", r) {
			t.Errorf("state %q: WeCom takes letters and digits", state)
		}
	}
	if to := b.get(t, "/auth/return?code=c&state="+state); to != "/a/it/seats?x=1" {
		t.Errorf("led to %s", to)
	}
	c := b.kept[secureCookie]
	if c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 30*24*60*60 {
		t.Fatalf("cookie %+v", c)
	}
	l, ok := h.logins[handler.HashToken(c.Value)]
	if !ok || l.UserID != "li" || l.CorpID != "wwA" || l.Agent != b.agent || l.Address == "" {
		t.Errorf("login %+v", l)
	}
	if len(h.audits) != 1 || h.audits[0].Action != "login.made" || h.audits[0].Actor != "member:li" || h.audits[0].After != `{"by":"wecom:it"}` {
		t.Errorf("audited %+v", h.audits)
	}
	// The state is used up, in this browser too.
	if to := b.get(t, "/auth/return?code=c2&state="+state); to != "/login?error=state" {
		t.Errorf("used again: %s", to)
	}
	// Who signs in again has one login.
	b.get(t, "/auth/return?code=c&state="+stateIn(t, b.get(t, "/auth/start?to=/")))
	if len(h.logins) != 1 {
		t.Errorf("%d logins of one browser", len(h.logins))
	}
	for _, secret := range []string{state, c.Value, "code=c"} {
		if strings.Contains(h.logged.String(), secret) {
			t.Errorf("%q is logged:\n%s", secret, &h.logged)
		}
	}
}

func TestSignIn_where_it_begins(t *testing.T) {
	t.Parallel()
	const inside = "Mozilla/5.0 (iPhone) wxwork/4.1 MicroMessenger/7.0"
	for _, tt := range []struct {
		name, agent, host, query string
		change                   func(*hall)
		want                     string
	}{
		{"inside WeCom", inside, "", "account=hr&to=/", nil, "https://wecom/inside?app=hr&"},
		{"elsewhere", "", "", "account=hr", nil, "https://wecom/qr?app=hr&"},
		{"as asked", "", "", "account=hr&by=wecom", nil, "https://wecom/inside?app=hr&"},
		{"as asked, the other way", inside, "", "by=web", nil, "https://wecom/qr?app=hr&"},
		{"no account that exists", "", "", "account=none", nil, "https://wecom/qr?app=hr&"},
		{"the page's account", "", "", "to=/a/it?x", nil, "https://wecom/qr?app=it&"},
		{"by another name of ours", "", "127.0.0.1:8080", "account=hr&to=/desk", nil, "https://desk.example.com/auth/start?account=hr&moved=1&to=%2Fdesk"},
		{"behind a proxy that changes the host", "", "inner:8080", "account=hr&moved=1", nil, "https://wecom/qr?app=hr&"},
		{"several corps", "", "", "to=/desk", func(h *hall) { h.accounts[1].CorpID = "wwB" }, "/login?error=choose&to=%2Fdesk"},
		{"several corps, one asked for", "", "", "account=it", func(h *hall) { h.accounts[1].CorpID = "wwB" }, "https://wecom/qr?app=it&"},
		{"an app without a secret", "", "", "account=hr", func(h *hall) { h.accounts[0].Secret = "" }, "https://wecom/qr?app=it&"},
		{"no account at all", "", "", "", func(h *hall) { h.accounts = nil }, "/login?error=no_account"},
	} {
		h := newHall()
		if tt.change != nil {
			tt.change(h)
		}
		b := newBrowser(h.open())
		if tt.agent != "" {
			b.agent = tt.agent
		}
		if tt.host != "" {
			b.host = tt.host
		}
		if to := b.get(t, "/auth/start?"+tt.query); !strings.HasPrefix(to, tt.want) {
			t.Errorf("%s: led to %s, want %s", tt.name, to, tt.want)
		}
	}
}

func TestSignIn_that_fails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*hall)
		code   string
		want   string
	}{
		{"a used code", func(h *hall) { h.refuse = &model.Error{Code: model.CodeUnauthenticated, Reason: "oauth_code"} }, "c", "/login?error=code&to=%2Fdesk"},
		{"WeCom refuses the address", func(h *hall) { h.refuse = errors.New("60020 not allow to access from your ip") }, "c", "/login?error=wecom&to=%2Fdesk"},
		{"somebody else", func(h *hall) { h.member = "" }, "c", "/login?error=not_member&to=%2Fdesk"},
		{"a linked corp's", func(h *hall) { h.member = "wwB/li" }, "c", "/login?error=not_member&to=%2Fdesk"},
		{"gave up", func(*hall) {}, "", "/login?error=cancelled&to=%2Fdesk"},
		{"without a role", func(h *hall) { h.member = "wang" }, "c", "/login?error=no_role"},
	} {
		h := newHall()
		tt.change(h)
		b := newBrowser(h.open())
		state := stateIn(t, b.get(t, "/auth/start?to=/desk"))
		if to := b.get(t, "/auth/return?code="+tt.code+"&state="+state); to != tt.want {
			t.Errorf("%s: led to %s, want %s", tt.name, to, tt.want)
		}
		if in := len(h.logins) == 1; in != (tt.name == "without a role") || len(h.audits) != 0 {
			t.Errorf("%s: logins %v, audited %v", tt.name, h.logins, h.audits)
		}
	}
}

// An employee without a role has pages of their own.
func TestSignIn_of_employees(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"/h5/", "/h5/logins", "/h5/records?service=it", "/h5", "/h5?account=it"} {
		h := newHall()
		h.member = "wang"
		b := newBrowser(h.open())
		state := stateIn(t, b.get(t, "/auth/start?to="+url.QueryEscape(to)))
		if got := b.get(t, "/auth/return?code=c&state="+state); got != to {
			t.Errorf("led to %s, want %s", got, to)
		}
	}
}

// Somebody who is sent the address that WeCom leads back to is not signed in as its sender.
func TestSignIn_in_another_browser(t *testing.T) {
	t.Parallel()
	h := newHall()
	site := h.open()
	mine, theirs := newBrowser(site), newBrowser(site)
	state := stateIn(t, mine.get(t, "/auth/start?to=/"))
	for range 2 {
		if to := theirs.get(t, "/auth/return?code=c&state="+state); to != "/login?error=state" || len(h.logins) != 0 {
			t.Errorf("led to %s with %d logins", to, len(h.logins))
		}
		theirs.get(t, "/auth/start?to=/") // they have begun one of their own
	}
	if to := mine.get(t, "/auth/return?code=c&state="); to != "/login?error=state" {
		t.Errorf("without a state: %s", to)
	}
	// Two tabs of one browser get on with each other.
	one, two := stateIn(t, mine.get(t, "/auth/start?to=/one")), stateIn(t, mine.get(t, "/auth/start?to=/two"))
	for state, want := range map[string]string{one: "/one", two: "/two"} {
		if to := mine.get(t, "/auth/return?code=c&state="+state); to != want {
			t.Errorf("led to %s, want %s", to, want)
		}
	}
}

// Signing in leads to pages of ours only.
func TestSignIn_leads_nowhere_else(t *testing.T) {
	t.Parallel()
	for _, to := range []string{
		"https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "/%09/evil", "\\\\evil", "evil", "javascript:alert(1)",
		"/a\nb", "/api/v1/me", "/auth/start", "/login?error=state", "https:/evil", "///evil.example.com", "/" + strings.Repeat("x", 1000), "",
	} {
		h := newHall()
		b := newBrowser(h.open())
		state := stateIn(t, b.get(t, "/auth/start?to="+url.QueryEscape(to)))
		if got := b.get(t, "/auth/return?code=c&state="+state); got != "/" && !(to == "/%09/evil" && got == to) {
			t.Errorf("%q led to %q", to, got)
		}
	}
}

func TestSignIn_too_often(t *testing.T) {
	t.Parallel()
	h := newHall()
	b := newBrowser(h.open())
	var last string
	for range 501 {
		last = b.get(t, "/auth/start?to=/desk")
	}
	if last != "/login?error=too_many&to=%2Fdesk" {
		t.Errorf("led to %s", last)
	}
	h.now = h.now.Add(time.Second)
	if last = b.get(t, "/auth/start?to=/"); !strings.HasPrefix(last, "https://wecom/") {
		t.Errorf("later: led to %s", last)
	}
}

// A link signs in once, whoever has it, for half a day; a click signs in to the demo alone.
func TestSignInByLinkAndDemo(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.links[handler.HashToken("L")] = true
	b := newBrowser(h.open())
	const path = "/api/v1/logins"
	for _, tt := range []struct {
		body   string
		status int
		want   string // user of the login
	}{
		{`{"link":"other"}`, http.StatusUnauthorized, ""},
		{`{"demo":"nobody"}`, http.StatusForbidden, ""},
		{`{}`, http.StatusForbidden, ""},
		{`{"link":"L"}`, http.StatusNoContent, "login-link"},
		{`{"link":"L"}`, http.StatusUnauthorized, ""},
		{`{"demo":"li"}`, http.StatusNoContent, "member:li"},
	} {
		h.audits = nil
		b.kept = map[string]*http.Cookie{}
		b.send(t, http.MethodPost, path, tt.body)
		made := ""
		if len(h.audits) == 1 {
			made = h.audits[0].Actor
		}
		if b.answer.Code != tt.status || made != tt.want || (b.kept[secureCookie] != nil) != (tt.want != "") {
			t.Errorf("%s: %d %s, %q signed in, cookies %v", tt.body, b.answer.Code, b.answer.Body, made, b.kept)
		}
		if c := b.kept[secureCookie]; tt.want == "login-link" && c.MaxAge != 12*60*60 {
			t.Errorf("a login by link lasts %d s", c.MaxAge)
		}
	}
	b.send(t, http.MethodPost, "/api/v1/logout", "")
	if b.answer.Code != http.StatusNoContent || b.kept[secureCookie] != nil {
		t.Errorf("signed out: %d, %v", b.answer.Code, b.kept)
	}
	b.send(t, http.MethodPost, "/api/v1/logout", "")
	if b.answer.Code != http.StatusNoContent {
		t.Errorf("signed out twice: %d %s", b.answer.Code, b.answer.Body)
	}
	for range 20 {
		b.send(t, http.MethodPost, path, `{"link":"guess"}`)
	}
	if b.answer.Code != http.StatusTooManyRequests {
		t.Errorf("after many guesses: %d %s", b.answer.Code, b.answer.Body)
	}
}

func TestLoginOptions(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.accounts = append(h.accounts, model.Account{Key: "draft", CorpID: "wwA"})
	b := newBrowser(h.open())
	var got struct {
		WeCom []map[string]string
		Demo  []map[string]string
	}
	if err := json.Unmarshal([]byte(b.get(t, "/api/v1/login-options")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.WeCom) != 2 || got.WeCom[1]["account"] != "it" || got.WeCom[0]["corp_id"] != "wwA" || len(got.Demo) != 1 || got.Demo[0]["name"] != "李" {
		t.Errorf("%+v", got)
	}
}
