package handler

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// Imports bring knowledge files in: stored and checked, read by a person, applied, undone.
// The work is done in the background.
type Imports interface {
	Start(ctx context.Context, accountID uint64, name string, file io.Reader, replace bool, author string) (model.Import, error)
	Import(ctx context.Context, accountID, id uint64) (model.Import, error)
	// List lists those before an ID, the newest first; 0: all.
	List(ctx context.Context, accountID, before uint64, limit int) ([]model.Import, error)
	Report(ctx context.Context, accountID, id uint64, f ReportFilter) (ImportReport, error)
	ImportSteps
}

// ImportSteps set a checked import going.
type ImportSteps interface {
	Apply(ctx context.Context, accountID, id uint64, skipBad bool, author string) (model.Import, error)
	Undo(ctx context.Context, accountID, id uint64, author string) (model.Import, error)
}

// The largest uploads.
const (
	KnowledgeBytes = 64 << 20  // a knowledge file
	MediaBytes     = 20 << 20  // a picture or file of an answer
	FormBytes      = 256 << 10 // what a form has around a file
)

// ReportFilter narrows a report; its zero value is all of it.
type ReportFilter struct {
	Kind  string
	Bad   bool // only rows that are not taken
	Mends bool // only rows in which something was repaired
	After int
	Limit int
}

// ImportReport is a page of what a dry run found.
type ImportReport struct {
	Counts   model.ImportCounts `json:"counts" doc:"Every row counts once, by its kind"`
	Bad      int                `json:"bad" doc:"Rows that are not taken"`
	Good     int                `json:"good" doc:"Entries that are"`
	Native   bool               `json:"native" doc:"Laid out as WeCom's own export"`
	Warnings []string           `json:"warnings"`
	Golden   GoldenPreview      `json:"golden" doc:"Golden questions that the import would move"`
	Items    []ImportRow        `json:"items"`
	Next     string             `json:"next,omitempty"`
}

// ImportRow is what becomes of a row of a file, and why.
type ImportRow struct {
	Row      int      `json:"row,omitempty" doc:"Its number in the file, from 1; missing for an entry that goes"`
	Kind     string   `json:"kind" enum:"new,changed,same,duplicate,conflict,invalid,removed"`
	Bad      bool     `json:"bad" doc:"It is not taken"`
	Column   string   `json:"column,omitempty"`
	Char     string   `json:"char,omitempty" doc:"The character that must not be there"`
	Message  string   `json:"message,omitempty" doc:"What is wrong, for people"`
	Also     []string `json:"also,omitempty" doc:"What else is wrong"`
	EntryID  ID       `json:"entry_id,omitempty" doc:"The entry that has the row's question"`
	OtherID  ID       `json:"other_id,omitempty" doc:"The entry that a conflict is with"`
	Question string   `json:"question,omitempty"`
	Changes  []string `json:"changes,omitempty" doc:"What the entry gets"`
	Repairs  []string `json:"repairs,omitempty" doc:"What was mended"`
}

// importView is a knowledge file on its way into an account.
type importView struct {
	ID        ID                 `json:"id"`
	FileName  string             `json:"file_name"`
	Replace   bool               `json:"replace"`
	SkipBad   bool               `json:"skip_bad"`
	State     model.ImportState  `json:"state" enum:"checking,ready,applying,done,undoing,undone,failed"`
	Working   bool               `json:"working" doc:"Ask again: something is under way"`
	Done      int                `json:"done" doc:"Steps of total"`
	Total     int                `json:"total"`
	Counts    model.ImportCounts `json:"counts"`
	Version   uint64             `json:"version,omitempty" doc:"Of the knowledge base that it made"`
	Error     string             `json:"error,omitempty" doc:"Why it failed, for people"`
	Author    string             `json:"author"`
	CreatedAt Instant            `json:"created_at,omitempty"`
	UpdatedAt Instant            `json:"updated_at,omitempty"`
}

func viewImport(i model.Import) importView {
	return importView{
		ID: NewID(i.ID), FileName: i.FileName, Replace: i.Replace, SkipBad: i.SkipBad, State: i.State, Working: i.State.Working(),
		Done: i.Done, Total: i.Total, Counts: i.Counts, Version: i.Version, Error: i.Err, Author: i.Author,
		CreatedAt: NewInstant(i.CreatedMS), UpdatedAt: NewInstant(i.UpdatedMS),
	}
}

