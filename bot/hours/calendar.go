package hours

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"deskmate/model"
)

// Calendar knows which days are holidays and which weekend days are worked.
type Calendar struct {
	days  map[int]model.CalendarDay
	years map[int]bool // of which it is known how they go
}

// NewCalendar is the official calendar, changed by days: a day of theirs takes the place
// of the official one.
func NewCalendar(days []model.CalendarDay) Calendar {
	c := Calendar{days: map[int]model.CalendarDay{}, years: map[int]bool{}}
	for _, d := range slices.Concat(Official(), days) {
		c.days[d.Day], c.years[d.Day/10_000] = d, true
	}
	return c
}

// OfYears is the official calendar in which each of these years takes the place of the
// official one as a whole.
func OfYears(years []model.CalendarYear) Calendar {
	c := Calendar{days: map[int]model.CalendarDay{}, years: map[int]bool{}}
	for _, y := range years {
		c.years[y.Year] = true
		for _, d := range y.Days {
			c.days[d.Day] = d
		}
	}
	own := maps.Clone(c.years)
	for _, d := range Official() {
		if year := d.Day / 10_000; !own[year] {
			c.days[d.Day], c.years[year] = d, true
		}
	}
	return c
}

// OfficialYear is the built-in calendar of a year; ok is false where its notice wasn't known.
func OfficialYear(year int) (days []model.CalendarDay, ok bool) {
	for _, d := range Official() {
		if d.Day/10_000 == year {
			days = append(days, d)
		}
	}
	slices.SortFunc(days, func(a, b model.CalendarDay) int { return cmp.Compare(a.Day, b.Day) })
	return days, len(days) > 0
}

// Find tells whether a day (yyyymmdd) is a holiday or a make-up workday.
func (c Calendar) Find(day int) (model.CalendarDay, bool) {
	d, ok := c.days[day]
	return d, ok
}

// Official is the calendar of mainland China for the years whose notice of the State
// Council's General Office (国务院办公厅关于部分节假日安排的通知) is named below. Every day of a holiday is
// listed, weekends among them.
func Official() []model.CalendarDay {
	var days []model.CalendarDay
	for _, year := range [...]struct {
		year   int
		notice string
		rows   string // name first-last, days as mmdd; + before make-up workdays
	}{
		{2024, "国办发明电〔2023〕7号", `
			元旦 0101-0101
			春节 0210-0217 +0204 +0218
			清明节 0404-0406 +0407
			劳动节 0501-0505 +0428 +0511
			端午节 0608-0610
			中秋节 0915-0917 +0914
			国庆节 1001-1007 +0929 +1012`},
		{2025, "国办发明电〔2024〕12号", `
			元旦 0101-0101
			春节 0128-0204 +0126 +0208
			清明节 0404-0406
			劳动节 0501-0505 +0427
			端午节 0531-0602
			国庆节、中秋节 1001-1008 +0928 +1011`},
		{2026, "国办发明电〔2025〕7号", `
			元旦 0101-0103 +0104
			春节 0215-0223 +0214 +0228
			清明节 0404-0406
			劳动节 0501-0505 +0509
			端午节 0619-0621
			中秋节 0925-0927
			国庆节 1001-1007 +0920 +1010`},
	} {
		for line := range strings.Lines(strings.TrimSpace(year.rows)) {
			days = append(days, holiday(year.year, strings.Fields(line))...)
		}
	}
	return days
}

// holiday reads one row of the table above.
func holiday(year int, words []string) []model.CalendarDay {
	name := words[0]
	var days []model.CalendarDay
	from, to, _ := strings.Cut(words[1], "-")
	last := number(year, to)
	for at := dayOf(number(year, from)); dayNumber(at) <= last; at = at.AddDate(0, 0, 1) {
		days = append(days, model.CalendarDay{Day: dayNumber(at), Name: name})
	}
	for _, w := range words[2:] {
		days = append(days, model.CalendarDay{Day: number(year, strings.TrimPrefix(w, "+")), Work: true, Name: name})
	}
	return days
}

func number(year int, mmdd string) int {
	n, err := strconv.Atoi(mmdd)
	if err != nil {
		panic(fmt.Sprintf("hours: the table of holidays has %q", mmdd)) // our own table, held by a test
	}
	return year*10_000 + n
}

// dayOf is noon of a day, in no particular zone: good for counting days.
func dayOf(day int) time.Time {
	const noon = 12
	return time.Date(day/10_000, time.Month(day/100%100), day%100, noon, 0, 0, 0, time.UTC)
}

func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return y*10_000 + int(m)*100 + d
}
