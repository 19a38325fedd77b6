package model

// Sent is the last line that a seat wrote in a session, and what became of it.
type Sent struct {
	Message  Message  // without a Seq: the seat wrote nothing
	Pushes   []Outbox // of the line to the employee, in order
	Together bool     // one of them went out in one message with other lines
}

// Earlier is an earlier session of an employee, as a seat sees it in a list.
type Earlier struct {
	Session  Session
	SeatName string // of Session.Seat; "" for nobody
	Rating   Rating // "" for none
	Question string // the first text that the employee wrote; "" for none
}

// Transcript is the end of what was said in a session.
type Transcript struct {
	Messages []Message         // oldest first
	Names    map[string]string // of the seats and supervisors among their senders, by userid
}
