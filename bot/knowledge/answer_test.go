package knowledge_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

func TestNew_wants_its_parts(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]knowledge.Config{
		"no source": {Log: slog.New(slog.DiscardHandler)},
		"no log":    {Source: newSource()},
	} {
		if _, err := knowledge.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	off := entry(50, "怎么修电梯")
	off.State = model.EntryOff
	entries := append(office(), off, entry(51, "你好"), entry(60, "甲楼在哪里", "前台在哪里"), entry(61, "乙楼在哪里", "前台在哪里"))
	base := newBase(t, newSource(entries...))
	tests := []struct {
		name, question string
		kind           model.AnswerKind
		exact          bool
		first          uint64
	}{
		{"letter for letter", "年假有几天？", model.AnswerHit, true, 3},
		{"near enough", "密码忘了怎么重置", model.AnswerHit, false, 1},
		{"perhaps", "入职要带什么材料", model.AnswerSuggest, false, 5},
		{"another matter", "食堂的菜单在哪看", model.AnswerMiss, false, 0},
		{"an entry that is off", "怎么修电梯", model.AnswerMiss, false, 0},
		{"small talk", "谢谢", model.AnswerSmall, false, 0},
		{"an exact entry before small talk", "你好", model.AnswerHit, true, 51},
		{"two entries with the same similar question", "前台在哪里", model.AnswerSuggest, false, 60},
		{"nothing to read", "…", model.AnswerSmall, false, 0},
		{"empty", "", model.AnswerMiss, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := mustAnswer(t, base, tt.question)
			if a.Kind != tt.kind || a.Exact != tt.exact {
				t.Fatalf("kind %s, exact %t, want %s, %t (%+v)", a.Kind, a.Exact, tt.kind, tt.exact, a)
			}
			if len(a.Candidates) > 5 {
				t.Errorf("%d candidates", len(a.Candidates))
			}
			if tt.first != 0 && (len(a.Candidates) == 0 || a.Candidates[0].EntryID != tt.first || a.Candidates[0].Score != a.Score ||
				a.Candidates[0].Answer != fmt.Sprintf("答案 %d", tt.first)) {
				t.Errorf("candidates %+v, want entry %d first", a.Candidates, tt.first)
			}
			if small := a.Kind == model.AnswerSmall; small != (a.Text != "") {
				t.Errorf("text %q with kind %s", a.Text, a.Kind)
			}
		})
	}
}

func TestAnswer_obeys_the_thresholds(t *testing.T) {
	t.Parallel()
	base := newBase(t, newSource(office()...))
	score := mustAnswer(t, base, "密码忘了怎么重置").Score
	tests := []struct {
		name      string
		policy    model.BotPolicy
		kind      model.AnswerKind
		threshold float64
	}{
		{"at the answer threshold", model.BotPolicy{Answer: score, Suggest: 0.1}, model.AnswerHit, score},
		{"below it", model.BotPolicy{Answer: score + 0.001, Suggest: 0.1}, model.AnswerSuggest, 0.1},
		{"at the suggestion threshold", model.BotPolicy{Answer: 1, Suggest: score}, model.AnswerSuggest, score},
		{"below both", model.BotPolicy{Answer: 1, Suggest: score + 0.001}, model.AnswerMiss, score + 0.001},
		{"none configured", model.BotPolicy{}, model.AnswerHit, model.DefaultPolicy().Bot.Answer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := base.Answer(t.Context(), 1, model.Ask{Question: "密码忘了怎么重置", Policy: tt.policy})
			if err != nil || a.Kind != tt.kind || a.Threshold != tt.threshold || a.Score != score {
				t.Errorf("%+v, %v, want %s at %v", a, err, tt.kind, tt.threshold)
			}
		})
	}
}

func TestAnswer_keeps_accounts_apart(t *testing.T) {
	t.Parallel()
	s := newSource(entry(1, "年假有几天"))
	s.put(2, entry(2, "食堂几点开饭"))
	base := newBase(t, s)
	for account, want := range map[uint64]model.AnswerKind{1: model.AnswerMiss, 2: model.AnswerHit, 3: model.AnswerMiss} {
		a, err := base.Answer(t.Context(), account, ask("食堂几点开饭"))
		if err != nil || a.Kind != want {
			t.Errorf("account %d: %s, %v, want %s", account, a.Kind, err, want)
		}
	}
}

