package model

import "time"

// SurveyTicket lets one employee say more about one session than a rating does (留言), for a
// while.
type SurveyTicket struct {
	AccountID uint64
	Session   uint64
	Employee  string // whose session it was, folded
	UntilMS   int64
}

// CommentFor is how long after a survey was sent its employee may say more.
const CommentFor = 7 * 24 * time.Hour

// CommentSize is how many characters a comment may have.
const CommentSize = 500

// CommentTicket is the ticket that goes with a survey.
func (s Survey) CommentTicket() SurveyTicket {
	return SurveyTicket{
		AccountID: s.AccountID, Session: s.SessionID, Employee: s.Employee, UntilMS: s.SentMS + CommentFor.Milliseconds(),
	}
}

// OwnRecord is a session as its employee looks it up.
type OwnRecord struct {
	Session  Session
	SeatName string // who served last; "" for nobody
	Question string // the employee's first words; "" where they were none
	Survey   Survey // zero: none was sent
}

// Pulse is how an account stands at this moment.
type Pulse struct {
	Bot, Queued, Serving int // open sessions, by state
	Opened               int // sessions opened since the time asked for
	Online               int // seats
}
