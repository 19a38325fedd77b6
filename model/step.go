package model

// Case is all that a decision about one lane's event rests on, read in one go.
type Case struct {
	Account Account
	Person  string  // whose lane it is; "" on a corp lane
	Member  *Member // the person in the directory; nil where not known (yet)
	InScope bool    // the person is inside the account's scope, as far as the directory is known
	// Group is the group chat whose lane it is, nil elsewhere. Member is then the group under the
	// name of who wrote last (群聊·张三), and InScope is about that writer.
	Group        *GroupChat
	Writers      map[string]Member // of a group: by userid, who wrote this event and the lines of Recent
	Conversation Conversation      // zero CreatedMS: has not talked before
	Session      *Session          // the person's own open session as an employee; nil for none
	Target       *Session          // the session that Event.Session names, open or closed; nil for none
	Survey       *Survey           // of Target; nil for none
	Employee     *Member           // of Target or Session, for names; nil where not known
	SeatName     string            // of Session.Seat
	Ahead        int               // sessions queued before Session, or before a new one; loaded with Recent
	Picky        []Session         // of those, which can't go to every seat: its employee is one, or one gave it back; with Ahead
	HandlingMS   int64             // median time with a seat of the last sessions that people served; 0: not known; with Ahead
	Places       int               // sessions that seats which are online serve now; with Ahead
	Recent       []Message         // the last messages of Session, oldest first: about 20, and all since the handoff of one that waits, up to 200
	// Unshown are the lines of Session that a seat was told of rather than sent, oldest first; Seen
	// is how far, by userid, those seats have read Session in the workbench.
	Unshown []Message
	Seen    map[string]int
	// Names are those of who wrote the notes in Recent and, where a supervisor acts or somebody
	// claims, of Event.By, Event.Seat and the seat of Target, by userid.
	Names map[string]string

	ServedBy   *Seat            // of Session, the seat that serves it; nil where there is none (any more). For a review
	Owners     []string         // of the account; for what only they are told
	Runs       bool             // the person is an owner of the account or a super admin; loaded for what looks like a command, and orders
	OrderText  string           // the text of the event that an order names; "" where it is gone
	Ordered    bool             // the card that was clicked has been confirmed, or called off, before
	Seat       *Seat            // the person as a seat; nil where the person is none
	Serving    []Served         // open sessions the person serves, by SeatNo
	LastServed *Served          // the session the person served last that has closed; nil for none
	Held       []Event          // the person's texts that wait for a receiver, oldest first
	Seats      []Seat           // every seat of the account, with names, where Session or Target goes to all or did; nil elsewhere
	Introduced bool             // on a join: its seat was shown Target after it came
	Shown      map[uint64]int64 // session → when a line of its employee was last pushed to the person (ms); since the focus was set
}

// Served is a session as its seat sees it.
type Served struct {
	Session  Session
	Employee Member
}

// Step is a decision: everything that changes because of one event. The store applies
// all of it or nothing.
type Step struct {
	Lane    Lane // whose fence guards it
	InboxID uint64
	Outcome Outcome
	Reason  string
	Detail  Detail
	At      int64 // epoch ms; the decision's now

	// Session is the session after the step; nil leaves sessions alone. Its Version is that
	// of the session before (0: insert it); another one in the store means ErrStale.
	Session *Session
	// Reserve takes one place at a seat; a seat that can't take it means ErrSeatTaken.
	Reserve *Reservation
	// Release gives a place back at this seat; "" for none.
	Release string
	// Messages are added to Session's transcript; their Seq continues MessageCount.
	Messages []Message
	// Pushes go to the outbox, in this order per receiver.
	Pushes []Push
	// Timers of the lane that are set or, with DueMS 0, removed.
	Timers []TimerChange
	// Forwards are events for other lanes, or for this one.
	Forwards []Forward
	// Conversation is the conversation after the step; nil leaves it alone.
	Conversation *Conversation
	// Group is the group chat after the step; nil leaves it alone.
	Group *GroupChat
	// SeatChange changes the person's own seat row; nil leaves it alone.
	SeatChange *SeatChange
	// Hold keeps this event's text until a receiver is chosen.
	Hold *Event
	// ReleaseHeld drops the held texts: Forwards has them now.
	ReleaseHeld bool
	// Survey is the survey after the step; nil leaves it alone. A rating or reasons
	// that are there already mean ErrStale.
	Survey *Survey
	// SurveyWas is the survey that was seen; zero where Survey is a new one.
	SurveyWas Survey
	// Question records a question that the bot was asked; nil for none.
	Question *Question
	// QuestionChange says what a tap means for an earlier question; nil for none. A question
	// that isn't there any more is left alone, and so is feedback that was given before.
	QuestionChange *QuestionChange
	// Order changes the account, in the name of the lane's person, and says so in the audit log;
	// nil for none. Where that is so already nothing changes; where there is no room for
	// another seat it is ErrStale.
	Order *Order
	// Facts are for the statistics.
	Facts []Fact
	// Webhooks is what those outside are told who asked for it.
	Webhooks []WebhookEvent
	// Audits go to the audit log.
	Audits []Audit
	// Recall takes a line of Session back; nil for none.
	Recall *Recall
	// Last says that no further event of the lane is known to wait: where that is so, the
	// store lets go of the lane with the step, which saves a transaction of its own.
	Last bool
	// WakeQueue tells the longest waiting session of the account that a seat may be free.
	WakeQueue bool
	// WakeBehind makes WakeQueue pass over everybody up to this place; nil: nobody.
	WakeBehind *Place
}

