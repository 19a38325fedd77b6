package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"deskmate/model"
)

// hours reads when seats work, and what happens to a handoff while they don't.
func (r *accountReader) hours(p *model.Policy) {
	if !r.top.has("hours") {
		return
	}
	var h model.Hours
	s := r.top.section("hours")
	workHours(s, &h)
	s.text("off", (*string)(&p.OffHours.Action), oneOf(string(model.OffQueue), string(model.OffEnd)))
	s.text("text", &p.OffHours.Text, must("at most 2048 bytes, about 680 Chinese characters", model.IsPushText))
	s.done()
	enoughHours(r.top, s, h)
	p.Hours = &h
}

// workHours reads when somebody works.
func workHours(s *section, h *model.Hours) {
	week(s, h)
	s.flag("holidays", &h.Holidays)
	exceptions(s.section("days"), h)
}

// enoughHours checks that the section hours of above says when.
func enoughHours(above, s *section, h model.Hours) {
	switch {
	case !s.has("week") && !s.has("days"):
		above.problem("hours", "needs week or days; for always open leave hours out")
	case h.Holidays && !s.has("week"):
		s.problem("holidays", "needs week")
	}
}

// weekKeys are the days of a week as keys, in their order.
func weekKeys() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// week reads the spans of each day: mon, or several days alike as mon-fri. A day that isn't
// named is closed.
func week(s *section, h *model.Hours) {
	w := s.section("week")
	if !s.has("week") {
		return
	}
	if len(w.fields) == 0 {
		s.problem("week", "needs days, such as mon-fri")
	}
	h.Week = make([][]model.Span, len(weekKeys()))
	named := make(map[int]bool)
	for _, f := range w.fields {
		first, last, ok := daysOf(f.key)
		if !ok {
			w.problem(f.key, "must be %s, or days in that order such as mon-fri", strings.Join(weekKeys(), " "))
			continue
		}
		day := spans(w, f.key)
		for d := first; d <= last; d++ {
			if named[d] {
				w.problem(f.key, "%s stands twice", weekKeys()[d])
			}
			named[d] = true
			h.Week[(d+1)%len(h.Week)] = day // Sunday comes first there
		}
	}
}

// daysOf are the first and last day that a key names, counted from Monday.
func daysOf(key string) (first, last int, ok bool) {
	from, to, several := strings.Cut(key, "-")
	first = slices.Index(weekKeys(), from)
	last = first
	if several {
		last = slices.Index(weekKeys(), to)
	}
	return first, last, first >= 0 && last >= first && (!several || last > first)
}

// exceptions reads the spans of single days, which win over the week's.
func exceptions(s *section, h *model.Hours) {
	for _, f := range s.fields {
		day, err := time.Parse(time.DateOnly, f.key)
		if err != nil {
			s.problem(f.key, "must be a day such as 2026-12-31")
			continue
		}
		if h.Days == nil {
			h.Days = make(map[int][]model.Span)
		}
		h.Days[day.Year()*10000+int(day.Month())*100+day.Day()] = spans(s, f.key)
	}
}

// spans reads the parts of a day: 09:00-12:00 13:30-18:00. Nothing is closed.
func spans(s *section, key string) []model.Span {
	var list []model.Span
	s.text(key, new(string), func(text string) error {
		for n, word := range strings.Fields(text) {
			span, ok := spanOf(word)
			switch {
			case !ok:
				return errors.New(`must be times such as "09:00-12:00 13:30-18:00", or "" for closed`)
			case span.To <= span.From:
				return fmt.Errorf("part %d must end after it begins; a night is 22:00-24:00, and 00:00-06:00 of the next day", n+1)
			case n > 0 && span.From < list[n-1].To:
				return fmt.Errorf("part %d begins before part %d ends", n+1, n)
			}
			list = append(list, span)
		}
		return nil
	})
	return list
}

// spanOf reads 09:00-18:00.
func spanOf(text string) (span model.Span, ok bool) {
	from, to, _ := strings.Cut(text, "-")
	span.From, ok = minuteOf(from)
	if !ok {
		return span, false
	}
	if to == "24:00" {
		span.To = 24 * 60
		return span, true
	}
	span.To, ok = minuteOf(to)
	return span, ok
}

// minuteOf reads 09:00 as minutes since midnight.
func minuteOf(text string) (int, bool) {
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil
}
