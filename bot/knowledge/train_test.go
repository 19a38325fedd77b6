package knowledge_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

const poll = 400 * time.Millisecond

// expectModel checks which encoder answers; 0 is none.
func expectModel(t *testing.T, what string, e model.Explanation, want string) {
	t.Helper()
	if want != "" {
		want = match.WeightsVersion() + "+" + want
	} else {
		want = match.WeightsVersion()
	}
	if e.Answer.Model != want || e.Encoder != (want != match.WeightsVersion()) {
		t.Errorf("%s: model %q, encoder %t, want %q", what, e.Answer.Model, e.Encoder, want)
	}
}

func TestTraining_follows_an_edit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		base := newBase(t, s, learning(e, "a"))
		defer run(t, base)()
		expectModel(t, "at first", mustExplain(t, base, 1, "第3号班车几点开"), "")
		pass(4 * time.Second)
		expectModel(t, "trained", mustExplain(t, base, 1, "第3号班车几点开"), "1")
		if state := e.state(); state.Version != 1 || state.Owner != "" {
			t.Errorf("state %+v, want version 1 and nobody training", state)
		}

		s.put(1, entry(70, "食堂几点开饭"))
		pass(poll)
		x := mustExplain(t, base, 1, "食堂几点开饭")
		if !x.Answer.Exact {
			t.Errorf("the edit is not found: %+v", x.Answer)
		}
		expectModel(t, "right after the edit", x, "1")
		pass(4 * time.Second)
		expectModel(t, "seconds after the edit", mustExplain(t, base, 1, "食堂几点开饭"), "2")

		pass(10 * time.Minute)
		if got := len(e.tally().saved); got != 2 {
			t.Errorf("%d trainings, want 2: nothing changed since", got)
		}
	})
}

func TestTraining_waits_for_the_last_of_many_edits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		defer run(t, newBase(t, s, learning(e, "a")))()
		for i := range 8 {
			s.put(1, entry(uint64(i+1), "食堂几点开饭"))
			pass(time.Second)
		}
		if state := e.state(); state.Seq != 0 {
			t.Errorf("trained while edits went on: %+v", state)
		}
		for i := range 12 {
			s.put(1, entry(uint64(i+1), "食堂几点关门"))
			pass(time.Second)
		}
		if state := e.state(); state.Seq == 0 || state.Seq > 2 {
			t.Errorf("%d trainings in 20 s of edits, want one or two", state.Seq)
		}
		pass(13 * time.Second)
		if state := e.state(); state.Version != 21 {
			t.Errorf("state %+v after the edits, want version 21", state)
		}
	})
}

func TestTraining_is_done_by_one_replica(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		a, b := newBase(t, s, learning(e, "a")), newBase(t, s, learning(e, "b"))
		defer run(t, a)()
		defer run(t, b)()
		mustAnswer(t, a, "第3号班车几点开")
		mustAnswer(t, b, "第3号班车几点开")
		pass(5 * time.Second)
		for range 3 {
			expectModel(t, "a", mustExplain(t, a, 1, "第3号班车几点开"), "1")
			expectModel(t, "b", mustExplain(t, b, 1, "第3号班车几点开"), "1")
			pass(30 * time.Second)
		}
		if saved := e.tally().saved; len(saved) != 1 {
			t.Errorf("trained by %v, want once", saved)
		}
	})
}

func TestTraining_keeps_its_lease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		e.learn = func(context.Context) { <-time.After(2 * time.Minute) }
		base := newBase(t, s, learning(e, "a"))
		defer run(t, base)()
		defer run(t, newBase(t, s, learning(e, "b")))()
		mustAnswer(t, base, "第3号班车几点开")
		pass(time.Minute)
		s.put(1, entry(70, "食堂几点开饭"))
		start := time.Now()
		if err := base.Refresh(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if a := mustAnswer(t, base, "食堂几点开饭"); !a.Exact || time.Since(start) > 0 {
			t.Errorf("%+v, %s after an edit amid the training", a, time.Since(start))
		}
		s.remove(70)
		e.with(func() { e.learn = nil })
		pass(2 * time.Minute)
		if saved := e.tally().saved; len(saved) != 2 { // and once more for the edits
			t.Errorf("trained by %v, want twice", saved)
		}
		if state := e.state(); state.Owner != "" {
			t.Errorf("%q holds the lease after the training", state.Owner)
		}
	})
}

func TestTraining_is_taken_over_from_the_dead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		e.states[1] = model.EncoderState{AccountID: 1, Owner: "dead", UntilMS: time.Now().Add(20 * time.Second).UnixMilli()}
		defer run(t, newBase(t, s, learning(e, "a")))()
		pass(15 * time.Second)
		if saved := e.tally().saved; len(saved) != 0 {
			t.Errorf("trained by %v under somebody's lease", saved)
		}
		pass(15 * time.Second)
		if saved := e.tally().saved; !slices.Equal(saved, []string{"a"}) {
			t.Errorf("trained by %v, want a", saved)
		}
	})
}