func TestEntry(t *testing.T) {
	t.Parallel()
	off := entry(2, "怎么修电梯")
	off.State = model.EntryOff
	base := newBase(t, newSource(entry(1, "年假有几天", "年假怎么休"), off))
	got, err := base.Entry(t.Context(), 1, 1)
	want := model.AnswerCandidate{EntryID: 1, Question: "年假有几天", Answer: "答案 1", Score: 1, Variant: "年假有几天"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, id := range []uint64{2, 3} {
		if _, err := base.Entry(t.Context(), 1, id); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("entry %d: %v, want not found", id, err)
		}
	}
}

func TestAnswer_reads_an_account_once(t *testing.T) {
	t.Parallel()
	s := newSource(office()...)
	base := newBase(t, s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { mustAnswer(t, base, "年假有几天") })
	}
	wg.Wait()
	if got := s.loadCount(); got != 1 {
		t.Errorf("read %d times", got)
	}
}

func TestAnswer_reports_a_source_that_fails_and_tries_again(t *testing.T) {
	t.Parallel()
	s := newSource(office()...)
	s.setFail(model.ErrUnavailable)
	base := newBase(t, s)
	if _, err := base.Answer(t.Context(), 1, ask("年假有几天")); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("error %v, want unavailable", err)
	}
	s.setFail(nil)
	if a := mustAnswer(t, base, "年假有几天"); a.Kind != model.AnswerHit {
		t.Errorf("kind %s after the source came back", a.Kind)
	}
}

func TestAnswer_gives_all_messages(t *testing.T) {
	t.Parallel()
	long := entry(1, "年假有几天")
	long.More = []string{"[图片:12]", "详见员工手册"}
	base := newBase(t, newSource(long))
	a := mustAnswer(t, base, "年假有几天")
	if len(a.Candidates) == 0 || !slices.Equal(a.Candidates[0].More, long.More) {
		t.Errorf("candidates %+v", a.Candidates)
	}
	c, err := base.Entry(t.Context(), 1, 1)
	if err != nil || !slices.Equal(c.More, long.More) {
		t.Errorf("Entry: %+v, %v", c, err)
	}
}

// TestAnswer_obeys_validity walks past the edges of an entry's validity.
func TestAnswer_obeys_validity(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	dated := entry(1, "年假有几天")
	dated.ValidFromMS, dated.ValidUntilMS = from.UnixMilli(), from.Add(time.Hour).UnixMilli()
	s := newSource(dated, entry(2, "年假怎么休"))
	s.hot = []uint64{1, 2}
	var now time.Time
	base := newBase(t, s, func(cfg *knowledge.Config) { cfg.Now = func() time.Time { return now } })
	for _, tt := range []struct {
		name string
		at   time.Time
		live bool
	}{
		{"before", from.Add(-time.Millisecond), false},
		{"at the beginning", from, true},
		{"just before the end", from.Add(time.Hour - time.Millisecond), true},
		{"at the end", from.Add(time.Hour), false},
	} {
		now = tt.at
		a := mustAnswer(t, base, "年假有几天")
		if a.Exact != tt.live || slices.ContainsFunc(a.Candidates, func(c model.AnswerCandidate) bool { return c.EntryID == 1 }) != tt.live {
			t.Errorf("%s: %+v, want the entry: %t", tt.name, a, tt.live)
		}
		if _, err := base.Entry(t.Context(), 1, 1); errors.Is(err, model.ErrNotFound) == tt.live {
			t.Errorf("%s: Entry: %v", tt.name, err)
		}
		hot, err := base.Hot(t.Context(), 1, 5)
		if err != nil || (hot[0].EntryID == 1) != tt.live {
			t.Errorf("%s: Hot: %+v, %v", tt.name, hot, err)
		}
	}
}

