package model

// Change says that a session, or a seat, is another than before. It is a hint: what it is now
// is read from the store.
type Change struct {
	AccountID uint64
	Session   uint64 // 0: it is about the seat
	Seat      string // folded; "" where it is about the session
}
