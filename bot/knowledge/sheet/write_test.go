package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

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
	entries := []model.Entry{{Group: "@组", Question: "=1+1是多少", Similar: []string{"+加"}, Answer: "-2", More: []string{"=HYPERLINK(1)", "＝二"}, State: model.EntryOn, Ref: "+r"}}
	want := "\ufeff分组,标准问题,相似问题,答案,状态,消息2,消息3,编号\n'@组,'=1+1是多少,'+加,'-2,启用,'=HYPERLINK(1),'＝二,'+r\n"
	if got := mustWrite(t, "a.csv", entries); got != want {
		t.Errorf("csv %q, want %q", got, want)
	}
	f, err := excelize.OpenReader(strings.NewReader(mustWrite(t, "a.xlsx", entries)))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"B2": "'=1+1是多少", "F2": "'=HYPERLINK(1)", "H2": "'+r"} {
		if got, _ := f.GetCellValue("知识库", cell); got != want {
			t.Errorf("xlsx cell %s %q, want %q", cell, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "a": "a", "a=b": "a=b", "=a": "'=a", "'a": "'a", "'=a": "''=a", "''@": "'''@", "'": "'", "＋a": "'＋a", "' =a": "' =a",
		"a<br>b": "'a<br>b", "'a&nbsp;": "''a&nbsp;", "a<b": "a<b", `<a href="https://x">`: `<a href="https://x">`,
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

// TestRead_xlsx_believes_no_archive has bombs wherever something is unpacked, and one that
// lies about its size.
func TestRead_xlsx_believes_no_archive(t *testing.T) {
	t.Parallel()
	xlsx := workbook(t, []any{"标准问题", "答案"}, []any{"一", "答案"})
	for _, part := range []string{"xl/sharedStrings.xml", "xl/styles.xml", "xl/media/a.png"} {
		bomb := addBomb(t, xlsx, part)
		if in, err := sheet.Read("a.xlsx", strings.NewReader(bomb)); reason(err) != "kb_file_too_long" && reason(err) != "kb_xlsx_broken" {
			t.Errorf("%s: error %v, %d entries", part, err, len(in.Entries))
		}
	}
}

// addBomb puts a part into an xlsx, instead of the one it has, that unpacks to far more
// than it says.
func addBomb(t testing.TB, xlsx, part string) string {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range 257 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(strings.NewReader(xlsx), int64(len(xlsx)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	to := zip.NewWriter(&out)
	for _, file := range r.File {
		if file.Name == part {
			continue
		}
		if err := to.Copy(file); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := to.CreateRaw(&zip.FileHeader{Name: part, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 100})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRead_xlsx_escapes_control_characters_at_any_place(t *testing.T) {
	t.Parallel()
	// The texts are longer than what is unpacked at once, so that characters are cut apart.
	xlsx := workbook(t, []any{"标准问题", "答案"}, []any{"一", "XX"})
	for n := range 24 {
		filler := strings.Repeat("a", 4096-200+n*9)
		in := mustRead(t, "a.xlsx", rezip(t, xlsx, "xl/sharedStrings.xml", func(s string) string {
			return strings.ReplaceAll(s, "XX", filler+"&#x0000b;&amp;&#65;"+strings.Repeat("&#11;&lt;", 20))
		}))
		if len(in.Errors) != 1 || in.Errors[0].Char != "U+000B" || in.Errors[0].Column != "B 答案" ||
			!strings.HasPrefix(in.Errors[0].Message, fmt.Sprintf("第 %d 个字符", len(filler)+1)) {
			t.Errorf("%d characters before: errors %+v", len(filler), in.Errors)
		}
	}
}
