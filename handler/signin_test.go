package handler_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"deskmate/handler"
	"deskmate/model"
)

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
		if got := b.get(t, "/auth/return?code=c&state="+state); got != "/" && (to != "/%09/evil" || got != to) {
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
