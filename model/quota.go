package model

import "time"

// Quota is what is left of what somebody may do in a time.
type Quota struct {
	Allowed   bool
	Limit     int           // how much may be done at once
	Remaining int           // of that
	Retry     time.Duration // when not allowed: after how long one more is
	Reset     time.Duration // after how long all of Limit may be done again
}
