package redisstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"deskmate/model"
	"deskmate/store/redisstore"
)

func TestOpenRefusesBadURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://:hunter2@host", "redis://:hunter2@host/x", "redis://:hunter2@ho st", "localhost:6379"} {
		_, err := redisstore.Open(t.Context(), redisstore.Config{URL: url})
		if model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("Open(%q) = %v, want invalid", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open(%q): the error shows the password: %v", url, err)
		}
	}
}

func TestOpenWithoutRedis(t *testing.T) {
	t.Parallel()
	s, err := redisstore.Open(t.Context(), redisstore.Config{URL: "redis://127.0.0.1:1/0"})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer s.Close()
	if s.Embedded() {
		t.Error("Embedded() = true with a URL")
	}
	if err := s.Ping(t.Context()); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("Ping = %v, want unavailable", err)
	}
}

func TestOpenGivesUpWithItsCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := redisstore.Open(ctx, redisstore.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v, want canceled", err)
	}
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	s, err := redisstore.Open(t.Context(), redisstore.Config{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer s.Close()
	if !s.Embedded() {
		t.Error("Embedded() = false without a URL")
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping = %v", err)
	}
}

// An ended ctx is the caller's doing and must not make Redis count as away.
func TestCanceledCallIsNotAnOutage(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := b.Loads(ctx, 1); !errors.Is(err, context.Canceled) || errors.Is(err, model.ErrUnavailable) {
				t.Errorf("Loads with an ended ctx = %v, want canceled", err)
			}
			if _, err := b.Loads(t.Context(), 1); err != nil {
				t.Errorf("Loads after it = %v", err)
			}
		})
	}
}

// Every key of an account stands in one slot of a cluster, and no key holds a token.
func TestKeys(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			ctx := t.Context()
			for range 2 {
				if _, err := b.Reserve(ctx, 42, []model.Candidate{{UserID: "a"}, {UserID: "b"}}, "", model.Assignment{BusyGap: 5}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.Take(ctx, 42, "a", 10); err != nil {
				t.Fatal(err)
			}
			if err := b.SetToken(ctx, "corp/1", "hush", patience); err != nil {
				t.Fatal(err)
			}
			found, err := b.Client().Keys(ctx, b.config.Prefix+":*").Result()
			if err != nil {
				t.Fatal(err)
			}
			if len(found) != 6 {
				t.Errorf("keys = %q, want 6", found)
			}
			for _, key := range found {
				if strings.Contains(key, "hush") {
					t.Errorf("key %q holds the token", key)
				}
				if !strings.HasPrefix(key, b.config.Prefix+":{acct:42}:") && key != b.config.Prefix+":token:corp/1" {
					t.Errorf("key %q is not of the account", key)
				}
				if ttl := b.Client().PTTL(ctx, key).Val(); ttl <= 0 {
					t.Errorf("key %q stays for ever", key)
				}
			}
		})
	}
}
