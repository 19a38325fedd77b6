package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
)

// resultsMax is how many entries are listed for a query; variantsMax is how many variants
// are fetched to find them, as several may belong to one entry.
const (
	resultsMax  = 10
	variantsMax = 80
)

// engine is a plain full-text engine. Each variant is a document; an entry is worth what its
// best variant is.
type engine struct {
	name string
	open func(ctx context.Context, vs []variant) (searcher, error)
}

// searcher finds documents.
type searcher interface {
	// search lists documents, best first; scores don't grow down the list.
	search(ctx context.Context, text string, limit int) ([]found, error)
	close(ctx context.Context) error
}

// found is a document, by its place in the list that the engine was opened with.
type found struct {
	doc   int
	score float64
}

// plainEngines lists the engines to compare with.
func plainEngines(s settings) ([]engine, error) {
	words, err := gseWords()
	if err != nil {
		return nil, err
	}
	engines := []engine{
		{"bleve-cjk", openBleve},
		newBM25Engine("gse-bm25", words),
		{"fts5-trigram", openTrigrams},
		{"fts5-bigrams", openBigrams},
	}
	if s.mysqlURL != "" {
		engines = append(engines, engine{"mariadb-bigrams", func(ctx context.Context, vs []variant) (searcher, error) {
			return openMariaDB(ctx, s.mysqlURL, vs)
		}})
	}
	return engines, nil
}

// answer indexes the knowledge base of t anew and asks it every query, one after the other.
// Only the search is timed.
func (e engine) answer(ctx context.Context, t task) (results []result, err error) {
	vs := t.variants()
	s, err := e.open(ctx, vs)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	for _, q := range t.queries {
		start := time.Now()
		docs, err := s.search(ctx, q.Query, variantsMax)
		if err != nil {
			return nil, fmt.Errorf("search %q: %w", q.Query, err)
		}
		took := time.Since(start)
		results = append(results, result{
			Query: q.Query, Results: bestEntries(t, vs, docs), LatencyMS: float64(took.Nanoseconds()) / 1e6,
		})
	}
	return results, nil
}

func bestEntries(t task, vs []variant, docs []found) []hit {
	hits := []hit{}
	seen := map[int]bool{}
	for _, d := range docs {
		e := vs[d.doc].entry
		if seen[e] {
			continue
		}
		seen[e] = true
		if hits = append(hits, hit{t.entries[e].ID, d.score}); len(hits) == resultsMax {
			break
		}
	}
	return hits
}

// bigrams cuts a text into pairs of neighbouring Han characters (one alone stays alone) and
// whole words of other letters and digits, in lower case, each once.
func bigrams(text string) []string {
	tokens := map[string]bool{}
	var han, word []rune
	flush := func() {
		if len(word) > 0 {
			tokens[string(word)] = true
		}
		if len(han) == 1 {
			tokens[string(han)] = true
		}
		for i := 1; i < len(han); i++ {
			tokens[string(han[i-1:i+1])] = true
		}
		han, word = nil, nil
	}
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.Is(unicode.Han, r):
			if len(word) > 0 {
				flush()
			}
			han = append(han, r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if len(han) > 0 {
				flush()
			}
			word = append(word, r)
		default:
			flush()
		}
	}
	flush()
	return slices.Sorted(maps.Keys(tokens))
}
