package main

import (
	"context"
	"flag"
	"log/slog"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/curate"
	"deskmate/bot/mask"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

// curating is all that people do with knowledge bases, plugged together.
type curating struct {
	store    *sqlstore.Store
	base     *knowledge.Base
	editor   *curate.Editor
	examiner *curate.Examiner
	misses   *curate.Misses
	tuner    *curate.Tuner
	asked    curate.AskedStore // without numbers
}

func newCurating(store *sqlstore.Store, base *knowledge.Base, condenser curate.Condenser, log *slog.Logger, now func() time.Time) (c curating, err error) {
	c.store, c.base, c.asked = store, base, curate.MaskedAsked(store, mask.Text)
	if c.examiner, err = curate.NewExaminer(store, base, now); err != nil {
		return c, err
	}
	c.editor, err = curate.NewEditor(curate.EditorConfig{
		Entries: store, Changes: store, Groups: store, Synonyms: store, Media: store,
		Base: base, Examiner: c.examiner, Log: log, Now: now,
	})
	if err != nil {
		return c, err
	}
	c.misses, err = curate.NewMisses(curate.MissesConfig{Questions: curate.Masked(store, mask.Text), Base: base, Editor: c.editor, Log: log, Condenser: condenser})
	if err != nil {
		return c, err
	}
	c.tuner, err = curate.NewTuner(c.asked, base, now)
	return c, err
}

// bulkStore lets the importer write whole files into the database.
type bulkStore struct{ *sqlstore.Store }

// ImportEntries implements [curate.EntryImporter].
func (s bulkStore) ImportEntries(
	ctx context.Context, accountID uint64, entries []model.Entry, opts curate.ImportOptions,
) (model.ImportCounts, uint64, error) {
	return s.Store.ImportEntries(ctx, accountID, entries, sqlstore.ImportOptions(opts))
}

// cliAuthor is who writes what is written on the command line.
const cliAuthor = "cli"

// withCurating runs f with the account that --account names and all that people do with its
// knowledge base.
func (p program) withCurating(ctx context.Context, flags *flag.FlagSet, f func(curating, model.Account) error) error {
	return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
		log := p.logger(slog.LevelWarn)
		base, err := knowledge.New(knowledge.Config{Source: store, Encoders: store, Log: log, Now: p.now})
		if err != nil {
			return err
		}
		c, err := newCurating(store, base, nil, log, p.now)
		if err != nil {
			return err
		}
		return f(c, acc)
	})
}
