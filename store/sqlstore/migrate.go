package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"deskmate/model"
)

// versionTable is where the applied migrations are recorded.
const versionTable = "schema_version"

// Migration is one numbered change of the schema.
type Migration struct {
	Version   int64     // counts from 1
	Name      string    // what it is about, from its file name
	AppliedAt time.Time // in the store's Location; zero while Pending
	Pending   bool      // not applied yet
}

// Migrate brings the schema up to date. Any number of processes may call it at the
// same time: one works, the others wait and find nothing left to do. A database that a
// newer program has migrated already is refused with the reason schema_newer. On SQLite
// the lock that this takes is a file beside the database, named like it with "-migrate".
func (s *Store) Migrate(ctx context.Context) error {
	if s.SchemaCurrent(ctx) == nil {
		return nil
	}
	err := s.dialect.migrate(ctx, func(db *sql.DB) error {
		p, err := s.provider(db)
		if err != nil {
			return err
		}
		at, known, err := p.GetVersions(ctx)
		if err != nil {
			return err
		}
		if at > known {
			return newerSchema(at, known)
		}
		_, err = p.Up(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("migrate %s database: %w", s.dialect.name(), s.translate(err))
	}
	return nil
}

// MigrationStatus lists every migration this program knows, oldest first.
func (s *Store) MigrationStatus(ctx context.Context) ([]Migration, error) {
	var list []Migration
	err := s.dialect.migrate(ctx, func(db *sql.DB) error {
		p, err := s.provider(db)
		if err != nil {
			return err
		}
		status, err := p.Status(ctx)
		for _, m := range status {
			list = append(list, s.migration(m))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read migrations of %s database: %w", s.dialect.name(), s.translate(err))
	}
	return list, nil
}

func (s *Store) migration(m *goose.MigrationStatus) Migration {
	_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(m.Source.Path), ".sql"), "_")
	out := Migration{Version: m.Source.Version, Name: name, Pending: m.State == goose.StatePending}
	if !m.AppliedAt.IsZero() {
		out.AppliedAt = m.AppliedAt.In(s.loc)
	}
	return out
}

// SchemaCurrent reports whether the schema is the one this program was written for:
// nil if so, else an error of the reason schema_pending or schema_newer.
func (s *Store) SchemaCurrent(ctx context.Context) error {
	known, err := s.knownVersion()
	if err != nil {
		return err
	}
	pending := &model.Error{Code: model.CodeUnavailable, Reason: "schema_pending", Message: "the database has yet to be migrated"}
	if !s.reader(ctx).Migrator().HasTable(versionTable) {
		if err := s.Ping(ctx); err != nil {
			return err // HasTable knows only yes and no
		}
		return pending
	}
	var at sql.NullInt64
	err = s.reader(ctx).Raw("SELECT MAX(version_id) FROM " + versionTable + " WHERE is_applied = 1").Scan(&at).Error
	switch {
	case err != nil:
		return fmt.Errorf("read schema version: %w", s.translate(err))
	case at.Int64 < known:
		return pending
	case at.Int64 > known:
		return newerSchema(at.Int64, known)
	}
	return nil
}

func newerSchema(at, known int64) error {
	return &model.Error{
		Code: model.CodeConflict, Reason: "schema_newer",
		Message: fmt.Sprintf("the database has schema version %d and this program knows %d: use a newer program", at, known),
	}
}

// knownVersion is the newest migration in this program.
func (s *Store) knownVersion() (int64, error) {
	p, err := s.provider(new(sql.DB))
	if err != nil {
		return 0, err
	}
	sources := p.ListSources()
	return sources[len(sources)-1].Version, nil
}

func (s *Store) provider(db *sql.DB) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if s.dialect.name() != sqliteDriver {
		dialect = goose.DialectMySQL
	}
	p, err := goose.NewProvider(dialect, db, renderedFS{dialect: s.dialect.name()},
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}
