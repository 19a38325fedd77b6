package model

// Span is a part of a day, in minutes since midnight: from From until just before To.
type Span struct {
	From int `json:"from"` // 0–1439
	To   int `json:"to"`   // above From, ≤ 1440
}

// Hours (服务时间) say when somebody works. The zero value is always.
type Hours struct {
	// Week has the spans of each day, Sunday first as [time.Weekday] counts; a day without
	// spans is closed. Nil: always open.
	Week [][]Span `json:"week,omitempty"`
	// Holidays makes public holidays closed and make-up workdays (调休上班) open, as the account's
	// calendar says.
	Holidays bool `json:"holidays,omitempty"`
	// Days are exceptions, by day (yyyymmdd); they win over everything. No spans: closed.
	Days map[int][]Span `json:"days,omitempty"`
}

// Always reports whether the hours never end.
func (h *Hours) Always() bool { return h == nil || len(h.Week) == 0 && len(h.Days) == 0 }

// CalendarDay is a day that is not what its weekday says.
type CalendarDay struct {
	Day  int    `json:"day"`  // yyyymmdd
	Work bool   `json:"work"` // a make-up workday; else a holiday
	Name string `json:"name"` // 春节
}

// DayReason is what decides how a day goes.
type DayReason string

// The reasons, the strongest first.
const (
	OwnDay    DayReason = "own"     // one of [Hours.Days]
	Holiday   DayReason = "holiday" // as the calendar says
	MakeUpDay DayReason = "makeup"  // a make-up workday (调休上班)
	WeekDay   DayReason = "week"    // as any other of its weekday
)

// OpenDay is how one day goes.
type OpenDay struct {
	Spans []Span // none: closed
	Why   DayReason
	Name  string // of a holiday or the one that is made up for; else ""
}
