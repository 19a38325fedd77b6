package curate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

const account = 1

var errDown = errors.New("the database is away")

// store keeps the knowledge base of one account in memory, with all its versions.
type store struct {
	mu        sync.Mutex
	versions  []map[uint64]model.Entry // by version; 0 is the empty base
	log       []model.KnowledgeChange
	groups    []model.Group
	synonyms  []model.Synonym
	golden    []model.Golden
	imports   map[uint64]model.Import
	blobs     map[uint64][]byte
	media     map[uint64]model.Blob
	questions []model.Question
	replies   map[uint64][]string
	nextID    uint64
	now       func() time.Time
	// before, when set, is called with the name of a method before it does anything, after
	// when it has done it; an error is what the caller sees.
	before, after func(method string) error
}

func newStore() *store {
	return &store{
		versions: []map[uint64]model.Entry{{}}, imports: map[uint64]model.Import{}, blobs: map[uint64][]byte{},
		media: map[uint64]model.Blob{}, replies: map[uint64][]string{}, nextID: 100, now: time.Now,
	}
}

// call runs do under the lock, between the hooks.
func (s *store) call(method string, do func() error) error {
	s.mu.Lock()
	before, after := s.before, s.after
	s.mu.Unlock()
	if before != nil {
		if err := before(method); err != nil {
			return err
		}
	}
	s.mu.Lock()
	err := do()
	s.mu.Unlock()
	if err == nil && after != nil {
		err = after(method)
	}
	return err
}

