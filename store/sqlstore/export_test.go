package sqlstore

import (
	"context"
	"database/sql"
	"log/slog"

	"gorm.io/gorm"

	"deskmate/model"
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
		&accountRow{}, &ownerRow{}, &revisionRow{}, &heldRow{}, &memberDepartmentRow{}, &memberWordRow{},
		&knowledgeRow{}, &entryRow{}, &similarRow{}, &ignoredRow{},
		&groupRow{}, &synonymRow{}, &chunkRow{}, &embeddingRow{}, &mediaRow{}, &textIndexRow{}, &groupLease{}, &seenRow{}, &replicaRow{}, &webhookRow{},
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

// ExplainSearch is how the database finds the members whose words begin with a prefix.
func (s *Store) ExplainSearch(ctx context.Context, corpID, prefix string) ([]map[string]any, error) {
	return s.explain(ctx, func(tx *gorm.DB) *gorm.DB {
		return memberWords(tx, corpID, prefix, memberWordRow{Word: prefix}).Find(&[]memberWordRow{})
	})
}

// ExplainRecordIDs is how the database finds records.
func (s *Store) ExplainRecordIDs(ctx context.Context, f model.RecordFilter) ([]map[string]any, error) {
	return s.explain(ctx, func(tx *gorm.DB) *gorm.DB { return recordIDs(tx, f, 0, 40).Find(&[]uint64{}) })
}

func (s *Store) explain(ctx context.Context, query func(*gorm.DB) *gorm.DB) ([]map[string]any, error) {
	explain := "EXPLAIN "
	if s.dialect.name() == sqliteDriver {
		explain = "EXPLAIN QUERY PLAN "
	}
	q := s.reader(ctx)
	var plan []map[string]any
	err := q.Raw(explain + q.ToSQL(query)).Find(&plan).Error
	return plan, err
}
