package wecomsim

import (
	"maps"
	"slices"
	"sync"
	"time"

	"deskmate/model"
)

// Call is one call of the API.
type Call struct {
	Path    string // after /cgi-bin/
	AgentID int64  // whose token or secret it was; 0 where there was none
	ErrCode int
	ErrMsg  string // what was refused; "" where nothing was
	Status  int    // HTTP status
	Body    string // of a POST in JSON, as it came; at most 64 KiB of it
	Unknown string // a field of the body that WeCom passes over, as a misspelt one is; "" for none
	At      time.Time
}

// Counts are totals since the start.
type Counts struct {
	Sent           int // accepted message/send calls
	Dropped        int // messages not shown because a member's limit was exceeded, of all members
	ChatSent       int // accepted appchat/send calls
	Suppressed     int // sends held back by enable_duplicate_check
	Repeats        int // accepted sends whose body equals that of an earlier accepted one
	Attempts       int // callbacks sent, repeats and copies included
	Accepted       int // callbacks answered with 200
	Failed         int // callbacks given up
	Lost           int // callbacks never sent, as the faults said
	InvalidReplies int // passive replies that were not shown
}

// records are what happened, for tests to look at.
type records struct {
	counts     Counts
	calls      []Call
	deliveries []*delivery
	dropped    map[string]int // by folded userid
}

func (r *records) call(c Call) { r.calls = append(trimmed(r.calls), c) }

func (r *records) deliver(d *delivery) { r.deliveries = append(trimmed(r.deliveries), d) }

func (r *records) droppedFor(id string) {
	if r.dropped == nil {
		r.dropped = map[string]int{}
	}
	r.dropped[id]++
}

// trimmed keeps a list from growing for ever.
func trimmed[T any](list []T) []T {
	if len(list) < 2*keepRecords {
		return list
	}
	return slices.Clone(list[len(list)-keepRecords:])
}

// Calls are the API calls so far, oldest first; of very many only the last ten thousand.
// Calls to unknown paths are not among them.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records.calls)
}

// Deliveries are the callbacks so far, oldest first; of very many only the last ten
// thousand.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Delivery, len(s.records.deliveries))
	for i, d := range s.records.deliveries {
		list[i] = d.Delivery
	}
	return list
}

// Counts are the totals so far.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records.counts
}

// Dropped is how many messages to the member were dropped because its limit was exceeded.
func (s *Server) Dropped(userID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records.dropped[model.Fold(userID)]
}

// TraceKind says what a [TraceEvent] is.
type TraceKind string

// The trace kinds.
const (
	TraceCall     TraceKind = "call"     // the API was called
	TraceCallback TraceKind = "callback" // a callback was tried, or settled
	TraceBubble   TraceKind = "bubble"   // a bubble appeared or changed
)

// TraceEvent is something that happened, without what anybody wrote.
type TraceEvent struct {
	At      time.Time
	Kind    TraceKind
	AgentID int64
	UserID  string        // callback, bubble
	Name    string        // path of a call, kind of a callback, type of a bubble
	MsgID   string        // callback, bubble
	ErrCode int           // call
	Status  int           // HTTP status of a call or of a callback's attempt; 0: no answer
	Attempt int           // of a callback, counted from 1
	State   DeliveryState // of a callback
}

// Subscribe calls f with everything that happens from now on, in order, until cancel is
// called. f may call the server, but must be quick: it holds up whoever caused the event.
func (s *Server) Subscribe(f func(TraceEvent)) (cancel func()) { return s.trace.subscribe(f) }

// tracer hands events to subscribers, outside the server's lock and in order.
type tracer struct {
	mu       sync.Mutex
	queue    []TraceEvent
	flushing bool
	next     int
	subs     map[int]func(TraceEvent)
}

func (t *tracer) subscribe(f func(TraceEvent)) func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.subs == nil {
		t.subs = map[int]func(TraceEvent){}
	}
	id := t.next
	t.next++
	t.subs[id] = f
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.subs, id)
	}
}

func (t *tracer) add(e TraceEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.subs) > 0 {
		t.queue = append(t.queue, e)
	}
}

// flush hands out what is queued, unless somebody is at it already.
func (t *tracer) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.flushing {
		return
	}
	t.flushing = true
	for len(t.queue) > 0 {
		e := t.queue[0]
		t.queue = t.queue[1:]
		subs := slices.Collect(maps.Values(t.subs))
		t.mu.Unlock()
		for _, f := range subs {
			f(e)
		}
		t.mu.Lock()
	}
	t.flushing = false
}

// recordCall notes a call. The state is locked.
func (s *Server) recordCall(route endpoint, path string, c *call, fault *apiError, status int) {
	record := Call{Path: path, Status: status, Unknown: c.unknown, At: c.now}
	if fault != nil {
		record.ErrCode, record.ErrMsg = fault.code, fault.msg
	}
	if c.app != nil {
		record.AgentID = c.app.AgentID
	}
	if !route.upload {
		record.Body = string(c.body[:min(len(c.body), keepBody)])
	}
	s.records.call(record)
	s.trace.add(TraceEvent{
		At: c.now, Kind: TraceCall, AgentID: record.AgentID, Name: path, ErrCode: record.ErrCode, Status: status,
	})
}

// recordAttempt notes one attempt of a callback. The state is locked.
func (s *Server) recordAttempt(d *delivery, status int, err error) {
	d.pass()
	d.Attempts++
	d.Status, d.Err = status, ""
	if err != nil {
		d.Err = err.Error()
	}
	s.records.counts.Attempts++
	s.traceDelivery(d)
}

func (s *Server) traceDelivery(d *delivery) {
	s.trace.add(TraceEvent{
		At: s.clock(), Kind: TraceCallback, AgentID: d.AgentID, UserID: d.UserID, Name: d.Kind, MsgID: d.MsgID,
		Status: d.Status, Attempt: d.Attempts, State: d.State,
	})
}

func (s *Server) traceBubble(agentID int64, id string, b Bubble) {
	s.trace.add(TraceEvent{
		At: s.clock(), Kind: TraceBubble, AgentID: agentID, UserID: id, Name: b.Type, MsgID: b.MsgID,
	})
}
