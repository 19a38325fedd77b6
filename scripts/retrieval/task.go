package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
)

// entry is one line of kb.jsonl.
type entry struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Similar  []string `json:"similar"`
}

// query is one line of queries.jsonl; ID is nil where no entry is right.
type query struct {
	Query string  `json:"query"`
	ID    *string `json:"id"`
	Kind  string  `json:"kind"`
}

// result is what an engine made of one query: the best entries, and for Deskmate whether it
// would have given the first one as its answer.
type result struct {
	Query     string  `json:"query"`
	Results   []hit   `json:"results"`
	Answered  *bool   `json:"answered,omitempty"`
	LatencyMS float64 `json:"latency_ms,omitempty"`
}

type hit struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"`
}

// task is a knowledge base and questions whose right answers are known.
type task struct {
	name, dir string
	entries   []entry
	queries   []query
}

// variants lists every question of the knowledge base with the index of its entry.
func (t task) variants() []variant {
	var vs []variant
	for i, e := range t.entries {
		vs = append(vs, variant{i, e.Question})
		for _, s := range e.Similar {
			vs = append(vs, variant{i, s})
		}
	}
	return vs
}

type variant struct {
	entry int
	text  string
}

// taskNames lists the folders in dir that hold a task and whose name matches, sorted.
func taskNames(dir string, only *regexp.Regexp) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "*", "queries.jsonl"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range found {
		if name := filepath.Base(filepath.Dir(f)); only.MatchString(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no task folder in %s", dir)
	}
	return names, nil
}

func readTask(dir string) (task, error) {
	t := task{name: filepath.Base(dir), dir: dir}
	var err error
	if t.entries, err = readLines[entry](filepath.Join(dir, "kb.jsonl")); err != nil {
		return t, err
	}
	t.queries, err = readLines[query](filepath.Join(dir, "queries.jsonl"))
	return t, err
}

// readResults reads a results file and checks that it belongs to the task and is ranked.
func readResults(path string, t task) ([]result, error) {
	results, err := readLines[result](path)
	if err != nil {
		return nil, err
	}
	if len(results) != len(t.queries) {
		return nil, fmt.Errorf("%d results for %d queries", len(results), len(t.queries))
	}
	known := map[string]bool{}
	for _, e := range t.entries {
		known[e.ID] = true
	}
	for i, r := range results {
		if r.Query != t.queries[i].Query {
			return nil, fmt.Errorf("line %d answers another query", i+1)
		}
		if (r.Answered == nil) != (results[0].Answered == nil) {
			return nil, fmt.Errorf("line %d: answered is given on some lines only", i+1)
		}
		for k, h := range r.Results {
			if !known[h.ID] {
				return nil, fmt.Errorf("line %d: no entry %q", i+1, h.ID)
			}
			if math.IsNaN(h.Score) || k > 0 && h.Score > r.Results[k-1].Score {
				return nil, fmt.Errorf("line %d: not ranked by score", i+1)
			}
		}
	}
	return results, nil
}

func readLines[T any](path string) (lines []T, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for n := 1; s.Scan(); n++ {
		if len(s.Bytes()) == 0 {
			continue
		}
		var line T
		if err := json.Unmarshal(s.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", path, n, err)
		}
		lines = append(lines, line)
	}
	return lines, s.Err()
}

func writeResults(path string, results []result) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range results {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return w.Flush()
}
