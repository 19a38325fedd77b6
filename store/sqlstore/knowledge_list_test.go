package sqlstore_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/model"
)

func TestListEntries(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		leave := entry("怎么请假", "在 OA 提交，50%_！", "Annual Leave")
		leave.Group, leave.Author = "假期", "li"
		sick := entry("病假工资", "按规定")
		sick.Group, sick.Draft, sick.More = "假期/病假", true, []string{"见 HR Handbook"}
		shop := entry("食堂在哪", "三楼")
		shop.State, shop.ValidUntilMS = model.EntryOff, 500
		shopping := entry("购物", "一楼")
		shopping.Group = "假期0" // not in 假期, though it begins like it
		upper := entry("大小写", "x")
		upper.Group = "HR"
		for _, e := range []model.Entry{leave, sick, shop, shopping, upper} {
			d.saves(t, e, 0)
		}
		all, _ := d.entries(t)
		yes, no, on := true, false, model.EntryOn
		path := func(p string) *string { return &p }
		for name, tt := range map[string]struct {
			filter model.EntryFilter
			want   []string
		}{
			"everything":                     {model.EntryFilter{}, []string{"怎么请假", "病假工资", "食堂在哪", "购物", "大小写"}},
			"a group and below":              {model.EntryFilter{Group: path("假期")}, []string{"怎么请假", "病假工资"}},
			"no group":                       {model.EntryFilter{Group: path("")}, []string{"食堂在哪"}},
			"groups are told apart by case":  {model.EntryFilter{Group: path("hr")}, nil},
			"those that are on":              {model.EntryFilter{State: on}, []string{"怎么请假", "病假工资", "购物", "大小写"}},
			"drafts":                         {model.EntryFilter{Draft: &yes}, []string{"病假工资"}},
			"published in a group":           {model.EntryFilter{Draft: &no, Group: path("假期")}, []string{"怎么请假"}},
			"no longer valid":                {model.EntryFilter{Stale: true, AtMS: 500}, []string{"食堂在哪"}},
			"still valid":                    {model.EntryFilter{Stale: true, AtMS: 499}, nil},
			"by an author":                   {model.EntryFilter{Author: "zhao"}, nil},
			"a text of the question":         {model.EntryFilter{Text: "请假"}, []string{"怎么请假"}},
			"a text of the answer":           {model.EntryFilter{Text: "oa 提"}, []string{"怎么请假"}},
			"a text of a similar question":   {model.EntryFilter{Text: "ANNUAL leave"}, []string{"怎么请假"}},
			"a text of a further message":    {model.EntryFilter{Text: "hr handBOOK"}, []string{"病假工资"}},
			"wildcards are letters":          {model.EntryFilter{Text: "50%_！"}, []string{"怎么请假"}},
			"wildcards that would match all": {model.EntryFilter{Text: "%"}, []string{"怎么请假"}},
			"an escape is a letter, too":     {model.EntryFilter{Text: "!"}, nil},
		} {
			tt.filter.Limit = 200
			list, next, err := d.ListEntries(t.Context(), d.acc.ID, tt.filter)
			var got []string
			for _, e := range list {
				got = append(got, e.Question)
				if i := slices.IndexFunc(all, func(a model.Entry) bool { return a.ID == e.ID }); i < 0 || cmp.Diff(all[i], e) != "" {
					t.Errorf("%s: %+v is not as stored", name, e)
				}
			}
			diff := cmp.Diff(tt.want, got, cmpopts.SortSlices(func(a, b string) bool { return a < b }), cmpopts.EquateEmpty())
			if err != nil || next != 0 || diff != "" {
				t.Errorf("%s: next %d, %v (-want +got):\n%s", name, next, err, diff)
			}
		}
		if list, _, err := d.ListEntries(t.Context(), 1, model.EntryFilter{}); err != nil || len(list) != 0 {
			t.Errorf("of another account: %+v, %v", list, err)
		}
	})
}

