package bot

import "deskmate/model"

// Focus is what decides for whom a seat's text is that names nobody.
type Focus struct {
	// Serving are the open sessions the seat serves.
	Serving []model.Served
	// Session is the one the seat chose or wrote to last; 0: none. It may have closed.
	Session uint64
	// SinceMS is when it chose it or last wrote to it.
	SinceMS int64
	// Shown says when a line of each session's employee last reached the seat. Sessions
	// that have closed count: the seat may be answering them.
	Shown map[uint64]int64
	// Mode is the account's; anything but [model.FocusSticky] is strict.
	Mode model.FocusMode
	// ArrivedMS is when the seat's text arrived. What was shown later can't have been meant.
	ArrivedMS int64
}

// Target is for whom a text is. The zero value means nobody: the seat serves no session.
type Target struct {
	Session uint64 // where it goes; 0 with Ask, or where nobody is served
	Ask     bool   // nobody can tell: keep the text and ask
}

// Resolve finds the session a seat's text is for. Sticky: the one in focus while it is
// open, else the only one. Strict: the same, as long as no line of another session was
// shown since the focus was set; a single session nobody chose is in focus from its
// assignment on, unless another one was chosen after that. A session that came after the
// text is never meant by it. Everything else is asked, for a reply to the wrong person is
// worse than a tap.
func Resolve(f Focus) Target {
	if len(f.Serving) == 0 {
		return Target{}
	}
	session, sinceMS := f.inFocus()
	if session == 0 || (f.Mode != model.FocusSticky && f.distracted(session, sinceMS)) {
		return Target{Ask: true}
	}
	return Target{Session: session}
}

// inFocus is the session in focus and since when; 0 where there is none.
func (f Focus) inFocus() (session uint64, sinceMS int64) {
	for _, s := range f.Serving {
		if f.Session != 0 && s.Session.ID == f.Session {
			return f.Session, f.SinceMS
		}
	}
	if len(f.Serving) > 1 {
		return 0, 0
	}
	only := f.Serving[0].Session
	if only.AssignedMS > f.ArrivedMS {
		return 0, 0 // it came after the text was written
	}
	// A closed session that was chosen after this one came may still be meant.
	if f.Mode != model.FocusSticky && f.Session != 0 && f.SinceMS > only.AssignedMS {
		return 0, 0
	}
	return only.ID, only.AssignedMS
}

// distracted reports whether the seat saw a line of another session after sinceMS and
// before it wrote.
func (f Focus) distracted(session uint64, sinceMS int64) bool {
	for other, shownMS := range f.Shown {
		if other != session && shownMS > sinceMS && shownMS <= f.ArrivedMS {
			return true
		}
	}
	return false
}
