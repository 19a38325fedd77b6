package sheet_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// mustComeBack writes entries, reads them and compares.
func mustComeBack(t testing.TB, name string, entries []model.Entry) {
	t.Helper()
	mustComeBackIn(t, time.UTC, name, entries)
}

func mustComeBackIn(t testing.TB, loc *time.Location, name string, entries []model.Entry) {
	t.Helper()
	layout := sheet.Layout{Location: loc}
	var b bytes.Buffer
	if err := layout.Write(name, &b, entries); err != nil {
		t.Fatalf("Write(%s): %v", name, err)
	}
	in, err := layout.Read(name, &b)
	if err != nil {
		t.Fatalf("Read(%s): %v", name, err)
	}
	if in.ErrorCount+in.RepairCount+len(in.Warnings) > 0 {
		t.Fatalf("%s: errors %v, repairs %v, warnings %v", name, in.Errors, in.Repairs, in.Warnings)
	}
	if diff := cmp.Diff(entries, in.Entries, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-written +read):\n%s", name, diff)
	}
}

// text makes a text that an import takes as it is: what formats trip over, mixed.
func text(rng *rand.Rand, parts int) string {
	pieces := []string{
		"年假", "VPN", "<br>", "</p>", "&nbsp;", "&amp;", "&#65;", "[图片:3]", "=", "+", "-", "@", "'", "''", "＝", "＠", "\"", ",", ";", "&", "<b>", "]]>",
		"_x000B_", "_x005F_", "&#11;", " ", "\\", "\\n", "😀", "👨\u200d👩", "1.50", "007", "TRUE", "2024-01-01", "1e5", "%", "#", "/", "|", "、",
		"𠮷", "é", "\u0301", "null", "{}",
	}
	var b strings.Builder
	for range parts {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return strings.TrimSpace(b.String())
}

// moment makes a time in epoch-ms: none, a day, a minute, or something odd; some of them
// in the hour that clocks show twice.
func moment(rng *rand.Rand, loc *time.Location) int64 {
	day := time.Date(1971+rng.IntN(200), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, loc)
	if rng.IntN(4) == 0 {
		day = time.Date(2026, time.November, 1, 0, 0, 0, 0, loc)
	}
	switch rng.IntN(5) {
	case 0:
		return 0
	case 1:
		return day.UnixMilli()
	case 2:
		return day.Add(time.Duration(rng.IntN(1440)) * time.Minute).UnixMilli()
	case 3:
		return day.Add(time.Duration(rng.IntN(86400)) * time.Second).UnixMilli()
	}
	return day.Add(time.Duration(rng.IntN(86400_000)) * time.Millisecond).UnixMilli()
}

// message makes a message of an answer: text of one or more lines, a picture or a file.
func message(rng *rand.Rand) string {
	switch rng.IntN(4) {
	case 0:
		return model.MediaRef([]model.ContentType{model.ContentImage, model.ContentFile}[rng.IntN(2)], 1+rng.Uint64N(1<<63))
	case 1:
		return "首" + text(rng, 2) + "\n\n\t" + text(rng, 3) + "。"
	}
	return text(rng, 6) + "答"
}

func randomEntries(rng *rand.Rand, loc *time.Location, n int) []model.Entry {
	var entries []model.Entry
	for i := range n {
		e := model.Entry{State: model.EntryOn, Answer: message(rng), Draft: rng.IntN(3) == 0, ValidFromMS: moment(rng, loc)}
		e.Question = text(rng, 4) + fmt.Sprintf("问%d号", i)
		e.Folded = match.Fold(e.Question)
		for n := range rng.IntN(4) {
			e.Similar = append(e.Similar, text(rng, 3)+fmt.Sprintf("似%d之%d", i, n))
		}
		for range rng.IntN(model.MoreMax + 1) {
			e.More = append(e.More, message(rng))
		}
		if until := moment(rng, loc); until > e.ValidFromMS {
			e.ValidUntilMS = until
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
	return entries
}

func TestWrite_comes_back_as_it_was(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Asia/Shanghai", "America/New_York", "Africa/Monrovia"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(8) {
			entries := randomEntries(rand.New(rand.NewPCG(seed, 3)), loc, 25)
			for _, name := range formats() {
				mustComeBackIn(t, loc, name, entries)
			}
		}
	}
}

func TestWrite_has_only_the_columns_that_are_needed(t *testing.T) {
	t.Parallel()
	const fixed = "分组,标准问题,相似问题,答案,状态"
	tests := []struct {
		name   string
		change func(*model.Entry)
		want   string
	}{
		{"none", func(*model.Entry) {}, ""},
		{"a message", func(e *model.Entry) { e.More = []string{"[图片:12]"} }, ",消息2"},
		{"all messages", func(e *model.Entry) { e.More = []string{"a", "b", "c", "d"} }, ",消息2,消息3,消息4,消息5"},
		{"valid from", func(e *model.Entry) { e.ValidFromMS = 1 }, ",生效时间"},
		{"valid until", func(e *model.Entry) { e.ValidUntilMS = 1 }, ",失效时间"},
		{"draft", func(e *model.Entry) { e.Draft = true }, ",草稿"},
		{"ref", func(e *model.Entry) { e.Ref = "r" }, ",编号"},
		{"all", func(e *model.Entry) {
			e.More, e.ValidFromMS, e.ValidUntilMS, e.Draft, e.Ref = []string{"a"}, 1, 2, true, "r"
		}, ",消息2,生效时间,失效时间,草稿,编号"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			entries := []model.Entry{{Question: "问", Answer: "答"}, {Question: "二", Answer: "答"}}
			tt.change(&entries[1])
			header, _, _ := strings.Cut(mustWrite(t, "a.csv", entries), "\n")
			if want := "\ufeff" + fixed + tt.want; header != want {
				t.Errorf("header %q, want %q", header, want)
			}
		})
	}
}

func TestWrite_shows_times_as_short_as_they_are_exact(t *testing.T) {
	t.Parallel()
	at := func(clock string) int64 {
		v, err := time.ParseInLocation("2006-01-02 15:04:05.000", clock, shanghai())
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixMilli()
	}
	layout := sheet.Layout{Location: shanghai()}
	var b bytes.Buffer
	entries := []model.Entry{
		{Question: "一", Answer: "答", ValidFromMS: at("2026-01-31 00:00:00.000"), ValidUntilMS: at("2026-01-31 18:00:00.000")},
		{Question: "二", Answer: "答", ValidFromMS: at("2026-01-31 00:00:30.000"), ValidUntilMS: at("2026-01-31 18:00:00.007"), Draft: true},
	}
	if err := layout.Write("a.csv", &b, entries); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff分组,标准问题,相似问题,答案,状态,生效时间,失效时间,草稿\n" +
		",一,,答,启用,2026-01-31,2026-01-31 18:00,\n" +
		",二,,答,启用,2026-01-31 00:00:30,2026-01-31 18:00:00.007,是\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("csv (-want +got):\n%s", diff)
	}
	b.Reset()
	if err := layout.Write("a.jsonl", &b, entries[1:]); err != nil {
		t.Fatal(err)
	}
	want = `{"question":"二","similar":[],"answer":"答","valid_from":"2026-01-31T00:00:30+08:00","valid_until":"2026-01-31T18:00:00.007+08:00","draft":true}` + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("jsonl (-want +got):\n%s", diff)
	}
}