// Reservation is a place at a seat and the number the session gets there.
type Reservation struct {
	// Seat is "" for a session that goes to all seats: it takes no place, but the number that
	// is next at all of them.
	Seat  string
	Limit int  // sessions at once; 0: no limit
	No    int  // must be the seat's next
	Day   int  // yyyymmdd
	Force bool // take it although the seat is not online (a seat that writes first)
	// InTurn makes it ErrStale where another session, which the seat could take, has come to be
	// ahead in the queue.
	InTurn bool
	// Keep leaves the session the number it has: No, which the seat knows it by.
	Keep bool
	// Listeners are, without a Seat, those that are shown the session; where others listen by
	// now it is ErrStale.
	Listeners []string
}

// Recall marks a line of the session's transcript as taken back. A line that was taken back
// before, and a push of Cancel that doesn't wait any more, mean ErrStale.
type Recall struct {
	Seq    int      // of the message
	Cancel []uint64 // outbox rows for the session's employee that are not sent then
}

// TimerChange sets a timer of the step's lane; DueMS 0 removes it.
type TimerChange struct {
	Kind  TimerKind
	DueMS int64
}

// Forward is an event for the lane of Person ("" for the corp lane).
type Forward struct {
	Person string
	Event  Event
	// Key is the event's dedupe key, under which it may be written once; ErrStale where it was.
	// "" makes one.
	Key string
}

// SeatChange says what of a seat's own row changes; nil fields stay.
type SeatChange struct {
	State        *SeatState
	FocusSession *uint64
	FocusMS      *int64
	LeftMS       *int64 // see [Seat.LeftMS]
	ActiveMS     *int64
}

// SurveyAnswer is what a click on a survey's card says: a rating, or the reasons for one.
type SurveyAnswer struct {
	Rating  Rating   // "" where the click gives reasons
	Reasons []string // as shown to the employee; may be empty
}

// FactKind names a fact of the statistics.
type FactKind string

// The facts. Value is a duration in ms where the name says so.
const (
	FactOpened    FactKind = "opened"
	FactAnswered  FactKind = "answered"
	FactSuggested FactKind = "suggested"
	FactMissed    FactKind = "missed"
	FactAccepted  FactKind = "accepted" // a suggestion was tapped
	FactFeedback  FactKind = "feedback" // Reason: up or down
	FactPhrased   FactKind = "phrased"  // Reason: why verbatim, "" where rephrased; Value: ms
	FactHandoff   FactKind = "handoff"
	FactAssigned  FactKind = "assigned"    // Value: ms waited since handoff
	FactFirst     FactKind = "first_reply" // Value: ms from assignment to the seat's first line
	FactTransfer  FactKind = "transfer"
	FactLeft      FactKind = "left_queue"   // Value: ms waited
	FactMessage   FactKind = "left_message" // Reason: chosen or timeout; Value: ms waited
	FactClosed    FactKind = "closed"       // Value: ms of human service
	FactRerated   FactKind = "rerated"      // a rating was changed; Reason: to what
	FactSurvey    FactKind = "survey_sent"
	FactRated     FactKind = "rated"
)

// Fact is one countable thing that happened.
type Fact struct {
	ID        uint64   `gorm:"primaryKey"`
	AccountID uint64   `gorm:"not null"`
	SessionID uint64   `gorm:"not null"`
	Kind      FactKind `gorm:"size:16;not null"`
	Seat      string   `gorm:"size:128;not null"`
	Reason    string   `gorm:"size:64;not null"`
	Value     int64    `gorm:"not null"`
	AtMS      int64    `gorm:"not null"`
}

// Applied is what the store made of a step.
type Applied struct {
	Lanes    []LaneKind // kinds of lanes that have new work: wake their workers
	Released bool       // the lane is let go of, as Step.Last asked
	Joined   bool       // the lane's person, a seat, may have come to listen: see Store.ShareWith
	Woken    string     // the employee whose queued session got its turn; "" for none
}
