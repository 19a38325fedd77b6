package model

import (
	"cmp"
	"slices"
	"time"
)

// Account is a service account (员工服务账号): one self-built WeCom app of a corp,
// with its own seats, knowledge base and rules.
type Account struct {
	ID             uint64   // made by [NewID]
	Key            string   // slug in the callback path and in every command: [a-z0-9-]{1,40}
	CorpID         string   // as WeCom writes it; compare with [Fold]
	AgentID        int64    // the app (AgentID), positive
	Name           string   // ≤ 40 characters
	Secret         Secret   // of the app; encrypted at rest
	Token          Secret   // of the callback; encrypted at rest
	EncodingAESKey Secret   // of the callback, 43 characters; encrypted at rest
	Group          GroupBot // the AI bot for group chats; its secrets are encrypted at rest
	Enabled        bool     // a disabled account refuses new sessions and closes its open ones as they move
	Policy         Policy   // how it behaves
	Profile        Profile  // what people see of it
	Version        uint64   // grows with every change of the account, its seats or its owners
	CreatedMS      int64
	UpdatedMS      int64
}

// Policy is how an account behaves. It is stored as one JSON value with the account;
// [DefaultPolicy] says what holds where nothing is configured.
type Policy struct {
	Scope      *Scope     `json:"scope,omitempty"`  // nil: every member may ask
	Barred     []string   `json:"barred,omitempty"` // userids, folded, who may not ask although Scope has them
	Assignment Assignment `json:"assignment"`
	Bot        BotPolicy  `json:"bot"`
	LLM        LLMPolicy  `json:"llm"`
	Handoff    Handoff    `json:"handoff"`
	Timers     Timers     `json:"timers"`
	Survey     SurveyRule `json:"survey"`
	Focus      FocusMode  `json:"focus"`
	Workbench  Workbench  `json:"workbench"`
	Menu       MenuMode   `json:"menu"`
	Limits     Limits     `json:"limits"`
	Queue      Queue      `json:"queue"`
	Hours      *Hours     `json:"hours,omitempty"` // when seats work; nil: always. The bot always does
	OffHours   OffHours   `json:"off_hours"`
	Retention  Retention  `json:"retention,omitzero"`
	// SeatFields are the fields of the profile that seats with [MayProfile] may edit.
	SeatFields []ProfileField `json:"seat_fields,omitempty"`
}

// Scope says who may see and ask an account (可见范围). The two lists add up.
type Scope struct {
	Members     []string `json:"members,omitempty"`     // userids, folded
	Departments []int64  `json:"departments,omitempty"` // ids, each with everything below it
}

// HasMember reports whether the userid is listed by itself.
func (s Scope) HasMember(userID string) bool {
	return slices.Contains(s.Members, Fold(userID))
}

// Has reports whether somebody with a userid, who is in these departments and those above them,
// is inside.
func (s Scope) Has(userID string, departments []int64) bool {
	return s.HasMember(userID) || slices.ContainsFunc(s.Departments, func(id int64) bool { return slices.Contains(departments, id) })
}

// Bars reports whether a member may not ask the account, be it inside the scope or not: WeCom
// hides the directory from some (限制查看所有人) and tells no program from whom.
func (p Policy) Bars(userID string) bool {
	return slices.Contains(p.Barred, Fold(userID))
}

// AssignmentMode is how sessions find their seats.
type AssignmentMode string

// The assignment modes.
const (
	LeastBusy AssignmentMode = "least_busy" // one seat, the one serving fewest employees
	AllSeats  AssignmentMode = "all_seats"  // every seat gets every message (消息分配给所有坐席)
)

// Assignment says who gets a session.
type Assignment struct {
	Mode           AssignmentMode `json:"mode"`
	PreferPrevious bool           `json:"prefer_previous"` // first the seat that served before (先分配给服务过的坐席)
	BusyGap        int            `json:"busy_gap"`        // the previous seat counts as busy at lowest load + this; ≥ 1
	Capacity       int            `json:"capacity"`        // sessions at once for a seat without a figure of its own; 0: no limit
	Claim          bool           `json:"claim"`           // all seats: one takes the session (接待) before it answers; false: whoever answers does
	// AutoAway sets a seat away that can't be reached, or leaves an employee without an answer.
	AutoAway bool `json:"auto_away,omitempty"`
}

