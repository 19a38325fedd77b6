package wecomsim_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

func TestAgentGet(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	if err := e.SetVisible(agent, []string{"ZHANGSAN"}, []int64{4}); err != nil {
		t.Fatal(err)
	}
	reply := accepted(t, e.get(t, "agent/get?agentid=1000002"))
	users := map[string]any{"user": []any{map[string]any{"userid": "ZhangSan"}}}
	if diff := cmp.Diff(users, reply["allow_userinfos"]); diff != "" {
		t.Errorf("allow_userinfos (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"partyid": []any{4.0}}, reply["allow_partys"]); diff != "" {
		t.Errorf("allow_partys (-want +got):\n%s", diff)
	}
	if reply["name"] != "员工服务" || reply["isreportenter"].(float64) != 1 {
		t.Errorf("reply %v", reply)
	}
	refused(t, e.get(t, "agent/get"), 41011)
	refused(t, e.get(t, "agent/get?agentid=x"), 40056)
	refused(t, e.get(t, "agent/get?agentid=1000003"), 301002)
	list := accepted(t, e.get(t, "agent/list"))["agentlist"].([]any)
	if len(list) != 1 {
		t.Errorf("agent/list gave %v", list)
	}
}

func TestAgentSet(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	logo := accepted(t, e.upload(t, "image", "media", "a.png", png()))["media_id"]
	tests := []struct {
		name   string
		fields map[string]any
		want   int
	}{
		{"all of it", map[string]any{
			"name": "新名字", "description": "四个字的", "home_url": "https://a.example/h5",
			"redirect_domain": "a.example", "report_location_flag": 1, "isreportenter": 0, "logo_mediaid": logo,
		}, 0},
		{"agentid as a string", map[string]any{"agentid": "1000002"}, 40056},
		{"a long name", map[string]any{"name": strings.Repeat("字", 33)}, 40058},
		{"a short description", map[string]any{"description": "三个字"}, 40058},
		{"a domain with a scheme", map[string]any{"redirect_domain": "https://a.example"}, 85005},
		{"a flag of 2", map[string]any{"isreportenter": 2}, 40058},
		{"a home page without scheme", map[string]any{"home_url": "a.example"}, 45034},
		{"an unknown logo", map[string]any{"logo_mediaid": "x"}, 40007},
	}
	for _, tt := range tests {
		refusedNamed(t, tt.name, e.post(t, "agent/set", patch(map[string]any{"agentid": agent}, tt.fields)), tt.want)
	}
	reply := accepted(t, e.get(t, "agent/get?agentid=1000002"))
	if reply["name"] != "新名字" || reply["redirect_domain"] != "a.example" || reply["isreportenter"].(float64) != 0 {
		t.Errorf("reply %v", reply)
	}
}

func refusedNamed(t testing.TB, name string, reply map[string]any, want int) {
	t.Helper()
	if got := code(t, reply); got != want {
		t.Errorf("%s: errcode %d (%v), want %d", name, got, reply["errmsg"], want)
	}
}

func TestMenu(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	const at = "?agentid=1000002"
	refused(t, e.get(t, "menu/get"+at), 46003)
	click := map[string]any{"type": "click", "name": "转人工", "key": "human"}
	view := map[string]any{"type": "view", "name": "我的", "url": "https://a.example/h5"}
	top := func(b ...any) map[string]any { return map[string]any{"button": b} }
	parent := func(sub ...any) map[string]any { return map[string]any{"name": "更多", "sub_button": sub} }
	tests := []struct {
		name string
		menu map[string]any
		want int
	}{
		{"no buttons", top(), 40016},
		{"four buttons", top(click, click, click, click), 40016},
		{"no name", top(patch(click, map[string]any{"name": nil})), 41102},
		{"six characters", top(patch(click, map[string]any{"name": "一二三四五六"})), 40018},
		{"no type", top(patch(click, map[string]any{"type": nil})), 40017},
		{"no key", top(patch(click, map[string]any{"key": nil})), 40019},
		{"a long key", top(patch(click, map[string]any{"key": strings.Repeat("k", 129)})), 40019},
		{"a long url", top(patch(view, map[string]any{"url": "https://a.example/" + strings.Repeat("k", 1024)})), 40020},
		{"a url without scheme", top(patch(view, map[string]any{"url": "a.example"})), 40054},
		{"six below", top(parent(click, click, click, click, click, click)), 40023},
		{"a type above others", top(patch(parent(click), map[string]any{"type": "click"})), 40017},
		{"three levels", top(parent(parent(click))), 40022},
		{"a long name below", top(parent(patch(click, map[string]any{"name": strings.Repeat("x", 41)}))), 40025},
		{"no key below", top(parent(patch(click, map[string]any{"key": nil}))), 40026},
		{"a bad url below", top(parent(patch(view, map[string]any{"url": "x"}))), 40055},
		{"a mini-program of no app", top(map[string]any{"type": "view_miniprogram", "name": "a"}), 40058},
	}
	for _, tt := range tests {
		refusedNamed(t, tt.name, e.post(t, "menu/create"+at, tt.menu), tt.want)
	}
	refused(t, e.post(t, "menu/create", top(click)), 41011)
	accepted(t, e.post(t, "menu/create"+at, top(click, parent(view))))
	want := []any{click, map[string]any{"name": "更多", "sub_button": []any{view}}}
	if diff := cmp.Diff(want, accepted(t, e.get(t, "menu/get"+at))["button"]); diff != "" {
		t.Errorf("menu (-want +got):\n%s", diff)
	}
	shown := []wecomsim.MenuItem{
		{Type: "click", Name: "转人工", Key: "human"},
		{Name: "更多", Sub: []wecomsim.MenuItem{{Type: "view", Name: "我的", URL: "https://a.example/h5"}}},
	}
	if diff := cmp.Diff(shown, e.Menu(agent)); diff != "" {
		t.Errorf("phones show (-want +got):\n%s", diff)
	}
	accepted(t, e.get(t, "menu/delete"+at))
	refused(t, e.get(t, "menu/get"+at), 46003)
	if e.Menu(agent) != nil {
		t.Error("the menu is still shown")
	}
}
