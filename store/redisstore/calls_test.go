package redisstore_test

import (
	"testing"
	"time"
)

// Half of a minute's calls may be made at once, by all replicas together; each token has its own.
func TestTakeCall(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newBench(t, url(t))
			b := a.beside(t)
			for i, s := range []bench{a, b, a, b, a, b} {
				if got, err := s.TakeCall(t.Context(), 7, 12); err != nil || !got.Allowed || got.Remaining != 5-i {
					t.Fatalf("call %d: %+v, %v", i, got, err)
				}
			}
			got, err := a.TakeCall(t.Context(), 7, 12)
			if err != nil || got.Allowed || got.Remaining != 0 || got.Limit != 6 || got.Retry <= 0 || got.Retry > 5*time.Second {
				t.Errorf("one too many: %+v, %v", got, err)
			}
			if got, err := b.TakeCall(t.Context(), 8, 12); err != nil || !got.Allowed || got.Remaining != 5 {
				t.Errorf("another token: %+v, %v", got, err)
			}
		})
	}
}

// Without Redis nobody counts for all.
func TestTakeCall_without_redis(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	b := newBench(t, server.url())
	server.kill(t)
	if got, err := b.TakeCall(t.Context(), 7, 12); err == nil {
		t.Errorf("%+v and no error", got)
	}
}
