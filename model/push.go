package model

import (
	"errors"
	"fmt"
	"time"
)

// PushKind is the form of a [Push].
type PushKind string

// The push kinds, each one message type of WeCom but the last two.
const (
	PushText     PushKind = "text"
	PushMarkdown PushKind = "markdown"
	PushImage    PushKind = "image"
	PushVoice    PushKind = "voice"
	PushVideo    PushKind = "video"
	PushFile     PushKind = "file"
	PushTextCard PushKind = "textcard"
	PushCard     PushKind = "card"        // a template card
	PushUpdate   PushKind = "card_update" // changes a card that was clicked
	PushRecall   PushKind = "recall"      // takes back an earlier message by MsgID
)

// Push is one message from an account to one member. It is stored as JSON in the
// outbox until WeCom has taken it.
type Push struct {
	Receiver string      `json:"receiver"` // folded userid
	Kind     PushKind    `json:"kind"`
	Text     string      `json:"text,omitempty"`     // text, markdown; ≤ 2048 bytes
	MediaID  string      `json:"media_id,omitempty"` // image, voice, video, file
	Blob     uint64      `json:"blob,omitempty"`     // image, file: a stored one, instead of MediaID; see [Blob]
	Title    string      `json:"title,omitempty"`    // video, textcard
	Desc     string      `json:"desc,omitempty"`     // video, textcard
	URL      string      `json:"url,omitempty"`      // textcard
	Card     *Card       `json:"card,omitempty"`
	Update   *CardUpdate `json:"update,omitempty"`
	MsgID    string      `json:"msgid,omitempty"` // recall

	// Session is the session it belongs to; 0 for none.
	Session uint64 `json:"session,omitempty"`
	// Author wrote what is relayed (folded userid) and is told when it can't be delivered;
	// "" for what Deskmate itself says.
	Author string `json:"author,omitempty"`
	// Seq is the line of the session's transcript that it carries; 0 for none.
	Seq int `json:"seq,omitempty"`
	// Line marks what shows a seat a line of the session's employee: with it the seat's
	// implicit focus on anybody else ends.
	Line bool `json:"line,omitempty"`
	// Fanout is set on the copies of a line that goes to several seats: what the receiver is
	// told in its place while the account's sends of the day run short. Its author hears of a
	// failure only where every copy fails.
	Fanout string `json:"fanout,omitempty"`
	// Merge allows joining it with neighbours of the same session into one message.
	Merge bool `json:"merge,omitempty"`
}

// CardKind is the form of a [Card].
type CardKind string

// The card kinds, WeCom's card_type.
const (
	CardButtons CardKind = "button_interaction"
	CardVote    CardKind = "vote_interaction"
	CardSelects CardKind = "multiple_interaction"
	CardNotice  CardKind = "text_notice"
)

// Card is a template card (模板卡片).
type Card struct {
	Kind    CardKind     `json:"kind"`
	TaskID  string       `json:"task_id,omitempty"` // ≤ 128 of [0-9A-Za-z_@-], unique per app; not for a plain notice
	Source  string       `json:"source,omitempty"`  // small line on top, ≤ 20 characters
	Title   string       `json:"title"`             // ≤ 36 characters are shown
	Desc    string       `json:"desc,omitempty"`    // ≤ 44
	Body    string       `json:"body,omitempty"`    // sub_title_text, ≤ 160
	Fields  []CardField  `json:"fields,omitempty"`  // at most 6
	Buttons []CardButton `json:"buttons,omitempty"` // 1–6, buttons only
	Choices []CardChoice `json:"choices,omitempty"` // one for a vote, 1–3 for selects
	Submit  CardButton   `json:"submit,omitzero"`   // vote and selects
	URL     string       `json:"url,omitempty"`     // card_action; a notice must have one
}

// CardField is a name and a value in one row.
type CardField struct {
	Name  string `json:"name"`  // ≤ 5 characters are shown
	Value string `json:"value"` // ≤ 30
	URL   string `json:"url,omitempty"`
}

// CardButton is a button. A URL makes it a link; otherwise Key comes back in the click.
type CardButton struct {
	Text  string      `json:"text"` // ≤ 10 characters are shown
	Key   string      `json:"key,omitempty"`
	URL   string      `json:"url,omitempty"`
	Style ButtonStyle `json:"style,omitempty"`
}

// ButtonStyle is how a button looks. The zero value is WeCom's default, emphasised.
type ButtonStyle int

// The button styles (doc path/90236; which colour is which is from pictures).
const (
	StyleStrong  ButtonStyle = 1
	StyleSecond  ButtonStyle = 2
	StyleNeutral ButtonStyle = 3
	StyleWarning ButtonStyle = 4
)

// CardChoice is a question with options.
type CardChoice struct {
	Key     string       `json:"key"` // question_key
	Title   string       `json:"title,omitempty"`
	Multi   bool         `json:"multi,omitempty"` // several options; votes only
	Options []CardOption `json:"options"`         // 1–20 for a vote, 1–10 for a select
}

// CardOption is one option of a choice.
type CardOption struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// CardUpdate changes a card: to a grey button with Replace, or to another card.
type CardUpdate struct {
	// ResponseCode is that of the click, for one use within 72 h. "" stands for the send of the
	// last card that showed the receiver the push's session; where that can't be changed any
	// more, nothing happens.
	ResponseCode string `json:"response_code,omitempty"`
	Replace      string `json:"replace,omitempty"`
	Card         *Card  `json:"card,omitempty"`
}

// Receipt is what WeCom said when it took a message.
type Receipt struct {
	MsgID        string // for recall, within 24 h
	ResponseCode string // for one change of a card, within 72 h; "" where the card has no callback
}

// FailureClass says what can be done about a failed call.
type FailureClass string

// The failure classes.
const (
	FailRetry     FailureClass = "retry"     // later, with back-off; the message was not taken
	FailUncertain FailureClass = "uncertain" // nobody knows whether it was taken
	FailDrop      FailureClass = "drop"      // never for this message or receiver
	FailAlert     FailureClass = "alert"     // an operator must act; keep the message and try rarely
)

// PushError is a push that did not succeed.
type PushError struct {
	Class FailureClass
	After time.Duration // wait at least this long; 0: as the back-off says
	Code  int64         // WeCom's errcode; 0 where there was no answer
	Err   error         // what happened, without secrets
	// Puzzling says that Code is in no table: it may be about this message alone, so it is
	// not tried for as long as what an operator can mend.
	Puzzling bool
}

// Error gives the class and the cause.
func (e *PushError) Error() string { return fmt.Sprintf("push (%s): %v", e.Class, e.Err) }

// Unwrap gives the cause.
func (e *PushError) Unwrap() error { return e.Err }

// ClassOf is the class of a failed push; what nobody classed counts as uncertain,
// since it may have been taken.
func ClassOf(err error) FailureClass {
	if e, ok := errors.AsType[*PushError](err); ok {
		return e.Class
	}
	return FailUncertain
}
