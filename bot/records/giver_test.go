package records_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"deskmate/bot/records"
	"deskmate/model"
)

func newGiver(f *fakeStore, lines int) *records.Giver {
	return records.NewGiver(records.GiverConfig{
		Searcher: newSearcher(f), Store: f, Mask: func(s string) string { return strings.ReplaceAll(s, "138", "***") },
		Zone: time.UTC, Now: func() time.Time { return time.Unix(0, 0) }, Lines: lines,
	})
}

// sheets gives a spreadsheet's cells, each row joined.
func sheets(t *testing.T, data []byte) map[string][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	out := map[string][]string{}
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			out[name] = append(out[name], strings.Join(r, "|"))
		}
	}
	return out
}

func TestExport(t *testing.T) {
	t.Parallel()
	f := newFakeStore()
	f.say(1<<22, "=1+1", "我的电话 138")
	f.say(2<<22, "别的")
	var out bytes.Buffer
	acc := model.Account{ID: 1, Name: "IT"}
	if err := newGiver(f, 0).Export(t.Context(), acc, records.Search{Filter: model.RecordFilter{AccountID: 1}, Text: "电话"}, &out); err != nil {
		t.Fatal(err)
	}
	got := sheets(t, out.Bytes())
	if len(got["会话"]) != 2 || !strings.HasPrefix(got["会话"][1], "4194304|e1|'=e1|") {
		t.Errorf("sessions: %q", got["会话"])
	}
	if len(got["消息"]) != 3 || !strings.Contains(got["消息"][1], "|'=1+1") || !strings.Contains(got["消息"][2], "我的电话 ***") {
		t.Errorf("messages: %q", got["消息"])
	}
	if about := strings.Join(got["说明"], "\n"); !strings.Contains(about, "全部符合条件的会话") || !strings.Contains(about, "内容|电话") {
		t.Errorf("about: %s", about)
	}
	out.Reset()
	if err := newGiver(f, 2).Export(t.Context(), acc, records.Search{Filter: model.RecordFilter{AccountID: 1}}, &out); err != nil {
		t.Fatal(err)
	}
	got = sheets(t, out.Bytes())
	if last := got["消息"][len(got["消息"])-1]; !strings.Contains(last, "未导出全部") || len(got["会话"]) != 3 {
		t.Errorf("cut: %q", got)
	}
}

func TestTranscript(t *testing.T) {
	t.Parallel()
	f := newFakeStore()
	f.say(1<<22, "<script>alert(1)</script> 138")
	f.sessions[1<<22].messages[0].RecalledMS = 1
	var out bytes.Buffer
	if err := newGiver(f, 0).Transcript(t.Context(), model.Account{ID: 1, Name: "IT"}, 1<<22, &out); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, want := range []string{"&lt;script&gt;alert(1)&lt;/script&gt; ***", "撤回", `lang="zh-CN"`, "会话记录 4194304"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("the page has a script")
	}
}
