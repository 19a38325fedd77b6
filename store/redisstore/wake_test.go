package redisstore_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"deskmate/model"
)

// drain reads the two wakes that every new subscription begins with, so that what comes
// afterwards was caused by the test.
func drain(t testing.TB, b bench) {
	t.Helper()
	got := map[model.LaneKind]bool{}
	for !got[model.LaneIn] || !got[model.LaneOut] {
		got[receive(t, b)] = true
	}
}

func TestWake(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			other := b.beside(t)
			b.run(t)
			other.run(t)
			drain(t, b)
			drain(t, other)
			for range 20 {
				for _, kind := range []model.LaneKind{model.LaneIn, model.LaneOut} {
					b.Wake(t.Context(), kind)
					for name, woken := range map[string]bench{"own": b, "other": other} {
						if got := receive(t, woken); got != kind {
							t.Fatalf("%s process was woken for %q, want %q", name, got, kind)
						}
					}
				}
			}
		})
	}
}

func TestWakeBothKindsAtOnce(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			other := b.beside(t)
			other.run(t)
			drain(t, other)
			b.Wake(t.Context(), model.LaneOut, model.LaneIn)
			drain(t, other)
		})
	}
}

// Hints pile up without being read: nothing stands still, and they are one a kind.
func TestWakeIsNotHeldUpByItsReader(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			other := b.beside(t)
			other.run(t)
			b.run(t)
			drain(t, other)
			for range 500 {
				b.Wake(t.Context(), model.LaneIn)
			}
			mustSetToken(t, b, "the server still works", patience)
			mustHaveToken(t, other, "k", "the server still works")
			b.Wake(t.Context(), model.LaneOut)
			eventually(t, "the arrival of all hints", func() bool { return other.WaitingWakes() == 2 })
			wakes := 0
			for receive(t, other) != model.LaneOut {
				wakes++
			}
			// One stood ready for the reader, one behind it; or the first had not got that far.
			if wakes < 1 || wakes > 2 {
				t.Errorf("500 hints were read as %d, want 1 or 2", wakes)
			}
		})
	}
}

func TestWakeIgnoresStrangers(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			b.run(t)
			drain(t, b)
			for _, message := range []string{"", " ", "x", "x sideways", "x sideways out"} {
				if err := b.Client().Publish(t.Context(), b.config.Prefix+":wake", message).Err(); err != nil {
					t.Fatal(err)
				}
			}
			if got := receive(t, b); got != model.LaneOut {
				t.Errorf("woken for %q, want out", got)
			}
			b.Wake(t.Context())
		})
	}
}

// A silent subscription is asked for a sign of life, and kept if it gives one.
func TestWakeSurvivesSilence(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			other := b.beside(t)
			other.SetQuiet(20 * time.Millisecond)
			other.run(t)
			drain(t, other)
			select {
			case kind := <-other.Wakes(): // every new subscription begins with wakes
				t.Errorf("woken for %q: the subscription was given up", kind)
			case <-time.After(300 * time.Millisecond):
			}
			b.Wake(t.Context(), model.LaneIn)
			if got := receive(t, other); got != model.LaneIn {
				t.Errorf("woken for %q, want in", got)
			}
		})
	}
}

// A subscription whose server hangs is given up, though its connection stands.
func TestWakeGivesUpOnHangingServer(t *testing.T) {
	t.Parallel()
	server, logged := newServer(t), &journal{}
	first := newBench(t, server.url())
	first.config.Log = slog.New(slog.NewTextHandler(logged, nil))
	b := first.beside(t)
	b.SetQuiet(100 * time.Millisecond)
	b.run(t)
	drain(t, b)
	server.freeze(t)
	eventually(t, "the end of the subscription", func() bool { return strings.Contains(logged.String(), "wake subscription broke") })
	server.thaw(t)
	drain(t, b) // of the new one
	first.Wake(t.Context(), model.LaneOut)
	if got := receive(t, b); got != model.LaneOut {
		t.Errorf("woken for %q, want out", got)
	}
}
