package sheet

import (
	"bufio"
	"bytes"
	"cmp"
	"regexp"
	"slices"

	"github.com/xuri/excelize/v2"
)

// span is cells of one column that are merged into one: only the first has the text.
type span struct {
	column, top, bottom int // from 1
	cell                xlsxCell
}

// merges are the spans of a sheet, for rows that are read one after the other.
type merges struct {
	waiting []span // by top
	open    []span // over the row at hand
	told    bool   // that cells were filled
}

var mergeRef = regexp.MustCompile(`<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+\d+):([A-Z]+\d+)"`)

// spans finds the merged cells of a sheet, which stand behind all its rows. A sheet that
// can't be read so has none; whoever reads its rows says why.
func (b *workbook) spans(path string) *merges {
	m := &merges{}
	r, err := b.parts[path].Open()
	if err != nil {
		return m
	}
	defer func() { _ = r.Close() }() // only read from
	const longest = 1 << 20
	tags := bufio.NewScanner(r)
	tags.Buffer(nil, longest)
	tags.Split(func(data []byte, _ bool) (int, []byte, error) {
		if end := bytes.IndexByte(data, '>'); end >= 0 {
			return end + 1, data[:end], nil
		}
		return 0, nil, nil
	})
	for tags.Scan() {
		if !bytes.Contains(tags.Bytes(), []byte("mergeCell ")) {
			continue
		}
		if ref := mergeRef.FindSubmatch(tags.Bytes()); ref != nil {
			m.add(string(ref[1]), string(ref[2]))
		}
	}
	slices.SortFunc(m.waiting, func(a, b span) int { return cmp.Compare(a.top, b.top) })
	return m
}

// add notes a merged range that has more than one row.
func (m *merges) add(first, last string) {
	column, top, err := excelize.CellNameToCoordinates(first)
	if err != nil {
		return
	}
	if _, bottom, err := excelize.CellNameToCoordinates(last); err == nil && bottom > top {
		m.waiting = append(m.waiting, span{column: column, top: top, bottom: bottom})
	}
}

// fill gives the cells of a row with what is merged into them from above: a group that is
// written once for several entries. A row below a merged question goes on with its entry.
func (m *merges) fill(t *table, row int, cells []xlsxCell) []xlsxCell {
	t.row.continues = false
	m.open = slices.DeleteFunc(m.open, func(s span) bool { return s.bottom < row })
	if slices.ContainsFunc(cells, func(c xlsxCell) bool { return trimBlank(c.text) != "" }) {
		for _, s := range m.open {
			cells = s.fill(t, cells)
		}
		if len(m.open) > 0 && !m.told {
			m.told = true
			t.check.warn("有合并的单元格：下面各行按合并的内容读取")
		}
	}
	for ; len(m.waiting) > 0 && m.waiting[0].top <= row; m.waiting = m.waiting[1:] {
		s := m.waiting[0]
		if s.top != row || s.column > min(len(cells), len(t.columns)) { // one of the header's, or of no column
			continue
		}
		s.cell = cells[s.column-1]
		m.open = append(slices.DeleteFunc(m.open, func(o span) bool { return o.column == s.column }), s)
	}
	return cells
}

func (s span) fill(t *table, cells []xlsxCell) []xlsxCell {
	switch t.columns[s.column-1].field {
	case fieldQuestion:
		t.row.continues = true
		return cells
	case fieldSimilar, fieldAnswer, fieldMore:
		return cells
	case fieldGroup, fieldState, fieldFrom, fieldUntil, fieldDraft, fieldRef, fieldCount:
	}
	for len(cells) < s.column {
		cells = append(cells, xlsxCell{})
	}
	if cells[s.column-1].text == "" {
		cells[s.column-1] = s.cell
	}
	return cells
}