func TestListEntries_pages(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		all := d.fills(t, 120)
		var got []model.Entry
		sizes := []int{}
		for f := (model.EntryFilter{}); ; {
			list, next, err := d.ListEntries(t.Context(), d.acc.ID, f)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, list...)
			sizes = append(sizes, len(list))
			if f.After = next; next == 0 {
				break
			}
		}
		if diff := cmp.Diff([]int{50, 50, 20}, sizes); diff != "" {
			t.Errorf("pages (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("entries (-want +got):\n%s", diff)
		}
		if list, _, err := d.ListEntries(t.Context(), d.acc.ID, model.EntryFilter{Limit: 1000}); len(list) != 120 || err != nil {
			t.Errorf("%d, %v", len(list), err)
		}
	})
}

func TestGroups(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		groups := func() []model.Group {
			t.Helper()
			list, err := d.Groups(ctx, d.acc.ID)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]model.Group{{}}, groups()); diff != "" {
			t.Errorf("of an empty base (-want +got):\n%s", diff)
		}
		for question, group := range map[string]string{
			"一": "薪酬", "二": "薪酬/社保/上海", "三": "假期", "四": "", "五": "薪酬社保", "六": "薪酬/社保",
		} {
			e := entry(question, "x")
			e.Group = group
			d.saves(t, e, 0)
		}
		must(d.SaveGroup(ctx, d.acc.ID, "空的", 0))
		must(d.SaveGroup(ctx, d.acc.ID, "薪酬/公积金", 9))
		must(d.SaveGroup(ctx, d.acc.ID, "薪酬/社保", 1))
		want := []model.Group{
			{Path: "", Position: 0, Entries: 6},
			{Path: "空的", Position: 0},
			{Path: "假期", Position: 1, Entries: 1},
			{Path: "薪酬", Position: 2, Entries: 3},
			{Path: "薪酬/公积金", Position: 0},
			{Path: "薪酬/社保", Position: 1, Entries: 2},
			{Path: "薪酬/社保/上海", Position: 0, Entries: 1},
			{Path: "薪酬社保", Position: 3, Entries: 1},
		}
		if diff := cmp.Diff(want, groups()); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
		must(d.SaveGroup(ctx, d.acc.ID, "薪酬", 0)) // to the front

		_, before := d.entries(t)
		must(d.MoveGroup(ctx, d.acc.ID, "薪酬/社保", "假期/社会保险", "li"))
		must(d.MoveGroup(ctx, d.acc.ID, "空的", "还是空的", "li"))
		list, version := d.entries(t)
		if version != before+1 {
			t.Errorf("version %d, before %d", version, before)
		}
		for _, e := range list {
			if wanted := map[string]string{"二": "假期/社会保险/上海", "六": "假期/社会保险", "一": "薪酬"}[e.Question]; wanted != "" && e.Group != wanted {
				t.Errorf("%s is in %q", e.Question, e.Group)
			}
		}
		want = []model.Group{
			{Path: "", Position: 0, Entries: 6},
			{Path: "薪酬", Position: 0, Entries: 1},
			{Path: "薪酬/公积金", Position: 0},
			{Path: "还是空的", Position: 1},
			{Path: "假期", Position: 2, Entries: 3},
			{Path: "假期/社会保险", Position: 0, Entries: 2},
			{Path: "假期/社会保险/上海", Position: 0, Entries: 1},
			{Path: "薪酬社保", Position: 3, Entries: 1},
		}
		if diff := cmp.Diff(want, groups()); diff != "" {
			t.Errorf("after moving (-want +got):\n%s", diff)
		}

		must(d.DeleteGroup(ctx, d.acc.ID, "假期/社会保险", "li"))
		must(d.DeleteGroup(ctx, d.acc.ID, "薪酬", "li"))
		must(d.DeleteGroup(ctx, d.acc.ID, "还是空的", "li"))
		want = []model.Group{
			{Path: "", Position: 0, Entries: 6},
			{Path: "假期", Position: 0, Entries: 3},
			{Path: "薪酬社保", Position: 1, Entries: 1},
		}
		if diff := cmp.Diff(want, groups()); diff != "" {
			t.Errorf("after deleting (-want +got):\n%s", diff)
		}
		if last := d.changes(t)[0]; last.Kind != model.ChangeBulk || last.Author != "li" || last.Entries != 1 {
			t.Errorf("change: %+v", last)
		}
	})
}

