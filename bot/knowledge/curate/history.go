package curate

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"deskmate/model"
)

// Revision is an entry as it was for a time, and how it differs from the one before it.
type Revision struct {
	model.EntryVersion
	Diff []FieldDiff // nil for the first one, and where nothing that a person edits has changed
}

// Field names a part of an entry.
type Field string

// The fields that can be edited, in the order of a form.
const (
	FieldGroup      Field = "group"
	FieldQuestion   Field = "question"
	FieldSimilar    Field = "similar" // one a line
	FieldAnswer     Field = "answer"
	FieldMore       Field = "more" // one a line
	FieldState      Field = "state"
	FieldDraft      Field = "draft"       // true or false
	FieldValidFrom  Field = "valid_from"  // RFC 3339 in UTC; "" for always
	FieldValidUntil Field = "valid_until" // RFC 3339 in UTC; "" for ever
	FieldRef        Field = "ref"
)

// FieldDiff is how one field has changed.
type FieldDiff struct {
	Field Field
	Runs  []Run // together, without the deleted ones, what the field holds now
}

// History lists what an entry was, the present first, one that is deleted by now as well. It
// is [model.ErrNotFound] for an entry that never was.
func (e *Editor) History(ctx context.Context, accountID, entryID uint64) ([]Revision, error) {
	versions, err := e.entries.EntryHistory(ctx, accountID, entryID)
	if err != nil {
		return nil, fmt.Errorf("history of entry %d: %w", entryID, told(err, thisEntry))
	}
	list := make([]Revision, len(versions))
	for i, v := range versions {
		list[i].EntryVersion = v
		if i+1 < len(versions) {
			list[i].Diff = Diff(versions[i+1].Entry, v.Entry)
		}
	}
	return list, nil
}

// Restore makes an entry what it was in a version of the base ([model.Entry.Version] of a
// revision), even where it is deleted by now. The conflicts are those of [Editor.Save].
func (e *Editor) Restore(ctx context.Context, acc model.Account, entryID, version uint64, author string) (Saved, error) {
	entry, err := e.entries.RestoreEntry(ctx, acc.ID, entryID, version, author)
	if err != nil {
		return Saved{}, fmt.Errorf("restore entry %d: %w", entryID, told(err, "这个版本"))
	}
	e.refresh(ctx, acc.ID)
	list, err := e.near(ctx, entry)
	if err != nil { // it is restored; a warning less is no reason to say otherwise
		e.log.WarnContext(ctx, "near entries not found", slog.Uint64("entry_id", entryID), slog.Any("err", err))
	}
	return Saved{Entry: entry, Near: list}, nil
}

// Changes lists the versions of a base that are older than another, the newest first; before
// 0 begins with the present one.
func (e *Editor) Changes(ctx context.Context, accountID, before uint64, limit int) ([]model.KnowledgeChange, error) {
	return e.changes.KnowledgeChanges(ctx, accountID, before, limit)
}

// Undo takes one version of a base back. Entries that have changed again since are kept as
// they are, and counted. For an import there is [Importer.Undo], which tells how far it is.
func (e *Editor) Undo(ctx context.Context, accountID, version uint64, author string) (undone, kept int, err error) {
	undone, kept, _, err = e.changes.UndoChange(ctx, accountID, version, author, nil)
	if err != nil {
		return 0, 0, fmt.Errorf("undo version %d: %w", version, told(err, "这个版本"))
	}
	e.refresh(ctx, accountID)
	return undone, kept, nil
}

// Diff says how two forms of an entry differ, field by field; nil where they are the same.
func Diff(before, after model.Entry) []FieldDiff {
	var list []FieldDiff
	for _, f := range [...]struct {
		field         Field
		before, after string
		diff          func(before, after string) []Run
	}{
		{FieldGroup, before.Group, after.Group, diffText},
		{FieldQuestion, before.Question, after.Question, diffText},
		{FieldSimilar, strings.Join(before.Similar, "\n"), strings.Join(after.Similar, "\n"), diffLines},
		{FieldAnswer, before.Answer, after.Answer, diffText},
		{FieldMore, strings.Join(before.More, "\n"), strings.Join(after.More, "\n"), diffText},
		{FieldState, string(before.State), string(after.State), replaced},
		{FieldDraft, fmt.Sprint(before.Draft), fmt.Sprint(after.Draft), replaced},
		{FieldValidFrom, instant(before.ValidFromMS), instant(after.ValidFromMS), replaced},
		{FieldValidUntil, instant(before.ValidUntilMS), instant(after.ValidUntilMS), replaced},
		{FieldRef, before.Ref, after.Ref, replaced},
	} {
		if f.before != f.after {
			list = append(list, FieldDiff{f.field, f.diff(f.before, f.after)})
		}
	}
	return list
}

func instant(ms int64) string {
	if ms == 0 {
		return ""
	}
	return model.Time(ms).UTC().Format(time.RFC3339)
}
