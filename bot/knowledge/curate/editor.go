package curate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"deskmate/model"
)

// EntryStore is where entries are written one by one.
type EntryStore interface {
	Entry(ctx context.Context, accountID, entryID uint64) (model.Entry, error)
	ListEntries(ctx context.Context, accountID uint64, f model.EntryFilter) (items []model.Entry, next uint64, err error)
	SaveEntry(ctx context.Context, e model.Entry, expect uint64, author string) (model.Entry, error)
	RestoreEntry(ctx context.Context, accountID, entryID, version uint64, author string) (model.Entry, error)
	EntryHistory(ctx context.Context, accountID, entryID uint64) ([]model.EntryVersion, error)
}

// ChangeStore is where many entries change at once.
type ChangeStore interface {
	ChangeEntries(ctx context.Context, accountID uint64, ids []uint64, change model.EntryChange, author string) (int, error)
	KnowledgeChanges(ctx context.Context, accountID, before uint64, limit int) ([]model.KnowledgeChange, error)
	UndoChange(ctx context.Context, accountID, version uint64, author string, progress func(done, total int)) (undone, kept int, made uint64, err error)
}

// GroupStore is where the tree of groups is kept.
type GroupStore interface {
	Groups(ctx context.Context, accountID uint64) ([]model.Group, error)
	SaveGroup(ctx context.Context, accountID uint64, path string, position int) error
	MoveGroup(ctx context.Context, accountID uint64, from, to, author string) error
	DeleteGroup(ctx context.Context, accountID uint64, path, author string) error
}

// SynonymStore is where an account's words are kept.
type SynonymStore interface {
	Synonyms(ctx context.Context, accountID uint64) ([]model.Synonym, error)
	SaveSynonyms(ctx context.Context, accountID uint64, words []model.Synonym, author string) error
}

// MediaStore tells of stored pictures and files; one that is not there is
// [model.ErrNotFound].
type MediaStore interface {
	Blob(ctx context.Context, accountID, id uint64) (model.Blob, error)
}

// EditorConfig is what an [Editor] needs; all of it but Now.
type EditorConfig struct {
	Entries  EntryStore
	Changes  ChangeStore
	Groups   GroupStore
	Synonyms SynonymStore
	Media    MediaStore
	Base     Base
	Examiner *Examiner
	Log      *slog.Logger
	Now      func() time.Time // nil: time.Now
}

// Editor writes entries, groups and synonyms. What it has written, this replica answers from
// when the method returns. Its methods may be called by any number of goroutines.
type Editor struct {
	entries  EntryStore
	changes  ChangeStore
	groups   GroupStore
	synonyms SynonymStore
	media    MediaStore
	base     Base
	exam     *Examiner
	log      *slog.Logger
	now      func() time.Time
}

// NewEditor makes an editor.
func NewEditor(cfg EditorConfig) (*Editor, error) {
	if cfg.Entries == nil || cfg.Changes == nil || cfg.Groups == nil || cfg.Synonyms == nil || cfg.Media == nil ||
		cfg.Base == nil || cfg.Examiner == nil || cfg.Log == nil {
		return nil, errors.New("curate: an editor needs all its parts")
	}
	e := &Editor{
		entries: cfg.Entries, changes: cfg.Changes, groups: cfg.Groups, synonyms: cfg.Synonyms, media: cfg.Media,
		base: cfg.Base, exam: cfg.Examiner, log: cfg.Log.With(slog.String("component", "curate")), now: cfg.Now,
	}
	if e.now == nil {
		e.now = time.Now
	}
	return e, nil
}

// List lists the entries that pass a filter, by id; next is the filter's After for the
// following page, 0 where there is none. Stale looks at the present where AtMS is 0.
func (e *Editor) List(ctx context.Context, accountID uint64, f model.EntryFilter) (items []model.Entry, next uint64, err error) {
	return e.entries.ListEntries(ctx, accountID, e.filter(f))
}

// filter writes a filter as the store understands it.
func (e *Editor) filter(f model.EntryFilter) model.EntryFilter {
	if f.Group != nil {
		path := groupPath(*f.Group)
		f.Group = &path
	}
	if f.Stale && f.AtMS == 0 {
		f.AtMS = model.MS(e.now())
	}
	f.Text = line(f.Text)
	return f
}

