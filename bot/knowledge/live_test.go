package knowledge_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"deskmate/model"
)

// TestRun_is_live_within_one_poll runs on the test's own clock.
func TestRun_is_live_within_one_poll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSource(office()...)
		base := newBase(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- base.Run(ctx) }()
		poll := func() {
			<-time.After(400 * time.Millisecond) // on the bubble's clock
			synctest.Wait()
		}
		expect := func(what, question string, exact bool) {
			t.Helper()
			if got := mustAnswer(t, base, question).Exact; got != exact {
				t.Errorf("%s: %q is answered: %t, want %t", what, question, got, exact)
			}
		}
		expect("before", "食堂几点开饭", false)

		s.put(1, entry(70, "食堂几点开饭"))
		poll()
		expect("added", "食堂几点开饭", true)

		off := entry(70, "食堂几点开饭")
		off.State = model.EntryOff
		s.put(1, off)
		poll()
		expect("switched off", "食堂几点开饭", false)

		s.remove(3)
		poll()
		expect("removed", "年假有几天", false)
		if got := s.loadCount(); got != 1 {
			t.Errorf("changes took %d full reads", got-1)
		}

		s.setFail(model.ErrUnavailable)
		s.put(1, entry(3, "年假有几天"))
		poll()
		expect("while the source fails", "如何开通邮箱", true)
		s.setFail(nil)
		poll()
		expect("after it came back", "年假有几天", true)

		s.restore(1, 1, entry(5, "班车几点开"))
		poll()
		expect("restored to an earlier version", "班车几点开", true)
		expect("restored to an earlier version", "年假有几天", false)

		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	s := newSource(office()...)
	base := newBase(t, s)
	if err := base.Refresh(t.Context(), 1); err != nil || s.loadCount() != 0 {
		t.Errorf("refresh of an account that isn't in memory: %v, %d reads", err, s.loadCount())
	}
	if err := base.Load(t.Context(), 1); err != nil || s.loadCount() != 1 {
		t.Errorf("load: %v, %d reads", err, s.loadCount())
	}
	s.put(1, entry(70, "食堂几点开饭"))
	if err := base.Refresh(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if a := mustAnswer(t, base, "食堂几点开饭"); !a.Exact {
		t.Errorf("%+v right after the refresh", a)
	}
}

// TestRefresh_takes_over_the_words of an account, which move its version as entries do.
func TestRefresh_takes_over_the_words(t *testing.T) {
	t.Parallel()
	s := newSource(office()...)
	base := newBase(t, s)
	if x := mustExplain(t, base, 1, "怎么开通企业信箱"); x.Expanded != nil {
		t.Errorf("expanded to %q without words", x.Expanded)
	}
	s.say(1, model.Synonym{Words: []string{"邮箱", "企业信箱"}})
	if err := base.Refresh(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	x := mustExplain(t, base, 1, "如何开通企业信箱")
	if len(x.Expanded) != 1 || !x.Answer.Exact || x.Answer.Candidates[0].EntryID != 8 {
		t.Errorf("expanded to %q, %+v", x.Expanded, x.Answer)
	}
	s.say(1)
	if err := base.Refresh(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if x := mustExplain(t, base, 1, "怎么开通企业信箱"); x.Expanded != nil {
		t.Errorf("expanded to %q after the words were taken back", x.Expanded)
	}
	if s.loadCount() != 1 {
		t.Errorf("%d full reads", s.loadCount())
	}
}

func TestRun_looks_at_all_accounts_at_once(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := newSource(lines(10)...), newEncoders()
		for id := range uint64(20) {
			s.put(id+1, lines(3)...)
		}
		base := newBase(t, s, learning(e, "a"))
		for id := range uint64(20) {
			mustExplain(t, base, id+1, "第1号班车几点开")
		}
		defer run(t, base)()
		pass(time.Minute)
		before, states := s.pollCount(), e.tally().polls
		pass(10*poll + time.Millisecond)
		if got, also := s.pollCount()-before, e.tally().polls-states; got != 10 || also != 10 {
			t.Errorf("%d and %d looks in 10 polls", got, also)
		}
	})
}
