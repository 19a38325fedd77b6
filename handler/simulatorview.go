package handler

import "time"

// SimCorp is the simulated corp.
type SimCorp struct {
	CorpID      string          `json:"corp_id"`
	Departments []SimDepartment `json:"departments"`
	Members     []SimMember     `json:"members"`
	Apps        []SimApp        `json:"apps"`
	Phones      []SimPhone      `json:"phones" doc:"The phones that the page opens with"`
}

// SimDepartment is a node of the directory.
type SimDepartment struct {
	ID       int64  `json:"id"`
	ParentID int64  `json:"parent_id" doc:"0 for the root"`
	Name     string `json:"name"`
}

// SimMember is a person of the corp.
type SimMember struct {
	UserID     string  `json:"userid"`
	Name       string  `json:"name"`
	Department string  `json:"department" doc:"Name of the main department"`
	SeatOf     []int64 `json:"seat_of" doc:"Apps whose service accounts the member answers for"`
}

// SimApp is a self-built app; each stands for one service account.
type SimApp struct {
	AgentID     int64  `json:"agentid"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// SimPhone is one member's conversation with one app.
type SimPhone struct {
	UserID  string `json:"userid"`
	AgentID int64  `json:"agentid"`
}

// SimConversation is what a phone shows of an app.
type SimConversation struct {
	Menu    []SimMenuItem `json:"menu" doc:"The app's menu; empty where it has none"`
	Bubbles []SimBubble   `json:"bubbles" doc:"Oldest first"`
}

// SimMenuItem is a button of an app's menu.
type SimMenuItem struct {
	Name string        `json:"name"`
	Key  string        `json:"key,omitempty" doc:"Of a button that calls back"`
	URL  string        `json:"url,omitempty" doc:"Of a button that opens a page"`
	Sub  []SimMenuItem `json:"sub,omitempty"`
}

// SimBubble is one message.
type SimBubble struct {
	MsgID     string       `json:"msgid"`
	Mine      bool         `json:"mine" doc:"The phone's owner wrote it, not the app"`
	Type      string       `json:"type" doc:"WeCom's msgtype"`
	At        time.Time    `json:"at"`
	Text      string       `json:"text,omitempty"`
	Title     string       `json:"title,omitempty"`
	Desc      string       `json:"desc,omitempty"`
	URL       string       `json:"url,omitempty"`
	Articles  []SimArticle `json:"articles,omitempty"`
	Media     *SimMedia    `json:"media,omitempty"`
	Card      *SimCard     `json:"card,omitempty"`
	Latitude  float64      `json:"latitude,omitempty"`
	Longitude float64      `json:"longitude,omitempty"`
	Recalled  bool         `json:"recalled,omitempty"`
}

// SimArticle is one piece of news.
type SimArticle struct {
	Title  string `json:"title"`
	Desc   string `json:"desc,omitempty"`
	URL    string `json:"url,omitempty"`
	PicURL string `json:"pic_url,omitempty"`
}

// SimMedia is a file in a bubble.
type SimMedia struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Bytes int    `json:"size_bytes"`
}

// SimCard is a template card as it is now.
type SimCard struct {
	Kind     string          `json:"kind" doc:"WeCom's card_type"`
	Source   string          `json:"source,omitempty"`
	Title    string          `json:"title,omitempty"`
	Desc     string          `json:"desc,omitempty"`
	Quote    string          `json:"quote,omitempty"`
	Emphasis string          `json:"emphasis,omitempty"`
	Body     string          `json:"body,omitempty"`
	ImageURL string          `json:"image_url,omitempty"`
	URL      string          `json:"url,omitempty" doc:"Where a tap on the card leads"`
	Fields   []SimCardField  `json:"fields,omitempty"`
	Lines    []SimArticle    `json:"lines,omitempty"`
	Links    []SimCardField  `json:"links,omitempty"`
	Buttons  []SimCardButton `json:"buttons,omitempty"`
	Choices  []SimCardChoice `json:"choices,omitempty"`
	Submit   *SimCardButton  `json:"submit,omitempty"`
	Menu     []SimCardButton `json:"menu,omitempty" doc:"Top right"`
	Replaced string          `json:"replaced,omitempty" doc:"The caption that took the buttons' place"`
	Failed   bool            `json:"failed,omitempty" doc:"The last click got no update, and the policy minds"`
}

// SimCardField is a row of a card.
type SimCardField struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
	URL   string `json:"url,omitempty"`
}

// SimCardButton is a button of a card.
type SimCardButton struct {
	Key      string `json:"key,omitempty" doc:"Of a button that calls back"`
	Text     string `json:"text"`
	URL      string `json:"url,omitempty" doc:"Of a button that opens a page"`
	Style    int    `json:"style,omitempty" doc:"1 strong, 2 second, 3 neutral, 4 warning"`
	Disabled bool   `json:"disabled,omitempty"`
}

// SimCardChoice is a question of a card.
type SimCardChoice struct {
	Key      string          `json:"key"`
	Title    string          `json:"title,omitempty"`
	Multi    bool            `json:"multi,omitempty"`
	Disabled bool            `json:"disabled,omitempty"`
	Options  []SimCardOption `json:"options"`
}

// SimCardOption is one answer to a question of a card.
type SimCardOption struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Checked bool   `json:"checked,omitempty"`
}

// SimMessage is what a member writes.
type SimMessage struct {
	Type      string  `json:"type" enum:"text,location,link"`
	Text      string  `json:"text,omitempty" maxLength:"4000" doc:"Of a text"`
	Title     string  `json:"title,omitempty" maxLength:"200" doc:"Of a link; the label of a location"`
	Desc      string  `json:"desc,omitempty" maxLength:"500" doc:"Of a link"`
	URL       string  `json:"url,omitempty" maxLength:"2000" doc:"Of a link"`
	Latitude  float64 `json:"latitude,omitempty" minimum:"-90" maximum:"90"`
	Longitude float64 `json:"longitude,omitempty" minimum:"-180" maximum:"180"`
}

// PressKind says what a member presses.
type PressKind string

// What there is to press.
const (
	PressButton   PressKind = "button"    // of a card
	PressCardMenu PressKind = "card_menu" // an entry of the menu at a card's top right
	PressSubmit   PressKind = "submit"    // of a card with choices
	PressMenu     PressKind = "menu"      // of the app
)

// SimPress is what a member presses.
type SimPress struct {
	Kind     PressKind
	MsgID    string              // of the card; "" for the app's menu
	Key      string              // "" for submit
	Selected map[string][]string // option ids by question, of submit
}

// SimFaults are what goes wrong. Counted faults hit the next n and are used up.
type SimFaults struct {
	Only              string `json:"only" doc:"Path after /cgi-bin/ that the call faults apply to; empty: every path" maxLength:"100"`
	LatencyMS         int64  `json:"latency_ms" minimum:"0" maximum:"60000" doc:"Every call waits so long"`
	Status5xx         int    `json:"status_5xx" minimum:"0" maximum:"10000" doc:"Calls answered with 502"`
	SystemBusy        int    `json:"system_busy" minimum:"0" maximum:"10000" doc:"Calls answered with errcode -1"`
	OverLimit         int    `json:"over_limit" minimum:"0" maximum:"10000" doc:"Calls answered with errcode 45009"`
	DropAnswers       int    `json:"drop_answers" minimum:"0" maximum:"10000" doc:"Sends whose answer gets lost"`
	UntrustedIP       bool   `json:"untrusted_ip" doc:"Every call is answered with 60020"`
	CallbackDelayMS   int64  `json:"callback_delay_ms" minimum:"0" maximum:"60000" doc:"Every callback waits so long"`
	CallbackDuplicate int    `json:"callback_duplicate" minimum:"0" maximum:"20" doc:"Every callback is sent so many more times"`
	CallbackReorder   int    `json:"callback_reorder" minimum:"0" maximum:"20" doc:"So many waiting callbacks of one member go out last first"`
	CallbackLose      int    `json:"callback_lose" minimum:"0" maximum:"10000" doc:"Callbacks that are never sent"`
}

// SimClock is the time that the corp and Deskmate live in.
type SimClock struct {
	Now          time.Time `json:"now"`
	AheadSeconds int64     `json:"ahead_seconds" doc:"How far it was moved on"`
}

// SimTrace is one callback's attempt or one call of the API.
type SimTrace struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind" enum:"call,callback" doc:"call: the app called WeCom; callback: WeCom called the app"`
	AgentID int64     `json:"agentid,omitempty"`
	UserIDs []string  `json:"userids,omitempty" doc:"Whom it is about"`
	Name    string    `json:"name" doc:"Path of a call, msgtype or event of a callback"`
	Status  int       `json:"status" doc:"HTTP status; 0: no answer"`
	ErrCode int       `json:"errcode,omitempty" doc:"Of a call"`
	Attempt int       `json:"attempt,omitempty" doc:"Of a callback, counted from 1"`
	State   string    `json:"state,omitempty" enum:"queued,accepted,failed,lost" doc:"Of a callback"`
	TookMS  int64     `json:"took_ms" doc:"Of a call: its time; of a callback: since it happened"`
}

// SimTraceDetail is what went over the wire. Tokens and secrets are masked.
type SimTraceDetail struct {
	SimTrace

	Request  string `json:"request"`
	Response string `json:"response"`
}

// SimFile is the content of a picture.
type SimFile struct {
	ContentType string
	Data        []byte
}

// SimEvent is something that happened; exactly one of the three is set, or none after
// events were missed.
type SimEvent struct {
	Trace   *SimTrace
	Touched *SimTouched
	World   *SimWorldChanged
}

// SimTouched says that a conversation changed.
type SimTouched struct {
	AgentID int64  `json:"agentid"`
	UserID  string `json:"userid" doc:"Empty: everybody's with this app"`
}

// SimWorldChanged says that the clock was moved or the faults were set.
type SimWorldChanged struct {
	Clock SimClock `json:"clock"`
}
