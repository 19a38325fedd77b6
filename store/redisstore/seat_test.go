package redisstore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/seat"
	"deskmate/model"
)

func TestReserve(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			c := func(userID string, limit, load int) model.Candidate {
				return model.Candidate{UserID: userID, Limit: limit, Load: load}
			}
			steps := []struct {
				name     string
				cands    []model.Candidate
				previous string
				prefer   bool
				want     model.Pick
			}{
				{name: "nobody", want: model.Pick{Why: model.PickNone}},
				{name: "least_busy", cands: []model.Candidate{c("a", 0, 2), c("b", 0, 1)}, want: model.Pick{Seat: "b", Why: model.PickLeastBusy}},
				{name: "tie_to_the_never_assigned", cands: []model.Candidate{c("a", 0, 2), c("b", 0, 1)}, want: model.Pick{Seat: "a", Why: model.PickTie}},
				{name: "counts_by_itself", cands: []model.Candidate{c("a", 0, 0), c("b", 0, 0)}, want: model.Pick{Seat: "b", Why: model.PickLeastBusy}},
				{name: "previous", cands: []model.Candidate{c("a", 0, 0), c("c", 0, 0)}, previous: "a", prefer: true, want: model.Pick{Seat: "a", Why: model.PickPrevious}},
				{name: "previous_unasked", cands: []model.Candidate{c("a", 0, 0), c("c", 0, 0)}, previous: "a", want: model.Pick{Seat: "c", Why: model.PickLeastBusy}},
				{name: "previous_full", cands: []model.Candidate{c("a", 4, 0), c("c", 0, 0)}, previous: "a", prefer: true, want: model.Pick{Seat: "c", Why: model.PickLeastBusy}},
				{name: "previous_busy", cands: []model.Candidate{c("a", 0, 0), c("d", 0, 0)}, previous: "a", prefer: true, want: model.Pick{Seat: "d", Why: model.PickLeastBusy}},
				{name: "all_full", cands: []model.Candidate{c("a", 4, 0), c("b", 3, 0)}, want: model.Pick{Why: model.PickNone}},
				{name: "believes_sql_if_that_is_more", cands: []model.Candidate{c("c", 5, 5)}, want: model.Pick{Why: model.PickNone}},
			}
			for _, s := range steps {
				got, err := b.Reserve(t.Context(), 1, s.cands, s.previous, model.Assignment{PreferPrevious: s.prefer, BusyGap: 4})
				if err != nil {
					t.Fatalf("%s: %v", s.name, err)
				}
				if diff := cmp.Diff(s.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", s.name, diff)
				}
			}
			mustHaveLoads(t, b, 1, map[string]int{"a": 4, "b": 3, "c": 2, "d": 1})
			mustHaveLoads(t, b, 2, map[string]int{})
		})
	}
}

func TestLoads(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			ctx := t.Context()
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(b.SetLoads(ctx, 1, map[string]int{"a": 2, "b": 0, "gone": 9}))
			must(b.SetLoads(ctx, 1, map[string]int{"a": 2, "b": 0}))
			must(b.SetLoads(ctx, 2, map[string]int{"a": 5}))
			for range 3 {
				must(b.Release(ctx, 1, "a"))
				must(b.Release(ctx, 1, "b"))
				must(b.Release(ctx, 1, "unknown"))
			}
			mustHaveLoads(t, b, 1, map[string]int{"a": 0, "b": 0})
			mustHaveLoads(t, b, 2, map[string]int{"a": 5})
			must(b.SetLoads(ctx, 2, nil))
			mustHaveLoads(t, b, 2, map[string]int{})

			many, cands := map[string]int{}, []model.Candidate(nil)
			for i := range 200 {
				many[fmt.Sprintf("u%d", i)] = 3
				cands = append(cands, model.Candidate{UserID: fmt.Sprintf("u%d", i)})
			}
			must(b.SetLoads(ctx, 3, many))
			pick, err := b.Reserve(ctx, 3, cands, "", model.Assignment{BusyGap: 5})
			must(err)
			many[pick.Seat]++
			mustHaveLoads(t, b, 3, many)
		})
	}
}

// An emptied Redis begins with what SQL says, not with nothing.
func TestReserveAfterEmptying(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			ctx := t.Context()
			cands := []model.Candidate{{UserID: "a", Limit: 3, Load: 0}, {UserID: "b", Limit: 3, Load: 0}}
			for i := range 6 {
				pick, err := b.Reserve(ctx, 1, cands, "", model.Assignment{BusyGap: 5})
				if err != nil || pick.Seat == "" {
					t.Fatalf("Reserve %d = %+v, %v", i, pick, err)
				}
			}
			b.empty(t)
			if err := b.Release(ctx, 1, "a"); err != nil {
				t.Fatal(err)
			}
			mustHaveLoads(t, b, 1, map[string]int{}) // a release alone must not make a a free seat
			cands[0].Load, cands[1].Load = 2, 3
			for i, want := range []model.Pick{{Seat: "a", Why: model.PickLeastBusy}, {Why: model.PickNone}} {
				if pick, err := b.Reserve(ctx, 1, cands, "", model.Assignment{BusyGap: 5}); err != nil || pick != want {
					t.Errorf("Reserve %d after emptying = %+v, %v; want %+v", i, pick, err, want)
				}
			}
		})
	}
}

func mustHaveLoads(t testing.TB, b bench, accountID uint64, want map[string]int) {
	t.Helper()
	got, err := b.Loads(t.Context(), accountID)
	if err != nil {
		t.Fatalf("Loads: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Loads (-want +got):\n%s", diff)
	}
}

