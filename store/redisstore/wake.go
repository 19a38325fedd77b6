package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/redis/go-redis/v9"

	"deskmate/model"
)

const (
	// quietBeforePing is how long the subscription may be silent before it is asked for a
	// sign of life, and how long that may take.
	quietBeforePing = 10 * time.Second
	maxReconnect    = 5 * time.Second
)

// Wake tells the workers of every process that lanes of these kinds have work. It is a
// hint: this process gets it for sure, others unless Redis is away, and one that is lost costs
// them one poll.
func (s *Store) Wake(ctx context.Context, kinds ...model.LaneKind) {
	if len(kinds) == 0 {
		return
	}
	s.wakes.add(kinds...)
	words := []string{s.process}
	for _, kind := range kinds {
		words = append(words, string(kind))
	}
	message := strings.Join(words, " ")
	// The log has been told; nothing else can be done about a lost hint.
	_ = s.call(ctx, "wake workers", func(ctx context.Context) error {
		return s.client.Publish(ctx, s.keys.wake(), message).Err()
	})
}

// Wakes delivers the hints, while Run runs. Hints of one kind that come while one waits
// to be read are one; after a hint was read, a later Wake always brings another. There is
// one channel: of several readers one gets a hint.
func (s *Store) Wakes() <-chan model.LaneKind { return s.wakes.out }

// listenForWakes subscribes, and again with growing pauses when that breaks.
func (s *Store) listenForWakes(ctx context.Context) {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 100*time.Millisecond, maxReconnect
	broken := false
	for ctx.Err() == nil {
		err := s.listen(ctx, func() {
			pause.Reset()
			if broken {
				s.health.log.InfoContext(ctx, "wake subscription was made again")
				broken = false
			}
			s.wakes.add(model.LaneIn, model.LaneOut) // what was said meanwhile is lost
		})
		if ctx.Err() != nil {
			return
		}
		if !broken {
			s.health.log.WarnContext(ctx, "wake subscription broke", "err", err)
			broken = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause.NextBackOff()):
		}
	}
}

// listen reads wakes until the subscription breaks or ctx ends; started is called once it stands.
// It never waits for anybody but Redis: a subscriber that stops reading makes a real Redis
// drop it and the embedded one stand still.
func (s *Store) listen(ctx context.Context, started func()) error {
	sub := s.client.Subscribe(ctx, s.keys.wake())
	defer func() { _ = sub.Close() }()
	// An end of ctx does not interrupt a read; closing the connection does.
	defer context.AfterFunc(ctx, func() { _ = sub.Close() })()

	if _, err := sub.ReceiveTimeout(ctx, callTimeout); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	started()
	asked := false
	for {
		message, err := sub.ReceiveTimeout(ctx, s.quiet)
		quiet, ok := errors.AsType[net.Error](err)
		switch {
		case err == nil:
			asked = false
		case !asked && ok && quiet.Timeout():
			asked = true
			if err := sub.Ping(ctx); err != nil {
				return fmt.Errorf("ping: %w", err)
			}
		default:
			return fmt.Errorf("receive: %w", err)
		}
		if m, ok := message.(*redis.Message); ok {
			s.heard(m.Payload)
		}
	}
}

// heard takes a message of Wake, of this or another process.
func (s *Store) heard(message string) {
	words := strings.Fields(message)
	if len(words) == 0 || words[0] == s.process {
		return // our own hints don't take the way through Redis
	}
	for _, word := range words[1:] {
		// A newer version may know other kinds.
		if kind := model.LaneKind(word); kind == model.LaneIn || kind == model.LaneOut || kind == model.LaneGroup {
			s.wakes.add(kind)
		}
		if change, ok := parseChange(word); ok {
			s.changes.add(change)
		}
	}
}

// hints are those that wait to be read, equal ones once.
type hints[T comparable] struct {
	out chan T

	mu      sync.Mutex
	waiting []T
	there   map[T]bool    // those in waiting
	more    chan struct{} // says that waiting grew; holds one
}

// mostHints are how many wait at most; the oldest are forgotten, as hints may be.
const mostHints = 10_000

func newHints[T comparable]() *hints[T] {
	return &hints[T]{out: make(chan T), more: make(chan struct{}, 1), there: map[T]bool{}}
}

// add never blocks.
func (w *hints[T]) add(list ...T) {
	w.mu.Lock()
	for _, hint := range list {
		if !w.there[hint] {
			w.there[hint] = true
			w.waiting = append(w.waiting, hint)
		}
	}
	for len(w.waiting) > mostHints {
		delete(w.there, w.waiting[0])
		w.waiting = w.waiting[1:]
	}
	w.mu.Unlock()
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// deliver hands the hints out until ctx ends.
func (w *hints[T]) deliver(ctx context.Context) {
	for {
		hint, ok := w.first()
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-w.more:
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case w.out <- hint:
		}
	}
}

// first takes the hint that waited longest. It stops counting as waiting before it is read, so
// that one that comes while it is being read is not lost.
func (w *hints[T]) first() (hint T, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		return hint, false
	}
	hint = w.waiting[0]
	w.waiting = w.waiting[1:]
	delete(w.there, hint)
	return hint, true
}
