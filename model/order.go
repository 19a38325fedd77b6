package model

// OrderKind is what an [Order] changes.
type OrderKind string

// The orders that can be given in a conversation.
const (
	OrderBotOn      OrderKind = "bot_on"
	OrderBotOff     OrderKind = "bot_off"
	OrderSeatAdd    OrderKind = "seat_add"    // UserID, with the account's figures
	OrderSeatRemove OrderKind = "seat_remove" // UserID
	OrderEntry      OrderKind = "entry"       // a new entry, as Inbox says
	OrderSimilar    OrderKind = "similar"     // similar questions of an entry, as Inbox says
	OrderMiss       OrderKind = "miss"        // Miss gets the answer that Inbox says
)

// Teaches reports whether the order changes the knowledge base rather than the account.
func (k OrderKind) Teaches() bool { return k == OrderEntry || k == OrderSimilar || k == OrderMiss }

// Order is a change of an account that an owner asks for in the conversation with it.
type Order struct {
	Kind   OrderKind `json:"kind"`
	UserID string    `json:"userid,omitempty"` // folded
	Inbox  uint64    `json:"inbox,omitempty"`  // the event whose text says what is taught
	Miss   uint64    `json:"miss,omitempty"`   // one of the questions that could not be answered
}

// Lesson is what somebody who runs an account teaches its bot in the conversation.
type Lesson struct {
	Kind     OrderKind
	Question string   // the standard question; of a miss, how it was asked
	Similar  []string // of OrderSimilar
	Answer   string   // of the others
	Number   int      // of OrderMiss: its place in the list of misses, from 1, until Miss is known
	Miss     uint64   // of OrderMiss: one of the questions
	Near     string   // the standard question of another entry that asks just the same; "" for none
}

// OpenMiss is what the bot could not answer.
type OpenMiss struct {
	ID       uint64 // of one of the questions
	Question string // how it was asked
	Count    int    // how often
}

// OrderOff in [Event.Reason] of an [EventOrder] says that the person called it off.
const OrderOff = "off"

// OrderVerb is what the keys of the buttons that confirm an order begin with.
const OrderVerb = "order"

// OrderKey is the dedupe key of the event that a card's buttons make: whichever is pressed
// first, however often.
func OrderKey(taskID string) string { return "order:" + taskID }

// MaxSeats is how many seats an account has at most, as with the native feature.
const MaxSeats = 200
