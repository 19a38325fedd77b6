package main

import (
	"context"
	"io"
	"log/slog"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/mask"
	"deskmate/bot/records"
	"deskmate/handler"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

// How transcripts are indexed and searched.
const (
	searchPatience = 150 * time.Millisecond // after this a search gives what it has, and where to go on
	indexEvery     = 5 * time.Second
	indexQuiet     = time.Minute // what an open session says is indexed after this silence; until then it is read
)

// recordFold is how transcripts are compared.
func recordFold() records.Folder { return records.Folder{Simplify: match.Simplify} }

// newIndexer makes what indexes transcripts in the background, on every replica.
func newIndexer(store *sqlstore.Store, now func() time.Time, log *slog.Logger) *records.Indexer {
	return records.NewIndexer(records.IndexerConfig{
		Store: store, Accounts: store, Fold: recordFold(), Owner: ownerName(), Now: now, Log: log.With("component", "records"),
		Every: indexEvery, Quiet: indexQuiet,
	})
}

// newRecords makes what searches transcripts, and what gives them away.
func newRecords(store *sqlstore.Store, zone *time.Location, now func() time.Time) (*records.Searcher, *records.Giver) {
	searcher := records.NewSearcher(records.SearchConfig{Store: store, Fold: recordFold(), Patience: searchPatience, Now: time.Now})
	return searcher, records.NewGiver(records.GiverConfig{Searcher: searcher, Store: store, Mask: mask.Text, Zone: zone, Now: now})
}

// apiRecords gives the API what it needs of records.
type apiRecords struct {
	*sqlstore.Store
	searcher *records.Searcher
	giver    *records.Giver
}

func newAPIRecords(store *sqlstore.Store, zone *time.Location, now func() time.Time) apiRecords {
	searcher, giver := newRecords(store, zone, now)
	return apiRecords{store, searcher, giver}
}

// SearchRecords implements [handler.Records].
func (r apiRecords) SearchRecords(ctx context.Context, _ model.Account, q handler.RecordQuery) (handler.RecordPage, error) {
	found, err := r.searcher.Search(ctx, records.Search(q))
	return handler.RecordPage{Next: found.Next, Found: each(found.Found, viewFound)}, err
}

func viewFound(f records.Found) handler.FoundRecord {
	return handler.FoundRecord{Record: f.Record, More: f.More, Lines: each(f.Lines, func(l records.Line) handler.FoundLine {
		return handler.FoundLine{Message: l.Message, Excerpt: l.Excerpt, Marks: each(l.Marks, func(m records.Mark) handler.TextMark {
			return handler.TextMark(m)
		})}
	})}
}

// ExportRecords implements [handler.Records].
func (r apiRecords) ExportRecords(ctx context.Context, acc model.Account, q handler.RecordQuery, w io.Writer) error {
	return r.giver.Export(ctx, acc, records.Search(q), w)
}

// PrintRecord implements [handler.Records].
func (r apiRecords) PrintRecord(ctx context.Context, acc model.Account, id uint64, w io.Writer) error {
	return r.giver.Transcript(ctx, acc, id, w)
}
