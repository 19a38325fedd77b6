package model

import (
	"strconv"
	"strings"
)

// SeatSession is what one seat did in one session: a service record (服务记录). There is one
// for every seat that got the session or wrote in it.
type SeatSession struct {
	SessionID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Seat      string `gorm:"primaryKey;size:128"` // folded userid
	AccountID uint64 `gorm:"not null"`
	Employee  string `gorm:"size:128;not null"`
	JoinedMS  int64  `gorm:"not null"` // got the session, or first wrote in it
	FirstMS   int64  `gorm:"not null"` // its first message; 0: none
	LastMS    int64  `gorm:"not null"` // its last message; 0: none
	Messages  int    `gorm:"not null"`
}

// SeatService is all that a seat did for one employee.
type SeatService struct {
	Seat     string
	Sessions int
	Messages int
	FirstMS  int64  // when it first got one of them
	LastMS   int64  // its last message in one, or when it got the last
	Latest   uint64 // the newest of the sessions
}

// RecordFilter narrows the sessions of an account. Zero fields don't.
type RecordFilter struct {
	AccountID     uint64
	Employee      string
	Seat          string // got the session or wrote in it
	FromMS, ToMS  int64  // opened at FromMS or later, and before ToMS
	State         SessionState
	CloseReason   CloseReason
	HandoffReason HandoffReason
	Rating        Rating
}

// Record is a session as it is looked up later.
type Record struct {
	Session Session
	Rating  Rating   // "" for none
	Reasons []string // why not satisfied
	Seats   []SeatSession
}

// SessionText is a session whose text is to be indexed.
type SessionText struct {
	ID    uint64
	Lines int // its messages, see [Session.MessageCount]
}

// TextSegment is a part of an account's text index. It never changes: a newer one takes its
// place.
type TextSegment struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	ID        uint64 `gorm:"primaryKey;autoIncrement:false"`
	Docs      int    `gorm:"not null"` // sessions
	Buckets   int    `gorm:"not null"` // parts of postings, a power of two
	FirstID   uint64 `gorm:"not null"` // the oldest session
	LastID    uint64 `gorm:"not null"` // the newest
	Bytes     int64  `gorm:"not null"` // of all its parts
	Marks     []byte `gorm:"not null"` // where in the order of sessions its blocks begin
	CreatedMS int64  `gorm:"not null"`
}

// TextPart is a piece of a segment, at most 1 MiB.
type TextPart struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	SegmentID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Part      int    `gorm:"primaryKey;autoIncrement:false"`
	Data      []byte `gorm:"not null"`
}

// FirstID is the smallest that [NewID] makes at a time. Ids of sessions sort by when they
// were opened, so windows of time are ranges of ids.
func FirstID(ms int64) uint64 {
	if ms <= 0 {
		return 0
	}
	return uint64(ms) << randomBits
}

// CausedBy is the inbox row whose decision sent it; 0 where that isn't known.
func (o Outbox) CausedBy() uint64 {
	id, _, _ := strings.Cut(o.Dedupe, ":")
	n, _ := strconv.ParseUint(id, 10, 63)
	return n
}

// IDTime is the time at which an id was made, in ms.
func IDTime(id uint64) int64 { return int64(id >> randomBits) }
