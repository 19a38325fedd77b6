package bot_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"deskmate/model"
)

// Account implements what the sender needs of the accounts.
func (w *world) Account(context.Context, uint64) (model.Account, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.acc, nil
}

// Take implements [bot.Budget].
func (w *world) Take(context.Context, uint64, string, int) (time.Duration, error) {
	if w.budget != nil {
		return w.budget()
	}
	return 0, nil
}

// Push implements [bot.Pusher].
func (w *world) Push(_ context.Context, _ model.Account, p model.Push) (model.Receipt, error) {
	if w.onPush != nil {
		if err := w.onPush(p); err != nil {
			return model.Receipt{}, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pushed = append(w.pushed, p)
	return model.Receipt{MsgID: fmt.Sprint("msg", len(w.pushed)), ResponseCode: fmt.Sprint("rc", len(w.pushed))}, nil
}

// PendingOutbox implements [bot.OutboxStore].
func (w *world) PendingOutbox(_ context.Context, lane model.Lane, limit int) ([]model.Outbox, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var rows []model.Outbox
	for _, r := range w.outbox[lane.Lane] {
		if (r.State == model.OutPending || r.State == model.OutSending) && len(rows) < limit {
			rows = append(rows, *r)
		}
	}
	return rows, nil
}

// marks changes rows of a lane that is held.
func (w *world) marks(lane model.Lane, ids []uint64, change func(*model.Outbox)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lanes[lane.Lane].Fence != lane.Fence {
		return model.ErrFenced
	}
	for _, r := range w.outbox[lane.Lane] {
		if slices.Contains(ids, r.ID) && r.State != model.OutPending && r.State != model.OutSending {
			return model.ErrStale
		}
	}
	for _, r := range w.outbox[lane.Lane] {
		if slices.Contains(ids, r.ID) {
			change(r)
		}
	}
	return nil
}

// BeginPush implements [bot.OutboxStore].
func (w *world) BeginPush(_ context.Context, lane model.Lane, ids []uint64) error {
	return w.marks(lane, ids, func(r *model.Outbox) {
		r.State = model.OutSending
		r.Attempts++
	})
}

// MarkSent implements [bot.OutboxStore].
func (w *world) MarkSent(_ context.Context, lane model.Lane, ids []uint64, receipt model.Receipt) error {
	return w.marks(lane, ids, func(r *model.Outbox) {
		r.State, r.SentMS, r.MsgID, r.ResponseCode = model.OutSent, w.now.UnixMilli(), receipt.MsgID, receipt.ResponseCode
	})
}

// MarkSentLast implements [bot.OutboxStore]; it lets go of a lane that has nothing left,
// where the test wants that.
func (w *world) MarkSentLast(ctx context.Context, lane model.Lane, ids []uint64, receipt model.Receipt) (bool, error) {
	if err := w.MarkSent(ctx, lane, ids, receipt); err != nil {
		return false, err
	}
	rows, err := w.PendingOutbox(ctx, lane, 1)
	return w.letsGo && len(rows) == 0, err
}

// MarkRetry implements [bot.OutboxStore].
func (w *world) MarkRetry(_ context.Context, lane model.Lane, ids []uint64, code int64, text string, until time.Time, uncertain bool) error {
	return w.marks(lane, ids, func(r *model.Outbox) {
		r.State, r.ErrCode, r.Err = model.OutPending, code, text
		if uncertain {
			r.Uncertain++
		}
		w.lanes[lane.Lane].RunAtMS = until.UnixMilli()
	})
}

// MarkDead implements [bot.OutboxStore].
func (w *world) MarkDead(
	_ context.Context, lane model.Lane, ids []uint64, state model.OutboxState, code int64, text string, forwards []model.Forward,
) error {
	return w.marks(lane, ids, func(r *model.Outbox) {
		r.State, r.ErrCode, r.Err = state, code, text
		if r.ID == ids[0] && !w.copiesLeft(r) {
			w.forward(fmt.Sprintf("x:%d", r.ID), forwards)
		}
	})
}

// DelayLane implements [bot.OutboxStore].
func (w *world) DelayLane(_ context.Context, lane model.Lane, until time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lanes[lane.Lane].RunAtMS = until.UnixMilli()
	return nil
}
