package match

import (
	"cmp"
	"math"
	"slices"
)

// Hit is an entry that a question may mean.
type Hit struct {
	EntryID uint64
	Score   float64 // how sure, in [0, 1]
	Exact   bool    // the question is Variant, letter for letter after folding
	Variant string  // the question of the entry that matched best
}

const (
	shortlistMax = 48 // variants looked at closely
	entriesMax   = 20 // entries they may belong to
	variantsMax  = 40 // variants of an entry that count for its union
)

// scratch is what one search needs and the next can use again.
type scratch struct {
	sums    []float64 // by slot; zero outside a search
	touched []int32
}

// Search ranks the entries that may be meant, best first, at most limit of them. An
// exact match comes before everything else and scores 1. It may be called by any
// number of goroutines.
func (x *Index) Search(question string, limit int) []Hit {
	folded := Fold(question)
	if folded == "" || x.live == 0 || limit <= 0 {
		return nil
	}
	q := newVariant(question, folded)
	found := x.judge(q, x.shortlist(q))
	hits := make([]Hit, 0, limit)
	for _, v := range x.exact[folded] {
		if !slices.ContainsFunc(hits, func(h Hit) bool { return h.EntryID == v.of.entry.ID }) && len(hits) < limit {
			hits = append(hits, Hit{EntryID: v.of.entry.ID, Score: 1, Exact: true, Variant: v.text})
		}
	}
	exact := len(hits)
	for _, c := range found {
		if len(hits) == limit {
			break
		}
		if !slices.ContainsFunc(hits[:exact], func(h Hit) bool { return h.EntryID == c.best.of.entry.ID }) {
			hits = append(hits, Hit{EntryID: c.best.of.entry.ID, Score: c.score, Variant: c.best.text})
		}
	}
	return hits
}

// weight is what a gram is worth as evidence: its rarity in the knowledge base, with
// priorSize questions of anywhere added, so that small bases don't mistake chance
// for meaning.
func (x *Index) weight(g gram) float64 {
	return rarity(len(x.slots(g)), x.live, g.class())
}

const priorSize = 300

func rarity(holding, all int, class gramClass) float64 {
	return math.Log((priorSize + float64(all) + 1) / (priorSize*class.prior() + float64(holding) + 0.5))
}

// shortlist finds the variants that share most with the question.
func (x *Index) shortlist(q *variant) []*variant {
	s, _ := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	if len(s.sums) < len(x.variants) {
		s.sums = make([]float64, len(x.variants)+len(x.variants)/8)
	}
	for _, g := range q.grams {
		slots := x.slots(g)
		if len(slots) == 0 {
			continue
		}
		w := rarity(len(slots), x.live, g.class())
		for _, slot := range slots {
			if s.sums[slot] == 0 {
				s.touched = append(s.touched, slot)
			}
			s.sums[slot] += w * w
		}
	}
	best := make([]ranked, 0, shortlistMax+1)
	for _, slot := range s.touched {
		v := x.variants[slot]
		r := ranked{v, s.sums[slot] / math.Sqrt(float64(len(v.grams))+8)}
		s.sums[slot] = 0
		if len(best) == shortlistMax && compareRanked(r, best[shortlistMax-1]) > 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, r, compareRanked)
		best = slices.Insert(best, i, r)
		best = best[:min(len(best), shortlistMax)]
	}
	s.touched = s.touched[:0]
	list := make([]*variant, len(best))
	for i, r := range best {
		list[i] = r.v
	}
	return list
}

type ranked struct {
	v   *variant
	sum float64
}

// compareRanked orders by sum, the greatest first.
func compareRanked(a, b ranked) int {
	return cmp.Or(cmp.Compare(b.sum, a.sum), before(a.v, b.v))
}

// candidate is an entry under closer examination.
type candidate struct {
	best  *variant // its closest variant
	near  []*variant
	facts evidence
	rough float64 // probability before the other candidates are looked at
	score float64
}

// judge scores the entries of the shortlist, best first.
func (x *Index) judge(q *variant, list []*variant) []*candidate {
	var found []*candidate
	byEntry := map[uint64]*candidate{}
	for _, v := range list {
		c, ok := byEntry[v.of.entry.ID]
		if !ok {
			if len(found) == entriesMax {
				continue
			}
			c = &candidate{}
			byEntry[v.of.entry.ID] = c
			found = append(found, c)
		}
		c.near = append(c.near, v)
	}
	weights := make([]float64, len(q.grams))
	for i, g := range q.grams {
		weights[i] = x.weight(g)
	}
	for _, c := range found {
		x.examine(q, weights, c)
	}
	decide(q, found)
	return found
}
