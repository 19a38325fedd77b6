package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	modernc "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"deskmate/model"
)

// sqliteDriver is the name under which the driver without cgo registers itself.
const sqliteDriver = "sqlite"

// sqliteReaders is how many statements may read at the same time.
const sqliteReaders = 8

// sqliteDialect keeps everything in one file. One connection writes, because several
// starve each other (SQLite's wait for a lock is no queue); others read beside it.
type sqliteDialect struct {
	path string
}

func (sqliteDialect) name() string { return "sqlite" }

// dsn is the data source name. Times are UTC text where there are any; transactions
// take the write lock at once, so that none of them fails half-way.
func (d sqliteDialect) dsn(extra string) string {
	return fileURI(d.path) + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_txlock=immediate&_timezone=UTC&_time_format=sqlite" + extra
}

// fileURI names a file the way SQLite reads it in a URI.
func fileURI(path string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

func (d sqliteDialect) open(ctx context.Context) (write, read *sql.DB, err error) {
	const ownerOnly = 0o750
	if err := os.MkdirAll(filepath.Dir(d.path), ownerOnly); err != nil {
		return nil, nil, fmt.Errorf("make the database's folder: %w", err)
	}
	// SQLite would make the file readable for everybody.
	file, err := os.OpenFile(d.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("make the database's file: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, nil, err
	}
	if write, err = sql.Open(sqliteDriver, d.dsn("")); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	if read, err = sql.Open(sqliteDriver, d.dsn("&_pragma=query_only(1)")); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return write, read, nil
}

// sqliteDialector adds to gorm's dialector what it can't do for this driver.
type sqliteDialector struct {
	*sqlite.Dialector
	dialect sqliteDialect
}

func (sqliteDialect) intake() (*sql.DB, error) { return nil, nil } //nolint:nilnil // there is no server to travel to

// using trusts in the plus before columns (see tx.go).
func (sqliteDialect) using(table, _ string) string { return "`" + table + "`" }

// lower changes the letters A to Z only, as SQLite does.
func (sqliteDialect) lower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, text)
}

func (d sqliteDialect) gorm(db *sql.DB) gorm.Dialector {
	return sqliteDialector{Dialector: &sqlite.Dialector{Conn: db}, dialect: d}
}

// Translate implements gorm.ErrorTranslator.
func (d sqliteDialector) Translate(err error) error { return d.dialect.translate(err) }

func (sqliteDialect) translate(err error) error {
	switch sqliteCode(err) {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return gorm.ErrDuplicatedKey
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return gorm.ErrForeignKeyViolated
	case lib.SQLITE_CONSTRAINT_CHECK:
		return gorm.ErrCheckConstraintViolated
	}
	return err
}

// transient is never true: one writer has no deadlocks, and a busy database was
// waited for already.
func (sqliteDialect) transient(error) bool { return false }

func (sqliteDialect) away(err error) bool {
	const primary = 0xff
	switch sqliteCode(err) & primary {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return true
	}
	return false
}

// sqliteCode is the extended result code of err; 0 for any other error.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*modernc.Error](err); ok {
		return e.Code()
	}
	return 0
}

// migrate holds a write lock on a small file beside the database meanwhile: two
// processes that start together (serve and kb import) change the schema in turn.
func (d sqliteDialect) migrate(ctx context.Context, fn func(*sql.DB) error) (err error) {
	db, err := sql.Open(sqliteDriver, d.dsn(""))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	locks, err := sql.Open(sqliteDriver, fileURI(d.path+"-migrate")+"?_pragma=busy_timeout(60000)&_txlock=exclusive")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, locks.Close()) }()
	tx, err := locks.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	return fn(db)
}

func (sqliteDialect) takeSeqs(tx *gorm.DB, lane model.Lane, count int) (uint64, error) {
	const upsert = "INSERT INTO `lane` (`lane`, `kind`, `account_id`, `ready`, `run_at_ms`, `fence`, `owner`, `next_seq`) " +
		"VALUES (?, ?, ?, 1, ?, 0, '', ?) ON CONFLICT (`lane`) DO UPDATE SET " +
		"`next_seq` = `next_seq` + excluded.`next_seq`, " +
		"`run_at_ms` = CASE WHEN `ready` THEN `run_at_ms` ELSE excluded.`run_at_ms` END, " +
		"`ready` = 1 RETURNING `next_seq`"
	var last uint64
	err := tx.Statement.ConnPool.QueryRowContext(tx.Statement.Context, upsert,
		lane.Lane, lane.Kind, lane.AccountID, lane.RunAtMS, count).Scan(&last)
	return last, err
}
