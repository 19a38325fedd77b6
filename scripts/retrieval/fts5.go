package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// fts5 is a full-text table of SQLite in memory, ranked by its bm25().
type fts5 struct {
	db    *sql.DB
	words func(string) []string // of a question, any of which is asked for
}

// openTrigrams uses SQLite's own trigram tokenizer.
func openTrigrams(ctx context.Context, vs []variant) (searcher, error) {
	return openFTS5(ctx, vs, "trigram", func(s string) string { return s }, trigrams)
}

// openBigrams stores [bigrams], for SQLite has no tokenizer that makes them.
func openBigrams(ctx context.Context, vs []variant) (searcher, error) {
	return openFTS5(ctx, vs, "unicode61", func(s string) string { return strings.Join(bigrams(s), " ") }, bigrams)
}

func openFTS5(ctx context.Context, vs []variant, tokenizer string, stored func(string) string, words func(string) []string) (searcher, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // every connection to :memory: is a database of its own
	f := &fts5{db, words}
	if err := f.fill(ctx, vs, tokenizer, stored); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return f, nil
}

func (f *fts5) fill(ctx context.Context, vs []variant, tokenizer string, stored func(string) string) error {
	if _, err := f.db.ExecContext(ctx, `CREATE VIRTUAL TABLE variants USING fts5(text, tokenize='`+tokenizer+`')`); err != nil {
		return fmt.Errorf("make the table: %w", err)
	}
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO variants (rowid, text) VALUES (?, ?)`)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for doc, v := range vs {
		if _, err := insert.ExecContext(ctx, doc+1, stored(v.text)); err != nil {
			return errors.Join(fmt.Errorf("fill the table: %w", err), tx.Rollback())
		}
	}
	return tx.Commit()
}

func (f *fts5) search(ctx context.Context, text string, limit int) ([]found, error) {
	words := f.words(text)
	if len(words) == 0 {
		return nil, nil
	}
	for i, w := range words {
		words[i] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
	}
	rows, err := f.db.QueryContext(ctx,
		`SELECT rowid, -bm25(variants) FROM variants WHERE variants MATCH ? ORDER BY bm25(variants), rowid LIMIT ?`,
		strings.Join(words, " OR "), limit)
	if err != nil {
		return nil, err
	}
	return scanFound(rows)
}

func (f *fts5) close(context.Context) error { return f.db.Close() }

// scanFound reads rows of document number (from 1) and score.
func scanFound(rows *sql.Rows) (docs []found, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var d found
		if err := rows.Scan(&d.doc, &d.score); err != nil {
			return nil, err
		}
		d.doc--
		docs = append(docs, d)
	}
	return docs, rows.Err()
}

// trigrams cuts a text into all runs of three characters, each once: what a phrase of
// SQLite's trigram tokenizer must have at least.
func trigrams(text string) []string {
	var tokens []string
	seen := map[string]bool{}
	rs := []rune(text)
	for i := 3; i <= len(rs); i++ {
		if t := string(rs[i-3 : i]); !seen[t] {
			seen[t] = true
			tokens = append(tokens, t)
		}
	}
	return tokens
}