func TestGroups_refuses(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		e := entry("一", "x")
		e.Group = "深/处"
		d.saves(t, e, 0)
		for _, path := range []string{"", "/a", "a/", "a//b", " a", "a/ b", long(192)} {
			for name, err := range map[string]error{
				"SaveGroup":   d.SaveGroup(ctx, d.acc.ID, path, 0),
				"MoveGroup":   d.MoveGroup(ctx, d.acc.ID, "深", path, "li"),
				"DeleteGroup": d.DeleteGroup(ctx, d.acc.ID, path, "li"),
			} {
				if reason(err) != "group_path" {
					t.Errorf("%s(%q): %v", name, path, err)
				}
			}
		}
		if err := d.MoveGroup(ctx, d.acc.ID, "深", "深/处", "li"); reason(err) != "group_into_itself" {
			t.Errorf("into itself: %v", err)
		}
		if err := d.MoveGroup(ctx, d.acc.ID, "深", long(190), "li"); reason(err) != "group_path" {
			t.Errorf("too deep: %v", err)
		}
		if list, version := d.entries(t); version != 1 || list[0].Group != "深/处" {
			t.Errorf("version %d: %+v", version, list)
		}
	})
}

func TestSynonyms(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		words := []model.Synonym{{Words: []string{"OA", "办公系统"}}, {Words: []string{"工资条", "薪资单", "工资单"}}}
		for i, save := range [][]model.Synonym{words[:1], words, nil} {
			if err := d.SaveSynonyms(t.Context(), d.acc.ID, save, "li"); err != nil {
				t.Fatal(err)
			}
			got, err := d.Synonyms(t.Context(), d.acc.ID)
			if diff := cmp.Diff(save, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if version, err := d.KnowledgeVersion(t.Context(), d.acc.ID); version != uint64(i+1) || err != nil {
				t.Errorf("version %d, %v", version, err)
			}
		}
		if got := d.changes(t)[0]; got.Kind != model.ChangeSynonyms || got.Entries != 0 || got.Author != "li" {
			t.Errorf("change: %+v", got)
		}
	})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		first, err := d.SaveGolden(ctx, model.Golden{AccountID: d.acc.ID, Question: "年假几天", EntryID: 7, Author: "li"})
		if err != nil || first.ID == 0 || first.CreatedMS != d.nowMS() {
			t.Fatalf("%+v, %v", first, err)
		}
		d.clock.advance(1000)
		second, err := d.SaveGolden(ctx, model.Golden{AccountID: d.acc.ID, Question: "天气如何"})
		if err != nil {
			t.Fatal(err)
		}
		changed := first
		changed.EntryID, changed.CreatedMS = 8, 0
		if got, err := d.SaveGolden(ctx, changed); err != nil || got.CreatedMS != first.CreatedMS {
			t.Errorf("%+v, %v", got, err)
		}
		changed.CreatedMS = first.CreatedMS
		list, err := d.GoldenQuestions(ctx, d.acc.ID)
		want := []model.Golden{changed, second}
		slices.SortFunc(want, func(a, b model.Golden) int { return int(a.ID) - int(b.ID) })
		if diff := cmp.Diff(want, list); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		changed.AccountID = 1
		if _, err := d.SaveGolden(ctx, changed); !isNotFound(err) {
			t.Errorf("another account's: %v", err)
		}
		if err := d.DeleteGolden(ctx, 1, first.ID); !isNotFound(err) {
			t.Errorf("another account deletes it: %v", err)
		}
		if err := d.DeleteGolden(ctx, d.acc.ID, first.ID); err != nil {
			t.Error(err)
		}
		if list, err := d.GoldenQuestions(ctx, d.acc.ID); err != nil || len(list) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
