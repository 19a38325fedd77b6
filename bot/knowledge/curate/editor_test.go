package curate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/bot/knowledge/curate"
	"deskmate/model"
)

func TestSave(t *testing.T) {
	t.Parallel()
	d := newDesk(t, newStore())
	e := model.Entry{
		Group: " 假期 //　流程/", Question: " 如何申请\n年假　", Similar: []string{"年假怎么请？", "年假怎么请", "", "如何申请年假", "！？", "想休年假"},
		Answer: "\u200b在 OA 里提交\r\n记得附件 ", More: []string{"", "再找主管"},
	}
	saved, err := d.editor.Save(t.Context(), acc(), e, 0, "lin")
	must(t, err)
	want := model.Entry{
		ID: saved.Entry.ID, AccountID: account, Group: "假期/流程", Question: "如何申请 年假", Folded: "如何申请年假",
		Similar: []string{"年假怎么请？", "想休年假"}, Answer: "在 OA 里提交\n记得附件", More: []string{"再找主管"},
		State: model.EntryOn, Author: "lin", Version: 1,
	}
	if diff := cmp.Diff(want, saved.Entry); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if a := d.asks(t, "想休年假"); a.Kind != model.AnswerHit || a.Candidates[0].EntryID != saved.Entry.ID {
		t.Errorf("it doesn't answer: %+v", a)
	}

	again := saved.Entry
	again.Answer = "改了"
	second, err := d.editor.Save(t.Context(), acc(), again, saved.Entry.Version, "wang")
	must(t, err)
	if a := d.asks(t, "想休年假"); a.Candidates[0].Answer != "改了" {
		t.Errorf("the old answer still stands: %+v", a)
	}
	_, err = d.editor.Save(t.Context(), acc(), again, saved.Entry.Version, "lin")
	if e, ok := errors.AsType[*model.Error](err); !errors.Is(err, model.ErrStale) || !ok || e.Message != "这条问答刚被别人改过，请刷新后再改" {
		t.Errorf("a save upon an old version: %v", err)
	}
	if got, err := d.editor.Entry(t.Context(), account, second.Entry.ID); err != nil || got.Author != "wang" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSave_says_what_is_wrong_where(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 201)
	for _, tt := range []struct {
		name   string
		change func(*model.Entry)
		reason string
		told   []string
	}{
		{"no question", func(e *model.Entry) { e.Question = "　" }, "question_empty", []string{"标准问题不能为空"}},
		{"a question of signs", func(e *model.Entry) { e.Question = "？！" }, "question_empty", []string{"没有可以匹配的文字"}},
		{"no answer", func(e *model.Entry) { e.Answer = " \n" }, "answer_empty", []string{"答案不能为空"}},
		{"a long question", func(e *model.Entry) { e.Question = long }, "too_long", []string{"标准问题超过 200 个字符（现有 201 个）"}},
		{"a long folded question", func(e *model.Entry) { e.Question = strings.Repeat("㍿", 100) }, "too_long", []string{"展开后超过 200"}},
		{"a long similar question", func(e *model.Entry) { e.Similar = []string{"短", long} }, "too_long", []string{"第 2 条相似问题超过 200"}},
		{"a long message", func(e *model.Entry) { e.More = []string{strings.Repeat("长", 5001)} }, "too_long", []string{"第 2 条消息超过 5000"}},
		{"many messages", func(e *model.Entry) { e.More = []string{"2", "3", "4", "5", "6"} }, "too_many_messages", []string{"最多 5 条消息（现有 6 条）"}},
		{"a control character", func(e *model.Entry) { e.Similar = []string{"二\x07"} }, "bad_character", []string{"第 1 条相似问题的第 2 个字符是非法字符 U+0007"}},
		{"nothing but one", func(e *model.Entry) { e.Similar = []string{"\x07"} }, "bad_character", []string{"第 1 条相似问题的第 1 个字符"}},
		{"a damaged character", func(e *model.Entry) { e.Answer = "好\ufffd" }, "bad_character", []string{"答案的第 2 个字符", "U+FFFD"}},
		{"a long group", func(e *model.Entry) { e.Group = strings.Repeat("组", 192) }, "too_long", []string{"分组超过 191"}},
		{"a state", func(e *model.Entry) { e.State = "maybe" }, "entry_state", []string{"启用或停用"}},
		{"dates the wrong way round", func(e *model.Entry) { e.ValidFromMS, e.ValidUntilMS = 5, 5 }, "entry_validity", []string{"失效时间必须晚于生效时间"}},
		{"media that isn't there", func(e *model.Entry) { e.More = []string{"[图片:7]"} }, "media_missing", []string{"第 2 条消息引用的 [图片:7] 不存在"}},
		{"media of another kind", func(e *model.Entry) { e.Answer = "[图片:9]" }, "media_kind", []string{"第 1 条消息"}},
		{"several", func(e *model.Entry) { e.Question, e.Answer = "", "" }, "question_empty", []string{"标准问题不能为空；答案不能为空"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStore()
			s.media[8] = model.Blob{ID: 8, Kind: model.BlobMedia, Type: "image/png"}
			s.media[9] = model.Blob{ID: 9, Kind: model.BlobMedia, Type: "application/pdf"}
			d := newDesk(t, s)
			e := entry("一")
			e.Answer, e.More = "[图片:8]", []string{"[文件:9]"}
			tt.change(&e)
			_, err := d.editor.Save(t.Context(), acc(), e, 0, "lin")
			wantReason(t, err, tt.reason)
			for _, told := range tt.told {
				if err == nil || !strings.Contains(err.Error(), told) {
					t.Errorf("%v doesn't say %q", err, told)
				}
			}
			if s.version() != 0 {
				t.Error("something was stored")
			}
		})
	}
}

