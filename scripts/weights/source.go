package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// source is one collection of questions.
type source struct {
	name     string
	english  bool
	own      bool
	labelled bool    // most of it is pairs
	worth    float64 // of one of its texts where frequencies are counted
	say      float64 // share in what the weights are fitted on
	meant    []meaning
	near     []string // close to some of them, and of another meaning
	far      []string // about something else
}

// meaning is a number of texts that mean the same; the standard question comes first.
type meaning struct {
	texts []string
	near  []string // close to them, and of another meaning
}

type taskEntry struct {
	ID       string
	Question string
	Similar  []string
}

type taskQuery struct {
	Query string
	ID    *string
	Kind  string
}

type labelledPair struct {
	A, B  string
	Label int
	Src   string
}

// readSources reads the public sources and our own.
func readSources(data, own string) ([]*source, error) {
	general := &source{name: "general", labelled: true, worth: 1, say: 1}
	wallet := &source{name: "wallet", labelled: true, worth: 0.15, say: 1}
	clinc := &source{name: "clinc", english: true, worth: 1, say: 1}
	office := &source{name: "office", own: true, worth: 2, say: 1}
	trades := &source{name: "trades", own: true, worth: 2, say: 0.3}
	english := &source{name: "office-en", english: true, own: true, worth: 2, say: 0.3}
	twins := &source{name: "twins", own: true, worth: 2, say: 0.15}
	for _, task := range []struct {
		of          *source
		kb, queries string
	}{
		{general, filepath.Join(data, "general-a", "kb.jsonl"), filepath.Join(data, "general-a", "queries.jsonl")},
		{wallet, filepath.Join(data, "wallet", "kb.jsonl"), filepath.Join(data, "wallet", "queries.jsonl")},
		{clinc, filepath.Join(data, "en-clinc", "kb.jsonl"), filepath.Join(data, "en-clinc", "queries.jsonl")},
		{office, filepath.Join(own, "office-kb.jsonl"), filepath.Join(own, "office-queries.jsonl")},
		{trades, filepath.Join(own, "trades-kb.jsonl"), filepath.Join(own, "trades-queries.jsonl")},
		{english, filepath.Join(own, "office-en-kb.jsonl"), filepath.Join(own, "office-en-queries.jsonl")},
		{twins, filepath.Join(own, "twins-kb.jsonl"), filepath.Join(own, "twins-queries.jsonl")},
	} {
		if err := task.of.readTask(task.kb, task.queries); err != nil {
			return nil, err
		}
	}
	twins.part()
	pairs, err := readLines[labelledPair](filepath.Join(data, "train-pairs.jsonl"))
	if err != nil {
		return nil, err
	}
	general.addPairs(pairs)
	wallet.addPairs(pairs)
	return []*source{general, wallet, clinc, office, trades, english, twins}, nil
}

// part takes the second of every third pair of meanings out and makes it one that is close
// to the first: a word that decides tells both which of two is meant and that neither is.
func (s *source) part() {
	var kept []meaning
	for i := 0; i+1 < len(s.meant); i += 2 {
		first, second := s.meant[i], s.meant[i+1]
		if i%6 == 0 {
			kept = append(kept, meaning{first.texts, second.texts})
		} else {
			kept = append(kept, first, second)
		}
	}
	s.meant = kept
}

// readTask takes a knowledge base and questions to it.
func (s *source) readTask(kb, queries string) error {
	entries, err := readLines[taskEntry](kb)
	if err != nil {
		return err
	}
	asked, err := readLines[taskQuery](queries)
	if err != nil {
		return err
	}
	at := map[string]int{}
	for _, e := range entries {
		at[e.ID] = len(s.meant)
		s.meant = append(s.meant, meaning{texts: append([]string{e.Question}, e.Similar...)})
	}
	for _, q := range asked {
		switch {
		case q.ID != nil:
			m := &s.meant[at[*q.ID]]
			m.texts = append(m.texts, q.Query)
		case q.Kind == "oos-far":
			s.far = append(s.far, q.Query)
		default:
			s.near = append(s.near, q.Query)
		}
	}
	return nil
}

// groupMax is how many texts of one meaning are believed: pairs that were joined to more
// hold a mistake.
const groupMax = 8

// addPairs joins the pairs of this source that mean the same, and notes for each meaning
// what is labelled as close but different.
func (s *source) addPairs(pairs []labelledPair) {
	parent := map[string]string{}
	var find func(text string) string
	find = func(text string) string {
		if up, ok := parent[text]; ok && up != text {
			parent[text] = find(up)
			return parent[text]
		}
		parent[text] = text
		return text
	}
	var order []string
	for _, p := range pairs {
		if p.Src == s.name {
			order = append(order, p.A, p.B)
			a, b := find(p.A), find(p.B)
			if p.Label == 1 {
				parent[a] = b
			}
		}
	}
	groups := map[string]*meaning{}
	var roots []string
	for _, text := range order {
		root := find(text)
		if groups[root] == nil {
			groups[root] = &meaning{}
			roots = append(roots, root)
		}
		if m := groups[root]; !slices.Contains(m.texts, text) {
			m.texts = append(m.texts, text)
		}
	}
	for _, p := range pairs {
		if a, b := groups[find(p.A)], groups[find(p.B)]; p.Src == s.name && p.Label == 0 && a != b {
			a.near = append(a.near, p.B)
		}
	}
	for _, root := range roots {
		if m := groups[root]; len(m.texts) <= groupMax && len(m.texts)+len(m.near) > 1 {
			s.meant = append(s.meant, *m)
		}
	}
}

func readLines[T any](path string) ([]T, error) {
	file, err := os.Open(path) //nolint:gosec // the operator's own files
	if err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing to lose
	var list []T
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		list = append(list, row)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return list, nil
}
