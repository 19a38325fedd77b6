package wecom

import (
	"context"
	"sync"
	"time"
)

// memoryTokens keeps tokens in this process.
type memoryTokens struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]memoryToken
}

type memoryToken struct {
	token string
	until time.Time
}

func (m *memoryTokens) Token(_ context.Context, key string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held, ok := m.kept[key]
	if !ok || !m.now().Before(held.until) {
		return "", false, nil
	}
	return held.token, true, nil
}

func (m *memoryTokens) SetToken(_ context.Context, key, token string, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[key] = memoryToken{token: token, until: m.now().Add(ttl)}
	return nil
}

func (m *memoryTokens) DropToken(_ context.Context, key, token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept[key].token == token {
		delete(m.kept, key)
	}
	return nil
}
