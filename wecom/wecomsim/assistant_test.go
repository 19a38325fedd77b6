package wecomsim_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

// newAssistantEnv is a corp whose token is that of the contact assistant.
func newAssistantEnv(t testing.TB) *env {
	t.Helper()
	s := wecomsim.New(wecomsim.Config{ContactSecret: "contacts"})
	for _, err := range []error{
		s.AddDepartment(2, 1, "财务部"),
		s.AddMember(wecomsim.Member{UserID: "ZhangSan", Name: "张三", Departments: []int64{2, 1}}),
		s.AddMember(wecomsim.Member{UserID: "lisi", Name: "李四"}),
		s.AddApp(wecomsim.App{AgentID: agent, Secret: secret}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	e := &env{Server: s, api: httptest.NewServer(s)}
	t.Cleanup(e.api.Close)
	e.token = e.tokenOf(t, "contacts")
	return e
}

func TestAssistant(t *testing.T) {
	t.Parallel()
	e := newAssistantEnv(t)
	for _, path := range []string{
		"user/get?userid=lisi", "user/list?department_id=1", "user/simplelist?department_id=1", "department/list",
		"department/get?id=1", "tag/list", "tag/get?tagid=1",
	} {
		refusedNamed(t, path, e.get(t, path), 48009)
	}
	refused(t, e.post(t, "message/send", text("lisi", "hi")), 48002)
	refused(t, e.get(t, "agent/list"), 48002)
	want := []any{
		map[string]any{"id": 1.0, "parentid": 0.0, "order": 0.0},
		map[string]any{"id": 2.0, "parentid": 1.0, "order": 0.0},
	}
	if diff := cmp.Diff(want, accepted(t, e.get(t, "department/simplelist"))["department_id"]); diff != "" {
		t.Errorf("departments (-want +got):\n%s", diff)
	}
	e.InvalidateTokens()
	refused(t, e.get(t, "department/simplelist"), 40014)
	e.token = e.tokenOf(t, secret)
	accepted(t, e.get(t, "user/get?userid=lisi"))
	refused(t, e.post(t, "user/list_id", map[string]any{}), 48002)
	if e.AddApp(wecomsim.App{AgentID: 9, Secret: "contacts"}) == nil {
		t.Error("an app got the assistant's secret")
	}
}

func TestUserListID(t *testing.T) {
	t.Parallel()
	e := newAssistantEnv(t)
	var got []string
	cursor := ""
	for pages := 0; pages == 0 || cursor != ""; pages++ {
		reply := accepted(t, e.post(t, "user/list_id", map[string]any{"cursor": cursor, "limit": 2}))
		for _, item := range reply["dept_user"].([]any) {
			got = append(got, fmt.Sprint(item.(map[string]any)["userid"], item.(map[string]any)["department"]))
		}
		cursor = reply["next_cursor"].(string)
	}
	if diff := cmp.Diff([]string{"lisi1", "ZhangSan2", "ZhangSan1"}, got); diff != "" {
		t.Errorf("dept_user (-want +got):\n%s", diff)
	}
	if all := accepted(t, e.post(t, "user/list_id", map[string]any{})); all["next_cursor"] != "" || len(all["dept_user"].([]any)) != 3 {
		t.Errorf("without a limit: %v", all)
	}
	for _, body := range []map[string]any{{"limit": 0}, {"limit": 10_001}, {"cursor": "x"}, {"cursor": "4"}} {
		refused(t, e.post(t, "user/list_id", body), 40058)
	}
}

func TestQuotedAgentID(t *testing.T) {
	t.Parallel()
	s := wecomsim.New(wecomsim.Config{QuotedAgentID: true})
	for _, err := range []error{
		s.AddMember(wecomsim.Member{UserID: "lisi"}), s.AddApp(wecomsim.App{AgentID: agent, Secret: secret}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	e := &env{Server: s, api: httptest.NewServer(s)}
	t.Cleanup(e.api.Close)
	e.token = e.tokenOf(t, secret)
	quoted := func(id any) map[string]any { return patch(text("lisi", "hi"), map[string]any{"agentid": id}) }
	if reply := accepted(t, e.post(t, "message/send", quoted("1000002"))); reply["errmsg"] != "ok. Warning: wrong json format." {
		t.Errorf("errmsg %v", reply["errmsg"])
	}
	if reply := accepted(t, e.post(t, "message/send", quoted(agent))); reply["errmsg"] != "ok" {
		t.Errorf("errmsg %v", reply["errmsg"])
	}
	refused(t, e.post(t, "message/send", quoted("1000003")), 301002)
	refused(t, e.post(t, "message/send", quoted("x")), 40056)
	refused(t, e.post(t, "message/send", quoted("")), 41011)
}
