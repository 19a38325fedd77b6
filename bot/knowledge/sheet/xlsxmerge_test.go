package sheet_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"deskmate/bot/knowledge/sheet"
)

// merged is a workbook with merged cells; ranges come in pairs.
func merged(t *testing.T, rows [][]any, ranges ...string) sheet.Import {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = f.SetSheetRow("Sheet1", at, &row)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(ranges); i += 2 {
		if err := f.MergeCell("Sheet1", ranges[i], ranges[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return mustRead(t, "a.xlsx", b.String())
}

func TestRead_merged_cells(t *testing.T) {
	t.Parallel()
	in := merged(t, [][]any{
		{"某公司知识库"},
		{"分组", "标准问题", "相似问题", "答案"},
		{"假期", "年假几天", "带薪假几天", "五天"},
		{nil, "病假几天", nil, "十天"},
		{nil, nil, nil, nil},
		{nil, "事假几天", nil, "三天"},
		{"薪酬", "工资几号发", "发薪日", "十号"},
		{nil, nil, "几号发工资", nil},
		{nil, nil, "什么时候发钱", nil},
		{nil, "社保几号交", nil, "五号"},
	}, "A1", "D1", "A3", "A6", "A7", "A9", "B7", "B9", "D7", "D9")
	got := map[string]string{}
	for _, e := range in.Entries {
		got[e.Question] = e.Group
	}
	want := map[string]string{"年假几天": "假期", "病假几天": "假期", "事假几天": "假期", "工资几号发": "薪酬", "社保几号交": ""}
	if diff := cmp.Diff(want, got); diff != "" || in.BadRows != 0 {
		t.Fatalf("%d bad rows, %v (-want +got):\n%s", in.BadRows, in.Errors, diff)
	}
	if diff := cmp.Diff([]string{"发薪日", "几号发工资", "什么时候发钱"}, in.Entries[3].Similar); diff != "" {
		t.Errorf("similar questions (-want +got):\n%s", diff)
	}
	if len(in.Warnings) != 2 { // the title, and that cells are merged
		t.Errorf("warnings %q", in.Warnings)
	}
}

// A row with an answer of its own is an entry that lacks its question, whatever is merged.
func TestRead_merged_question_with_two_answers(t *testing.T) {
	t.Parallel()
	in := merged(t, [][]any{
		{"标准问题", "相似问题", "答案"},
		{"年假几天", nil, "五天"},
		{nil, "带薪假几天", "六天"},
	}, "A2", "A3")
	if len(in.Entries) != 1 || in.BadRows != 1 || in.Errors[0].Row != 3 {
		t.Errorf("%+v", in)
	}
}
