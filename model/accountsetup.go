package model

// Connection is which app of which corp an account is, and the secrets the two share. An empty
// secret stays as it is.
type Connection struct {
	CorpID         string
	AgentID        int64
	Secret         Secret
	Token          Secret
	EncodingAESKey Secret
}

// CallbackRecord is what is known of WeCom's way to an account: since its token and key are what
// they are, for with others everything is forgotten. Zero times are never.
type CallbackRecord struct {
	AccountID  uint64 `gorm:"primaryKey;autoIncrement:false"`
	VerifiedMS int64  `gorm:"not null"` // WeCom asked for an echo, as it does when the address is saved, and got it
	ReceivedMS int64  `gorm:"not null"` // the last callback that was taken, about to the minute
	RefusedMS  int64  `gorm:"not null"` // the last that was not
	Refusal    string `gorm:"size:64;not null"`
}

// TableName implements gorm's Tabler.
func (CallbackRecord) TableName() string { return "account_callback" }

// CallbackNews is one thing that happened on WeCom's way to an account.
type CallbackNews string

// The news.
const (
	CallbackVerified CallbackNews = "verified"
	CallbackReceived CallbackNews = "received"
	CallbackRefused  CallbackNews = "refused"
)

// DomainFile is a file that WeCom looks for below the domain, to see whose it is
// (WW_verify_….txt).
type DomainFile struct {
	Name      string `gorm:"primaryKey;size:80"`
	Content   string `gorm:"size:1024;not null"`
	CreatedMS int64  `gorm:"not null"`
	CreatedBy string `gorm:"size:160;not null"` // as [Actor.Name]
}

// Owner is a member who runs an account (负责人).
type Owner struct {
	UserID string // folded
	Name   string // from the directory; else the userid
}

// AccountFigures is what goes on in an account at a moment.
type AccountFigures struct {
	Bot, Queued, Serving int   // open sessions
	OldestMS             int64 // since when the first in the queue waits; 0: nobody does
	Seats, Online        int   // those who have left are none
	Misses               int   // questions since the beginning of the day that the bot could not answer, and nobody has dealt with
	Questions            int   // that it was asked since then
	Sessions             int   // begun since then
	Entries              bool  // it knows something
	Tried                bool  // somebody has written to it
}

// RemovalStage is how far the removal of an account has come.
type RemovalStage string

// The stages.
const (
	RemovalDraining RemovalStage = "draining" // it takes nothing new, and what is open is ended
	RemovalPurging  RemovalStage = "purging"  // it is gone, and so is more and more of what was its own
)

// Removal is an account that is being deleted.
type Removal struct {
	AccountID  uint64       `gorm:"primaryKey;autoIncrement:false"`
	AccountKey string       `gorm:"size:40;not null"`
	Name       string       `gorm:"size:64;not null"`
	Stage      RemovalStage `gorm:"size:16;not null"`
	DueMS      int64        `gorm:"not null"` // the next step; while somebody works on it, when their lease ends
	CreatedMS  int64        `gorm:"not null"`
	CreatedBy  string       `gorm:"size:160;not null"` // as [Actor.Name]
}

// TableName implements gorm's Tabler.
func (Removal) TableName() string { return "account_removal" }

// RemovalPlan is what deleting an account would delete.
type RemovalPlan struct {
	Sessions int // with all that was said and rated in them
	Open     int // of them, not ended yet
	Entries  int
	Seats    int
	Tokens   []string // names of API tokens that can act on it
}
