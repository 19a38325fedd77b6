package sheet

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"deskmate/model"
)

// The limits of a knowledge file.
const (
	// MaxFileBytes is how long a knowledge file may be.
	MaxFileBytes = 64 << 20
	// MaxRows is how many rows a knowledge file may have below its header.
	MaxRows = 100_000
	// MaxReported is how many errors, and how many repairs, an [Import] lists; it counts all.
	MaxReported = 1000

	maxUnzippedBytes = 256 << 20
)

// The limits of an entry, in characters except where said otherwise.
const (
	maxGroup    = 191
	maxQuestion = 200
	maxAnswer   = 5000
	maxRefBytes = 128
)

// Layout is how knowledge files are read and written. Its zero value takes days and hours
// as those of UTC.
type Layout struct {
	// Location is where the days and hours of 生效时间 and 失效时间 are counted: the business
	// time zone. Nil is UTC. A day alone is its first moment, so that what is 失效 on a day
	// answers on the day before for the last time.
	Location *time.Location
}

// Import is what a knowledge file says.
type Import struct {
	// Entries are the good rows in the order of the file, with all set that a person can
	// edit, and Folded.
	Entries []model.Entry
	// Rows are the rows that Entries come from, as a spreadsheet numbers them.
	Rows []int
	// Errors say what is wrong with the bad rows, in row order: the first MaxReported of
	// ErrorCount.
	Errors     []RowError
	ErrorCount int
	BadRows    int // rows that have errors
	// Repairs say what was changed in cells before they were read, in row order: the first
	// MaxReported of RepairCount.
	Repairs     []Repair
	RepairCount int
	// Warnings are sentences about the file as a whole, such as columns nobody knows.
	Warnings []string
	// Native reports that the file isn't laid out as ours but as WeCom's own export.
	Native bool

	notes    []rowNote  // bad and repaired rows, in row order: what Compare tells of them
	repaired int        // cells
	folded   [][]string // of Entries: the similar questions as matching sees them
}

// RowError is why a row can't be imported.
type RowError struct {
	Row     int    // the first row of the sheet is 1; in jsonl, the line
	Column  string // as "C 相似问题"; in jsonl, the field; "" for the row as a whole
	Char    string // the character at fault, as U+000B; "" where none is
	Message string // a Chinese sentence without the cell's text
}

// Error gives place and message in one line.
func (e RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("第 %d 行：%s", e.Row, e.Message)
	}
	return fmt.Sprintf("第 %d 行 %s", e.Row, e.inRow())
}

// inRow is Error without the row.
func (e RowError) inRow() string {
	if e.Column == "" {
		return e.Message
	}
	return e.Column + "：" + e.Message
}

// Repair is a harmless change made to a cell.
type Repair struct {
	Row    int    // as in RowError
	Column string // as in RowError
	What   string // what was done, in Chinese
}

// String gives place and change in one line.
func (r Repair) String() string {
	return fmt.Sprintf("第 %d 行 %s", r.Row, r.inRow())
}

// inRow is String without the row.
func (r Repair) inRow() string { return r.Column + "：" + r.What }

// Read is [Layout.Read] with days and hours of UTC.
func Read(name string, r io.Reader) (Import, error) { return Layout{}.Read(name, r) }

// Read reads a knowledge file; the ending of name tells whether it is xlsx, csv or
// jsonl. Bad rows are in Import.Errors and not in Import.Entries. The error is a
// [model.Error] of class invalid when the file as a whole can't be used: it is of
// another kind, broken, too long, or lacks a column.
func (l Layout) Read(name string, r io.Reader) (Import, error) {
	read, ok := reader(name)
	if !ok {
		return Import{}, errFileType()
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxFileBytes+1))
	if err != nil {
		return Import{}, fmt.Errorf("read knowledge file: %w", err)
	}
	if len(data) > MaxFileBytes {
		return Import{}, model.Invalid("kb_file_too_long", "文件超过 %d MB", MaxFileBytes>>20)
	}
	c := newChecker(l.location())
	if err := read(data, c); err != nil {
		return Import{}, err
	}
	return c.finish(), nil
}

func (l Layout) location() *time.Location {
	if l.Location == nil {
		return time.UTC
	}
	return l.Location
}

// reader chooses by the file's ending. A reader gives the rows below the header to the
// checker, blank ones included or not.
func reader(name string) (read func([]byte, *checker) error, ok bool) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		return readXLSX, true
	case ".csv":
		return readCSV, true
	case ".jsonl":
		return readJSONL, true
	}
	return nil, false
}

func errFileType() error {
	return model.Invalid("kb_file_type", "只支持 xlsx、csv 和 jsonl 文件")
}

func errTooManyRows() error {
	return model.Invalid("kb_too_many_rows", "超过 %d 行，请分成几个文件", MaxRows)
}

// looksZipped reports whether data is a zip archive, as every xlsx is.
func looksZipped(data []byte) bool { return bytes.HasPrefix(data, []byte("PK\x03\x04")) }
