package curate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"deskmate/model"
)

// Selection is which entries a bulk change is about: those named, or else all that pass the
// filter, whose After and Limit don't count. The zero value selects nothing.
type Selection struct {
	IDs    []uint64
	Filter *model.EntryFilter
}

const (
	selectedPage = 200 // entries read at a time
	singly       = 50  // named entries up to which each is read by itself
)

// Change does the same to many entries (move, switch, publish, date, delete) as one version
// and returns how many it changed: those that are so already, or are not there, don't count.
// A selection of nothing and a change of nothing are of class invalid; so is a date that would
// end an entry before it begins, and then nothing is changed.
func (e *Editor) Change(ctx context.Context, acc model.Account, sel Selection, change model.EntryChange, author string) (int, error) {
	change, err := tidyChange(change)
	if err != nil {
		return 0, err
	}
	ids := sel.IDs
	if dated := change.ValidFromMS != nil || change.ValidUntilMS != nil; dated || len(ids) == 0 {
		list, err := e.changing(ctx, acc.ID, sel, change)
		if err != nil {
			return 0, err
		}
		ids = make([]uint64, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	n, err := e.changes.ChangeEntries(ctx, acc.ID, ids, change, author)
	if err != nil {
		return 0, fmt.Errorf("change %d entries: %w", len(ids), err)
	}
	e.refresh(ctx, acc.ID)
	return n, nil
}

// ChangePreview is what a bulk change would do.
type ChangePreview struct {
	Entries int     // that would change
	Preview Preview // golden questions that would move
}

// PreviewChange says what [Editor.Change] would do, and writes nothing: to be asked before
// drafts are published.
func (e *Editor) PreviewChange(ctx context.Context, acc model.Account, sel Selection, change model.EntryChange) (ChangePreview, error) {
	change, err := tidyChange(change)
	if err != nil {
		return ChangePreview{}, err
	}
	list, err := e.changing(ctx, acc.ID, sel, change)
	if err != nil {
		return ChangePreview{}, err
	}
	var changed []model.Entry
	var deleted []uint64
	for _, before := range list {
		after := before
		switch applyChange(&after, change); {
		case change.Delete:
			deleted = append(deleted, before.ID)
		case !before.Same(&after):
			changed = append(changed, after)
		}
	}
	preview, err := e.exam.Preview(ctx, acc, changed, deleted)
	return ChangePreview{Entries: len(changed) + len(deleted), Preview: preview}, err
}

// Delete takes one entry out; history keeps it. It is [model.ErrNotFound] where there is
// none.
func (e *Editor) Delete(ctx context.Context, accountID, entryID uint64, author string) error {
	n, err := e.changes.ChangeEntries(ctx, accountID, []uint64{entryID}, model.EntryChange{Delete: true}, author)
	if err != nil {
		return fmt.Errorf("delete entry %d: %w", entryID, err)
	}
	if n == 0 {
		return fmt.Errorf("delete entry %d: %w", entryID, told(model.ErrNotFound, thisEntry))
	}
	e.refresh(ctx, accountID)
	return nil
}

// tidyChange writes a change the one way it is stored and says what is wrong with it.
func tidyChange(change model.EntryChange) (model.EntryChange, error) {
	if change == (model.EntryChange{}) {
		return change, model.Invalid("nothing_to_change", "没有要修改的内容")
	}
	var p problems
	if change.Group != nil {
		path := groupPath(*change.Group)
		p.text("分组", path, maxGroup)
		change.Group = &path
	}
	if change.State != nil && !change.State.Valid() {
		p.add("entry_state", "状态只能是启用或停用")
	}
	return change, p.err()
}

// changing reads the entries that a change is about. Dates that make no sense for one of them
// are an error that names it.
func (e *Editor) changing(ctx context.Context, accountID uint64, sel Selection, change model.EntryChange) ([]model.Entry, error) {
	list, err := e.selected(ctx, accountID, sel)
	if err != nil {
		return nil, err
	}
	var p problems
	for _, entry := range list {
		applyChange(&entry, change)
		p.validity("“"+entry.Question+"”的", entry.ValidFromMS, entry.ValidUntilMS)
	}
	return list, p.err()
}

// applyChange does to an entry what the fields of a change say, but for deleting it.
func applyChange(e *model.Entry, change model.EntryChange) {
	set(&e.Group, change.Group)
	set(&e.State, change.State)
	set(&e.Draft, change.Draft)
	set(&e.ValidFromMS, change.ValidFromMS)
	set(&e.ValidUntilMS, change.ValidUntilMS)
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// selected reads the entries of a selection; named ones that are gone are left out.
func (e *Editor) selected(ctx context.Context, accountID uint64, sel Selection) ([]model.Entry, error) {
	switch n := len(sel.IDs); {
	case n > 0 && n <= singly:
		return e.named(ctx, accountID, sel.IDs)
	case n > 0:
		named := make(map[uint64]bool, n)
		for _, id := range sel.IDs {
			named[id] = true
		}
		list, err := e.filtered(ctx, accountID, model.EntryFilter{})
		return slices.DeleteFunc(list, func(entry model.Entry) bool { return !named[entry.ID] }), err
	case sel.Filter != nil:
		return e.filtered(ctx, accountID, *sel.Filter)
	}
	return nil, model.Invalid("nothing_selected", "没有选中任何问答")
}

// filtered reads all entries that pass a filter.
func (e *Editor) filtered(ctx context.Context, accountID uint64, f model.EntryFilter) ([]model.Entry, error) {
	f = e.filter(f)
	f.After, f.Limit = 0, selectedPage
	var list []model.Entry
	for {
		page, next, err := e.entries.ListEntries(ctx, accountID, f)
		if err != nil {
			return nil, fmt.Errorf("read the entries selected: %w", err)
		}
		list = append(list, page...)
		if next == 0 {
			return list, nil
		}
		f.After = next
	}
}

// named reads a few entries by their ids.
func (e *Editor) named(ctx context.Context, accountID uint64, ids []uint64) ([]model.Entry, error) {
	var list []model.Entry
	seen := make(map[uint64]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		entry, err := e.entries.Entry(ctx, accountID, id)
		switch {
		case errors.Is(err, model.ErrNotFound):
		case err != nil:
			return nil, fmt.Errorf("read the entries selected: %w", err)
		default:
			list = append(list, entry)
		}
	}
	return list, nil
}