func TestSave_tells_what_is_near(t *testing.T) {
	t.Parallel()
	s := newStore()
	ids := s.fill(entry("如何申请年假", "年假怎么请"), entry("工资什么时候发"))
	d := newDesk(t, s)
	saved, err := d.editor.Save(t.Context(), acc(), entry("年假申请流程", "年假怎么请呢", "食堂在哪里"), 0, "lin")
	must(t, err)
	want := []curate.Near{{Variant: "年假怎么请呢", EntryID: ids["如何申请年假"], Question: "如何申请年假", Match: "年假怎么请", Score: 1, Exact: true}}
	if diff := cmp.Diff(want, saved.Near); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	self, err := d.editor.Save(t.Context(), acc(), saved.Entry, 0, "lin")
	must(t, err)
	for _, n := range self.Near {
		if n.EntryID == saved.Entry.ID {
			t.Errorf("an entry is near to itself: %+v", n)
		}
	}
}

func TestSave_hands_conflicts_on(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.fill(entry("如何申请年假"))
	d := newDesk(t, s)
	_, err := d.editor.Save(t.Context(), acc(), entry("如何申请年假？"), 0, "lin")
	wantReason(t, err, "question_taken")
	gone := entry("别的")
	gone.ID = 999
	if _, err := d.editor.Save(t.Context(), acc(), gone, 0, "lin"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("an entry that is gone: %v", err)
	}
	s.hook(func(method string) error {
		if method == "SaveEntry" {
			return errDown
		}
		return nil
	}, nil)
	if _, err := d.editor.Save(t.Context(), acc(), entry("新的"), 0, "lin"); !errors.Is(err, errDown) {
		t.Errorf("a store that is away: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := newStore()
	ids := s.fill(entry("如何申请年假", "年假怎么请"), entry("工资什么时候发"))
	d := newDesk(t, s)
	_, err := d.examiner.Add(t.Context(), account, "食堂几点开门", 0, "lin")
	must(t, err)
	_, err = d.examiner.Add(t.Context(), account, "年假怎么请", ids["如何申请年假"], "lin")
	must(t, err)
	version := s.version()

	checked, err := d.editor.Check(t.Context(), acc(), entry("食堂几点开门？"))
	must(t, err)
	want := curate.Preview{Asked: 2, Worse: 1, Moves: []curate.Move{{
		Question: "食堂几点开门",
		Before:   curate.Outcome{Verdict: curate.VerdictRight, Kind: model.AnswerMiss},
		After:    curate.Outcome{Verdict: curate.VerdictWrong, Kind: model.AnswerHit, Question: "食堂几点开门？", Score: 1},
	}}}
	ignore := cmpopts.IgnoreFields(curate.Move{}, "GoldenID", "Before.EntryID", "Before.Question", "Before.Score")
	if diff := cmp.Diff(want, checked.Preview, ignore); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	changed := entry("如何申请年假")
	changed.ID = ids["如何申请年假"]
	changed.State = model.EntryOff
	checked, err = d.editor.Check(t.Context(), acc(), changed)
	must(t, err)
	if p := checked.Preview; p.Worse != 1 || p.Moves[0].EntryID != changed.ID || p.Moves[0].After.Verdict != curate.VerdictMissed {
		t.Errorf("switching an entry off: %+v", p)
	}
	if s.version() != version {
		t.Error("a check wrote something")
	}
	changed.ID = 999
	if _, err := d.editor.Check(t.Context(), acc(), changed); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("an entry that is gone: %v", err)
	}
}

func TestHistory_and_restore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, newStore())
	first, err := d.editor.Save(t.Context(), acc(), entry("怎么请假", "请假流程"), 0, "lin")
	must(t, err)
	e := first.Entry
	e.Answer, e.Similar = "答：在 OA 里", nil
	_, err = d.editor.Save(t.Context(), acc(), e, 0, "wang")
	must(t, err)

	history, err := d.editor.History(t.Context(), account, e.ID)
	must(t, err)
	want := []curate.FieldDiff{
		{Field: curate.FieldSimilar, Runs: []curate.Run{run(curate.OpDeleted, "请假流程\n")}},
		{Field: curate.FieldAnswer, Runs: []curate.Run{
			run(curate.OpKept, "答："), run(curate.OpDeleted, "怎么请假"), run(curate.OpInserted, "在 OA 里"),
		}},
	}
	if len(history) != 2 || history[0].Change.Author != "wang" || history[1].Diff != nil {
		t.Fatalf("%+v", history)
	}
	if diff := cmp.Diff(want, history[0].Diff); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	must(t, d.editor.Delete(t.Context(), account, e.ID, "wang"))
	if a := d.asks(t, "请假流程"); a.Kind != model.AnswerMiss {
		t.Errorf("a deleted entry answers: %+v", a)
	}
	if err := d.editor.Delete(t.Context(), account, e.ID, "wang"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	back, err := d.editor.Restore(t.Context(), acc(), e.ID, first.Entry.Version, "lin")
	must(t, err)
	if !back.Entry.Same(&first.Entry) {
		t.Errorf("restored %+v", back.Entry)
	}
	if a := d.asks(t, "请假流程"); a.Kind != model.AnswerHit {
		t.Errorf("a restored entry doesn't answer: %+v", a)
	}
	if _, err := d.editor.Restore(t.Context(), acc(), e.ID, 99, "lin"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a version that never was: %v", err)
	}
	if _, err := d.editor.History(t.Context(), account, 999); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("an entry that never was: %v", err)
	}
}
