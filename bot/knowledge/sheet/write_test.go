package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

func formats() []string { return []string{"a.xlsx", "a.csv", "a.jsonl"} }

func mustWrite(t testing.TB, name string, entries []model.Entry) string {
	t.Helper()
	var b bytes.Buffer
	if err := sheet.Write(name, &b, entries); err != nil {
		t.Fatalf("Write(%s): %v", name, err)
	}
	return b.String()
}

// mustComeBack writes entries, reads them and compares.
func mustComeBack(t testing.TB, name string, entries []model.Entry) {
	t.Helper()
	in := mustRead(t, name, mustWrite(t, name, entries))
	if in.ErrorCount+in.RepairCount+len(in.Warnings) > 0 {
		t.Fatalf("%s: errors %v, repairs %v, warnings %v", name, in.Errors, in.Repairs, in.Warnings)
	}
	if diff := cmp.Diff(entries, in.Entries); diff != "" {
		t.Fatalf("%s (-written +read):\n%s", name, diff)
	}
}

// text makes a text that an import takes as it is: what formats trip over, mixed.
func text(rng *rand.Rand, parts int) string {
	pieces := []string{
		"年假", "VPN", "=", "+", "-", "@", "'", "''", "＝", "＠", "\"", ",", ";", "&", "<b>", "]]>", "_x000B_", "_x005F_", "&#11;",
		" ", "\\", "\\n", "😀", "👨\u200d👩", "1.50", "007", "TRUE", "2024-01-01", "1e5", "%", "#", "/", "|", "𠮷", "é", "\u0301", "null", "{}",
	}
	var b strings.Builder
	for range parts {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return strings.TrimSpace(b.String())
}

func TestWrite_comes_back_as_it_was(t *testing.T) {
	t.Parallel()
	for seed := range uint64(15) {
		rng := rand.New(rand.NewPCG(seed, 3))
		var entries []model.Entry
		for i := range 20 {
			e := model.Entry{State: model.EntryOn, Answer: text(rng, 6) + "答"}
			if rng.IntN(2) == 0 {
				e.Answer = text(rng, 2) + "\n\n\t" + text(rng, 3) + "。"
			}
			e.Question = text(rng, 4) + fmt.Sprintf("问%d号", i)
			e.Folded = match.Fold(e.Question)
			for n := range rng.IntN(4) {
				e.Similar = append(e.Similar, text(rng, 3)+fmt.Sprintf("似%d之%d", i, n))
			}
			if rng.IntN(3) == 0 {
				e.State = model.EntryOff
			}
			if rng.IntN(3) == 0 {
				e.Group = []string{"人事", "人事/假期", "=组", "'组", "a,b/\"c\""}[rng.IntN(5)]
			}
			if rng.IntN(2) == 0 {
				e.Ref = fmt.Sprintf("-ref%d", i)
			}
			entries = append(entries, e)
		}
		for _, name := range formats() {
			mustComeBack(t, name, entries)
		}
	}
}

func TestWrite_spreads_what_no_cell_holds(t *testing.T) {
	t.Parallel()
	e := model.Entry{Question: "问", Folded: "问", Answer: strings.Repeat("答", 5000), State: model.EntryOn}
	for i := range 400 {
		e.Similar = append(e.Similar, fmt.Sprintf("%s%d", strings.Repeat("似", 190), i))
	}
	small := model.Entry{Question: "二", Folded: "二", Answer: "答", State: model.EntryOn, Similar: []string{"两"}}
	for _, name := range formats() {
		mustComeBack(t, name, []model.Entry{small, e, small}[:2])
	}
	header, _, _ := strings.Cut(mustWrite(t, "a.csv", []model.Entry{e}), "\n")
	if want := "\ufeff分组,标准问题,相似问题,答案,状态,相似问题2,相似问题3"; header != want {
		t.Errorf("header %q, want %q", header, want)
	}
}

func TestWrite_of_nothing_comes_back(t *testing.T) {
	t.Parallel()
	for _, name := range formats() {
		mustComeBack(t, name, nil)
	}
}

func TestWrite_refuses_another_ending(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := sheet.Write("a.txt", &b, nil); reason(err) != "kb_file_type" {
		t.Errorf("error %v", err)
	}
}

func TestWrite_defuses_formulas(t *testing.T) {
	t.Parallel()
	entries := []model.Entry{{Group: "@组", Question: "=1+1是多少", Similar: []string{"+加"}, Answer: "-2", State: model.EntryOn}}
	want := "\ufeff分组,标准问题,相似问题,答案,状态\n'@组,'=1+1是多少,'+加,'-2,启用\n"
	if got := mustWrite(t, "a.csv", entries); got != want {
		t.Errorf("csv %q, want %q", got, want)
	}
	f, err := excelize.OpenReader(strings.NewReader(mustWrite(t, "a.xlsx", entries)))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := f.GetCellValue("知识库", "B2"); got != "'=1+1是多少" {
		t.Errorf("xlsx cell %q", got)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "a": "a", "a=b": "a=b", "=a": "'=a", "'a": "'a", "'=a": "''=a", "''@": "'''@", "'": "'", "＋a": "'＋a", "' =a": "' =a",
	} {
		got := sheet.Quote(in)
		if got != want || sheet.Unquote(got) != in {
			t.Errorf("%q quoted %q, want %q; back %q", in, got, want, sheet.Unquote(got))
		}
	}
	if got := sheet.Unquote("=a"); got != "=a" {
		t.Errorf("what was never quoted came back as %q", got)
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := sheet.Template(&b); err != nil {
		t.Fatal(err)
	}
	in := mustRead(t, "template.xlsx", b.String())
	if in.ErrorCount != 0 || len(in.Entries) != 1 || in.Entries[0].State != model.EntryOff || len(in.Entries[0].Similar) == 0 {
		t.Errorf("template reads as %+v", in)
	}
}

func TestRead_xlsx_as_people_make_it(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	set := func(cell string, value any) {
		t.Helper()
		if err := f.SetCellValue("资料", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellValue("Sheet1", "A1", "说明：请填第二张表"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.NewSheet("资料"); err != nil {
		t.Fatal(err)
	}
	percent, err := f.NewStyle(&excelize.Style{NumFmt: 9})
	if err != nil {
		t.Fatal(err)
	}
	clock, err := f.NewStyle(&excelize.Style{NumFmt: 20})
	if err != nil {
		t.Fatal(err)
	}
	set("A1", "标准问题")
	set("B1", "答案")
	set("C1", "相似问题")
	set("A3", "IT 电话是多少")
	set("B3", 13800138000)
	set("A4", "补贴比例")
	set("B4", 0.5)
	set("A5", "几点上班")
	set("B5", 0.375)
	set("A7", "控制\v符")
	set("B7", "答")
	set("XFD7", "   ")
	for cell, style := range map[string]int{"B4": percent, "B5": clock} {
		if err := f.SetCellStyle("资料", cell, cell, style); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	in := mustRead(t, "a.xlsx", b.String())
	got := map[int]string{}
	for i, row := range in.Rows {
		got[row] = in.Entries[i].Answer
	}
	if diff := cmp.Diff(map[int]string{3: "13800138000", 4: "50%", 5: "09:00"}, got); diff != "" {
		t.Errorf("answers by row (-want +got):\n%s", diff)
	}
	if len(in.Errors) != 1 || in.Errors[0].Row != 7 || in.Errors[0].Column != "A 标准问题" || in.Errors[0].Char == "" {
		t.Errorf("errors %+v, want the control character in row 7", in.Errors)
	}
}

// rezip changes one part of an xlsx.
func rezip(t testing.TB, xlsx, part string, change func(string) string) string {
	t.Helper()
	r, err := zip.NewReader(strings.NewReader(xlsx), int64(len(xlsx)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range r.File {
		rc, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(rc); err != nil {
			t.Fatal(err)
		}
		text := content.String()
		if file.Name == part {
			text = change(text)
		}
		wc, err := w.Create(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wc.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRead_xlsx_sees_control_characters_that_XML_forbids(t *testing.T) {
	t.Parallel()
	xlsx := workbook(t, []any{"标准问题", "答案"}, []any{"一XX一", "答案"}, []any{"二", "答案"})
	for _, form := range []string{"\x0b", "&#11;", "&#x0b;", "&#xB;", "_x000B_"} {
		in := mustRead(t, "a.xlsx", rezip(t, xlsx, "xl/sharedStrings.xml", func(s string) string { return strings.ReplaceAll(s, "XX", form) }))
		want := []sheet.RowError{{Row: 2, Column: "A 标准问题", Char: "U+000B", Message: "第 2 个字符是非法字符 U+000B，请重新编写"}}
		if diff := cmp.Diff(want, in.Errors); diff != "" || len(in.Entries) != 1 {
			t.Errorf("%q: %d entries, errors (-want +got):\n%s", form, len(in.Entries), diff)
		}
	}
}

func TestRead_xlsx_refuses_a_sheet_that_breaks_off(t *testing.T) {
	t.Parallel()
	xlsx := rezip(t, workbook(t, []any{"标准问题", "答案"}, []any{"一", "答案"}, []any{"二", "答案"}), "xl/worksheets/sheet1.xml",
		func(s string) string { return s[:strings.Index(s, `<row r="3"`)] })
	if in, err := sheet.Read("a.xlsx", strings.NewReader(xlsx)); reason(err) != "kb_xlsx_broken" {
		t.Errorf("error %v, %d entries", err, len(in.Entries))
	}
}

func TestRead_xlsx_refuses_a_zip_bomb(t *testing.T) {
	t.Parallel()
	xlsx := rezip(t, workbook(t, []any{"标准问题", "答案"}), "xl/worksheets/sheet1.xml",
		func(s string) string { return s + strings.Repeat(" ", 257<<20) })
	if _, err := sheet.Read("a.xlsx", strings.NewReader(xlsx)); reason(err) != "kb_file_too_long" {
		t.Errorf("error %v", err)
	}
}
