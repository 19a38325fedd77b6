package model

// StatFigures are values by the key of the figure; shares and durations that nothing gives are missing,
// and so are counts of 0. Package bot/stats says what each means.
type StatFigures map[string]float64

// StatQuery asks for the figures of some local days of an account.
type StatQuery struct {
	AccountID uint64
	From, To  int    // yyyymmdd, both included
	Seat      string // only what this seat did; "" for all
}

// StatReport is what there is to say about some days.
type StatReport struct {
	Query    StatQuery
	Previous StatQuery // as many days, right before
	Totals   StatFigures
	Before   StatFigures // Totals of Previous
	Days     []StatDay   // every day, in order, without figures that come by something
	Seats    []StatSeat  // by userid; without a seat that was asked for
	// Since is the first day that is counted whole; days before it are being counted. 0: all are.
	Since  int
	Online StatOnline
}

// StatOnline is how long seats were online, in ms.
type StatOnline struct {
	SinceMS int64 // since when it is known; 0: nothing is
	Seats   map[string]int64
	Days    map[int]int64       // of all seats together, by day
	Hours   map[StatHour]StatOn // hours of the week of which anything is known
}

// StatHour is an hour of the week.
type StatHour struct {
	Weekday int // 1 Monday … 7 Sunday
	Hour    int // 0…23
}

// StatOn is how long seats were online together in an hour of the week, and how long those hours
// were together.
type StatOn struct{ OnlineMS, LongMS int64 }

// StatDay is one local day.
type StatDay struct {
	Day     int // yyyymmdd
	Figures StatFigures
}

// StatSeat is what one seat did.
type StatSeat struct {
	Seat    string
	Figures StatFigures
}

// StatSessions asks for the sessions behind a figure.
type StatSessions struct {
	StatQuery
	Figure  string // its key
	Reason  string // of figures that come by reason
	Hour    int    // 0…23 local; -1: any
	Weekday int    // 1 Monday … 7 Sunday; 0: any
	Before  uint64 // sessions with smaller ids
	After   uint64 // sessions with greater ids, the nearest ones
	Limit   int
}

// StatComments asks for what employees said of sessions besides their ratings.
type StatComments struct {
	StatQuery
	Rating Rating // "" for any
	Before uint64 // sessions with smaller ids
	Limit  int
}

// StatSheet is a table of a spreadsheet.
type StatSheet struct {
	Name string
	Rows []StatRow // the first one are headings
}

// StatRow is a row of it. Nil cells stay empty.
type StatRow []StatValue

// StatValue is a cell: words, or a number of a unit.
type StatValue struct {
	Text   string
	Number *float64
	Unit   string // count, share, ms; mean: a count with a decimal
}

// StatFigure says what a figure means, in both languages.
type StatFigure struct {
	Key      string
	Unit     string // count, share, ms
	Page     string // survey, service
	NameZH   string
	NameEN   string
	TextZH   string
	TextEN   string
	ByReason bool // it comes by reason, in keys of the form Key:reason
	Sessions bool // it opens the sessions behind it
}

// StatSession is a session with all that is counted of it.
type StatSession struct {
	Session   Session // what is counted of it; other fields are zero
	Survey    *Survey // nil: none was sent
	Seats     []SeatSession
	Questions []Question
}

// StatState says how far an account's figures are rolled up. Its row is what several replicas
// agree by: who writes figures raises Version.
type StatState struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Version   uint64 `gorm:"not null"`
	Format    int    `gorm:"not null"`         // of the roll-ups, and of what the figures mean
	Zone      string `gorm:"size:64;not null"` // in which its days begin
	ThroughMS int64  `gorm:"not null"`         // what changed until then is counted
	SinceMS   int64  `gorm:"not null"`         // slots from this one on are counted; 0: all
	KeptMS    int64  `gorm:"not null"`         // slots before it stay as they are, for sessions of theirs may be gone; 0: none
	RefoldMS  int64  `gorm:"not null"`         // kept slots before it are not in their days and months yet; 0: all are
}

// StatSpan is how much of the time one roll-up covers.
type StatSpan string

// The spans.
const (
	StatSlot  StatSpan = "s" // ten minutes. At: ms of its beginning
	StatDaily StatSpan = "d" // At: yyyymmdd
	StatMonth StatSpan = "m" // At: yyyymm
)

// StatRollup holds the figures of the sessions that were opened in a span, packed by bot/stats.
type StatRollup struct {
	AccountID uint64   `gorm:"primaryKey;autoIncrement:false"`
	Span      StatSpan `gorm:"primaryKey;size:1"`
	At        int64    `gorm:"primaryKey;autoIncrement:false"`
	Total     []byte   `gorm:"not null"` // of the account
	Seats     []byte   `gorm:"not null"` // of each seat
}
