package model

import (
	"slices"
	"strings"
	"time"
)

// Conversation is everything between one employee and one account, for ever. Its row
// also says that the two have talked before.
type Conversation struct {
	AccountID   uint64 `gorm:"primaryKey;autoIncrement:false"`
	Peer        string `gorm:"primaryKey;size:128"` // the employee's userid, folded
	LastSeat    string `gorm:"size:128;not null"`   // who served last; "" for nobody
	LastSession uint64 `gorm:"not null"`            // 0: none yet
	WelcomedMS  int64  `gorm:"not null"`
	CreatedMS   int64  `gorm:"not null"` // the first message that was let in; 0: has not talked yet
}

// SessionState is where a session stands.
type SessionState string

// The session states. A closed session never changes state again.
const (
	StateBot     SessionState = "bot"
	StateQueued  SessionState = "queued"
	StateServing SessionState = "serving"
	StateClosed  SessionState = "closed"
)

// Valid reports whether s is one of the states.
func (s SessionState) Valid() bool {
	switch s {
	case StateBot, StateQueued, StateServing, StateClosed:
		return true
	}
	return false
}

// CloseReason is why a session closed.
type CloseReason string

// The close reasons. A bot session that runs out of time is idle, too.
const (
	ClosedBySeat     CloseReason = "seat_ended"
	ClosedByEmployee CloseReason = "employee_ended"
	ClosedIdle       CloseReason = "idle"
	ClosedQueue      CloseReason = "queue_timeout"
	ClosedOffHours   CloseReason = "off_hours"
	ClosedDisabled   CloseReason = "account_disabled"
)

// HandoffReason is why the bot handed over. Both sides are told.
type HandoffReason string

// The handoff reasons.
const (
	HandoffKeyword HandoffReason = "keyword"
	HandoffButton  HandoffReason = "button"
	HandoffMisses  HandoffReason = "misses"
	HandoffBotOff  HandoffReason = "bot_off"
	HandoffDislike HandoffReason = "dislike" // a 👎
	HandoffSeat    HandoffReason = "seat"    // a seat wrote first
	HandoffGroup   HandoffReason = "group"   // mentioned in a group chat
)

// Session (会话) is one service episode: first message to closed.
type Session struct {
	ID             uint64        `gorm:"primaryKey;autoIncrement:false"`
	AccountID      uint64        `gorm:"not null"`
	Employee       string        `gorm:"size:128;not null"` // folded userid
	State          SessionState  `gorm:"size:16;not null"`
	Version        uint64        `gorm:"not null"`          // grows with every change; 0 before it is stored
	Seat           string        `gorm:"size:128;not null"` // who serves or served last; "" for nobody yet
	SeatNo         int           `gorm:"not null"`          // the seat's number for it (#2)
	HandoffReason  HandoffReason `gorm:"size:16;not null"`
	CloseReason    CloseReason   `gorm:"size:24;not null"`
	Misses         int           `gorm:"not null"`                           // in a row, bot only
	Suggested      []uint64      `gorm:"serializer:json;type:text;not null"` // entries of the last suggestion, in the order shown
	SuggestedFor   uint64        `gorm:"not null"`                           // the question that the last suggestion was for; 0: none
	TopicEntry     uint64        `gorm:"not null"`                           // the entry that answered last, bot only; 0: none
	TopicMS        int64         `gorm:"not null"`                           // when it did
	MessageCount   int           `gorm:"not null"`                           // messages so far; the last one's Seq
	HandoffSeq     int           `gorm:"not null"`                           // Seq of the last message before handoff; 0 before it
	OpenedMS       int64         `gorm:"not null"`
	QueuedMS       int64         `gorm:"not null"` // of the handoff, and its place in the queue: back there, it is where it was; 0: with the bot
	AssignedMS     int64         `gorm:"not null"` // to the present seat
	ClosedMS       int64         `gorm:"not null"` // 0: open
	LastEmployeeMS int64         `gorm:"not null"` // its last message or tap that keeps the session going
	LastSeatMS     int64         `gorm:"not null"`
	UpdatedMS      int64         `gorm:"not null"`
	WaitState      WaitState     `gorm:"size:16;not null"`  // while queued
	WaitingMS      int64         `gorm:"not null"`          // since when it waits for a seat, or waited last
	WaitDueMS      int64         `gorm:"not null"`          // when its time in the queue is up; 0: never
	WaitAhead      int           `gorm:"not null"`          // how many were ahead when the employee was told last
	ReturnedBy     string        `gorm:"size:128;not null"` // the seat that gave it back to the queue it is in; "" for none
	Shared         bool          `gorm:"not null"`          // goes to all seats; with Seat set one of them has claimed it
	KeepOpen       bool          `gorm:"not null"`          // its seat said so: idling doesn't end it
	WarnedMS       int64         `gorm:"not null"`          // when the employee was warned of the end; 0: not since the last message
	RepliedBy      string        `gorm:"size:128;not null"` // the seat that wrote last; "" for none. Closed, a session of all seats is that seat's
	OwedMS         int64         `gorm:"not null"`          // since when its seat owes an answer: the first line not answered, or being assigned; 0: it does not
	RemindedMS     int64         `gorm:"not null"`          // when the seat was reminded of that; 0: not yet
	Unindexed      bool          `gorm:"not null"`          // has messages that the text index doesn't know; the store sees to it

	// Unshown says which seats were told of lines rather than sent them; it lives as long as they
	// serve the session.
	Unshown []Unshown `gorm:"serializer:json;type:text;not null"`
}

