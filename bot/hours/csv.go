package hours

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"deskmate/model"
)

// The columns of a calendar file, and the words in the second.
const (
	colDay  = "日期"
	colKind = "类型"
	colName = "名称"

	kindHoliday = "休"
	kindWorkday = "班"
)

// maxName is how long the name of a day may be, in characters.
const maxName = 40

// Years that a calendar may be about.
const (
	firstYear = 2000
	lastYear  = 2100
)

// ReadCSV reads a calendar file: UTF-8, a heading with the columns 日期, 类型 and 名称 in any
// order, then a row for each day that is not what its weekday says, 类型 being 休 or 班. The
// days come back in years. Its error names every bad row, with its column; the heading
// is row 1.
func ReadCSV(r io.Reader) ([]model.CalendarYear, error) {
	data, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	if !utf8.Valid(data) {
		return nil, model.Invalid("bad_calendar", "the calendar is not UTF-8: save it as CSV UTF-8")
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff")))
	in.FieldsPerRecord = -1
	rows, err := in.ReadAll()
	if err != nil {
		return nil, model.Invalid("bad_calendar", "the calendar is not CSV: %v", err)
	}
	if len(rows) < 2 {
		return nil, model.Invalid("bad_calendar", "the calendar has no days: a heading %s,%s,%s, and then a row for each", colDay, colKind, colName)
	}
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[strings.TrimSpace(name)] = i
	}
	for _, name := range []string{colDay, colKind, colName} {
		if _, ok := columns[name]; !ok {
			return nil, model.Invalid("bad_calendar", "row 1: the column %s is missing", name)
		}
	}
	var days []model.CalendarDay
	var problems []error
	for n, row := range rows[1:] {
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		d, err := readRow(row, columns)
		if err != nil {
			problems = append(problems, fmt.Errorf("row %d, %w", n+2, err))
			continue
		}
		days = append(days, d)
	}
	years := byYear(days)
	for _, y := range years {
		problems = append(problems, CheckYear(y))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, &model.Error{Code: model.CodeInvalid, Reason: "bad_calendar", Message: "the calendar has errors", Err: err}
	}
	return years, nil
}

func readRow(row []string, columns map[string]int) (d model.CalendarDay, err error) {
	cell := func(name string) string {
		if i := columns[name]; i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	if d.Day, err = ReadDay(cell(colDay)); err != nil {
		return d, fmt.Errorf("column %s: %w", colDay, err)
	}
	switch cell(colKind) {
	case kindHoliday:
	case kindWorkday:
		d.Work = true
	default:
		return d, fmt.Errorf("column %s: must be %s or %s", colKind, kindHoliday, kindWorkday)
	}
	d.Name = cell(colName)
	if n := utf8.RuneCountInString(d.Name); n == 0 || n > maxName {
		return d, fmt.Errorf("column %s: must be 1 to %d characters", colName, maxName)
	}
	return d, nil
}

// ReadDay reads a day such as 2027-01-01, as spreadsheets write it: 2027/1/1 will do.
func ReadDay(text string) (int, error) {
	for _, layout := range []string{"2006-1-2", "2006/1/2", "20060102"} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= firstYear && at.Year() <= lastYear {
			return dayNumber(at), nil
		}
	}
	return 0, fmt.Errorf("must be a day such as 2027-01-01, from %d to %d", firstYear, lastYear)
}

func byYear(days []model.CalendarDay) []model.CalendarYear {
	slices.SortStableFunc(days, func(a, b model.CalendarDay) int { return cmp.Compare(a.Day, b.Day) })
	var years []model.CalendarYear
	for _, d := range days {
		if n := len(years); n == 0 || years[n-1].Year != d.Day/10_000 {
			years = append(years, model.CalendarYear{Year: d.Day / 10_000})
		}
		last := &years[len(years)-1]
		last.Days = append(last.Days, d)
	}
	return years
}

// CheckYear says what is wrong with a year: a day of another one or of no month, one that
// stands twice, or a name that is missing or too long.
func CheckYear(y model.CalendarYear) error {
	if y.Year < firstYear || y.Year > lastYear {
		return model.Invalid("bad_calendar", "year %d: must be from %d to %d", y.Year, firstYear, lastYear)
	}
	seen := map[int]bool{}
	for _, d := range y.Days {
		at := dayOf(d.Day)
		n := utf8.RuneCountInString(d.Name)
		switch {
		case at.Year() != y.Year || dayNumber(at) != d.Day:
			return model.Invalid("bad_calendar", "%d is no day of %d", d.Day, y.Year)
		case seen[d.Day]:
			return model.Invalid("bad_calendar", "%s stands twice", at.Format(time.DateOnly))
		case n == 0 || n > maxName:
			return model.Invalid("bad_calendar", "%s needs a name of at most %d characters", at.Format(time.DateOnly), maxName)
		}
		seen[d.Day] = true
	}
	return nil
}
