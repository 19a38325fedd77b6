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

// SenderConfig is what a sender works with. Every field but Observe is required.
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
			err := s.sendParcel(ctx, lane, acc, p)
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
		s.observe("spared", 0)
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
	s.observe("sent", s.cfg.Now().Sub(model.Time(head.CreatedMS)))
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
	s.observe("waited", 0)
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

// How long a push is tried for before it is given up on.
const (
	pushPatience  = 24 * time.Hour   // for WeCom to get over it, or an operator to act
	alertPause    = time.Minute      // between tries while an operator must act
	repeatPause   = 10 * time.Second // before a person's line goes out a second time: once only, so not into the same trouble
	puzzlingTries = 10               // of what WeCom refuses for a reason that nobody knows
	maxRepeats    = 3                // of what may have arrived already and may arrive twice
)

// failed does what the failure's class asks for.
func (s *Sender) failed(ctx context.Context, lane model.Lane, group []model.Outbox, err error) error {
	head := group[0]
	pe, ok := errors.AsType[*model.PushError](err)
	if !ok {
		pe = &model.PushError{Class: model.FailUncertain, Err: err}
	}
	now := s.cfg.Now()
	log := s.cfg.Log.With("account_id", head.AccountID, "outbox_id", head.ID, "errcode", pe.Code, "err", err.Error())
	switch pe.Class {
	case model.FailRetry:
		if now.Sub(model.Time(head.CreatedMS)) >= pushPatience {
			break
		}
		log.InfoContext(ctx, "push failed, will be repeated", "attempts", head.Attempts+1)
		return s.retry(ctx, lane, group, pe, now.Add(max(pe.After, backoff(head.Attempts))), false)
	case model.FailAlert:
		if now.Sub(model.Time(head.CreatedMS)) >= pushPatience || (pe.Puzzling && head.Attempts+1 >= puzzlingTries) {
			break
		}
		log.ErrorContext(ctx, "push refused, an operator must act")
		return s.retry(ctx, lane, group, pe, now.Add(max(pe.After, alertPause)), false)
	case model.FailUncertain:
		return s.uncertain(ctx, lane, group, pe.Code, err.Error())
	case model.FailDrop:
		if head.Push.Kind == model.PushUpdate && head.Push.Update.ResponseCode == "" {
			// The state of a card, which tells whoever taps it anyway: no person's words.
			log.InfoContext(ctx, "card not changed")
			return s.cfg.Store.MarkSent(ctx, lane, idsOf(group), model.Receipt{})
		}
		if head.Uncertain > 0 && (takenOnce(head.Push) || countsNot(head.Push.Kind)) {
			// The card's task_id is taken, the click's response_code or the mention's answer is
			// used, or the message gone: the earlier try arrived after all.
			return s.cfg.Store.MarkSent(ctx, lane, idsOf(group), model.Receipt{})
		}
	}
	log.ErrorContext(ctx, "push given up")
	return s.dead(ctx, lane, group, model.OutDead, pe.Code, err.Error())
}

func (s *Sender) retry(ctx context.Context, lane model.Lane, group []model.Outbox, pe *model.PushError, until time.Time, uncertain bool) error {
	s.observe("repeated", 0)
	if err := s.cfg.Store.MarkRetry(ctx, lane, idsOf(group), pe.Code, pe.Error(), until, uncertain); err != nil {
		return fmt.Errorf("put a push back: %w", err)
	}
	return ErrLetGo
}

// uncertain follows the written policy for pushes whose outcome nobody knows: a card is
// known by its task_id and what Deskmate says itself may be said twice, so both are
// repeated; a person's line is repeated once, since a repeat is better than a loss; and
// every such repeat is counted.
func (s *Sender) uncertain(ctx context.Context, lane model.Lane, group []model.Outbox, code int64, why string) error {
	head := group[0]
	allowed, pause := 1, repeatPause
	if repeatable(head.Push) {
		allowed, pause = maxRepeats, backoff(head.Attempts)
	}
	log := s.cfg.Log.With("account_id", head.AccountID, "outbox_id", head.ID, "errcode", code, "err", why)
	if head.Uncertain >= allowed {
		log.ErrorContext(ctx, "push uncertain, not repeated")
		return s.dead(ctx, lane, group, model.OutUncertain, code, why)
	}
	log.WarnContext(ctx, "push uncertain, repeated")
	for range group {
		s.observe("uncertain", 0)
	}
	pe := &model.PushError{Class: model.FailUncertain, Code: code, Err: errors.New(why)}
	return s.retry(ctx, lane, group, pe, s.cfg.Now().Add(pause), true)
}

// repeatable reports whether a push may be sent again though it may have arrived.
func repeatable(p model.Push) bool {
	return p.Author == "" || p.Kind == model.PushRecall || takenOnce(p)
}

// takenOnce reports whether WeCom refuses a push that it has taken before.
func takenOnce(p model.Push) bool {
	return p.Kind == model.PushCard || p.Kind == model.PushUpdate || (p.URL != "" && model.IsGroup(p.Receiver))
}

// dead gives pushes up. Whoever wrote them is told, of a line for several seats with its last
// copy; so those are given up one by one.
func (s *Sender) dead(ctx context.Context, lane model.Lane, group []model.Outbox, state model.OutboxState, code int64, why string) error {
	if len(group) > 1 && group[0].Push.Fanout != "" {
		for i := range group {
			if err := s.dead(ctx, lane, group[i:i+1], state, code, why); err != nil {
				return err
			}
		}
		return nil
	}
	s.observe(string(state), 0)
	var forwards []model.Forward
	for _, r := range group {
		if r.Push.Author == "" {
			continue
		}
		forwards = append(forwards, model.Forward{Person: r.Push.Author, Event: model.Event{
			Kind: model.EventPushFailed, Session: r.Push.Session, Target: r.Push.Receiver, Reason: string(state),
			// What people write goes out in the form it came in: the kinds have the types' names.
			Content: &model.Content{Type: model.ContentType(r.Push.Kind), Text: r.Push.Text},
		}})
	}
	if err := s.cfg.Store.MarkDead(ctx, lane, idsOf(group), state, code, why, forwards); err != nil {
		return fmt.Errorf("give pushes up: %w", err)
	}
	if len(forwards) > 0 {
		s.cfg.Wake(ctx, model.LaneIn)
	}
	return nil
}

func (s *Sender) observe(result string, waited time.Duration) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(result, waited)
	}
}
