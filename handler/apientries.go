package handler

import (
	"context"
	"net/http"
	"strconv"

	"deskmate/model"
)

// Entries are the entries of knowledge bases, one by one.
type Entries interface {
	List(ctx context.Context, accountID uint64, f model.EntryFilter) (items []model.Entry, next uint64, err error)
	Entry(ctx context.Context, accountID, entryID uint64) (model.Entry, error)
	// Save writes an entry, a new one where it has no ID; expect is the version seen, 0 for any.
	Save(ctx context.Context, acc model.Account, e model.Entry, expect uint64, author string) (SavedEntry, error)
	// Check says what Save would do.
	Check(ctx context.Context, acc model.Account, e model.Entry) (CheckedEntry, error)
	Delete(ctx context.Context, accountID, entryID uint64, author string) error
}

// SavedEntry is an entry as it was stored and the others it comes near to.
type SavedEntry struct {
	Entry model.Entry
	Near  []NearEntry
}

// CheckedEntry is what saving an entry would do.
type CheckedEntry struct {
	SavedEntry
	Golden GoldenPreview
}

// NearEntry is another entry that a question might as well ask for.
type NearEntry struct {
	EntryID  ID      `json:"entry_id"`
	Question string  `json:"question" doc:"Its standard question"`
	Match    string  `json:"match" doc:"Its question that is near"`
	Variant  string  `json:"variant" doc:"The question at hand that is near to it"`
	Score    float64 `json:"score" doc:"Probability that variant asks for it"`
	Exact    bool    `json:"exact" doc:"Match is variant, letter for letter after folding"`
}

// EntryText is what a person writes of an entry.
type EntryText struct {
	Group      string   `json:"group" required:"false" doc:"Path of groups, parts joined by /"`
	Question   string   `json:"question" doc:"Standard question, at most 200 characters"`
	Similar    []string `json:"similar" required:"false" doc:"Similar questions, each at most 200 characters"`
	Answer     string   `json:"answer" doc:"The first message: a text, or a picture or file as the upload's ref"`
	More       []string `json:"more" required:"false" doc:"Up to 4 further messages"`
	State      string   `json:"state" required:"false" enum:"on,off" default:"on"`
	Draft      bool     `json:"draft" required:"false" doc:"Not published: it never answers"`
	ValidFrom  Instant  `json:"valid_from,omitempty" doc:"Answers from then on; missing: always"`
	ValidUntil Instant  `json:"valid_until,omitempty" doc:"Answers until just before then; missing: for ever"`
	Ref        string   `json:"ref,omitempty" doc:"Id in the system that it comes from"`
}

// entry is what is written, for an account.
func (t *EntryText) entry(accountID uint64) (e model.Entry, err error) {
	e = model.Entry{
		AccountID: accountID, Ref: t.Ref, Group: t.Group, Question: t.Question, Similar: t.Similar, Answer: t.Answer, More: t.More,
		State: model.EntryState(t.State), Draft: t.Draft,
	}
	if e.ValidFromMS, err = t.ValidFrom.ms("valid_from"); err != nil {
		return e, err
	}
	e.ValidUntilMS, err = t.ValidUntil.ms("valid_until")
	return e, err
}

// entryView is an entry. What was read can be written back as it is: of what a person doesn't
// write, Version alone counts there.
type entryView struct {
	ID ID `json:"id,omitempty"`
	EntryText
	Author    string  `json:"author" required:"false" doc:"Who wrote it so; empty where nobody knows"`
	Version   uint64  `json:"version" required:"false" maximum:"9007199254740991" doc:"The version of the knowledge base that last changed it. On writing: the one that the caller saw, and a conflict where it is another by now; without it, and without If-Match, nobody looks"`
	CreatedAt Instant `json:"created_at,omitempty"`
	UpdatedAt Instant `json:"updated_at,omitempty"`
}

func viewEntry(e model.Entry) entryView {
	return entryView{
		ID: NewID(e.ID), Author: e.Author, Version: e.Version, CreatedAt: NewInstant(e.CreatedMS), UpdatedAt: NewInstant(e.UpdatedMS),
		EntryText: EntryText{
			Group: e.Group, Question: e.Question, Similar: notNil(e.Similar), Answer: e.Answer, More: notNil(e.More),
			State: string(e.State), Draft: e.Draft, ValidFrom: NewInstant(e.ValidFromMS), ValidUntil: NewInstant(e.ValidUntilMS), Ref: e.Ref,
		},
	}
}

// savedView is an entry that was stored, with what is worth a look.
type savedView struct {
	Entry entryView   `json:"entry"`
	Near  []NearEntry `json:"near" doc:"Entries that its questions might as well ask for, the nearest first"`
}

func viewSaved(s SavedEntry) savedView { return savedView{viewEntry(s.Entry), notNil(s.Near)} }

