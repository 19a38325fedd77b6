package seat_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/seat"
	"deskmate/model"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	c := func(userID string, limit, load int, lastMS int64) model.Candidate {
		return model.Candidate{UserID: userID, Limit: limit, Load: load, LastAssignedMS: lastMS}
	}
	tests := []struct {
		name string
		req  seat.Request
		want model.Pick
	}{
		{
			name: "priority_before_load",
			req: seat.Request{Gap: 5, Candidates: []model.Candidate{
				c("a", 0, 0, 0), {UserID: "b", Load: 4, Priority: 1}, {UserID: "c", Limit: 3, Load: 3, Priority: 2},
			}},
			want: model.Pick{Seat: "b", Why: model.PickLeastBusy},
		},
		{
			name: "busy_ones_of_high_priority_yield",
			req:  seat.Request{Gap: 5, Candidates: []model.Candidate{c("a", 0, 0, 0), {UserID: "b", Load: 5, Priority: 1}}},
			want: model.Pick{Seat: "a", Why: model.PickLeastBusy},
		},
		{
			name: "a_limit_is_all_there_is_to_say",
			req: seat.Request{Gap: 5, Candidates: []model.Candidate{
				c("a", 0, 0, 0), {UserID: "b", Limit: 20, Load: 19, Priority: 1}, {UserID: "d", Load: 9, Priority: 1},
			}},
			want: model.Pick{Seat: "b", Why: model.PickLeastBusy},
		},
		{
			name: "previous_before_priority",
			req: seat.Request{
				Gap: 5, PreferPrevious: true, Previous: "a",
				Candidates: []model.Candidate{c("a", 0, 2, 0), {UserID: "b", Priority: 9}},
			},
			want: model.Pick{Seat: "a", Why: model.PickPrevious},
		},
		{name: "nobody_there", want: model.Pick{Why: model.PickNone}},
		{
			name: "everybody_full",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 1, 1, 0), c("b", 2, 5, 0)}, Previous: "a", PreferPrevious: true},
			want: model.Pick{Why: model.PickNone},
		},
		{
			name: "lowest_load",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 3, 1), c("b", 0, 1, 9), c("c", 0, 2, 0)}},
			want: model.Pick{Seat: "b", Why: model.PickLeastBusy},
		},
		{
			name: "skips_full_seats",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 1, 1, 0), c("b", 0, 4, 0)}},
			want: model.Pick{Seat: "b", Why: model.PickLeastBusy},
		},
		{
			name: "tie_to_the_longest_waiting",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 1, 30), c("b", 0, 1, 10), c("c", 0, 1, 20)}},
			want: model.Pick{Seat: "b", Why: model.PickTie},
		},
		{
			name: "tie_to_the_never_assigned",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 0, 30), c("b", 0, 0, 0)}},
			want: model.Pick{Seat: "b", Why: model.PickTie},
		},
		{
			name: "equal_in_all_take_turns",
			req:  seat.Request{Candidates: []model.Candidate{c("c", 0, 0, 7), c("a", 0, 0, 7), c("b", 0, 0, 7)}, Turn: 4},
			want: model.Pick{Seat: "b", Why: model.PickTie},
		},
		{
			name: "previous_although_not_the_least_busy",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 0, 0), c("b", 0, 4, 9)}, Previous: "b", PreferPrevious: true, Gap: 5},
			want: model.Pick{Seat: "b", Why: model.PickPrevious},
		},
		{
			name: "previous_only_if_preferred",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 0, 0), c("b", 0, 4, 9)}, Previous: "b", Gap: 5},
			want: model.Pick{Seat: "a", Why: model.PickLeastBusy},
		},
		{
			name: "previous_yields_at_the_gap",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 0, 0), c("b", 0, 5, 9)}, Previous: "b", PreferPrevious: true, Gap: 5},
			want: model.Pick{Seat: "a", Why: model.PickLeastBusy},
		},
		{
			name: "previous_with_a_limit_is_busy_only_at_it",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 0, 0), c("b", 10, 9, 9)}, Previous: "b", PreferPrevious: true, Gap: 5},
			want: model.Pick{Seat: "b", Why: model.PickPrevious},
		},
		{
			name: "previous_full",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 7, 0), c("b", 2, 2, 9)}, Previous: "b", PreferPrevious: true, Gap: 5},
			want: model.Pick{Seat: "a", Why: model.PickLeastBusy},
		},
		{
			name: "a_full_seat_does_not_make_others_busy",
			req:  seat.Request{Candidates: []model.Candidate{c("full", 1, 1, 0), c("b", 0, 7, 9), c("c", 0, 6, 9)}, Previous: "b", PreferPrevious: true, Gap: 5},
			want: model.Pick{Seat: "b", Why: model.PickPrevious},
		},
		{
			name: "previous_away",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 7, 0)}, Previous: "b", PreferPrevious: true, Gap: 5},
			want: model.Pick{Seat: "a", Why: model.PickLeastBusy},
		},
		{
			name: "gap_below_one_counts_as_one",
			req:  seat.Request{Candidates: []model.Candidate{c("a", 0, 2, 0), c("b", 0, 2, 9)}, Previous: "b", PreferPrevious: true},
			want: model.Pick{Seat: "b", Why: model.PickPrevious},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(tt.req.Candidates)
			if diff := cmp.Diff(tt.want, seat.Choose(tt.req)); diff != "" {
				t.Errorf("Choose (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, tt.req.Candidates); diff != "" {
				t.Errorf("Choose changed its input (-before +after):\n%s", diff)
			}
		})
	}
}

