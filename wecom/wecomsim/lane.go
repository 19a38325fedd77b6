package wecomsim

import (
	"context"
	"slices"
	"sync"
	"time"

	"deskmate/model"
)

// reorderWait is how long a lane gathers callbacks that are to be reordered.
const reorderWait = 50 * time.Millisecond

// laneKey names a lane: a member's callbacks of one app keep their order, and nobody
// else waits for them.
type laneKey struct {
	agentID int64
	person  string // folded
}

type lane struct {
	key     laneKey
	items   []*delivery
	settled int // how many of items are in the order they will go in
}

// enqueue puts a callback into its lane, if the app has a callback URL and is not disabled.
// The state is locked.
func (s *Server) enqueue(a *app, record Delivery, w *xmlWriter) {
	s.enqueueBody(a, record, w.document())
}

// enqueueBody is enqueue for a body that is written already.
func (s *Server) enqueueBody(a *app, record Delivery, body string) {
	if a.callback == nil || a.disabled {
		return
	}
	record.AgentID, record.Body, record.At, record.State = a.AgentID, body, s.clock(), DeliveryQueued
	d := &delivery{Delivery: record, app: a, prior: a.lastTried, tried: make(chan struct{})}
	a.lastTried = d.tried
	s.records.deliver(d)
	key := laneKey{agentID: a.AgentID, person: model.Fold(record.UserID)}
	l := s.lanes[key]
	if l == nil {
		l = &lane{key: key}
		s.lanes[key] = l
		s.ready = append(s.ready, l)
	}
	l.items = append(l.items, d)
	s.pending++
	s.wakeUp()
}

// wakeUp makes Run look for lanes that are ready.
func (s *Server) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run sends callbacks until ctx ends, then waits for those on their way to be broken off.
// What was not accepted by then is sent by the next Run. It always returns nil.
func (s *Server) Run(ctx context.Context) error {
	var lanes sync.WaitGroup
	defer s.client.CloseIdleConnections()
	defer lanes.Wait()
	for {
		for _, l := range s.takeReady() {
			lanes.Go(func() { s.drain(ctx, l) })
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		}
	}
}

func (s *Server) takeReady() []*lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.ready
	s.ready = nil
	return list
}

// drain sends a lane's callbacks one after the other.
func (s *Server) drain(ctx context.Context, l *lane) {
	for {
		d := s.head(ctx, l)
		if d == nil {
			return
		}
		done := s.deliver(ctx, d)
		s.locked(func() {
			if !done {
				s.ready = append(s.ready, l)
				s.wakeUp() // somebody else's Run, if there is one
				return
			}
			l.items = l.items[1:]
			l.settled = max(l.settled-1, 0)
			s.pending--
			s.announce()
		})
		if !done {
			return
		}
	}
}

// head is the lane's next callback; nil where it is empty.
func (s *Server) head(ctx context.Context, l *lane) *delivery {
	s.mu.Lock()
	reorder := s.faults.CallbackReorder > 1 && l.settled == 0 && len(l.items) > 0
	s.mu.Unlock()
	if reorder {
		pause(ctx, reorderWait)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(l.items) == 0 {
		delete(s.lanes, l.key)
		return nil
	}
	if reorder {
		l.settled = min(len(l.items), max(s.faults.CallbackReorder, 1))
		slices.Reverse(l.items[:l.settled])
	}
	return l.items[0]
}

// Quiet blocks until no callback is queued or on its way, or ctx ends. Without a Run it
// waits for ever.
func (s *Server) Quiet(ctx context.Context) error {
	for {
		s.mu.Lock()
		pending, changed := s.pending, s.changed
		s.mu.Unlock()
		if pending == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
