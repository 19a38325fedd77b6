package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"deskmate/model"
)

// Config says which database to use and how.
type Config struct {
	// URL is sqlite:///path/to/file (sqlite://relative/path works, too; the path stands as it
	// is, without escapes) or mysql://user:password@host:3306/database, for MariaDB as well.
	// What follows a "?" on the latter goes to the driver, for instance tls=true.
	URL string
	// SecretKey seals the secrets at rest; 32 bytes.
	SecretKey []byte
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Spell gives what a member's name may be typed as, besides the name itself; nil: nothing.
	Spell func(name string) []string
	// Log receives slow statements, without their values; nil: nothing is logged.
	Log *slog.Logger
	// Location is the zone of times that are shown to people; nil: UTC.
	Location *time.Location
}

// Store is an open database. It is safe for use by many goroutines.
type Store struct {
	db      *gorm.DB // transactions; on SQLite the one connection that writes
	read    *gorm.DB // pure reads; on SQLite connections that can't write
	intake  *sql.DB  // callbacks, several statements a trip; nil on SQLite
	dialect dialect
	seals   sealer
	chains  chainer
	now     func() time.Time
	loc     *time.Location
	spell   func(string) []string
}

// dialect is what differs between the databases.
type dialect interface {
	// name is "sqlite" or "mysql".
	name() string
	// open gives the handles for writing and for reading, which may be the same.
	open(ctx context.Context) (write, read *sql.DB, err error)
	// gorm wraps a handle for gorm.
	gorm(db *sql.DB) gorm.Dialector
	// translate turns a driver's error into one of gorm's, where there is one.
	translate(err error) error
	// transient reports whether the same transaction may succeed a moment later.
	transient(err error) bool
	// away reports whether the database can't be used now.
	away(err error) bool
	// migrate runs fn with a handle for changing the schema, one caller at a time across all
	// processes.
	migrate(ctx context.Context, fn func(*sql.DB) error) error
	// takeSeqs makes sure the lane exists, marks it ready and takes count numbers from it; it
	// returns the last of them and leaves the lane's row locked.
	takeSeqs(tx *gorm.DB, lane model.Lane, count int) (uint64, error)
	// using names a table for a query that must go through one of its indexes.
	using(table, index string) string
	// lower writes a text as the database's LOWER does.
	lower(text string) string
	// intake gives a handle for storing callbacks in one trip to the server each; nil where
	// there is no server to travel to.
	intake() (*sql.DB, error)
}

// Open connects to the database. It does not look at the schema: see [Store.Migrate].
func Open(ctx context.Context, cfg Config) (*Store, error) {
	d, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	seals, err := newSealer(cfg.SecretKey)
	if err != nil {
		return nil, err
	}
	chains, err := newChainer(cfg.SecretKey, seals.keyID)
	if err != nil {
		return nil, err
	}
	s := &Store{dialect: d, seals: seals, chains: chains, now: cfg.Now, loc: cfg.Location, spell: cfg.Spell}
	if s.now == nil {
		s.now = time.Now
	}
	if s.loc == nil {
		s.loc = time.UTC
	}
	write, read, err := d.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s database: %w", d.name(), s.translate(err))
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if s.db, err = openGorm(d, write, log); err == nil {
		s.read = s.db
		if read != write {
			s.read, err = openGorm(d, read, log)
		}
	}
	if err == nil {
		s.intake, err = d.intake()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s database: %w", d.name(), s.translate(err)), write.Close(), read.Close())
	}
	return s, nil
}

func openGorm(d dialect, db *sql.DB, log *slog.Logger) (*gorm.DB, error) {
	return gorm.Open(d.gorm(db), &gorm.Config{
		Logger:                 slowLog{log: log.With("component", "sqlstore"), slow: slowStatement},
		NamingStrategy:         schema.NamingStrategy{SingularTable: true},
		SkipDefaultTransaction: true,
		TranslateError:         true,
	})
}

// Close ends all connections. The store can't be used afterwards.
func (s *Store) Close() error {
	var errs []error
	if s.intake != nil {
		errs = append(errs, s.intake.Close())
	}
	for _, g := range []*gorm.DB{s.read, s.db} { // the writer last: it tidies up SQLite's files
		db, err := g.DB()
		if err == nil {
			err = db.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	for _, g := range []*gorm.DB{s.db, s.read} {
		db, err := g.DB()
		if err == nil {
			err = db.PingContext(ctx)
		}
		if err != nil {
			return fmt.Errorf("ping %s database: %w", s.dialect.name(), s.translate(err))
		}
	}
	return nil
}

// nowMS is the present in epoch milliseconds.
func (s *Store) nowMS() int64 { return s.now().UnixMilli() }

// reader is the handle for pure reads.
func (s *Store) reader(ctx context.Context) *gorm.DB { return s.read.WithContext(ctx) }
