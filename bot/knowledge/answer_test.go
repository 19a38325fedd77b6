package knowledge_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge"
	"deskmate/model"
)

// source is a store of entries in memory.
type source struct {
	mu       sync.Mutex
	accounts map[uint64]*stored
	loads    int   // calls of Entries
	fail     error // returned by every method while set
}

type stored struct {
	version uint64
	entries map[uint64]model.Entry
	gone    map[uint64]uint64 // deleted id → version
}

func newSource(entries ...model.Entry) *source {
	s := &source{accounts: map[uint64]*stored{}}
	s.put(1, entries...)
	return s
}

func (s *source) account(id uint64) *stored {
	a, ok := s.accounts[id]
	if !ok {
		a = &stored{entries: map[uint64]model.Entry{}, gone: map[uint64]uint64{}}
		s.accounts[id] = a
	}
	return a
}

func (s *source) put(account uint64, entries ...model.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(account)
	a.version++
	for _, e := range entries {
		e.Version = a.version
		a.entries[e.ID] = e
		delete(a.gone, e.ID)
	}
}

func (s *source) remove(account uint64, ids ...uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(account)
	a.version++
	for _, id := range ids {
		delete(a.entries, id)
		a.gone[id] = a.version
	}
}

// restore puts an account back to an earlier version with these entries.
func (s *source) restore(account, version uint64, entries ...model.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &stored{version: version, entries: map[uint64]model.Entry{}, gone: map[uint64]uint64{}}
	for _, e := range entries {
		a.entries[e.ID] = e
	}
	s.accounts[account] = a
}

func (s *source) setFail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *source) loadCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loads
}

func (s *source) KnowledgeVersions(context.Context) (map[uint64]uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	versions := map[uint64]uint64{}
	for id, a := range s.accounts {
		versions[id] = a.version
	}
	return versions, s.fail
}

func (s *source) Entries(_ context.Context, accountID uint64) ([]model.Entry, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	a := s.account(accountID)
	return slices.Collect(maps.Values(a.entries)), a.version, s.fail
}

func (s *source) EntriesSince(_ context.Context, accountID, version uint64) ([]model.Entry, []uint64, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID)
	var changed []model.Entry
	var deleted []uint64
	for _, e := range a.entries {
		if e.Version > version {
			changed = append(changed, e)
		}
	}
	for id, at := range a.gone {
		if at > version {
			deleted = append(deleted, id)
		}
	}
	return changed, deleted, a.version, s.fail
}

func newBase(t testing.TB, s knowledge.Source) *knowledge.Base {
	t.Helper()
	base, err := knowledge.New(knowledge.Config{Source: s, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func mustAnswer(t testing.TB, base *knowledge.Base, question string) model.Answer {
	t.Helper()
	a, err := base.Answer(t.Context(), 1, question, model.DefaultPolicy().Bot)
	if err != nil {
		t.Fatalf("Answer(%q): %v", question, err)
	}
	return a
}

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
			a, err := base.Answer(t.Context(), 1, "密码忘了怎么重置", tt.policy)
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
		a, err := base.Answer(t.Context(), account, "食堂几点开饭", model.DefaultPolicy().Bot)
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
	if _, err := base.Answer(t.Context(), 1, "年假有几天", model.DefaultPolicy().Bot); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("error %v, want unavailable", err)
	}
	s.setFail(nil)
	if a := mustAnswer(t, base, "年假有几天"); a.Kind != model.AnswerHit {
		t.Errorf("kind %s after the source came back", a.Kind)
	}
}

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

		s.remove(1, 3)
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

func BenchmarkAnswer(b *testing.B) {
	b.Run("docs=10k", func(b *testing.B) {
		s := newSource(benchmarkEntries(2500)...)
		base := newBase(b, s)
		questions := make([]string, 500)
		for i, e := range benchmarkEntries(len(questions)) {
			questions[i] = e.Question + "怎么处理"
		}
		policy := model.DefaultPolicy().Bot
		if err := base.Load(b.Context(), 1); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		i := 0
		took := make([]time.Duration, 0, 1<<16)
		for b.Loop() {
			start := time.Now()
			if _, err := base.Answer(b.Context(), 1, questions[i%len(questions)], policy); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
			i++
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	})
}
