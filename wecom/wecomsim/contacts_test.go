package wecomsim_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

func TestUserGet(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	reply := accepted(t, e.get(t, "user/get?userid=zhangsan"))
	for _, field := range []string{"mobile", "email", "avatar", "biz_mail", "qr_code", "address"} {
		if _, ok := reply[field]; ok {
			t.Errorf("the app is given %s", field)
		}
	}
	if reply["userid"] != "ZhangSan" || reply["name"] != "张三" || reply["gender"] != "0" || reply["status"].(float64) != 1 {
		t.Errorf("reply %v", reply)
	}
	lisi := accepted(t, e.get(t, "user/get?userid=LISI"))
	if diff := cmp.Diff([]any{3.0}, lisi["department"]); diff != "" {
		t.Errorf("departments the app may see (-want +got):\n%s", diff)
	}
	outside := e.get(t, "user/get?userid=wangwu")
	refused(t, outside, 60011)
	if _, ok := outside["department"]; !ok {
		t.Error("an error reply carries no empty fields")
	}
	refused(t, e.get(t, "user/get?userid=nobody"), 60111)
	refused(t, e.get(t, "user/get"), 40003)
	refused(t, e.post(t, "user/list_id", map[string]any{}), 48002)
}

func TestUserLists(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ids := func(path string) []string {
		var list []string
		for _, u := range accepted(t, e.get(t, path))["userlist"].([]any) {
			list = append(list, u.(map[string]any)["userid"].(string))
		}
		return list
	}
	if diff := cmp.Diff([]string{"ZhangSan"}, ids("user/list?department_id=2&fetch_child=1")); diff != "" {
		t.Errorf("user/list (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"lisi"}, ids("user/simplelist?department_id=3")); diff != "" {
		t.Errorf("user/simplelist (-want +got):\n%s", diff)
	}
	for _, path := range []string{"user/list", "user/simplelist"} {
		refused(t, e.get(t, path), 60123)
		refused(t, e.get(t, path+"?department_id=4"), 60011)
		refused(t, e.get(t, path+"?department_id=99"), 60003)
	}
}

func TestDepartments(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ids := func(path, field string) []float64 {
		var list []float64
		for _, d := range accepted(t, e.get(t, path))[field].([]any) {
			list = append(list, d.(map[string]any)["id"].(float64))
		}
		slices.Sort(list)
		return list
	}
	tests := []struct {
		path, field string
		want        []float64
	}{
		{"department/list", "department", []float64{2, 3}},
		{"department/list?id=3", "department", []float64{3}},
		{"department/simplelist", "department_id", []float64{2, 3}},
		{"department/simplelist?id=2", "department_id", []float64{2, 3}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, ids(tt.path, tt.field)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, diff)
		}
	}
	d := accepted(t, e.get(t, "department/get?id=2"))["department"].(map[string]any)
	if d["name"] != "财务部" || d["parentid"].(float64) != 1 {
		t.Errorf("department/get gave %v", d)
	}
	refused(t, e.get(t, "department/get?id=1"), 60011)
	refused(t, e.get(t, "department/get"), 60123)
	if err := e.SetVisible(agent, []string{"zhangsan"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := ids("department/list", "department"); got != nil {
		t.Errorf("an app that sees one member sees departments %v", got)
	}
}

func TestContactEvents(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		reduced bool
		do      func(*env) error
		want    []received // change_contact only
	}{
		{
			"create_user", false,
			func(e *env) error {
				return e.AddMember(wecomsim.Member{UserID: "Zhao", Name: "赵", Departments: []int64{3, 4}})
			},
			[]received{{ChangeType: "create_user", UserID: "Zhao", Name: "赵", Department: "3,4"}},
		},
		{
			"create_user reduced", true,
			func(e *env) error {
				return e.AddMember(wecomsim.Member{UserID: "Zhao", Name: "赵", Departments: []int64{3}})
			},
			[]received{{ChangeType: "create_user", UserID: "Zhao", Department: "3"}},
		},
		{
			"a new name", false,
			func(e *env) error {
				return e.AddMember(wecomsim.Member{UserID: "lisi", Name: "李", Departments: []int64{3, 4}})
			},
			[]received{{ChangeType: "update_user", UserID: "lisi", Name: "李", Department: "3,4"}},
		},
		{
			"a new name reduced", true,
			func(e *env) error {
				return e.AddMember(wecomsim.Member{UserID: "lisi", Name: "李", Departments: []int64{3, 4}})
			},
			nil,
		},
		{
			"another userid", false,
			func(e *env) error { return e.RenameMember("lisi", "LiSi2") },
			[]received{{ChangeType: "update_user", UserID: "lisi", NewUserID: "LiSi2"}},
		},
		{
			"gone", false,
			func(e *env) error { return e.RemoveMember("zhangsan") },
			[]received{{ChangeType: "delete_user", UserID: "ZhangSan"}},
		},
		{
			"somebody the app does not see", false,
			func(e *env) error { return e.RemoveMember("wangwu") },
			nil,
		},
		{
			"create_party", false,
			func(e *env) error { return e.AddDepartment(9, 2, "新组") },
			[]received{{ChangeType: "create_party", DeptID: "9", Name: "新组", Parent: "2"}},
		},
		{
			"update_party reduced", true,
			func(e *env) error { return e.AddDepartment(3, 2, "新名") },
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			if err := e.AddApp(wecomsim.App{
				AgentID: agent, Secret: secret, VisibleDepartments: []int64{2}, ContactEvents: true, ReducedContacts: tt.reduced,
			}); err != nil {
				t.Fatal(err)
			}
			d := connect(t, e)
			if err := tt.do(e); err != nil {
				t.Fatal(err)
			}
			e.quiet(t)
			var got []received
			for len(d.got) > 0 {
				in := d.next(t)
				if in.Event != "change_contact" {
					continue
				}
				if in.From != "sys" {
					t.Errorf("it comes from %s", in.From)
				}
				got = append(got, received{
					ChangeType: in.ChangeType, UserID: in.UserID, NewUserID: in.NewUserID, Name: in.Name,
					Department: in.Department, DeptID: in.DeptID, Parent: in.Parent,
				})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestContactsRefused(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for name, err := range map[string]error{
		"a department below itself":   e.AddDepartment(2, 3, "环"),
		"a department of nowhere":     e.AddDepartment(8, 77, "无"),
		"a department without name":   e.AddDepartment(8, 1, ""),
		"a bad department name":       e.AddDepartment(8, 1, "a:b"),
		"a second root":               e.AddDepartment(0, 0, "根"),
		"a bad userid":                e.AddMember(wecomsim.Member{UserID: "张三"}),
		"a member of nowhere":         e.AddMember(wecomsim.Member{UserID: "x", Departments: []int64{77}}),
		"a userid that is taken":      e.RenameMember("lisi", "zhangsan"),
		"a rename of nobody":          e.RenameMember("nobody", "x"),
		"a removal of nobody":         e.RemoveMember("nobody"),
		"an app without id":           e.AddApp(wecomsim.App{}),
		"the range of an unknown app": e.SetVisible(1, nil, nil),
	} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestRenameKeepsTheScreen(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	connect(t, e)
	msgID, responseCode := e.sendCard(t, "lisi", buttons("task", nil))
	if err := e.RenameMember("lisi", "LiSi.2"); err != nil {
		t.Fatal(err)
	}
	accepted(t, e.post(t, updatePath, update(responseCode, nil)))
	if got := e.card(t, "lisi.2", msgID); got.Replaced == "" {
		t.Error("the card was left behind")
	}
	if e.Screen(agent, "lisi") != nil {
		t.Error("the old userid still has a screen")
	}
}

func TestRemoveDepartment(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	if err := e.AddApp(wecomsim.App{AgentID: agent, Secret: secret, VisibleDepartments: []int64{2}, ContactEvents: true}); err != nil {
		t.Fatal(err)
	}
	d := connect(t, e)
	for id, why := range map[int64]string{1: "the root", 2: "one above another", 3: "one with members", 99: "an unknown one"} {
		if e.RemoveDepartment(id) == nil {
			t.Errorf("%s was removed", why)
		}
	}
	if err := e.AddDepartment(9, 2, "新组"); err != nil {
		t.Fatal(err)
	}
	if err := e.RemoveDepartment(9); err != nil {
		t.Fatal(err)
	}
	d.next(t)
	if in := d.next(t); in.ChangeType != "delete_party" || in.DeptID != "9" {
		t.Errorf("event %+v", in)
	}
	refused(t, e.get(t, "department/get?id=9"), 60003)
}

func TestSecretsTellAppsApart(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for name, err := range map[string]error{
		"another app's secret":         e.AddApp(wecomsim.App{AgentID: 9, Secret: secret}),
		"no secret":                    e.AddApp(wecomsim.App{AgentID: 9}),
		"a change to another's secret": e.RotateSecret(agent, otherSecret),
		"a change to none":             e.RotateSecret(agent, ""),
	} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	accepted(t, e.get(t, "agent/get?agentid=1000002"))
}

func TestDeepDepartments(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	deepest := int64(1)
	for id := int64(100); e.AddDepartment(id, deepest, "层") == nil; id++ {
		deepest = id
	}
	if want := int64(113); deepest != want { // with the root that makes 15 levels
		t.Errorf("the deepest department is %d, want %d", deepest, want)
	}
	if err := e.AddMember(wecomsim.Member{UserID: "deep", Departments: []int64{deepest}}); err != nil {
		t.Fatal(err)
	}
	e.token = e.tokenOf(t, otherSecret) // sees the whole corp
	accepted(t, e.get(t, "user/get?userid=deep"))
	all := len(accepted(t, e.get(t, "department/simplelist?id=1"))["department_id"].([]any))
	if want := 4 + int(deepest) - 99; all != want {
		t.Errorf("%d departments below the root, want %d", all, want)
	}
}

func TestWhoLeftIsInNoRange(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	if err := e.SetVisible(agent, []string{"lisi"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := e.RemoveMember("lisi"); err != nil {
		t.Fatal(err)
	}
	users := accepted(t, e.get(t, "agent/get?agentid=1000002"))["allow_userinfos"]
	if diff := cmp.Diff(map[string]any{"user": []any{}}, users); diff != "" {
		t.Errorf("allow_userinfos (-want +got):\n%s", diff)
	}
	refused(t, e.get(t, "user/get?userid=zhangsan"), 60011) // an empty range is not the whole corp
}
