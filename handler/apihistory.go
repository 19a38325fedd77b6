package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// History is what knowledge bases were.
type History interface {
	// History lists what an entry was, the present first.
	History(ctx context.Context, accountID, entryID uint64) ([]Revision, error)
	Restore(ctx context.Context, acc model.Account, entryID, version uint64, author string) (SavedEntry, error)
	// Changes lists versions that are older than before, the newest first; 0: all.
	Changes(ctx context.Context, accountID, before uint64, limit int) ([]model.KnowledgeChange, error)
	Undo(ctx context.Context, accountID, version uint64, author string) (undone, kept int, err error)
}

// Revision is an entry as it was for a time, and how it differs from the one before it.
type Revision struct {
	model.EntryVersion
	Diff []FieldDiff
}

// FieldDiff is how one field has changed.
type FieldDiff struct {
	Field string    `json:"field" example:"answer"`
	Runs  []DiffRun `json:"runs"`
}

// DiffRun is a piece of text with one fate.
type DiffRun struct {
	Op   string `json:"op" enum:"kept,inserted,deleted"`
	Text string `json:"text"`
}

// changeView is one version of a knowledge base.
type changeView struct {
	Version  uint64           `json:"version"`
	Kind     model.ChangeKind `json:"kind" enum:"save,bulk,delete,import,undo,restore,synonyms"`
	Author   string           `json:"author"`
	Entries  int              `json:"entries" doc:"How many it touched"`
	ImportID ID               `json:"import_id,omitempty"`
	At       Instant          `json:"at,omitempty"`
}

func viewChange(c model.KnowledgeChange) changeView {
	return changeView{
		Version: c.Version, Kind: c.Kind, Author: c.Author, Entries: c.Entries, ImportID: NewID(c.ImportID), At: NewInstant(c.AtMS),
	}
}

// revisionView is an entry as it was for a time.
type revisionView struct {
	Entry   entryView   `json:"entry"`
	Until   uint64      `json:"until,omitempty" doc:"The version that ended it; missing: it still holds"`
	Change  *changeView `json:"change,omitempty" doc:"What made it so"`
	Removed *changeView `json:"removed,omitempty" doc:"What deleted it"`
	Diff    []FieldDiff `json:"diff" doc:"From the revision before it"`
}

func viewRevision(r Revision) revisionView {
	v := revisionView{Entry: viewEntry(r.Entry), Until: r.Until, Diff: notNil(r.Diff)}
	if r.Change.Version != 0 {
		change := viewChange(r.Change)
		v.Change = &change
	}
	if r.Removed != nil {
		removed := viewChange(*r.Removed)
		v.Removed = &removed
	}
	return v
}

type undoneView struct {
	Undone int `json:"undone" doc:"Entries that are as before"`
	Kept   int `json:"kept" doc:"Entries that were edited since and stay"`
}

func (a *API) registerHistory(s surface) {
	const tag = "history"
	within(s, call(http.MethodGet, "listRevisions", account+"/entries/{id}/history", tag, "What an entry was, the present first"),
		func(ctx context.Context, acc model.Account, in *EntryPath) (*body[Listed[revisionView]], error) {
			list, err := a.cfg.History.History(ctx, acc.ID, in.ID.number())
			return listed(list, err, viewRevision)
		})
	type restoreEntry struct {
		EntryPath
		Body struct {
			Version uint64 `json:"version" minimum:"1" maximum:"9007199254740991" doc:"Of the revision"`
		}
	}
	within(s, call(http.MethodPost, "restoreEntry", account+"/entries/{id}/restore", tag, "Make an entry what it was"),
		func(ctx context.Context, acc model.Account, in *restoreEntry) (*tagged[savedView], error) {
			saved, err := a.cfg.History.Restore(ctx, acc, in.ID.number(), in.Body.Version, author(ctx))
			return replyTagged(viewSaved(saved), saved.Entry.Version, err)
		})
	type listChanges struct {
		AccountPath
		After ID  `query:"after" doc:"Next of the page before"`
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	within(s, call(http.MethodGet, "listChanges", account+"/changes", tag, "The versions of the knowledge base, the newest first"),
		func(ctx context.Context, acc model.Account, in *listChanges) (*body[Listed[changeView]], error) {
			changes, err := a.cfg.History.Changes(ctx, acc.ID, in.After.number(), in.Limit)
			following := next(changes, in.Limit, func(c model.KnowledgeChange) uint64 { return c.Version })
			return reply(Listed[changeView]{Items: views(changes, viewChange), Next: following}, err)
		})
	type undoChange struct {
		AccountPath
		Version uint64 `path:"version" minimum:"1" maximum:"9007199254740991"`
	}
	within(s, call(http.MethodPost, "undoChange", account+"/changes/{version}/undo", tag, "Take a version back"),
		func(ctx context.Context, acc model.Account, in *undoChange) (*body[undoneView], error) {
			undone, kept, err := a.cfg.History.Undo(ctx, acc.ID, in.Version, author(ctx))
			return reply(undoneView{Undone: undone, Kept: kept}, err)
		})
}
