package model

// WorkList names a list of sessions, as those who work on them see it.
type WorkList string

// The lists. Each has an order of its own.
const (
	// WorkMine are the sessions whose employees a seat answers: those it serves, and those that
	// go to all seats and that nobody has claimed. By id: the oldest first.
	WorkMine WorkList = "mine"
	// WorkQueue are those that wait for a seat, in the order of the queue.
	WorkQueue WorkList = "queue"
	// WorkBot are those with the bot. By id: the oldest first.
	WorkBot WorkList = "bot"
	// WorkAttention are those in which somebody waits for people too long: the seat has owed an
	// answer for [Timers.OwedLongMS] (since it owes it), a line could not be delivered (since
	// the last line of either side), or nobody has taken it for [WorkWaitLong] (since it waits).
	// The longest first.
	WorkAttention WorkList = "attention"
	// WorkOpen are all that are open. By id: the oldest first.
	WorkOpen WorkList = "all_open"
	// WorkClosed are those that people served and that have ended: of one seat those that ended
	// last first, of all those that were handed over last.
	WorkClosed WorkList = "closed"
)

// WorkWaitLong is how long a session may wait for a seat before it asks for attention, in ms.
const WorkWaitLong = 3 * 60 * 1000

// WorkPlace is the place of a session in a list; the zero value is before all.
type WorkPlace struct {
	MS int64
	ID uint64
}

// WorkFilter says which sessions are listed.
type WorkFilter struct {
	Account Account
	List    WorkList
	// Seat is whose sessions they are, folded: needed for WorkMine; for WorkAttention those of
	// WorkMine and the queue, for WorkClosed those it served last; "": all.
	Seat  string
	After WorkPlace
	Limit int
	NowMS int64
}

// WorkSession is a session in such a list.
type WorkSession struct {
	Session     Session
	Employee    Member
	SeatName    string  // of Session.Seat; "" for nobody
	Last        Message // the last line of its transcript; zero where it has none
	Undelivered int     // lines that could not be delivered, of the account's last 200
	Place       WorkPlace
}

// WaitingSinceMS is since when it waits for a seat; 0: it doesn't.
func (s *Session) WaitingSinceMS() int64 {
	if s.State == StateQueued {
		return s.WaitingMS
	}
	if s.State == StateServing && s.Seat == "" && s.LastSeatMS == 0 {
		return s.AssignedMS
	}
	return 0
}

// OwedSinceMS is since when its seat owes an answer; 0: it owes none.
func (s *Session) OwedSinceMS() int64 {
	if s.State != StateServing {
		return 0
	}
	return s.OwedMS
}