func (s *store) hook(before, after func(method string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

func (s *store) id() uint64 {
	s.nextID++
	return s.nextID
}

func (s *store) version() uint64                 { return uint64(len(s.versions) - 1) }
func (s *store) present() map[uint64]model.Entry { return s.versions[s.version()] }
func sorted(m map[uint64]model.Entry) []model.Entry {
	list := slices.Collect(maps.Values(m))
	slices.SortFunc(list, func(a, b model.Entry) int { return int(a.ID) - int(b.ID) })
	return list
}

// put makes a version.
func (s *store) put(kind model.ChangeKind, author string, importID uint64, changed []model.Entry, gone []uint64) uint64 {
	next := maps.Clone(s.present())
	v := s.version() + 1
	for _, e := range changed {
		e.Version, e.AccountID, e.Author = v, account, author
		next[e.ID] = e
	}
	for _, id := range gone {
		delete(next, id)
	}
	s.versions = append(s.versions, next)
	s.log = append(s.log, model.KnowledgeChange{
		AccountID: account, Version: v, Kind: kind, Author: author, Entries: len(changed) + len(gone), ImportID: importID, AtMS: model.MS(s.now()),
	})
	return v
}

func (s *store) KnowledgeVersions(context.Context) (map[uint64]uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[uint64]uint64{account: s.version()}, nil
}

func (s *store) Entries(context.Context, uint64) (list []model.Entry, version uint64, err error) {
	err = s.call("Entries", func() error {
		list, version = sorted(s.present()), s.version()
		return nil
	})
	return list, version, err
}

func (s *store) EntriesSince(_ context.Context, _, version uint64) (changed []model.Entry, deleted []uint64, next uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range sorted(s.present()) {
		if e.Version > version {
			changed = append(changed, e)
		}
	}
	for id := range s.versions[version] {
		if _, ok := s.present()[id]; !ok {
			deleted = append(deleted, id)
		}
	}
	return changed, deleted, s.version(), nil
}

func (s *store) HotEntries(context.Context, uint64, int64, int) ([]uint64, error) { return nil, nil }

func (s *store) Entry(_ context.Context, _, id uint64) (e model.Entry, err error) {
	err = s.call("Entry", func() error {
		var ok bool
		if e, ok = s.present()[id]; !ok {
			return model.ErrNotFound
		}
		return nil
	})
	return e, err
}

func (s *store) ListEntries(_ context.Context, _ uint64, f model.EntryFilter) (items []model.Entry, next uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	for _, e := range sorted(s.present()) {
		switch {
		case e.ID <= f.After,
			f.Group != nil && e.Group != *f.Group && (*f.Group == "" || !strings.HasPrefix(e.Group, *f.Group+"/")),
			f.Draft != nil && e.Draft != *f.Draft,
			f.Stale && (e.ValidUntilMS == 0 || e.ValidUntilMS > f.AtMS),
			f.Text != "" && !strings.Contains(e.Question+e.Answer, f.Text):
			continue
		}
		if len(items) == limit {
			return items, items[limit-1].ID, nil
		}
		items = append(items, e)
	}
	return items, 0, nil
}

func (s *store) SaveEntry(_ context.Context, e model.Entry, expect uint64, author string) (saved model.Entry, err error) {
	err = s.call("SaveEntry", func() error {
		old, ok := s.present()[e.ID]
		switch {
		case e.ID != 0 && !ok:
			return model.ErrNotFound
		case expect != 0 && old.Version != expect:
			return model.ErrStale
		case ok && old.Same(&e):
			saved = old
			return nil
		}
		for _, other := range s.present() {
			if other.Folded == e.Folded && other.ID != e.ID {
				return &model.Error{Code: model.CodeConflict, Reason: "question_taken", Message: "taken"}
			}
		}
		if e.ID == 0 {
			e.ID = s.id()
		}
		s.put(model.ChangeSave, author, 0, []model.Entry{e}, nil)
		saved = s.present()[e.ID]
		return nil
	})
	return saved, err
}

func (s *store) RestoreEntry(_ context.Context, _, id, version uint64, author string) (model.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version > s.version() {
		return model.Entry{}, model.ErrNotFound
	}
	e, ok := s.versions[version][id]
	if !ok {
		return model.Entry{}, model.ErrNotFound
	}
	s.put(model.ChangeRestore, author, 0, []model.Entry{e}, nil)
	return s.present()[id], nil
}

func (s *store) EntryHistory(_ context.Context, _, id uint64) ([]model.EntryVersion, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []model.EntryVersion
	for v := len(s.versions) - 1; v > 0; v-- {
		if e, ok := s.versions[v][id]; ok && e.Version == uint64(v) {
			list = append(list, model.EntryVersion{Entry: e, Change: s.log[v-1]})
		}
	}
	if list == nil {
		return nil, model.ErrNotFound
	}
	return list, nil
}

func (s *store) ChangeEntries(_ context.Context, _ uint64, ids []uint64, c model.EntryChange, author string) (n int, err error) {
	err = s.call("ChangeEntries", func() error {
		var changed []model.Entry
		var gone []uint64
		for _, id := range ids {
			e, ok := s.present()[id]
			before := e
			switch {
			case !ok:
				continue
			case c.Delete:
				gone = append(gone, id)
				continue
			}
			set(&e.Group, c.Group)
			set(&e.State, c.State)
			set(&e.Draft, c.Draft)
			set(&e.ValidFromMS, c.ValidFromMS)
			set(&e.ValidUntilMS, c.ValidUntilMS)
			if !before.Same(&e) {
				changed = append(changed, e)
			}
		}
		if n = len(changed) + len(gone); n > 0 {
			s.put(model.ChangeBulk, author, 0, changed, gone)
		}
		return nil
	})
	return n, err
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func (s *store) KnowledgeChanges(_ context.Context, _, before uint64, limit int) ([]model.KnowledgeChange, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []model.KnowledgeChange
	for _, c := range slices.Backward(s.log) {
		if (before == 0 || c.Version < before) && len(list) < limit {
			list = append(list, c)
		}
	}
	return list, nil
}

func (s *store) UndoChange(
	_ context.Context, _, version uint64, author string, progress func(done, total int),
) (undone, kept int, made uint64, err error) {
	err = s.call("UndoChange", func() error {
		if version == 0 || version > s.version() {
			return model.ErrNotFound
		}
		was, then := s.versions[version-1], s.versions[version]
		var changed []model.Entry
		var gone []uint64
		touched := map[uint64]bool{}
		for id, e := range then {
			touched[id] = e.Version == version
		}
		for id := range was {
			if _, still := then[id]; !still {
				touched[id] = true
			}
		}
		for id, is := range touched {
			now, there := s.present()[id]
			made, after := then[id]
			old, before := was[id]
			switch {
			case !is:
			case after && (!there || now.Version != made.Version), !after && there:
				kept++
			case before:
				changed = append(changed, old)
			default:
				gone = append(gone, id)
			}
		}
		if undone = len(changed) + len(gone); undone > 0 {
			of := slices.IndexFunc(s.log, func(c model.KnowledgeChange) bool { return c.Version == version })
			made = s.put(model.ChangeUndo, author, s.log[of].ImportID, changed, gone)
		}
		if progress != nil {
			progress(undone+kept, undone+kept)
		}
		return nil
	})
	return undone, kept, made, err
}

func (s *store) ImportEntries(
	_ context.Context, _ uint64, entries []model.Entry, opts curate.ImportOptions,
) (n model.ImportCounts, version uint64, err error) {
	err = s.call("ImportEntries", func() error {
		byFolded := map[string]model.Entry{}
		for _, e := range s.present() {
			byFolded[e.Folded] = e
		}
		var changed []model.Entry
		var gone []uint64
		for i, e := range entries {
			old, ok := byFolded[e.Folded]
			delete(byFolded, e.Folded)
			switch {
			case !ok:
				e.ID = s.id()
				n.New++
				changed = append(changed, e)
			default:
				e.ID = old.ID
				if e.Ref == "" {
					e.Ref = old.Ref
				}
				if old.Same(&e) {
					n.Same++
					continue
				}
				n.Changed++
				changed = append(changed, e)
			}
			opts.Progress(i+1, len(entries))
		}
		if opts.Replace {
			for _, e := range byFolded {
				gone = append(gone, e.ID)
			}
		}
		n.Removed = len(gone)
		if len(changed)+len(gone) > 0 {
			version = s.put(model.ChangeImport, opts.Author, opts.ImportID, changed, gone)
		}
		return nil
	})
	return n, version, err
}

func (s *store) Groups(context.Context, uint64) ([]model.Group, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.groups), nil
}

func (s *store) SaveGroup(_ context.Context, _ uint64, path string, position int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.groups, func(g model.Group) bool { return g.Path == path })
	g := model.Group{Path: path}
	if at >= 0 {
		g = s.groups[at]
		s.groups = slices.Delete(s.groups, at, at+1)
	}
	parent := func(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }
	var siblings []int
	for i := range s.groups {
		if s.groups[i].Path != "" && parent(s.groups[i].Path) == parent(path) {
			siblings = append(siblings, i)
		}
	}
	place := len(s.groups)
	if position < len(siblings) {
		place = siblings[position]
	}
	s.groups = slices.Insert(s.groups, place, g)
	n := 0
	for i := range s.groups {
		if s.groups[i].Path != "" && parent(s.groups[i].Path) == parent(path) {
			s.groups[i].Position = n
			n++
		}
	}
	return nil
}

func (s *store) MoveGroup(_ context.Context, _ uint64, from, to, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.groups {
		if rest, ok := strings.CutPrefix(s.groups[i].Path, from); ok {
			s.groups[i].Path = to + rest
		}
	}
	return nil
}

func (s *store) DeleteGroup(_ context.Context, _ uint64, path, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups = slices.DeleteFunc(s.groups, func(g model.Group) bool { return strings.HasPrefix(g.Path, path) })
	return nil
}

func (s *store) Synonyms(context.Context, uint64) ([]model.Synonym, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.synonyms, nil
}

func (s *store) SaveSynonyms(_ context.Context, _ uint64, words []model.Synonym, author string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.synonyms = words
	s.put(model.ChangeSynonyms, author, 0, nil, nil)
	return nil
}

func (s *store) Blob(_ context.Context, _, id uint64) (b model.Blob, err error) {
	err = s.call("Blob", func() error {
		var ok bool
		if b, ok = s.media[id]; !ok {
			return model.ErrNotFound
		}
		return nil
	})
	return b, err
}

func (s *store) PutBlob(_ context.Context, b model.Blob, data io.Reader) (model.Blob, error) {
	all, err := io.ReadAll(data)
	if err != nil {
		return b, err
	}
	err = s.call("PutBlob", func() error {
		b.ID = s.id()
		s.blobs[b.ID] = all
		return nil
	})
	return b, err
}

func (s *store) BlobData(_ context.Context, _, id uint64) (data []byte, err error) {
	err = s.call("BlobData", func() error {
		var ok bool
		if data, ok = s.blobs[id]; !ok {
			return model.ErrNotFound
		}
		return nil
	})
	return bytes.Clone(data), err
}

func (s *store) DeleteBlob(_ context.Context, _, id uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.blobs, id)
	return nil
}

