package bot

import (
	"context"
	"fmt"
	"time"

	"deskmate/model"
)

// How long an event is tried for before it is given up on.
const (
	maxAttempts     = 12             // with the pauses between, about eight minutes
	outsidePatience = 24 * time.Hour // while something we need is away
)

// failed puts an event back for later or, after many tries, gives it up: it stays as a
// dead letter, and who wrote it is told.
func (e *Engine) failed(ctx context.Context, lane model.Lane, row model.Inbox, cause error) error {
	log := e.cfg.Log.With("inbox_id", row.ID, "event", string(row.Event.Kind), "err", cause.Error())
	if row.Attempts+1 < maxAttempts || (model.CodeOf(cause) == model.CodeUnavailable && e.age(row) < outsidePatience) {
		log.WarnContext(ctx, "event failed", "attempts", row.Attempts+1)
		if _, err := e.cfg.Store.FailInbox(ctx, lane, row.ID, cause.Error(), e.cfg.Now().Add(backoff(row.Attempts))); err != nil {
			return fmt.Errorf("put a failed event back: %w", err)
		}
		return ErrLetGo
	}
	log.ErrorContext(ctx, "event given up")
	if person := writer(lane, row.Event); person != "" {
		told := model.Inbound{
			AccountID: row.AccountID, Person: person, DedupeKey: fmt.Sprintf("dead:%d", row.ID), CreatedMS: e.cfg.Now().UnixMilli(),
			Event: model.Event{Kind: model.EventPushFailed, Reason: ReasonDead},
		}
		if _, err := e.cfg.Store.Accept(ctx, told, model.PersonLane(row.AccountID, person)); err != nil {
			return fmt.Errorf("tell about a dead event: %w", err)
		}
		e.cfg.Wake(ctx, model.LaneIn)
	}
	if err := e.cfg.Store.BuryInbox(ctx, lane, row.ID, cause.Error()); err != nil {
		return fmt.Errorf("give an event up: %w", err)
	}
	return nil
}

// writer is who wrote or tapped something and waits for what comes of it; "" for nobody.
func writer(lane model.Lane, ev model.Event) string {
	switch ev.Kind {
	case model.EventMessage, model.EventMenuClick, model.EventCardClick:
		return lane.Person()
	case model.EventSeatMessage, model.EventSeatEnd, model.EventSeatTransfer, model.EventSeatOpen,
		model.EventSeatNote, model.EventSeatClaim, model.EventSeatNext, model.EventSeatRecall:
		return ev.Seat
	case model.EventPushFailed:
		if ev.Reason != ReasonDead {
			return lane.Person()
		}
	default: // nobody wrote it
	}
	return ""
}

// age is for how long an event has been waiting.
func (e *Engine) age(row model.Inbox) time.Duration {
	return e.cfg.Now().Sub(model.Time(row.ArrivedMS))
}

// backoff is the pause after a failure: half a second, doubled each time, two minutes at
// most, and a little chance so that many don't come back together.
func backoff(attempts int) time.Duration {
	const first, most = 500 * time.Millisecond, 2 * time.Minute
	d := most
	if attempts < 8 {
		d = min(first<<attempts, most)
	}
	return d/2 + jitter(d/2)
}
