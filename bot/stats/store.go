package stats

import (
	"context"
	"fmt"
	"time"

	"deskmate/model"
)

// Store holds sessions and what is rolled up of them.
type Store interface {
	// StatSessions are the sessions of an account with ids from first to before last, in order.
	StatSessions(ctx context.Context, accountID, first, last uint64) ([]model.StatSession, error)
	// StatChanged are the ids of sessions that changed at a time or later.
	StatChanged(ctx context.Context, accountID uint64, sinceMS int64) ([]uint64, error)
	// StatBefore is the newest session with a smaller id; 0 for none.
	StatBefore(ctx context.Context, accountID, id uint64) (uint64, error)
	// StatState has a zero Version where there is none.
	StatState(ctx context.Context, accountID uint64) (model.StatState, error)
	// StatRollups are those of a span from one time to another, both included, in order;
	// without seats those of seats stay empty.
	StatRollups(ctx context.Context, accountID uint64, span model.StatSpan, from, to int64, seats bool) ([]model.StatRollup, error)
	// SaveStats writes the state and roll-ups; packed as nothing, a roll-up goes. It is
	// [model.ErrStale] where the state no longer has the version of the one before.
	SaveStats(ctx context.Context, next model.StatState, rollups []model.StatRollup) error
	// StatKept is the newest slot before a time; one without At where there is none.
	StatKept(ctx context.Context, accountID uint64, before int64) (model.StatRollup, error)
	// DropStats deletes some roll-ups of an account, but for kept slots, and tells whether there are more. It is
	// [model.ErrStale] where its state isn't this one any more.
	DropStats(ctx context.Context, st model.StatState) (more bool, err error)
	// SeatSpells are those between two times in which seats were online; of one seat where it isn't "".
	SeatSpells(ctx context.Context, accountID uint64, fromMS, toMS int64, seat string) ([]model.SeatSpell, error)
	// SpellsSince is when the first spell of an account began; 0 where there is none.
	SpellsSince(ctx context.Context, accountID uint64) (int64, error)
}

// format is raised whenever what is counted of a session changes: everything is then counted
// anew.
const format = 3

// slot is how much of the time is counted at once. It divides an hour, so an hour of any time zone
// is whole slots.
const slot = int64(10 * time.Minute / time.Millisecond)

// clock cuts time into slots, days and months of a time zone.
type clock struct{ zone *time.Location }

// slot is the beginning of the slot at a time, in ms, aligned with local hours.
func (c clock) slot(ms int64) int64 {
	_, offset := model.Time(ms).In(c.zone).Zone()
	shift := int64(offset) * time.Second.Milliseconds()
	return (ms+shift)/slot*slot - shift
}

// next is the beginning of the next slot.
func (c clock) next(at int64) int64 { return c.slot(at + slot) }

func (c clock) day(ms int64) int64 {
	at := model.Time(ms).In(c.zone)
	return int64(at.Year()*10000 + int(at.Month())*100 + at.Day())
}

// start is the beginning of a day, in ms.
func (c clock) start(day int64) int64 {
	return time.Date(int(day/10000), time.Month(day/100%100), int(day%100), 0, 0, 0, 0, c.zone).UnixMilli()
}

// after is the day n days later.
func (c clock) after(day int64, n int) int64 {
	at := time.Date(int(day/10000), time.Month(day/100%100), int(day%100)+n, 12, 0, 0, 0, time.UTC)
	return int64(at.Year()*10000 + int(at.Month())*100 + at.Day())
}

// days is how many days there are from one to another, both included.
func (c clock) days(from, to int64) int {
	at := func(day int64) time.Time {
		return time.Date(int(day/10000), time.Month(day/100%100), int(day%100), 0, 0, 0, 0, time.UTC)
	}
	return int(at(to).Sub(at(from))/(24*time.Hour)) + 1
}

// unpacked are the cells of a roll-up.
func unpacked(r model.StatRollup) (Cells, error) {
	c := NewCells()
	if err := Unpack(r.Total, func(string) Cell { return c.Total }, nil); err != nil {
		return c, fmt.Errorf("figures of %s %d of account %d: %w", r.Span, r.At, r.AccountID, err)
	}
	if err := Unpack(r.Seats, c.seat, nil); err != nil {
		return c, fmt.Errorf("figures of seats of %s %d of account %d: %w", r.Span, r.At, r.AccountID, err)
	}
	return c, nil
}

func packed(accountID uint64, span model.StatSpan, at int64, c Cells) model.StatRollup {
	r := model.StatRollup{AccountID: accountID, Span: span, At: at}
	if len(c.Total) > 0 || len(c.Seats) > 0 {
		r.Total, r.Seats = Pack(map[string]Cell{"": c.Total}), Pack(c.Seats)
	}
	return r
}

// countSlot counts the sessions that were opened in a slot.
func countSlot(ctx context.Context, store Store, c clock, accountID uint64, at int64) (Cells, error) {
	into := NewCells()
	list, err := store.StatSessions(ctx, accountID, model.FirstID(at), model.FirstID(c.next(at)))
	for _, s := range list {
		Count(s, c.zone, into)
	}
	return into, err
}

// rolledUp are the cells of one roll-up as they are stored.
func rolledUp(ctx context.Context, store Store, accountID uint64, span model.StatSpan, at int64) (Cells, error) {
	list, err := store.StatRollups(ctx, accountID, span, at, at, true)
	if err != nil || len(list) == 0 {
		return NewCells(), err
	}
	return unpacked(list[0])
}