func TestReserveTogether(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			benches := []bench{b, b.beside(t)}
			reserve := func(accountID uint64, cands []model.Candidate) map[string]int {
				var mu sync.Mutex
				var done sync.WaitGroup
				counts := map[string]int{}
				for i := range 50 {
					done.Go(func() {
						mine := slices.Clone(cands)
						rand.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
						pick, err := benches[i%2].Reserve(t.Context(), accountID, mine, "", model.Assignment{BusyGap: 5})
						if err != nil {
							t.Errorf("Reserve: %v", err)
						}
						mu.Lock()
						defer mu.Unlock()
						counts[pick.Seat]++
					})
				}
				done.Wait()
				return counts
			}
			var limited, free []model.Candidate
			for _, userID := range []string{"a", "b", "c", "d", "e"} {
				limited = append(limited, model.Candidate{UserID: userID, Limit: 8, Load: 1})
				free = append(free, model.Candidate{UserID: userID})
			}
			if diff := cmp.Diff(map[string]int{"a": 7, "b": 7, "c": 7, "d": 7, "e": 7, "": 15}, reserve(1, limited)); diff != "" {
				t.Errorf("with limits (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]int{"a": 10, "b": 10, "c": 10, "d": 10, "e": 10}, reserve(2, free)); diff != "" {
				t.Errorf("without limits (-want +got):\n%s", diff)
			}
		})
	}
}

// The script and bot/seat decide alike, whatever comes: random rosters with loads and
// times that Redis knows better or worse than SQL.
func TestReserveIsChoose(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			rnd := rand.New(rand.NewPCG(5, 6))
			const accounts, rounds = 60, 60
			for account := range uint64(accounts) {
				mirror := roster{loads: map[string]int{}, lasts: map[string]int64{}}
				for round := range rounds {
					b.clock.ms.Add(rnd.Int64N(3))
					req := mirror.request(rnd, b.clock.ms.Load())
					got, err := b.Reserve(t.Context(), account, req.Candidates, req.Previous,
						model.Assignment{PreferPrevious: req.PreferPrevious, BusyGap: req.Gap})
					if err != nil {
						t.Fatalf("Reserve: %v", err)
					}
					want := mirror.choose(req, b.clock.ms.Load())
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("account %d, round %d, %+v, counted %+v (-want +got):\n%s", account, round, req, mirror, diff)
					}
					if userID := fmt.Sprintf("u%d", rnd.IntN(9)); rnd.IntN(2) == 0 {
						mirror.release(userID)
						if err := b.Release(t.Context(), account, userID); err != nil {
							t.Fatalf("Release: %v", err)
						}
					}
				}
				mustHaveLoads(t, b, account, mirror.loads)
			}
		})
	}
}

// roster is what Redis must know of an account.
type roster struct {
	loads map[string]int
	lasts map[string]int64
	turn  uint64
}

func (r *roster) request(rnd *rand.Rand, nowMS int64) seat.Request {
	req := seat.Request{Gap: rnd.IntN(6), PreferPrevious: rnd.IntN(2) == 0}
	for i := range 9 {
		if rnd.IntN(3) == 0 {
			continue // away
		}
		c := model.Candidate{UserID: fmt.Sprintf("u%d", i), Limit: rnd.IntN(4) * 2, Load: rnd.IntN(4), Priority: max(0, rnd.IntN(5)-2)}
		if rnd.IntN(3) == 0 {
			c.LastAssignedMS = nowMS - rnd.Int64N(4)
		}
		req.Candidates = append(req.Candidates, c)
	}
	rnd.Shuffle(len(req.Candidates), func(i, j int) {
		req.Candidates[i], req.Candidates[j] = req.Candidates[j], req.Candidates[i]
	})
	if rnd.IntN(3) > 0 {
		req.Previous = fmt.Sprintf("u%d", rnd.IntN(10))
	}
	return req
}

// choose asks bot/seat about what is known, and takes note of the answer.
func (r *roster) choose(req seat.Request, nowMS int64) model.Pick {
	req.Candidates, req.Turn = slices.Clone(req.Candidates), r.turn
	counted, newest := map[string]int{}, nowMS-1
	for i, c := range req.Candidates {
		counted[c.UserID] = c.Load
		if load, ok := r.loads[c.UserID]; ok {
			counted[c.UserID] = load
		}
		req.Candidates[i].Load = max(c.Load, r.loads[c.UserID])
		req.Candidates[i].LastAssignedMS = max(c.LastAssignedMS, r.lasts[c.UserID])
		newest = max(newest, req.Candidates[i].LastAssignedMS)
	}
	p := seat.Choose(req)
	if p.Seat != "" {
		r.loads[p.Seat] = counted[p.Seat] + 1
		r.lasts[p.Seat] = newest + 1
	}
	if p.Why == model.PickTie {
		r.turn++
	}
	return p
}

func (r *roster) release(userID string) {
	if r.loads[userID] > 0 {
		r.loads[userID]--
	}
}

func BenchmarkReserve(b *testing.B) {
	var cands []model.Candidate
	for i := range 200 {
		cands = append(cands, model.Candidate{UserID: fmt.Sprintf("u%d", i)})
	}
	for name, url := range servers() {
		b.Run(name+"/seats=200", func(b *testing.B) {
			store := newBench(b, url(b))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := store.Reserve(b.Context(), 1, cands, "", model.Assignment{BusyGap: 5}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
