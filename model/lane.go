package model

import (
	"strconv"
	"strings"
)

// LaneKind says what a lane carries.
type LaneKind string

// The lane kinds.
const (
	LaneIn  LaneKind = "in"  // events to decide on
	LaneOut LaneKind = "out" // pushes to send
	// LaneGroup carries pushes to a group chat; see [OutKind].
	LaneGroup LaneKind = "group"
	// LaneHook is in hints alone: there are deliveries for webhooks.
	LaneHook LaneKind = "hook"
)

// Lane is a line of work that is done in order, by one worker at a time. Every member
// has one with every account for what they write or is told to the engine about
// them, and one for what is sent to them.
type Lane struct {
	Lane      string   `gorm:"primaryKey;size:160"`
	Kind      LaneKind `gorm:"size:8;not null"`
	AccountID uint64   `gorm:"not null"`
	Ready     bool     `gorm:"not null"` // work is waiting
	RunAtMS   int64    `gorm:"not null"` // not before; while a worker holds it, when its lease ends
	Fence     uint64   `gorm:"not null"` // grows with every claim; what an older holder writes is refused
	Owner     string   `gorm:"size:64;not null"`
	NextSeq   uint64   `gorm:"not null"` // the last sequence number given
}

// PersonLane is the lane of what a member writes to an account and of the session
// the member has there as an employee.
func PersonLane(accountID uint64, userID string) string {
	return "p:" + strconv.FormatUint(accountID, 10) + ":" + Fold(userID)
}

// CorpLane is the lane of events that belong to no person: directory, alerts.
func CorpLane(accountID uint64) string {
	return "c:" + strconv.FormatUint(accountID, 10) + ":"
}

// OutLane is the lane of what an account sends to a member.
func OutLane(accountID uint64, userID string) string {
	return "o:" + strconv.FormatUint(accountID, 10) + ":" + Fold(userID)
}

