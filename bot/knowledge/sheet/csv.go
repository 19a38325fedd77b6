package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"deskmate/model"
)

// bom marks a UTF-8 file; Excel needs it to read Chinese csv.
const bom = "\ufeff"

// readCSV reads csv in UTF-8 or GB18030 (of which GBK is a part), separated by comma,
// semicolon or tab.
func readCSV(data []byte, c *checker) error {
	if looksZipped(data) {
		return model.Invalid("kb_file_type", "这是 xlsx 文件，不是 csv 文件")
	}
	text, err := decodeText(data)
	if err != nil {
		return err
	}
	t, records, err := findHeader(text, c)
	if err != nil {
		return err
	}
	for {
		number, record, err := records.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			// What follows an open quote can't be told apart: the file ends here.
			c.row(&row{broken: &RowError{Row: number, Message: "引号不成对，从这一行起无法读取"}})
			return nil //nolint:nilerr // it is told as a bad row
		}
		if err := t.add(number, record); err != nil {
			return err
		}
	}
}

// findHeader reads down to the header, with the separator that shows one.
func findHeader(text string, c *checker) (*table, *records, error) {
	var failed error
	for _, separator := range separators(text) {
		records, s := newRecords(text, separator), seeker{check: c}
		for {
			number, record, err := records.next()
			if err != nil || number > headerRows {
				break
			}
			if t, found, err := s.try(number, record); found || err != nil {
				return t, records, err
			}
		}
		if failed == nil && s.closest != nil {
			failed = s.closest
		}
	}
	if failed == nil {
		failed = model.Invalid("kb_column_missing", "文件是空的，或者第 1 行（表头）无法读取")
	}
	return nil, nil, failed
}

// records numbers csv records as a spreadsheet does: blank lines are rows, and a line
// end inside quotes begins none.
type records struct {
	csv  *csv.Reader
	row  int // of the last record
	line int // on which the last record ended
}

func newRecords(text string, separator rune) *records {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	r.Comma = separator
	return &records{csv: r}
}

func (r *records) next() (number int, record []string, err error) {
	record, err = r.csv.Read()
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return r.row + broken.StartLine - r.line, nil, err
	}
	if err != nil {
		return 0, nil, err
	}
	start, _ := r.csv.FieldPos(0)
	r.row += start - r.line // blank lines in between are rows of their own
	last := len(record) - 1
	end, _ := r.csv.FieldPos(last)
	r.line = end + strings.Count(record[last], "\n")
	return r.row, record, nil
}

// separators are what may stand between cells, first what the first line has most of.
func separators(text string) []rune {
	line, _, _ := strings.Cut(text, "\n")
	list := []rune{',', ';', '\t'}
	slices.SortStableFunc(list, func(a, b rune) int { return strings.Count(line, string(b)) - strings.Count(line, string(a)) })
	return list
}

// decodeText gives a file's text. Characters that can't be read become U+FFFD, which
// the checks then find.
func decodeText(data []byte) (string, error) {
	if rest, marked := bytes.CutPrefix(data, []byte(bom)); marked {
		return strings.ToValidUTF8(string(rest), "\ufffd"), nil
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return "", model.Invalid("kb_encoding", "不支持 UTF-16 编码，请另存为 UTF-8 的 csv 或 xlsx")
	}
	if mostlyUTF8(data) {
		return strings.ToValidUTF8(string(data), "\ufffd"), nil
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil {
		return "", model.Invalid("kb_encoding", "无法识别文件的编码，请另存为 UTF-8 的 csv 或 xlsx")
	}
	return string(text), nil
}

// mostlyUTF8 reports whether data is UTF-8, a few damaged characters apart: in GB18030
// hardly a Chinese character is valid UTF-8.
func mostlyUTF8(data []byte) bool {
	if utf8.Valid(data) {
		return true
	}
	good, damaged := 0, 0
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			damaged++
		case size > 1:
			good++
		}
		data = data[size:]
	}
	return good > 20*damaged
}

func (l Layout) writeCSV(w io.Writer, entries []model.Entry) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	err := l.eachRecord(entries, out.Write)
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
