package model

// DeadFilter is what is looked for among an account's pushes that were given up on; empty
// fields let everything through.
type DeadFilter struct {
	AccountID    uint64
	State        OutboxState // [OutDead] or [OutUncertain]; "": both
	ErrCode      *int64      // WeCom's; 0 where there was no answer
	Receiver     string
	Lines        bool  // only what carries a line of a transcript, no notices and cards
	FromMS, ToMS int64 // written from then on, before then
	Oldest       bool  // the oldest first
}

// DeadKey is a push that was given up on as somebody saw it: one that was sent again since
// then, or is being sent, has another Seq.
type DeadKey struct {
	ID  uint64
	Seq uint64
}

// DeadKey is the push as it is now.
func (o Outbox) DeadKey() DeadKey { return DeadKey{o.ID, o.Seq} }

// MayRepeat reports whether a push that is sent again may arrive a second time.
func (o Outbox) MayRepeat() bool { return o.State == OutUncertain || o.Uncertain > 0 }

// DeadCount is how many of an account's pushes were given up on for the same reason.
type DeadCount struct {
	State   OutboxState
	ErrCode int64 `gorm:"column:errcode"`
	N       int
}
