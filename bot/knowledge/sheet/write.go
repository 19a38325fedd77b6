package sheet

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf16"

	"deskmate/model"
)

// Write is [Layout.Write] with days and hours of UTC.
func Write(name string, w io.Writer, entries []model.Entry) error {
	return Layout{}.Write(name, w, entries)
}

// Write writes entries as a knowledge file, in the order given; the ending of name tells
// whether it is xlsx, csv or jsonl. [Layout.Read] gives back exactly what was written of
// entries that it accepts. Columns for what the five usual ones can't hold are added where
// they are needed.
func (l Layout) Write(name string, w io.Writer, entries []model.Entry) error {
	var err error
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		err = l.writeXLSX(w, entries)
	case ".csv":
		err = l.writeCSV(w, entries)
	case ".jsonl":
		err = l.writeJSONL(w, entries)
	default:
		return errFileType()
	}
	if err != nil {
		return fmt.Errorf("write knowledge file: %w", err)
	}
	return nil
}

// Template writes an empty xlsx knowledge file: the header and one example, which is
// off so that nobody is ever answered with it.
func Template(w io.Writer) error {
	example := model.Entry{
		Group:    "示例/考勤",
		Question: "如何申请年假",
		Similar:  []string{"年假怎么请", "想休年假走什么流程"},
		Answer:   "请在“审批”里选择“请假”，类型选“年假”，提交给直属上级。\n（这是示例，导入前可以删除）",
		State:    model.EntryOff,
	}
	if err := (Layout{}).writeXLSX(w, []model.Entry{example}); err != nil {
		return fmt.Errorf("write template: %w", err)
	}
	return nil
}

// cellMax is how many UTF-16 units of similar questions go into one cell; a spreadsheet
// takes 32767.
const cellMax = 30_000

// extras says which columns besides the fixed ones some entries need.
type extras struct {
	similar, more           int // columns of similar questions besides the first; messages besides the answer
	from, until, draft, ref bool
}

func extrasOf(entries []model.Entry) extras {
	var x extras
	for i := range entries {
		e := &entries[i]
		x.similar = max(x.similar, len(similarCells(e.Similar))-1)
		x.more = max(x.more, len(e.More))
		x.from = x.from || e.ValidFromMS != 0
		x.until = x.until || e.ValidUntilMS != 0
		x.draft = x.draft || e.Draft
		x.ref = x.ref || e.Ref != ""
	}
	return x
}

func (x extras) header() []string {
	var header []string
	for f := range fixedFields {
		header = append(header, f.header())
	}
	for n := range x.similar {
		header = append(header, fieldSimilar.numbered(n+2))
	}
	for n := range x.more {
		header = append(header, fieldMore.numbered(n+2))
	}
	return x.appendTail(header, fieldFrom.header(), fieldUntil.header(), fieldDraft.header(), fieldRef.header())
}

// appendTail appends those of the last four columns that are needed.
func (x extras) appendTail(record []string, from, until, draft, ref string) []string {
	for _, col := range [...]struct {
		needed bool
		text   string
	}{{x.from, from}, {x.until, until}, {x.draft, draft}, {x.ref, ref}} {
		if col.needed {
			record = append(record, col.text)
		}
	}
	return record
}

// eachRecord gives the header and the entries as the records of a spreadsheet. A record
// is good until the next one.
func (l Layout) eachRecord(entries []model.Entry, do func(record []string) error) error {
	x := extrasOf(entries)
	header := x.header()
	if err := do(header); err != nil {
		return err
	}
	record := make([]string, 0, len(header))
	for i := range entries {
		e := &entries[i]
		similar := similarCells(e.Similar)
		record = append(record[:0], e.Group, e.Question, similar[0], e.Answer, stateText(e.State))
		record = appendPadded(record, similar[1:], x.similar)
		record = appendPadded(record, e.More, x.more)
		draft := ""
		if e.Draft {
			draft = "是"
		}
		record = x.appendTail(record, formatTime(e.ValidFromMS, l.location()), formatTime(e.ValidUntilMS, l.location()), draft, e.Ref)
		for i, text := range record {
			record[i] = quote(text)
		}
		if err := do(record); err != nil {
			return err
		}
	}
	return nil
}

// appendPadded appends texts and as many empty ones as make n.
func appendPadded(record, texts []string, n int) []string {
	record = append(record, texts...)
	for range n - len(texts) {
		record = append(record, "")
	}
	return record
}

func stateText(s model.EntryState) string {
	if s == model.EntryOff {
		return "停用"
	}
	return "启用"
}

// similarCells spreads similar questions over as many cells as they need, at least one.
func similarCells(similar []string) []string {
	cells, size := []string{""}, 0
	for _, text := range similar {
		n := utf16Len(text) + 1
		last := len(cells) - 1
		switch {
		case size == 0:
			cells[last] = text
		case size+n > cellMax:
			cells, size = append(cells, text), 0
		default:
			cells[last] += "\n" + text
		}
		size += n
	}
	return cells
}

func utf16Len(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
