package sheet_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// base is what an account holds in these tests.
func base() []model.Entry {
	list := []model.Entry{
		{ID: 11, Ref: "r1", Group: "人事", Question: "年假有几天", Similar: []string{"年假怎么休", "几天年假"}, Answer: "5 天", State: model.EntryOn},
		{ID: 12, Question: "如何开通邮箱", Similar: []string{"邮箱怎么申请"}, Answer: "联系 IT", State: model.EntryOn, Author: "zhang"},
		{ID: 13, Question: "班车时刻", Answer: "8 点", State: model.EntryOff, Draft: true, ValidUntilMS: 1_800_000_000_000},
	}
	for i := range list {
		list[i].Folded = match.Fold(list[i].Question)
	}
	return list
}

func TestCompare(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+
		"人事,年假有几天？,\"年假怎么休\n年假规定\n年假多久\",10 天,停用\n"+ // 2 changed
		",如何开通邮箱,邮箱怎么申请,联系 IT,\n"+ // 3 same
		",食堂几点开,,11 点,\n"+ // 4 new
		",食堂 几点开？,,12 点,\n"+ // 5 duplicate
		",停车,班车时刻,找行政,\n"+ // 6 conflict with the base
		",工牌,停车,找行政,\n"+ // 7 conflict in the file
		",　报销,,,启动\n"+ // 8 invalid, twice
		",几天年假？,,5 天,\n"+ // 9 was a similar question of entry 11, which no longer has it
		"\n")
	got := sheet.Compare(in, base(), false)
	want := sheet.Report{
		Rows: []sheet.ReportRow{
			{
				Row: 2, Kind: sheet.RowChanged, EntryID: 11, Question: "年假有几天？",
				Changes: []string{"标准问题的写法", "相似问题 +2 −1", "答案", "状态 启用 → 停用"},
			},
			{Row: 3, Kind: sheet.RowSame, EntryID: 12, Question: "如何开通邮箱"},
			{Row: 4, Kind: sheet.RowNew, Question: "食堂几点开"},
			{Row: 5, Kind: sheet.RowDuplicate, Bad: true, Column: "B 标准问题", Message: "第 5 行与第 4 行的标准问题相同", Question: "食堂 几点开？"},
			{Row: 6, Kind: sheet.RowConflict, OtherID: 13, Question: "停车", Message: "有一个相似问题也是“班车时刻”的标准问题"},
			{Row: 7, Kind: sheet.RowConflict, Bad: true, Column: "C 相似问题", Message: "有一个相似问题是第 6 行的标准问题", Question: "工牌"},
			{
				Row: 8, Kind: sheet.RowInvalid, Bad: true, Column: "E 状态", Message: "状态只能是“启用”或“停用”", Question: "报销",
				Also: []string{"D 答案：答案不能为空"}, Repairs: []string{"B 标准问题：全角空格已改为普通空格"},
			},
			{Row: 9, Kind: sheet.RowNew, Question: "几天年假？"},
		},
		Counts: model.ImportCounts{New: 2, Changed: 1, Same: 1, Duplicate: 1, Conflict: 2, Invalid: 1, Repaired: 1},
		Bad:    3,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestCompare_replace(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+",如何开通邮箱,年假怎么休,联系 IT,\n,班车时刻,,,\n")
	got := sheet.Compare(in, base(), true)
	want := []sheet.ReportRow{
		{Row: 2, Kind: sheet.RowChanged, EntryID: 12, Question: "如何开通邮箱", Changes: []string{"相似问题 +1 −1"}},
		{Row: 3, Kind: sheet.RowInvalid, Bad: true, EntryID: 13, Column: "D 答案", Message: "答案不能为空", Question: "班车时刻"},
		{Kind: sheet.RowRemoved, EntryID: 11, Question: "年假有几天"},
		{Row: 3, Kind: sheet.RowRemoved, EntryID: 13, Question: "班车时刻", Message: "第 3 行有错误，跳过它会移除这一条"},
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(model.ImportCounts{Changed: 1, Invalid: 1, Removed: 2}, got.Counts); diff != "" || got.Bad != 1 {
		t.Errorf("%d bad, counts (-want +got):\n%s", got.Bad, diff)
	}
}

func TestCompare_flags_questions_that_belong_to_another(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, row, message string
		other              uint64
	}{
		{"standard, similar there", ",邮箱怎么申请,,答,\n", "标准问题也是“如何开通邮箱”的相似问题", 12},
		{"similar, standard there", ",问,如何开通邮箱,答,\n", "有一个相似问题也是“如何开通邮箱”的标准问题", 12},
		{"similar in both", ",问,邮箱怎么申请？,答,\n", "有一个相似问题也是“如何开通邮箱”的相似问题", 12},
		{"similar of another row", ",问,一样,答,\n,二,一样,答,\n", "有一个相似问题也是第 2 行的相似问题", 0},
		{"its own", ",如何开通邮箱,邮箱怎么申请,新答,\n", "", 0},
		{"an entry that is replaced", ",问,年假怎么休,答,\n,年假有几天,几天年假,5 天,\n", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustRead(t, "a.csv", csvHeader+tt.row)
			got := sheet.Compare(in, base(), false)
			var flagged []sheet.ReportRow
			for _, row := range got.Rows {
				if row.Kind == sheet.RowConflict {
					flagged = append(flagged, row)
				}
			}
			if tt.message == "" {
				if len(flagged) > 0 {
					t.Errorf("flagged %+v", flagged)
				}
				return
			}
			if len(flagged) != 1 || flagged[0].Message != tt.message || flagged[0].OtherID != tt.other || flagged[0].Bad || got.Bad != 0 {
				t.Errorf("flagged %+v, want %s with %d", flagged, tt.message, tt.other)
			}
		})
	}
}

