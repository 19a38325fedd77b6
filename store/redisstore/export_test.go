package redisstore

import (
	"context"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// Client is the connection, for tests that look behind the store or break things.
func (s *Store) Client() *redis.Client { return s.client }

// OpenBeside makes a store like one of another process, on the embedded server of first.
func OpenBeside(first *Store, cfg Config) *Store {
	s := newStore(cfg)
	options := &redis.Options{
		Addr:   "embedded",
		Dialer: func(context.Context, string, string) (net.Conn, error) { return first.embedded.Dial() },
	}
	setLimits(options)
	s.client = redis.NewClient(options)
	return s
}

// SetQuiet changes how long a silent subscription is trusted. Call it before Run.
func (s *Store) SetQuiet(d time.Duration) { s.quiet = d }

// WaitingWakes is how many hints wait behind the one that is being handed out.
func (s *Store) WaitingWakes() int {
	s.wakes.mu.Lock()
	defer s.wakes.mu.Unlock()
	return len(s.wakes.waiting)
}
