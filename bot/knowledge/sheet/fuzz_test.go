package sheet_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// checkRead holds for every file: it is refused with a reason, or its good rows keep the
// limits and come back from an export as they are.
func checkRead(t *testing.T, name string, data []byte) {
	t.Helper()
	in, err := sheet.Read(name, bytes.NewReader(data))
	if err != nil {
		var e *model.Error
		if !errors.As(err, &e) || e.Code != model.CodeInvalid || e.Reason == "" {
			t.Fatalf("refused without a reason: %v", err)
		}
		return
	}
	if len(in.Entries) != len(in.Rows) || in.ErrorCount < in.BadRows || in.ErrorCount < len(in.Errors) {
		t.Fatalf("%d entries, %d rows, %d errors in %d bad rows, %d listed", len(in.Entries), len(in.Rows), in.ErrorCount, in.BadRows, len(in.Errors))
	}
	for i, e := range in.Errors {
		if e.Row < 1 || e.Message == "" || i > 0 && e.Row < in.Errors[i-1].Row {
			t.Fatalf("error %d: %+v", i, e)
		}
	}
	seen := map[string]bool{}
	for _, e := range in.Entries {
		for _, text := range append([]string{e.Question, e.Answer, e.Group}, e.Similar...) {
			if !utf8.ValidString(text) {
				t.Fatalf("%q isn't UTF-8", text)
			}
		}
		if e.Question == "" || e.Answer == "" || e.Folded != match.Fold(e.Question) || seen[e.Folded] {
			t.Fatalf("entry %+v", e)
		}
		if len(e.More) > model.MoreMax || e.ValidFromMS < 0 || e.ValidUntilMS < 0 || e.ValidUntilMS != 0 && e.ValidUntilMS <= e.ValidFromMS {
			t.Fatalf("entry %+v", e)
		}
		seen[e.Folded] = true
	}
	report := sheet.Compare(in, in.Entries, true)
	if report.Counts.Same != len(in.Entries) || report.Bad != in.BadRows || report.Counts.Removed+report.Counts.New+report.Counts.Changed != 0 {
		t.Fatalf("compared with itself: %+v, %d bad, want %d same and %d bad", report.Counts, report.Bad, len(in.Entries), in.BadRows)
	}
	if in.ErrorCount > 0 {
		return // what is left may well miss the row that made it complete
	}
	for _, format := range formats() {
		var b bytes.Buffer
		if err := sheet.Write(format, &b, in.Entries); err != nil {
			t.Fatal(err)
		}
		back, err := sheet.Read(format, &b)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if diff := cmp.Diff(in.Entries, back.Entries); diff != "" {
			t.Fatalf("%s (-read +read again):\n%s\nerrors %v", format, diff, back.Errors)
		}
	}
}

