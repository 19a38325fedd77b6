package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

const csvHeader = "分组,标准问题,相似问题,答案,状态\n"

func mustRead(t testing.TB, name, content string) sheet.Import {
	t.Helper()
	in, err := sheet.Read(name, strings.NewReader(content))
	if err != nil {
		t.Fatalf("Read(%s): %v", name, err)
	}
	return in
}

// workbook makes an xlsx of rows of cells.
func workbook(t testing.TB, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	for i, cells := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func reason(err error) string {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e.Reason
	}
	return ""
}

func TestRead_csv(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "知识.CSV", "状态,答案,标准问题,分组,相似问题\n"+
		",5 天,年假有几天,人事/ 假期,\"年假怎么休\n\n 年假规定 \"\n"+
		"停用,\"第一行\n第二行\",如何开通邮箱,,\n")
	want := []model.Entry{
		{Group: "人事/假期", Question: "年假有几天", Folded: "年假有几天", Similar: []string{"年假怎么休", "年假规定"}, Answer: "5 天", State: model.EntryOn},
		{Question: "如何开通邮箱", Folded: "如何开通邮箱", Answer: "第一行\n第二行", State: model.EntryOff},
	}
	if diff := cmp.Diff(want, in.Entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{2, 3}, in.Rows); diff != "" || len(in.Errors)+len(in.Warnings)+len(in.Repairs) > 0 {
		t.Errorf("%+v (-want +got):\n%s", in, diff)
	}
}

func TestRead_decodes_csv(t *testing.T) {
	t.Parallel()
	plain := csvHeader + "人事,年假有几天,,“五天”，镕基€,启用\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"UTF-8":       plain,
		"with a mark": "\ufeff" + plain,
		"GB18030":     gb,
		"CRLF":        strings.ReplaceAll(plain, "\n", "\r\n"),
		"semicolons":  strings.ReplaceAll(plain, ",", ";"),
		"tabs":        strings.ReplaceAll(plain, ",", "\t"),
	} {
		in := mustRead(t, "a.csv", content)
		if len(in.Entries) != 1 || in.Entries[0].Answer != "“五天”，镕基€" || in.Entries[0].Group != "人事" {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

func TestRead_keeps_a_damaged_character_from_turning_the_file(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+"人事,年假有几天,,有五天假期可以休息\xff请提前申请，谢谢大家的配合,启用\n")
	if len(in.Errors) != 1 || in.Errors[0].Char != "U+FFFD" || in.Errors[0].Column != "D 答案" || in.Errors[0].Row != 2 {
		t.Errorf("errors %+v", in.Errors)
	}
}

// TestRead_row_errors has one bad row a case; the good row around it must come through.
func TestRead_row_errors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("问", 201)
	tests := []struct {
		name, row string
		want      sheet.RowError
	}{
		{"no question", ",,,答案,", sheet.RowError{Row: 3, Column: "B 标准问题", Message: "标准问题不能为空"}},
		{"no answer", ",问题二,,　,", sheet.RowError{Row: 3, Column: "D 答案", Message: "答案不能为空"}},
		{"control character", ",问题\v二,,答案,", sheet.RowError{Row: 3, Column: "B 标准问题", Char: "U+000B", Message: "第 3 个字符是非法字符 U+000B，请重新编写"}},
		{"control character in a similar question", ",问题二,相似\x01,答案,", sheet.RowError{Row: 3, Column: "C 相似问题", Char: "U+0001", Message: "第 3 个字符是非法字符 U+0001，请重新编写"}},
		{"delete character", ",问题二,,答\x7f案,", sheet.RowError{Row: 3, Column: "D 答案", Char: "U+007F", Message: "第 2 个字符是非法字符 U+007F，请重新编写"}},
		{"unreadable character", ",问题二,,答\ufffd案,", sheet.RowError{Row: 3, Column: "D 答案", Char: "U+FFFD", Message: "第 2 个字符无法识别（U+FFFD），请检查文件的编码"}},
		{"long question", "," + long + ",,答案,", sheet.RowError{Row: 3, Column: "B 标准问题", Message: "超过 200 个字符（现有 201 个）"}},
		{"long similar question", ",问题二," + long + ",答案,", sheet.RowError{Row: 3, Column: "C 相似问题", Message: "超过 200 个字符（现有 201 个）"}},
		{"long answer", ",问题二,," + strings.Repeat("答", 5001) + ",", sheet.RowError{Row: 3, Column: "D 答案", Message: "超过 5000 个字符（现有 5001 个）"}},
		{"long group", strings.Repeat("组", 192) + ",问题二,,答案,", sheet.RowError{Row: 3, Column: "A 分组", Message: "超过 191 个字符（现有 192 个）"}},
		{"long when folded", "," + strings.Repeat("㍿", 60) + ",,答案,", sheet.RowError{Row: 3, Column: "B 标准问题", Message: "展开后超过 200 个字符（现有 240 个）"}},
		{"nothing to match", ",？？,,答案,", sheet.RowError{Row: 3, Column: "B 标准问题", Message: "没有可以匹配的文字"}},
		{"unknown state", ",问题二,,答案,开", sheet.RowError{Row: 3, Column: "E 状态", Message: "状态只能是“启用”或“停用”"}},
		{"question twice", ",问题 一？,,答案,", sheet.RowError{Row: 3, Column: "B 标准问题", Message: "第 3 行与第 2 行的标准问题相同"}},
		{"somebody else's question", ",问题二,\"别的\n问题一\",答案,", sheet.RowError{Row: 3, Column: "C 相似问题", Message: "有一个相似问题是第 2 行的标准问题"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustRead(t, "a.csv", csvHeader+",问题一,,答案,\n"+tt.row+"\n,问题三,,答案,\n")
			if diff := cmp.Diff([]sheet.RowError{tt.want}, in.Errors); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]int{2, 4}, in.Rows); diff != "" || in.BadRows != 1 || in.ErrorCount != 1 {
				t.Errorf("%d bad rows, %d errors, good rows (-want +got):\n%s", in.BadRows, in.ErrorCount, diff)
			}
		})
	}
}

