package curate_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"deskmate/model"
)

func newMisses() *store {
	s := newStore()
	s.questions = []model.Question{
		asked(1, 11, "wang", "周末有没有班车"), asked(2, 12, "li", "周末班车有没有？"), asked(3, 13, "li", "周末有没有班车！"),
		asked(4, 14, "zhao", strings.Repeat("长", 300)),
	}
	return s
}

func (s *store) miss(id uint64) model.Question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.questions[slices.IndexFunc(s.questions, func(q model.Question) bool { return q.ID == id })]
}

func TestMake(t *testing.T) {
	t.Parallel()
	s := newMisses()
	d := newDesk(t, s)
	solved, err := d.misses.Make(t.Context(), acc(), []uint64{1, 2, 3, 4}, model.Entry{Question: "周末有班车吗", Answer: "没有"}, "lin")
	must(t, err)
	if solved.Settled != 4 || !slices.Equal(solved.Entry.Similar, []string{"周末有没有班车", "周末班车有没有？"}) {
		t.Errorf("%+v", solved)
	}
	if q := s.miss(2); q.Miss != model.MissSolved || q.SolvedBy != solved.Entry.ID {
		t.Errorf("%+v", q)
	}
	if a := d.asks(t, "周末班车有没有"); a.Kind != model.AnswerHit || a.Candidates[0].Answer != "没有" {
		t.Errorf("it doesn't answer: %+v", a)
	}
	version := s.version()
	_, err = d.misses.Make(t.Context(), acc(), []uint64{1, 2}, model.Entry{Question: "别的", Answer: "有"}, "wang")
	wantReason(t, err, "miss_settled")
	_, err = d.misses.Ignore(t.Context(), account, []uint64{1})
	wantReason(t, err, "miss_settled")
	if s.version() != version {
		t.Error("something was written all the same")
	}
}

func TestMake_keeps_the_similar_questions_that_were_chosen(t *testing.T) {
	t.Parallel()
	d := newDesk(t, newMisses())
	solved, err := d.misses.Make(t.Context(), acc(), []uint64{1, 2}, model.Entry{Question: "周末有班车吗", Answer: "没有", Similar: []string{"周六班车"}}, "lin")
	if err != nil || !slices.Equal(solved.Entry.Similar, []string{"周六班车"}) {
		t.Errorf("%+v, %v", solved, err)
	}
}

func TestMake_refuses(t *testing.T) {
	t.Parallel()
	s := newMisses()
	s.fill(entry("周末有班车吗"))
	d := newDesk(t, s)
	_, err := d.misses.Make(t.Context(), acc(), []uint64{1}, model.Entry{Question: "周末有班车吗？", Answer: "没有"}, "lin")
	wantReason(t, err, "question_taken")
	_, err = d.misses.Make(t.Context(), acc(), []uint64{1}, model.Entry{Question: "周末班车"}, "lin")
	wantReason(t, err, "answer_empty")
	if q := s.miss(1); q.Miss != model.MissOpen {
		t.Errorf("the miss is lost: %+v", q)
	}
}

func TestExtend(t *testing.T) {
	t.Parallel()
	s := newMisses()
	ids := s.fill(entry("周末有班车吗", "周末班车有没有"))
	d := newDesk(t, s)
	id := ids["周末有班车吗"]
	solved, err := d.misses.Extend(t.Context(), acc(), []uint64{1, 2}, id, "lin")
	must(t, err)
	if solved.Settled != 2 || !slices.Equal(solved.Entry.Similar, []string{"周末班车有没有", "周末有没有班车"}) || solved.Entry.Author != "lin" {
		t.Errorf("%+v", solved)
	}
	if _, err := d.misses.Extend(t.Context(), acc(), []uint64{3}, 999, "lin"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("an entry that is gone: %v", err)
	}
	if q := s.miss(3); q.Miss != model.MissOpen {
		t.Errorf("the miss is lost: %+v", q)
	}
}

