package redisstore_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// takeAll takes until there is a wait, which it returns with the number taken.
func takeAll(t testing.TB, b bench, accountID uint64, receiver string, perDay int) (int, time.Duration) {
	t.Helper()
	for n := range 10_000 {
		if wait := mustTake(t, b, accountID, receiver, perDay); wait > 0 {
			return n, wait
		}
	}
	t.Fatal("no limit in 10,000 sends")
	return 0, 0
}

func mustTake(t testing.TB, b bench, accountID uint64, receiver string, perDay int) time.Duration {
	t.Helper()
	wait, err := b.Take(t.Context(), accountID, receiver, perDay)
	if err != nil {
		t.Fatalf("Take: %v", err)
	}
	return wait
}

// mustTakeExactly expects so many sends and then that wait.
func mustTakeExactly(t testing.TB, b bench, accountID uint64, receiver string, perDay, want int, wantWait time.Duration) {
	t.Helper()
	if n, wait := takeAll(t, b, accountID, receiver, perDay); n != want || wait != wantWait {
		t.Errorf("took %d and then had to wait %v, want %d and %v", n, wait, want, wantWait)
	}
}

func TestTakeByMinute(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			for range 10 {
				mustTake(t, b, 1, "lin", 0)
			}
			b.clock.add(20 * time.Second)
			mustTakeExactly(t, b, 1, "lin", 0, 15, 40*time.Second)
			mustTakeExactly(t, b, 1, "LIN ", 0, 0, 40*time.Second) // the same person
			mustTakeExactly(t, b, 1, "chen", 0, 25, 60*time.Second)
			mustTakeExactly(t, b, 2, "lin", 0, 25, 60*time.Second)
			b.clock.add(40*time.Second - time.Millisecond)
			mustTakeExactly(t, b, 1, "lin", 0, 0, time.Millisecond)
			b.clock.add(time.Millisecond)
			mustTakeExactly(t, b, 1, "lin", 0, 10, 20*time.Second)
		})
	}
}

func TestTakeByHour(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			for range 36 {
				for range 25 {
					if wait := mustTake(t, b, 1, "lin", 0); wait != 0 {
						t.Fatalf("had to wait %v", wait)
					}
				}
				b.clock.add(time.Minute)
			}
			mustTakeExactly(t, b, 1, "lin", 0, 0, 24*time.Minute)
			b.clock.add(24 * time.Minute)
			mustTakeExactly(t, b, 1, "lin", 0, 25, time.Minute)
		})
	}
}

func TestTakeByDay(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("CST", 8*60*60)
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := newBench(t, url(t))
			first.config.Location = shanghai
			b := first.beside(t)
			other := b.beside(t)
			b.clock.set(time.Date(2026, 5, 11, 23, 59, 0, 0, shanghai))
			mustTakeExactly(t, b, 1, "lin", 7, 7, time.Minute)
			mustTakeExactly(t, other, 1, "chen", 7, 0, time.Minute) // the account's, not the receiver's
			mustTakeExactly(t, other, 1, "chen", 9, 2, time.Minute)
			mustTakeExactly(t, other, 2, "chen", 7, 7, time.Minute)
			b.clock.add(time.Minute)
			mustTakeExactly(t, b, 1, "lin", 7, 7, 24*time.Hour)
		})
	}
}

func TestTakeTogether(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			benches := []bench{b, b.beside(t), b.beside(t)}
			var taken atomic.Int64
			var done sync.WaitGroup
			for i := range 60 {
				done.Go(func() {
					wait, err := benches[i%len(benches)].Take(t.Context(), 1, "lin", 1000)
					if err != nil {
						t.Errorf("Take: %v", err)
					}
					if wait == 0 {
						taken.Add(1)
					}
				})
			}
			done.Wait()
			if taken.Load() != 25 {
				t.Errorf("three processes sent %d in a minute, want 25", taken.Load())
			}
		})
	}
}

// An emptied Redis learns again from the processes what they sent.
func TestTakeAfterEmptying(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			other := b.beside(t)
			for range 10 {
				mustTake(t, b, 1, "lin", 100)
				mustTake(t, other, 1, "lin", 100)
			}
			b.empty(t)
			b.clock.add(time.Second)
			if mustTake(t, other, 1, "lin", 100) != 0 {
				t.Error("the other process had to wait")
			}
			mustTakeExactly(t, b, 1, "lin", 100, 4, 59*time.Second)
			mustTakeExactly(t, b, 1, "chen", 28, 3, 14*time.Hour-time.Second)
		})
	}
}

// Sends of long ago are not told again.
func TestTakeForgetsInTime(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			mustTakeExactly(t, b, 1, "lin", 0, 25, time.Minute)
			b.clock.add(time.Hour)
			b.empty(t)
			mustTakeExactly(t, b, 1, "lin", 0, 25, time.Minute)
			mustTakeExactly(t, b, 1, "chen", 0, 25, time.Minute)
		})
	}
}

func TestUsed(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			for _, receiver := range []string{"lin", "lin", "chen"} {
				mustTake(t, b, 1, receiver, 0)
			}
			for account, want := range map[uint64]int{1: 3, 2: 0} {
				if n, err := b.Used(t.Context(), account); n != want || err != nil {
					t.Errorf("account %d has used %d, %v, want %d", account, n, err, want)
				}
			}
			b.clock.add(24 * time.Hour)
			if n, err := b.Used(t.Context(), 1); n != 0 || err != nil {
				t.Errorf("the next day: %d, %v", n, err)
			}
		})
	}
}