// BotPolicy says what the bot does before a person takes over.
type BotPolicy struct {
	Enabled   bool    `json:"enabled"`
	Answer    float64 `json:"answer"`     // answer at this probability and above, in (0, 1]
	Suggest   float64 `json:"suggest"`    // suggest at this probability and above, ≤ Answer
	Feedback  bool    `json:"feedback"`   // a card with 👍 and 👎 follows each answer
	FollowUp  int64   `json:"follow_up"`  // ms for which a question may be about the entry answered before; 0: never
	Hot       int     `json:"hot"`        // hot questions offered with the welcome, at most 5; 0: none
	Welcome   string  `json:"welcome"`    // sent on opening the conversation, at most once in 24 h; empty: nothing
	MissText  string  `json:"miss_text"`  // said on a miss
	IdleAfter int64   `json:"idle_after"` // ms without a message after which a bot session ends silently
}

// LLMMode says what a language model does to the bot's answers.
type LLMMode string

// The modes.
const (
	LLMOff      LLMMode = "off"
	LLMRephrase LLMMode = "rephrase" // says the approved answer in the tone configured
)

// LLMPolicy says how a language model may help. Without a model configured for the
// installation it has no effect.
type LLMPolicy struct {
	Mode         LLMMode `json:"mode"`
	Tone         string  `json:"tone"`           // how it shall sound, ≤ 200 characters; "": friendly and short
	Model        string  `json:"model"`          // "": the installation's
	TokensPerDay int64   `json:"tokens_per_day"` // in and out together; 0: no limit
}

// Handoff says when the bot hands over to a person (转人工).
type Handoff struct {
	Keywords []string `json:"keywords"` // count when they are the whole folded message
	Misses   int      `json:"misses"`   // misses in a row that hand over; 0: never
	Button   bool     `json:"button"`   // cards and the menu offer 转人工
	Dislike  bool     `json:"dislike"`  // a 👎 offers 转人工
}

// Timers are the clocks of human service. Two of them end a session, by turns: Idle while the
// employee has been answered, Owed while the seat owes an answer.
type Timers struct {
	Idle     time.Duration `json:"idle"`               // without a message for so long the session ends; 0: never
	Owed     time.Duration `json:"owed,omitempty"`     // the same while the seat owes an answer; 0: as Idle, [Never]: never
	Warn     time.Duration `json:"warn,omitempty"`     // so long before the end the employee is warned; 0: not
	Remind   time.Duration `json:"remind,omitempty"`   // the seat is reminded when it has owed an answer for so long; 0: not
	Reassign time.Duration `json:"reassign,omitempty"` // and then the session is taken from it, for another seat; 0: not
}

// Never as [Timers.Owed] says that no session ends while its seat owes an answer.
const Never time.Duration = -1

// Life is how long a session lives on without a message, while its seat owes an answer or
// doesn't; 0: for ever.
func (t Timers) Life(owed bool) time.Duration {
	if owed && t.Owed != 0 {
		return max(t.Owed, 0)
	}
	return t.Idle
}

// Queue says how employees wait for a seat (排队).
type Queue struct {
	// Timeout is how long somebody waits before being asked whether to go on, to leave it as a
	// message or to go back to the bot; 0: nobody is asked. While seats don't work it stands still.
	Timeout time.Duration `json:"timeout"`
}

// SurveyRule says whether and how the employee is asked (满意度调查).
type SurveyRule struct {
	Enabled    bool          `json:"enabled"`
	AskReason  bool          `json:"ask_reason"` // after 不满意, show Reasons
	Reasons    []string      `json:"reasons"`    // at most 20, each shown as one option
	AfterIdle  bool          `json:"after_idle"` // ask after an idle end, too
	AfterBot   bool          `json:"after_bot"`  // ask after the idle end of a session that the bot alone answered
	Quiet      time.Duration `json:"quiet"`      // who was asked within it isn't asked again; 0: always ask
	Expires    time.Duration `json:"expires"`    // how long it can be answered; 0: [SurveyExpires]
	Changeable bool          `json:"changeable"` // until then the rating can be changed
	Words      SurveyWords   `json:"words"`
}

// SurveyWords are an account's own words of its survey; empty ones are ours.
type SurveyWords struct {
	Title  string `json:"title,omitempty"`  // of the card, ≤ 36 characters
	Body   string `json:"body,omitempty"`   // below it, ≤ 100 characters; how long the survey lasts follows
	Good   string `json:"good,omitempty"`   // 满意, ≤ 10 characters as all buttons
	Fair   string `json:"fair,omitempty"`   // 一般
	Bad    string `json:"bad,omitempty"`    // 不满意
	Ask    string `json:"ask,omitempty"`    // title of the card that asks why, ≤ 36 characters
	Thanks string `json:"thanks,omitempty"` // for a rating, ≤ 200 characters
}

// SurveyExpires is how long surveys can be answered where the rule doesn't say.
const SurveyExpires = 72 * time.Hour

// The bounds of a survey's rule.
const (
	SurveyShortest = time.Hour
	SurveyLongest  = 7 * 24 * time.Hour
	SurveyQuietest = 30 * 24 * time.Hour
)

