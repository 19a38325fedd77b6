package curate_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// asked is a miss of an employee in a session; further fields are set by the test.
func asked(id, session uint64, employee, text string) model.Question {
	return model.Question{
		ID: id, AccountID: account, SessionID: session, Employee: employee, Text: text, Folded: match.Fold(text),
		Outcome: model.OutcomeMissed, Miss: model.MissOpen, AtMS: int64(id) * 1000,
	}
}

func TestClusters(t *testing.T) {
	t.Parallel()
	s := newStore()
	ids := s.fill(entry("公司班车几点发车"), entry("如何申请年假"))
	s.questions = []model.Question{
		asked(1, 11, "wang", "公司班车周末有没有"), asked(2, 12, "li", "周末公司班车有没有？"), asked(3, 13, "li", "公司班车周末有没有"),
		asked(4, 14, "zhao", "打印机卡纸了怎么处理"), asked(5, 14, "zhao", "打印机卡纸怎么处理啊"),
		asked(6, 15, "qian", "入职需要准备哪些材料"), asked(7, 16, "sun", "离职需要准备哪些材料"),
		asked(8, 17, "zhou", "已经处理过的"),
	}
	for i, ms := range []int64{60_000, 0, 120_000, 600_000, 500_000, 30_000, 20_000, 9_000_000} {
		s.questions[i].HumanMS = ms
	}
	s.questions[4].Feedback = model.FeedbackDown
	s.questions[7].Miss = model.MissSolved
	d := newDesk(t, s)
	got, err := d.misses.Clusters(t.Context(), acc(), 0, 0)
	must(t, err)
	want := []curate.Cluster{
		{
			Question: "打印机卡纸了怎么处理", IDs: []uint64{5, 4}, Examples: []string{"打印机卡纸怎么处理啊"},
			Count: 2, Disliked: 1, People: 1, Sessions: 1, HumanMS: 600_000, LastMS: 5000,
		},
		{
			Question: "公司班车周末有没有", IDs: []uint64{3, 2, 1}, Examples: []string{"周末公司班车有没有？"},
			Count: 3, People: 2, Sessions: 3, HumanMS: 180_000, LastMS: 3000,
		},
		{Question: "入职需要准备哪些材料", IDs: []uint64{6}, Count: 1, People: 1, Sessions: 1, HumanMS: 30_000, LastMS: 6000},
		{Question: "离职需要准备哪些材料", IDs: []uint64{7}, Count: 1, People: 1, Sessions: 1, HumanMS: 20_000, LastMS: 7000},
	}
	for i := range got {
		n := got[i].Nearest
		got[i].Nearest = curate.Nearest{}
		if got[i].Question == "公司班车周末有没有" && (n.EntryID != ids["公司班车几点发车"] || n.Question != "公司班车几点发车" || n.Score <= 0) {
			t.Errorf("nearest: %+v", n)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := d.misses.Clusters(t.Context(), acc(), 6500, 1); err != nil || len(got) != 1 || got[0].IDs[0] != 7 {
		t.Errorf("since then: %+v, %v", got, err)
	}
}

// The same misses give the same clusters, in whatever order they come.
func TestClusters_are_the_same_in_any_order(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	list := manyMisses(random, 400)
	var first []curate.Cluster
	for range 5 {
		s := newStore()
		random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
		s.questions = list
		got, err := newDesk(t, s).misses.Clusters(t.Context(), acc(), 0, 200)
		must(t, err)
		if first == nil {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Fatalf("(-first +now):\n%s", diff)
		}
		s.questions = nil
	}
	seen := map[uint64]bool{}
	for _, c := range first {
		for _, id := range c.IDs {
			if seen[id] {
				t.Fatalf("question %d is in two clusters", id)
			}
			seen[id] = true
		}
	}
}

// manyMisses makes up questions of many kinds, each put in several ways.
func manyMisses(random *rand.Rand, n int) []model.Question {
	const things = "打印机,门禁卡,工资条,年假,病假,报销单,班车,会议室,电脑,邮箱,座机,工位,体检,社保,公积金,食堂,停车位,合同,证明,培训"
	const verbs = "怎么申请,在哪里领,坏了找谁,什么时候发,可以换吗,需要哪些材料,多久能好,如何取消,流程是什么,能不能延期"
	const places = "上海,北京,广州,深圳,成都,武汉,南京,西安,杭州,苏州,总部,分公司,研发楼,仓库,工厂"
	pick := func(list string) string {
		all := strings.Split(list, ",")
		return all[random.IntN(len(all))]
	}
	list := make([]model.Question, n)
	for i := range list {
		list[i] = asked(uint64(i+1), uint64(i/2), fmt.Sprint(random.IntN(50)), pick(places)+"的"+pick(things)+pick(verbs)+pick("啊,呢,？,,谢谢,急"))
		list[i].HumanMS = random.Int64N(1000)
	}
	return list
}

func TestDraft(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.questions = []model.Question{
		asked(1, 11, "wang", "公司班车周末有没有"), asked(2, 12, "li", "周末公司班车有没有？"), asked(3, 13, "li", "公司班车周末有没有"),
	}
	s.replies = map[uint64][]string{
		11: {"您好，请稍等", "我帮您查一下", "班车周末不开，可以打车，凭票报销，上限 50 元", "不客气"},
		12: {"在的", "您是问哪条线的班车？", "周末班车停运，可以打车报销", "还有其他问题吗"},
		13: {"好的", "👌"},
	}
	d := newDesk(t, s)
	draft, err := d.misses.Draft(t.Context(), acc(), []uint64{1, 2, 3})
	must(t, err)
	want := curate.Draft{
		Question: "公司班车周末有没有", Similar: []string{"周末公司班车有没有？"}, Answer: "班车周末不开，可以打车，凭票报销，上限 50 元",
		Sources: []curate.Source{
			{SessionID: 11, Text: "班车周末不开，可以打车，凭票报销，上限 50 元"},
			{SessionID: 12, Text: "周末班车停运，可以打车报销"},
			{SessionID: 12, Text: "您是问哪条线的班车？"},
		},
	}
	if diff := cmp.Diff(want, draft); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if draft, err := d.misses.Draft(t.Context(), acc(), []uint64{3}); err != nil || draft.Answer != "" || draft.Sources != nil || draft.Question == "" {
		t.Errorf("without an answer: %+v, %v", draft, err)
	}
	_, err = d.misses.Draft(t.Context(), acc(), nil)
	wantReason(t, err, "nothing_selected")
	_, err = d.misses.Draft(t.Context(), acc(), []uint64{99})
	wantReason(t, err, "not_found")
}

// condenser counts what it is given and answers as it was told.
type condenser struct {
	text string
	err  error
	got  []string
}

func (c *condenser) Condense(_ context.Context, _ model.Account, question string, replies []string) (string, error) {
	c.got = append([]string{question}, replies...)
	return c.text, c.err
}

func TestDraft_condensed(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.questions = []model.Question{asked(1, 11, "wang", "周末有没有班车")}
	s.replies = map[uint64][]string{11: {"您好", "周末班车不开，可以打车报销"}}
	d := newDesk(t, s)
	for _, c := range []*condenser{{text: "周末没有班车。"}, {err: errDown}} {
		misses, err := curate.NewMisses(curate.MissesConfig{
			Questions: s, Base: d.base, Editor: d.editor, Log: slog.New(slog.DiscardHandler), Condenser: c,
		})
		must(t, err)
		draft, err := misses.Draft(t.Context(), acc(), []uint64{1})
		must(t, err)
		if draft.Condensed != c.text || draft.Answer != "周末班车不开，可以打车报销" {
			t.Errorf("%+v", draft)
		}
		if !slices.Equal(c.got, []string{"周末有没有班车", "周末班车不开，可以打车报销"}) {
			t.Errorf("it was given %q", c.got)
		}
	}
}

func TestDraft_leaves_idle_talk_out(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.questions = []model.Question{asked(1, 11, "wang", "周末有没有班车")}
	d := newDesk(t, s)
	for _, text := range []string{
		"您好", "您好，请稍等", "稍等，我看一下哦", "好的，马上帮您查一下", "不客气，祝您工作顺利", "👌👌", "在的，请讲", "嗯嗯", "久等了，抱歉", "请问还有其他问题吗？", "1",
	} {
		s.replies = map[uint64][]string{11: {text}}
		if draft, err := d.misses.Draft(t.Context(), acc(), []uint64{1}); err != nil || draft.Sources != nil {
			t.Errorf("%q is taken for an answer: %+v, %v", text, draft, err)
		}
	}
	for _, text := range []string{"没有", "好的，已经帮您开通了", "请在 OA 里提交", "下周一恢复", "您好，周末不发车"} {
		s.replies = map[uint64][]string{11: {text}}
		draft, err := d.misses.Draft(t.Context(), acc(), []uint64{1})
		if err != nil || draft.Answer != text && text != "没有" {
			t.Errorf("%q is not taken for an answer: %+v, %v", text, draft, err)
		}
	}
}

func TestDraft_of_a_great_many(t *testing.T) {
	t.Parallel()
	s := newStore()
	var ids []uint64
	for i := range uint64(1000) {
		s.questions = append(s.questions, asked(i+1, i, "wang", fmt.Sprintf("周末%d号线有没有班车", i%200)))
		ids = append(ids, i+1)
		for n := range 40 {
			s.replies[i] = append(s.replies[i], fmt.Sprintf("%d 号线周末不发车，第 %d 次回答，请改坐地铁或者打车报销", i, n))
		}
	}
	d := newDesk(t, s)
	draft, err := d.misses.Draft(t.Context(), acc(), ids)
	must(t, err)
	if len(draft.Sources) != 20 || len(draft.Similar) != 50 || draft.Sources[0].SessionID < 900 {
		t.Errorf("%d sources, %d similar questions", len(draft.Sources), len(draft.Similar))
	}
}

// noNumbers takes all digits out.
func noNumbers(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '*'
		}
		return r
	}, text)
}

