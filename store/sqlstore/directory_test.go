package sqlstore_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestMember(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.directory(t)
		got, err := d.Member(t.Context(), "WWCORP", "SUN")
		want := model.Member{
			CorpID: "wwcorp", UserID: "sun", DisplayID: "sun", Name: "孙", MainDepartment: 2, DepartmentName: "财务部",
			Departments: []int64{1, 2}, Status: 1, UpdatedMS: got.UpdatedMS,
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		for _, other := range [][2]string{{corp, "chen"}, {"wwOther", "sun"}} {
			if _, err := d.Member(t.Context(), other[0], other[1]); !isNotFound(err) {
				t.Errorf("%v: %v", other, err)
			}
		}
	})
}

func TestSaveMember_and_DeleteMember(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.directory(t)
		moved := model.Member{CorpID: corp, UserID: "Wang", DisplayID: "Wang", Name: "王五", MainDepartment: 2, Departments: []int64{2, 2}, Status: 1}
		if err := d.SaveMember(ctx, moved); err != nil {
			t.Fatal(err)
		}
		got, err := d.Member(ctx, corp, "wang")
		if err != nil || got.Name != "王五" || cmp.Diff([]int64{2}, got.Departments) != "" {
			t.Errorf("after a move: %+v, %v", got, err)
		}
		for range 2 {
			if err := d.DeleteMember(ctx, corp, "WANG"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Member(ctx, corp, "wang"); !isNotFound(err) {
			t.Errorf("after leaving: %v", err)
		}
		if n := d.count(t, "member_department"); n != 3 {
			t.Errorf("%d departments of members are left", n)
		}
	})
}

func TestSaveDirectory_replaces(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.directory(t)
		other := model.Member{CorpID: "wwOther", UserID: "sun", Name: "别人"}
		if err := d.SaveMember(ctx, other); err != nil {
			t.Fatal(err)
		}
		dir := model.Directory{Departments: []model.Department{{ID: 1, Name: "总公司"}}}
		for i := range 450 { // more than a batch
			dir.Members = append(dir.Members, model.Member{UserID: fmt.Sprintf("m%d", i), Departments: []int64{1}})
		}
		if err := d.SaveDirectory(ctx, corp, dir, false); err != nil {
			t.Fatal(err)
		}
		if n := d.count(t, "member"); n != 3+450+1 {
			t.Errorf("%d members after a merge", n)
		}
		if err := d.SaveDirectory(ctx, corp, dir, true); err != nil { // in the same millisecond
			t.Fatal(err)
		}
		for table, want := range map[string]int64{"member": 451, "department": 1, "member_department": 450} {
			if n := d.count(t, table); n != want {
				t.Errorf("%d rows in %s after a replacement, want %d", n, table, want)
			}
		}
		if _, err := d.Member(ctx, "wwOther", "sun"); err != nil {
			t.Errorf("a member of another corp: %v", err)
		}
	})
}

func TestInScope(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.directory(t)
		for _, tt := range []struct {
			name  string
			scope *model.Scope
			in    map[string]bool
		}{
			{"everybody", nil, map[string]bool{"wang": true, "stranger": true}},
			{"nobody", &model.Scope{}, map[string]bool{"wang": false, "stranger": false}},
			{"by name", &model.Scope{Members: []string{"stranger"}}, map[string]bool{"Stranger": true, "wang": false}},
			{"a department and below", &model.Scope{Departments: []int64{2}}, map[string]bool{"Wang": true, "sun": true, "li": false, "stranger": false}},
			{"a leaf", &model.Scope{Departments: []int64{3}}, map[string]bool{"wang": true, "sun": false}},
			{"the root", &model.Scope{Departments: []int64{9, 1}}, map[string]bool{"wang": true, "li": true, "stranger": false}},
			{"both", &model.Scope{Members: []string{"li"}, Departments: []int64{3}}, map[string]bool{"li": true, "wang": true, "sun": false}},
		} {
			acc := d.acc
			acc.Policy.Scope = tt.scope
			for who, want := range tt.in {
				if got, err := d.InScope(t.Context(), acc, who); got != want || err != nil {
					t.Errorf("%s: %s is in scope: %v, %v", tt.name, who, got, err)
				}
			}
		}
	})
}

// A directory whose tree runs in a circle must not keep anybody waiting.
func TestInScope_of_a_broken_tree(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		dir := model.Directory{
			Departments: []model.Department{{ID: 4, ParentID: 5}, {ID: 5, ParentID: 4}},
			Members:     []model.Member{{UserID: "wang", Departments: []int64{4}}},
		}
		if err := d.SaveDirectory(t.Context(), corp, dir, true); err != nil {
			t.Fatal(err)
		}
		acc := d.acc
		acc.Policy.Scope = &model.Scope{Departments: []int64{1}}
		if got, err := d.InScope(t.Context(), acc, "wang"); got || err != nil {
			t.Errorf("in scope: %v, %v", got, err)
		}
	})
}
