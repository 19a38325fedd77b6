package hours_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/hours"
	"deskmate/model"
)

func TestLive(t *testing.T) {
	t.Parallel()
	var live hours.Live
	if live.Open(office(true), at(t, "2026-10-01 10:00")) {
		t.Error("the official calendar doesn't count from the start")
	}
	// A stored year hides the official one as a whole.
	live.Set([]model.CalendarYear{{Year: 2026, Days: []model.CalendarDay{{Day: 20261123, Name: "厂庆"}}}})
	if !live.Open(office(true), at(t, "2026-10-01 10:00")) || live.Open(office(true), at(t, "2026-11-23 10:00")) {
		t.Error("the stored year doesn't count")
	}
	if next, ok := live.Next(office(true), at(t, "2026-11-23 10:00")); !ok || !next.Equal(at(t, "2026-11-24 09:00")) {
		t.Errorf("Next is %s, %v", next, ok)
	}
	if live.Open(office(true), at(t, "2025-10-01 10:00")) {
		t.Error("other years aren't what they were")
	}
}

func TestReadCSV(t *testing.T) {
	t.Parallel()
	got, err := hours.ReadCSV(strings.NewReader("\ufeff名称,类型,日期\n元旦,休,2027/1/1\n\n春节,班,2028-02-05\n元旦,班,20270103\n"))
	want := []model.CalendarYear{
		{Year: 2027, Days: []model.CalendarDay{{Day: 20270101, Name: "元旦"}, {Day: 20270103, Work: true, Name: "元旦"}}},
		{Year: 2028, Days: []model.CalendarDay{{Day: 20280205, Work: true, Name: "春节"}}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for text, problem := range map[string]string{
		"":                   "no days",
		"日期,类型,名称\n":         "no days",
		"日期,类型,名称\n\xff,休,x": "not UTF-8",
		"日期,类型,名称\n\"x":      "not CSV",
		"日期,类型,名称\n1999-01-01,休,元旦":              "row 2, column 日期",
		"日期,类型,名称\n2027-01-01":                   "row 2, column 类型",
		"日期,类型,名称\n2027-01-01,休,x\n2027-1-1,班,x": "stands twice",
	} {
		if _, err := hours.ReadCSV(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %v, want %q", text, err, problem)
		}
	}
}

func TestOfficialYear(t *testing.T) {
	t.Parallel()
	days, ok := hours.OfficialYear(2026)
	if !ok || days[0].Day != 20260101 || hours.CheckYear(model.CalendarYear{Year: 2026, Days: days}) != nil {
		t.Errorf("2026: %v, %v", days, ok)
	}
	if _, ok := hours.OfficialYear(2031); ok {
		t.Error("2031 is known")
	}
}
