package model

// UploadTicket lets one person send files into one session from a web page, for a while.
type UploadTicket struct {
	AccountID uint64
	Session   uint64
	Employee  string // whose session it is, folded
	Person    string // who sends, folded: the employee, or the seat that serves
	UntilMS   int64
}

// BySeat reports whether it is the seat's ticket, not the employee's.
func (t UploadTicket) BySeat() bool { return t.Person != t.Employee }
