package model

import "slices"

// SeatState is what a seat says of itself. A seat is online until it says otherwise.
type SeatState string

// The seat states.
const (
	SeatOnline  SeatState = "online"
	SeatAway    SeatState = "away"    // 离开: keeps its sessions, gets no new ones
	SeatOffline SeatState = "offline" // 离线: the same, and says so
)

// Valid reports whether s is one of the states.
func (s SeatState) Valid() bool {
	return s == SeatOnline || s == SeatAway || s == SeatOffline
}

// Seat (坐席) is a member who answers for an account; at most 200 per account.
type Seat struct {
	AccountID      uint64    `gorm:"primaryKey;autoIncrement:false"`
	UserID         string    `gorm:"primaryKey;size:128"` // folded
	State          SeatState `gorm:"size:16;not null"`
	Capacity       int       `gorm:"not null"` // sessions at once; 0: the account's figure, which may be no limit
	Load           int       `gorm:"not null"` // serving sessions now; the truth that Redis mirrors
	LastAssignedMS int64     `gorm:"not null"` // ties go to the seat that waits longest
	DayNo          int       `gorm:"not null"` // the last session number given on Day
	Day            int       `gorm:"not null"` // yyyymmdd in the business time zone
	FocusSession   uint64    `gorm:"not null"` // the session its text goes to; 0: none chosen
	FocusMS        int64     `gorm:"not null"` // when it was chosen or last written to
	Name           string    `gorm:"-"`        // from the directory, filled in when loaded; else the userid
	Priority       int       `gorm:"not null"` // a seat of a higher one that isn't busy comes first; 0 as a rule
	// Hours are the seat's own, within the account's; nil: as the account's.
	Hours *Hours `gorm:"serializer:json;type:text;not null"`
	// Permissions are what the seat may do; nil: answer only.
	Permissions []SeatPermission `gorm:"serializer:json;type:text;not null"`
	// LeftMS is when the member left the company or the app's visible range; 0: is there.
	LeftMS int64 `gorm:"not null"`
	// ActiveMS is when the seat last did something, here or in WeCom.
	ActiveMS int64 `gorm:"not null"`
	// JoinedMS is when it came to listen: was added, or was offline and is no longer. Above
	// SharedMS it has still to be shown the open sessions of all seats.
	JoinedMS int64 `gorm:"not null"`
	SharedMS int64 `gorm:"not null"` // the JoinedMS for which it was shown them
	// Shared are the numbers of the account's sessions for all seats, filled in when loaded.
	Shared SharedNo `gorm:"-"`
}

// SharedNo is the last number that an account gave to a session for all seats. Those have
// the same number at every seat. The zero value: none yet.
type SharedNo struct {
	Day  int // yyyymmdd
	No   int
	Open bool // such a session is open, whatever day it is of
}

// Last is the last number that still counts on a day.
func (n SharedNo) Last(day int) int {
	if n.Day == day || n.Open {
		return n.No
	}
	return 0
}

// Listens reports whether the seat gets the lines of an employee's session that goes to all
// seats.
func (s Seat) Listens(employee string) bool { return s.State != SeatOffline && s.MayServe(employee) }

// MayServe reports whether the seat, whatever state it is in, may answer an employee.
func (s Seat) MayServe(employee string) bool {
	return s.May(MayAnswer) && s.LeftMS == 0 && s.UserID != employee
}

// SeatPermission is something a seat may do.
type SeatPermission string

// The permissions.
const (
	MayAnswer    SeatPermission = "answer"    // take sessions and answer them
	MayRead      SeatPermission = "records"   // read the records of all seats
	MayKnowledge SeatPermission = "knowledge" // answer misses and edit the knowledge base
	MayProfile   SeatPermission = "profile"   // edit those fields of the profile that the account ticks
)

// Valid reports whether p is one of the permissions.
func (p SeatPermission) Valid() bool {
	return slices.Contains([]SeatPermission{MayAnswer, MayRead, MayKnowledge, MayProfile}, p)
}

// May reports whether the seat has the permission. Without any list it may answer.
func (s Seat) May(p SeatPermission) bool {
	if len(s.Permissions) == 0 {
		return p == MayAnswer
	}
	return slices.Contains(s.Permissions, p)
}

// Limit is how many sessions the seat takes at once; 0: no limit.
func (s Seat) Limit(p Assignment) int {
	if s.Capacity > 0 {
		return s.Capacity
	}
	return p.Capacity
}

// NextNo is the number its next session gets on the given day (yyyymmdd): numbers
// start at 1 each day, as soon as nobody is served under one of the day before, and are not
// used twice, nor for two sessions of which one goes to all seats.
func (s Seat) NextNo(day int) int {
	last := 0
	if s.Day == day || s.Load > 0 {
		last = s.DayNo
	}
	return max(last, s.Shared.Last(day)) + 1
}

// NextShared is the number that the next session for all of these seats gets: one that is
// free at each of them.
func NextShared(seats []Seat, day int) int {
	next := 1
	for _, s := range seats {
		next = max(next, s.NextNo(day))
	}
	return next
}

// Candidate is a seat as assignment sees it.
type Candidate struct {
	UserID         string
	Limit          int   // sessions at once; 0: no limit
	Load           int   // serving now, as SQL knows it
	LastAssignedMS int64 // 0: never
	Priority       int   // higher ones first, as long as they aren't busy
}

// Pick is the seat that assignment proposes, and why.
type Pick struct {
	Seat string  // folded userid; "" where nobody can take it
	Why  PickWhy // never empty
}

// PickWhy is the rule that chose a seat.
type PickWhy string

// The rules.
const (
	PickPrevious  PickWhy = "previous"   // served this employee before and is not busy
	PickLeastBusy PickWhy = "least_busy" // serves fewest
	PickTie       PickWhy = "tie"        // serves as few as others and has waited longest
	PickAsked     PickWhy = "asked"      // somebody named the seat
	PickAll       PickWhy = "all_seats"  // it goes to all
	PickClaimed   PickWhy = "claimed"    // it went to all, and the seat took it
	PickNone      PickWhy = "none"       // nobody can
)
