package model

import "context"

// Audit is one entry of the audit log (审计日志): who did what. Entries are added and never
// changed. The store gives Seq, Prev and Hash; they are empty in an entry that is to be added.
type Audit struct {
	ID        uint64 `gorm:"primaryKey"`
	AccountID uint64 `gorm:"not null"` // 0: the installation
	AtMS      int64  `gorm:"not null"`
	Actor     string `gorm:"size:160;not null"`              // as [Actor.Name], or "seat:userid", "member:userid" of a supervisor, "system"
	Action    string `gorm:"size:64;not null"`               // a dotted word such as "session.read", "seat.removed"
	Target    string `gorm:"size:191;not null"`              // what it was done to: a session's id, a userid
	Before    string `gorm:"type:text;not null"`             // JSON of what was before, without message text; "" for nothing
	After     string `gorm:"type:text;not null"`             // and after
	From      string `gorm:"column:origin;size:64;not null"` // the address it came from; "" from inside
	Seq       uint64 `gorm:"not null"`                       // its place in the account's chain, from 1; 0: not in it yet
	Prev      string `gorm:"size:80;not null"`               // the Hash of the entry before; "" of the first
	Hash      string `gorm:"size:80;not null"`               // "<key id>:<HMAC-SHA256 of all of the above but the ID>"
}

// AuditFilter is what is looked for in the audit log of an account; empty fields let everything
// through.
type AuditFilter struct {
	AccountID    uint64 // 0: the installation
	Actors       []string
	Action       string
	Target       string
	FromMS, ToMS int64 // from then on, before then
}

// AuditKey is an entry's place in the log: entries are in the order of time, and of one time by
// id. The zero value stands behind the newest.
type AuditKey struct {
	AtMS int64
	ID   uint64
}

// Key is the entry's place.
func (a Audit) Key() AuditKey { return AuditKey{a.AtMS, a.ID} }

// Hand is whose doing something is, as the audit log tells it.
type Hand struct {
	Actor string // as [Audit.Actor]
	From  string // the address it comes from; "" from inside
}

type handKey struct{}

// WithHand says whose doing is what follows.
func WithHand(ctx context.Context, h Hand) context.Context {
	return context.WithValue(ctx, handKey{}, h)
}

// HandFrom is whose doing it is; where nobody said so, it is the program's own.
func HandFrom(ctx context.Context) Hand {
	if h, ok := ctx.Value(handKey{}).(Hand); ok {
		return h
	}
	return Hand{Actor: "system"}
}
