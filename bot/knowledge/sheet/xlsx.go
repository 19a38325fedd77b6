package sheet

import (
	"errors"
	"io"

	"deskmate/model"
)

// readXLSX reads the first sheet that has the right header.
func readXLSX(data []byte, c *checker) (err error) {
	defer func() { // the library has its own idea of impossible files
		if p := recover(); p != nil {
			err = errBrokenXLSX()
		}
	}()
	book, err := openWorkbook(data)
	if err != nil {
		return orBroken(err)
	}
	defer func() { _ = book.Close() }() // everything is in memory
	var first error
	for _, part := range book.sheets {
		err := readSheet(book, part, c)
		if !isNoHeader(err) {
			return orBroken(err)
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = errBrokenXLSX()
	}
	return first
}

func errBrokenXLSX() error {
	return model.Invalid("kb_xlsx_broken", "文件已损坏、有密码或者不是 xlsx 文件，请在表格软件里另存为 xlsx")
}

// orBroken turns what went wrong inside a file into what people are told.
func orBroken(err error) error {
	if _, told := errors.AsType[*model.Error](err); told || err == nil {
		return err
	}
	return errBrokenXLSX()
}

// readSheet reads the rows of a sheet below its header.
func readSheet(book *workbook, part string, c *checker) error {
	shared, err := book.strings()
	if err != nil {
		return err
	}
	xml, closePart, err := book.open(part)
	if err != nil {
		return err
	}
	defer closePart()
	s, merged := sheetReader{xml: xml, shared: shared}, book.spans(part)
	seek := seeker{check: c}
	var t *table
	for {
		err := s.next()
		ended := errors.Is(err, io.EOF)
		switch {
		case ended && t != nil:
			return nil
		case ended || err == nil && t == nil && s.row > headerRows:
			return seek.failed()
		case err != nil:
			return err
		case t == nil:
			if t, _, err = seek.try(s.row, s.texts()); err != nil {
				return err
			}
			continue
		}
		s.cells = merged.fill(t, s.row, s.cells)
		if err := t.add(s.row, book.shown(t, s.cells)); err != nil {
			return err
		}
	}
}
