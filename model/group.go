package model

// GroupJoin says whether an account may be used in internal group chats (内部群聊).
type GroupJoin string

// The choices. The empty one counts as forbid (禁止入群).
const (
	GroupForbid GroupJoin = "forbid"
	GroupAllow  GroupJoin = "allow"
)

// GroupMode is how an AI bot (智能机器人) is reached: WeCom allows one of the two per bot.
type GroupMode string

// The modes.
const (
	GroupConnection GroupMode = "connection" // we hold a long connection (长连接); answers at any time
	GroupCallback   GroupMode = "callback"   // WeCom calls a URL; each mention takes one answer within an hour
)

// GroupBot is the AI bot through which an account is reached in group chats. The zero value
// is none.
type GroupBot struct {
	Join           GroupJoin
	BotID          string // "": none bound
	Name           string // as WeCom shows it and members call it; "": as the account's
	Mode           GroupMode
	Secret         Secret // of the long connection; encrypted at rest
	Token          Secret // of the callback; encrypted at rest
	EncodingAESKey Secret // of the callback; encrypted at rest
}

// Bound reports whether there is a bot.
func (b GroupBot) Bound() bool { return b.BotID != "" }

// Mention says where a message to an AI bot came from and how it may be answered.
type Mention struct {
	ChatID      string    `json:"chat_id"` // as WeCom writes it; the userid in a single chat
	BotID       string    `json:"bot_id"`
	From        string    `json:"from"`             // folded userid of who wrote it
	Single      bool      `json:"single,omitempty"` // written to the bot alone, in no group
	Mode        GroupMode `json:"mode"`
	ReqID       string    `json:"req_id,omitempty"`       // of a long connection: names the message in an answer
	ResponseURL string    `json:"response_url,omitempty"` // of a callback: takes one answer
	UntilMS     int64     `json:"until_ms,omitempty"`     // for how long either can be used
	More        []Content `json:"more,omitempty"`         // what else the message held, behind [Event.Content]
}

// How long an answer to a mention is taken (doc path/101031, 101463), in ms.
const (
	ReqIDLife       = 24 * 60 * 60 * 1000
	ResponseURLLife = 60 * 60 * 1000
)

// GroupChat is a group chat in which an account's bot was mentioned. It changes on the lane
// of the group's peer alone.
type GroupChat struct {
	AccountID   uint64   `gorm:"primaryKey;autoIncrement:false"`
	Peer        string   `gorm:"primaryKey;size:128"`                // [GroupPeer]
	ChatID      string   `gorm:"size:191;not null"`                  // as WeCom writes it
	BotID       string   `gorm:"size:128;not null"`                  // the bot that was mentioned last
	Name        string   `gorm:"size:191;not null"`                  // "" where not known: WeCom doesn't tell
	Single      bool     `gorm:"not null"`                           // no group: somebody wrote to the bot alone
	ReqID       string   `gorm:"size:191;not null"`                  // see [Mention]; of the last one
	ResponseURL string   `gorm:"type:text;not null"`                 // "" once its answer is used
	UntilMS     int64    `gorm:"not null"`                           // of ReqID or ResponseURL
	LastFrom    string   `gorm:"size:128;not null"`                  // who mentioned it last
	NoticeDay   int      `gorm:"not null"`                           // yyyymmdd of the last notice that it isn't served
	Kept        []string `gorm:"serializer:json;type:text;not null"` // lines of seats that wait for the next mention's answer
	UpdatedMS   int64    `gorm:"not null"`
}

// TakesAnswer reports whether the last mention's one answer is still to be had.
func (g *GroupChat) TakesAnswer(atMS int64) bool {
	return g != nil && g.ResponseURL != "" && atMS < g.UntilMS
}

// OutKind is the kind of the lane that carries pushes to a receiver: those for groups go
// through whoever holds the bot's connection.
func OutKind(receiver string) LaneKind {
	if IsGroup(receiver) {
		return LaneGroup
	}
	return LaneOut
}
