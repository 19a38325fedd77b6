package model

import "slices"

// Workbench says what seats get in WeCom of what they read in the workbench.
type Workbench struct {
	// Quiet has a seat that is active in the workbench told in WeCom that there are lines, in place
	// of each of them. What it doesn't read there within a minute it is sent all the same.
	Quiet bool `json:"quiet"`
}

// Unshown is a seat's part of what it was told of, rather than sent, of a session's lines.
type Unshown struct {
	Seat    string `json:"seat"`               // folded userid
	From    int    `json:"from,omitempty"`     // Seq of the first line it was not sent, and nothing after that was; 0: none
	SinceMS int64  `json:"since_ms,omitempty"` // when that line was written
	ToldMS  int64  `json:"told_ms"`            // when the seat was told last that there are lines
}

// UnshownSince is the time of the oldest line that a seat was told of, rather than sent, and
// that nobody has looked after since; 0: there is none.
func (s *Session) UnshownSince() int64 {
	since := int64(0)
	if s == nil {
		return since
	}
	for _, u := range s.Unshown {
		if u.From != 0 && (since == 0 || u.SinceMS < since) {
			since = u.SinceMS
		}
	}
	return since
}

// UnshownTo is the seat's entry in Unshown; the zero one where it has none.
func (s *Session) UnshownTo(seat string) Unshown {
	if i := slices.IndexFunc(s.Unshown, func(u Unshown) bool { return u.Seat == seat }); i >= 0 {
		return s.Unshown[i]
	}
	return Unshown{Seat: seat}
}

// Hears reports whether a line is one that the seat is sent while it listens to the session: what
// the employee wrote and, where it goes to all seats, what another one answered.
func (s *Session) Hears(seat string, m Message) bool {
	return m.From == FromEmployee || m.From == FromSeat && s.Shared && m.Sender != seat
}
