// Package storetest gives tests databases: each an empty one of its own, migrated, on
// every dialect that is available. SQLite always is. A MariaDB or MySQL server is used
// where DESKMATE_TEST_MYSQL_URL names one (mysql://user:password@host:port/), and MySQL 8
// where MYSQL8_URL does. Without a server the subtest is skipped, but for CI=true, where
// the former must be there.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deskmate/store/sqlstore"
)

// Database is an empty database that a test has to itself.
type Database struct {
	Dialect string // "sqlite" or "mysql"
	URL     string // for sqlstore.Config
}

// Each runs f as a parallel subtest on every available dialect, with a migrated store.
func Each(t *testing.T, f func(t *testing.T, s *sqlstore.Store)) {
	t.Helper()
	EachDatabase(t, func(t *testing.T, db Database) {
		f(t, db.Open(t, nil))
	})
}

// EachDatabase runs f as a parallel subtest on every available dialect, with an empty
// database that [Database.Open] opens as often as the test likes.
func EachDatabase(t *testing.T, f func(t *testing.T, db Database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLite(t))
	})
	t.Run("mysql", func(t *testing.T) {
		t.Parallel()
		f(t, MySQL(t, "DESKMATE_TEST_MYSQL_URL"))
	})
	if os.Getenv("MYSQL8_URL") != "" {
		t.Run("mysql8", func(t *testing.T) {
			t.Parallel()
			f(t, MySQL(t, "MYSQL8_URL"))
		})
	}
}

// SQLite makes a database in the test's temporary folder.
func SQLite(t testing.TB) Database {
	t.Helper()
	return Database{Dialect: "sqlite", URL: "sqlite://" + filepath.Join(t.TempDir(), "deskmate.db")}
}

// MySQL makes a database on the server that an environment variable names, and drops it
// when the test ends.
func MySQL(t testing.TB, variable string) Database {
	t.Helper()
	server := os.Getenv(variable)
	if server == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set", variable)
		}
		t.Skipf("%s is not set", variable)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is no URL", variable)
	}
	name := "deskmate_test_" + random(t)
	exec(t, u, "CREATE DATABASE "+name)
	t.Cleanup(func() { exec(t, u, "DROP DATABASE "+name) })
	u.Path = "/" + name
	return Database{Dialect: "mysql", URL: u.String()}
}

func random(t testing.TB) string {
	t.Helper()
	b := make([]byte, 8)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

// exec runs one statement on the server, outside any database.
func exec(t testing.TB, u *url.URL, statement string) {
	t.Helper()
	password, _ := u.User.Password()
	db, err := sql.Open("mysql", u.User.Username()+":"+password+"@tcp("+u.Host+")/") // sqlstore registers the driver
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	ctx := context.WithoutCancel(t.Context()) // which has ended when a test cleans up
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Fatalf("%s: %v", strings.Fields(statement)[0], err)
	}
}

// Key is the secret key of every store that this package opens.
func Key() []byte {
	return []byte("deskmate-test-key-of-32-bytes-ok")
}

// Open opens and migrates the database; now is its clock, nil for time.Now. The store is
// closed when the test ends.
func (d Database) Open(t testing.TB, now func() time.Time) *sqlstore.Store {
	t.Helper()
	s := d.OpenRaw(t, now)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// OpenRaw opens the database as it is, for tests of the migration itself.
func (d Database) OpenRaw(t testing.TB, now func() time.Time) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: d.URL, SecretKey: Key(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
