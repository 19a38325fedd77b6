package stats

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"deskmate/model"
)

// Write writes tables as a spreadsheet: shares in per cent, durations as hours, minutes and
// seconds.
func Write(sheets []model.StatSheet, w io.Writer) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // nothing to lose
	styles, err := newStyles(f)
	if err != nil {
		return fmt.Errorf("begin spreadsheet: %w", err)
	}
	for i, sheet := range sheets {
		if i == 0 {
			err = f.SetSheetName(f.GetSheetName(0), sheet.Name)
		} else {
			_, err = f.NewSheet(sheet.Name)
		}
		if err == nil {
			err = fill(f, sheet, styles)
		}
		if err != nil {
			return fmt.Errorf("write sheet %s: %w", sheet.Name, err)
		}
	}
	return f.Write(w)
}

// newStyles are the formats of numbers by unit.
func newStyles(f *excelize.File) (map[string]int, error) {
	styles := map[string]int{}
	for unit, format := range map[string]string{"count": "#,##0", "share": "0.0%", "ms": "[h]:mm:ss", "mean": "0.0"} {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			return nil, err
		}
		styles[unit] = id
	}
	return styles, nil
}

func fill(f *excelize.File, sheet model.StatSheet, styles map[string]int) error {
	s, err := f.NewStreamWriter(sheet.Name)
	if err != nil {
		return err
	}
	const width, columns = 16, 40
	if err := s.SetColWidth(1, columns, width); err != nil {
		return err
	}
	for i, row := range sheet.Rows {
		cells := make([]any, len(row))
		for j, v := range row {
			cells[j] = cellOf(v, styles)
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := s.SetRow(at, cells); err != nil {
			return err
		}
	}
	return s.Flush()
}

func cellOf(v model.StatValue, styles map[string]int) any {
	if v.Number == nil {
		return guarded(v.Text)
	}
	n := *v.Number
	if v.Unit == "ms" {
		const day = 86_400_000
		n /= day
	}
	return excelize.Cell{StyleID: styles[v.Unit], Value: n}
}

// guarded protects a text that a spreadsheet would take for a formula.
func guarded(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
