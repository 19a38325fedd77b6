package knowledge

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"deskmate/model"
)

const (
	settle    = 2 * time.Second  // training waits this long for the next edit
	settleMax = 10 * time.Second // and begins then, even if edits go on
	restMax   = 30 * time.Second // between the beginnings of two trainings of an account, unless they take longer
	retake    = 5 * time.Second  // after which is looked again whether another replica has finished
	relearn   = 24 * time.Hour   // after which an encoder learns what people said meanwhile
)

// schedule says which accounts are to be trained, and when.
type schedule struct {
	wake signal

	mu    sync.Mutex
	plans map[uint64]*plan
}

// plan is what is known of an account's training.
type plan struct {
	version uint64    // of the entries, as last seen
	moved   time.Time // when that was first seen
	since   time.Time // when the encoder was first seen behind; zero: it is not
	asked   bool      // in use here: it goes first
	after   time.Time // not before then
	retry   pause
	number  uint64 // of the encoder that is stored, as last seen
	own     uint64 // number of the last one trained here
	barren  uint64 // version of the entries that are too few
	forced  bool   // the encoder is of no use
}

func newSchedule() *schedule {
	return &schedule{wake: newSignal(), plans: map[uint64]*plan{}}
}

// see takes note of what is stored, and wakes the trainer if there is something to do.
// asked gives the time at which an account was last asked here; zero: it is not in use.
func (s *schedule) see(now time.Time, versions map[uint64]uint64, states map[uint64]model.EncoderState, asked func(uint64) time.Time) {
	s.mu.Lock()
	for id := range s.plans {
		if _, ok := versions[id]; !ok {
			delete(s.plans, id)
		}
	}
	for id, version := range versions {
		p := s.plan(id)
		if p.version != version {
			p.version, p.moved = version, now
		}
		state := states[id]
		if p.number > 0 && p.number != state.Seq && state.Seq > p.own { // another replica trains, and goes on if it can
			p.after = now.Add(settleMax)
		}
		p.number = state.Seq
		last := asked(id)
		p.asked = !last.IsZero()
		old := state.Seq > 0 && last.After(time.UnixMilli(state.TrainedMS).Add(relearn))
		switch behind := p.forced || (old || state.Version != version) && version != p.barren; {
		case !behind:
			p.since = time.Time{}
		case p.since.IsZero():
			p.since = now
		}
	}
	s.mu.Unlock()
	if _, ok := s.due(now); ok {
		s.wake.raise()
	}
}

func (s *schedule) plan(id uint64) *plan {
	p, ok := s.plans[id]
	if !ok {
		p = &plan{}
		s.plans[id] = p
	}
	return p
}

// due is the account to train now: of those whose time has come, the one in use that has
// waited longest.
func (s *schedule) due(now time.Time) (id uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var first *plan
	for other, p := range s.plans {
		if p.ready(now) && (first == nil || p.before(first) || !first.before(p) && other < id) {
			id, first = other, p
		}
	}
	return id, first != nil
}

func (p *plan) before(o *plan) bool {
	if p.asked != o.asked {
		return p.asked
	}
	return p.since.Before(o.since)
}

func (p *plan) ready(now time.Time) bool {
	settled := now.Sub(p.moved) >= settle || now.Sub(p.since) >= settleMax
	return !p.since.IsZero() && settled && !now.Before(p.after) && !now.Before(p.retry.until)
}

// note changes the plan of an account.
func (s *schedule) note(id uint64, what func(*plan)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what(s.plan(id))
}

// number is the encoder that the plan of an account was made on.
func (s *schedule) number(id uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plan(id).number
}

// pause is how long something that fails is left alone. Its zero value waits for nothing.
type pause struct {
	failures int
	until    time.Time
}

const (
	pauseFirst = 2 * time.Second
	pauseMost  = 5 * time.Minute
)

// fail makes the pause longer than the one before and says how long it is.
func (p *pause) fail(now time.Time) time.Duration {
	wait := min(pauseFirst<<min(p.failures, 10), pauseMost)
	wait += rand.N(wait / 4) //nolint:gosec // spreads retries, guards nothing
	p.failures++
	p.until = now.Add(wait)
	return wait
}

// safely does work that reads what strangers wrote: a panic becomes an error.
func safely(work func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return work()
}
