package sheet

import (
	"strings"
	"time"
)

// The forms in which times are written: as short as they are exact. The last two are for
// times that clocks in the zone show twice.
const (
	dayForm    = "2006-01-02"
	minuteForm = "2006-01-02 15:04"
	secondForm = "2006-01-02 15:04:05"
	milliForm  = "2006-01-02 15:04:05.000"
	zonedForm  = "2006-01-02T15:04:05.999Z07:00"
)

// formatTime writes a time in epoch-ms, 0 as "".
func formatTime(ms int64, loc *time.Location) string {
	if ms == 0 {
		return ""
	}
	t := time.UnixMilli(ms).In(loc)
	form := milliForm
	switch {
	case ms%1000 != 0:
	case t.Second() != 0:
		form = secondForm
	case t.Minute() != 0 || t.Hour() != 0:
		form = minuteForm
	default:
		form = dayForm
	}
	text := t.Format(form)
	if back, ok := parseTime(text, loc); !ok || back != ms {
		return formatZoned(ms, loc)
	}
	return text
}

// formatZoned writes a time in epoch-ms with its distance from UTC, 0 as "".
func formatZoned(ms int64, loc *time.Location) string {
	if ms == 0 {
		return ""
	}
	t := time.UnixMilli(ms).In(loc)
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.UTC()
	}
	return t.Format(zonedForm)
}

// parseTime reads what [formatTime] and [formatZoned] write, and how people write days;
// "" is 0. Only years from 1970 to 9999 count.
func parseTime(text string, loc *time.Location) (ms int64, ok bool) {
	if text == "" {
		return 0, true
	}
	if form := formOf(text); form != "" {
		if t, err := time.ParseInLocation(form, text, loc); err == nil {
			return inRange(t)
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return inRange(t)
	}
	day, clock := plainDay(text)
	if clock != "" {
		day += " " + clock
	}
	for _, form := range [...]string{"2006-1-2", "20060102", "2006-1-2 15:04", "2006-1-2 15:04:05"} { // the last one reads fractions as well
		if t, err := time.ParseInLocation(form, day, loc); err == nil {
			return inRange(t)
		}
	}
	return 0, false
}

// formOf is the form that has the length of text.
func formOf(text string) string {
	for _, form := range [...]string{dayForm, minuteForm, secondForm, milliForm} {
		if len(form) == len(text) {
			return form
		}
	}
	return ""
}

// plainDay cuts 2026/1/31 18:00, 2026.1.31, 2026年1月31日 and what has a T before the clock
// into day and clock, the day with dashes.
func plainDay(text string) (day, clock string) {
	text = strings.NewReplacer("年", "-", "月", "-", "日", " ", "：", ":").Replace(text)
	if day, clock, ok := strings.Cut(text, "T"); ok {
		text = day + " " + clock
	}
	day, clock, _ = strings.Cut(strings.Join(strings.Fields(text), " "), " ")
	return strings.NewReplacer("/", "-", ".", "-").Replace(day), clock
}

func inRange(t time.Time) (ms int64, ok bool) {
	ms = t.UnixMilli()
	return ms, ms > 0 && t.Year() <= 9999
}
