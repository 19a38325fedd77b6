package wecomsim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"deskmate/wecom/wecomsim"
)

// open opens a page as a browser that shows redirects.
func (e *env) open(t testing.TB, path string) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.api.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(body)
}

// authorize is the query of the sign-in page.
func authorize(e *env, changes map[string]string) string {
	q := url.Values{
		"appid": {e.CorpID()}, "redirect_uri": {"https://desk.example/login?next=1"}, "response_type": {"code"},
		"scope": {"snsapi_base"}, "state": {"abc123"}, "agentid": {"1000002"}, "as": {"zhangsan"},
	}
	for k, v := range changes {
		q.Set(k, v)
	}
	return "/connect/oauth2/authorize?" + q.Encode()
}

// signIn opens the sign-in page and gives the code it redirects with.
func (e *env) signIn(t testing.TB, path string) string {
	t.Helper()
	status, location, body := e.open(t, path)
	if status != http.StatusFound {
		t.Fatalf("status %d: %s", status, body)
	}
	to, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	if q := to.Query(); to.Host != "desk.example" || q.Get("state") != "abc123" || q.Get("next") != "1" || q.Get("code") == "" {
		t.Fatalf("redirected to %s", location)
	}
	return to.Query().Get("code")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	code := e.signIn(t, authorize(e, nil))
	who := accepted(t, e.get(t, "auth/getuserinfo?code="+code))
	if who["userid"] != "ZhangSan" || who["user_ticket"] != nil {
		t.Errorf("reply %v", who)
	}
	refused(t, e.get(t, "auth/getuserinfo?code="+code), 42022)
	refused(t, e.get(t, "auth/getuserinfo?code=x"), 40029)
	refused(t, e.get(t, "auth/getuserinfo"), 40029)
	late := e.signIn(t, authorize(e, nil))
	e.clock.advance(5 * time.Minute)
	refused(t, e.get(t, "auth/getuserinfo?code="+late), 40029)
	outside := e.signIn(t, authorize(e, map[string]string{"as": "wangwu"}))
	if who := accepted(t, e.get(t, "auth/getuserinfo?code="+outside)); who["userid"] != "wangwu" {
		t.Errorf("a member outside the visible range gave %v", who)
	}
	stranger := e.signIn(t, authorize(e, map[string]string{"as": wecomsim.Outsider}))
	if who := accepted(t, e.get(t, "auth/getuserinfo?code="+stranger)); who["userid"] != nil || who["openid"] == nil {
		t.Errorf("somebody who is no member gave %v", who)
	}
}

// Whoever opens a page on a phone isn't asked who signs in, once.
func TestSignInOnAPhone(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	open := func(path, userID string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.api.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.AddCookie(wecomsim.PhoneCookie(userID))
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp
	}
	nobody := map[string]string{"as": ""}
	to, err := open(authorize(e, nobody), "ZhangSan").Location() //nolint:bodyclose // open closes it
	if err != nil {
		t.Fatal(err)
	}
	if who := accepted(t, e.get(t, "auth/getuserinfo?code="+to.Query().Get("code"))); who["userid"] != "ZhangSan" {
		t.Errorf("signed in as %v", who)
	}
	if resp := open(authorize(e, nobody), "nobody"); resp.StatusCode != http.StatusOK { //nolint:bodyclose // the same
		t.Errorf("a phone of nobody's: %d", resp.StatusCode)
	}
	web := "/wwlogin/sso/login?" + url.Values{
		"login_type": {"CorpApp"}, "appid": {e.CorpID()}, "agentid": {"1000002"}, "redirect_uri": {"https://desk.example/login"}, "state": {"x"},
	}.Encode()
	resp := open(web, "ZhangSan") //nolint:bodyclose // the same
	if gone := resp.Cookies(); resp.StatusCode != http.StatusFound || len(gone) != 1 || gone[0].MaxAge >= 0 {
		t.Errorf("the other sign-in: %d, cookies %v", resp.StatusCode, gone)
	}
}

func TestSignInWithConsent(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	private := map[string]string{"scope": "snsapi_privateinfo"}
	code := e.signIn(t, authorize(e, private))
	ticket := accepted(t, e.get(t, "auth/getuserinfo?code="+code))["user_ticket"]
	detail := accepted(t, e.post(t, "auth/getuserdetail", map[string]any{"user_ticket": ticket}))
	if detail["mobile"] != "13800000000" || detail["gender"] != "0" {
		t.Errorf("reply %v", detail)
	}
	refused(t, e.post(t, "auth/getuserdetail", map[string]any{"user_ticket": "x"}), 84015)
	e.clock.advance(30 * time.Minute)
	refused(t, e.post(t, "auth/getuserdetail", map[string]any{"user_ticket": ticket}), 84014)
	private["as"] = "wangwu"
	code = e.signIn(t, authorize(e, private))
	if who := accepted(t, e.get(t, "auth/getuserinfo?code="+code)); who["user_ticket"] != nil {
		t.Error("a member outside the visible range gave a user_ticket")
	}
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	if err := e.AddApp(wecomsim.App{
		AgentID: agent, Secret: secret, VisibleDepartments: []int64{2}, TrustedDomain: "desk.example",
	}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		changes map[string]string
		want    string
	}{
		{"another corp", map[string]string{"appid": "ww1"}, "40013"},
		{"another domain", map[string]string{"redirect_uri": "https://evil.example/"}, "50001"},
		{"no address", map[string]string{"redirect_uri": "/login"}, "50001"},
		{"no response_type", map[string]string{"response_type": ""}, "40058"},
		{"unknown scope", map[string]string{"scope": "snsapi_userinfo"}, "40058"},
		{"consent without app", map[string]string{"scope": "snsapi_privateinfo", "agentid": ""}, "41011"},
		{"a state with a dash", map[string]string{"state": "a-b"}, "40058"},
		{"unknown app", map[string]string{"agentid": "7"}, "40056"},
		{"unknown member", map[string]string{"as": "nobody"}, "60111"},
	}
	for _, tt := range tests {
		status, location, body := e.open(t, authorize(e, tt.changes))
		if status != http.StatusOK || location != "" || !strings.Contains(body, `"errcode":`+tt.want) {
			t.Errorf("%s: status %d, %s", tt.name, status, body)
		}
	}
	e.signIn(t, authorize(e, nil))
}

