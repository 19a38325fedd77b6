package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

// spelled opens a store that spells 张三 and 张三丰, and nobody else.
func spelled(t *testing.T, db storetest.Database) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: db.URL, SecretKey: storetest.Key(), Spell: func(name string) []string {
		return map[string][]string{
			"张三":  {"zhangsan", "zs", "三", "san"},
			"张三丰": {"zhangsanfeng", "zsf", "三丰", "sanfeng", "sf"},
		}[name]
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func found(t *testing.T, s *sqlstore.Store, query string, limit int) string {
	t.Helper()
	list, err := s.FindMembers(t.Context(), "WWCORP", query, limit)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range list {
		ids = append(ids, m.UserID)
	}
	return strings.Join(ids, " ")
}

func TestFindMembers(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		db.Open(t, nil)
		s, ctx := spelled(t, db), t.Context()
		dir := model.Directory{
			Departments: []model.Department{{ID: 1, Name: "总公司"}, {ID: 4, ParentID: 1, Name: "武当"}},
			Members: []model.Member{
				{UserID: "E007", DisplayID: "E007", Name: "张三丰", MainDepartment: 4, Departments: []int64{4}},
				{UserID: "e008", Name: "张三", MainDepartment: 1},
				{UserID: "zhang.wei", Name: "Zhang Wei"},
				{UserID: "sanders", Name: "ＫＦＣ"},
			},
		}
		if err := s.SaveDirectory(ctx, corp, dir, true); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveMember(ctx, model.Member{CorpID: "wwOther", UserID: "e009", Name: "张三"}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct{ query, want string }{
			{"zhangsan", "e008 e007"},
			{"Zhang San", "e008 e007"},
			{"zhangsanf", "e007"},
			{"zs", "e008 e007"},
			{"zsf", "e007"},
			{"张三", "e008 e007"},
			{"张三丰", "e007"},
			{"三丰", "e007"},
			{"san", "e008 sanders e007"},
			{"ｅ００７", "e007"},
			{"zhang", "e008 e007 zhang.wei"},
			{"zhang.w", "zhang.wei"},
			{"kfc", "sanders"},
			{"angsan", ""},
			{"zhangsanz", ""},
			{"%", ""},
			{"", "e007 e008 sanders zhang.wei"},
		} {
			if got := found(t, s, tt.query, 10); got != tt.want {
				t.Errorf("%q finds %q, want %q", tt.query, got, tt.want)
			}
		}
		if got := found(t, s, "zhang", 2); got != "e008 e007" {
			t.Errorf("the first two are %q", got)
		}
		list, err := s.FindMembers(ctx, corp, "zsf", 1)
		want := []model.Member{{
			CorpID: "wwcorp", UserID: "e007", DisplayID: "E007", Name: "张三丰", MainDepartment: 4, DepartmentName: "武当",
		}}
		if err == nil && len(list) == 1 {
			want[0].UpdatedMS = list[0].UpdatedMS
		}
		if diff := cmp.Diff(want, list); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		departments, err := s.Departments(ctx, "WWCORP")
		if err != nil || len(departments) != 2 || departments[1].ParentID != 1 || departments[1].Name != "武当" {
			t.Errorf("departments: %+v, %v", departments, err)
		}
	})
}

// The words follow the name, and whoever was there before there were words gets them with
// the next reading, changed or not.
func TestFindMembers_follows_changes(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		db.Open(t, nil)
		s, ctx := spelled(t, db), t.Context()
		one := model.Member{CorpID: corp, UserID: "e007", Name: "张三"}
		save := func() {
			t.Helper()
			if err := s.SaveMember(ctx, one); err != nil {
				t.Fatal(err)
			}
		}
		save()
		one.Name = "李四"
		save()
		if got := found(t, s, "zs", 10) + found(t, s, "李", 10); got != "e007" {
			t.Errorf("after another name: %q", got)
		}
		if err := s.Raw().Exec("DELETE FROM member_word").Error; err != nil {
			t.Fatal(err)
		}
		save()
		if got := found(t, s, "李四", 10); got != "e007" {
			t.Errorf("after a reading: %q", got)
		}
		if err := s.DeleteMember(ctx, corp, "E007"); err != nil {
			t.Fatal(err)
		}
		if got := found(t, s, "e007", 10) + found(t, s, "", 10); got != "" {
			t.Errorf("after leaving: %q", got)
		}
	})
}

// Among many the search goes through the index, from the prefix on, however many words begin
// so; a page that is full of one person's words does not end it.
func TestFindMembers_among_many(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		db.Open(t, nil)
		s, ctx := spelled(t, db), t.Context()
		var dir model.Directory
		for i := range 3000 {
			dir.Members = append(dir.Members, model.Member{UserID: fmt.Sprintf("m%04d", i), Name: fmt.Sprintf("王%04d", i)})
		}
		if err := s.SaveDirectory(ctx, corp, dir, true); err != nil {
			t.Fatal(err)
		}
		if got := found(t, s, "王299", 100); got != "m2990 m2991 m2992 m2993 m2994 m2995 m2996 m2997 m2998 m2999" {
			t.Errorf("finds %q", got)
		}
		if got := len(strings.Fields(found(t, s, "m", 450))); got != 450 {
			t.Errorf("finds %d of 450", got)
		}
		plan, err := s.ExplainSearch(ctx, "wwcorp", "王299")
		if err != nil || len(plan) != 1 {
			t.Fatalf("%v, %v", plan, err)
		}
		text := fmt.Sprint(plan[0])
		good := strings.Contains(text, "(corp_id=? AND word>? AND word<?)")
		if db.Dialect != "sqlite" {
			good = fmt.Sprint(plan[0]["type"]) == "range" && fmt.Sprint(plan[0]["key"]) == "PRIMARY"
		}
		if !good || strings.Contains(strings.ToLower(text), "filesort") || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("plan: %s", text)
		}
	})
}
