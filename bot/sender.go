package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"deskmate/model"
)

// Sender sends what waits in the outbox of one receiver, in order and within WeCom's
// limits.
type Sender struct {
	cfg     SenderConfig
	notices notices
}

// SenderConfig is what a sender works with. Every field but Observe and Trace is
// required.
type SenderConfig struct {
	Store    OutboxStore
	Accounts interface {
		Account(ctx context.Context, id uint64) (model.Account, error)
	}
	Pusher  Pusher
	Budget  Budget
	Media   MediaIDs
	Copies  Copier
	Wake    func(ctx context.Context, kinds ...model.LaneKind)
	Limit   int // bytes that one text may hold
	Now     func() time.Time
	Log     *slog.Logger
	Observe func(result string, waited time.Duration) // may be nil; waited: from the decision to WeCom's answer
	Trace   model.Tracer                              // nil: nothing is traced
}

// OutboxStore is where pushes wait.
type OutboxStore interface {
	PendingOutbox(ctx context.Context, lane model.Lane, limit int) ([]model.Outbox, error)
	BeginPush(ctx context.Context, lane model.Lane, ids []uint64) error
	MarkSent(ctx context.Context, lane model.Lane, ids []uint64, receipt model.Receipt) error
	MarkSentLast(ctx context.Context, lane model.Lane, ids []uint64, receipt model.Receipt) (released bool, err error)
	MarkRetry(ctx context.Context, lane model.Lane, ids []uint64, code int64, errText string, until time.Time, uncertain bool) error
	MarkDead(ctx context.Context, lane model.Lane, ids []uint64, state model.OutboxState, code int64, errText string, forwards []model.Forward) error
	DelayLane(ctx context.Context, lane model.Lane, until time.Time) error
	// CardCode is the response_code of the last card that showed the lane's receiver a session;
	// "" where it can't be changed.
	CardCode(ctx context.Context, lane model.Lane, sessionID uint64) (string, error)
}

// Pusher sends one message; its errors are [model.PushError].
type Pusher interface {
	Push(ctx context.Context, acc model.Account, p model.Push) (model.Receipt, error)
}

// Budget keeps the sends to one receiver, and of one account a day, below WeCom's limits.
type Budget interface {
	// Take counts one send and returns 0, or says how long to wait and counts nothing.
	Take(ctx context.Context, accountID uint64, receiver string, perDay int) (time.Duration, error)
	// Used is how many sends of the account today are counted.
	Used(ctx context.Context, accountID uint64) (int, error)
}

// NewSender makes a sender.
func NewSender(cfg SenderConfig) *Sender { return &Sender{cfg: cfg} }

// Handle sends what waits in the lane. It returns [ErrLetGo] when it let go of the lane
// itself: nothing is left, or the rest must wait.
func (s *Sender) Handle(ctx context.Context, lane model.Lane) error {
	acc, err := s.cfg.Accounts.Account(ctx, lane.AccountID)
	if err != nil {
		return fmt.Errorf("account of a push: %w", err)
	}
	for ctx.Err() == nil {
		rows, err := s.cfg.Store.PendingOutbox(ctx, lane, batch)
		if err != nil {
			return fmt.Errorf("read pending pushes: %w", err)
		}
		last := len(rows) < batch
		for len(rows) > 0 && ctx.Err() == nil {
			p := pack(rows, s.cfg.Limit)
			rows = rows[len(p.group):]
			p.last = last && len(rows) == 0
			err := s.traced(ctx, lane, acc, p)
			if errors.Is(err, errRecalled) {
				last = false // read again what is left
				break
			}
			if err != nil {
				return err
			}
		}
		if last {
			return nil // whoever releases the lane looks for what has come since
		}
	}
	return nil
}

// parcel is what goes out as one message.
type parcel struct {
	group []model.Outbox // the rows it carries, in order; at least one
	push  model.Push
	last  bool // nothing is known to wait behind it
}