func TestSignInPage(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	status, _, body := e.open(t, authorize(e, map[string]string{"as": ""}))
	if status != http.StatusOK || !strings.Contains(body, "张三") || !strings.Contains(body, "as=ZhangSan") {
		t.Errorf("status %d: %s", status, body)
	}
	web := "/wwlogin/sso/login?" + query("login_type", "CorpApp", "appid", e.CorpID(), "agentid", "1000002",
		"redirect_uri", "https://desk.example/login?next=1", "state", "abc123", "as", "lisi")
	code := e.signIn(t, web)
	if who := accepted(t, e.get(t, "auth/getuserinfo?code="+code)); who["userid"] != "lisi" {
		t.Errorf("reply %v", who)
	}
	if _, _, body := e.open(t, strings.Replace(web, "CorpApp", "ServiceApp", 1)); !strings.Contains(body, "40058") {
		t.Errorf("another login_type gave %s", body)
	}
}

func TestOldSignIn(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	page := "/wwopen/sso/qrConnect?" + query("appid", e.CorpID(), "agentid", "1000002",
		"redirect_uri", "https://desk.example/login?next=1", "state", "abc123", "as", "lisi")
	code := e.signIn(t, page)
	if who := accepted(t, e.get(t, "user/getuserinfo?code="+code)); who["UserId"] != "lisi" || who["userid"] != nil {
		t.Errorf("reply %v", who)
	}
	refused(t, e.get(t, "user/getuserinfo?code="+code), 42022)
	stranger := e.signIn(t, authorize(e, map[string]string{"as": wecomsim.Outsider}))
	if who := accepted(t, e.get(t, "user/getuserinfo?code="+stranger)); who["UserId"] != nil || who["OpenId"] == "" {
		t.Errorf("reply %v", who)
	}
}

func TestSignInOfWhoLeft(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	if _, _, body := e.open(t, authorize(e, map[string]string{"as": "gone"})); !strings.Contains(body, `"errcode":60111`) {
		t.Errorf("somebody who left signed in: %s", body)
	}
	if _, _, body := e.open(t, authorize(e, map[string]string{"as": ""})); strings.Contains(body, "as=gone") {
		t.Error("the page offers somebody who left")
	}
	code := e.signIn(t, authorize(e, nil))
	if err := e.RenameMember("ZhangSan", "ZhangSan2"); err != nil {
		t.Fatal(err)
	}
	if who := accepted(t, e.get(t, "auth/getuserinfo?code="+code)); who["userid"] != "ZhangSan2" {
		t.Errorf("a renamed member gave %v", who)
	}
	if err := e.SetAppEnabled(agent, false); err != nil {
		t.Fatal(err)
	}
	if _, _, body := e.open(t, authorize(e, nil)); !strings.Contains(body, `"errcode":50003`) {
		t.Errorf("a disabled app signed in: %s", body)
	}
}

func TestSignInWithoutApp(t *testing.T) {
	t.Parallel()
	s := wecomsim.New(wecomsim.Config{})
	for _, err := range []error{
		s.AddMember(wecomsim.Member{UserID: "lisi"}),
		s.AddApp(wecomsim.App{AgentID: agent, Secret: secret, TrustedDomain: "desk.example"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	e := &env{Server: s, api: httptest.NewServer(s)}
	t.Cleanup(e.api.Close)
	e.signIn(t, authorize(e, map[string]string{"agentid": "", "as": "lisi"}))
	_, _, body := e.open(t, authorize(e, map[string]string{"agentid": "", "as": "lisi", "redirect_uri": "https://evil.example/"}))
	if !strings.Contains(body, `"errcode":50001`) {
		t.Errorf("a domain that no app trusts: %s", body)
	}
}

func TestUserTicketIsTheApps(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	code := e.signIn(t, authorize(e, map[string]string{"scope": "snsapi_privateinfo"}))
	ticket := accepted(t, e.get(t, "auth/getuserinfo?code="+code))["user_ticket"]
	e.token = e.tokenOf(t, otherSecret)
	refused(t, e.post(t, "auth/getuserdetail", map[string]any{"user_ticket": ticket}), 84015)
}