func (s *store) Account(context.Context, uint64) (model.Account, error) { return acc(), nil }

func (s *store) GoldenQuestions(context.Context, uint64) ([]model.Golden, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.golden), nil
}

func (s *store) SaveGolden(_ context.Context, g model.Golden) (model.Golden, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.ID = s.id()
	s.golden = append(s.golden, g)
	return g, nil
}

func (s *store) DeleteGolden(_ context.Context, _, id uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.golden)
	s.golden = slices.DeleteFunc(s.golden, func(g model.Golden) bool { return g.ID == id })
	if len(s.golden) == n {
		return model.ErrNotFound
	}
	return nil
}

func (s *store) OpenMisses(_ context.Context, _ uint64, sinceMS int64, limit int) ([]model.Question, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []model.Question
	for _, q := range slices.Backward(s.questions) {
		if q.Miss == model.MissOpen && q.AtMS >= sinceMS && len(list) < limit {
			list = append(list, q)
		}
	}
	return list, nil
}

func (s *store) RecentQuestions(_ context.Context, _ uint64, limit int) ([]model.Question, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.questions)
	slices.Reverse(list)
	return list[:min(len(list), limit)], nil
}

func (s *store) Questions(_ context.Context, _ uint64, ids []uint64) ([]model.Question, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []model.Question
	for _, q := range s.questions {
		if slices.Contains(ids, q.ID) {
			list = append(list, q)
		}
	}
	return list, nil
}

