package model

import (
	"errors"
	"fmt"
)

// Code classes an [Error]; handler/respond.go gives each its HTTP status.
type Code string

// The codes, from the caller's mistakes to our own.
const (
	CodeInvalid         Code = "invalid"         // the request makes no sense as it stands
	CodeUnauthenticated Code = "unauthenticated" // nobody knows who asks
	CodeForbidden       Code = "forbidden"       // known, and not allowed
	CodeNotFound        Code = "not_found"       // there is no such thing
	CodeConflict        Code = "conflict"        // somebody else was first
	CodeRateLimited     Code = "rate_limited"    // too often
	CodeUnavailable     Code = "unavailable"     // something we need is away; try again
	CodeInternal        Code = "internal"        // our own fault
)

// Error is an error that may cross to a person: what class it is, a stable reason
// the console translates, a sentence for whoever reads it, and the cause.
type Error struct {
	Code    Code   // class; the empty code counts as internal
	Reason  string // stable snake_case word such as "seat_full"
	Message string // a sentence without secrets or message text
	Err     error  // the cause, or nil; for operators only
}

// Error gives the message and, behind it, the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors with the same reason equal, whatever their message and cause.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Reason == e.Reason && t.Code == e.Code
}

// The errors that packages compare with errors.Is.
var (
	// ErrNotFound is returned where something asked for by name or key is absent.
	ErrNotFound = &Error{Code: CodeNotFound, Reason: "not_found", Message: "not found"}
	// ErrDuplicate is returned where a row with the same unique key is there already.
	ErrDuplicate = &Error{Code: CodeConflict, Reason: "duplicate", Message: "already there"}
	// ErrStale is returned where what a decision rests on has moved: load and decide again.
	ErrStale = &Error{Code: CodeConflict, Reason: "stale", Message: "changed in the meantime"}
	// ErrFenced is returned to a worker whose lease on a lane was taken over: stop.
	ErrFenced = &Error{Code: CodeConflict, Reason: "fenced", Message: "another worker holds the lane"}
	// ErrSeatTaken is returned where a seat can't take a session after all: it is full, away, or
	// its numbers moved. Ask for another seat.
	ErrSeatTaken = &Error{Code: CodeConflict, Reason: "seat_taken", Message: "the seat can't take it now"}
	// ErrUnavailable is returned where a service we need doesn't answer; trying again helps.
	ErrUnavailable = &Error{Code: CodeUnavailable, Reason: "unavailable", Message: "not available now"}
)

// Invalid makes an error of the class [CodeInvalid].
func Invalid(reason, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// CodeOf is the class of err: that of the first [Error] in its chain, else
// [CodeInternal]; nil has none.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Code != "" {
		return e.Code
	}
	return CodeInternal
}
