package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-ego/gse"
)

// The usual constants of BM25.
const (
	bm25K1 = 1.2
	bm25B  = 0.75
)

// bm25 ranks by Okapi BM25 over an inverted index in memory.
type bm25 struct {
	cut      func(string) []string
	postings map[string][]posting
	lengths  []float64
	mean     float64
}

type posting struct {
	doc   int
	times float64
}

// newBM25Engine ranks by BM25 over what cut makes of a text.
func newBM25Engine(name string, cut func(string) []string) engine {
	return engine{name, func(_ context.Context, vs []variant) (searcher, error) { return newBM25(vs, cut), nil }}
}

func newBM25(vs []variant, cut func(string) []string) *bm25 {
	x := &bm25{cut: cut, postings: map[string][]posting{}}
	for doc, v := range vs {
		times := map[string]float64{}
		tokens := cut(v.text)
		for _, token := range tokens {
			times[token]++
		}
		for token, n := range times {
			x.postings[token] = append(x.postings[token], posting{doc, n})
		}
		x.lengths = append(x.lengths, float64(len(tokens)))
		x.mean += float64(len(tokens)) / float64(len(vs))
	}
	return x
}

func (x *bm25) search(_ context.Context, text string, limit int) ([]found, error) {
	sums := map[int]float64{}
	for _, token := range x.cut(text) {
		list := x.postings[token]
		n, holding := float64(len(x.lengths)), float64(len(list))
		idf := math.Log(1 + (n-holding+0.5)/(holding+0.5))
		for _, p := range list {
			sums[p.doc] += idf * p.times * (bm25K1 + 1) / (p.times + bm25K1*(1-bm25B+bm25B*x.lengths[p.doc]/x.mean))
		}
	}
	docs := make([]found, 0, len(sums))
	for doc, sum := range sums {
		docs = append(docs, found{doc, sum})
	}
	slices.SortFunc(docs, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.doc, b.doc))
	})
	return docs[:min(limit, len(docs))], nil
}

func (x *bm25) close(context.Context) error { return nil }

// gseWords cuts a text into words by gse's dictionary, in the mode for search.
func gseWords() (func(string) []string, error) {
	var seg gse.Segmenter
	seg.SkipLog = true
	if err := seg.LoadDictEmbed("zh_s"); err != nil {
		return nil, fmt.Errorf("load the dictionary of gse: %w", err)
	}
	return func(text string) []string {
		var words []string
		for _, w := range seg.CutSearch(strings.ToLower(text), true) {
			if w = strings.TrimSpace(w); w != "" {
				words = append(words, w)
			}
		}
		return words
	}, nil
}