// Person is the userid a lane belongs to; "" for a corp lane.
func (l Lane) Person() string {
	parts := strings.SplitN(l.Lane, ":", 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}

// InboxState is how far an inbox row has come.
type InboxState string

// The inbox states.
const (
	InboxPending InboxState = "pending"
	InboxDone    InboxState = "done"
	InboxDead    InboxState = "dead" // gave up on; kept for an operator
)

// Outcome is what became of an inbound event. Every event ends as exactly one.
type Outcome string

// The outcomes.
const (
	OutcomeAnswered  Outcome = "answered"
	OutcomeSuggested Outcome = "suggested"
	OutcomeMissed    Outcome = "missed"
	OutcomeSmallTalk Outcome = "small_talk"
	OutcomeHandedOff Outcome = "handed_off"
	OutcomeRelayed   Outcome = "relayed"
	OutcomeQueued    Outcome = "queued"
	OutcomeHeld      Outcome = "held"
	OutcomeKept      Outcome = "kept" // kept for later
	OutcomeRefused   Outcome = "refused"
	OutcomeHandled   Outcome = "handled" // a command, a card, an event
)

// Inbox is one stored event and, once done, the record of what was decided and why.
type Inbox struct {
	ID        uint64     `gorm:"primaryKey"`
	AccountID uint64     `gorm:"not null"`
	Lane      string     `gorm:"size:160;not null"`
	Seq       uint64     `gorm:"not null"` // order of arrival in the lane
	Dedupe    string     `gorm:"size:191;not null"`
	Event     Event      `gorm:"serializer:json;type:mediumtext;not null"`
	CreatedMS int64      `gorm:"not null"` // WeCom's CreateTime, or when we made it
	ArrivedMS int64      `gorm:"not null"`
	State     InboxState `gorm:"size:8;not null"`
	Attempts  int        `gorm:"not null"`
	Outcome   Outcome    `gorm:"size:16;not null"`
	Reason    string     `gorm:"size:64;not null"`
	SessionID uint64     `gorm:"not null"` // the session it belonged to; 0: none
	Detail    Detail     `gorm:"serializer:json;type:text;not null"`
	DoneMS    int64      `gorm:"not null"`
	Err       string     `gorm:"size:500;not null"` // the last error, without message text
	// Traceparent is the span that it came from; "" where nothing is traced. See [TraceSpan].
	Traceparent string `gorm:"size:55;not null"`
}

// Detail replays a decision: what it rested on.
type Detail struct {
	Score     float64 `json:"score,omitempty"`
	Threshold float64 `json:"threshold,omitempty"`
	Entry     uint64  `json:"entry,omitempty"`
	Variant   string  `json:"variant,omitempty"` // the entry's question that matched best
	Model     string  `json:"model,omitempty"`   // see [Answer.Model]
	Topic     uint64  `json:"topic,omitempty"`   // the entry that it followed up on
	Phrase    string  `json:"phrase,omitempty"`  // see [Phrase.Reason]; "rephrased" where it was
	Rule      string  `json:"rule,omitempty"`
	Seat      string  `json:"seat,omitempty"`
	SeatWhy   string  `json:"seat_why,omitempty"`
	From      string  `json:"from,omitempty"` // session state before
	To        string  `json:"to,omitempty"`   // and after
}

// OutboxState is how far a push has come.
type OutboxState string

// The outbox states.
const (
	OutPending   OutboxState = "pending"
	OutSending   OutboxState = "sending" // handed to WeCom; a crash leaves it here and makes it uncertain
	OutSent      OutboxState = "sent"
	OutUncertain OutboxState = "uncertain" // perhaps sent; not repeated
	OutDead      OutboxState = "dead"      // gave up on; kept for an operator
	OutRecalled  OutboxState = "recalled"  // its writer took it back before it was sent
	OutDiscarded OutboxState = "discarded" // was given up on, and an operator wants it sent no more
)

// GivenUp reports whether a push is not sent any more, and perhaps never was.
func (s OutboxState) GivenUp() bool { return s == OutDead || s == OutUncertain || s == OutDiscarded }

// Outbox is one push on its way.
type Outbox struct {
	ID           uint64      `gorm:"primaryKey"`
	AccountID    uint64      `gorm:"not null"`
	Lane         string      `gorm:"size:160;not null"`
	Seq          uint64      `gorm:"not null"`
	Dedupe       string      `gorm:"size:191;not null"` // "<inbox id>:<n>"
	SessionID    uint64      `gorm:"not null"`
	Line         bool        `gorm:"not null"`                         // see [Push.Line]
	MessageSeq   int         `gorm:"not null"`                         // see [Push.Seq]
	TaskID       string      `gorm:"column:task_id;size:128;not null"` // of a card; "" for all else
	Push         Push        `gorm:"serializer:json;type:mediumtext;not null"`
	State        OutboxState `gorm:"size:16;not null"`
	Attempts     int         `gorm:"not null"`
	Uncertain    int         `gorm:"not null"` // attempts whose outcome nobody knows
	CreatedMS    int64       `gorm:"not null"`
	DeadMS       int64       `gorm:"not null"` // when it was given up on; 0: it wasn't, or before this was kept
	RetriedMS    int64       `gorm:"not null"` // when an operator had it sent again; 0: never
	SentMS       int64       `gorm:"not null"`
	MsgID        string      `gorm:"column:msgid;size:191;not null"`
	ResponseCode string      `gorm:"size:191;not null"`
	ErrCode      int64       `gorm:"column:errcode;not null"`
	Err          string      `gorm:"size:500;not null"`
	Traceparent  string      `gorm:"size:55;not null"` // see [Inbox.Traceparent]
}

// Timer is a due time of a lane, delivered through the inbox.
type Timer struct {
	Lane      string    `gorm:"primaryKey;size:160"`
	Kind      TimerKind `gorm:"primaryKey;size:16"`
	AccountID uint64    `gorm:"not null"`
	DueMS     int64     `gorm:"not null"`
	Gen       uint64    `gorm:"not null"` // grows with every change; makes the event's dedupe key
}
