package bot

import (
	"time"

	"deskmate/model"
)

// Input is all that a decision rests on.
type Input struct {
	Case      model.Case
	Event     model.Event
	InboxID   uint64
	ArrivedMS int64 // when the event reached us
	Now       time.Time
	FreshID   uint64 // for the session or cards that the decision creates

	// What was asked, once it was needed; nil before.
	Answer   *model.Answer           // of the knowledge base to the event's text
	Entry    *EntryAnswer            // the entry that was tapped
	Question *QuestionAnswer         // the earlier question that a tap or a number is about
	Phrase   *model.Phrase           // the answer as the language model says it
	Hot      []model.AnswerCandidate // the entries asked for most; empty where there are none
	Offer    *Offer                  // the seat that takes the session
	Roster   []model.Seat            // every seat of the account, with names
	Quick    []model.QuickReply      // the account's and the seat's own quick replies; empty where there are none
	Queue    *QueueAnswer            // what waits for the seat
	Sent     *model.Sent             // the seat's last line in the session
	Earlier  *EarlierAnswer          // the employee's earlier sessions
	Lines    []model.Message         // the last lines of a session; not nil once they were asked for

	// Active are those of the session's seats that work in the workbench at this moment; empty
	// where there are none.
	Active  []string
	Figures *model.AccountFigures // of the account, today
	AskedMS *int64                // when the employee was last sent a survey; 0: never
	Misses  []model.OpenMiss      // what the bot could not answer lately, what cost most first; not nil once they were asked for
	Lesson  *LessonAnswer         // what is taught, completed; taught it is where the event is the order
	People  []model.Member        // of the directory, whom a name may mean; not nil once they were asked for

	Files []StoredFile // those of a mention, in order; empty where there are none

	// DirectoryAsked says that the directory was read again for this event.
	DirectoryAsked bool
	// CanPhrase says that a language model is there to ask for a Phrase.
	CanPhrase bool
}

// EntryAnswer is an entry that was asked for by id.
type EntryAnswer struct {
	Found     bool
	Candidate model.AnswerCandidate
}

// QuestionAnswer is an earlier question that was asked for by id.
type QuestionAnswer struct {
	Found    bool
	Question model.Question
}

// LessonAnswer is what became of a lesson.
type LessonAnswer struct {
	Lesson  model.Lesson
	Refused string // why it can't be, for who teaches; "" where it can
}

// QueueAnswer is what the seat may take next.
type QueueAnswer struct {
	Session *model.Session // nil: nothing waits that it may take
}

// EarlierAnswer is an employee's past.
type EarlierAnswer struct {
	List       []model.Earlier  // newest first
	Transcript model.Transcript // of the one that was asked for
}

// Offer is the outcome of asking for a seat.
type Offer struct {
	Seat  *model.Seat // nil: nobody can take it, or all do
	All   bool        // it goes to all seats that listen; they are in Case.Seats
	Why   model.PickWhy
	Limit int  // the seat's limit; 0: none
	Force bool // take it even though the seat is not online

	// Where nobody can take it:
	Free bool // a seat has a place all the same, for somebody who has waited longer or can go there
	Pass bool // nobody who has waited longer can go there either: it is for somebody behind
}

// found reports whether the session can go to somebody.
func (o *Offer) found() bool { return o.Seat != nil || o.All }

// NeedKind is something slow that a decision asks for.
type NeedKind string

// What a decision may need.
const (
	NeedNothing   NeedKind = ""
	NeedAnswer    NeedKind = "answer"
	NeedEntry     NeedKind = "entry"
	NeedQuestion  NeedKind = "question"
	NeedPhrase    NeedKind = "phrase"
	NeedHot       NeedKind = "hot"
	NeedSeat      NeedKind = "seat"
	NeedRoster    NeedKind = "roster"
	NeedQueue     NeedKind = "queue"
	NeedSent      NeedKind = "sent"
	NeedEarlier   NeedKind = "earlier"
	NeedQuick     NeedKind = "quick_reply"
	NeedFiles     NeedKind = "files" // of a mention in a group chat
	NeedLines     NeedKind = "lines"
	NeedActive    NeedKind = "active" // which seats work in the workbench
	NeedFigures   NeedKind = "figures"
	NeedPeople    NeedKind = "people"    // whom Text may mean
	NeedAsked     NeedKind = "asked"     // of Employee
	NeedMisses    NeedKind = "misses"    // at most Count
	NeedLesson    NeedKind = "lesson"    // Lesson checked
	NeedTaught    NeedKind = "taught"    // Lesson written
	NeedDirectory NeedKind = "directory" // read Contact, or the person, from the directory again
)

// Need is what must be asked before the decision can be made.
type Need struct {
	Kind     NeedKind
	Text     string        // NeedAnswer, NeedPhrase: the question; NeedPeople: a name or userid
	Topic    uint64        // NeedAnswer: the entry that answered just before; 0: none
	Answer   string        // NeedPhrase: the approved answer
	Entry    uint64        // NeedEntry
	Question uint64        // NeedQuestion
	Count    int           // NeedHot: how many at most; NeedEarlier: which one's transcript, from 1; 0: none
	Employee string        // NeedEarlier: whose sessions; NeedAsked: who
	Previous string        // NeedSeat: who served before
	Only     string        // NeedSeat: this seat or nobody; NeedSent: who wrote it
	Force    bool          // NeedSeat with Only: also when it is not online
	Session  model.Session // NeedLines: of which
	Seats    []string      // NeedActive: of these
	Lesson   model.Lesson  // NeedLesson, NeedTaught
}
