package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"deskmate/model"
)

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
	span := model.SpanFrom(ctx)
	span.Count("errcode", pe.Code)
	span.Fail(pe)
	now := s.cfg.Now()
	log := s.cfg.Log.With("account_id", head.AccountID, "outbox_id", head.ID, "errcode", pe.Code, "err", err.Error())
	switch pe.Class {
	case model.FailRetry:
		if now.Sub(triedSince(head)) >= pushPatience {
			break
		}
		log.InfoContext(ctx, "push failed, will be repeated", "attempts", head.Attempts+1)
		return s.retry(ctx, lane, group, pe, now.Add(max(pe.After, backoff(head.Attempts))), false)
	case model.FailAlert:
		if now.Sub(triedSince(head)) >= pushPatience || (pe.Puzzling && head.Attempts+1 >= puzzlingTries) {
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

// triedSince is when the patience with a push began: an operator who has it sent again gives
// it a day more.
func triedSince(o model.Outbox) time.Time { return model.Time(max(o.CreatedMS, o.RetriedMS)) }

func (s *Sender) retry(ctx context.Context, lane model.Lane, group []model.Outbox, pe *model.PushError, until time.Time, uncertain bool) error {
	s.observe(ctx, "repeated", 0)
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
		s.observe(ctx, "uncertain", 0)
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
	s.observe(ctx, string(state), 0)
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
