package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"

	"deskmate/model"
)

// The pool's figures. Idle connections end before the server ends them (wait_timeout).
const (
	mysqlConns       = 32
	mysqlConnMaxIdle = 20 * time.Second
	mysqlConnMaxLife = 30 * time.Minute
)

// The server's error numbers that mean something to us.
const (
	mysqlTooManyConns = 1040
	mysqlShutdown     = 1053
	mysqlLockTimeout  = 1205
	mysqlDeadlock     = 1213
	mysqlReadOnly     = 1290
	mysqlTooLong      = 1406
	mysqlKilled       = 1927
)

// mysqlDialect speaks to MySQL 8 and MariaDB 10.11.
type mysqlDialect struct {
	cfg *mysql.Config
}

// newMySQLDialect completes cfg. The options and why: rows found instead of rows
// changed, or an update without a change would look like a lost race; a short wait
// for row locks and a short life of silent connections, so that a frozen process
// holds its locks for half a minute at most; strict mode, or a text too long would
// be cut without a word.
func newMySQLDialect(cfg *mysql.Config) mysqlDialect {
	cfg.ParseTime, cfg.Loc = true, time.UTC
	cfg.InterpolateParams, cfg.ClientFoundRows = true, true
	cfg.Collation = "utf8mb4_bin"
	if cfg.Timeout == 0 {
		const connect = 5 * time.Second
		cfg.Timeout = connect
	}
	// A host that vanishes without a word must not hold up work for as long as TCP hopes.
	const silence = 30 * time.Second
	if cfg.ReadTimeout == 0 {
		cfg.ReadTimeout = silence
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = silence
	}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	maps.Copy(cfg.Params, map[string]string{
		"sql_mode": "'TRADITIONAL'", "time_zone": "'+00:00'",
		"wait_timeout": "30", "innodb_lock_wait_timeout": "1",
	})
	cfg.Logger = &mysql.NopLogger{} // what it would print comes back as an error, too
	return mysqlDialect{cfg: cfg}
}

func (mysqlDialect) name() string { return "mysql" }

func (d mysqlDialect) open(ctx context.Context) (write, read *sql.DB, err error) {
	db, err := openMySQL(d.cfg)
	if err != nil {
		return nil, nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, db, nil
}

func openMySQL(cfg *mysql.Config) (*sql.DB, error) {
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(readCommitted{Connector: c})
	db.SetMaxOpenConns(mysqlConns)
	db.SetMaxIdleConns(mysqlConns)
	db.SetConnMaxIdleTime(mysqlConnMaxIdle)
	db.SetConnMaxLifetime(mysqlConnMaxLife)
	return db, nil
}

// using is for long lists of keys, for which a server would rather read the whole table.
func (mysqlDialect) using(table, index string) string {
	return "`" + table + "` FORCE INDEX (`" + index + "`)"
}

func (mysqlDialect) lower(text string) string { return strings.ToLower(text) }

// intake gives a handle of its own whose connections take several statements at once. No
// other code gets at it, so that nowhere else a value could smuggle in a statement.
func (d mysqlDialect) intake() (*sql.DB, error) {
	cfg := d.cfg.Clone()
	cfg.MultiStatements = true
	return openMySQL(cfg)
}

// readCommitted sets the isolation level of each new connection: the variable that
// would do so in the data source name has different names on MySQL and MariaDB.
type readCommitted struct {
	driver.Connector
}

// Connect implements driver.Connector.
func (c readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	exec, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the MySQL driver can't run statements directly"), conn.Close())
	}
	if _, err := exec.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		return nil, errors.Join(fmt.Errorf("set isolation level: %w", err), conn.Close())
	}
	return conn, nil
}

func (mysqlDialect) gorm(db *sql.DB) gorm.Dialector {
	return gormmysql.New(gormmysql.Config{Conn: db, DisableWithReturning: true}) // MySQL has no RETURNING
}

func (mysqlDialect) translate(err error) error {
	return gormmysql.Dialector{}.Translate(err)
}

func (mysqlDialect) transient(err error) bool {
	n := mysqlNumber(err)
	return n == mysqlDeadlock || n == mysqlLockTimeout
}

func (mysqlDialect) away(err error) bool {
	switch mysqlNumber(err) {
	case mysqlTooManyConns, mysqlShutdown, mysqlLockTimeout, mysqlDeadlock, mysqlReadOnly, mysqlKilled:
		return true
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.EOF)
}

// mysqlNumber is the server's error number; 0 for any other error.
func mysqlNumber(err error) uint16 {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number
	}
	return 0
}

// migrate holds a named lock on a connection of its own meanwhile. Both connections
// may be silent for longer than those of the pool.
func (d mysqlDialect) migrate(ctx context.Context, fn func(*sql.DB) error) (err error) {
	cfg := d.cfg.Clone()
	cfg.ReadTimeout, cfg.WriteTimeout = 0, 0
	cfg.Params["wait_timeout"], cfg.Params["innodb_lock_wait_timeout"] = "3600", "50"
	db, err := openMySQL(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }() // ends the lock as well
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	sum := sha256.Sum256([]byte(d.cfg.DBName)) // names of locks are short, and common to all databases
	var got sql.NullInt64
	name := "deskmate_migrate_" + hex.EncodeToString(sum[:8])
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, 60)", name).Scan(&got); err != nil {
		return fmt.Errorf("take the migration lock: %w", err)
	}
	if got.Int64 != 1 {
		return fmt.Errorf("wait for another migration: %w", model.ErrUnavailable)
	}
	return fn(db)
}

const mysqlTakeSeqs = "INSERT INTO `lane` (`lane`, `kind`, `account_id`, `ready`, `run_at_ms`, `fence`, `owner`, `next_seq`) " +
	"VALUES (?, ?, ?, 1, ?, 0, '', LAST_INSERT_ID(?)) ON DUPLICATE KEY UPDATE " +
	"`next_seq` = LAST_INSERT_ID(`next_seq` + ?), " +
	"`run_at_ms` = IF(`ready`, `run_at_ms`, VALUES(`run_at_ms`)), " +
	"`ready` = 1"

// takeSeqs reads the number back through LAST_INSERT_ID(expr), which saves a SELECT on
// the path of every callback. MySQL assigns from left to right: run_at_ms must be set
// while ready is still the old one.
func (mysqlDialect) takeSeqs(tx *gorm.DB, lane model.Lane, count int) (uint64, error) {
	res, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, mysqlTakeSeqs,
		lane.Lane, lane.Kind, lane.AccountID, lane.RunAtMS, count, count)
	if err != nil {
		return 0, err
	}
	last, err := res.LastInsertId()
	return uint64(last), err //nolint:gosec // numbers of a lane are positive
}
