package sheet_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// shanghai is where the tests count days.
func shanghai() *time.Location { return time.FixedZone("", 8*3600) }

func TestRead_takes_times_as_people_write_them(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, time.January, 31, 0, 0, 0, 0, shanghai())
	evening := day.Add(18 * time.Hour)
	for cell, want := range map[string]time.Time{
		"2026-01-31": day, "2026/1/31": day, "2026.1.31": day, "2026年1月31日": day, "20260131": day, " 2026-1-31 ": day,
		"2026-01-31 18:00": evening, "2026/1/31 18:00:00": evening, "2026年1月31日 18：00": evening, "2026年1月31日18:00": evening,
		"2026-01-31T18:00": evening, "2026-01-31T18:00:00+08:00": evening, "2026-01-31T10:00:00Z": evening,
		"2026-01-31 18:00:00.250": evening.Add(250 * time.Millisecond), "2026-1-31 9:05": day.Add(9*time.Hour + 5*time.Minute),
	} {
		in, err := sheet.Layout{Location: shanghai()}.Read("a.csv", strings.NewReader("标准问题,答案,失效时间\n问,答,"+cell+"\n"))
		if err != nil || len(in.Entries) != 1 || in.Entries[0].ValidUntilMS != want.UnixMilli() {
			t.Errorf("%q: %+v, error %v, want %v", cell, in, err, want)
		}
	}
}

func TestRead_finds_what_is_wrong_with_the_columns_that_may_be(t *testing.T) {
	t.Parallel()
	const header = "标准问题,答案,消息2,消息3,消息4,消息5,消息6,生效时间,失效时间,草稿\n"
	const times = "时间要写成 2026-01-31 或 2026-01-31 18:00"
	tests := []struct {
		name, row string
		want      sheet.RowError
	}{
		{"long message", "问,答," + strings.Repeat("长", 5001), sheet.RowError{Column: "C 消息2", Message: "超过 5000 个字符（现有 5001 个）"}},
		{"control character", "问,答,,消\v息", sheet.RowError{Column: "D 消息3", Char: "U+000B", Message: "第 2 个字符是非法字符 U+000B，请重新编写"}},
		{"too many messages", "问,答,2,3,4,5,6", sheet.RowError{Column: "G 消息6", Message: "一条知识最多 5 条消息"}},
		{"no time", "问,答,,,,,,明天", sheet.RowError{Column: "H 生效时间", Message: times}},
		{"no such day", "问,答,,,,,,2026-02-30", sheet.RowError{Column: "H 生效时间", Message: times}},
		{"long ago", "问,答,,,,,,1900-01-01", sheet.RowError{Column: "H 生效时间", Message: times}},
		{"over before it begins", "问,答,,,,,,2026-02-01,2026-01-31", sheet.RowError{Column: "I 失效时间", Message: "失效时间必须晚于生效时间"}},
		{"over as it begins", "问,答,,,,,,2026-02-01,2026-02-01 00:00", sheet.RowError{Column: "I 失效时间", Message: "失效时间必须晚于生效时间"}},
		{"draft", "问,答,,,,,,,,也许", sheet.RowError{Column: "J 草稿", Message: "草稿只能是“是”或空着"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustRead(t, "a.csv", header+tt.row+"\n")
			tt.want.Row = 2
			if diff := cmp.Diff([]sheet.RowError{tt.want}, in.Errors); diff != "" || len(in.Entries) != 0 {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_messages(t *testing.T) {
	t.Parallel()
	in := mustRead(t, "a.csv", "消息3,标准问题,消息2,消息1,草稿\n"+
		"三,问,二,一,\n"+
		"[文件:7],再问,,\"[图片:12]\",是\n")
	want := []model.Entry{
		{Question: "问", Folded: "问", Answer: "一", More: []string{"二", "三"}, State: model.EntryOn},
		{Question: "再问", Folded: "再问", Answer: "[图片:12]", More: []string{"[文件:7]"}, State: model.EntryOn, Draft: true},
	}
	if diff := cmp.Diff(want, in.Entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestRead_jsonl_has_further_keys(t *testing.T) {
	t.Parallel()
	in, err := sheet.Layout{Location: shanghai()}.Read("a.jsonl", strings.NewReader(
		`{"question":"问","answer":"一","more":["二","[图片:3]"],"valid_from":"2026-01-31","valid_until":"2026-01-31T18:00:00.5+08:00","draft":true}`+"\n"+
			`{"question":"二","answer":"一","more":"二"}`+"\n"+
			`{"question":"三","answer":"一","valid_until":"soon"}`+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, time.January, 31, 0, 0, 0, 0, shanghai())
	want := []model.Entry{{
		Question: "问", Folded: "问", Answer: "一", More: []string{"二", "[图片:3]"}, State: model.EntryOn, Draft: true,
		ValidFromMS: day.UnixMilli(), ValidUntilMS: day.Add(18*time.Hour + 500*time.Millisecond).UnixMilli(),
	}}
	if diff := cmp.Diff(want, in.Entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	errs := []sheet.RowError{
		{Row: 2, Column: "more", Message: "值的类型不对"},
		{Row: 3, Column: "valid_until", Message: "时间要写成 2026-01-31 或 2026-01-31 18:00"},
	}
	if diff := cmp.Diff(errs, in.Errors); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestRead_xlsx_takes_real_dates(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, time.January, 31, 18, 5, 0, 0, shanghai())
	for _, since1904 := range []bool{false, true} {
		f := excelize.NewFile()
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since1904}); err != nil {
			t.Fatal(err)
		}
		short, err := f.NewStyle(&excelize.Style{NumFmt: 14}) // 01-31-26: shown without the hour
		if err != nil {
			t.Fatal(err)
		}
		clock := time.Date(2026, time.January, 31, 18, 5, 0, 0, time.UTC) // as the cell shows it
		for cell, value := range map[string]any{
			"A1": "标准问题", "B1": "答案", "C1": "生效时间", "D1": "失效时间", "A2": "问", "B2": "答", "C2": clock, "D2": 20260201,
		} {
			if err := f.SetCellValue("Sheet1", cell, value); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetCellStyle("Sheet1", "C2", "C2", short); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		in, err := sheet.Layout{Location: shanghai()}.Read("a.xlsx", &b)
		if err != nil || len(in.Entries) != 1 {
			t.Fatalf("%+v, error %v", in, err)
		}
		got := []int64{in.Entries[0].ValidFromMS, in.Entries[0].ValidUntilMS}
		want := []int64{evening.UnixMilli(), time.Date(2026, time.February, 1, 0, 0, 0, 0, shanghai()).UnixMilli()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("days since 1904 %t: times (-want +got):\n%s", since1904, diff)
		}
	}
}
