package handler

import (
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// ID is an id as the API writes it: a string of digits, because numbers of JavaScript end
// at 2^53. "" is none.
type ID string

// NewID writes an id; 0 is none.
func NewID(id uint64) ID {
	if id == 0 {
		return ""
	}
	return ID(strconv.FormatUint(id, 10))
}

// NewIDs writes ids; none is an empty list.
func NewIDs(ids []uint64) []ID {
	list := make([]ID, len(ids))
	for i, id := range ids {
		list[i] = NewID(id)
	}
	return list
}

// number is the id itself; 0 for none, and the greatest that a database takes, which nothing
// has, for what is too long.
func (id ID) number() uint64 {
	n, _ := strconv.ParseUint(string(id), 10, 63) // gives just that
	return n
}

func numbers(ids []ID) []uint64 {
	list := make([]uint64, len(ids))
	for i, id := range ids {
		list[i] = id.number()
	}
	return list
}

// Schema describes an id.
func (ID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9]{1,20}$", Description: "An id: digits", Examples: []any{"8301034833920001"}}
}

// Instant is a time as the API writes it: RFC 3339, in UTC. "" is none.
type Instant string

// NewInstant writes epoch milliseconds; 0 is none.
func NewInstant(ms int64) Instant {
	if ms == 0 {
		return ""
	}
	return Instant(model.Time(ms).UTC().Format("2006-01-02T15:04:05.999Z07:00"))
}

// ms reads an instant in any time zone; "" is 0.
func (t Instant) ms(field string) (int64, error) {
	if t == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, string(t))
	if err != nil || at.UnixMilli() <= 0 {
		return 0, model.Invalid("bad_time", "%s is not a time such as 2026-01-31T18:00:00+08:00", field)
	}
	return at.UnixMilli(), nil
}

// Schema describes an instant. There is no format, so that "" may take a date away.
func (Instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "RFC 3339", Examples: []any{"2026-01-31T10:00:00Z"}}
}

// notNil is list, empty where it is nil: JSON knows the difference, callers shouldn't.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// views makes the views of a list.
func views[M, V any](list []M, view func(M) V) []V {
	out := make([]V, len(list))
	for i := range list {
		out[i] = view(list[i])
	}
	return out
}

// Listed is a page of a list.
type Listed[T any] struct {
	Items []T `json:"items"`
	// Next is the parameter after of the following page; "" where this is the last.
	Next string `json:"next,omitempty" doc:"The parameter after of the following page; missing on the last one"`
}

// next is the last id of a page that may have a following one.
func next[T any](page []T, limit int, id func(T) uint64) string {
	if len(page) == 0 || len(page) < limit {
		return ""
	}
	return strconv.FormatUint(id(page[len(page)-1]), 10)
}
