package sheet_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

const nativeWarning = "已按企业微信知识库的导出格式读取，请核对分组和相似问题"

func TestRead_native_layouts(t *testing.T) {
	t.Parallel()
	leave := model.Entry{
		Group: "人事/假期", Question: "年假有几天", Folded: "年假有几天", Similar: []string{"年假怎么休", "请年假的流程"},
		Answer: "5 天", State: model.EntryOn,
	}
	mail := model.Entry{Question: "如何开通邮箱", Folded: "如何开通邮箱", Answer: "联系 IT", State: model.EntryOff}
	more := leave
	more.More = []string{"详见制度"}
	plain := leave
	plain.Group = ""
	tests := []struct {
		name, content string
		want          []model.Entry
	}{
		{
			"one cell, line ends", "问题分类,标准问法,相似问法,回答,状态\n人事/假期,年假有几天,\"年假怎么休\n请年假的流程\",5 天,已启用\n,如何开通邮箱,,联系 IT,已停用\n",
			[]model.Entry{leave, mail},
		},
		{"semicolons", "问题分类,标准问法,相似问法,回答,是否启用\n人事/假期,年假有几天,年假怎么休；请年假的流程;,5 天,是\n,如何开通邮箱,,联系 IT,否\n", []model.Entry{leave, mail}},
		{"bars", "分组,主问题,相似问题,回复内容,启用状态\n人事/假期,年假有几天,年假怎么休|请年假的流程,5 天,开启\n,如何开通邮箱,,联系 IT,关闭\n", []model.Entry{leave, mail}},
		{"enumeration commas", "分组,标准问法,相似问法,回答\n人事/假期,年假有几天,年假怎么休、请年假的流程,5 天\n", []model.Entry{leave}},
		{"columns", "一级分组,二级分组,标准问法,相似问法2,相似问法1,回答\n人事,假期,年假有几天,请年假的流程,年假怎么休,5 天\n", []model.Entry{leave}},
		{"levels in another order", "2级分类,标准问法,相似问法,1级分类,回答\n假期,年假有几天,\"年假怎么休\n请年假的流程\",人事,5 天\n", []model.Entry{leave}},
		{"answers by number", "分组,标准问法,相似问法,回答2,回答1\n人事/假期,年假有几天,\"年假怎么休\n请年假的流程\",详见制度,5 天\n", []model.Entry{more}},
		{"a row each", "标准问法,相似问法,回答\n年假有几天,年假怎么休,5 天\n,请年假的流程,\n,年假怎么休？,\n", []model.Entry{plain}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustRead(t, "a.csv", tt.content)
			if diff := cmp.Diff(tt.want, in.Entries); diff != "" {
				t.Errorf("errors %v, entries (-want +got):\n%s", in.Errors, diff)
			}
			if !in.Native || !slices.Contains(in.Warnings, nativeWarning) {
				t.Errorf("native %t, warnings %q", in.Native, in.Warnings)
			}
		})
	}
}

func TestRead_leaves_our_own_layout_alone(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+"行政,年假有几天,年假怎么休；请年假的流程|别的,5 天,\n,,只有相似问题,,\n")
	want := []string{"年假怎么休；请年假的流程|别的"}
	if len(in.Entries) != 1 || in.Native || !slices.Equal(in.Entries[0].Similar, want) || in.BadRows != 1 {
		t.Errorf("%+v", in)
	}
}

func TestRead_splits_no_question_of_a_native_file(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", "标准问法,相似问法,回答\n请假,年假、病假怎么请,找主管\n")
	if want := []string{"年假、病假怎么请"}; len(in.Entries) != 1 || !slices.Equal(in.Entries[0].Similar, want) {
		t.Errorf("%+v, want the similar question whole", in.Entries)
	}
}

func TestRead_says_what_it_made_of_a_native_file(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", "一级分组,二级分组,标准问法,相似问法,回答\n行政/后勤,,打印机,打印机坏了；打印机没纸,报修\n,,,没墨了,\n,,,"+strings.Repeat("长", 201)+",\n")
	var got []string
	for _, r := range in.Repairs {
		got = append(got, r.String())
	}
	want := []string{
		"第 2 行 A 一级分组：组名里的“/”已改为“／”",
		"第 2 行 D 相似问法：已拆成 2 个相似问题",
		"第 2 行 D 相似问法：第 3 行的相似问题已并入",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("repairs (-want +got):\n%s", diff)
	}
	if len(in.Entries) != 1 || in.Entries[0].Group != "行政／后勤" || len(in.Entries[0].Similar) != 3 {
		t.Errorf("entries %+v", in.Entries)
	}
	if len(in.Errors) != 1 || in.Errors[0].Row != 4 {
		t.Errorf("errors %v, want the long one in row 4", in.Errors)
	}
}

func TestRead_finds_the_header_below_titles(t *testing.T) {
	t.Parallel()
	rows := [][]any{
		{"知识库导出"},
		{"填写说明：", "1. 标准问题必填；答案必填"},
		nil,
		{"分组", "标准问题", "相似问题", "答案", "状态"},
		{"", "问", "", "答", ""},
		nil,
		{"", "", "", "答", ""},
	}
	csv := "知识库导出\n填写说明：;\"1. 标准问题必填；答案必填\"\n\n分组;标准问题;相似问题;答案;状态\n;问;;答;\n\n;;;答;\n"
	for name, content := range map[string]string{"a.xlsx": workbook(t, rows...), "a.csv": csv} {
		in := mustRead(t, name, content)
		if diff := cmp.Diff([]int{5}, in.Rows); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff([]sheet.RowError{{Row: 7, Column: "B 标准问题", Message: "标准问题不能为空"}}, in.Errors); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff([]string{"表头在第 4 行，上面的内容已略过"}, in.Warnings); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", name, diff)
		}
	}
}

func TestRead_names_the_row_that_looked_like_a_header(t *testing.T) {
	t.Parallel()
	const want = "第 3 行（表头）缺少列：“答案”"
	_, err := sheet.Read("a.csv", strings.NewReader("标题\n\n分组,标准问题,相似问题\n甲,乙,丙\n"))
	if reason(err) != "kb_column_missing" || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	_, err = sheet.Read("a.csv", strings.NewReader(strings.Repeat("标题\n", 10)+csvHeader+",问,,答,\n"))
	if reason(err) != "kb_column_missing" {
		t.Errorf("header in row 11: error %v", err)
	}
}
