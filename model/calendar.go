package model

// CalendarYear is the official calendar of one year: all its holidays and make-up workdays.
// A stored year takes the place of the built-in one as a whole.
type CalendarYear struct {
	Year    int
	Days    []CalendarDay // by day
	Version uint64        // grows with every change; 0: not stored, the built-in one or none
}