func TestRead_allows_what_fits_exactly(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+strings.Repeat("组", 191)+","+strings.Repeat("问", 200)+","+strings.Repeat("似", 200)+",\"\t"+
		strings.Repeat("答", 4997)+"\n\t。\",启用\n")
	if in.ErrorCount != 0 || len(in.Entries) != 1 {
		t.Errorf("errors %v", in.Errors)
	}
}

func TestRead_tells_all_errors_in_row_order(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+",一,二,答案,\n,,,,坏\n,二,,,\n,一,,答案,\n")
	var got []string
	for _, e := range in.Errors {
		got = append(got, e.Error())
	}
	want := []string{
		"第 2 行 C 相似问题：有一个相似问题是第 4 行的标准问题",
		"第 3 行 E 状态：状态只能是“启用”或“停用”",
		"第 3 行 B 标准问题：标准问题不能为空",
		"第 3 行 D 答案：答案不能为空",
		"第 4 行 D 答案：答案不能为空",
		"第 5 行 B 标准问题：第 5 行与第 2 行的标准问题相同",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if len(in.Entries) != 0 || in.BadRows != 4 {
		t.Errorf("%d entries, %d bad rows", len(in.Entries), in.BadRows)
	}
}

func TestRead_lists_no_more_than_it_says(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+strings.Repeat(",,,　答案,\n", 1500))
	if len(in.Errors) != sheet.MaxReported || in.ErrorCount != 1500 || in.BadRows != 1500 {
		t.Errorf("%d errors listed of %d in %d rows", len(in.Errors), in.ErrorCount, in.BadRows)
	}
	if len(in.Repairs) != sheet.MaxReported || in.RepairCount != 1500 {
		t.Errorf("%d repairs listed of %d", len(in.Repairs), in.RepairCount)
	}
}

func TestRead_numbers_rows_as_a_spreadsheet(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+"\n,一,\"甲\n乙\",\"多\n行\",\n\n ,,　,\n,二,,答案,\n,三,,,\n")
	if diff := cmp.Diff([]int{3, 6}, in.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if len(in.Errors) != 1 || in.Errors[0].Row != 7 {
		t.Errorf("errors %v, want one in row 7", in.Errors)
	}
}