func TestExtend_beside_other_edits(t *testing.T) {
	t.Parallel()
	s := newMisses()
	ids := s.fill(entry("周末有班车吗"))
	d := newDesk(t, s)
	id := ids["周末有班车吗"]
	s.hook(once("SaveEntry", func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		e := s.present()[id]
		e.Answer = "别人改的"
		s.put(model.ChangeSave, "wang", 0, []model.Entry{e}, nil)
		return nil
	}), nil)
	solved, err := d.misses.Extend(t.Context(), acc(), []uint64{1}, id, "lin")
	if err != nil || solved.Entry.Answer != "别人改的" || !slices.Equal(solved.Entry.Similar, []string{"周末有没有班车"}) {
		t.Errorf("%+v, %v", solved, err)
	}
}

func TestIgnore(t *testing.T) {
	t.Parallel()
	s := newMisses()
	d := newDesk(t, s)
	if n, err := d.misses.Ignore(t.Context(), account, []uint64{1, 2}); err != nil || n != 2 || s.miss(1).Miss != model.MissIgnored {
		t.Errorf("%d, %v", n, err)
	}
	if list, err := d.misses.Clusters(t.Context(), acc(), 0, 0); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

// Of two people who settle the same misses at the same time one does, the other is told, and
// nothing of the other's is left behind.
func TestSolve_at_the_same_time(t *testing.T) {
	t.Parallel()
	s := newMisses()
	ids := s.fill(entry("班车时刻表"))
	one, two := newDesk(t, s), newDesk(t, s) // two replicas
	var group sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		group.Go(func() {
			d := one
			if i%2 == 1 {
				d = two
			}
			switch i % 4 {
			case 0, 1:
				_, errs[i] = d.misses.Make(t.Context(), acc(), []uint64{1, 2}, model.Entry{Question: "周末班车" + strings.Repeat("吗", i), Answer: "没有"}, "lin")
			case 2:
				_, errs[i] = d.misses.Extend(t.Context(), acc(), []uint64{1, 2}, ids["班车时刻表"], "lin")
			case 3:
				_, errs[i] = d.misses.Ignore(t.Context(), account, []uint64{1, 2})
			}
		})
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		if !errors.Is(err, model.ErrStale) {
			wantReason(t, err, "miss_settled")
		}
	}
	if won != 1 {
		t.Errorf("%d have settled the same misses", won)
	}
	list, _, err := s.Entries(t.Context(), account)
	must(t, err)
	q := s.miss(1)
	for _, e := range list {
		if e.ID != ids["班车时刻表"] && e.ID != q.SolvedBy || e.ID == ids["班车时刻表"] && q.SolvedBy != e.ID && len(e.Similar) > 0 {
			t.Errorf("left behind: %+v, solved by %d", e, q.SolvedBy)
		}
	}
}

// What is written for misses that another replica settles in between is taken back.
func TestSolve_takes_back(t *testing.T) {
	t.Parallel()
	for name, extend := range map[string]bool{"a new entry": false, "an extended one": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMisses()
			ids := s.fill(entry("班车时刻表"))
			d := newDesk(t, s)
			s.hook(once("SettleMisses", func() error {
				s.mu.Lock()
				defer s.mu.Unlock()
				for i := range s.questions {
					s.questions[i].Miss = model.MissIgnored
				}
				return nil
			}), nil)
			var err error
			if extend {
				_, err = d.misses.Extend(t.Context(), acc(), []uint64{1}, ids["班车时刻表"], "lin")
			} else {
				_, err = d.misses.Make(t.Context(), acc(), []uint64{1}, model.Entry{Question: "周末班车", Answer: "没有"}, "lin")
			}
			wantReason(t, err, "miss_settled")
			list, version, err := s.Entries(t.Context(), account)
			must(t, err)
			if len(list) != 1 || len(list[0].Similar) != 0 || version != 3 {
				t.Errorf("version %d: %+v", version, list)
			}
		})
	}
}
