package records_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"deskmate/bot/records"
	"deskmate/model"
)

// fakeStore keeps the sessions and the text index of one account.
type fakeStore struct {
	mu       sync.Mutex
	sessions map[uint64]*fakeSession
	segments map[uint64]model.TextSegment
	parts    map[string]model.TextPart
	owner    string
	reading  func() // called before messages are read
	asking   func() // called before parts are read
}

type fakeSession struct {
	record   model.Record
	messages []model.Message
	indexed  int // messages
	quiet    bool
}

func newFakeStore() *fakeStore {
	return &fakeStore{sessions: map[uint64]*fakeSession{}, segments: map[uint64]model.TextSegment{}, parts: map[string]model.TextPart{}}
}

// say adds lines to a session.
func (f *fakeStore) say(id uint64, lines ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sessions[id]
	if s == nil {
		s = &fakeSession{quiet: true}
		s.record.Session = model.Session{ID: id, AccountID: 1, Employee: fmt.Sprintf("e%d", id%3), OpenedMS: int64(id >> 22)}
		f.sessions[id] = s
	}
	for _, l := range lines {
		s.messages = append(s.messages, model.Message{
			SessionID: id, Seq: len(s.messages) + 1, From: model.FromEmployee, Sender: s.record.Session.Employee,
			Content: model.Content{Type: model.ContentText, Text: l},
		})
	}
	s.record.Session.MessageCount = len(s.messages)
}

func (f *fakeStore) ids(keep func(*fakeSession) bool, from, before uint64, limit int) []uint64 {
	var ids []uint64
	for id, s := range f.sessions {
		if id >= from && (before == 0 || id < before) && keep(s) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b uint64) int { return cmp.Compare(b, a) })
	return ids[:min(limit, len(ids))]
}

func (f *fakeStore) RecordIDs(_ context.Context, q model.RecordFilter, before uint64, limit int) ([]uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ids(func(*fakeSession) bool { return true }, model.FirstID(q.FromMS), before, limit), nil
}

func (f *fakeStore) Records(_ context.Context, q model.RecordFilter, ids []uint64) ([]model.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []model.Record
	for _, id := range ids {
		if s := f.sessions[id]; s != nil && (q.Employee == "" || q.Employee == s.record.Session.Employee) {
			list = append(list, s.record)
		}
	}
	return list, nil
}

func (f *fakeStore) Record(ctx context.Context, _, id uint64) (model.Record, error) {
	list, err := f.Records(ctx, model.RecordFilter{}, []uint64{id})
	if len(list) == 0 {
		return model.Record{}, model.ErrNotFound
	}
	return list[0], err
}

func (f *fakeStore) Names(_ context.Context, _ string, people []string) (map[string]string, error) {
	names := map[string]string{}
	for _, p := range people {
		names[p] = "=" + p
	}
	return names, nil
}

func (f *fakeStore) SessionMessages(_ context.Context, _ uint64, ids []uint64) (map[uint64][]model.Message, error) {
	if f.reading != nil {
		f.reading()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[uint64][]model.Message{}
	for _, id := range ids {
		all[id] = slices.Clone(f.sessions[id].messages)
	}
	return all, nil
}

func (f *fakeStore) UnindexedIDs(_ context.Context, _, from, before uint64, limit int) ([]uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ids(func(s *fakeSession) bool { return s.indexed < len(s.messages) }, from, before, limit), nil
}

func (f *fakeStore) UnindexedSessions(_ context.Context, _ uint64, _ int64, limit int) ([]model.SessionText, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []model.SessionText
	for _, id := range slices.Backward(f.ids(func(s *fakeSession) bool { return s.quiet && s.indexed < len(s.messages) }, 0, 0, 1<<30)) {
		if len(list) < limit {
			list = append(list, model.SessionText{ID: id, Lines: len(f.sessions[id].messages)})
		}
	}
	return list, nil
}

func (f *fakeStore) ClaimTextIndex(_ context.Context, _ uint64, owner string, _ time.Duration) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owner == "" {
		f.owner = owner
	}
	return f.owner == owner, nil
}

func (f *fakeStore) ReleaseTextIndex(_ context.Context, _ uint64, owner string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owner == owner {
		f.owner = ""
	}
	return nil
}

func (f *fakeStore) TextSegments(_ context.Context, _, from, before uint64) ([]model.TextSegment, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []model.TextSegment
	for _, s := range f.segments {
		if s.LastID >= from && (before == 0 || s.FirstID < before) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b model.TextSegment) int { return cmp.Compare(b.LastID, a.LastID) })
	return list, nil
}

func (f *fakeStore) TextParts(_ context.Context, _ uint64, segments []uint64, parts []int) ([]model.TextPart, error) {
	if f.asking != nil {
		f.asking()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []model.TextPart
	for p := range maps.Values(f.parts) {
		if slices.Contains(segments, p.SegmentID) && (parts == nil || slices.Contains(parts, p.Part)) {
			list = append(list, p)
		}
	}
	return list, nil
}

func (f *fakeStore) SaveTextParts(_ context.Context, parts []model.TextPart) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range parts {
		f.parts[fmt.Sprint(p.SegmentID, p.Part)] = p
	}
	return nil
}

func (f *fakeStore) PublishTextSegment(_ context.Context, owner string, seg model.TextSegment, replaces []uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owner != owner {
		return model.ErrFenced
	}
	for _, id := range replaces {
		delete(f.segments, id)
	}
	f.segments[seg.ID] = seg
	return nil
}

func (f *fakeStore) MarkIndexed(_ context.Context, _ uint64, sessions []model.SessionText) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range sessions {
		if len(f.sessions[s.ID].messages) == s.Lines {
			f.sessions[s.ID].indexed = s.Lines
		}
	}
	return nil
}

func (f *fakeStore) DropTextSegment(_ context.Context, _ string, _, id uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.segments, id)
	return nil
}

func (f *fakeStore) DropTextParts(context.Context, uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.parts, func(_ string, p model.TextPart) bool {
		_, used := f.segments[p.SegmentID]
		return !used
	})
	return nil
}

func simplify(r rune) rune {
	if r == '電' {
		return '电'
	}
	return r
}

func newIndexer(f *fakeStore, owner string, batch int) *records.Indexer {
	return records.NewIndexer(records.IndexerConfig{
		Store: f, Fold: records.Folder{Simplify: simplify}, Owner: owner, Now: time.Now, Log: slog.New(slog.DiscardHandler), Every: time.Hour, Batch: batch,
	})
}

func newSearcher(f *fakeStore) *records.Searcher {
	return records.NewSearcher(records.SearchConfig{Store: f, Fold: records.Folder{Simplify: simplify}, Patience: time.Hour, Now: time.Now})
}

// found are all sessions that a search finds, page by page.
func found(t testing.TB, s *records.Searcher, text string, limit int) []uint64 {
	t.Helper()
	var ids []uint64
	q := records.Search{Filter: model.RecordFilter{AccountID: 1}, Text: text, Limit: limit}
	for {
		r, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Found {
			ids = append(ids, f.Session.ID)
		}
		if r.Next == 0 {
			return ids
		}
		q.Before = r.Next
	}
}
