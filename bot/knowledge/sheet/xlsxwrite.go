package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"deskmate/model"
)

// sheetName is the sheet that an export has.
const sheetName = "知识库"

func (l Layout) writeXLSX(w io.Writer, entries []model.Entry) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // nothing to lose
	if err := f.SetSheetName(f.GetSheetName(0), sheetName); err != nil {
		return err
	}
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	body, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return err
	}
	sheet, err := f.NewStreamWriter(sheetName)
	if err != nil {
		return err
	}
	widths := [...]float64{18, 30, 40, 60, 8, 20, 20, 20, 20, 20, 20, 20, 20}
	for i, width := range widths {
		if err := sheet.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	line, style := 0, head
	err = l.eachRecord(entries, func(record []string) error {
		line++
		cells := make([]any, len(record))
		for i, text := range record {
			cells[i] = excelize.Cell{StyleID: style, Value: text}
		}
		style = body
		return sheet.SetRow(fmt.Sprintf("A%d", line), cells)
	})
	if err != nil {
		return err
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}