// Lasts is how long a survey can be answered.
func (r SurveyRule) Lasts() time.Duration { return cmp.Or(r.Expires, SurveyExpires) }

// FocusMode says to whom a seat's text goes while it serves several employees.
type FocusMode string

// The focus modes.
const (
	FocusStrict FocusMode = "strict" // once another employee's line was shown, the seat is asked
	FocusSticky FocusMode = "sticky" // the last chosen employee stays chosen
)

// MenuMode says whose menu the app shows.
type MenuMode string

// The menu modes.
const (
	MenuOn  MenuMode = "on"  // Deskmate sets the app's menu
	MenuOff MenuMode = "off" // the app keeps its own
)

// Limits are the account's shares of WeCom's limits.
type Limits struct {
	// PushesPerDay is how many person-times the app may send a day; WeCom allows the corp's
	// account cap × 200 (doc path/90236). Zero: no limit of our own.
	PushesPerDay int `json:"pushes_per_day"`
	// SharedPercent is the share of PushesPerDay from which on a line for all seats becomes a
	// notice to each that there is one, at most one in ten minutes; 100: never.
	SharedPercent int `json:"shared_percent"`
}

// OffAction says what becomes of a handoff outside the account's hours.
type OffAction string

// The actions.
const (
	OffQueue OffAction = "queue" // the session waits for the next opening
	OffEnd   OffAction = "end"   // the session closes
)

// OffHours says what happens to a handoff while seats don't work. The zero value is
// [OffQueue] with our text.
type OffHours struct {
	Action OffAction `json:"action,omitempty"`
	// Text is said to the employee, with [OpeningMark] replaced; "": ours, which names the
	// hours and the next opening. At most 2048 bytes.
	Text string `json:"text,omitempty"`
}

// OpeningMark in [OffHours.Text] stands for when the hours begin again, such as
// 11月23日(周一) 09:00.
const OpeningMark = "{opening}"

// DefaultPolicy is what holds where the account file says nothing: WeCom's own
// behaviour where the native feature has one.
func DefaultPolicy() Policy {
	return Policy{
		Assignment: Assignment{Mode: LeastBusy, BusyGap: 5},
		Bot: BotPolicy{
			Enabled: true, Answer: 0.80, Suggest: 0.20,
			MissText:  "抱歉，我还不知道这个问题的答案。您可以换个说法，或者转人工。",
			IdleAfter: (30 * time.Minute).Milliseconds(),
			Feedback:  true, FollowUp: (3 * time.Minute).Milliseconds(), Hot: 5,
		},
		Handoff: Handoff{Keywords: []string{"人工", "转人工", "人工客服", "投诉"}, Misses: 2, Button: true, Dislike: true},
		LLM:     LLMPolicy{Mode: LLMOff, TokensPerDay: 200_000},
		Timers:  Timers{Idle: 10 * time.Minute},
		Queue:   Queue{Timeout: 10 * time.Minute},
		Survey: SurveyRule{
			Enabled: true, AskReason: true, Expires: SurveyExpires,
			Reasons: []string{"没有解决问题", "回复太慢", "态度不好", "答非所问"},
		},
		Focus:     FocusStrict,
		Workbench: Workbench{Quiet: true},
		Menu:      MenuOn,
		Limits:    Limits{PushesPerDay: 100_000, SharedPercent: 50},

		OffHours: OffHours{Action: OffQueue},
	}
}

// Profile is what people see of an account. WeCom's native limits hold.
type Profile struct {
	Alias         string        `json:"alias,omitempty"`       // 别名, ≤ 40 characters
	Gender        string        `json:"gender,omitempty"`      // "", "male" or "female"
	Landline      string        `json:"landline,omitempty"`    // 1–32 digits and "-"
	Description   string        `json:"description,omitempty"` // ≤ 250 characters
	Department    string        `json:"department,omitempty"`  // shown on the profile only
	ServiceWindow ServiceWindow `json:"service_window"`
	Avatar        Avatar        `json:"avatar,omitzero"` // the zero value: none
}

// Avatar is an account's picture (头像): a square or not, of at most [AvatarSide] pixels a side.
type Avatar struct {
	Blob uint64 `json:"blob,string"` // where it is stored
	Sum  string `json:"sum"`         // SHA-256 of its bytes, hexadecimal: another picture has another
}

// Limits of an account's picture.
const (
	AvatarSide  = 750     // pixels, as the native feature has it
	AvatarBytes = 2 << 20 // of an upload
)

// ServiceWindow (服务窗口) is a page of the account's own, in the employee's menu.
type ServiceWindow struct {
	Title string `json:"title,omitempty"` // ≤ 12 characters; empty: no window
	URL   string `json:"url,omitempty"`   // http or https
}
