package sqlstore

import (
	"context"
	"database/sql"
	"log/slog"

	"gorm.io/gorm"
)

// Raw is the store's handle, for tests that look at rows or change them behind its back.
func (s *Store) Raw() *gorm.DB { return s.db }

// LogStatements makes the store report every statement, not only the slow ones.
func (s *Store) LogStatements(log *slog.Logger) {
	s.db.Logger = slowLog{log: log}
	s.read.Logger = slowLog{log: log}
}

// OwnRows are the rows that only this package knows.
func OwnRows() []any {
	return []any{
		&accountRow{}, &ownerRow{}, &revisionRow{}, &heldRow{}, &memberDepartmentRow{},
		&knowledgeRow{}, &entryRow{}, &similarRow{}, &ignoredRow{},
		&groupRow{}, &synonymRow{}, &chunkRow{}, &embeddingRow{}, &mediaRow{}, &groupLease{},
	}
}

// MigrateTo migrates an empty database up to an older version.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	return s.dialect.migrate(ctx, func(db *sql.DB) error {
		p, err := s.provider(db)
		if err == nil {
			_, err = p.UpTo(ctx, version)
		}
		return err
	})
}
