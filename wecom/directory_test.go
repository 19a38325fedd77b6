package wecom_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/wecom"
)

// company is a directory of departments 1 (总部), 2 (财务) and 9 (gone since), with members
// in several of them.
func company(t *testing.T) *api {
	t.Helper()
	a := newAPI(t)
	a.on("department/simplelist", `{"errcode":0,"department_id":[{"id":1,"parentid":0,"order":1},{"id":2,"parentid":1,"order":2},{"id":9,"parentid":1,"order":3}]}`)
	a.handle("department/get", func(w http.ResponseWriter, r *http.Request) {
		switch id := r.URL.Query().Get("id"); id {
		case "1":
			reply(w, `{"errcode":0,"department":{"id":1,"name":"总部","parentid":0,"order":1}}`)
		case "2":
			reply(w, `{"errcode":0,"department":{"id":2,"name":"财务","parentid":1,"order":2,"department_leader":["a"]}}`)
		default:
			reply(w, `{"errcode":60003,"errmsg":"department not found"}`)
		}
	})
	a.handle("user/list", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("department_id") {
		case "1":
			reply(w, `{"errcode":0,"userlist":[{"userid":"ZhangSan","name":"张三","department":[1,2],"main_department":2,"status":1,"gender":"0"}]}`)
		case "2":
			reply(w, `{"errcode":0,"userlist":[{"userid":"ZhangSan","name":"张三","department":[1,2],"main_department":2,"status":1},{"userid":"lisi","name":"李四","department":[2],"main_department":2,"status":4}]}`)
		default:
			reply(w, `{"errcode":60003,"errmsg":"department not found"}`)
		}
	})
	a.on("agent/get", `{"errcode":0,"agentid":1000002,"allow_userinfos":{"user":[{"userid":"LISI"},{"userid":"WangWu"},{"userid":"left"}]},
		"allow_partys":{"partyid":[1]},"allow_tags":{"tagid":[7,8]}}`)
	a.handle("tag/get", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("tagid") == "7" {
			reply(w, `{"errcode":0,"tagname":"t","userlist":[{"userid":"ZhaoLiu","name":"赵六"}],"partylist":[]}`)
			return
		}
		reply(w, `{"errcode":40068,"errmsg":"invalid tagid"}`)
	})
	a.handle("user/get", func(w http.ResponseWriter, r *http.Request) {
		switch id := r.URL.Query().Get("userid"); id {
		case "WangWu", "ZhaoLiu":
			reply(w, fmt.Sprintf(`{"errcode":0,"userid":%q,"name":"某人","department":[],"main_department":0,"status":1,"gender":"0","order":[],"is_leader_in_dept":[],"direct_leader":[],"extattr":{"attrs":[]}}`, id))
		default:
			reply(w, `{"errcode":60111,"errmsg":"userid not found"}`)
		}
	})
	return a
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	watch := newClock()
	a := company(t)
	got, err := mustClient(t, wecom.Config{BaseURL: a.URL, Now: watch.now}).Directory(t.Context(), account())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got.Members, func(x, y model.Member) int { return cmp.Compare(x.UserID, y.UserID) })
	const corp, at = "ww1234567890abcdef", 1_700_000_000_000
	want := model.Directory{
		Departments: []model.Department{
			{CorpID: corp, ID: 1, Name: "总部", UpdatedMS: at},
			{CorpID: corp, ID: 2, ParentID: 1, Name: "财务", UpdatedMS: at},
		},
		Members: []model.Member{
			{CorpID: corp, UserID: "lisi", DisplayID: "lisi", Name: "李四", MainDepartment: 2, Departments: []int64{2}, Status: 4, UpdatedMS: at},
			{CorpID: corp, UserID: "wangwu", DisplayID: "WangWu", Name: "某人", Status: 1, UpdatedMS: at},
			{CorpID: corp, UserID: "zhangsan", DisplayID: "ZhangSan", Name: "张三", MainDepartment: 2, Departments: []int64{1, 2}, Status: 1, UpdatedMS: at},
			{CorpID: corp, UserID: "zhaoliu", DisplayID: "ZhaoLiu", Name: "某人", Status: 1, UpdatedMS: at},
		},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if id, ok := a.last("department/simplelist").query["id"]; ok {
		t.Errorf("the tree was asked for below %q", id)
	}
}

func TestDirectoryIsAllOrAnError(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"department/simplelist", "department/get", "user/list", "agent/get", "tag/get", "user/get"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			a := company(t)
			a.handle(path, status(http.StatusBadGateway))
			got, err := a.client().Directory(t.Context(), account())
			if !errors.Is(err, model.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			if diff := gocmp.Diff(model.Directory{}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("not_permitted", func(t *testing.T) {
		t.Parallel()
		a := company(t)
		a.on("user/list", `{"errcode":48009}`)
		if _, err := a.client().Directory(t.Context(), account()); codeOf(err) != 48009 {
			t.Errorf("got %v", err)
		}
	})
}

func TestMember(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("user/get", `{"errcode":0,"userid":"ZhangSan","name":"张三","department":[2,5],"main_department":5,"status":1}`)
	got, err := mustClient(t, wecom.Config{BaseURL: a.URL, Now: newClock().now}).Member(t.Context(), account(), "zhang&userid=x")
	if err != nil {
		t.Fatal(err)
	}
	want := model.Member{
		CorpID: "ww1234567890abcdef", UserID: "zhangsan", DisplayID: "ZhangSan", Name: "张三",
		MainDepartment: 5, Departments: []int64{2, 5}, Status: 1, UpdatedMS: 1_700_000_000_000,
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := a.last("user/get").query["userid"]; got != "zhang&userid=x" {
		t.Errorf("asked for %q", got)
	}
}

func TestMemberNotFound(t *testing.T) {
	t.Parallel()
	for _, code := range []int64{60111, 46004, 60011, 50002, 60021, 40003} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("user/get", fmt.Sprintf(`{"errcode":%d,"errmsg":"no","department":[]}`, code))
			_, err := a.client().Member(t.Context(), account(), "u")
			if !errors.Is(err, model.ErrNotFound) || codeOf(err) != code {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("another_refusal", func(t *testing.T) {
		t.Parallel()
		a := newAPI(t)
		a.on("user/get", `{"errcode":60020}`)
		if _, err := a.client().Member(t.Context(), account(), "u"); errors.Is(err, model.ErrNotFound) || codeOf(err) != 60020 {
			t.Errorf("got %v", err)
		}
	})
}
