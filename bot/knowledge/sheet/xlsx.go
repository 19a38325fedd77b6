package sheet

import (
	"errors"
	"regexp"

	"github.com/xuri/excelize/v2"

	"deskmate/model"
)

// readXLSX reads the first sheet that has the right header.
func readXLSX(data []byte) (rows []row, warnings []string, err error) {
	defer func() { // the library has its own idea of impossible files
		if p := recover(); p != nil {
			rows, warnings, err = nil, nil, errBrokenXLSX()
		}
	}()
	f, err := openXLSX(data)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }() // everything is in memory
	var first error
	for _, sheet := range f.GetSheetList() {
		t, err := readSheet(f, sheet)
		if err == nil {
			return t.rows, t.warnings, nil
		}
		var known *model.Error
		if !errors.As(err, &known) || known.Reason != "kb_column_missing" {
			return nil, nil, err
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = errBrokenXLSX()
	}
	return nil, nil, first
}

func errBrokenXLSX() error {
	return model.Invalid("kb_xlsx_broken", "文件已损坏、有密码或者不是 xlsx 文件，请在表格软件里另存为 xlsx")
}

func readSheet(f *excelize.File, sheet string) (*table, error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		return nil, errBrokenXLSX()
	}
	defer func() { _ = rows.Close() }() // everything is in memory
	var t *table
	shown := displayed{f: f, sheet: sheet}
	for number := 1; rows.Next(); number++ {
		record, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, errBrokenXLSX()
		}
		if t == nil {
			if t, err = openTable(record); err != nil {
				return nil, err
			}
			continue
		}
		shown.fix(number, record)
		if err := t.add(number, record); err != nil {
			return nil, err
		}
	}
	if rows.Error() != nil {
		return nil, errBrokenXLSX()
	}
	if t == nil {
		return openTable(nil)
	}
	return t, nil
}

// displayed replaces raw numbers by what the spreadsheet shows where a format such as
// date, time or per cent stands behind them: somebody who typed 9:00 means 9:00, and not
// 0.375. Plain numbers stay raw, for a long one would be shown rounded.
type displayed struct {
	f     *excelize.File
	sheet string
}

// plainNumber is how the raw value of a number, date or time looks.
var plainNumber = regexp.MustCompile(`^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$`)

func (d displayed) fix(row int, record []string) {
	for i, text := range record {
		if len(text) > 32 || !plainNumber.MatchString(text) {
			continue
		}
		ref, err := excelize.CoordinatesToCellName(i+1, row)
		if err != nil || d.plain(ref) {
			continue
		}
		if shown, err := d.f.GetCellValue(d.sheet, ref, excelize.Options{RawCellValue: false}); err == nil && shown != "" {
			record[i] = shown
		}
	}
}

// plain reports whether the cell has no number format, or that of text.
func (d displayed) plain(ref string) bool {
	id, err := d.f.GetCellStyle(d.sheet, ref)
	if err != nil {
		return true
	}
	style, err := d.f.GetStyle(id)
	const general, text = 0, 49
	return err != nil || style.CustomNumFmt == nil && (style.NumFmt == general || style.NumFmt == text)
}
