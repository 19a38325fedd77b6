package curate_test

import (
	"errors"
	"strings"
	"testing"

	"deskmate/bot/knowledge/curate"
	"deskmate/model"
)

func TestExaminer(t *testing.T) {
	t.Parallel()
	s := newStore()
	ids := s.fill(entry("如何申请年假", "年假怎么请"), entry("工资什么时候发", "哪天发工资"))
	d := newDesk(t, s)
	leave, pay := ids["如何申请年假"], ids["工资什么时候发"]
	add := func(question string, entryID uint64) model.Golden {
		t.Helper()
		g, err := d.examiner.Add(t.Context(), account, question, entryID, "lin")
		must(t, err)
		return g
	}
	add("年假怎么请", leave)
	wrong := add("哪天发工资", leave)
	add("怎么修打印机的卡纸", 0)
	add("公司的股票代码是多少", pay)
	exam, err := d.examiner.Run(t.Context(), acc())
	must(t, err)
	if exam.Right != 2 || exam.Wrong != 1 || exam.Missed != 1 || exam.Suggested != 0 || len(exam.Questions) != 4 {
		t.Errorf("%+v", exam)
	}
	got := exam.Questions[1]
	if got.Golden.ID != wrong.ID || got.Expected != "如何申请年假" || got.Outcome.Verdict != curate.VerdictWrong || got.Outcome.EntryID != pay {
		t.Errorf("%+v", got)
	}

	must(t, d.examiner.Delete(t.Context(), account, wrong.ID))
	if err := d.examiner.Delete(t.Context(), account, wrong.ID); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if list, err := d.examiner.List(t.Context(), account); err != nil || len(list) != 3 {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = d.examiner.Add(t.Context(), account, "年假怎么请？", pay, "lin")
	wantReason(t, err, "golden_taken")
	_, err = d.examiner.Add(t.Context(), account, "？", pay, "lin")
	wantReason(t, err, "question_empty")
	_, err = d.examiner.Add(t.Context(), account, strings.Repeat("长", 401), pay, "lin")
	wantReason(t, err, "too_long")
	if _, err = d.examiner.Add(t.Context(), account, "新的问题", 999, "lin"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("an entry that is gone: %v", err)
	}
}

func TestExaminer_suggested(t *testing.T) {
	t.Parallel()
	s := newStore()
	ids := s.fill(entry("如何申请年假", "怎么请假"), entry("如何申请病假", "怎么请假"))
	d := newDesk(t, s)
	_, err := d.examiner.Add(t.Context(), account, "怎么请假", ids["如何申请病假"], "lin")
	must(t, err)
	exam, err := d.examiner.Run(t.Context(), acc())
	if err != nil || exam.Suggested != 1 {
		t.Errorf("%+v, %v", exam, err)
	}
	preview, err := d.examiner.Preview(t.Context(), acc(), nil, []uint64{ids["如何申请年假"]})
	if err != nil || preview.Better != 1 || preview.Moves[0].Before.Verdict != curate.VerdictSuggested {
		t.Errorf("%+v, %v", preview, err)
	}
}

func TestPreview_is_empty_without_golden_questions(t *testing.T) {
	t.Parallel()
	d := newDesk(t, newStore())
	preview, err := d.examiner.Preview(t.Context(), acc(), []model.Entry{entry("一")}, nil)
	if err != nil || preview.Asked != 0 || preview.Moves != nil {
		t.Errorf("%+v, %v", preview, err)
	}
}
