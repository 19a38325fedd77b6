package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, url string
		key       []byte
		reason    string
	}{
		{"no URL", "", storetest.Key(), "database_url"},
		{"an unknown scheme", "postgres://u:geheim@h/db", storetest.Key(), "database_url"},
		{"no file", "sqlite://", storetest.Key(), "database_url"},
		{"a folder", "sqlite:///tmp/", storetest.Key(), "database_url"},
		{"no host", "mysql:///db", storetest.Key(), "database_url"},
		{"no database", "mysql://u:geheim@h:3306/", storetest.Key(), "database_url"},
		{"a password that breaks the URL", "mysql://u:gehe/im@h:3306/db", storetest.Key(), "database_url"},
		{"an unknown option", "mysql://u:geheim@h:3306/db?timeout=soon", storetest.Key(), "database_url"},
		{"a short key", "sqlite://" + filepath.Join(t.TempDir(), "x.db"), []byte("short"), "secret_key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: tt.url, SecretKey: tt.key})
			var e *model.Error
			if !errors.As(err, &e) || e.Code != model.CodeInvalid || e.Reason != tt.reason || strings.Contains(err.Error(), "gehe") {
				t.Errorf("got %v, %v", s, err)
			}
		})
	}
}

func TestOpen_says_that_the_database_is_away(t *testing.T) {
	t.Parallel()
	_, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: "mysql://u:geheim@127.0.0.1:1/db", SecretKey: storetest.Key()})
	if !errors.Is(err, model.ErrUnavailable) || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
}

func TestOpen_makes_the_folder(t *testing.T) {
	t.Parallel()
	db := storetest.Database{URL: "sqlite://" + filepath.Join(t.TempDir(), "a b", "100%?#", "desk.db")}
	s := db.Open(t, nil)
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	again := db.Open(t, nil) // the same file, by the same name
	if err := again.SchemaCurrent(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: db.URL, SecretKey: storetest.Key()})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("a closed store answers")
		}
	})
}

// Two processes may use one SQLite file; each sees at once what the other committed.
func TestOpen_twice(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		serve, tool := newDesk(t, db), db.Open(t, nil)
		stores := []*sqlstore.Store{serve.Store, tool}
		together(2, func(i int) error {
			for range 20 {
				if _, err := stores[i].AccountByKey(t.Context(), "hr"); err != nil {
					return err
				}
				if _, _, err := stores[i].SaveAccount(t.Context(), account(string(rune('a'+i)), int64(i+1)), model.SeatSetups("li"), nil, "cli"); err != nil {
					return err
				}
			}
			return nil
		}).mustAll(t)
		saved, _, err := tool.SaveAccount(t.Context(), account("new", 99), nil, nil, "cli")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := serve.Account(t.Context(), saved.ID); err != nil || got.Key != "new" {
			t.Errorf("the other process reads %+v, %v", got, err)
		}
	})
}

// What is stored does not show in the log.
func TestLog_has_no_values(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		var log bytes.Buffer
		d.LogStatements(slog.New(slog.NewTextHandler(&log, nil)))
		d.apply(t, d.step(t, "wang"))
		if _, _, err := d.SaveAccount(t.Context(), account("it", 5), nil, nil, "cli"); err != nil {
			t.Fatal(err)
		}
		got := log.String()
		if !strings.Contains(got, "UPDATE `inbox`") {
			t.Errorf("nothing was logged: %s", got)
		}
		for _, value := range []string{"msg-1", "问题", "wang", "人事服务", corp} {
			if strings.Contains(got, value) {
				t.Errorf("the log shows %q", value)
			}
		}
	})
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := d.Accept(ctx, d.inbound("wang", "a"), d.person("wang")); err == nil {
			t.Error("a cancelled call succeeded")
		}
		if n := d.count(t, "inbox"); n != 0 {
			t.Errorf("%d events were stored", n)
		}
	})
}

// Long locks are waited for a few times and then reported as what they are.
func TestContention_is_unavailable(t *testing.T) {
	t.Parallel()
	db := storetest.MySQL(t, "DESKMATE_TEST_MYSQL_URL")
	d := newDesk(t, db)
	d.hears(t, "wang")
	blocker := db.Open(t, nil)
	tx := blocker.Raw().Begin()
	defer tx.Rollback()
	if err := tx.Exec("UPDATE lane SET owner = 'frozen'").Error; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := d.Accept(ctx, d.inbound("wang", "late"), d.person("wang")); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	// A claim does not wait for it.
	if lanes, err := d.ClaimLanes(ctx, model.LaneIn, "w", 9, lease); err != nil || len(lanes) != 0 {
		t.Errorf("claimed %v, %v", lanes, err)
	}
	if err := tx.Rollback().Error; err != nil {
		t.Fatal(err)
	}
	if dup, err := d.Accept(ctx, d.inbound("wang", "late"), d.person("wang")); dup || err != nil {
		t.Errorf("afterwards: %v, %v", dup, err)
	}
}

// long is a text of n characters.
func long(n int) string { return strings.Repeat("长", n) }