// checkedView is what saving an entry would do.
type checkedView struct {
	Entry  entryView     `json:"entry" doc:"As it would be stored"`
	Near   []NearEntry   `json:"near" doc:"Entries that its questions might as well ask for, the nearest first"`
	Golden GoldenPreview `json:"golden" doc:"Golden questions that would move"`
}

// EntryPath names an entry.
type EntryPath struct {
	AccountPath
	ID ID `path:"id"`
}

// listEntries narrows a list of entries.
type listEntries struct {
	AccountPath
	Group     string `query:"group" doc:"In this group or below it"`
	Ungrouped bool   `query:"ungrouped" doc:"Without a group"`
	State     string `query:"state" enum:"on,off"`
	Draft     string `query:"draft" enum:"true,false"`
	Text      string `query:"text" doc:"Stands in a question or the answer"`
	Author    string `query:"author"`
	Stale     bool   `query:"stale" doc:"No longer valid"`
	After     ID     `query:"after" doc:"Next of the page before"`
	Limit     int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (in *listEntries) filter() model.EntryFilter {
	f := model.EntryFilter{
		State: model.EntryState(in.State), Text: in.Text, Author: in.Author, Stale: in.Stale,
		After: in.After.number(), Limit: in.Limit,
	}
	if in.Group != "" || in.Ungrouped {
		f.Group = &in.Group
	}
	if draft, err := strconv.ParseBool(in.Draft); err == nil {
		f.Draft = &draft
	}
	return f
}

const entriesTag = "entries"

func (a *API) registerEntries(s surface) {
	const path = account + "/entries"
	within(s, call(http.MethodGet, "listEntries", path, entriesTag, "List entries"),
		func(ctx context.Context, acc model.Account, in *listEntries) (*body[Listed[entryView]], error) {
			list, next, err := a.cfg.Entries.List(ctx, acc.ID, in.filter())
			return reply(Listed[entryView]{Items: views(list, viewEntry), Next: string(NewID(next))}, err)
		})
	within(s, call(http.MethodGet, "getEntry", path+"/{id}", entriesTag, "Read an entry"),
		func(ctx context.Context, acc model.Account, in *EntryPath) (*tagged[entryView], error) {
			e, err := a.cfg.Entries.Entry(ctx, acc.ID, in.ID.number())
			return replyTagged(viewEntry(e), e.Version, err)
		})
	within(s, call(http.MethodDelete, "deleteEntry", path+"/{id}", entriesTag, "Delete an entry; its history stays"),
		func(ctx context.Context, acc model.Account, in *EntryPath) (*nothing, error) {
			return replyNothing(a.cfg.Entries.Delete(ctx, acc.ID, in.ID.number(), author(ctx)))
		})
	a.registerWriting(s, path)
}

func (a *API) registerWriting(s surface, path string) {
	type createEntry struct {
		AccountPath
		Body EntryText
	}
	within(s, call(http.MethodPost, "createEntry", path, entriesTag, "Write a new entry"),
		func(ctx context.Context, acc model.Account, in *createEntry) (*tagged[savedView], error) {
			return a.save(ctx, acc, 0, &in.Body, 0)
		})
	type updateEntry struct {
		EntryPath
		Precondition
		Body entryView
	}
	within(s, call(http.MethodPut, "updateEntry", path+"/{id}", entriesTag, "Write an entry anew"),
		func(ctx context.Context, acc model.Account, in *updateEntry) (*tagged[savedView], error) {
			expect, err := in.expect(in.Body.Version)
			if err != nil {
				return nil, err
			}
			return a.save(ctx, acc, in.ID.number(), &in.Body.EntryText, expect)
		})
	type checkEntry struct {
		AccountPath
		Body entryView // with the id of the entry that is written anew
	}
	within(s, call(http.MethodPost, "checkEntry", account+"/entry-checks", entriesTag, "Say what saving an entry would do, and write nothing"),
		func(ctx context.Context, acc model.Account, in *checkEntry) (*body[checkedView], error) {
			e, err := in.Body.entry(acc.ID)
			if err != nil {
				return nil, err
			}
			e.ID = in.Body.ID.number()
			checked, err := a.cfg.Entries.Check(ctx, acc, e)
			return reply(checkedView{viewEntry(checked.Entry), notNil(checked.Near), checked.Golden.whole()}, err)
		})
}

// save writes an entry; id 0 makes a new one.
func (a *API) save(ctx context.Context, acc model.Account, id uint64, text *EntryText, expect uint64) (*tagged[savedView], error) {
	e, err := text.entry(acc.ID)
	if err != nil {
		return nil, err
	}
	e.ID = id
	saved, err := a.cfg.Entries.Save(ctx, acc, e, expect, author(ctx))
	return replyTagged(viewSaved(saved), saved.Entry.Version, err)
}
