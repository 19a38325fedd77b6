package hours

import (
	"time"

	"deskmate/model"
)

// Open reports whether at is inside the hours. The time zone is that of at.
func (c Calendar) Open(h *model.Hours, at time.Time) bool {
	if h.Always() {
		return true
	}
	minute := at.Hour()*60 + at.Minute()
	for _, s := range c.Day(h, at).Spans {
		if minute >= s.From && minute < s.To {
			return true
		}
	}
	return false
}

// searchDays is how far ahead an opening is looked for: no holiday is longer.
const searchDays = 60

// Next is when the hours begin again after at, in its time zone: at itself where they
// are open. ok is false where they don't begin within two months.
func (c Calendar) Next(h *model.Hours, at time.Time) (opening time.Time, ok bool) {
	if c.Open(h, at) {
		return at, true
	}
	minute := at.Hour()*60 + at.Minute()
	for n := range searchDays {
		y, m, d := at.Date()
		day := time.Date(y, m, d+n, 0, 0, 0, 0, at.Location())
		for _, s := range c.Day(h, day).Spans {
			if n > 0 || s.From > minute {
				return time.Date(y, m, d+n, s.From/60, s.From%60, 0, 0, at.Location()), true
			}
		}
	}
	return time.Time{}, false
}

// Day tells when the hours are open on the day on which t lies, and why.
func (c Calendar) Day(h *model.Hours, t time.Time) model.OpenDay {
	day := dayNumber(t)
	if h != nil {
		if spans, ok := h.Days[day]; ok {
			return model.OpenDay{Spans: spans, Why: model.OwnDay}
		}
	}
	if h == nil || len(h.Week) == 0 {
		return model.OpenDay{Spans: []model.Span{{From: 0, To: 24 * 60}}, Why: model.WeekDay} // exceptions only
	}
	if d, ok := c.Find(day); ok && h.Holidays {
		if d.Work {
			return model.OpenDay{Spans: workday(h, t.Weekday()), Why: model.MakeUpDay, Name: d.Name}
		}
		return model.OpenDay{Why: model.Holiday, Name: d.Name}
	}
	return model.OpenDay{Spans: weekday(h, t.Weekday()), Why: model.WeekDay}
}

// Knows reports whether the holidays of a year are known.
func (c Calendar) Knows(year int) bool { return c.years[year] }

func weekday(h *model.Hours, d time.Weekday) []model.Span {
	if int(d) < len(h.Week) {
		return h.Week[d]
	}
	return nil
}

// workday gives the hours of a make-up workday: its own where the account works on such
// weekdays anyway, else those of the first workday of the week.
func workday(h *model.Hours, d time.Weekday) []model.Span {
	for _, d := range [...]time.Weekday{d, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday} {
		if spans := weekday(h, d); len(spans) > 0 {
			return spans
		}
	}
	return nil
}
