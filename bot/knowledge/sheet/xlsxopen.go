package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/transform"

	"deskmate/model"
)

// workbook is an xlsx of which excelize knows everything but the cells.
type workbook struct {
	*excelize.File

	parts  map[string]*zip.File // those that have texts of cells, by path
	sheets []string             // paths of the sheets, in order
	shared []string             // nil: not read yet
	scratch
}

const sharedStrings = "xl/sharedstrings.xml"

// openWorkbook opens a workbook that unpacks to a sane size.
func openWorkbook(data []byte) (*workbook, error) {
	if !looksZipped(data) {
		return nil, errBrokenXLSX()
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	if err := checkUnzipped(archive); err != nil {
		return nil, err
	}
	book := &workbook{parts: map[string]*zip.File{}}
	frame, err := book.frame(archive)
	if err != nil {
		return nil, err
	}
	if book.File, err = excelize.OpenReader(frame); err != nil {
		return nil, err
	}
	for _, sheet := range book.GetSheetList() {
		// What isn't a sheet of cells, such as a chart, has no path.
		if path, err := book.GetCellValue(sheet, "A1"); err == nil && book.parts[path] != nil {
			book.sheets, book.sheet = append(book.sheets, path), sheet
		}
	}
	return book, nil
}

// checkUnzipped unpacks the archive to nowhere, because what it says about its own size
// may be a lie.
func checkUnzipped(archive *zip.Reader) error {
	left := int64(maxUnzippedBytes)
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			return err
		}
		n, err := io.CopyN(io.Discard, r, left+1)
		_ = r.Close() // only read from
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if left -= n; left < 0 {
			return model.Invalid("kb_file_too_long", "解压后超过 %d MB", maxUnzippedBytes>>20)
		}
	}
	return nil
}

// frame writes the workbook anew without pictures and texts of cells: a sheet says only
// which part it was, so that its name leads there.
func (b *workbook) frame(archive *zip.Reader) (io.Reader, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range archive.File {
		path := strings.ToLower(strings.ReplaceAll(file.Name, `\`, "/"))
		var content []byte
		switch {
		case path == sharedStrings:
			b.parts[path] = file
			continue
		case strings.HasPrefix(path, "xl/worksheets/") && strings.HasSuffix(path, ".xml"):
			b.parts[path] = file
			content = fmt.Appendf(nil, `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="str"><v>%s</v></c></row></sheetData></worksheet>`, escapeText(path))
		case strings.HasSuffix(path, ".xml") || strings.HasSuffix(path, ".rels"):
			var err error
			if content, err = unpack(file); err != nil {
				return nil, err
			}
		default:
			continue
		}
		part, err := w.CreateHeader(&zip.FileHeader{Name: file.Name, Method: zip.Store})
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(content); err != nil {
			return nil, err
		}
	}
	return &out, w.Close()
}

func escapeText(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}

func unpack(file *zip.File) ([]byte, error) {
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // only read from
	return io.ReadAll(r)
}

// open gives the XML of a part that has texts of cells.
func (b *workbook) open(path string) (t *tokens, closePart func(), err error) {
	r, err := b.parts[path].Open()
	if err != nil {
		return nil, nil, err
	}
	return newTokens(transform.NewReader(r, controlEscaper{})), func() { _ = r.Close() }, nil
}

// strings are the texts that cells share.
func (b *workbook) strings() ([]string, error) {
	if b.shared != nil || b.parts[sharedStrings] == nil {
		return b.shared, nil
	}
	t, closePart, err := b.open(sharedStrings)
	if err != nil {
		return nil, err
	}
	defer closePart()
	b.shared, err = readStrings(t)
	return b.shared, err
}
