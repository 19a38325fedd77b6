package model

import (
	"fmt"
	"strings"
)

// Inbound is one callback of WeCom, understood: what goes into the inbox before the
// callback is acknowledged.
type Inbound struct {
	AccountID uint64
	Person    string // folded userid of who caused it; "" for events of the corp itself
	DedupeKey string // the same for every delivery of the same callback; ≤ 191 bytes
	CreatedMS int64  // WeCom's CreateTime, whole seconds
	Event     Event
}

// EventKind says what an [Event] is.
type EventKind string

// What comes from WeCom.
const (
	EventMessage     EventKind = "message"     // Content
	EventEnter       EventKind = "enter"       // the member opened the conversation
	EventMenuClick   EventKind = "menu_click"  // Key
	EventMenuView    EventKind = "menu_view"   // Key is the URL
	EventCardClick   EventKind = "card_click"  // Click
	EventSubscribe   EventKind = "subscribe"   // came into the app's visible range
	EventUnsubscribe EventKind = "unsubscribe" // left it
	EventContact     EventKind = "contact"     // Contact
	EventAppAlert    EventKind = "app_alert"   // Key is WeCom's event, AtMS when it takes effect
	EventUnknown     EventKind = "unknown"     // Raw holds it as it came
)

// What the parts of Deskmate tell one another, through the inbox.
const (
	EventSeatMessage  EventKind = "seat_message"  // Seat wrote Content to Session
	EventSeatEnd      EventKind = "seat_end"      // Seat ends Session
	EventSeatTransfer EventKind = "seat_transfer" // Seat gives Session to Target, or to the queue where Target is ""
	EventSeatOpen     EventKind = "seat_open"     // Seat writes Content to the employee anew, after Session closed
	EventQueueTurn    EventKind = "queue_turn"    // a seat may be free for Session
	EventTimer        EventKind = "timer"         // Timer is due
	EventPushFailed   EventKind = "push_failed"   // what this person wrote in Session did not reach Target; Reason
	EventSeatNote     EventKind = "seat_note"     // Seat writes Content to Session for the seats alone (备注)
	EventSeatClaim    EventKind = "seat_claim"    // Seat takes Session: from the queue, from the bot, from all seats; with Force from another seat
	EventSeatNext     EventKind = "seat_next"     // Seat, whose lane it is on, wants the longest waiting session it may take
	EventSeatKeep     EventKind = "seat_keep"     // Seat keeps Session open, so that idling doesn't end it; Reason off: no longer
	EventSeatRecall   EventKind = "seat_recall"   // Seat takes its last message in Session back
	EventSeatJoin     EventKind = "seat_join"     // Seat shall see Session from now on, which goes to all seats
	EventReview       EventKind = "review"        // the account, its seats or their people changed: may Session stay as it is?
	EventSeatState    EventKind = "seat_state"    // Seat, whose lane it is on, is in the state that Reason names from now on
	EventSeatAway     EventKind = "seat_away"     // Seat, whose lane it is on, can't be reached; Reason
	EventSeatLeft     EventKind = "seat_left"     // Seat left the company or lost its place; on the corp's lane, for the owners
	EventOrder        EventKind = "order"         // the member, who runs the account, confirmed Order; Reason off: called it off
	EventConsult      EventKind = "consult"       // the member wants to talk to the account, and asks for it on a page (发起咨询)
)

// AsEmployee in [Event.Reason] of a message says that its writer, a seat, asks for itself.
const AsEmployee = "as_employee"

// KeepOff in [Event.Reason] of an [EventSeatKeep] says that the session may idle again.
const KeepOff = "off"