func (s *store) SettleMisses(_ context.Context, _ uint64, ids []uint64, state model.MissState, entryID uint64) (n int, err error) {
	err = s.call("SettleMisses", func() error {
		for i := range s.questions {
			if q := &s.questions[i]; q.Miss == model.MissOpen && slices.Contains(ids, q.ID) {
				q.Miss, q.SolvedBy = state, entryID
				n++
			}
		}
		return nil
	})
	return n, err
}

func (s *store) SeatReplies(_ context.Context, _ uint64, ids []uint64) (map[uint64][]string, error) {
	found := map[uint64][]string{}
	for _, id := range ids {
		if texts, ok := s.replies[id]; ok {
			found[id] = texts
		}
	}
	return found, nil
}

func acc() model.Account {
	return model.Account{ID: account, Key: "hr", Policy: model.DefaultPolicy()}
}

// entry is an entry with an answer of its own.
func entry(question string, similar ...string) model.Entry {
	return model.Entry{
		AccountID: account, Question: question, Folded: match.Fold(question), Similar: similar,
		Answer: "答：" + question, State: model.EntryOn,
	}
}

// fill stores entries as one version and gives their ids by question.
func (s *store) fill(entries ...model.Entry) map[string]uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := map[string]uint64{}
	for i := range entries {
		entries[i].ID = s.id()
		ids[entries[i].Question] = entries[i].ID
	}
	s.put(model.ChangeImport, "start", 0, entries, nil)
	return ids
}

// desk is everything under test over one store.
type desk struct {
	*store
	base     *knowledge.Base
	examiner *curate.Examiner
	editor   *curate.Editor
	misses   *curate.Misses
	tuner    *curate.Tuner
}

func newDesk(t testing.TB, s *store) desk {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	base, err := knowledge.New(knowledge.Config{Source: s, Log: log})
	must(t, err)
	d := desk{store: s, base: base}
	d.examiner, err = curate.NewExaminer(s, base, nil)
	must(t, err)
	d.editor, err = curate.NewEditor(curate.EditorConfig{
		Entries: s, Changes: s, Groups: s, Synonyms: s, Media: s, Base: base, Examiner: d.examiner, Log: log,
	})
	must(t, err)
	d.misses, err = curate.NewMisses(curate.MissesConfig{Questions: s, Base: base, Editor: d.editor, Log: log})
	must(t, err)
	d.tuner, err = curate.NewTuner(s, base, nil)
	must(t, err)
	return d
}

// importer makes one of several workers over the same store.
func (d desk) importer(t testing.TB, owner string) *curate.Importer {
	t.Helper()
	im, err := curate.NewImporter(curate.ImporterConfig{
		Imports: d.store, Entries: d.store, Blobs: d.store, Accounts: d.store, Base: d.base, Examiner: d.examiner,
		Log: slog.New(slog.DiscardHandler), Owner: owner,
	})
	must(t, err)
	return im
}

// asks gives what the bot answers.
func (d desk) asks(t testing.TB, question string) model.Answer {
	t.Helper()
	a, err := d.base.Answer(t.Context(), account, model.Ask{Question: question, Policy: acc().Policy.Bot})
	must(t, err)
	return a
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantReason checks the reason of an error.
func wantReason(t testing.TB, err error, reason string) {
	t.Helper()
	e, ok := errors.AsType[*model.Error](err)
	if !ok || e.Reason != reason {
		t.Errorf("error %v, want the reason %s", err, reason)
	}
}
