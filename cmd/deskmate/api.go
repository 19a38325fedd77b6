package main

import (
	"log/slog"
	"time"

	"deskmate/bot/knowledge/curate"
	"deskmate/handler"
	"deskmate/store/blobstore"
	"deskmate/store/sqlstore"
)

// apiSettings is what the API needs besides its parts.
type apiSettings struct {
	zone  *time.Location
	now   func() time.Time
	log   *slog.Logger
	files blobstore.Store
}

// newAPI makes the HTTP API over all that people do with knowledge bases.
func newAPI(store *sqlstore.Store, c curating, importer *curate.Importer, with apiSettings) *handler.API {
	editor := apiEditor{c.editor}
	return handler.NewAPI(handler.APIConfig{
		Accounts: store, Entries: editor, History: editor, Bulk: editor, Groups: editor, Synonyms: editor,
		Golden: apiExaminer{c.examiner}, Imports: apiImporter{importer}, Files: importer, Media: store, RecordMedia: store, KeptFiles: with.files,
		Base: c.base, Questions: store,
		Misses: apiMisses{c.misses}, Thresholds: apiTuner{c.tuner}, Usage: store, Location: with.zone, Now: with.now, Log: with.log,
	})
}

// wireAPI makes the API, what guards it, and the importer that works behind it on every
// replica.
func (s *server) wireAPI(p program) error {
	c, err := newCurating(s.store, s.knowledge, s.phraser, s.log, p.now)
	if err != nil {
		return err
	}
	s.importer, err = curate.NewImporter(curate.ImporterConfig{
		Imports: s.store, Entries: bulkStore{s.store}, Blobs: s.store, Accounts: s.store, Base: c.base, Examiner: c.examiner,
		Log: s.log, Location: s.cfg.TimeZone, Owner: ownerName(), Now: p.now,
	})
	if err != nil {
		return err
	}
	s.api = newAPI(s.store, c, s.importer, apiSettings{s.cfg.TimeZone, p.now, s.log, s.files})
	s.gate = handler.NewGate(handler.GateConfig{Tokens: s.store, Now: p.now, Log: s.log})
	return nil
}
