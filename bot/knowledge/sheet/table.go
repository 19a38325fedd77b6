package sheet

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"deskmate/model"
)

// table turns the records of a spreadsheet into rows, by the names in its header.
type table struct {
	columns  []column
	rows     []row
	warnings []string
	nameless map[int]bool // columns without a name that hold something
}

// column says what stands in a column; field is fieldCount where nobody knows.
type column struct {
	field field
	label string // as RowError.Column
}

// openTable reads the header. A column may be missing except for the question and the
// answer; similar questions may have several columns, any other one only.
func openTable(header []string) (*table, error) {
	t := &table{nameless: map[int]bool{}}
	var found [fieldCount]bool
	for i, text := range header {
		name := headerName(text)
		col := column{fieldOf(name), trimBlank(letters(i) + " " + name)}
		switch {
		case name == "":
		case col.field == fieldCount:
			t.warnings = append(t.warnings, fmt.Sprintf("%s 列“%s”不认识，已忽略", letters(i), name))
		case found[col.field] && col.field != fieldSimilar:
			return nil, model.Invalid("kb_column_twice", "第 1 行有两个“%s”列", col.field.header())
		default:
			found[col.field] = true
		}
		t.columns = append(t.columns, col)
	}
	var missing []string
	for _, f := range [...]field{fieldQuestion, fieldAnswer} {
		if !found[f] {
			missing = append(missing, "“"+f.header()+"”")
		}
	}
	if len(missing) > 0 {
		return nil, model.Invalid("kb_column_missing", "第 1 行（表头）缺少列：%s", strings.Join(missing, "、"))
	}
	return t, nil
}

// headerName is the name in a header cell, without remarks such as (必填) or *.
func headerName(text string) string {
	text, _ = repair(text)
	if i := strings.IndexAny(text, "(（[【\n"); i >= 0 {
		text = text[:i]
	}
	return strings.Join(strings.Fields(strings.Trim(text, " *＊:：\"'")), "")
}

// fieldOf finds the field of a header name; the names of WeCom's own template do as
// well.
func fieldOf(name string) field {
	switch name {
	case "标准问法", "问题":
		return fieldQuestion
	case "相似问法":
		return fieldSimilar
	case "回答":
		return fieldAnswer
	}
	if rest, ok := strings.CutPrefix(name, fieldSimilar.header()); ok && strings.Trim(rest, "0123456789") == "" {
		return fieldSimilar
	}
	for f := range fieldCount {
		if f.header() == name {
			return f
		}
	}
	return fieldCount
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

// add takes in a record that stands in the numbered row. Rows without any text don't
// count.
func (t *table) add(number int, record []string) error {
	if !slices.ContainsFunc(record, func(text string) bool { return trimBlank(text) != "" }) {
		return nil
	}
	if len(t.rows) == MaxRows {
		return errTooManyRows()
	}
	r := row{number: number}
	for i, text := range record {
		if text == "" {
			continue
		}
		if i >= len(t.columns) || t.columns[i].label == letters(i) {
			t.warnNameless(i, text)
			continue
		}
		if col := t.columns[i]; col.field < fieldCount {
			r.add(col.field, col.label, unquote(text))
		}
	}
	// A cell that is empty still has a place for its error.
	for _, col := range t.columns {
		if col.field < fieldCount && len(r.cells[col.field]) == 0 {
			r.add(col.field, col.label, "")
		}
	}
	t.rows = append(t.rows, r)
	return nil
}

func (t *table) warnNameless(i int, text string) {
	if t.nameless[i] || trimBlank(text) == "" || len(t.nameless) == MaxReported {
		return
	}
	t.nameless[i] = true
	t.warnings = append(t.warnings, fmt.Sprintf("%s 列没有列名，已忽略", letters(i)))
}

// formulaStarts are the characters that make a spreadsheet take a text for a formula,
// in both widths.
const formulaStarts = "=+-@＝＋－＠"

// quote protects a text that a spreadsheet would take for a formula by an apostrophe.
// A text that has apostrophes there by itself gets one more, so that unquote gives
// every text back as it was.
func quote(text string) string {
	if startsFormula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// unquote takes the apostrophe of quote off.
func unquote(text string) string {
	if rest, quoted := strings.CutPrefix(text, "'"); quoted && startsFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return text
}

func startsFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune(formulaStarts, first)
}
