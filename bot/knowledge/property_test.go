package knowledge_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/bot/knowledge"
	"deskmate/model"
)

// TestBase_equals_one_that_just_read_it edits, trains, idles and fails in random order, on
// two replicas, and compares them with a base that read the same content and encoder.
func TestBase_equals_one_that_just_read_it(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { playAtRandom(t, rand.New(rand.NewPCG(seed, 5))) })
		})
	}
}

func playAtRandom(t *testing.T, rng *rand.Rand) {
	t.Helper()
	staying := benchmarkEntries(6) // enough to learn from
	for i := range staying {
		staying[i].ID += 100
	}
	s, e := newSource(staying...), newEncoders()
	v := &embedder{}
	short := func(cfg *knowledge.Config) { cfg.IdleAfter = time.Minute }
	bases := []*knowledge.Base{
		newBase(t, s, learning(e, "a"), embedding(v), short), newBase(t, s, learning(e, "b"), embedding(v), short),
	}
	for _, base := range bases {
		defer run(t, base)()
	}
	for range 25 {
		switch rng.IntN(9) {
		case 0, 1, 2:
			changed := entry(rng.Uint64N(25)+1, phrase(rng), phrase(rng), phrase(rng))
			if rng.IntN(5) == 0 {
				changed.State = model.EntryOff
			}
			s.put(1, changed)
		case 3:
			s.remove(rng.Uint64N(25) + 1)
		case 4:
			s.say(1, model.Synonym{Words: []string{"年假", "带薪假", fmt.Sprint(rng.IntN(9))}})
		case 5:
			e.with(func() { e.fail = model.ErrUnavailable })
			pass(time.Duration(rng.IntN(5)) * time.Second)
			e.with(func() { e.fail = nil })
		case 6:
			mustAnswer(t, bases[rng.IntN(2)], phrase(rng))
		case 7:
			pass(time.Duration(rng.IntN(100)) * time.Second)
		case 8:
			v.with(func() { v.fail = model.ErrUnavailable })
			pass(time.Duration(rng.IntN(5)) * time.Second)
			v.with(func() { v.fail = nil })
		}
		pass(time.Duration(rng.IntN(3000)) * time.Millisecond)
	}
	mustAnswer(t, bases[0], phrase(rng))
	mustAnswer(t, bases[1], phrase(rng))
	pass(40 * time.Second)
	fresh := newBase(t, s, learning(e, "c"), embedding(v))
	if err := fresh.Load(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if want := s.account(1).version; e.state().Version != want {
		t.Errorf("encoder of version %d, want %d", e.state().Version, want)
	}
	for range 20 {
		question := phrase(rng)
		want := mustExplain(t, fresh, 1, question)
		for i, base := range bases {
			got := mustExplain(t, base, 1, question)
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(model.Explanation{}, "TookMS"), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Fatalf("replica %d, %q (-fresh +lived):\n%s", i, question, diff)
			}
		}
	}
}
