package match

import (
	"cmp"
	"slices"
)

// guards are differences that make a wrong answer of one that is right in all other
// respects. They are so rare in what the weights are fitted on that they get a say of
// their own.
type guards struct {
	opposite bool // the texts name different sides of an opposite
	word     bool // the question has a name in Latin letters that the entry lacks
	number   bool // both have numbers, and the question one that the entry lacks
	bare     bool // the question shares a name in Latin letters with the entry, and nothing else that means something
	denied   bool // one denies a word that the other has and doesn't
}

// guarded is the highest score that a guard lets through: good for a suggestion, never for
// an answer.
const guarded = 0.5

// decisionCount is how many numbers [Decision] gives.
const decisionCount = int(featureCount) + 9

// Decision gives what the probability of the first hit is made of: the ranks of all, then
// how the first and the second differ, then the features of the first. Features and Rank of
// the hits are all it reads; it is for the program that fits the weights.
func Decision(hits []Hit) []float64 {
	rank := func(i int) float64 {
		if i < len(hits) {
			return hits[i].Rank
		}
		return 0
	}
	sum, likely := 0.0, 0.0
	for _, h := range hits {
		sum += h.Rank
		likely += flag(h.Rank > 0.2)
	}
	d := make([]float64, 0, decisionCount)
	d = append(d, logit(rank(0)), rank(0)-rank(1), ratio(rank(0), sum), logit(rank(1)), rank(2), sum, likely)
	for _, f := range [...]feature{featEncoder, featUnion} {
		apart := hits[0].Features[f]
		if len(hits) > 1 {
			apart -= hits[1].Features[f]
		}
		d = append(d, apart)
	}
	return append(d, hits[0].Features...)
}

// decide scores the candidates and puts the best first.
func (x *Index) decide(found []*candidate, embedding []float32) []Hit {
	m := &x.fitted().Plain
	if x.encoder != nil {
		m = &x.fitted().Learned
	}
	for _, c := range found {
		c.rank = m.Rank.Chance(c.facts[:])
	}
	x.embeddings.consult(embedding, found)
	slices.SortFunc(found, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), before(a.best, b.best))
	})
	hits := make([]Hit, len(found))
	for i, c := range found {
		hits[i] = Hit{EntryID: c.of.entry.ID, Variant: c.best.text(), Rank: c.rank, Features: c.facts[:]}
	}
	if len(hits) == 0 {
		return nil
	}
	score := m.Decide.Chance(Decision(hits))
	if found[0].guards != (guards{}) {
		score = min(score, guarded)
	}
	for i := range hits {
		if i > 0 {
			score = min(score, hits[i].Rank)
		}
		hits[i].Score = score
	}
	return hits
}