// WaitState says how a queued session waits.
type WaitState string

// The wait states.
const (
	WaitSeat    WaitState = ""        // for a seat
	WaitOpening WaitState = "opening" // for the hours to begin; nothing runs out meanwhile
	WaitAsked   WaitState = "asked"   // for a seat, and was asked whether to go on
	WaitMessage WaitState = "message" // left what was written as a message: a seat gets it, no notices until then
)

// Takes reports whether the session, while it waits, may go to a seat: not to its own
// employee, and back to the seat that gave it away only where no other one is online.
func (s *Session) Takes(seat string, online []string) bool {
	if seat == s.Employee {
		return false
	}
	return seat != s.ReturnedBy || !slices.ContainsFunc(online, func(other string) bool {
		return other != seat && other != s.Employee
	})
}

// ForAll reports whether every seat gets the session's lines: it is served, and is nobody's
// own (yet).
func (s *Session) ForAll() bool {
	return s != nil && s.State == StateServing && s.Shared && s.Seat == ""
}

// Place is a place in an account's queue.
type Place struct {
	QueuedMS int64
	ID       uint64 // of the session
}

// groupPrefix begins the peer of a group chat; no userid does.
const groupPrefix = "#"

// GroupPeer is what a group chat is called wherever an employee's userid stands.
func GroupPeer(chatID string) string { return groupPrefix + Fold(chatID) }

// IsGroup reports whether a peer is a group chat rather than an employee.
func IsGroup(peer string) bool { return strings.HasPrefix(peer, groupPrefix) }

// Open reports whether the session still lives.
func (s *Session) Open() bool { return s != nil && s.State != StateClosed }

// LastActivityMS is when either side last wrote or went on, or human service began.
func (s *Session) LastActivityMS() int64 {
	return max(s.OpenedMS, s.QueuedMS, s.AssignedMS, s.LastEmployeeMS, s.LastSeatMS)
}

// SenderKind is who wrote a message.
type SenderKind string

// The sender kinds.
const (
	FromEmployee SenderKind = "employee"
	FromBot      SenderKind = "bot"
	FromSeat     SenderKind = "seat"
	FromSystem   SenderKind = "system" // notices
	FromNote     SenderKind = "note"   // a seat's note (备注): never shown to the employee
)

// Message is one line of a session's transcript.
type Message struct {
	SessionID uint64     `gorm:"primaryKey;autoIncrement:false"`
	Seq       int        `gorm:"primaryKey;autoIncrement:false"` // from 1, without gaps
	AccountID uint64     `gorm:"not null"`
	From      SenderKind `gorm:"column:sender_kind;size:16;not null"`
	Sender    string     `gorm:"column:sender;size:128;not null"` // userid of an employee or seat, "" else
	Content   Content    `gorm:"serializer:json;type:text;not null"`
	AtMS      int64      `gorm:"not null"`
	// RecalledMS is when its writer took it back; 0: it stands. Records keep what it said.
	RecalledMS int64 `gorm:"not null"`
}

// Rating is what an employee thought of the service.
type Rating string

// The ratings, in the order of the buttons.
const (
	RatingGood Rating = "good" // 满意
	RatingFair Rating = "fair" // 一般
	RatingBad  Rating = "bad"  // 不满意
)

// Valid reports whether r is one of the ratings.
func (r Rating) Valid() bool { return r == RatingGood || r == RatingFair || r == RatingBad }

// Survey is the survey of one session: sent at most once.
type Survey struct {
	SessionID uint64   `gorm:"primaryKey;autoIncrement:false"`
	AccountID uint64   `gorm:"not null"`
	Employee  string   `gorm:"size:128;not null"`
	Seat      string   `gorm:"size:128;not null"`
	Rating    Rating   `gorm:"size:8;not null"` // "" until rated
	Reasons   []string `gorm:"serializer:json;type:text;not null"`
	SentMS    int64    `gorm:"not null"`
	RatedMS   int64    `gorm:"not null"`
	ReasonMS  int64    `gorm:"not null"`          // when Reasons were given
	Comment   string   `gorm:"size:500;not null"` // what the employee has to say besides, ≤ [CommentSize] characters; "": nothing
	CommentMS int64    `gorm:"not null"`          // when it said so last; 0: never

	Served      []string `gorm:"serializer:json;type:text;not null"` // every seat that served the session, Seat among them; a rating is theirs, too
	ExpiresMS   int64    `gorm:"not null"`                           // from then on no rating counts; 0: never
	FirstRating Rating   `gorm:"size:8;not null"`                    // before it was changed; "" until rated
	FirstMS     int64    `gorm:"not null"`                           // when that was given
}

// Over reports whether a survey can't be answered any more.
func (s *Survey) Over(atMS int64) bool { return s.ExpiresMS != 0 && atMS >= s.ExpiresMS }

// SurveyAsk is what the cards of a survey are made of.
type SurveyAsk struct {
	Account  string // its name
	Rule     SurveyRule
	Session  uint64
	SeatName string    // who served last; "" for nobody
	Until    time.Time // when it expires, in the account's zone
	Rating   Rating    // given already, and changeable; "" for none
}