func TestCompare_names_what_changes(t *testing.T) {
	t.Parallel()
	old := model.Entry{
		ID: 1, Ref: "a", Question: "问", Folded: "问", Similar: []string{"一", "二"}, Answer: "答", More: []string{"又"},
		State: model.EntryOn, Draft: true, ValidFromMS: 1_700_000_000_000,
	}
	tests := []struct {
		name   string
		change func(*model.Entry)
		want   []string
	}{
		{"nothing", func(*model.Entry) {}, nil},
		{"no ref", func(e *model.Entry) { e.Ref = "" }, nil},
		{"who and when", func(e *model.Entry) { e.ID, e.Author, e.Version, e.UpdatedMS = 7, "li", 8, 9 }, nil},
		{"ref", func(e *model.Entry) { e.Ref = "b" }, []string{"编号"}},
		{"order", func(e *model.Entry) { e.Similar = []string{"二", "一"} }, []string{"相似问题的顺序"}},
		{"similar", func(e *model.Entry) { e.Similar = []string{"二", "三", "四"} }, []string{"相似问题 +2 −1"}},
		{"messages", func(e *model.Entry) { e.More = []string{"又", "[图片:1]"} }, []string{"后续消息 +1"}},
		{"group", func(e *model.Entry) { e.Group = "人事" }, []string{"分组 无 → 人事"}},
		{"published", func(e *model.Entry) { e.Draft = false }, []string{"草稿改为发布"}},
		{"times", func(e *model.Entry) { e.ValidFromMS, e.ValidUntilMS = 0, 1 }, []string{"去掉生效时间", "新增失效时间"}},
		{"another time", func(e *model.Entry) { e.ValidFromMS++ }, []string{"生效时间"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := old
			now.Similar, now.More = slices.Clone(old.Similar), slices.Clone(old.More)
			tt.change(&now)
			got := sheet.Compare(sheet.Import{Entries: []model.Entry{now}, Rows: []int{2}}, []model.Entry{old}, false)
			want := []sheet.ReportRow{{Row: 2, Kind: sheet.RowSame, EntryID: 1, Question: "问", Changes: tt.want}}
			if tt.want != nil {
				want[0].Kind = sheet.RowChanged
			}
			if diff := cmp.Diff(want, got.Rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompare_of_an_export_is_the_same(t *testing.T) {
	t.Parallel()
	for _, name := range formats() {
		in := mustRead(t, name, mustWrite(t, name, base()))
		for _, replace := range []bool{false, true} {
			if diff := cmp.Diff(model.ImportCounts{Same: 3}, sheet.Compare(in, base(), replace).Counts); diff != "" {
				t.Errorf("%s: counts (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestReport_is_kept_as_JSON(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", "标准问法,回答\n班车时刻,9 点\n停车,\v\n")
	report := sheet.Compare(in, base(), true)
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"rows":[` +
		`{"row":2,"kind":"changed","entry_id":"13","question":"班车时刻","changes":["答案","状态 停用 → 启用","草稿改为发布","去掉失效时间"]},` +
		`{"row":3,"kind":"invalid","bad":true,"column":"B 回答","char":"U+000B","message":"第 1 个字符是非法字符 U+000B，请重新编写","question":"停车"},` +
		`{"kind":"removed","entry_id":"11","question":"年假有几天"},{"kind":"removed","entry_id":"12","question":"如何开通邮箱"}],` +
		`"counts":{"new":0,"changed":1,"same":0,"duplicate":0,"conflict":0,"invalid":1,"removed":2,"repaired":0,"kept":0},` +
		`"bad":1,"warnings":["` + nativeWarning + `"],"native":true}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	var back sheet.Report
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report, back, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("back from JSON (-want +got):\n%s", diff)
	}
}

func TestCompare_keeps_little_of_a_row_that_is_all_wrong(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", "标准问题,答案"+strings.Repeat(",相似问题", 500)+"\n问,答"+strings.Repeat(",　\v", 500)+"\n")
	got := sheet.Compare(in, nil, false)
	if in.ErrorCount != 500 || in.RepairCount != 1000 || len(got.Rows) != 1 || len(got.Rows[0].Also) > 10 || len(got.Rows[0].Repairs) > 10 {
		t.Errorf("%d errors, %d repairs, report %+v", in.ErrorCount, in.RepairCount, got)
	}
}

// TestCompare_counts_every_row holds the report of random files against what they are made
// of.
func TestCompare_counts_every_row(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(csvHeader)
	var existing []model.Entry
	for i := range 600 {
		q := fmt.Sprintf("第%d号", i)
		switch i % 6 {
		case 0: // same
			existing = append(existing, model.Entry{ID: uint64(i + 1), Question: q, Folded: match.Fold(q), Answer: "答", State: model.EntryOn})
			fmt.Fprintf(&b, ",%s,,答,\n", q)
		case 1: // changed
			existing = append(existing, model.Entry{ID: uint64(i + 1), Question: q, Folded: match.Fold(q), Answer: "旧", State: model.EntryOn})
			fmt.Fprintf(&b, ",%s,,答,\n", q)
		case 2: // gone
			existing = append(existing, model.Entry{ID: uint64(i + 1), Question: q, Folded: match.Fold(q), Answer: "旧", State: model.EntryOn})
		case 3: // invalid
			fmt.Fprintf(&b, ",%s,,,\n", q)
		default:
			fmt.Fprintf(&b, ",%s,,答,\n", q)
		}
	}
	in := mustRead(t, "a.csv", b.String())
	got := sheet.Compare(in, existing, true)
	if diff := cmp.Diff(model.ImportCounts{New: 200, Changed: 100, Same: 100, Invalid: 100, Removed: 100}, got.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if !slices.IsSortedFunc(got.Rows[:500], func(a, b sheet.ReportRow) int { return a.Row - b.Row }) {
		t.Error("rows are out of order")
	}
}
