package redisstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func mustBeActive(t testing.TB, b bench, want ...string) {
	t.Helper()
	got, err := b.Active(t.Context(), 7, []string{"chen", "lin", "wang"})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("active (-want +got), %v:\n%s", err, diff)
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			other := b.beside(t)
			mustBeActive(t, b)
			for _, seat := range []string{"lin", "chen"} {
				if err := b.NoteActive(t.Context(), 7, seat); err != nil {
					t.Fatal(err)
				}
			}
			mustBeActive(t, other, "chen", "lin")
			b.clock.add(time.Minute)
			if err := other.NoteActive(t.Context(), 7, "lin"); err != nil {
				t.Fatal(err)
			}
			b.clock.add(time.Minute)
			mustBeActive(t, b, "lin")
			b.clock.add(time.Minute)
			mustBeActive(t, b)
			if got, err := b.Active(t.Context(), 8, []string{"lin"}); len(got) != 0 || err != nil {
				t.Errorf("at another account: %v, %v", got, err)
			}
			if got, err := b.Active(t.Context(), 7, nil); len(got) != 0 || err != nil {
				t.Errorf("of nobody: %v, %v", got, err)
			}
			if ttl := b.Client().PTTL(t.Context(), b.config.Prefix+":{acct:7}:seat:desk").Val(); ttl <= 0 {
				t.Error("the presence stays for ever")
			}
		})
	}
}

// Without Redis nobody can say who is there.
func TestPresenceWithoutRedis(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	b := newBench(t, server.url())
	if err := b.NoteActive(t.Context(), 7, "lin"); err != nil {
		t.Fatal(err)
	}
	server.kill(t)
	if err := b.NoteActive(t.Context(), 7, "lin"); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("NoteActive = %v, want unavailable", err)
	}
	if got, err := b.Active(t.Context(), 7, []string{"lin"}); !errors.Is(err, model.ErrUnavailable) || got != nil {
		t.Errorf("Active = %v, %v, want unavailable", got, err)
	}
}
