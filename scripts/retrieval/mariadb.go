package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// mariadb is a table with a full-text index on a MariaDB or MySQL server, in a database of
// its own that [mariadb.close] drops. Neither server indexes words of two characters unless
// its settings are changed, and MariaDB has no parser for Chinese, so each bigram is stored
// as one word of Latin letters and digits.
type mariadb struct {
	db   *sql.DB
	name string // of the database
}

const insertRows = 500

func openMariaDB(ctx context.Context, serverURL string, vs []variant) (searcher, error) {
	dsn, err := mysqlDSN(serverURL)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // USE holds for one connection
	m := &mariadb{db, "deskmate_retrieval_" + strings.ToLower(rand.Text()[:10])}
	if err := m.fill(ctx, vs); err != nil {
		return nil, errors.Join(err, m.close(context.WithoutCancel(ctx)))
	}
	return m, nil
}

// mysqlDSN turns mysql://user:pass@host:port/ into what the driver takes.
func mysqlDSN(serverURL string) (string, error) {
	u, err := url.Parse(serverURL)
	if err != nil || u.Scheme != "mysql" || u.Host == "" {
		return "", errors.New("DESKMATE_TEST_MYSQL_URL is not mysql://user:pass@host:port/")
	}
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User = "tcp", u.Host, u.User.Username()
	if u.Port() == "" {
		c.Addr += ":3306"
	}
	c.Passwd, _ = u.User.Password()
	c.InterpolateParams = true
	return c.FormatDSN(), nil
}

func (m *mariadb) fill(ctx context.Context, vs []variant) error {
	for _, stmt := range []string{
		"CREATE DATABASE " + m.name + " CHARACTER SET utf8mb4",
		"USE " + m.name,
		"CREATE TABLE variants (id INT PRIMARY KEY, words TEXT NOT NULL) ENGINE=InnoDB",
	} {
		if _, err := m.db.ExecContext(ctx, stmt); err != nil {
			return fmt.Errorf("%s: %w", stmt, err)
		}
	}
	for from := 0; from < len(vs); from += insertRows {
		part := vs[from:min(from+insertRows, len(vs))]
		var args []any
		for i, v := range part {
			args = append(args, from+i+1, latinWords(v.text))
		}
		stmt := "INSERT INTO variants (id, words) VALUES " + strings.TrimSuffix(strings.Repeat("(?, ?),", len(part)), ",")
		if _, err := m.db.ExecContext(ctx, stmt, args...); err != nil {
			return fmt.Errorf("fill the table: %w", err)
		}
	}
	if _, err := m.db.ExecContext(ctx, "ALTER TABLE variants ADD FULLTEXT (words)"); err != nil {
		return fmt.Errorf("make the full-text index: %w", err)
	}
	return nil
}

func (m *mariadb) search(ctx context.Context, text string, limit int) ([]found, error) {
	words := latinWords(text)
	if words == "" {
		return nil, nil
	}
	rows, err := m.db.QueryContext(ctx, `SELECT id, MATCH (words) AGAINST (?) AS score FROM variants
		WHERE MATCH (words) AGAINST (?) ORDER BY score DESC, id LIMIT ?`, words, words, limit)
	if err != nil {
		return nil, err
	}
	return scanFound(rows)
}

func (m *mariadb) close(ctx context.Context) error {
	_, err := m.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+m.name)
	return errors.Join(err, m.db.Close())
}

// latinWords writes the bigrams of a text so that the server takes each for one word; its
// longest word has 84 characters.
func latinWords(text string) string {
	words := bigrams(text)
	for i, w := range words {
		words[i] = "x" + hex.EncodeToString([]byte(w)[:min(len(w), 40)])
	}
	return strings.Join(words, " ")
}
