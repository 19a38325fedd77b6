package sheet

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"

	"deskmate/model"
)

// Write writes entries as a knowledge file, in the order given; the ending of name tells
// whether it is xlsx, csv or jsonl. [Read] gives back exactly what was written of
// entries that Read accepts. Columns for what the five usual ones can't hold are added
// where they are needed.
func Write(name string, w io.Writer, entries []model.Entry) error {
	var err error
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		err = writeXLSX(w, entries)
	case ".csv":
		err = writeCSV(w, entries)
	case ".jsonl":
		err = writeJSONL(w, entries)
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
	if err := writeXLSX(w, []model.Entry{example}); err != nil {
		return fmt.Errorf("write template: %w", err)
	}
	return nil
}

// cellMax is how many UTF-16 units of similar questions go into one cell; a spreadsheet
// takes 32767.
const cellMax = 30_000

// eachRecord gives the header and the entries as the records of a spreadsheet.
func eachRecord(entries []model.Entry, do func(record []string) error) error {
	more, refs := 0, false
	for i := range entries {
		more = max(more, len(similarCells(entries[i].Similar))-1)
		refs = refs || entries[i].Ref != ""
	}
	header := make([]string, 0, int(fieldCount)+more)
	for f := range fieldRef {
		header = append(header, f.header())
	}
	for n := range more {
		header = append(header, fieldSimilar.header()+strconv.Itoa(n+2))
	}
	if refs {
		header = append(header, fieldRef.header())
	}
	if err := do(header); err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		similar := similarCells(e.Similar)
		similar = append(similar, make([]string, more+1-len(similar))...)
		record := append([]string{e.Group, e.Question, similar[0], e.Answer, stateText(e.State)}, similar[1:]...)
		if refs {
			record = append(record, e.Ref)
		}
		for i, text := range record {
			record[i] = quote(text)
		}
		if err := do(record); err != nil {
			return err
		}
	}
	return nil
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
		n := len(utf16.Encode([]rune(text))) + 1
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
