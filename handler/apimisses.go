package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// Misses turns questions that the bot could not answer into knowledge.
type Misses interface {
	// Clusters lists what costs most since a time, 0: all.
	Clusters(ctx context.Context, acc model.Account, sinceMS int64, limit int) ([]MissCluster, error)
	Draft(ctx context.Context, acc model.Account, ids []uint64) (EntryDraft, error)
	// Make makes a new entry of misses.
	Make(ctx context.Context, acc model.Account, ids []uint64, e model.Entry, author string) (SavedEntry, int, error)
	// Extend makes misses similar questions of an entry.
	Extend(ctx context.Context, acc model.Account, ids []uint64, entryID uint64, author string) (SavedEntry, int, error)
	Ignore(ctx context.Context, accountID uint64, ids []uint64) (int, error)
}

// MissCluster is misses that ask the same.
type MissCluster struct {
	Question     string   `json:"question" doc:"The one that is most like the others"`
	IDs          []ID     `json:"ids" doc:"Of the questions, the newest first"`
	Examples     []string `json:"examples" doc:"Other ways in which it was asked, the most frequent first"`
	Count        int      `json:"count" doc:"How often it was asked"`
	Disliked     int      `json:"disliked" doc:"Of them, answers that got a 👎"`
	People       int      `json:"people"`
	Sessions     int      `json:"sessions"`
	HumanSeconds int64    `json:"human_seconds" doc:"Of human service that followed"`
	LastAt       Instant  `json:"last_at"`
	// Nearest is the entry that comes nearest; nil for none.
	Nearest *NearestEntry `json:"nearest,omitempty"`
}

// NearestEntry is the entry that a question comes nearest to.
type NearestEntry struct {
	EntryID  ID      `json:"entry_id"`
	Question string  `json:"question"`
	Score    float64 `json:"score" doc:"Probability that it is meant"`
}

// EntryDraft is an entry proposed for some misses.
type EntryDraft struct {
	Question  string        `json:"question"`
	Similar   []string      `json:"similar"`
	Answer    string        `json:"answer" doc:"What a seat replied, word for word; empty where none did"`
	Condensed string        `json:"condensed,omitempty" doc:"What a language model made of the replies"`
	Sources   []DraftSource `json:"sources" doc:"What seats replied, the best first"`
}

// DraftSource is what a seat wrote after one of the questions.
type DraftSource struct {
	SessionID ID     `json:"session_id"`
	Text      string `json:"text"`
}

// selectedMisses is the input of an operation on misses.
type selectedMisses struct {
	AccountPath
	Body struct {
		IDs []ID `json:"ids" minItems:"1" maxItems:"5000" doc:"Of questions, as a cluster has them"`
	}
}

type settledView struct {
	Settled int `json:"settled" doc:"Misses that are off the list"`
}

type solvedView struct {
	Entry   entryView   `json:"entry"`
	Near    []NearEntry `json:"near" doc:"Entries that its questions might as well ask for, the nearest first"`
	Settled int         `json:"settled" doc:"Misses that are off the list"`
}

func viewSolved(s SavedEntry, settled int) solvedView {
	return solvedView{viewEntry(s.Entry), notNil(s.Near), settled}
}

func (a *API) registerMisses(s surface) {
	const tag = "misses"
	const path = account + "/misses"
	type listMisses struct {
		AccountPath
		Days  int `query:"days" minimum:"1" maximum:"3650" default:"30" doc:"How far to look back"`
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"20"`
	}
	within(s, call(http.MethodGet, "listMisses", path, tag, "What the bot could not answer, by the time it cost people"),
		func(ctx context.Context, acc model.Account, in *listMisses) (*body[Listed[MissCluster]], error) {
			since := a.cfg.Now().AddDate(0, 0, -in.Days).UnixMilli()
			clusters, err := a.cfg.Misses.Clusters(ctx, acc, since, in.Limit)
			return reply(Listed[MissCluster]{Items: notNil(clusters)}, err)
		})
	within(s, call(http.MethodPost, "draftEntry", path+"/draft", tag, "Propose an entry from what seats replied"),
		func(ctx context.Context, acc model.Account, in *selectedMisses) (*body[EntryDraft], error) {
			draft, err := a.cfg.Misses.Draft(ctx, acc, numbers(in.Body.IDs))
			draft.Similar, draft.Sources = notNil(draft.Similar), notNil(draft.Sources)
			return reply(draft, err)
		})
	within(s, call(http.MethodPost, "ignoreMisses", path+"/ignore", tag, "Take misses off the list for good"),
		func(ctx context.Context, acc model.Account, in *selectedMisses) (*body[settledView], error) {
			n, err := a.cfg.Misses.Ignore(ctx, acc.ID, numbers(in.Body.IDs))
			return reply(settledView{n}, err)
		})
	a.registerSolving(s, path+"/solve", tag)
}

func (a *API) registerSolving(s surface, path, tag string) {
	type solveMisses struct {
		AccountPath
		Body struct {
			IDs     []ID       `json:"ids" minItems:"1" maxItems:"5000" doc:"Of questions, as a cluster has them"`
			Entry   *EntryText `json:"entry,omitempty" doc:"Makes a new entry; without similar questions it gets the misses as such"`
			EntryID ID         `json:"entry_id,omitempty" doc:"Makes the misses similar questions of this entry"`
		}
	}
	within(s, call(http.MethodPost, "solveMisses", path, tag, "Make an entry, or similar questions of one, of misses"),
		func(ctx context.Context, acc model.Account, in *solveMisses) (*body[solvedView], error) {
			if (in.Body.Entry == nil) == (in.Body.EntryID == "") {
				return nil, model.Invalid("solve_how", "give either entry or entry_id")
			}
			ids := numbers(in.Body.IDs)
			if in.Body.Entry == nil {
				saved, n, err := a.cfg.Misses.Extend(ctx, acc, ids, in.Body.EntryID.number(), author(ctx))
				return reply(viewSolved(saved, n), err)
			}
			e, err := in.Body.Entry.entry(acc.ID)
			if err != nil {
				return nil, err
			}
			saved, n, err := a.cfg.Misses.Make(ctx, acc, ids, e, author(ctx))
			return reply(viewSolved(saved, n), err)
		})
}
