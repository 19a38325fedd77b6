package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"deskmate/model"
)

// Desk acts on sessions for those who are not in WeCom, such as the workbench: what it is
// told becomes an event of the session's lane, like a seat's text, and it waits for what
// comes of it.
type Desk struct{ cfg DeskConfig }

// DeskConfig is what a desk works with. Store is required.
type DeskConfig struct {
	Store    DeskStore
	Wake     func(ctx context.Context, kinds ...model.LaneKind) // nil: workers find the work by themselves
	Now      func() time.Time                                   // nil: [time.Now]
	Patience time.Duration                                      // how long an act is waited for; 0: 5 s
}

// DeskStore is what a desk reads and writes.
type DeskStore interface {
	Accept(ctx context.Context, in model.Inbound, lane string) (duplicate bool, err error)
	// InboxByKey is [model.ErrNotFound] where no event has the dedupe key.
	InboxByKey(ctx context.Context, accountID uint64, dedupe string) (model.Inbox, error)
	WaitingSessions(ctx context.Context, accountID uint64, limit int) ([]model.Session, error)
	Seats(ctx context.Context, accountID uint64) ([]model.Seat, error)
}

// Act is something a seat, or a supervisor, does to a session.
type Act struct {
	AccountID uint64
	Employee  string // the session's employee, whose lane it is; the seat for [model.EventSeatNext]
	// Key makes a repeat of the same act by the same person harmless: it is done once, and
	// both hear what came of it. "" makes one.
	Key   string
	Event model.Event
}

// Done is what came of an act.
type Done struct {
	Outcome   model.Outcome
	Reason    string
	SessionID uint64
	Detail    model.Detail
}

// How a desk waits: soon after the act at first, then ever more slowly.
const (
	deskPatience  = 5 * time.Second
	deskPollFirst = 5 * time.Millisecond
	deskPollMost  = 250 * time.Millisecond
)

// NewDesk makes a desk.
func NewDesk(cfg DeskConfig) *Desk {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Wake == nil {
		cfg.Wake = func(context.Context, ...model.LaneKind) {}
	}
	if cfg.Patience <= 0 {
		cfg.Patience = deskPatience
	}
	return &Desk{cfg: cfg}
}

// Do does an act and says what came of it. What is refused is a [model.Error] of the class
// conflict, with the reason of the refusal, and Done says the rest, such as who has the session; one that isn't decided in time is of the class
// unavailable with the reason "pending": it stands, and the same Key asks for it again. A Key
// that was used for something else is invalid, "key_reused".
func (d *Desk) Do(ctx context.Context, a Act) (Done, error) {
	if a.AccountID == 0 || model.Fold(a.Employee) == "" || a.Event.Kind == "" {
		return Done{}, model.Invalid("act_incomplete", "an act needs an account, an employee and an event")
	}
	a.Event.Seat, a.Event.By, a.Event.API = model.Fold(a.Event.Seat), model.Fold(a.Event.By), true
	if a.Key == "" {
		a.Key = fmt.Sprintf("%x", model.NewID(d.cfg.Now()))
	}
	if a.Event.Kind == model.EventSeatNext {
		return d.next(ctx, a)
	}
	row, err := d.put(ctx, a)
	if err != nil {
		return Done{}, err
	}
	return d.outcome(ctx, row)
}

// deskKey is the dedupe key of an act: that of another person never is the same.
func deskKey(a Act) string {
	who := a.Event.By
	if who == "" {
		who = a.Event.Seat
	}
	return "desk:" + who + ":" + a.Key
}

// put writes an act into its lane, or finds it there.
func (d *Desk) put(ctx context.Context, a Act) (model.Inbox, error) {
	key, lane := deskKey(a), model.PersonLane(a.AccountID, a.Employee)
	duplicate, err := d.cfg.Store.Accept(ctx, model.Inbound{
		AccountID: a.AccountID, Person: model.Fold(a.Employee), DedupeKey: key, CreatedMS: d.cfg.Now().UnixMilli(), Event: a.Event,
	}, lane)
	if err != nil {
		return model.Inbox{}, fmt.Errorf("write %s: %w", a.Event.Kind, err)
	}
	if !duplicate {
		d.cfg.Wake(ctx, model.LaneIn)
	}
	row, err := d.cfg.Store.InboxByKey(ctx, a.AccountID, key)
	if err != nil {
		return row, fmt.Errorf("read %s back: %w", a.Event.Kind, err)
	}
	if duplicate && (row.Lane != lane || row.Event.Kind != a.Event.Kind || row.Event.Session != a.Event.Session) {
		return row, model.Invalid("key_reused", "该幂等键已用于另一操作")
	}
	return row, nil
}