// Random rosters: never over a limit, nobody free less loaded than the pick, the order
// of the list without influence.
func TestChooseKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 20_000 {
		r := randomRequest(rnd)
		got := seat.Choose(r)
		rnd.Shuffle(len(r.Candidates), func(i, j int) {
			r.Candidates[i], r.Candidates[j] = r.Candidates[j], r.Candidates[i]
		})
		if again := seat.Choose(r); again != got {
			t.Fatalf("round %d: %+v, then %+v with the same seats in another order: %+v", round, got, again, r)
		}
		if msg := broken(r, got); msg != "" {
			t.Fatalf("round %d: %s: picked %+v of %+v", round, msg, got, r)
		}
	}
}

func randomRequest(rnd *rand.Rand) seat.Request {
	r := seat.Request{Gap: rnd.IntN(7), PreferPrevious: rnd.IntN(2) == 0, Turn: rnd.Uint64()}
	for i := range rnd.IntN(9) {
		r.Candidates = append(r.Candidates, model.Candidate{
			UserID: fmt.Sprintf("u%d", i), Limit: rnd.IntN(5), Load: rnd.IntN(8), LastAssignedMS: rnd.Int64N(4),
		})
	}
	if rnd.IntN(3) > 0 {
		r.Previous = fmt.Sprintf("u%d", rnd.IntN(10))
	}
	return r
}

// broken names the promise that a pick breaks; "" for none.
func broken(r seat.Request, p model.Pick) string {
	at := slices.IndexFunc(r.Candidates, func(c model.Candidate) bool { return c.UserID == p.Seat })
	free := func(c model.Candidate) bool { return c.Limit == 0 || c.Load < c.Limit }
	if at < 0 {
		if p.Seat != "" || p.Why != model.PickNone {
			return "picked a stranger"
		}
		if slices.ContainsFunc(r.Candidates, free) {
			return "picked nobody although a seat is free"
		}
		return ""
	}
	picked := r.Candidates[at]
	if !free(picked) {
		return "over the limit"
	}
	if p.Why == model.PickPrevious {
		if !r.PreferPrevious || p.Seat != r.Previous {
			return "previous without being asked for"
		}
		return ""
	}
	for _, c := range r.Candidates {
		if free(c) && (c.Load < picked.Load || (c.Load == picked.Load && c.LastAssignedMS < picked.LastAssignedMS)) {
			return "somebody deserves it more"
		}
	}
	return ""
}

// Sessions come and go; what nobody distinguishes must be shared out evenly.
func TestChooseIsFair(t *testing.T) {
	t.Parallel()
	t.Run("over_time", func(t *testing.T) {
		t.Parallel()
		rnd := rand.New(rand.NewPCG(3, 4))
		roster := newRoster(7)
		counts := map[string]int{}
		for now := range int64(7_000) {
			p := seat.Choose(seat.Request{Candidates: roster})
			at := slices.IndexFunc(roster, func(c model.Candidate) bool { return c.UserID == p.Seat })
			roster[at].LastAssignedMS = now + 1
			roster[at].Load++
			counts[p.Seat]++
			if done := rnd.IntN(len(roster)); roster[done].Load > 0 {
				roster[done].Load--
			}
		}
		mustBeEven(t, counts, 7, 1000, 100)
	})
	t.Run("by_turns_where_all_is_equal", func(t *testing.T) {
		t.Parallel()
		roster, counts := newRoster(7), map[string]int{}
		for turn := range uint64(700) {
			counts[seat.Choose(seat.Request{Candidates: roster, Turn: turn}).Seat]++
		}
		mustBeEven(t, counts, 7, 100, 0)
	})
}

func newRoster(n int) []model.Candidate {
	roster := make([]model.Candidate, n)
	for i := range roster {
		roster[i].UserID = fmt.Sprintf("u%d", i)
	}
	return roster
}

func mustBeEven(t testing.TB, counts map[string]int, seats, each, slack int) {
	t.Helper()
	if len(counts) != seats {
		t.Errorf("%d seats got something, want %d: %v", len(counts), seats, counts)
	}
	for userID, n := range counts {
		if n < each-slack || n > each+slack {
			t.Errorf("%s got %d sessions, want %d±%d: %v", userID, n, each, slack, counts)
		}
	}
}

func BenchmarkChoose(b *testing.B) {
	roster := newRoster(200)
	b.Run("seats=200", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			seat.Choose(seat.Request{Candidates: roster, Gap: 5})
		}
	})
}
