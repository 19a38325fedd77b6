package model

import "slices"

// WebhookKind names what a webhook is told, as it stands in what is sent.
type WebhookKind string

// The kinds. A ping is sent on request alone, to try a webhook.
const (
	WebhookOpened    WebhookKind = "session.opened"
	WebhookHandedOff WebhookKind = "session.handed_off"
	WebhookAssigned  WebhookKind = "session.assigned"
	WebhookClosed    WebhookKind = "session.closed"
	WebhookRated     WebhookKind = "session.rated"
	WebhookMissed    WebhookKind = "question.missed"
	WebhookPing      WebhookKind = "ping"
)

// WebhookKinds are those that a webhook may be told of.
func WebhookKinds() []WebhookKind {
	return []WebhookKind{WebhookOpened, WebhookHandedOff, WebhookAssigned, WebhookClosed, WebhookRated, WebhookMissed}
}

// MaxWebhooks is how many webhooks an account may have.
const MaxWebhooks = 10

// Webhook is an address outside that is told what happens in an account, at least once each.
type Webhook struct {
	ID        uint64        `gorm:"primaryKey;autoIncrement:false"` // made by [NewID]
	AccountID uint64        `gorm:"not null"`
	Name      string        `gorm:"size:64;not null"`   // for people, 1–64 characters
	URL       string        `gorm:"size:2000;not null"` // http(s), without user and fragment
	Kinds     []WebhookKind `gorm:"serializer:json;type:text;not null"`
	Enabled   bool          `gorm:"not null"` // a disabled one is told nothing, and what happens meanwhile it never learns
	// Secret signs what is sent: "whsec_" and base64. OldSecret signs, too, until OldUntilMS, so that
	// the receiver has time to take the new one.
	Secret     Secret `gorm:"-"`
	OldSecret  Secret `gorm:"-"`
	OldUntilMS int64  `gorm:"not null"`
	Version    uint64 `gorm:"not null"` // grows with every change that people make
	CreatedMS  int64  `gorm:"not null"`
	UpdatedMS  int64  `gorm:"not null"`

	Fence     uint64 `gorm:"not null"` // grows with every claim; what an older holder writes is refused
	UntilMS   int64  `gorm:"not null"` // when the lease of who delivers to it ends
	DueMS     int64  `gorm:"not null"` // nothing is sent before; grows while it fails
	Failures  int    `gorm:"not null"` // rounds in a row in which nothing arrived
	FailingMS int64  `gorm:"not null"` // since when; 0: it doesn't
	OkMS      int64  `gorm:"not null"` // when something arrived last; 0: never
}

// Wants reports whether the webhook is told of a kind.
func (w *Webhook) Wants(kind WebhookKind) bool { return w.Enabled && slices.Contains(w.Kinds, kind) }

// WebhookEvent is one thing that happened, as webhooks are told.
type WebhookEvent struct {
	Kind WebhookKind `json:"-"`

	Account    WebhookAccount  `json:"account"`
	Session    *WebhookSession `json:"session,omitempty" doc:"As it was after the event; missing in a ping"`
	Reason     string          `json:"reason,omitempty" doc:"Why: of handing off, of assigning, of closing"`
	DurationMS int64           `json:"duration_ms,omitempty" doc:"assigned: since the handoff or the transfer; closed: with the seat that served last"`
	Rating     Rating          `json:"rating,omitempty" doc:"rated: good, fair or bad"`
	Reasons    []string        `json:"reasons,omitempty" doc:"rated: why not satisfied, as shown to the employee"`
	Question   string          `json:"question,omitempty" doc:"missed: what was asked; numbers of people and money are masked"`
}

// WebhookAccount names an account to webhooks.
type WebhookAccount struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// WebhookSession is a session as webhooks are told. Times are RFC 3339, in UTC.
type WebhookSession struct {
	ID            string        `json:"id" doc:"Digits"`
	State         SessionState  `json:"state" enum:"bot,queued,serving,closed"`
	Employee      string        `json:"employee" doc:"userid; of a group chat #, its id"`
	Group         bool          `json:"group" doc:"It is a group chat's"`
	Seat          string        `json:"seat,omitempty" doc:"userid of who serves or served last"`
	HandoffReason HandoffReason `json:"handoff_reason,omitempty"`
	CloseReason   CloseReason   `json:"close_reason,omitempty"`
	Messages      int           `json:"messages" doc:"Lines of its transcript so far"`
	OpenedAt      string        `json:"opened_at"`
	QueuedAt      string        `json:"queued_at,omitempty" doc:"When it was handed to people"`
	AssignedAt    string        `json:"assigned_at,omitempty" doc:"To the present seat"`
	ClosedAt      string        `json:"closed_at,omitempty"`
}

// DeliveryState is how far a delivery has come.
type DeliveryState string

// The delivery states.
const (
	DeliveryPending DeliveryState = "pending" // to be sent, or sent again
	DeliveryDone    DeliveryState = "done"    // the receiver said 2xx
	DeliveryDead    DeliveryState = "dead"    // given up on; it may be replayed
)

// WebhookDelivery is one event on its way to one webhook.
type WebhookDelivery struct {
	ID        uint64        `gorm:"primaryKey;autoIncrement:false"` // made by [NewID]; with "evt_" before it, what the receiver tells repeats by
	AccountID uint64        `gorm:"not null"`
	WebhookID uint64        `gorm:"not null"`
	Kind      WebhookKind   `gorm:"size:32;not null"`
	SessionID uint64        `gorm:"not null"` // 0: none
	Employee  string        `gorm:"size:128;not null"`
	Body      string        `gorm:"type:text;not null"` // what is sent
	State     DeliveryState `gorm:"size:8;not null"`
	Attempts  int           `gorm:"not null"`
	Code      int           `gorm:"not null"`          // HTTP status of the last attempt; 0: no answer
	Err       string        `gorm:"size:200;not null"` // what was wrong with it; "": nothing
	TookMS    int64         `gorm:"not null"`          // the last attempt
	CreatedMS int64         `gorm:"not null"`
	SinceMS   int64         `gorm:"not null"` // when trying began: created, or replayed last
	DueMS     int64         `gorm:"not null"` // not tried before
	DoneMS    int64         `gorm:"not null"` // when it ended; 0: it has not
}

// Attempt is what came of sending a delivery once.
type Attempt struct {
	Code  int    // HTTP status; 0: no answer
	Err   string // what was wrong, in a few words; "": it arrived
	After int64  // ms that the receiver asked to be left alone for; 0: it didn't
	Took  int64  // ms
}

// Arrived reports whether the receiver took it.
func (a Attempt) Arrived() bool { return a.Err == "" }

// DeliveryFilter narrows a list of deliveries.
type DeliveryFilter struct {
	AccountID, WebhookID uint64
	State                DeliveryState // "": any
	Kind                 WebhookKind   // "": any
	Before               uint64        // id; 0: from the newest on
	Limit                int
}

// WebhookLoad is how many deliveries of a webhook are in which state, counted up to [LoadCounted].
type WebhookLoad struct {
	WebhookID     uint64
	Pending, Dead int
}
