// Package model is the vocabulary that every other package shares: the records
// that are stored, the events that happen, the [Step] the engine decides, and
// the errors that cross a border between packages. It imports the standard
// library only and knows neither how records are stored nor who sends them.
//
// Times are epoch milliseconds in fields ending in MS; zero means "never".
// People are userids as [Fold] writes them, because WeCom compares userids
// without case.
package model

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"
)

// Fold writes a userid or a corp id the one way it is compared and stored: trimmed
// and in lower case. WeCom itself returns userids in lower case from some calls.
func Fold(userID string) string {
	return strings.ToLower(strings.TrimSpace(userID))
}

// MS is t in epoch milliseconds, the form in which times are stored. The zero time
// is 0.
func MS(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time is the instant of an epoch-millisecond field; 0 gives the zero time.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// randomBits are the low bits of an id, below its milliseconds.
const randomBits = 22

// NewID makes a positive id that sorts by time: 41 bits of milliseconds and 22
// random bits. It needs no database, so that a decision can name the rows it
// creates, and no shard has to agree with another. Two ids of the same
// millisecond collide once in four million; the store then reports a conflict and
// the decision is made anew.
func NewID(now time.Time) uint64 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return uint64(now.UnixMilli())<<randomBits | uint64(binary.BigEndian.Uint32(b[:])>>(32-randomBits))
}
