package main

import (
	"math"
	"testing"
)

func ptr[T any](v T) *T { return &v }

// scored is a query with what came of it: id is the right entry, "" for none; top is the
// first entry found, "" for nothing.
func scored(id, top string, score float64, answered bool) (query, result) {
	q, r := query{Query: "q"}, result{Query: "q", Answered: &answered}
	if id != "" {
		q.ID = &id
	}
	if top != "" {
		r.Results = []hit{{top, score}}
	}
	return q, r
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	var queries []query
	var results []result
	add := func(q query, r result) { queries, results = append(queries, q), append(results, r) }
	add(scored("a", "a", 0.9, true))  // right
	add(scored("b", "b", 0.8, true))  // right
	add(scored("", "a", 0.8, true))   // out of scope, answered
	add(scored("c", "a", 0.4, false)) // another entry, not answered
	add(scored("d", "", 0, false))    // nothing found
	add(scored("", "b", 0.2, false))  // out of scope, kept quiet
	results[3].Results = append(results[3].Results, hit{"a", 0.4}, hit{"c", 0.3})

	got := measure(queries, results)
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"recall@1", got.Recall1, 2.0 / 4},
		{"recall@3, entries counted once", got.Recall3, 3.0 / 4},
		{"MRR", got.MRR, (1 + 1 + 0.5) / 4},
		{"cov95, the tie at 0.8 stands or falls together", got.Cov95, 1.0 / 4},
		// In scope 0.9 0.8 0.4 -Inf, out of scope 0.8 0.2: 2 + 1.5 + 1 + 0 of 8 pairs.
		{"AUROC", got.AUROC, 4.5 / 8},
		{"precision", got.Precision, 2.0 / 3},
		{"coverage", got.Coverage, 2.0 / 4},
	} {
		if math.Abs(tt.got-tt.want) > 1e-12 {
			t.Errorf("%s = %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	if !got.Decides {
		t.Error("an engine that says what it would answer counts as undecided")
	}
}

func TestMeasure_without_decisions(t *testing.T) {
	t.Parallel()
	q, r := scored("a", "a", 1, false)
	r.Answered = nil
	if got := measure([]query{q}, []result{r}); got.Decides || !math.IsNaN(got.AUROC) || got.Cov95 != 1 {
		t.Errorf("got %+v, want cov95 1, no decisions, and no AUROC without an out-of-scope query", got)
	}
}

func TestMeasure_takes_the_best_threshold_not_the_first(t *testing.T) {
	t.Parallel()
	var queries []query
	var results []result
	add := func(q query, r result) { queries, results = append(queries, q), append(results, r) }
	add(scored("", "a", 1, false)) // the highest score is wrong
	for range 19 {
		add(scored("a", "a", 0.5, false))
	}
	add(scored("", "a", 0.1, false))
	if got := measure(queries, results).Cov95; got != 1 {
		t.Errorf("cov95 = %v, want 1: 19 of 20 answers are right at 0.5", got)
	}
}

func TestMeasure_latency(t *testing.T) {
	t.Parallel()
	var queries []query
	var results []result
	for i := range 200 {
		q, r := scored("a", "a", 1, false)
		r.LatencyMS = float64(200 - i)
		queries, results = append(queries, q), append(results, r)
	}
	if got := measure(queries, results); got.P50MS != 101 || got.P99MS != 199 {
		t.Errorf("p50 %v, p99 %v; want 101 and 199", got.P50MS, got.P99MS)
	}
}
