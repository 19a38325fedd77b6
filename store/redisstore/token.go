package redisstore

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"deskmate/model"
)

// Token is the access token kept under key, and whether there is one. While Redis is
// away it is what this process last set. The error is that of ctx.
//
// Tokens stand in Redis as they are: they are worth little after two hours, and whoever reads
// Redis could replace them anyway. Keys must not hold a secret.
func (s *Store) Token(ctx context.Context, key string) (string, bool, error) {
	var token string
	err := s.call(ctx, "read token", func(ctx context.Context) (err error) {
		token, err = s.client.Get(ctx, s.keys.token(key)).Result()
		return err
	})
	switch {
	case errors.Is(err, redis.Nil):
		return "", false, nil // what we remember may have been dropped by another replica
	case errors.Is(err, model.ErrUnavailable), err == nil && s.tokens.isDropped(key, token):
		token, ok := s.tokens.get(key, s.now())
		return token, ok, nil
	case err != nil:
		return "", false, err
	}
	return token, true, nil
}

// SetToken keeps a token for ttl; one that has run out already (ttl ≤ 0) is not kept.
// While Redis is away only this process has it. The error is that of ctx.
func (s *Store) SetToken(ctx context.Context, key, token string, ttl time.Duration) error {
	if ttl <= 0 {
		return nil
	}
	s.tokens.set(key, token, s.now().Add(ttl))
	err := s.call(ctx, "keep token", func(ctx context.Context) error {
		return s.client.Set(ctx, s.keys.token(key), token, ttl).Err()
	})
	return unlessAway(err)
}

// DropToken forgets the token under key if it still is this one: another replica may
// have put a fresh one there. The error is that of ctx.
func (s *Store) DropToken(ctx context.Context, key, token string) error {
	s.tokens.drop(key, token)
	err := s.call(ctx, "drop token", func(ctx context.Context) error {
		return s.scripts.dropToken.Run(ctx, s.client, []string{s.keys.token(key)}, token).Err()
	})
	return unlessAway(err)
}

// unlessAway hides that Redis is away, which the log has been told.
func unlessAway(err error) error {
	if errors.Is(err, model.ErrUnavailable) {
		return nil
	}
	return err
}

// dropIfSameLua: KEYS the token; ARGV the token to drop.
const dropIfSameLua = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
`

// tokenMemory is what this process knows of tokens, for when Redis is away. It holds one entry
// a key, of which there are a few an account.
type tokenMemory struct {
	mu      sync.Mutex
	entries map[string]tokenEntry
}

type tokenEntry struct {
	token   string
	until   time.Time
	dropped string // was found bad; Redis may not have taken note
}

func (m *tokenMemory) get(key string, now time.Time) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.entries[key]
	if e.token == "" || !now.Before(e.until) {
		return "", false
	}
	return e.token, true
}

func (m *tokenMemory) set(key, token string, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = map[string]tokenEntry{}
	}
	e := m.entries[key]
	e.token, e.until = token, until
	if e.dropped == token {
		e.dropped = "" // somebody thinks it is good again
	}
	m.entries[key] = e
}

func (m *tokenMemory) drop(key, token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = map[string]tokenEntry{}
	}
	e := m.entries[key]
	if e.token == token {
		e.token = ""
	}
	e.dropped = token
	m.entries[key] = e
}

func (m *tokenMemory) isDropped(key, token string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return token != "" && m.entries[key].dropped == token
}
