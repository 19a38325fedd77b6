package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// Bulk changes many entries alike.
type Bulk interface {
	Change(ctx context.Context, acc model.Account, sel Selection, change model.EntryChange, author string) (int, error)
	// PreviewChange says what Change would do.
	PreviewChange(ctx context.Context, acc model.Account, sel Selection, change model.EntryChange) (int, GoldenPreview, error)
}

// Selection is which entries a bulk change is about: those named, or else all that pass the
// filter. The zero value selects nothing.
type Selection struct {
	IDs    []uint64
	Filter *model.EntryFilter
}

// filterBody narrows a selection.
type filterBody struct {
	Group  *string `json:"group,omitempty" doc:"In this group or below it; empty: without a group"`
	State  string  `json:"state,omitempty" enum:"on,off"`
	Draft  *bool   `json:"draft,omitempty"`
	Text   string  `json:"text,omitempty"`
	Author string  `json:"author,omitempty"`
	Stale  bool    `json:"stale,omitempty"`
}

// bulkBody says which entries become what. What is missing stays.
type bulkBody struct {
	IDs    []ID        `json:"ids,omitempty" maxItems:"10000"`
	Filter *filterBody `json:"filter,omitempty" doc:"All entries that pass it; an empty one passes every entry. Only without ids"`
	Change struct {
		Group      *string  `json:"group,omitempty" doc:"Empty: none"`
		State      *string  `json:"state,omitempty" enum:"on,off"`
		Draft      *bool    `json:"draft,omitempty"`
		ValidFrom  *Instant `json:"valid_from,omitempty" doc:"Empty: always"`
		ValidUntil *Instant `json:"valid_until,omitempty" doc:"Empty: for ever"`
		Delete     bool     `json:"delete,omitempty" doc:"Take them out; history keeps them"`
	} `json:"change"`
}

func (b *bulkBody) selection() Selection {
	sel := Selection{IDs: numbers(b.IDs)}
	if f := b.Filter; f != nil {
		sel.Filter = &model.EntryFilter{
			Group: f.Group, State: model.EntryState(f.State), Draft: f.Draft, Text: f.Text, Author: f.Author, Stale: f.Stale,
		}
	}
	return sel
}

func (b *bulkBody) change() (model.EntryChange, error) {
	c := model.EntryChange{Group: b.Change.Group, Draft: b.Change.Draft, Delete: b.Change.Delete}
	if b.Change.State != nil {
		state := model.EntryState(*b.Change.State)
		c.State = &state
	}
	for _, date := range []struct {
		name string
		from *Instant
		to   **int64
	}{{"valid_from", b.Change.ValidFrom, &c.ValidFromMS}, {"valid_until", b.Change.ValidUntil, &c.ValidUntilMS}} {
		if date.from == nil {
			continue
		}
		ms, err := date.from.ms(date.name)
		if err != nil {
			return c, err
		}
		*date.to = &ms
	}
	return c, nil
}

type bulkView struct {
	Entries int `json:"entries" doc:"That changed; those that are so already don't count"`
}

type bulkPreviewView struct {
	Entries int           `json:"entries" doc:"That would change"`
	Golden  GoldenPreview `json:"golden"`
}

func (a *API) registerBulk(s surface) {
	type changeEntries struct {
		AccountPath
		Body bulkBody
	}
	within(s, call(http.MethodPost, "changeEntries", account+"/entry-changes", entriesTag, "Move, switch, publish, date or delete many entries"),
		func(ctx context.Context, acc model.Account, in *changeEntries) (*body[bulkView], error) {
			change, err := in.Body.change()
			if err != nil {
				return nil, err
			}
			n, err := a.cfg.Bulk.Change(ctx, acc, in.Body.selection(), change, author(ctx))
			return reply(bulkView{n}, err)
		})
	within(s, call(http.MethodPost, "previewChange", account+"/entry-change-previews", entriesTag, "Say what changing many entries would do"),
		func(ctx context.Context, acc model.Account, in *changeEntries) (*body[bulkPreviewView], error) {
			change, err := in.Body.change()
			if err != nil {
				return nil, err
			}
			n, golden, err := a.cfg.Bulk.PreviewChange(ctx, acc, in.Body.selection(), change)
			return reply(bulkPreviewView{n, golden.whole()}, err)
		})
}
