package config_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestParseAccountHours(t *testing.T) {
	t.Parallel()
	day := []model.Span{{From: 9 * 60, To: 18 * 60}}
	night := []model.Span{{From: 0, To: 6 * 60}, {From: 22 * 60, To: 24 * 60}}
	for _, tt := range []struct {
		name, file string
		want       *model.Hours
	}{
		{"none", "hours:", nil},
		{"weekend", `hours: {week: {sat-sun: "9:00-18:00"}}`, &model.Hours{Week: [][]model.Span{day, nil, nil, nil, nil, nil, day}}},
		{"each day", `hours: {week: {sun: "00:00-06:00  22:00-24:00", wed: 09:00-18:00}}`, &model.Hours{Week: [][]model.Span{night, nil, nil, day, nil, nil, nil}}},
		{"never", `hours: {week: {mon: ""}}`, &model.Hours{Week: make([][]model.Span, 7)}},
		{"never, without a value", `hours: {week: {mon: }}`, &model.Hours{Week: make([][]model.Span, 7)}},
		{"exceptions only", `hours: {days: {2028-02-29: ""}}`, &model.Hours{Days: map[int][]model.Span{20280229: nil}}},
		{"parts that touch", `hours: {days: {2028-02-29: "00:00-09:00 09:00-18:00"}}`, &model.Hours{
			Days: map[int][]model.Span{20280229: {{From: 0, To: 9 * 60}, {From: 9 * 60, To: 18 * 60}}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			policy := mustParse(t, identity+tt.file+"\n").Account.Policy
			if d := cmp.Diff(tt.want, policy.Hours); d != "" {
				t.Errorf("hours (-want +got):\n%s", d)
			}
			if d := cmp.Diff(model.OffHours{Action: model.OffQueue}, policy.OffHours); d != "" {
				t.Errorf("off hours (-want +got):\n%s", d)
			}
			stored, err := json.Marshal(policy)
			if err != nil {
				t.Fatal(err)
			}
			back := model.DefaultPolicy()
			if err := json.Unmarshal(stored, &back); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(policy, back); d != "" { // or applying the same file again would change the account
				t.Errorf("as stored (-want +got):\n%s", d)
			}
		})
	}
}

// Each file is identity and what stands here, from line 8 on.
func TestParseAccountHoursProblems(t *testing.T) {
	t.Parallel()
	const (
		times = `must be times such as "09:00-12:00 13:30-18:00", or "" for closed`
		days  = "must be mon tue wed thu fri sat sun, or days in that order such as mon-fri"
		none  = "line 8: hours: needs week or days; for always open leave hours out"
	)
	for _, tt := range []struct {
		name string
		file string
		want []string
	}{
		{"a text", "hours: always", []string{"line 8: hours: must be keys with values", none}},
		{"nothing that opens", "hours: {off: end}", []string{none}},
		{"no days", "hours: {week: {}}", []string{"line 8: hours.week: needs days, such as mon-fri"}},
		{"week that is a text", "hours: {week: always}", []string{
			"line 8: hours.week: must be keys with values", "line 8: hours.week: needs days, such as mon-fri",
		}},
		{"unknown key", "hours:\n  week: {mon: ''}\n  of: end", []string{"line 10: hours.of: is no known key; the nearest one is off"}},
		{"unknown weekday", "hours:\n  week:\n    mo: ''", []string{"line 10: hours.week.mo: " + days}},
		{"days out of order", "hours:\n  week:\n    fri-mon: ''", []string{"line 10: hours.week.fri-mon: " + days}},
		{"one day as two", "hours:\n  week:\n    fri-fri: ''", []string{"line 10: hours.week.fri-fri: " + days}},
		{"no end of days", "hours:\n  week:\n    mon-: ''", []string{"line 10: hours.week.mon-: " + days}},
		{"day twice", "hours:\n  week:\n    mon-fri: ''\n    wed: ''", []string{"line 11: hours.week.wed: wed stands twice"}},
		{"no times", "hours: {week: {mon: open}}", []string{"line 8: hours.week.mon: " + times}},
		{"no end", "hours: {week: {mon: '09:00'}}", []string{"line 8: hours.week.mon: " + times}},
		{"a dash apart", "hours: {week: {mon: '09:00 - 18:00'}}", []string{"line 8: hours.week.mon: " + times}},
		{"hour 25", "hours: {week: {mon: '09:00-25:00'}}", []string{"line 8: hours.week.mon: " + times}},
		{"after midnight", "hours: {week: {mon: '09:00-24:01'}}", []string{"line 8: hours.week.mon: " + times}},
		{"from 24:00", "hours: {week: {mon: '24:00-24:00'}}", []string{"line 8: hours.week.mon: " + times}},
		{"minute 60", "hours: {week: {mon: '09:60-18:00'}}", []string{"line 8: hours.week.mon: " + times}},
		{"a list", "hours: {week: {mon: ['09:00-18:00']}}", []string{"line 8: hours.week.mon: must be a text"}},
		{"over midnight", "hours: {week: {mon: '09:00-12:00 22:00-06:00'}}", []string{
			"line 8: hours.week.mon: part 2 must end after it begins; a night is 22:00-24:00, and 00:00-06:00 of the next day",
		}},
		{"no time at all", "hours: {week: {mon: '09:00-09:00'}}", []string{
			"line 8: hours.week.mon: part 1 must end after it begins; a night is 22:00-24:00, and 00:00-06:00 of the next day",
		}},
		{"overlap", "hours: {week: {mon: '09:00-12:00 11:59-18:00'}}", []string{"line 8: hours.week.mon: part 2 begins before part 1 ends"}},
		{"not in order", "hours: {week: {mon: '13:00-18:00 09:00-12:00'}}", []string{"line 8: hours.week.mon: part 2 begins before part 1 ends"}},
		{"no such date", "hours:\n  days:\n    2026-02-30: ''", []string{"line 10: hours.days.2026-02-30: must be a day such as 2026-12-31"}},
		{"date in words", "hours: {days: {元旦: ''}}", []string{"line 8: hours.days.元旦: must be a day such as 2026-12-31"}},
		{"times of a date", "hours: {days: {2026-12-31: 9-12}}", []string{"line 8: hours.days.2026-12-31: " + times}},
		{"holidays of no week", "hours: {days: {2026-12-31: ''}, holidays: true}", []string{"line 8: hours.holidays: needs week"}},
		{"holidays in words", "hours: {week: {mon: ''}, holidays: china}", []string{"line 8: hours.holidays: must be true or false"}},
		{"text too long", "hours: {week: {mon: ''}, text: '" + strings.Repeat("长", 683) + "'}", []string{
			"line 8: hours.text: must be at most 2048 bytes, about 680 Chinese characters",
		}},
		{"unknown action", "hours: {week: {mon: ''}, off: drop}", []string{"line 8: hours.off: must be queue or end"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkProblems(t, identity+tt.file+"\n", tt.want)
		})
	}
}

// What the example says about hours is a comment, for its default is none; it must be right all
// the same.
func TestExampleHours(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("account.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile(`(?m)^# hours:\n(# .*\n)+`).FindString(string(source))
	if example == "" {
		t.Fatal("the example says nothing about hours")
	}
	got := mustParse(t, identity+regexp.MustCompile(`(?m)^# `).ReplaceAllString(example, "")).Account.Policy
	office := []model.Span{{From: 9 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 18 * 60}}
	want := model.DefaultPolicy()
	want.Hours = &model.Hours{
		Week:     [][]model.Span{nil, office, office, office, office, office, nil},
		Holidays: true,
		Days:     map[int][]model.Span{20261231: {{From: 9 * 60, To: 12 * 60}}, 20270101: nil},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("policy (-want +got):\n%s", d)
	}
}
