package wecom_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom"
)

func TestAgentGet(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("agent/get", `{"errcode":0,"errmsg":"ok","agentid":1000002,"name":"HR助手","square_logo_url":"https://l","description":"详情",
		"allow_userinfos":{"user":[{"userid":"ZhangSan"},{"userid":"lisi"}]},"allow_partys":{"partyid":[1,3]},"allow_tags":{"tagid":[5]},
		"close":1,"redirect_domain":"desk.example","report_location_flag":0,"isreportenter":1,"home_url":"https://desk.example/h5"}`)
	want := wecom.AgentInfo{
		AgentID: 1000002, Name: "HR助手", Description: "详情", Closed: true, Users: []string{"ZhangSan", "lisi"},
		Departments: []int64{1, 3}, Tags: []int64{5}, RedirectDomain: "desk.example", HomeURL: "https://desk.example/h5", ReportEnter: true,
	}
	got, err := a.client().Ping(t.Context(), account())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := a.last("agent/get").query["agentid"]; got != "1000002" {
		t.Errorf("asked for app %q", got)
	}
}

func TestPingNamesWhatFails(t *testing.T) {
	t.Parallel()
	t.Run("secret", func(t *testing.T) {
		t.Parallel()
		acc := account()
		acc.Secret = "wrong"
		_, err := newAPI(t).client().Ping(t.Context(), acc)
		if codeOf(err) != 40001 || !strings.Contains(err.Error(), "gettoken") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("address", func(t *testing.T) {
		t.Parallel()
		a := newAPI(t)
		a.on("agent/get", `{"errcode":60020,"errmsg":"not allow to access from your ip, from ip: 1.2.3.4"}`)
		_, err := a.client().Ping(t.Context(), account())
		if codeOf(err) != 60020 || !strings.Contains(err.Error(), "from ip: 1.2.3.4") {
			t.Errorf("got %v", err)
		}
	})
}

func TestAgentSet(t *testing.T) {
	t.Parallel()
	off := false
	tests := []struct {
		name     string
		settings wecom.AgentSettings
		want     string
	}{
		{"home", wecom.AgentSettings{HomeURL: "https://d/?a=1&b"}, `{"agentid":1000002,"home_url":"https://d/?a=1&b"}`},
		{"name_and_enter", wecom.AgentSettings{Name: "名", Description: "四字以上", ReportEnter: &off}, `{"agentid":1000002,"name":"名","description":"四字以上","isreportenter":0}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("agent/set", `{"errcode":0}`)
			if err := a.client().AgentSet(t.Context(), account(), tt.settings); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(mustJSON(t, tt.want), mustJSON(t, a.last("agent/set").body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCallbackIPs(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("getcallbackip", `{"errcode":0,"ip_list":["1.2.3.4","101.226.103.*","10.1.*.*","10.0.0.0/8","2402:4e00::1","*.1.2.3","what"]}`)
	var log logBuffer
	got, err := mustClient(t, wecom.Config{BaseURL: a.URL, Log: log.logger()}).CallbackIPs(t.Context(), account())
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, prefix := range got {
		texts = append(texts, prefix.String())
	}
	want := []string{"1.2.3.4/32", "101.226.103.0/24", "10.1.0.0/16", "10.0.0.0/8", "2402:4e00::1/128"}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(log.String(), "callback address not understood"); n != 2 {
		t.Errorf("%d addresses were reported", n)
	}
}

func TestMenuCreate(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("menu/create", `{"errcode":0}`)
	err := a.client().MenuCreate(t.Context(), account(), []wecom.MenuButton{
		{Name: "转人工", Key: "handoff"},
		{Name: "服务", URL: "https://d/w?a=1&b=2"},
		{Name: "我的", Sub: []wecom.MenuButton{{Name: "我的服务记录在这里", URL: "https://d/me"}, {Name: "帮助", Key: "help"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"button":[{"type":"click","name":"转人工","key":"handoff"},{"type":"view","name":"服务","url":"https://d/w?a=1&b=2"},
		{"name":"我的","sub_button":[{"type":"view","name":"我的服务记录在这里","url":"https://d/me"},{"type":"click","name":"帮助","key":"help"}]}]}`
	call := a.last("menu/create")
	if diff := cmp.Diff(mustJSON(t, want), mustJSON(t, call.body)); diff != "" {
		t.Error(diff)
	}
	if call.query["agentid"] != "1000002" || strings.Contains(call.body, `\u`) {
		t.Errorf("sent %v %s", call.query, call.body)
	}
}

func TestMenuCreateRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	one := func(b wecom.MenuButton) []wecom.MenuButton { return []wecom.MenuButton{b} }
	button := wecom.MenuButton{Name: "n", Key: "k"}
	sub := func(bs ...wecom.MenuButton) []wecom.MenuButton { return one(wecom.MenuButton{Name: "n", Sub: bs}) }
	tests := []struct {
		name    string
		buttons []wecom.MenuButton
	}{
		{"nothing", nil},
		{"four", []wecom.MenuButton{button, button, button, button}},
		{"six_below", sub(button, button, button, button, button, button)},
		{"three_levels", sub(wecom.MenuButton{Name: "n", Sub: one(button)})},
		{"no_name", one(wecom.MenuButton{Key: "k"})},
		{"long_name", one(wecom.MenuButton{Name: "六个汉字太长", Key: "k"})},
		{"long_name_below", sub(wecom.MenuButton{Name: strings.Repeat("n", 41), Key: "k"})},
		{"long_name_above", one(wecom.MenuButton{Name: strings.Repeat("n", 17), Sub: one(button)})},
		{"nothing_to_do", one(wecom.MenuButton{Name: "n"})},
		{"two_things_to_do", one(wecom.MenuButton{Name: "n", Key: "k", URL: "https://d"})},
		{"key_and_buttons", one(wecom.MenuButton{Name: "n", Key: "k", Sub: one(button)})},
		{"long_key", one(wecom.MenuButton{Name: "n", Key: strings.Repeat("k", 129)})},
		{"long_url", one(wecom.MenuButton{Name: "n", URL: "https://d/" + strings.Repeat("u", 1024)})},
		{"another_url", one(wecom.MenuButton{Name: "n", URL: "ftp://d"})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			if err := a.client().MenuCreate(t.Context(), account(), tt.buttons); reasonOf(err) != "bad_menu" {
				t.Errorf("got %v", err)
			}
			if n := len(a.asked("gettoken")); n != 0 {
				t.Error("WeCom was called")
			}
		})
	}
}

func TestMenuDelete(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer string
		code   int64
	}{
		"there": {`{"errcode":0}`, 0}, "none": {`{"errcode":46003,"errmsg":"menu no exist"}`, 0}, "refused": {`{"errcode":48002}`, 48002},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("menu/delete", tt.answer)
			err := a.client().MenuDelete(t.Context(), account())
			if codeOf(err) != tt.code || (err != nil) != (tt.code != 0) {
				t.Errorf("got %v", err)
			}
		})
	}
}