// Event is what happened. Which fields are set depends on Kind. It is stored as JSON.
type Event struct {
	Kind    EventKind      `json:"kind"`
	Content *Content       `json:"content,omitempty"`
	Click   *Click         `json:"click,omitempty"`
	Contact *ContactChange `json:"contact,omitempty"`
	Key     string         `json:"key,omitempty"`
	Raw     string         `json:"raw,omitempty"`
	Session uint64         `json:"session,omitempty"`
	Seat    string         `json:"seat,omitempty"`
	Target  string         `json:"target,omitempty"`
	Timer   TimerKind      `json:"timer,omitempty"`
	Gen     uint64         `json:"gen,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	AtMS    int64          `json:"at_ms,omitempty"` // when it happened, or takes effect
	Note    string         `json:"note,omitempty"`  // what Seat or By says of it to colleagues, such as why it transfers
	By      string         `json:"by,omitempty"`    // userid of the supervisor who does it in place of Seat; "" for none
	Force   bool           `json:"force,omitempty"` // whatever the other seat thinks of it; supervisors only
	Order   *Order         `json:"order,omitempty"` // of an order
	Group   *Mention       `json:"group,omitempty"` // of a message: it came through the AI bot
	API     bool           `json:"api,omitempty"`   // whoever does it reads the outcome there: no notices of it inside WeCom
	From    string         `json:"from,omitempty"`  // the address that it came from over HTTP, for the audit log
}

// ContentType is the kind of a message's content, in WeCom's words.
type ContentType string

// The content types: the six that WeCom delivers to an app, and those only we send.
const (
	ContentText     ContentType = "text"
	ContentImage    ContentType = "image"
	ContentVoice    ContentType = "voice"
	ContentVideo    ContentType = "video"
	ContentLocation ContentType = "location"
	ContentLink     ContentType = "link"
	ContentFile     ContentType = "file"
	ContentCard     ContentType = "card" // Text is what the card said, for the transcript
)

// Content is what somebody wrote or was shown.
type Content struct {
	Type         ContentType `json:"type"`
	Text         string      `json:"text,omitempty"`
	MediaID      string      `json:"media_id,omitempty"` // WeCom's, valid 3 days
	ThumbMediaID string      `json:"thumb_media_id,omitempty"`
	Format       string      `json:"format,omitempty"` // of a voice: amr, speex …
	PicURL       string      `json:"pic_url,omitempty"`
	Latitude     float64     `json:"latitude,omitempty"`
	Longitude    float64     `json:"longitude,omitempty"`
	Scale        int         `json:"scale,omitempty"`
	Label        string      `json:"label,omitempty"`
	Title        string      `json:"title,omitempty"`
	Description  string      `json:"description,omitempty"`
	URL          string      `json:"url,omitempty"`
	Blob         uint64      `json:"blob,omitempty"`    // image, file: a stored one, instead of MediaID; see [Blob]
	AESKey       string      `json:"aes_key,omitempty"` // Base64; opens what is at URL. In no transcript
	Name         string      `json:"name,omitempty"`    // of a file
	Size         int64       `json:"size,omitempty"`    // of a file, in bytes
}

// HasMedia reports whether there is a picture, voice, video or file to send on.
func (c Content) HasMedia() bool { return c.MediaID != "" || c.Blob != 0 }

// Words says a content in words: a text as it stands, of the rest what kind it is and what it
// is called.
func (c Content) Words() string {
	switch c.Type {
	case ContentText, ContentCard:
		return c.Text
	case ContentImage:
		return "[图片]"
	case ContentVoice:
		return "[语音]"
	case ContentVideo:
		return "[视频]"
	case ContentFile:
		return strings.TrimSpace("[文件] " + c.Name)
	case ContentLocation:
		return fmt.Sprintf("[位置] %s (%.6f, %.6f)", c.Label, c.Latitude, c.Longitude)
	case ContentLink:
		return strings.TrimSpace("[链接] " + c.Title + " " + c.URL)
	}
	return "[" + string(c.Type) + "]"
}

// Click is a tap on a card's button or its submit.
type Click struct {
	Key          string              `json:"key"` // of the button, as it was sent
	TaskID       string              `json:"task_id"`
	CardType     string              `json:"card_type"`
	ResponseCode string              `json:"response_code"`      // changes the card once, within 72 h
	Selected     map[string][]string `json:"selected,omitempty"` // question key → option ids
	Menu         bool                `json:"menu,omitempty"`     // from the card's top-right menu
}

// ContactChange is a change of the directory: a hint to read again, for WeCom
// sends it reduced or out of order.
type ContactChange struct {
	Change     string `json:"change"`                // create_user, update_user, delete_user, create_party, …
	UserID     string `json:"user_id,omitempty"`     // as WeCom writes it
	NewUserID  string `json:"new_user_id,omitempty"` // where the userid changed
	Department int64  `json:"department,omitempty"`
}

// TimerKind names a timer of a lane; a lane has one of each kind at most.
type TimerKind string

// The timers.
const (
	TimerBotIdle TimerKind = "bot_idle" // ends a bot session silently
	TimerIdle    TimerKind = "idle"     // ends human service, with a notice
	TimerHeld    TimerKind = "held"     // reminds a seat of texts that wait for a receiver
	TimerOpening TimerKind = "opening"  // gives a session that waits for the hours its turn
	TimerWait    TimerKind = "wait"     // asks who waits for a seat whether to go on
	TimerPlace   TimerKind = "place"    // tells who waits for a seat that fewer are ahead
	TimerWarn    TimerKind = "warn"     // warns that human service is about to end
	TimerOwed    TimerKind = "owed"     // reminds a seat that owes an answer, and then looks for another
	TimerUnread  TimerKind = "unread"   // sends seats what they were told of and have not read
)
