package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// keepEvents is how many events the page can look back at.
const keepEvents = 2000

// closingTag ends a line of XML, for people to read.
var closingTag = regexp.MustCompile(`</\w+>`)

// wire is what went over it.
type wire struct{ request, response string }

// logged is one event and, of traces, what was said.
type logged struct {
	seq   int64 // counted from 1
	event handler.SimEvent
	wire  wire
}

// traceLog keeps what happened last and wakes who watches.
type traceLog struct {
	mu      sync.Mutex
	last    int64
	events  []logged      // oldest first, seq without gaps
	changed chan struct{} // closed at the next event
	queue   []wecomsim.TraceEvent
	wake    chan struct{}
}

func newTraceLog() *traceLog {
	return &traceLog{changed: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// add takes an event; traces get its number as their id.
func (l *traceLog) add(e handler.SimEvent, w wire) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	if e.Trace != nil {
		e.Trace.ID = l.last
	}
	l.events = append(l.events, logged{seq: l.last, event: e, wire: w})
	if len(l.events) > 2*keepEvents {
		l.events = slices.Clone(l.events[len(l.events)-keepEvents:])
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// happened takes a trace event of the simulator. It must not hold the simulator up.
func (l *traceLog) happened(e wecomsim.TraceEvent) {
	l.mu.Lock()
	l.queue = append(l.queue, e)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// collect turns trace events into events of the page until ctx ends.
func (l *traceLog) collect(ctx context.Context, told history) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		l.mu.Lock()
		queue := l.queue
		l.queue = nil
		l.mu.Unlock()
		for _, e := range queue {
			l.take(e, told)
		}
	}
}

func (l *traceLog) take(e wecomsim.TraceEvent, told history) {
	switch e.Kind {
	case wecomsim.TraceBubble:
		l.add(handler.SimEvent{Touched: &handler.SimTouched{AgentID: e.AgentID, UserID: e.UserID}}, wire{})
	case wecomsim.TraceCallback:
		if e.State == wecomsim.DeliveryAccepted {
			return // the attempt said so
		}
		l.addCallback(e, told.Deliveries())
	case wecomsim.TraceCall: // recordCalls knows more of those over HTTP
		if e.Name != "aibot/ping" && e.Name != "aibot/response" && strings.HasPrefix(e.Name, "aibot/") {
			l.addFrame(e, told.Calls())
		}
	}
}

// history is what the simulator remembers of what was said.
type history interface {
	Deliveries() []wecomsim.Delivery
	Calls() []wecomsim.Call
}

// addFrame notes a frame that came over a bot's long connection.
func (l *traceLog) addFrame(e wecomsim.TraceEvent, calls []wecomsim.Call) {
	cmd := strings.Replace(e.Name, "aibot/", "aibot_", 1)
	w := wire{request: cmd, response: fmt.Sprintf(`{"errcode":%d}`, e.ErrCode)}
	for _, c := range slices.Backward(calls) {
		if c.Path == e.Name && c.At.Equal(e.At) {
			w.request = strings.TrimSpace(cmd + "\n" + c.Body)
			break
		}
	}
	l.add(handler.SimEvent{Trace: &handler.SimTrace{
		At: e.At, Kind: "call", AgentID: e.AgentID, Name: e.Name, Status: e.Status, ErrCode: e.ErrCode,
	}}, w)
}

// addCallback notes one attempt of a callback, or that it was given up.
func (l *traceLog) addCallback(e wecomsim.TraceEvent, deliveries []wecomsim.Delivery) {
	trace := &handler.SimTrace{
		At: e.At, Kind: "callback", AgentID: e.AgentID, UserIDs: []string{e.UserID}, Name: e.Name,
		Status: e.Status, Attempt: e.Attempt, State: string(e.State),
	}
	w := wire{response: fmt.Sprintf("HTTP %d", e.Status)}
	if e.Status == 0 {
		w.response = "no answer"
	}
	for _, d := range slices.Backward(deliveries) {
		if d.AgentID != e.AgentID || d.UserID != e.UserID || d.Kind != e.Name || d.MsgID != e.MsgID || d.At.After(e.At) {
			continue
		}
		trace.TookMS = e.At.Sub(d.At).Milliseconds()
		w.request = closingTag.ReplaceAllString(d.Body, "$0\n")
		if d.Err != "" {
			w.response += "\n" + d.Err
		}
		break
	}
	l.add(handler.SimEvent{Trace: trace}, w)
}

// after gives the events after seq and a channel that is closed at the next one; missed
// reports that some of them are forgotten.
func (l *traceLog) after(seq int64) (events []logged, missed bool, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	skip := len(l.events) - int(l.last-seq)
	return slices.Clone(l.events[max(skip, 0):]), skip < 0, l.changed
}

// Watch calls f with everything that happens from now on.
func (s *simulator) Watch(ctx context.Context, f func(handler.SimEvent) error) {
	s.log.mu.Lock()
	seen := s.log.last
	s.log.mu.Unlock()
	for {
		events, missed, changed := s.log.after(seen)
		if missed && f(handler.SimEvent{}) != nil {
			return
		}
		for _, e := range events {
			seen = e.seq
			if f(e.event) != nil {
				return
			}
		}
		select {
		case <-changed:
		case <-s.stopped:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Recent gives the newest traces, oldest first.
func (s *simulator) Recent(limit int) []handler.SimTrace {
	events, _, _ := s.log.after(0)
	list := []handler.SimTrace{}
	for _, e := range events {
		if e.event.Trace != nil {
			list = append(list, *e.event.Trace)
		}
	}
	return list[max(len(list)-limit, 0):]
}

// Detail is what went over the wire.
func (s *simulator) Detail(id int64) (handler.SimTraceDetail, error) {
	events, _, _ := s.log.after(id - 1)
	if len(events) == 0 || events[0].seq != id || events[0].event.Trace == nil {
		return handler.SimTraceDetail{}, model.ErrNotFound
	}
	e := events[0]
	return handler.SimTraceDetail{SimTrace: *e.event.Trace, Request: e.wire.request, Response: e.wire.response}, nil
}
