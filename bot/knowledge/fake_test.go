package knowledge_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/model"
)

// source is a store of entries in memory.
type source struct {
	mu       sync.Mutex
	accounts map[uint64]*stored
	words    map[uint64][]model.Synonym
	hot      []uint64
	loads    int   // calls of Entries
	hots     int   // calls of HotEntries
	polls    int   // calls of KnowledgeVersions
	fail     error // returned by every method while set
}

type stored struct {
	version uint64
	entries map[uint64]model.Entry
	gone    map[uint64]uint64 // deleted id → version
}

func newSource(entries ...model.Entry) *source {
	s := &source{accounts: map[uint64]*stored{}, words: map[uint64][]model.Synonym{}}
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

func (s *source) remove(ids ...uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(1)
	a.version++
	for _, id := range ids {
		delete(a.entries, id)
		a.gone[id] = a.version
	}
}

func (s *source) say(account uint64, words ...model.Synonym) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account(account).version++
	s.words[account] = words
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

func (s *source) pollCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.polls
}

func (s *source) KnowledgeVersions(context.Context) (map[uint64]uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.polls++
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

func (s *source) Synonyms(_ context.Context, accountID uint64) ([]model.Synonym, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.words[accountID], s.fail
}

func (s *source) HotEntries(_ context.Context, _ uint64, _ int64, limit int) ([]uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hots++
	return s.hot[:min(limit, len(s.hot))], s.fail
}

// newBase makes a base over s that learns nothing; with may configure more.
func newBase(t testing.TB, s knowledge.Source, with ...func(*knowledge.Config)) *knowledge.Base {
	t.Helper()
	cfg := knowledge.Config{Source: s, Log: slog.New(slog.DiscardHandler)}
	for _, do := range with {
		do(&cfg)
	}
	base, err := knowledge.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// learning has a base learn, with encoders kept in e.
func learning(e *encoders, owner string) func(*knowledge.Config) {
	return func(cfg *knowledge.Config) { cfg.Encoders, cfg.Owner = e, owner }
}

func ask(question string) model.Ask {
	return model.Ask{Question: question, Policy: model.DefaultPolicy().Bot}
}

func mustAnswer(t testing.TB, base *knowledge.Base, question string) model.Answer {
	t.Helper()
	a, err := base.Answer(t.Context(), 1, ask(question))
	if err != nil {
		t.Fatalf("Answer(%q): %v", question, err)
	}
	return a
}

func mustExplain(t testing.TB, base *knowledge.Base, account uint64, question string) model.Explanation {
	t.Helper()
	e, err := base.Explain(t.Context(), account, ask(question))
	if err != nil {
		t.Fatalf("Explain(%q): %v", question, err)
	}
	return e
}

// lines are entries with more than enough variants to learn from.
func lines(n int) []model.Entry {
	list := make([]model.Entry, n)
	for i := range list {
		list[i] = entry(uint64(1000+i), fmt.Sprintf("第%d号班车几点开", i), fmt.Sprintf("%d号线班车时刻", i))
	}
	return list
}

// run runs a base in a bubble until stop is called, which fails the test if Run does.
func run(t *testing.T, base *knowledge.Base) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- base.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// pass lets time go by on the bubble's clock, and what was begun come to its end.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
