package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// The cells are read here and not by excelize, which takes an error in the XML for the
// end of the sheet, holds all of it in memory to tell the format of a number, and needs
// several times as long.

// xlsxCell is a cell as the file has it.
type xlsxCell struct {
	text   string
	style  int  // of its number format
	number bool // text is a number that style says how to show
}

// tokens reads XML to its end.
type tokens struct {
	*xml.Decoder

	depth int
}

func newTokens(r io.Reader) *tokens {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return &tokens{Decoder: d}
}

// next gives the next token. The error is [io.EOF] at the end, and another where that
// comes too early.
func (t *tokens) next() (xml.Token, error) {
	token, err := t.RawToken()
	if errors.Is(err, io.EOF) && t.depth != 0 {
		return nil, io.ErrUnexpectedEOF
	}
	switch token.(type) {
	case xml.StartElement:
		t.depth++
	case xml.EndElement:
		t.depth--
	}
	return token, err
}

// sheetReader reads the rows of a sheet.
type sheetReader struct {
	xml    *tokens
	shared []string
	row    int        // number of the row at hand
	cells  []xlsxCell // of it, from column A on
	value  textReader
}

// next reads a row. The error is [io.EOF] at the end of the sheet.
func (s *sheetReader) next() error {
	column, cell, kind := 0, xlsxCell{}, ""
	for {
		token, err := s.xml.next()
		if err != nil {
			return err
		}
		s.value.take(token)
		switch el := token.(type) {
		case xml.StartElement:
			switch el.Name.Local {
			case "row":
				s.cells, column = s.cells[:0], 0
				err = s.startRow(el.Attr)
			case "c":
				cell, kind = xlsxCell{}, ""
				column, err = startCell(el.Attr, column, &cell, &kind)
				s.value.text = s.value.text[:0]
			}
		case xml.EndElement:
			switch el.Name.Local {
			case "row":
				return nil
			case "c":
				err = s.endCell(column, cell, kind)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (s *sheetReader) startRow(attrs []xml.Attr) error {
	s.row++
	for _, a := range attrs {
		if a.Name.Local != "r" {
			continue
		}
		n, err := strconv.Atoi(a.Value)
		if err != nil || n < 1 || n > excelize.TotalRows {
			return fmt.Errorf("row number %q", a.Value)
		}
		s.row = n
	}
	return nil
}

// startCell reads the attributes of a cell and tells its column; without a place it
// stands beside the last one.
func startCell(attrs []xml.Attr, last int, cell *xlsxCell, kind *string) (column int, err error) {
	column = last + 1
	for _, a := range attrs {
		switch a.Name.Local {
		case "r":
			if column, _, err = excelize.CellNameToCoordinates(a.Value); err != nil {
				return 0, err
			}
		case "s":
			cell.style, _ = strconv.Atoi(a.Value)
		case "t":
			*kind = a.Value
		}
	}
	if column > excelize.MaxColumns {
		return 0, fmt.Errorf("column %d", column)
	}
	return column, nil
}

// endCell puts a cell where it belongs.
func (s *sheetReader) endCell(column int, cell xlsxCell, kind string) error {
	if len(s.value.text) == 0 {
		return nil
	}
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(string(s.value.text)))
		if err != nil || n < 0 || n >= len(s.shared) {
			return fmt.Errorf("shared string %d of %d", n, len(s.shared))
		}
		cell.text = s.shared[n]
	case "b":
		cell.text = "FALSE"
		if string(s.value.text) == "1" {
			cell.text = "TRUE"
		}
	case "str", "inlineStr", "e", "d":
		cell.text = unescape(string(s.value.text))
	default:
		cell.text, cell.number = string(s.value.text), true
	}
	for len(s.cells) < column {
		s.cells = append(s.cells, xlsxCell{})
	}
	s.cells[column-1] = cell
	return nil
}

// texts are the cells as they stand.
func (s *sheetReader) texts() []string {
	record := make([]string, len(s.cells))
	for i, cell := range s.cells {
		record[i] = cell.text
	}
	return record
}

// textReader collects the text in v and t elements, but not how it is pronounced.
type textReader struct {
	text     []byte
	inside   bool
	phonetic int
}

func (r *textReader) take(token xml.Token) {
	switch el := token.(type) {
	case xml.StartElement:
		switch el.Name.Local {
		case "v", "t":
			r.inside = r.phonetic == 0
		case "rPh":
			r.phonetic++
		}
	case xml.EndElement:
		switch el.Name.Local {
		case "v", "t":
			r.inside = false
		case "rPh":
			r.phonetic--
		}
	case xml.CharData:
		if r.inside {
			r.text = append(r.text, el...)
		}
	}
}

// readStrings reads the texts that cells share.
func readStrings(t *tokens) ([]string, error) {
	var list []string
	var value textReader
	for {
		token, err := t.next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		value.take(token)
		switch el := token.(type) {
		case xml.StartElement:
			if el.Name.Local == "si" {
				value.text = value.text[:0]
			}
		case xml.EndElement:
			if el.Name.Local == "si" {
				list = append(list, unescape(string(value.text)))
			}
		}
	}
}

// escaped is how spreadsheets write characters that XML can't hold.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(form string) string {
		if char, err := strconv.Unquote(`"\u` + form[2:6] + `"`); err == nil {
			return char
		}
		return form // half of a pair
	})
}