// What becomes knowledge has nobody's number in it: neither as it is listed, nor as it is drafted
// and made into an entry.
func TestMasked(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.questions = []model.Question{asked(1, 11, "wang", "我的手机号 13812345678 怎么改"), asked(2, 12, "li", "我的手机号 13987654321 怎么改")}
	s.replies = map[uint64][]string{11: {"请打 13611112222 找小李"}}
	d := newDesk(t, s)
	misses, err := curate.NewMisses(curate.MissesConfig{
		Questions: curate.Masked(s, noNumbers), Base: d.base, Editor: d.editor, Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	clusters, err := misses.Clusters(t.Context(), acc(), 0, 0)
	must(t, err)
	draft, err := misses.Draft(t.Context(), acc(), []uint64{1, 2})
	must(t, err)
	recent, err := curate.MaskedAsked(s, noNumbers).RecentQuestions(t.Context(), account, 10)
	must(t, err)
	solved, err := misses.Make(t.Context(), acc(), []uint64{1, 2}, model.Entry{Question: "怎么改手机号", Answer: draft.Answer}, "li")
	must(t, err)
	said := fmt.Sprintf("%+v %+v %+v %+v", clusters, draft, recent, solved)
	for _, number := range []string{"13812345678", "13987654321", "13611112222"} {
		if strings.Contains(said, number) {
			t.Errorf("%s is in %s", number, said)
		}
	}
	if n := strings.Count(said, "我的手机号"); n < 4 {
		t.Errorf("the words around numbers are gone: %s", said)
	}
	if text := s.questions[0].Text; !strings.Contains(text, "13812345678") {
		t.Errorf("what is stored changed: %s", text)
	}
}
