package redisstore

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// sendMemory is what this process itself sent: the floor below which no count in Redis
// can be right, and all there is to go by while Redis is away.
type sendMemory struct {
	share limits
	last  atomic.Uint64 // the last number given

	mu      sync.Mutex
	sent    map[receiverKey][]send // within the last hour, oldest first
	days    map[uint64]daySent     // by account
	sweptMS int64
}

type receiverKey struct {
	accountID uint64
	receiver  string
}

// send is one message that was counted.
type send struct {
	atMS int64
	no   uint64 // unique in the process
}

type daySent struct {
	day   string
	count int
}

func newSendMemory(share limits) *sendMemory {
	return &sendMemory{share: share, sent: map[receiverKey][]send{}, days: map[uint64]daySent{}}
}

// next is a number for a send.
func (m *sendMemory) next() uint64 { return m.last.Add(1) }

// lastTo is the last send to the receiver, if it was within the last hour.
func (m *sendMemory) lastTo(t taking) (send, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sent := m.recent(t)
	if len(sent) == 0 {
		return send{}, false
	}
	return sent[len(sent)-1], true
}

// to is a copy of what went to the receiver within the last hour, oldest first.
func (m *sendMemory) to(t taking) []send {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.recent(t))
}

// onDay is what the process sent of the account's day.
func (m *sendMemory) onDay(t taking) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dayOf(t)
}

// record counts a send that Redis has counted.
func (m *sendMemory) record(t taking) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(t)
}

// take decides without Redis: 0 and counted, or how long to wait.
func (m *sendMemory) take(t taking) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	sent := m.recent(t)
	wait := max(
		waitFor(sent, m.share.perMinute, time.Minute, t.nowMS),
		waitFor(sent, m.share.perHour, time.Hour, t.nowMS),
	)
	// A share is rounded up: an account with a budget may always send something.
	if t.perDay > 0 && m.dayOf(t) >= (t.perDay+m.share.dayShare-1)/m.share.dayShare {
		wait = max(wait, t.dayLeft)
	}
	if wait == 0 {
		m.add(t)
	}
	return wait
}

// waitFor is how long the window of the last count sends is still closed.
func waitFor(sent []send, count int, span time.Duration, nowMS int64) time.Duration {
	if len(sent) < count {
		return 0
	}
	nth := sent[len(sent)-count]
	return max(0, span-time.Duration(nowMS-nth.atMS)*time.Millisecond)
}

func (m *sendMemory) add(t taking) {
	key := receiverKey{t.accountID, t.receiver}
	m.sent[key] = append(m.recent(t), t.send)
	m.days[t.accountID] = daySent{t.day, m.dayOf(t) + 1}
	m.sweep(t.nowMS)
}

// recent is what went to the receiver within the last hour.
func (m *sendMemory) recent(t taking) []send {
	sent := m.sent[receiverKey{t.accountID, t.receiver}]
	old := 0
	for old < len(sent) && sent[old].atMS <= t.nowMS-time.Hour.Milliseconds() {
		old++
	}
	return sent[old:]
}

func (m *sendMemory) dayOf(t taking) int {
	if d := m.days[t.accountID]; d.day == t.day {
		return d.count
	}
	return 0
}

// sweep forgets, once a minute, the receivers nothing was sent to for an hour.
func (m *sendMemory) sweep(nowMS int64) {
	if nowMS-m.sweptMS < time.Minute.Milliseconds() {
		return
	}
	m.sweptMS = nowMS
	for key, sent := range m.sent {
		if sent[len(sent)-1].atMS <= nowMS-time.Hour.Milliseconds() {
			delete(m.sent, key)
		}
	}
}
