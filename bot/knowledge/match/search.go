package match

import (
	"slices"
)

// Query is a question to an index.
type Query struct {
	Text   string
	Topic  uint64    // the entry that answered just before; 0: none
	Vector []float32 // embedding of Text; nil: none
	AtMS   int64     // entries not live then are left out; 0: don't look
}

// Result is what an index found.
type Result struct {
	Hits     []Hit    // best first
	Folded   string   // the question as it was compared
	Expanded []string // the same with synonyms put in; nil where none applies
	Topic    bool     // understood as a follow-up about Query.Topic
}

// Hit is an entry that a question may mean.
type Hit struct {
	EntryID uint64
	Score   float64 // probability that it is right, in [0, 1]; it doesn't grow down the list
	Exact   bool    // the question is Variant, letter for letter after folding
	Variant string  // the question of the entry that matched best

	Rank     float64   // the probability before the other candidates were looked at
	Features []float64 // by [FeatureNames]; nil for an exact hit
}

// Search ranks the entries that may be meant, best first, at most limit of them. An
// exact match comes before everything else and scores 1. It may be called by any
// number of goroutines.
func (x *Index) Search(query Query, limit int) Result {
	result := Result{Folded: Fold(query.Text)}
	if result.Folded == "" || x.live == 0 || limit <= 0 {
		return result
	}
	unified := x.synonyms.unify(result.Folded)
	if unified != result.Folded {
		result.Expanded = []string{unified}
	}
	hits := x.find(unified, query, nil)
	if query.Topic != 0 {
		if further, ok := x.followUp(unified, query, hits); ok {
			hits, result.Topic = further, true
		}
	}
	result.Hits = slices.Clip(hits[:min(len(hits), limit)])
	return result
}

// find ranks what a folded text may mean, said apart.
func (x *Index) find(unified string, query Query, said *indexed) []Hit {
	wanted := func(in *indexed) bool { return in != said && (query.AtMS == 0 || in.entry.Live(query.AtMS)) }
	hits := x.exact(unified, wanted)
	exact := len(hits)
	for _, h := range x.inexact(unified, query.Vector, wanted) {
		if !slices.ContainsFunc(hits[:exact], func(e Hit) bool { return e.EntryID == h.EntryID }) {
			hits = append(hits, h)
		}
	}
	return hits
}

// exact finds the entries that have the text as a variant.
func (x *Index) exact(unified string, wanted func(*indexed) bool) []Hit {
	var same []*variant
	for _, slot := range x.slots(exactGram(unified)) {
		if v := x.variants.at(slot); wanted(v.of) && x.synonyms.unify(Fold(v.text())) == unified {
			same = append(same, v)
		}
	}
	slices.SortFunc(same, before)
	var hits []Hit
	for _, v := range same {
		hits = append(hits, Hit{EntryID: v.of.entry.ID, Score: 1, Exact: true, Variant: v.text(), Rank: 1})
	}
	return hits
}

// inexact finds the entries that have variants like the text.
func (x *Index) inexact(unified string, embedding []float32, wanted func(*indexed) bool) []Hit {
	q := x.question(unified)
	if len(q.grams) == 0 {
		return nil
	}
	s, _ := x.scratch.Get().(*scratch)
	list := x.shortlist(q, s)
	x.scratch.Put(s)
	return x.decide(x.candidates(q, list, wanted), embedding)
}
