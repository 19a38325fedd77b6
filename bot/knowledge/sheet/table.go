package sheet

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"deskmate/model"
)

// table turns the records of a spreadsheet into rows, by the names in its header.
type table struct {
	check    *checker
	columns  []column
	order    []int // of columns: those of one field stand as they are numbered
	row      row   // the one at hand
	rows     int
	nameless map[int]bool // columns without a name that hold something
}

// column says what stands in a column; field is fieldCount where nobody knows.
type column struct {
	field field
	nth   int    // among the columns of its field, as its name says
	name  string // as the header has it
	label string // as RowError.Column
}

// headerRows is how far down the header is looked for: native files have titles and
// hints above it.
const headerRows = 10

// seeker looks for the header of a sheet.
type seeker struct {
	check   *checker
	skipped bool  // there was text above
	closest error // why the row that looked most like a header is none
	known   int   // columns known in it
}

// try takes the record for the header if it names what must be there; found is false
// where the header may still come.
func (s *seeker) try(number int, record []string) (t *table, found bool, err error) {
	if blank(record) {
		return nil, false, nil
	}
	columns, native, warnings := readHeader(record)
	known := 0
	for _, col := range columns {
		if col.field < fieldCount {
			known++
		}
	}
	if err := missing(number, columns); err != nil {
		if s.closest == nil || known > s.known {
			s.closest, s.known = err, known
		}
		s.skipped = true
		return nil, false, nil
	}
	if err := twice(number, columns); err != nil {
		return nil, false, err
	}
	if s.skipped {
		s.check.warn("表头在第 %d 行，上面的内容已略过", number)
	}
	if native {
		s.check.native()
	}
	s.check.in.Warnings = append(s.check.in.Warnings, warnings...)
	t = &table{check: s.check, columns: columns, nameless: map[int]bool{}}
	for i := range columns {
		t.order = append(t.order, i)
	}
	slices.SortStableFunc(t.order, func(a, b int) int { return columns[a].nth - columns[b].nth })
	return t, true, nil
}

// failed is why there is no header.
func (s *seeker) failed() error {
	if s.closest == nil {
		return missing(1, nil)
	}
	return s.closest
}

// isNoHeader reports whether err says that a sheet lacks columns; another may have them.
func isNoHeader(err error) bool {
	known, ok := errors.AsType[*model.Error](err)
	return ok && known.Reason == "kb_column_missing"
}

// readHeader tells what stands in which column, and whether names of native files are
// among them.
func readHeader(record []string) (columns []column, native bool, warnings []string) {
	for i, text := range record {
		name := headerName(text)
		f, nth, alias := fieldOf(name)
		if name != "" && f == fieldCount {
			warnings = append(warnings, fmt.Sprintf("%s 列“%s”不认识，已忽略", letters(i), name))
		}
		native = native || alias
		columns = append(columns, column{field: f, nth: nth, name: name, label: trimBlank(letters(i) + " " + name)})
	}
	return columns, native, warnings
}

// missing says which columns a header lacks: question and answer must be there.
func missing(number int, columns []column) error {
	var names []string
	for _, f := range [...]field{fieldQuestion, fieldAnswer} {
		if !slices.ContainsFunc(columns, func(col column) bool { return col.field == f }) {
			names = append(names, "“"+f.header()+"”")
		}
	}
	if len(names) == 0 {
		return nil
	}
	return model.Invalid("kb_column_missing", "第 %d 行（表头）缺少列：%s", number, strings.Join(names, "、"))
}

// twice finds a column that stands twice; only similar questions may.
func twice(number int, columns []column) error {
	for i, col := range columns {
		if col.field == fieldSimilar || col.field == fieldCount {
			continue
		}
		if slices.ContainsFunc(columns[:i], func(c column) bool { return c.field == col.field && c.nth == col.nth }) {
			return model.Invalid("kb_column_twice", "第 %d 行有两个“%s”列", number, col.usual())
		}
	}
	return nil
}

// usual is the name that an export gives the column.
func (col column) usual() string {
	if col.field.several() && col.nth > 1 {
		return col.field.numbered(col.nth)
	}
	return col.field.header()
}

// headerName is the name in a header cell, without remarks such as (必填) or *.
func headerName(text string) string {
	text, _ = repair(text)
	if i := strings.IndexAny(text, "(（[【\n"); i >= 0 {
		text = text[:i]
	}
	return strings.Join(strings.Fields(strings.Trim(text, " *＊:：\"'")), "")
}

// letters names a column as spreadsheets do: 0 is A, 26 is AA.
func letters(column int) string {
	var name []byte
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = append(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(n-1)%26])
	}
	slices.Reverse(name)
	return string(name)
}

// blank reports whether nothing stands in a record.
func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(text string) bool { return trimBlank(text) != "" })
}

// add takes in a record that stands in the numbered row. Rows without any text don't
// count.
func (t *table) add(number int, record []string) error {
	if blank(record) {
		return nil
	}
	if t.rows == MaxRows {
		return errTooManyRows()
	}
	t.rows++
	t.row.number = number
	for f := range t.row.cells {
		t.row.cells[f] = t.row.cells[f][:0]
	}
	for _, i := range t.order {
		col := t.columns[i]
		if col.field == fieldCount || i >= len(record) || record[i] == "" {
			continue
		}
		text, verbatim := unquote(record[i])
		t.row.cells[col.field] = append(t.row.cells[col.field], cell{col.label, text, verbatim, col.field == fieldGroup && col.nth > 0})
	}
	// A cell that is empty still has a place for its error.
	for _, col := range t.columns {
		if col.field < fieldCount && len(t.row.cells[col.field]) == 0 {
			t.row.add(col.field, col.label, "")
		}
	}
	t.warnNameless(record)
	t.check.row(&t.row)
	return nil
}

// warnNameless tells of columns that hold something but have no name.
func (t *table) warnNameless(record []string) {
	for i, text := range record {
		named := i < len(t.columns) && t.columns[i].name != ""
		if text == "" || named || t.nameless[i] || trimBlank(text) == "" || len(t.nameless) == MaxReported {
			continue
		}
		t.nameless[i] = true
		t.check.warn("%s 列没有列名，已忽略", letters(i))
	}
}
