package curate_test

import (
	"slices"
	"testing"

	"deskmate/bot/knowledge/curate"
	"deskmate/model"
)

// missedNow lets all questions have been asked just now.
func (s *store) missedNow() {
	for i := range s.questions {
		s.questions[i].AtMS = s.now().UnixMilli()
	}
}

func TestTeacher_entry(t *testing.T) {
	t.Parallel()
	s := newStore()
	d := newDesk(t, s)
	teacher := curate.NewTeacher(d.editor, d.misses)
	lesson := model.Lesson{Kind: model.OrderEntry, Question: "年假有几天", Answer: " 五天 "}
	_, err := teacher.Check(t.Context(), acc(), lesson)
	must(t, err)
	if s.version() != 0 {
		t.Error("a check writes")
	}
	for range 2 { // after a crash
		must(t, teacher.Teach(t.Context(), acc(), lesson, "member:wang"))
	}
	if a := d.asks(t, "年假有几天？"); a.Kind != model.AnswerHit || a.Candidates[0].Answer != "五天" || s.version() != 1 {
		t.Errorf("%+v at version %d", a, s.version())
	}
	lesson.Answer = "六天"
	_, err = teacher.Check(t.Context(), acc(), lesson)
	wantReason(t, err, "question_taken")
	wantReason(t, teacher.Teach(t.Context(), acc(), lesson, "member:wang"), "question_taken")
	_, err = teacher.Check(t.Context(), acc(), model.Lesson{Kind: model.OrderEntry, Question: "新的", Answer: "a\x00b"})
	if model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a control character: %v", err)
	}
}

func TestTeacher_similar(t *testing.T) {
	t.Parallel()
	d := newDesk(t, newStore())
	teacher := curate.NewTeacher(d.editor, d.misses)
	saved, err := d.editor.Save(t.Context(), acc(), model.Entry{Question: "年假有几天", Answer: "五天", Similar: []string{"年休假"}}, 0, "lin")
	must(t, err)
	lesson := model.Lesson{Kind: model.OrderSimilar, Question: "年假有几天？", Similar: []string{"能休几天假", "年休假"}}
	checked, err := teacher.Check(t.Context(), acc(), lesson)
	if err != nil || checked.Question != "年假有几天" {
		t.Errorf("%+v, %v", checked, err)
	}
	for range 2 {
		must(t, teacher.Teach(t.Context(), acc(), lesson, "member:wang"))
	}
	entry, err := d.editor.Entry(t.Context(), account, saved.Entry.ID)
	if err != nil || !slices.Equal(entry.Similar, []string{"年休假", "能休几天假"}) || entry.Author != "member:wang" {
		t.Errorf("%+v, %v", entry, err)
	}
	lesson.Question = "没有这条"
	_, err = teacher.Check(t.Context(), acc(), lesson)
	wantReason(t, err, "no_such_entry")
	wantReason(t, teacher.Teach(t.Context(), acc(), lesson, "member:wang"), "no_such_entry")
}

func TestTeacher_miss(t *testing.T) {
	t.Parallel()
	s := newMisses()
	s.missedNow()
	d := newDesk(t, s)
	teacher := curate.NewTeacher(d.editor, d.misses)
	list, err := teacher.Misses(t.Context(), acc(), 5)
	if err != nil || len(list) != 2 || list[0].Count != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	lesson, err := teacher.Check(t.Context(), acc(), model.Lesson{Kind: model.OrderMiss, Number: 1, Answer: "没有"})
	if err != nil || lesson.Miss != list[0].ID || lesson.Question != list[0].Question {
		t.Fatalf("%+v, %v", lesson, err)
	}
	for range 2 {
		must(t, teacher.Teach(t.Context(), acc(), lesson, "member:wang"))
	}
	if a := d.asks(t, "周末班车有没有"); a.Kind != model.AnswerHit || a.Candidates[0].Answer != "没有" || s.miss(2).Miss != model.MissSolved {
		t.Errorf("%+v, %+v", a, s.miss(2))
	}
	lesson.Answer = "有"
	wantReason(t, teacher.Teach(t.Context(), acc(), lesson, "member:wang"), "miss_settled")
	_, err = teacher.Check(t.Context(), acc(), model.Lesson{Kind: model.OrderMiss, Number: 9, Answer: "有"})
	wantReason(t, err, "no_such_miss")
}

// Taught, and not settled before the crash: the second time settles them.
func TestTeacher_miss_half_done(t *testing.T) {
	t.Parallel()
	s := newMisses()
	s.missedNow()
	d := newDesk(t, s)
	teacher := curate.NewTeacher(d.editor, d.misses)
	lesson, err := teacher.Check(t.Context(), acc(), model.Lesson{Kind: model.OrderMiss, Number: 1, Answer: "没有"})
	must(t, err)
	_, err = d.editor.Save(t.Context(), acc(), model.Entry{Question: lesson.Question, Answer: "没有"}, 0, "member:wang")
	must(t, err)
	must(t, teacher.Teach(t.Context(), acc(), lesson, "member:wang"))
	if s.miss(2).Miss != model.MissSolved {
		t.Errorf("%+v", s.miss(2))
	}
}