const importsTag = "imports"

func (a *API) registerImports(s surface) {
	const path = account + "/imports"
	type createImport struct {
		AccountPath
		RawBody huma.MultipartFormFiles[struct {
			File    huma.FormFile `form:"file" required:"true" doc:"xlsx, csv or jsonl, at most 64 MiB; the name's ending tells which"`
			Replace bool          `form:"replace" required:"false" doc:"The file is the whole base: entries it lacks are removed"`
		}]
	}
	within(s, call(http.MethodPost, "createImport", path, importsTag, "Upload a knowledge file and have it checked"),
		func(ctx context.Context, acc model.Account, in *createImport) (*body[importView], error) {
			form := in.RawBody.Data()
			imp, err := a.cfg.Imports.Start(ctx, acc.ID, form.File.Filename, form.File, form.Replace, author(ctx))
			return reply(viewImport(imp), err)
		})
	type listImports struct {
		AccountPath
		After ID  `query:"after" doc:"Next of the page before"`
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"20"`
	}
	within(s, call(http.MethodGet, "listImports", path, importsTag, "List imports, the newest first"),
		func(ctx context.Context, acc model.Account, in *listImports) (*body[Listed[importView]], error) {
			page, err := a.cfg.Imports.List(ctx, acc.ID, in.After.number(), in.Limit)
			following := next(page, in.Limit, func(i model.Import) uint64 { return i.ID })
			return reply(Listed[importView]{Items: views(page, viewImport), Next: following}, err)
		})
	within(s, call(http.MethodGet, "getImport", path+"/{id}", importsTag, "How far an import is"),
		func(ctx context.Context, acc model.Account, in *EntryPath) (*body[importView], error) {
			imp, err := a.cfg.Imports.Import(ctx, acc.ID, in.ID.number())
			return reply(viewImport(imp), err)
		})
	a.registerImportSteps(s, path)
}

func (a *API) registerImportSteps(s surface, path string) {
	type reportRows struct {
		EntryPath
		Kind  string `query:"kind" enum:"new,changed,same,duplicate,conflict,invalid,removed"`
		Bad   bool   `query:"bad" doc:"Only rows that are not taken"`
		Mends bool   `query:"mends" doc:"Only rows in which something was repaired"`
		After int    `query:"after" minimum:"0" doc:"Next of the page before"`
		Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	within(s, call(http.MethodGet, "getImportReport", path+"/{id}/report", importsTag, "What the check found, row by row"),
		func(ctx context.Context, acc model.Account, in *reportRows) (*body[ImportReport], error) {
			report, err := a.cfg.Imports.Report(ctx, acc.ID, in.ID.number(), ReportFilter{
				Kind: in.Kind, Bad: in.Bad, Mends: in.Mends, After: in.After, Limit: in.Limit,
			})
			report.Warnings, report.Items, report.Golden = notNil(report.Warnings), notNil(report.Items), report.Golden.whole()
			return reply(report, err)
		})
	type applyImport struct {
		EntryPath
		Body *struct {
			SkipBad bool `json:"skip_bad,omitempty" doc:"Take the good rows although others are bad"`
		}
	}
	within(s, call(http.MethodPost, "applyImport", path+"/{id}/apply", importsTag, "Bring a checked file in, in the background"),
		func(ctx context.Context, acc model.Account, in *applyImport) (*body[importView], error) {
			skip := in.Body != nil && in.Body.SkipBad
			imp, err := a.cfg.Imports.Apply(ctx, acc.ID, in.ID.number(), skip, author(ctx))
			return reply(viewImport(imp), err)
		})
	within(s, call(http.MethodPost, "undoImport", path+"/{id}/undo", importsTag, "Take an import back, in the background"),
		func(ctx context.Context, acc model.Account, in *EntryPath) (*body[importView], error) {
			imp, err := a.cfg.Imports.Undo(ctx, acc.ID, in.ID.number(), author(ctx))
			return reply(viewImport(imp), err)
		})
}
