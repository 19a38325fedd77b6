package sheet_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// many makes entries that need eight columns.
func many() []model.Entry {
	const n = 100_000
	from := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	entries := make([]model.Entry, 0, n)
	for i := range n {
		e := model.Entry{
			ID: uint64(i + 1), Group: fmt.Sprintf("部门%d/组%d", i%20, i%200), Question: fmt.Sprintf("第 %d 项业务怎么办理？", i),
			Similar: []string{fmt.Sprintf("%d 项怎么办", i), fmt.Sprintf("办理 %d 项业务要什么材料", i)},
			Answer:  fmt.Sprintf("打开“审批”，选择第 %d 项，填写完整后提交给直属上级；审核通过后三个工作日内生效，结果会通知您。", i),
			More:    []string{model.MediaRef(model.ContentImage, uint64(i+1))}, State: model.EntryOn,
			ValidFromMS: from.Add(time.Duration(i) * time.Minute).UnixMilli(), ValidUntilMS: from.AddDate(2, 0, 0).UnixMilli(),
		}
		e.Folded = match.Fold(e.Question)
		entries = append(entries, e)
	}
	return entries
}

// excelFile makes the xlsx that Excel would: texts shared, times as dates.
func excelFile(b *testing.B, entries []model.Entry) []byte {
	b.Helper()
	f := excelize.NewFile()
	set := func(row int, cells ...any) {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row), &cells); err != nil {
			b.Fatal(err)
		}
	}
	set(1, "分组", "标准问题", "相似问题", "答案", "状态", "消息2", "生效时间", "失效时间")
	for i := range entries {
		e := &entries[i]
		set(i+2, e.Group, e.Question, strings.Join(e.Similar, "\n"), e.Answer, "启用", e.More[0], time.UnixMilli(e.ValidFromMS).UTC(), time.UnixMilli(e.ValidUntilMS).UTC())
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// benchRead reads a file and reports what it keeps: peak heap without garbage is little
// more.
func benchRead(b *testing.B, name string, data []byte, rows int) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	var in sheet.Import
	for b.Loop() {
		var err error
		if in, err = sheet.Read(name, bytes.NewReader(data)); err != nil || len(in.Entries) != rows {
			b.Fatalf("%d entries, errors %v, error %v", len(in.Entries), in.Errors, err)
		}
	}
	b.StopTimer()
	var with, without runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&with)
	runtime.KeepAlive(in)
	runtime.GC()
	runtime.ReadMemStats(&without)
	b.ReportMetric((float64(with.HeapAlloc)-float64(without.HeapAlloc))/(1<<20), "MB-kept")
}

func BenchmarkRead(b *testing.B) {
	const rows = 100_000
	entries := many()
	for _, name := range formats() {
		b.Run("rows=100k/"+name, func(b *testing.B) {
			benchRead(b, name, []byte(mustWrite(b, name, entries)), rows)
		})
	}
	b.Run("rows=100k/excel.xlsx", func(b *testing.B) {
		benchRead(b, "a.xlsx", excelFile(b, entries), rows)
	})
}

func BenchmarkWrite(b *testing.B) {
	entries := many()
	for _, name := range formats() {
		b.Run("rows=100k/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := sheet.Write(name, io.Discard, entries); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	existing := many()
	changed := many()
	for i := range changed {
		switch i % 3 {
		case 0:
			changed[i].Answer += "（新）"
		case 1:
			changed[i].Question += "二"
		}
	}
	in := mustRead(b, "a.jsonl", mustWrite(b, "a.jsonl", changed))
	b.ReportAllocs()
	for b.Loop() {
		if c := sheet.Compare(in, existing, false).Counts; c.Changed == 0 || c.Same == 0 || c.New+c.Conflict == 0 {
			b.Fatalf("counts %+v", c)
		}
	}
}
