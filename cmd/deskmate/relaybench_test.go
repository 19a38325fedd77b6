package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// BenchmarkRelay drives a whole server on MariaDB and Redis: 200 employees with a seat each
// write, 100 lines a second together, and each line is timed from the callback to the seat's
// phone. WeCom's calls take 20 ms of it.
func BenchmarkRelay(b *testing.B) {
	w := relayWorld(b)
	b.Run("offered=100", func(b *testing.B) {
		for b.Loop() {
			took := w.relay(b, 100, 5*time.Second)
			b.ReportMetric(ms(percentile(took, 50)), "relay-p50-ms")
			b.ReportMetric(ms(percentile(took, 99)), "relay-p99-ms")
		}
	})
}

// relayWorld is a world in which everybody is served.
func relayWorld(b *testing.B) *deskUnderLoad {
	b.Helper()
	d := &deskUnderLoad{acks: &ackTimes{}}
	w, err := newWorldWith(b.TempDir(), nil, append(serverSettings(b), "DESKMATE_LOG_LEVEL=error")...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.close)
	d.world = w
	var seats []string
	for i := range benchSeats {
		seats = append(seats, fmt.Sprintf("seat%03d", i))
		for _, id := range []string{seats[i], benchPerson(i)} {
			if err := w.sim.AddMember(wecomsim.Member{UserID: id, Name: id, Departments: []int64{2}}); err != nil {
				b.Fatal(err)
			}
		}
	}
	w.sim.SetFaults(wecomsim.Faults{Latency: 20 * time.Millisecond})
	path, err := w.accountFile("seats: [" + strings.Join(seats, ", ") + "]\nassignment: {capacity: 1}\n")
	if err != nil {
		b.Fatal(err)
	}
	if code := w.program(os.Stderr).run(b.Context(), []string{"account", "apply", "-f", path}); code != exitDone {
		b.Fatalf("account apply: exit %d", code)
	}
	if err := w.serve("a"); err != nil {
		b.Fatal(err)
	}
	for i := range benchSeats {
		w.sim.Say(scriptAgent, benchPerson(i), "人工")
	}
	if err := w.settleWithin(2 * time.Minute); err != nil {
		b.Fatal(err)
	}
	return d
}

// relay lets employees write rate lines a second, and gives how long each took to its seat.
func (d *deskUnderLoad) relay(b *testing.B, rate int, during time.Duration) []time.Duration {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), during+time.Minute)
	defer cancel()
	store, acc, err := d.database(ctx)
	if err != nil {
		b.Fatal(err)
	}
	serves := make([]string, benchSeats)
	for i := range serves {
		s, err := store.OpenSession(ctx, acc.ID, benchPerson(i))
		if err != nil || s.State != model.StateServing {
			b.Fatalf("%s is not served: %+v, %v", benchPerson(i), s.State, err)
		}
		serves[i] = s.Seat
	}
	var mu sync.Mutex
	var taken []time.Duration
	var wg sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for range int(during.Seconds() * float64(rate)) {
		<-tick.C
		n := int(d.asks.Add(1))
		wg.Go(func() {
			text := fmt.Sprintf("第%d行", n)
			start := time.Now()
			d.sim.Say(scriptAgent, benchPerson(n%benchSeats), text)
			_, _, err := d.sim.Wait(ctx, scriptAgent, serves[n%benchSeats], 0, func(b wecomsim.Bubble) bool {
				return strings.Contains(b.Text, text)
			})
			if err != nil {
				b.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			taken = append(taken, time.Since(start))
		})
	}
	wg.Wait()
	return taken
}
