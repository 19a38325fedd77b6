package hours

import (
	"sync/atomic"
	"time"

	"deskmate/model"
)

// Live is a calendar that can be exchanged while others ask it. Its zero value is the
// official one.
type Live struct{ now atomic.Pointer[Calendar] }

// Set makes the stored years count from now on; see [OfYears].
func (l *Live) Set(years []model.CalendarYear) {
	c := OfYears(years)
	l.now.Store(&c)
}

// Open is [Calendar.Open].
func (l *Live) Open(h *model.Hours, at time.Time) bool { return l.calendar().Open(h, at) }

// Next is [Calendar.Next].
func (l *Live) Next(h *model.Hours, at time.Time) (opening time.Time, ok bool) {
	return l.calendar().Next(h, at)
}

// Day is [Calendar.Day].
func (l *Live) Day(h *model.Hours, t time.Time) model.OpenDay { return l.calendar().Day(h, t) }

// Knows is [Calendar.Knows].
func (l *Live) Knows(year int) bool { return l.calendar().Knows(year) }

func (l *Live) calendar() *Calendar {
	if c := l.now.Load(); c != nil {
		return c
	}
	c := NewCalendar(nil)
	if l.now.CompareAndSwap(nil, &c) {
		return &c
	}
	return l.now.Load()
}
