package hours_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/bot/hours"
	"deskmate/model"
)

// office works Monday to Friday, 9:00–12:00 and 13:30–18:00.
func office(holidays bool) *model.Hours {
	h := &model.Hours{Week: make([][]model.Span, 7), Holidays: holidays}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Week[d] = []model.Span{{From: 9 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 18 * 60}}
	}
	return h
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestOpen(t *testing.T) {
	t.Parallel()
	except := office(true)
	except.Days = map[int][]model.Span{20261001: {{From: 600, To: 660}}, 20261123: nil}
	for _, tt := range []struct {
		name  string
		hours *model.Hours
		at    string
		want  bool
	}{
		{"without hours", nil, "2026-01-01 03:00", true},
		{"Monday morning", office(true), "2026-11-23 09:00", true},
		{"one minute early", office(true), "2026-11-23 08:59", false},
		{"noon", office(true), "2026-11-23 12:00", false},
		{"last minute", office(true), "2026-11-23 17:59", true},
		{"evening", office(true), "2026-11-23 18:00", false},
		{"Sunday", office(true), "2026-11-22 10:00", false},
		{"New Year's Eve holiday", office(true), "2026-02-16 10:00", false},
		{"holidays don't count", office(false), "2026-02-16 10:00", true},
		{"make-up Saturday", office(true), "2026-02-14 10:00", true},
		{"make-up Sunday", office(true), "2026-09-20 14:00", true},
		{"make-up Sunday without the calendar", office(false), "2026-09-20 14:00", false},
		{"exception opens a holiday", except, "2026-10-01 10:30", true},
		{"exception has its own hours", except, "2026-10-01 11:00", false},
		{"exception closes a workday", except, "2026-11-23 10:00", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := hours.NewCalendar(nil).Open(tt.hours, at(t, tt.at)); got != tt.want {
				t.Errorf("Open at %s is %t, want %t", tt.at, got, tt.want)
			}
		})
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, at, want string }{
		{"open now", "2026-11-23 09:30", "2026-11-23 09:30"},
		{"before work", "2026-11-23 07:00", "2026-11-23 09:00"},
		{"at noon", "2026-11-23 12:20", "2026-11-23 13:30"},
		{"in the evening", "2026-11-23 20:00", "2026-11-24 09:00"},
		{"Friday night", "2026-11-20 20:00", "2026-11-23 09:00"},
		{"before the Spring Festival", "2026-02-14 18:00", "2026-02-24 09:00"},
		{"before a make-up Saturday", "2026-02-13 18:00", "2026-02-14 09:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := hours.NewCalendar(nil).Next(office(true), at(t, tt.at))
			if !ok || !got.Equal(at(t, tt.want)) {
				t.Errorf("Next after %s is %s, %t, want %s", tt.at, got, ok, tt.want)
			}
		})
	}
	never := &model.Hours{Week: make([][]model.Span, 7)}
	if got, ok := hours.NewCalendar(nil).Next(never, at(t, "2026-11-23 09:30")); ok {
		t.Errorf("hours that never begin begin at %s", got)
	}
}

// A make-up workday is a weekend day, and no day is said twice.
func TestOfficial(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	off := map[int]int{}
	for _, d := range hours.Official() {
		if seen[d.Day] {
			t.Errorf("%d stands twice", d.Day)
		}
		seen[d.Day] = true
		day := time.Date(d.Day/10000, time.Month(d.Day/100%100), d.Day%100, 12, 0, 0, 0, time.UTC)
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		if got := day.Year()*10000 + int(day.Month())*100 + day.Day(); got != d.Day {
			t.Errorf("%d is no day", d.Day)
		}
		if d.Work && !weekend {
			t.Errorf("%d is a make-up workday on a %s", d.Day, day.Weekday())
		}
		if !d.Work && !weekend {
			off[day.Year()]++
		}
		if d.Work {
			off[day.Year()]--
		}
	}
	// 13 statutory days since 2025, 11 before, less those that fall on weekends and are not moved.
	for year, n := range off {
		if n < 9 || n > 13 {
			t.Errorf("%d gives %d workdays off", year, n)
		}
	}
}

func TestNewCalendarTakesChanges(t *testing.T) {
	t.Parallel()
	c := hours.NewCalendar([]model.CalendarDay{{Day: 20270101, Name: "元旦"}, {Day: 20261001, Work: true}})
	if d, ok := c.Find(20270101); !ok || d.Work {
		t.Errorf("a day of a new year: %+v, %t", d, ok)
	}
	if !c.Open(office(true), at(t, "2026-10-01 10:00")) {
		t.Error("an official day isn't changed")
	}
}

func TestDay(t *testing.T) {
	t.Parallel()
	except := office(true)
	except.Days = map[int][]model.Span{20261001: {{From: 600, To: 660}}}
	long := []model.Span{{From: 0, To: 1440}}
	for _, tt := range []struct {
		name  string
		hours *model.Hours
		day   string
		want  model.OpenDay
	}{
		{"without hours", nil, "2026-10-02", model.OpenDay{Spans: long, Why: model.WeekDay}},
		{"a single day wins over the holiday", except, "2026-10-01", model.OpenDay{Spans: except.Days[20261001], Why: model.OwnDay}},
		{"a holiday", except, "2026-10-02", model.OpenDay{Why: model.Holiday, Name: "国庆节"}},
		{"a make-up workday has a workday's hours", except, "2026-10-10", model.OpenDay{Spans: except.Week[time.Monday], Why: model.MakeUpDay, Name: "国庆节"}},
		{"a holiday that doesn't count", office(false), "2026-10-02", model.OpenDay{Spans: except.Week[time.Friday], Why: model.WeekDay}},
		{"a weekend", except, "2026-10-17", model.OpenDay{Why: model.WeekDay}},
	} {
		got := hours.NewCalendar(nil).Day(tt.hours, at(t, tt.day+" 00:00"))
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestKnows(t *testing.T) {
	t.Parallel()
	empty := []model.CalendarYear{{Year: 2099}, {Year: 2026}}
	for _, tt := range []struct {
		name     string
		calendar hours.Calendar
		year     int
		want     bool
	}{
		{"built in", hours.NewCalendar(nil), 2026, true},
		{"nobody's", hours.NewCalendar(nil), 2099, false},
		{"somebody's without a holiday", hours.OfYears(empty), 2099, true},
		{"another's", hours.OfYears(empty), 2098, false},
	} {
		if got := tt.calendar.Knows(tt.year); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