// TestTraining_ends_when_the_lease_is_lost has another replica take the lease, as after a
// long freeze.
func TestTraining_ends_when_the_lease_is_lost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		var ended error
		e.learn = func(ctx context.Context) {
			select {
			case <-ctx.Done():
				e.with(func() { ended = context.Cause(ctx) })
			case <-time.After(time.Hour):
			}
		}
		defer run(t, newBase(t, s, learning(e, "a")))()
		pass(5 * time.Second)
		e.with(func() {
			state := e.states[1]
			state.Owner, state.UntilMS = "other", time.Now().Add(time.Hour).UnixMilli()
			e.states[1] = state
		})
		pass(20 * time.Second)
		e.with(func() {
			if ended == nil || len(e.saved) != 0 || e.states[1].Owner != "other" {
				t.Errorf("training ended by %v, saved by %v, state %+v", ended, e.saved, e.states[1])
			}
		})
	})
}

func TestTraining_survives_failures(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	for _, method := range []string{"states", "claim", "pairs", "save", "data"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, e := newSource(lines(10)...), newEncoders()
				calls := 0
				e.failing = func(what string) error {
					if what != method {
						return nil
					}
					calls++
					return down
				}
				base := newBase(t, s, learning(e, "a"))
				defer run(t, base)()
				if a := mustAnswer(t, base, "第3号班车几点开"); !a.Exact {
					t.Errorf("%+v while the store fails", a)
				}
				pass(5 * time.Minute)
				s.put(1, entry(70, "食堂几点开饭"))
				pass(poll)
				if a := mustAnswer(t, base, "食堂几点开饭"); !a.Exact {
					t.Errorf("%+v: the edit is not live while the store fails", a)
				}
				before := 0
				e.with(func() {
					before = calls
					e.failing = nil
				})
				if method != "states" && before > 50 { // states are looked at with every poll
					t.Errorf("asked %d times in 5 minutes", before)
				}
				pass(11 * time.Minute)
				if x := mustExplain(t, base, 1, "食堂几点开饭"); !x.Encoder || e.state().Version != 2 {
					t.Errorf("after the store came back: model %q, state %+v", x.Answer.Model, e.state())
				}
			})
		})
	}
}

func TestTraining_leaves_small_bases_alone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(9)...), newEncoders()
		draft := entry(60, "一", "二", "三", "四", "五")
		draft.Draft = true
		s.put(1, draft)
		defer run(t, newBase(t, s, learning(e, "a")))()
		pass(10 * time.Minute)
		if claims := e.tally().claims; e.state().Seq != 0 || claims != 1 || s.loadCount() != 1 {
			t.Errorf("state %+v, %d claims, %d reads, want one look", e.state(), claims, s.loadCount())
		}
		s.put(1, entry(70, "食堂几点开饭", "食堂几点开门"))
		pass(40 * time.Second)
		if e.state().Seq != 1 {
			t.Errorf("state %+v with 20 variants, want trained", e.state())
		}
	})
}

func TestTraining_leaves_bases_alone_that_became_small(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		base := newBase(t, s, learning(e, "a"), func(cfg *knowledge.Config) { cfg.Poll = 10 * time.Second })
		defer run(t, base)()
		pass(time.Minute)
		s.remove(1000, 1001)
		pass(25 * time.Hour)
		mustAnswer(t, base, "第3号班车几点开")
		before := e.tally().claims
		pass(20 * time.Minute)
		if again := e.tally().claims - before; again != 0 {
			t.Errorf("%d looks at a base that is known to be too small", again)
		}
	})
}

func TestTraining_replaces_an_encoder_that_cannot_be_read(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		e.blobs[1] = []byte("of another release")
		e.states[1] = model.EncoderState{AccountID: 1, Seq: 7, BlobID: 1, Version: 1, TrainedMS: time.Now().UnixMilli()}
		base := newBase(t, s, learning(e, "a"))
		defer run(t, base)()
		expectModel(t, "at first", mustExplain(t, base, 1, "第3号班车几点开"), "")
		pass(5 * time.Second)
		expectModel(t, "soon after", mustExplain(t, base, 1, "第3号班车几点开"), "8")
	})
}

// TestTraining_learns_once_a_day what people said of the answers of a base that stays as it is.
func TestTraining_learns_once_a_day(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		base := newBase(t, s, learning(e, "a"), func(cfg *knowledge.Config) { cfg.Poll = 10 * time.Second })
		defer run(t, base)()
		pass(time.Minute)
		pass(25 * time.Hour)
		if got := e.state().Seq; got != 1 {
			t.Errorf("encoder %d of a base that nobody asked, want 1", got)
		}
		mustAnswer(t, base, "第3号班车几点开")
		pass(time.Minute)
		if got := e.state().Seq; got != 2 {
			t.Errorf("encoder %d a day later, want 2", got)
		}
	})
}

func TestTraining_begins_with_the_accounts_in_use(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(), newEncoders()
		for id := range uint64(5) {
			s.put(id+1, lines(10)...)
		}
		var order []uint64
		e.learn = func(context.Context) {
			e.with(func() {
				for id, state := range e.states {
					if state.Owner != "" {
						order = append(order, id)
					}
				}
			})
		}
		base := newBase(t, s, learning(e, "a"))
		mustExplain(t, base, 4, "第3号班车几点开")
		defer run(t, base)()
		pass(5 * time.Second)
		e.with(func() {
			if !slices.Equal(order, []uint64{4, 1, 2, 3, 5}) {
				t.Errorf("trained %v", order)
			}
		})
	})
}
