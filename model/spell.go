package model

import "math"

// SeatSpell is a time in which a seat was in one state.
type SeatSpell struct {
	AccountID uint64    `gorm:"primaryKey;autoIncrement:false"`
	UserID    string    `gorm:"primaryKey;size:128"` // folded
	FromMS    int64     `gorm:"primaryKey;autoIncrement:false"`
	ToMS      int64     `gorm:"not null"` // not included; OpenSpell while it goes on
	State     SeatState `gorm:"size:16;not null"`
}

// OpenSpell is the ToMS of a spell that goes on: later than any time.
const OpenSpell = math.MaxInt64

// Standing is the state in which a seat counts: who has left can't be online.
func (s Seat) Standing() SeatState {
	if s.LeftMS > 0 {
		return SeatOffline
	}
	return s.State
}