func TestRead_repairs(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, cell, want, what string }{
		{"full-width spaces", "　年假　几天", "年假 几天", "全角空格已改为普通空格"},
		{"no-break space", "年假\u00a0几天", "年假 几天", "特殊空格已改为普通空格"},
		{"zero width", "年\u200b假\ufeff几天\u200d", "年假几天", "看不见的字符已去掉"},
		{"direction", "\u202a年假\u202c", "年假", "看不见的字符已去掉"},
		{"line separator", "年假\u2028几天", "年假\n几天", "特殊换行已改为普通换行"},
		{"a joined emoji stays", "👨\u200d👩\u200d👧年假", "👨\u200d👩\u200d👧年假", ""},
		{"blanks at the ends", "  年假 ", "年假", ""},
		{"line ends", "年假\r\n几天", "年假\n几天", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustRead(t, "a.csv", csvHeader+",\""+tt.cell+"\",,答案,\n")
			if len(in.Entries) != 1 || in.Entries[0].Question != tt.want {
				t.Fatalf("entries %+v, want the question %q", in.Entries, tt.want)
			}
			var want []sheet.Repair
			if tt.what != "" {
				want = []sheet.Repair{{Row: 2, Column: "B 标准问题", What: tt.what}}
			}
			if diff := cmp.Diff(want, in.Repairs); diff != "" {
				t.Errorf("repairs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_drops_similar_questions_that_add_nothing(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+",年假几天,\"年假 几天？\n年假\n年 假\n！！\",答案,\n")
	if diff := cmp.Diff([]string{"年假"}, in.Entries[0].Similar); diff != "" {
		t.Errorf("similar (-want +got):\n%s", diff)
	}
	var got []string
	for _, r := range in.Repairs {
		got = append(got, r.String())
	}
	want := []string{
		"第 2 行 C 相似问题：与标准问题相同的相似问题已去掉",
		"第 2 行 C 相似问题：重复的相似问题已去掉",
		"第 2 行 C 相似问题：没有文字的相似问题已去掉",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("repairs (-want +got):\n%s", diff)
	}
}

func TestRead_header(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, header string
		reason, says string
		warnings     []string
	}{
		{"all five", "分组,标准问题,相似问题,答案,状态", "", "", nil},
		{"only what must be", "答案,标准问题", "", "", nil},
		{"remarks and marks", "\ufeff 标准 问题 *,答案（必填）,状态(启用/停用)", "", "", nil},
		{"native names", "标准问法,相似问法,回答", "", "", []string{"已按企业微信知识库的导出格式读取，请核对分组和相似问题"}},
		{"unknown column", "标准问题,答案,备注", "", "", []string{"C 列“备注”不认识，已忽略"}},
		{"no answer", "标准问题,状态", "kb_column_missing", "第 1 行（表头）缺少列：“答案”", nil},
		{"neither", "甲,乙", "kb_column_missing", "第 1 行（表头）缺少列：“标准问题”、“答案”", nil},
		{"twice", "标准问题,答案,答案", "kb_column_twice", "第 1 行有两个“答案”列", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, err := sheet.Read("a.csv", strings.NewReader(tt.header+"\n"))
			if reason(err) != tt.reason || tt.reason != "" && err.Error() != tt.says {
				t.Errorf("error %v, want %s %s", err, tt.reason, tt.says)
			}
			if diff := cmp.Diff(tt.warnings, in.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_warns_of_a_column_without_a_name(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", "标准问题,,答案\n一,甲,答案,乙\n二,丙,答案,,,\n")
	if diff := cmp.Diff([]string{"B 列没有列名，已忽略", "D 列没有列名，已忽略"}, in.Warnings); diff != "" || len(in.Entries) != 2 {
		t.Errorf("%d entries, warnings (-want +got):\n%s", len(in.Entries), diff)
	}
}

func TestRead_refuses_the_file(t *testing.T) {
	t.Parallel()
	xlsx := workbook(t, []any{"标准问题", "答案"})
	tests := []struct{ name, file, content, reason string }{
		{"another ending", "a.doc", "", "kb_file_type"},
		{"old Excel", "a.xls", "", "kb_file_type"},
		{"xlsx named csv", "a.csv", xlsx, "kb_file_type"},
		{"xlsx named jsonl", "a.jsonl", xlsx, "kb_file_type"},
		{"csv named xlsx", "a.xlsx", csvHeader, "kb_xlsx_broken"},
		{"cut off", "a.xlsx", xlsx[:len(xlsx)/2], "kb_xlsx_broken"},
		{"with a password", "a.xlsx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kb_xlsx_broken"},
		{"empty csv", "a.csv", "", "kb_column_missing"},
		{"empty xlsx", "a.xlsx", "", "kb_xlsx_broken"},
		{"empty sheet", "a.xlsx", workbook(t), "kb_column_missing"},
		{"UTF-16", "a.csv", "\xff\xfe\x06\x52", "kb_encoding"},
		{"too many rows", "a.csv", csvHeader + strings.Repeat(",一,,答,\n", sheet.MaxRows+1), "kb_too_many_rows"},
		{"too long", "a.csv", strings.Repeat("x", sheet.MaxFileBytes+1), "kb_file_too_long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, err := sheet.Read(tt.file, strings.NewReader(tt.content))
			if reason(err) != tt.reason || model.CodeOf(err) != model.CodeInvalid {
				t.Errorf("error %v, want reason %s (%d entries)", err, tt.reason, len(in.Entries))
			}
		})
	}
}

func TestRead_csv_ends_at_an_open_quote(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", csvHeader+",一,,答案,\n\n,\"二,,答案,\n,三,,答案,\n")
	want := []sheet.RowError{{Row: 4, Message: "引号不成对，从这一行起无法读取"}}
	if diff := cmp.Diff(want, in.Errors); diff != "" || len(in.Entries) != 1 {
		t.Errorf("%d entries, errors (-want +got):\n%s", len(in.Entries), diff)
	}
}

func TestRead_jsonl(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "kb.jsonl", "\ufeff"+`{"id":"a-1","question":"年假有几天","similar":["年假怎么休"],"answer":"5 天","group":"人事"}
{"id":"a-2","question":"如何开通邮箱","answer":"=请联系 IT","state":"off","note":1}

not json
{"id":"a-3","question":7}
{"id":"a-1","question":"年假","answer":"x"}
{"id":"`+strings.Repeat("x", 129)+`","question":"班车","answer":"x\u000b"}
`)
	want := []model.Entry{
		{Ref: "a-1", Group: "人事", Question: "年假有几天", Folded: "年假有几天", Similar: []string{"年假怎么休"}, Answer: "5 天", State: model.EntryOn},
		{Ref: "a-2", Question: "如何开通邮箱", Folded: "如何开通邮箱", Answer: "=请联系 IT", State: model.EntryOff},
	}
	if diff := cmp.Diff(want, in.Entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	errs := []sheet.RowError{
		{Row: 4, Message: "这一行不是可用的 JSON 对象"},
		{Row: 5, Column: "question", Message: "值的类型不对"},
		{Row: 6, Column: "id", Message: "第 6 行与第 1 行的编号相同"},
		{Row: 7, Column: "answer", Char: "U+000B", Message: "第 2 个字符是非法字符 U+000B，请重新编写"},
		{Row: 7, Column: "id", Message: "超过 128 字节（现有 129 字节）"},
	}
	if diff := cmp.Diff(errs, in.Errors); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`字段 "note" 不认识，已忽略`}, in.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestRead_tells_good_entries_from_bad_in_every_format(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"a.csv":   csvHeader + ",一,,答案,\n,二,,,\n",
		"a.xlsx":  workbook(t, []any{"分组", "标准问题", "相似问题", "答案", "状态"}, []any{"", "一", "", "答案"}, []any{nil, "二"}),
		"a.jsonl": `{"question":"一","answer":"答案"}` + "\n" + `{"question":"二"}`,
	} {
		in := mustRead(t, name, content)
		same := cmpopts.IgnoreFields(sheet.RowError{}, "Row", "Column")
		if diff := cmp.Diff([]sheet.RowError{{Message: "答案不能为空"}}, in.Errors, same); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", name, diff)
		}
		if !slices.EqualFunc(in.Entries, []string{"一"}, func(e model.Entry, q string) bool { return e.Question == q }) {
			t.Errorf("%s: entries %+v", name, in.Entries)
		}
	}
}
