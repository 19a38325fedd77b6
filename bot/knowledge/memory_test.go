package knowledge_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

func TestIdle_accounts_are_put_away_and_fetched_back(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		s.put(2, entry(1, "食堂几点开饭"))
		base := newBase(t, s, learning(e, "a"), func(cfg *knowledge.Config) { cfg.IdleAfter = 10 * time.Minute })
		defer run(t, base)()
		mustAnswer(t, base, "第3号班车几点开")
		pass(time.Minute)
		loads, reads := s.loadCount(), e.tally().reads // with those of the training

		pass(8 * time.Minute)
		expectModel(t, "before it is idle", mustExplain(t, base, 1, "第3号班车几点开"), "1")
		if got := e.tally().reads; s.loadCount() != loads || got != reads {
			t.Errorf("%d and %d reads of a busy account", s.loadCount()-loads, got-reads)
		}

		pass(11 * time.Minute)
		expectModel(t, "woken", mustExplain(t, base, 1, "第3号班车几点开"), "1")
		if got := e.tally().reads; s.loadCount() != loads || got != reads+1 {
			t.Errorf("%d and %d reads to wake an account, want its encoder only", s.loadCount()-loads, got-reads)
		}

		pass(21 * time.Minute)
		s.put(1, entry(70, "食堂几点开饭"))
		pass(time.Second)
		if s.loadCount() != loads {
			t.Errorf("an account that was put away is kept up to date")
		}
		x := mustExplain(t, base, 1, "食堂几点开饭")
		expectModel(t, "read again", x, "1")
		if got := e.tally().reads; !x.Answer.Exact || s.loadCount() != loads+1 || got != reads+2 {
			t.Errorf("%+v after %d and %d reads", x.Answer, s.loadCount()-loads, got-reads)
		}
	})
}

func TestIdle_encoder_that_cannot_be_fetched_back(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		base := newBase(t, s, learning(e, "a"), func(cfg *knowledge.Config) { cfg.IdleAfter = 10 * time.Minute })
		defer run(t, base)()
		mustAnswer(t, base, "第3号班车几点开")
		pass(11 * time.Minute)
		e.with(func() { e.fail = model.ErrUnavailable })
		x := mustExplain(t, base, 1, "第3号班车几点开")
		expectModel(t, "while the store fails", x, "")
		if !x.Answer.Exact {
			t.Errorf("%+v without the encoder", x.Answer)
		}
		e.with(func() { e.fail = nil })
		pass(5 * time.Second)
		expectModel(t, "after it came back", mustExplain(t, base, 1, "第3号班车几点开"), "1")
	})
}

// TestRebuild_keeps_the_edits_that_came_meanwhile edits while a new encoder is put in.
func TestRebuild_keeps_the_edits_that_came_meanwhile(t *testing.T) {
	t.Parallel()
	s := newSource(lines(3)...)
	base := newBase(t, s)
	edit := func(question string) {
		s.put(1, entry(uint64(len(question)), question))
		if err := base.Refresh(t.Context(), 1); err != nil {
			t.Error(err)
		}
		if a := mustAnswer(t, base, question); !a.Exact {
			t.Errorf("%q is not found at once", question)
		}
	}
	if err := base.Load(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	encoder, err := match.Train(t.Context(), lines(10), match.TrainConfig{})
	if err != nil {
		t.Fatal(err)
	}
	err = base.Rebuild(t.Context(), 1, func(x *match.Index) *match.Index {
		edit("食堂几点开饭")
		s.remove(1001)
		edit("在哪里查公积金")
		return x.WithEncoder(encoder)
	})
	if err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]bool{"食堂几点开饭": true, "在哪里查公积金": true, "第1号班车几点开": false, "第2号班车几点开": true} {
		if got := mustAnswer(t, base, question).Exact; got != want {
			t.Errorf("%q is answered exactly: %t, want %t", question, got, want)
		}
	}
}

func TestRebuild_yields_to_a_base_that_was_read_anew(t *testing.T) {
	t.Parallel()
	s := newSource(lines(3)...)
	base := newBase(t, s)
	if err := base.Load(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	err := base.Rebuild(t.Context(), 1, func(x *match.Index) *match.Index {
		s.restore(1, 0, entry(5, "食堂几点开饭"))
		if err := base.Refresh(t.Context(), 1); err != nil {
			t.Error(err)
		}
		return x
	})
	if a := mustAnswer(t, base, "第1号班车几点开"); err != nil || a.Exact {
		t.Errorf("%v: the base of before is back: %+v", err, a)
	}
	if a := mustAnswer(t, base, "食堂几点开饭"); !a.Exact {
		t.Errorf("%+v", a)
	}
}

// TestBase_is_used_by_many asks, edits, trains and puts away at once, on two replicas.
func TestBase_is_used_by_many(t *testing.T) {
	t.Parallel()
	s, e := newSource(lines(10)...), newEncoders()
	ctx, cancel := context.WithCancel(t.Context())
	var running, busy sync.WaitGroup
	var bases []*knowledge.Base
	for _, owner := range []string{"a", "b"} {
		base := newBase(t, s, learning(e, owner), func(cfg *knowledge.Config) {
			cfg.Poll, cfg.IdleAfter = time.Millisecond, time.Millisecond
		})
		bases = append(bases, base)
		running.Go(func() {
			if err := base.Run(ctx); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	encoder, err := match.Train(t.Context(), lines(10), match.TrainConfig{})
	if err != nil {
		t.Fatal(err)
	}
	busy.Go(func() {
		for i := range 60 {
			s.put(1, entry(uint64(i%7+1), "食堂几点开饭"))
			s.remove(uint64(i%5 + 1))
			e.with(func() {
				data, _ := encoder.MarshalBinary()
				e.blobs[uint64(i+1)] = data
				e.states[1] = model.EncoderState{AccountID: 1, Seq: uint64(i + 1), BlobID: uint64(i + 1), Version: 1}
			})
			for _, base := range bases {
				if err := base.Refresh(ctx, 1); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for _, base := range bases {
		for range 2 {
			busy.Go(func() {
				for range 60 {
					if a := mustAnswer(t, base, "第3号班车几点开"); !a.Exact {
						t.Errorf("%+v", a)
					}
				}
			})
		}
	}
	busy.Wait()
	cancel()
	running.Wait()
	var models []string
	for _, base := range bases {
		x := mustExplain(t, base, 1, "食堂几点开饭")
		models = append(models, x.Answer.Model)
		if !x.Answer.Exact {
			t.Errorf("%+v at the end", x.Answer)
		}
	}
	if len(slices.Compact(models)) != 1 && t.Failed() {
		t.Errorf("models %v", models)
	}
}