// outcome waits until an act is decided.
func (d *Desk) outcome(ctx context.Context, row model.Inbox) (Done, error) {
	waiting, cancel := context.WithTimeout(ctx, d.cfg.Patience)
	defer cancel()
	for pause := deskPollFirst; row.State == model.InboxPending; pause = min(2*pause, deskPollMost) {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-waiting.Done():
			timer.Stop()
			if err := ctx.Err(); err != nil {
				return Done{}, err
			}
			return Done{}, &model.Error{Code: model.CodeUnavailable, Reason: "pending", Message: "系统繁忙，操作已记录，将稍后执行"}
		}
		next, err := d.cfg.Store.InboxByKey(waiting, row.AccountID, row.Dedupe)
		switch {
		case err == nil:
			row = next
		case waiting.Err() == nil:
			return Done{}, fmt.Errorf("read what came of an act: %w", err)
		}
	}
	done := Done{Outcome: row.Outcome, Reason: row.Reason, SessionID: cmp.Or(row.SessionID, row.Event.Session), Detail: row.Detail}
	switch {
	case row.State == model.InboxDead:
		return done, &model.Error{Code: model.CodeInternal, Reason: "event_dead", Message: "系统出错，操作未执行"}
	case row.Outcome == model.OutcomeRefused:
		return done, refusal(row.Reason)
	}
	return done, nil
}

// maxRounds is how often a seat that is too late for the next session tries the one after it.
const maxRounds = 5

// Next gives the seat the longest waiting session that it may take. Where there is none the
// error's reason is "queue_empty".
func (d *Desk) Next(ctx context.Context, accountID uint64, seat string) (Done, error) {
	return d.Do(ctx, Act{AccountID: accountID, Employee: seat, Event: model.Event{Kind: model.EventSeatNext, Seat: seat}})
}

// next claims what waits first until nobody is faster.
func (d *Desk) next(ctx context.Context, a Act) (Done, error) {
	for round := range maxRounds {
		row, err := d.claimNext(ctx, a, round)
		if err != nil {
			return Done{}, err
		}
		done, err := d.outcome(ctx, row)
		if !lostClaim(err) {
			return done, err
		}
	}
	return Done{}, refusal(reasonQueueEmpty)
}

// claimNext writes a claim for what waits first, or finds the one that an earlier call wrote.
func (d *Desk) claimNext(ctx context.Context, a Act, round int) (model.Inbox, error) {
	claim := Act{AccountID: a.AccountID, Key: fmt.Sprintf("%s:%d", a.Key, round), Event: a.Event}
	row, err := d.cfg.Store.InboxByKey(ctx, a.AccountID, deskKey(claim))
	if err == nil || !errors.Is(err, model.ErrNotFound) {
		return row, err
	}
	waiting, err := d.cfg.Store.WaitingSessions(ctx, a.AccountID, waitingDepth)
	if err != nil {
		return row, fmt.Errorf("read the queue: %w", err)
	}
	seats, err := d.cfg.Store.Seats(ctx, a.AccountID)
	if err != nil {
		return row, fmt.Errorf("read seats: %w", err)
	}
	s, ok := nextFor(a.Event.Seat, waiting, seats)
	if !ok {
		return row, refusal(reasonQueueEmpty)
	}
	claim.Employee = s.Employee
	claim.Event.Kind, claim.Event.Session, claim.Event.Reason = model.EventSeatClaim, s.ID, fromNext
	return d.put(ctx, claim)
}

// lostClaim reports whether somebody else was faster.
func lostClaim(err error) bool {
	e, ok := errors.AsType[*model.Error](err)
	return ok && (e.Reason == reasonClaimed || e.Reason == reasonClosed || e.Reason == reasonNotWaiting)
}

// waitingDepth is how far the queue is looked through for a session that a seat may take.
const waitingDepth = 50

// nextFor is the first of the waiting sessions that the seat may take.
func nextFor(seat string, waiting []model.Session, seats []model.Seat) (model.Session, bool) {
	var online []string
	for _, s := range seats {
		if s.State == model.SeatOnline {
			online = append(online, s.UserID)
		}
	}
	for _, s := range waiting {
		if s.Takes(seat, online) {
			return s, true
		}
	}
	return model.Session{}, false
}
