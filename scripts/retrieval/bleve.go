package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
)

// bleveIndex is a bleve index in a folder, with its analyzer for Chinese, Japanese and
// Korean and otherwise as it comes.
type bleveIndex struct {
	index bleve.Index
	dir   string
}

func openBleve(ctx context.Context, vs []variant) (searcher, error) {
	dir, err := os.MkdirTemp("", "retrieval-bleve")
	if err != nil {
		return nil, err
	}
	mapping := bleve.NewIndexMapping()
	mapping.DefaultAnalyzer = cjk.AnalyzerName
	index, err := bleve.New(filepath.Join(dir, "index"), mapping)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the index: %w", err), os.RemoveAll(dir))
	}
	b := &bleveIndex{index, dir}
	batch := index.NewBatch()
	for doc, v := range vs {
		if err := batch.Index(strconv.Itoa(doc), map[string]string{"text": v.text}); err != nil {
			return nil, errors.Join(err, b.close(ctx))
		}
	}
	if err := index.Batch(batch); err != nil {
		return nil, errors.Join(err, b.close(ctx))
	}
	return b, nil
}

func (b *bleveIndex) search(ctx context.Context, text string, limit int) ([]found, error) {
	match := bleve.NewMatchQuery(text)
	match.SetField("text")
	res, err := b.index.SearchInContext(ctx, bleve.NewSearchRequestOptions(match, limit, 0, false))
	if err != nil {
		return nil, err
	}
	docs := make([]found, 0, len(res.Hits))
	for _, h := range res.Hits {
		doc, err := strconv.Atoi(h.ID)
		if err != nil {
			return nil, err
		}
		docs = append(docs, found{doc, h.Score})
	}
	slices.SortStableFunc(docs, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.doc, b.doc))
	})
	return docs, nil
}

func (b *bleveIndex) close(context.Context) error {
	return errors.Join(b.index.Close(), os.RemoveAll(b.dir))
}
