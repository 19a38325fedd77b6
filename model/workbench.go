package model

// WorkCountMost is up to how many sessions of a list are counted.
const WorkCountMost = 1000

// WorkCounts are how many sessions the lists of somebody have, each up to [WorkCountMost], and
// what is unread in the sessions that the seat answers.
type WorkCounts struct {
	Mine, Queue, Bot, Attention int
	Unread                      []UnreadLines
}

// UnreadLines are how many lines of the employee a seat has not seen: behind what it has seen
// in the workbench, and newer than what it wrote last. It is counted among the last 100 lines.
type UnreadLines struct {
	Session uint64
	Lines   int
}

// UnreadOf is among how many of a session's last lines unread ones are counted.
const UnreadOf = 100

// Delivery is what became of a line that did not surely reach the employee.
type Delivery struct {
	Seq     int
	State   OutboxState // OutDead or OutUncertain
	ErrCode int64       // WeCom's; 0: there was no answer
}

// OwedLongMS is how long a seat may owe an answer before its session asks for attention, in
// ms: as long as until it is reminded, or [WorkWaitLong] where nobody is.
func (t Timers) OwedLongMS() int64 {
	if t.Remind > 0 {
		return t.Remind.Milliseconds()
	}
	return WorkWaitLong
}
