package bot

import (
	"context"
	"fmt"

	"deskmate/model"
)

// PastStore is what seats look up of the queue and of what was said.
type PastStore interface {
	WaitingSessions(ctx context.Context, accountID uint64, limit int) ([]model.Session, error)
	LastSent(ctx context.Context, session model.Session, seat string) (model.Sent, error)
	EarlierSessions(ctx context.Context, acc model.Account, employee string, limit int) ([]model.Earlier, error)
	Transcript(ctx context.Context, acc model.Account, session model.Session, limit int) (model.Transcript, error)
}

// askQueue finds what the person, a seat, may take next.
func (e *Engine) askQueue(ctx context.Context, in *Input) error {
	waiting, err := e.cfg.Store.WaitingSessions(ctx, in.Case.Account.ID, waitingDepth)
	if err != nil {
		return err
	}
	seats, err := e.cfg.Store.Seats(ctx, in.Case.Account.ID)
	if err != nil {
		return fmt.Errorf("read seats: %w", err)
	}
	in.Queue = &QueueAnswer{}
	if s, ok := nextFor(in.Case.Person, waiting, seats); ok {
		in.Queue.Session = &s
	}
	return nil
}

// askEarlier reads the employee's earlier sessions, and what was said in the one asked for.
func (e *Engine) askEarlier(ctx context.Context, in *Input, need Need) error {
	list, err := e.cfg.Store.EarlierSessions(ctx, in.Case.Account, need.Employee, earlierSessions)
	if err != nil {
		return err
	}
	in.Earlier = &EarlierAnswer{List: list}
	if need.Count == 0 || need.Count > len(list) {
		return nil
	}
	in.Earlier.Transcript, err = e.cfg.Store.Transcript(ctx, in.Case.Account, list[need.Count-1].Session, earlierLines)
	return err
}
