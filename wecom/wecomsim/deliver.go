package wecomsim

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"deskmate/model"
)

// DeliveryState is what became of a callback.
type DeliveryState string

// The delivery states.
const (
	DeliveryQueued   DeliveryState = "queued"   // waiting, or on its way
	DeliveryAccepted DeliveryState = "accepted" // answered with 200
	DeliveryFailed   DeliveryState = "failed"   // given up after the last attempt
	DeliveryLost     DeliveryState = "lost"     // never sent, as the faults said
)

// Delivery is one callback and how it went.
type Delivery struct {
	AgentID    int64
	UserID     string // whose it is; "sys" for changes of the directory
	Kind       string // the msgtype of a message, the name of an event
	MsgID      string // of the message, or of the card that was clicked; "" for other events
	Body       string // the XML before encryption
	At         time.Time
	State      DeliveryState
	Attempts   int // of all copies
	Status     int // HTTP status of the last attempt; 0: no answer
	Err        string
	Reply      string // msgtype of the passive reply that was shown; "" for none
	ReplyError string // why a passive reply was not shown

	reqID string // of a frame to an AI bot
}

// delivery is a Delivery in its lane.
type delivery struct {
	Delivery
	app   *app
	prior <-chan struct{} // closed after the first attempt at the app's callback before; nil for none
	tried chan struct{}   // closed after the first attempt at this one
	once  bool            // tried is closed
}

// deliver sends a callback as often as the faults say. It reports false when ctx ended
// first.
func (s *Server) deliver(ctx context.Context, d *delivery) bool {
	copies, delay, lost := 1, time.Duration(0), false
	s.locked(func() {
		copies += s.faults.CallbackDuplicate
		delay = s.faults.CallbackDelay
		if s.faults.CallbackLose > 0 {
			s.faults.CallbackLose--
			lost = true
			s.settle(d, DeliveryLost)
		}
	})
	if lost {
		return true
	}
	if delay > 0 && !pause(ctx, delay) || !s.waitTurn(ctx, d) {
		return false
	}
	for range copies {
		if !s.deliverCopy(ctx, d) {
			return false
		}
	}
	return true
}

// waitTurn lets the app's callback before this one go first, within the policy's patience.
// It reports false when ctx ended first.
func (s *Server) waitTurn(ctx context.Context, d *delivery) bool {
	var patience time.Duration
	s.locked(func() {
		if s.faults.CallbackReorder < 2 {
			patience = s.policy.Overtake
		}
	})
	if d.prior == nil || patience <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-d.prior:
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	return true
}

// pass lets the app's next callback go. The state is locked.
func (d *delivery) pass() {
	if !d.once {
		d.once = true
		close(d.tried)
	}
}

// deliverCopy tries until the callback is accepted or given up.
func (s *Server) deliverCopy(ctx context.Context, d *delivery) bool {
	for attempt := 0; ; attempt++ {
		var cb *callback
		var policy CallbackPolicy
		s.locked(func() { cb, policy = d.app.callback, s.policy })
		if attempt > 0 && !pause(ctx, policy.RetryDelay) {
			return false
		}
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return false
		}
		status, reply, err := s.attempt(ctx, cb, d, policy.Timeout)
		<-s.slots
		if err != nil && ctx.Err() != nil {
			return false
		}
		s.locked(func() { s.recordAttempt(d, status, err) })
		switch {
		case err == nil && status == http.StatusOK:
			s.locked(func() { s.accepted(d, cb, reply, policy) })
			return true
		case attempt >= policy.Retries, cb.bot != nil, // a frame is said once
			err == nil && !policy.RetryNon200:
			s.locked(func() {
				s.settle(d, DeliveryFailed)
				if d.State == DeliveryFailed {
					s.unanswered(d, policy)
				}
			})
			s.log.WarnContext(ctx, "callback given up", slog.Int64("agentid", d.AgentID), slog.String("kind", d.Kind),
				slog.Int("attempts", attempt+1), slog.Int("status", status))
			return true
		}
	}
}

// accepted takes note of a 200 and shows the passive reply. The state is locked.
func (s *Server) accepted(d *delivery, cb *callback, reply []byte, policy CallbackPolicy) {
	first := d.State != DeliveryAccepted
	s.settle(d, DeliveryAccepted)
	if !first {
		return
	}
	s.takeReply(d, cb, reply)
	s.unanswered(d, policy)
}

// unanswered shows an error on a card whose click got no update, where the policy minds.
func (s *Server) unanswered(d *delivery, policy CallbackPolicy) {
	if policy.ClickNeedsUpdate && d.Kind == "template_card_event" && d.Reply == "" {
		s.changeCard(d.app, model.Fold(d.UserID), d.MsgID, func(sc *shownCard) { sc.failed = true })
	}
}

// settle records what became of a callback, once it is final. The state is locked.
func (s *Server) settle(d *delivery, state DeliveryState) {
	d.pass()
	if d.State == DeliveryAccepted {
		return
	}
	d.State = state
	switch state {
	case DeliveryAccepted:
		s.records.counts.Accepted++
	case DeliveryFailed:
		s.records.counts.Failed++
	case DeliveryLost:
		s.records.counts.Lost++
	case DeliveryQueued:
	}
	s.traceDelivery(d)
}

// pause waits on a real timer. It reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
