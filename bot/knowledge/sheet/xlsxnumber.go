package sheet

import (
	"strconv"

	"github.com/xuri/excelize/v2"
)

// scratch is where numbers are looked at as the spreadsheet shows them: a cell of a sheet
// that is empty anyway.
type scratch struct {
	sheet    string
	formats  map[int]bool // by style: it has a number format
	date1904 *bool        // days count from 1904; nil: not looked up yet
	record   []string     // the last one that was shown
}

// shown gives the texts of cells, with raw numbers as the spreadsheet shows them where a
// format such as date, time or per cent stands behind them: somebody who typed 9:00 means
// 9:00, and not 0.375. Plain numbers stay raw, for a long one would be shown rounded. In
// columns of times, days since 1900 become the form that [parseTime] reads. The record is
// good until the next one.
func (b *workbook) shown(t *table, cells []xlsxCell) []string {
	b.record = b.record[:0]
	for i, cell := range cells {
		text := cell.text
		switch {
		case !cell.number:
		case i < len(t.columns) && t.columns[i].field.isTime():
			text = b.dated(text)
		case b.formatted(cell.style):
			text = b.show(text, cell.style)
		}
		b.record = append(b.record, text)
	}
	return b.record
}

// formatted reports whether a style has a number format other than that of text.
func (b *workbook) formatted(id int) bool {
	known, ok := b.formats[id]
	if ok {
		return known
	}
	const general, text = 0, 49
	style, err := b.GetStyle(id)
	known = err == nil && (style.CustomNumFmt != nil || style.NumFmt != general && style.NumFmt != text)
	if b.formats == nil {
		b.formats = map[int]bool{}
	}
	b.formats[id] = known
	return known
}

// show gives a number as a style shows it, or as it is.
func (b *workbook) show(number string, style int) string {
	const at = "A1"
	if b.SetCellDefault(b.sheet, at, number) != nil || b.SetCellStyle(b.sheet, at, at, style) != nil {
		return number
	}
	if text, err := b.GetCellValue(b.sheet, at); err == nil && text != "" {
		return text
	}
	return number
}

// dated gives days since 1900 as day and time; other numbers stay.
func (b *workbook) dated(number string) string {
	const lastDay = 2958465 // in the year 9999
	days, err := strconv.ParseFloat(number, 64)
	if err != nil || days < 1 || days > lastDay+1 {
		return number
	}
	if b.date1904 == nil {
		props, err := b.GetWorkbookProps()
		since1904 := err == nil && props.Date1904 != nil && *props.Date1904
		b.date1904 = &since1904
	}
	t, err := excelize.ExcelDateToTime(days, *b.date1904)
	if err != nil {
		return number
	}
	return t.Format(secondForm)
}
