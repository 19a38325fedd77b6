package wecomsim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"deskmate/wecom/wecomsim"
)

func TestGetToken(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	corp := "corpid=" + e.CorpID()
	tests := []struct {
		name, query string
		want        int
	}{
		{"nothing at all asks for the secret first", "", 41004},
		{"no secret", corp, 41004},
		{"no corp", "corpsecret=" + secret, 41002},
		{"another corp", "corpid=ww1&corpsecret=" + secret, 40013},
		{"wrong secret", corp + "&corpsecret=x", 40001},
		{"right", corp + "&corpsecret=" + secret, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reply := e.get(t, "gettoken?"+tt.query)
			refused(t, reply, tt.want)
			if tt.want != 0 && !strings.Contains(reply["errmsg"].(string), "from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com") {
				t.Errorf("errmsg %q is not in WeCom's style", reply["errmsg"])
			}
		})
	}
}

func TestTokenLife(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	if got := e.tokenOf(t, secret); got != e.token {
		t.Error("a second gettoken gave another token")
	}
	if got := e.tokenOf(t, otherSecret); got == e.token {
		t.Error("two apps share a token")
	}
	e.clock.advance(2*time.Hour - time.Second)
	accepted(t, e.get(t, "agent/list"))
	e.clock.advance(time.Second)
	refused(t, e.get(t, "agent/list"), 42001)
	if got := e.tokenOf(t, secret); got == e.token {
		t.Error("an expired token was given again")
	}
}

func TestTokenTakenAway(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(*env) error
		want int
	}{
		{"expired", func(e *env) error { e.ExpireTokens(); return nil }, 42001},
		{"forgotten", func(e *env) error { e.InvalidateTokens(); return nil }, 40014},
		{"new secret", func(e *env) error { return e.RotateSecret(agent, "new") }, 40014},
		{"app stopped", func(e *env) error { return e.SetAppEnabled(agent, false) }, 50003},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			if err := tt.do(e); err != nil {
				t.Fatal(err)
			}
			refused(t, e.get(t, "agent/list"), tt.want)
		})
	}
}

func TestTokenAfterNewSecret(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	if err := e.RotateSecret(agent, "new"); err != nil {
		t.Fatal(err)
	}
	refused(t, e.get(t, "gettoken?corpid="+e.CorpID()+"&corpsecret="+secret), 40001)
	e.token = e.tokenOf(t, "new")
	accepted(t, e.get(t, "agent/list"))
	if err := e.SetAppEnabled(agent, false); err != nil {
		t.Fatal(err)
	}
	refused(t, e.get(t, "gettoken?corpid="+e.CorpID()+"&corpsecret=new"), 40001)
	if err := e.RotateSecret(1, "x"); err == nil {
		t.Error("an unknown app got a secret")
	}
}

func TestTokenOnlyFromQuery(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.api.URL+"/cgi-bin/message/send",
		strings.NewReader(`{"access_token":"`+e.token+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+e.token)
	resp, err := e.api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	calls := e.Calls()
	if got := calls[len(calls)-1].ErrCode; got != 41001 {
		t.Errorf("errcode %d, want 41001", got)
	}
	refused(t, e.get(t, "agent/list?access_token=made-up"), 40014)
}

func TestSeedRepeatsTokens(t *testing.T) {
	t.Parallel()
	first, second := newEnv(t), newEnv(t)
	if first.token != second.token {
		t.Error("the same seed gave two tokens")
	}
	if a, b := wecomsim.New(wecomsim.Config{}), wecomsim.New(wecomsim.Config{}); a.CorpID() != b.CorpID() || a.CorpID() == "" {
		t.Error("the default corp differs")
	}
}

func TestUnknownPath(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for _, path := range []string{"message/sent", "../index.html", ""} {
		if status, _ := e.raw(t, http.MethodGet, path, nil); status != http.StatusNotFound {
			t.Errorf("%q answered %d, want 404", path, status)
		}
	}
	refused(t, e.get(t, "message/send"), 43002)
	refused(t, e.post(t, "agent/list", "{}"), 43001)
}

func TestTickets(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	corp := accepted(t, e.get(t, "get_jsapi_ticket"))
	app := accepted(t, e.get(t, "ticket/get?type=agent_config"))
	if corp["ticket"] == app["ticket"] || corp["expires_in"].(float64) != 7200 {
		t.Errorf("tickets %v and %v", corp, app)
	}
	e.clock.advance(time.Hour)
	if again := e.get(t, "get_jsapi_ticket"); again["ticket"] != corp["ticket"] || again["expires_in"].(float64) != 7200 {
		t.Errorf("a second fetch gave %v", again)
	}
	refused(t, e.get(t, "ticket/get"), 91040)
	e.clock.advance(time.Hour)
	e.token = e.tokenOf(t, secret)
	if again := e.get(t, "get_jsapi_ticket"); again["ticket"] == corp["ticket"] {
		t.Error("an expired ticket was given again")
	}
	for _, path := range []string{"getcallbackip", "get_api_domain_ip"} {
		if list := accepted(t, e.get(t, path))["ip_list"].([]any); len(list) < 2 {
			t.Errorf("%s lists %v", path, list)
		}
	}
}
