package wecom_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/silenceper/wechat/v2/util"

	"deskmate/model"
	"deskmate/wecom"
)

func TestSignInPages(t *testing.T) {
	t.Parallel()
	const redirect, state = "https://desk.example/auth?next=/desk&x=1", "abc123"
	tests := []struct {
		name string
		cfg  wecom.Config
		page func(*wecom.Client) string
		want string
	}{
		{
			"inside",
			wecom.Config{},
			func(c *wecom.Client) string { return c.OAuthURL(account(), redirect, state) },
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww1234567890ABCDEF&redirect_uri=https%3A%2F%2Fdesk.example%2Fauth%3Fnext%3D%2Fdesk%26x%3D1" +
				"&response_type=code&scope=snsapi_base&state=abc123&agentid=1000002#wechat_redirect",
		},
		{
			"browser",
			wecom.Config{},
			func(c *wecom.Client) string { return c.LoginURL(account(), redirect, state) },
			"https://login.work.weixin.qq.com/wwlogin/sso/login?agentid=1000002&appid=ww1234567890ABCDEF&login_type=CorpApp" +
				"&redirect_uri=https%3A%2F%2Fdesk.example%2Fauth%3Fnext%3D%2Fdesk%26x%3D1&state=abc123",
		},
		{
			"inside_a_simulator",
			wecom.Config{OAuthBase: "http://sim:1/x/"},
			func(c *wecom.Client) string { return c.OAuthURL(account(), "u", "s") },
			"http://sim:1/x/connect/oauth2/authorize?appid=ww1234567890ABCDEF&redirect_uri=u&response_type=code&scope=snsapi_base&state=s&agentid=1000002#wechat_redirect",
		},
		{
			"browser_of_a_simulator",
			wecom.Config{LoginBase: "http://sim:1"},
			func(c *wecom.Client) string { return c.LoginURL(account(), "u", "s") },
			"http://sim:1/wwlogin/sso/login?agentid=1000002&appid=ww1234567890ABCDEF&login_type=CorpApp&redirect_uri=u&state=s",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.page(mustClient(t, tt.cfg))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUserFromCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, code, answer string
		want               wecom.UserInfo
		reason             string
	}{
		{"member", "c1", `{"errcode":0,"userid":"ZhangSan","user_ticket":"t"}`, wecom.UserInfo{UserID: "ZhangSan"}, ""},
		{"somebody_else", "c1", `{"errcode":0,"openid":"o1","external_userid":"e"}`, wecom.UserInfo{OpenID: "o1"}, ""},
		{"used_code", "c1", `{"errcode":40029,"errmsg":"invalid code"}`, wecom.UserInfo{}, "oauth_code"},
		{"used_code_too", "c1", `{"errcode":42022,"errmsg":"code used"}`, wecom.UserInfo{}, "oauth_code"},
		{"no_code", "", `{"errcode":0,"userid":"ZhangSan"}`, wecom.UserInfo{}, "oauth_code"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("auth/getuserinfo", tt.answer)
			got, err := a.client().UserFromCode(t.Context(), account(), tt.code)
			if reasonOf(err) != tt.reason || (err != nil) != (tt.reason != "") {
				t.Errorf("got %v", err)
			}
			if err != nil && model.CodeOf(err) != model.CodeUnauthenticated {
				t.Errorf("is %s", model.CodeOf(err))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("code_with_a_parameter_in_it", func(t *testing.T) {
		t.Parallel()
		a := newAPI(t)
		a.on("auth/getuserinfo", `{"errcode":0,"userid":"u"}`)
		if _, err := a.client().UserFromCode(t.Context(), account(), "x&access_token=y#z"); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"access_token": "token-1", "code": "x&access_token=y#z"}
		if diff := cmp.Diff(want, a.last("auth/getuserinfo").query); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSignPage(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("get_jsapi_ticket", `{"errcode":0,"ticket":"corp-ticket","expires_in":7200}`)
	a.handle("ticket/get", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("type") != "agent_config" {
			reply(w, `{"errcode":91040}`)
			return
		}
		reply(w, `{"errcode":0,"ticket":"agent-ticket","expires_in":7200}`)
	})
	c := mustClient(t, wecom.Config{BaseURL: a.URL, Now: newClock().now})
	for ticket, text := range map[wecom.JSTicket]string{wecom.JSCorp: "corp-ticket", wecom.JSAgent: "agent-ticket"} {
		for range 2 {
			got, err := c.SignPage(t.Context(), account(), ticket, "https://desk.example/desk?a=1#part")
			if err != nil {
				t.Fatal(err)
			}
			want := wecom.JSConfig{CorpID: corpID, AgentID: agentID, Timestamp: 1_700_000_000, Nonce: got.Nonce}
			want.Signature = util.Signature("jsapi_ticket=" + text + "&noncestr=" + got.Nonce + "&timestamp=1700000000&url=https://desk.example/desk?a=1")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if got.Nonce == "" {
				t.Error("no nonce")
			}
		}
	}
	for _, path := range []string{"gettoken", "get_jsapi_ticket", "ticket/get"} {
		if n := len(a.asked(path)); n != 1 {
			t.Errorf("%s was called %d times", path, n)
		}
	}
}

func TestSignPageRefused(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("get_jsapi_ticket", `{"errcode":48002,"errmsg":"api forbidden"}`)
	if _, err := a.client().SignPage(t.Context(), account(), wecom.JSCorp, "https://p"); codeOf(err) != 48002 {
		t.Errorf("got %v", err)
	}
	a.on("get_jsapi_ticket", `{"errcode":0}`)
	if _, err := a.client().SignPage(t.Context(), account(), wecom.JSCorp, "https://p"); err == nil {
		t.Error("an empty ticket is taken")
	}
}
