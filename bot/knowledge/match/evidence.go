package match

import (
	"math"
	"slices"
)

// The pieces of evidence that a question means an entry. Shares are in [0, 1] and
// weighed by rarity.
const (
	factCosine       = iota // of all grams
	factQuestion            // share of the question's grams that the variant has
	factVariant             // share of the variant's grams that the question has
	factUnits               // harmonic mean of the same two over single units
	factPairs               // and over pairs
	factSequence            // longest common subsequence, share of the question
	factSequenceBack        // and of the variant
	factRun                 // longest common run, share of the shorter one
	factLengths             // shorter by longer
	factUnion               // share of the question's units and pairs that any variant of the entry has
	factMissing             // rarest unit of the question that no variant of the entry has
	factNear                // cosines of the three nearest variants, added up and divided by three
	factVariants            // logarithm of the number of variants
	factOtherAsk            // they ask for different kinds of thing
	factNegation            // one denies, the other doesn't
	factWords               // a Latin word of the question that no variant has
	factNumbers             // both have numbers, and the question one that no variant has
	factOpposite            // they name different sides of an opposite
	factCount
)

type evidence [factCount]float64

// examine fills in c.best and c.facts: the variant of the entry that speaks most for
// it, and what speaks.
func (x *Index) examine(q *variant, weights []float64, c *candidate) {
	bestSum := -1.0
	var cosines []float64
	for _, v := range c.near {
		facts := x.compare(q, weights, v)
		cosines = append(cosines, facts[factCosine])
		if sum := facts[factCosine] + facts[factUnits] + 0.5*facts[factSequence] + 0.5*facts[factSequenceBack]; sum > bestSum {
			bestSum, c.best, c.facts = sum, v, facts
		}
	}
	slices.Sort(cosines)
	slices.Reverse(cosines)
	for _, cos := range cosines[:min(3, len(cosines))] {
		c.facts[factNear] += cos / 3
	}
	c.facts[factUnion], c.facts[factMissing] = union(q, weights, c.best.of)
	c.facts[factWords] = flag(len(q.traits.words) > 0 && !c.best.of.any(func(v *variant) bool { return !lacks(v.traits.words, q.traits.words) }))
	c.facts[factNumbers] = flag(len(q.traits.numbers) > 0 && len(c.best.traits.numbers) > 0 &&
		!c.best.of.any(func(v *variant) bool { return !lacks(v.traits.numbers, q.traits.numbers) }))
	c.facts[factVariants] = math.Log(float64(len(c.best.of.variants)))
}

// compare looks at one variant.
func (x *Index) compare(q *variant, weights []float64, v *variant) evidence {
	var o overlaps
	i := 0
	for _, g := range v.grams {
		for i < len(q.grams) && q.grams[i] < g {
			o.add(q.grams[i], weights[i], 1, 0)
			i++
		}
		if i < len(q.grams) && q.grams[i] == g {
			o.add(g, weights[i], 1, 1)
			i++
			continue
		}
		o.add(g, x.weight(g), 0, 1)
	}
	for ; i < len(q.grams); i++ {
		o.add(q.grams[i], weights[i], 1, 0)
	}
	common, run := sequences(q.order, v.order)
	nq, nv := float64(len(q.order)), float64(len(v.order))
	var f evidence
	f[factCosine] = o.all.cosine()
	f[factQuestion], f[factVariant] = ratio(o.all.shared, o.all.inQuestion), ratio(o.all.shared, o.all.inVariant)
	f[factUnits], f[factPairs] = o.units.dice(), o.pairs.dice()
	f[factSequence], f[factSequenceBack] = float64(common)/nq, float64(common)/nv
	f[factRun] = float64(run) / min(nq, nv)
	f[factLengths] = min(nq, nv) / max(nq, nv)
	f[factOtherAsk] = flag(q.traits.asks != 0 && v.traits.asks != 0 && q.traits.asks&v.traits.asks == 0)
	f[factOpposite] = flag(q.traits.opposite.clash(&v.traits.opposite))
	f[factNegation] = flag(q.traits.negated != v.traits.negated)
	return f
}

// heaviest is about the greatest weight of a unit.
const heaviest = 7.0

func single(g gram) bool { return g.class() <= wordUnit }

// overlaps compares two texts by all their grams, by single units and by pairs.
type overlaps struct{ all, units, pairs overlap }

// overlap adds up the weights, and their squares, of what two texts share and have.
type overlap struct {
	shared, inQuestion, inVariant       float64
	sqShared, sqInQuestion, sqInVariant float64
}

// add counts a gram; question and variant are 1 where it occurs there, else 0.
func (o *overlaps) add(g gram, w, question, variant float64) {
	o.all.add(w, question, variant)
	switch c := g.class(); {
	case single(g):
		o.units.add(w, question, variant)
	case c == contentPair || c == functionPair:
		o.pairs.add(w, question, variant)
	}
}

func (o *overlap) add(w, question, variant float64) {
	o.inQuestion += w * question
	o.inVariant += w * variant
	o.shared += w * question * variant
	o.sqInQuestion += w * w * question
	o.sqInVariant += w * w * variant
	o.sqShared += w * w * question * variant
}

func (o *overlap) cosine() float64 { return ratio(o.sqShared, math.Sqrt(o.sqInQuestion*o.sqInVariant)) }
func (o *overlap) dice() float64   { return ratio(2*o.shared, o.inQuestion+o.inVariant) }

func ratio(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// union is the share of the question's units and pairs that any variant of the entry
// has, and the weight of the heaviest unit that none has.
func union(q *variant, weights []float64, in *indexed) (covered, missing float64) {
	has := make([]bool, len(q.grams))
	for _, v := range in.variants[:min(len(in.variants), variantsMax)] {
		i, j := 0, 0
		for i < len(q.grams) && j < len(v.grams) {
			switch {
			case q.grams[i] < v.grams[j]:
				i++
			case q.grams[i] > v.grams[j]:
				j++
			default:
				has[i] = true
				i++
				j++
			}
		}
	}
	var part, whole float64
	for i, g := range q.grams {
		if g.class() == contentTriple || g.class() == functionTriple {
			continue
		}
		whole += weights[i]
		if has[i] {
			part += weights[i]
		} else if single(g) {
			missing = max(missing, weights[i]/heaviest)
		}
	}
	return ratio(part, whole), missing
}

// sequences gives the lengths of the longest common subsequence and of the longest
// common run.
func sequences(a, b []gram) (common, run int) {
	subsequence := make([]int, 2*(len(b)+1))
	runs := make([]int, 2*(len(b)+1))
	s0, s1 := subsequence[:len(b)+1], subsequence[len(b)+1:]
	r0, r1 := runs[:len(b)+1], runs[len(b)+1:]
	for i := range a {
		for j := range b {
			if a[i] == b[j] {
				s1[j+1], r1[j+1] = s0[j]+1, r0[j]+1
				run = max(run, r1[j+1])
			} else {
				s1[j+1], r1[j+1] = max(s0[j+1], s1[j]), 0
			}
		}
		s0, s1, r0, r1 = s1, s0, r1, r0
	}
	return s0[len(b)], run
}

// lacks reports whether has is without one of wanted.
func lacks(has, wanted []gram) bool {
	return slices.ContainsFunc(wanted, func(g gram) bool { return !slices.Contains(has, g) })
}

func (in *indexed) any(is func(*variant) bool) bool { return slices.ContainsFunc(in.variants, is) }

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