// sendParcel sends one message and notes what came of it.
func (s *Sender) sendParcel(ctx context.Context, lane model.Lane, acc model.Account, p parcel) error {
	group, push := p.group, p.push
	head, ids := group[0], idsOf(group)
	if head.State == model.OutSending {
		// A worker ended between handing it to WeCom and noting the answer.
		return s.uncertain(ctx, lane, group, 0, "interrupted while sending")
	}
	push, drop, err := s.shaped(ctx, lane, acc, push)
	if err != nil {
		return err
	}
	if drop {
		s.observe(ctx, "spared", 0)
		return s.sent(ctx, lane, p, model.Receipt{})
	}
	push, failure := s.ready(ctx, acc, push)
	if failure == nil {
		if err := s.count(ctx, lane, acc, push); err != nil {
			return err
		}
	}
	err = s.cfg.Store.BeginPush(ctx, lane, ids)
	if errors.Is(err, model.ErrStale) {
		return errRecalled
	}
	if err != nil {
		return fmt.Errorf("begin push: %w", err)
	}
	if failure != nil {
		return s.failed(ctx, lane, group, failure)
	}
	receipt, err := s.hand(ctx, acc, push)
	// What WeCom said must be noted even if we are being stopped.
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		return s.failed(ctx, lane, group, err)
	}
	if push.Fanout != "" && push.Text == push.Fanout {
		s.notices.told(push, s.cfg.Now())
	}
	s.observe(ctx, "sent", s.cfg.Now().Sub(model.Time(head.CreatedMS)))
	return s.sent(ctx, lane, p, receipt)
}

// sent notes a message as sent. It returns [ErrLetGo] where it let go of the lane with it.
func (s *Sender) sent(ctx context.Context, lane model.Lane, p parcel, receipt model.Receipt) error {
	released, err := s.noteSent(ctx, lane, p, receipt)
	if err != nil {
		return fmt.Errorf("note a push as sent: %w", err)
	}
	if released {
		return ErrLetGo
	}
	return nil
}

// errRecalled says that a push is not to be sent any more: it was taken back after it was read.
var errRecalled = errors.New("taken back meanwhile")

// count takes a message from the budget. It returns [ErrLetGo] where the lane has to wait
// for that.
func (s *Sender) count(ctx context.Context, lane model.Lane, acc model.Account, push model.Push) error {
	if countsNot(push.Kind) {
		return nil
	}
	wait, err := s.cfg.Budget.Take(ctx, acc.ID, push.Receiver, acc.Policy.Limits.PushesPerDay)
	if err != nil {
		return fmt.Errorf("take from the push budget: %w", err)
	}
	if wait <= 0 {
		return nil
	}
	s.observe(ctx, "waited", 0)
	if err := s.cfg.Store.DelayLane(ctx, lane, s.cfg.Now().Add(wait)); err != nil {
		return fmt.Errorf("delay pushes: %w", err)
	}
	return ErrLetGo
}

// noteSent notes a message as sent and, after the last one, lets go of the lane with it.
func (s *Sender) noteSent(ctx context.Context, lane model.Lane, p parcel, receipt model.Receipt) (released bool, err error) {
	if p.last {
		return s.cfg.Store.MarkSentLast(ctx, lane, idsOf(p.group), receipt)
	}
	return false, s.cfg.Store.MarkSent(ctx, lane, idsOf(p.group), receipt)
}

// countsNot reports whether a push is no message of its own in WeCom's limits.
func countsNot(kind model.PushKind) bool {
	return kind == model.PushUpdate || kind == model.PushRecall
}

// pack makes one message of the first row and of the rows right behind it that belong to
// the same session and may be merged, as far as they fit.
func pack(rows []model.Outbox, limit int) parcel {
	head := rows[0]
	push := head.Push
	if !push.Merge || push.Kind != model.PushText || head.Uncertain > 0 || head.State == model.OutSending {
		return parcel{group: rows[:1], push: push}
	}
	n := 1
	text := []string{push.Text}
	size := len(push.Text)
	for _, r := range rows[1:] {
		p := r.Push
		size += 1 + len(p.Text)
		if !p.Merge || p.Kind != model.PushText || p.Session != push.Session ||
			(p.Fanout == "") != (push.Fanout == "") || r.State != model.OutPending ||
			r.Uncertain > 0 || size > limit {
			break
		}
		text = append(text, p.Text)
		n++
	}
	push.Text = strings.Join(text, "\n")
	return parcel{group: rows[:n], push: push}
}

func idsOf(rows []model.Outbox) []uint64 {
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids
}

func (s *Sender) observe(ctx context.Context, result string, waited time.Duration) {
	model.SpanFrom(ctx).Set("outcome", result)
	if s.cfg.Observe != nil {
		s.cfg.Observe(result, waited)
	}
}