func FuzzRead_csv(f *testing.F) {
	for _, seed := range []string{
		csvHeader + "人事,年假有几天,\"年假怎么休\n年假规定\",5 天,启用\n",
		"\ufeff" + csvHeader + ",'=1,'+2,''@3,停用\n\n,　,,,\n",
		"标准问题;答案\r\n一;\"二\"\"三\"\r\n",
		"\xb1\xea\xd7\xbc\xce\xca\xcc\xe2,\xb4\xf0\xb0\xb8\n\xc4\xea\xbc\xd9,\xce\xe5\xcc\xec\n",
		csvHeader + ",一\v,,\xff,坏\n,\"二",
		"标准问题,答案,相似问题2,备注,\n_x000D_,&#11;,a,b,c\n",
		"标准问题,答案,消息3,消息2,生效时间,失效时间,草稿,编号\n一,二,三,[图片:4],2026-01-31,2026/2/1 18:00:00.5,是,'-5\n",
		"导出\n一级分组,二级分类,标准问法,相似问法1,相似问法,回答1,回答2,是否启用\n甲/乙,丙,一,二；三|四,五、六七八九,'<br>,<p>七</p>&nbsp;,否\n,,,八,,,,\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "a.csv", data) })
}

func FuzzRead_jsonl(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","question":"年假有几天","similar":["年假怎么休","a\nb"],"answer":"5 天","group":"人事/假期","state":"off"}`,
		"\ufeff{\"question\":\"'=1\",\"answer\":\"_x000B_\"}\n\n{}\nnull\n[]\n",
		`{"question":"\u200b一\ud800","answer":"\u3000二\u0000"}`,
		`{"question":"一","answer":"<br>","more":["&nbsp;","[文件:1]"],"valid_from":"2026-01-31T00:00:00.001+08:00","valid_until":"9999-12-31","draft":true}`,
		`{"question":"一","answer":"二","x":1}` + "\n" + `{"question":"１","answer":"","state":"坏"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "a.jsonl", data) })
}

func FuzzRead_xlsx(f *testing.F) {
	f.Add([]byte(workbook(f, []any{"标准问题", "答案", "相似问题"}, []any{"年假有几天", 5, "a\nb"}, nil, []any{"=1", true, "_x000B_"})))
	f.Add([]byte(mustWrite(f, "a.xlsx", []model.Entry{{Question: "问", Answer: "'=答", Similar: []string{"似"}, State: model.EntryOff}})))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) { checkRead(t, "a.xlsx", data) })
}

// FuzzRead_sheet puts the fuzzer behind the zip's checksums.
func FuzzRead_sheet(f *testing.F) {
	xlsx := workbook(f, []any{"标准问题", "答案"}, []any{"一", "答案"})
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`+
		`<row r="4"><c r="A4" t="inlineStr"><is><t>二&#11;</t></is></c><c r="B4" s="9"><v>0.5</v></c></row></sheetData></worksheet>`, `<sst><si><t>标准问题</t></si><si><t>答案</t></si></sst>`)
	f.Add(`<worksheet><sheetData><row><c t="s"><v>99</v></c><c r="ZZZZ9"/></row></sheetData></worksheet>`, "<sst>")
	f.Fuzz(func(t *testing.T, sheet, shared string) {
		data := rezip(t, xlsx, "xl/worksheets/sheet1.xml", func(string) string { return sheet })
		data = rezip(t, data, "xl/sharedStrings.xml", func(string) string { return shared })
		if strings.Count(sheet, "<") > 2000 {
			t.Skip("too slow to be of use")
		}
		checkRead(t, "a.xlsx", []byte(data))
	})
}

// FuzzTimes: what is read is written so that it is read again, and the other way round.
func FuzzTimes(f *testing.F) {
	f.Add("2026-01-31 18:00", int64(1))
	f.Add("2026年1月31日 24：00", int64(1_793_512_800_000))
	f.Add("2026-11-01T01:30:00-05:00", int64(253_402_300_799_999))
	zones := []*time.Location{time.UTC, shanghai()}
	for _, name := range []string{"America/New_York", "Africa/Monrovia"} {
		if loc, err := time.LoadLocation(name); err == nil {
			zones = append(zones, loc)
		}
	}
	f.Fuzz(func(t *testing.T, text string, ms int64) {
		for _, loc := range zones {
			if read, ok := sheet.ParseTime(text, loc); ok {
				if again, ok := sheet.ParseTime(sheet.FormatTime(read, loc), loc); !ok || again != read {
					t.Errorf("%q in %s is %d, then %d", text, loc, read, again)
				}
			}
			if year := time.UnixMilli(ms).In(loc).Year(); ms <= 0 || year > 9999 || time.UnixMilli(ms).UTC().Year() > 9999 {
				continue
			}
			for _, form := range []string{sheet.FormatTime(ms, loc), sheet.FormatZoned(ms, loc)} {
				if read, ok := sheet.ParseTime(form, loc); !ok || read != ms {
					t.Errorf("%d in %s is %q, then %d", ms, loc, form, read)
				}
			}
		}
	})
}
