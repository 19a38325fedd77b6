package model

// Feedback is what an employee thought of the bot's answer.
type Feedback string

// The feedbacks.
const (
	FeedbackNone Feedback = ""
	FeedbackUp   Feedback = "up"   // 👍
	FeedbackDown Feedback = "down" // 👎
)

// MissState says what became of a question that the bot could not answer, or whose answer
// got a 👎.
type MissState string

// The miss states.
const (
	MissNone    MissState = ""        // no miss
	MissOpen    MissState = "open"    // nobody has looked at it
	MissSolved  MissState = "solved"  // an entry or a similar question was made of it
	MissIgnored MissState = "ignored" // for good
)

// Question is a question that the bot was asked and what came of it. Small talk is none.
type Question struct {
	ID        uint64    `gorm:"primaryKey;autoIncrement:false"` // grows with time
	AccountID uint64    `gorm:"not null"`
	SessionID uint64    `gorm:"not null"`
	Employee  string    `gorm:"size:128;not null"`
	Text      string    `gorm:"size:2000;not null"` // as written, clipped
	Folded    string    `gorm:"size:400;not null"`  // as matching compares it, clipped; equal questions count together
	Outcome   Outcome   `gorm:"size:16;not null"`   // answered, suggested or missed
	Score     float64   `gorm:"not null"`
	Threshold float64   `gorm:"not null"`
	Topic     uint64    `gorm:"not null"`                           // entry that it followed up on; 0: none
	EntryID   uint64    `gorm:"not null"`                           // the first candidate; 0: none
	Suggested []uint64  `gorm:"serializer:json;type:text;not null"` // as shown
	Picked    uint64    `gorm:"not null"`                           // the suggestion that was tapped; 0: none
	Feedback  Feedback  `gorm:"size:8;not null"`
	Miss      MissState `gorm:"size:8;not null"`
	SolvedBy  uint64    `gorm:"not null"` // the entry that was made or extended
	Model     string    `gorm:"size:64;not null"`
	AtMS      int64     `gorm:"not null"`
	HumanMS   int64     `gorm:"-"` // of human service in its session after it; filled in where misses are listed
}

// QuestionChange is what a tap says about an earlier question; zero fields stay.
type QuestionChange struct {
	ID       uint64
	Picked   uint64
	Feedback Feedback // FeedbackDown also makes it a miss, unless it was dealt with
}

// LLMUsage is what an account's language model did on one day.
type LLMUsage struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Day       int    `gorm:"primaryKey;autoIncrement:false"` // yyyymmdd in the business time zone
	Calls     int64  `gorm:"not null"`
	TokensIn  int64  `gorm:"not null"`
	TokensOut int64  `gorm:"not null"`
	Verbatim  int64  `gorm:"not null"` // calls after which the approved answer went out as it was
}

// Phrase is an answer as it will be sent, and what the language model did to it.
type Phrase struct {
	Text   string // never empty
	Reason string // why it is the approved answer as it stands: "off", "budget", "timeout", "facts", "breaker", …; "" where it was rephrased
	TookMS int64
}