func TestHot(t *testing.T) {
	t.Parallel()
	off := entry(4, "怎么修电梯")
	off.State = model.EntryOff
	s := newSource(entry(1, "年假有几天"), entry(2, "年假怎么休"), entry(3, "几号发工资"), off)
	s.hot = []uint64{3, 4, 99, 1, 2}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	base := newBase(t, s, func(cfg *knowledge.Config) { cfg.Now = func() time.Time { return now } })
	expect := func(what string, n int, want ...uint64) {
		t.Helper()
		hot, err := base.Hot(t.Context(), 1, n)
		var got []uint64
		for _, c := range hot {
			got = append(got, c.EntryID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", what, got, err, want)
		}
	}
	expect("two", 2, 3, 1)
	expect("all that answer", 5, 3, 1, 2)
	expect("none", 0)
	s.hot = []uint64{2}
	now = now.Add(4 * time.Minute)
	expect("minutes later", 2, 3, 1)
	if s.hots != 1 {
		t.Errorf("read %d times", s.hots)
	}
	now = now.Add(2 * time.Minute)
	expect("later still", 2, 2)
	now = now.Add(time.Hour)
	s.setFail(model.ErrUnavailable)
	if _, err := base.Hot(t.Context(), 1, 2); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("error %v, want unavailable", err)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	base := newBase(t, newSource(office()...))
	q := ask("密码忘了怎么重置")
	x, err := base.Explain(t.Context(), 1, q)
	if err != nil {
		t.Fatal(err)
	}
	a := mustAnswer(t, base, q.Question)
	if diff := cmp.Diff(a, x.Answer); diff != "" {
		t.Errorf("the answer explained is another (-answer +explained):\n%s", diff)
	}
	if x.Folded == "" || x.Encoder || x.Embedding || x.Thresholds != [2]float64{q.Policy.Answer, q.Policy.Suggest} || x.TookMS < 0 {
		t.Errorf("%+v", x)
	}
	if len(x.Candidates) < len(a.Candidates) || len(x.Candidates) == 0 {
		t.Fatalf("%d candidates explained, %d answered", len(x.Candidates), len(a.Candidates))
	}
	for i, c := range x.Candidates {
		if i < len(a.Candidates) && !cmp.Equal(c.AnswerCandidate, a.Candidates[i]) {
			t.Errorf("candidate %d: %+v, want %+v", i, c.AnswerCandidate, a.Candidates[i])
		}
		if len(c.Features) != len(match.FeatureNames()) || c.Rank <= 0 {
			t.Errorf("candidate %d: %d features, rank %v", i, len(c.Features), c.Rank)
		}
	}
	if x := mustExplain(t, base, 1, "谢谢"); x.Answer.Kind != model.AnswerSmall || x.Answer.Model != match.WeightsVersion() {
		t.Errorf("small talk: %+v", x.Answer)
	}
	if x, err := base.Explain(t.Context(), 1, model.Ask{Question: "密码忘了怎么重置"}); err != nil ||
		x.Thresholds != [2]float64{model.DefaultPolicy().Bot.Answer, model.DefaultPolicy().Bot.Suggest} {
		t.Errorf("thresholds %v, %v, want the default ones", x.Thresholds, err)
	}
}

func TestAnswer_follows_up_on_a_topic(t *testing.T) {
	t.Parallel()
	base := newBase(t, newSource(entry(1, "年假有几天"), entry(2, "年假怎么申请"), entry(3, "班车怎么申请"), entry(4, "会议室怎么预订")))
	q := ask("怎么申请呢")
	plain, err := base.Answer(t.Context(), 1, q)
	if err != nil || plain.Topic || plain.Kind == model.AnswerHit {
		t.Errorf("without a topic: %+v, %v", plain, err)
	}
	for topic, want := range map[uint64]uint64{1: 2, 3: 3} {
		q.Topic = topic
		a, err := base.Answer(t.Context(), 1, q)
		if err != nil || !a.Topic || len(a.Candidates) == 0 || a.Candidates[0].EntryID != want {
			t.Errorf("about entry %d: %+v, %v, want entry %d", topic, a, err, want)
		}
		x, err := base.Explain(t.Context(), 1, q)
		if err != nil || !cmp.Equal(x.Answer, a) {
			t.Errorf("about entry %d: %+v explained, %+v answered", topic, x.Answer, a)
		}
	}
}
