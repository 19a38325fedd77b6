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

// Check says what is wrong with a bot, for whoever binds it on a page; nil for nothing. None is
// right, unless groups are allowed.
func (b GroupBot) Check() error {
	switch {
	case !b.Bound() && b.Join == GroupAllow:
		return Invalid("no_bot", "请先绑定智能机器人：企业微信只把群里 @ 机器人的消息转给它")
	case !b.Bound():
		return nil
	case !IsBotID(b.BotID):
		return Invalid("bot_id", "BotID 由 1–128 个字母、数字或 _.- 组成")
	case !IsLine(b.Name, NameMost):
		return Invalid("name", "机器人名称最多 %d 个字，不能换行", NameMost)
	case b.Mode == GroupCallback && !IsCallbackToken(b.Token.Reveal()):
		return Invalid("token", "Token 由 1–32 个字母和数字组成")
	case b.Mode == GroupCallback && !IsAESKey(b.EncodingAESKey.Reveal()):
		return Invalid("encoding_aes_key", "EncodingAESKey 由 43 个字母和数字组成")
	case b.Mode == GroupConnection && b.Secret == "":
		return Invalid("secret", "请填写长连接的 Secret")
	case b.Mode == GroupConnection && !IsSecret(b.Secret.Reveal()):
		return Invalid("secret", "Secret 中间有空格或中文，请重新复制")
	}
	return nil
}

// BotRecord is what is known of the way to an account's AI bot, since the bot and its secrets are
// what they are. Zero times are never.
type BotRecord struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	UpMS      int64  `gorm:"not null"`         // since when the connection is up; of a callback the last that was taken
	DownMS    int64  `gorm:"not null"`         // when the connection was lost or refused; of a callback the last that was refused
	Reason    string `gorm:"size:64;not null"` // why, in a word; "" where nothing went wrong yet
	Code      int64  `gorm:"not null"`         // WeCom's errcode; 0 for none

	HeldMS int64 `gorm:"-"` // until when a process holds the bot; it is renewed every second
}

// TableName implements gorm's Tabler.
func (BotRecord) TableName() string { return "group_record" }

// BotNews is what happened on the way to an AI bot.
type BotNews struct {
	Up     bool
	Reason string // why it isn't up: [BotLost], [BotKicked], [BotRefused], or why a callback was refused
	Code   int64  // WeCom's errcode; 0 for none
}

// Why a bot's connection is not up.
const (
	BotLost    = "lost"    // it ended or could not be made; it is tried again
	BotKicked  = "kicked"  // another program subscribed as the same bot
	BotRefused = "refused" // WeCom didn't let it in
)

// GroupKey is where a list of group chats goes on: those that changed before it come next.
type GroupKey struct {
	AtMS int64
	Peer string
}

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