// Entry gives an entry as it is now, or [model.ErrNotFound].
func (e *Editor) Entry(ctx context.Context, accountID, entryID uint64) (model.Entry, error) {
	entry, err := e.entries.Entry(ctx, accountID, entryID)
	return entry, told(err, thisEntry)
}

// Saved is an entry as it was stored, and the other entries it comes near to. Nearness never
// refuses anything.
type Saved struct {
	Entry model.Entry
	Near  []Near // the nearest first, at most 20
}

// Save writes an entry: without an ID a new one. expect is the Version that its writer saw,
// [model.ErrStale] where the entry has changed since; 0 doesn't look. Texts are trimmed,
// similar questions that add nothing are left out. What can't be stored is of class invalid,
// all problems in one message; a standard question of another entry is a conflict with the
// reason question_taken, a change at work one with import_running.
func (e *Editor) Save(ctx context.Context, acc model.Account, entry model.Entry, expect uint64, author string) (Saved, error) {
	entry.AccountID = acc.ID
	entry, err := e.valid(ctx, entry)
	if err != nil {
		return Saved{}, err
	}
	list, err := e.near(ctx, entry)
	if err != nil {
		return Saved{}, err
	}
	entry, err = e.entries.SaveEntry(ctx, entry, expect, author)
	if err != nil {
		return Saved{}, fmt.Errorf("save entry: %w", told(err, thisEntry))
	}
	e.refresh(ctx, acc.ID)
	return Saved{Entry: entry, Near: list}, nil
}

// Checked is what saving an entry would do.
type Checked struct {
	Entry   model.Entry // as it would be stored
	Near    []Near      // as [Saved.Near]
	Preview Preview     // golden questions that would move; a new entry has the EntryID 0 there
}

// Check says what [Editor.Save] would do, and writes nothing.
func (e *Editor) Check(ctx context.Context, acc model.Account, entry model.Entry) (Checked, error) {
	entry.AccountID = acc.ID
	entry, err := e.valid(ctx, entry)
	if err != nil {
		return Checked{}, err
	}
	if entry.ID != 0 {
		if _, err := e.Entry(ctx, acc.ID, entry.ID); err != nil {
			return Checked{}, err
		}
	}
	list, err := e.near(ctx, entry)
	if err != nil {
		return Checked{}, err
	}
	preview, err := e.exam.Preview(ctx, acc, []model.Entry{entry}, nil)
	return Checked{Entry: entry, Near: list, Preview: preview}, err
}

// valid tidies an entry and says what is wrong with it.
func (e *Editor) valid(ctx context.Context, entry model.Entry) (model.Entry, error) {
	entry, err := tidy(entry)
	if err != nil {
		return entry, err
	}
	var p problems
	for i, text := range append([]string{entry.Answer}, entry.More...) {
		kind, id, ok := model.ParseMediaRef(text)
		if !ok {
			continue
		}
		blob, err := e.media.Blob(ctx, entry.AccountID, id)
		switch {
		case errors.Is(err, model.ErrNotFound):
			p.add("media_missing", "%s引用的 %s 不存在", nth("消息", i), text)
		case err != nil:
			return entry, fmt.Errorf("find media of an entry: %w", err)
		case !fits(blob, kind):
			p.add("media_kind", "%s引用的 %s 不是这种文件", nth("消息", i), text)
		}
	}
	return entry, p.err()
}

func (e *Editor) near(ctx context.Context, entry model.Entry) ([]Near, error) {
	index, err := e.base.Index(ctx, entry.AccountID)
	if err != nil {
		return nil, fmt.Errorf("look for near entries: %w", err)
	}
	return near(ctx, index, entry)
}

// refresh lets this replica answer from what was written. Where that fails the change is
// stored all the same, and the base finds it by itself a moment later.
func (e *Editor) refresh(ctx context.Context, accountID uint64) {
	if err := e.base.Refresh(ctx, accountID); err != nil {
		e.log.WarnContext(ctx, "knowledge not refreshed after a change", slog.Uint64("account_id", accountID), slog.Any("err", err))
	}
}

func number(n int) string { return strconv.Itoa(n) }
