package match

import (
	"cmp"
	"math"
	"slices"
)

// The weights below were fitted by logistic regression on question sets that may be used
// for it: LCQMC (CC BY 4.0), ATEC (Apache-2.0) and CLINC150 (CC BY 3.0). Those of Latin
// words, opposites and negation were then set by hand, for such sets hold too few of
// them. The last step is scaled so that a score of 0.80 goes with about 95 % right answers,
// and 0.40 with a suggestion that is worth showing.

// rough is the probability that the facts are about the entry that is meant, looking at
// this entry only.
func (f *evidence) rough() float64 {
	z := -7.52
	for i, w := range [...]float64{
		factCosine:       11.31,
		factQuestion:     -9.59,
		factVariant:      0.38,
		factUnits:        4.70,
		factPairs:        -11.56,
		factSequence:     2.04,
		factSequenceBack: 2.03,
		factRun:          -2.77,
		factLengths:      -0.45,
		factUnion:        7.91,
		factMissing:      1.50,
		factNear:         6.67,
		factVariants:     0.45,
		factOtherAsk:     -1.40,
		factNegation:     -0.96,
		factWords:        -1.50,
		factNumbers:      -1.89,
		factOpposite:     -5.30,
	} {
		z += w * f[i]
	}
	z += 1.26*f[factUnits]*f[factUnits] + 2.90*f[factUnion]*f[factUnion] - 1.15*f[factUnion]*f[factVariants] -
		1.97*f[factSequence]*f[factSequenceBack] + 2.84*f[factCosine]*f[factCosine]
	return logistic(z)
}

// sure is the score of an entry among the others: rough is its own probability, second
// that of the best other one, sum that of all. length is the logarithm of the
// question's length in units.
func (f *evidence) sure(rough, second, sum, length float64) float64 {
	z := -2.14 + 0.21*logit(rough) + 1.60*(rough-second) + 2.42*rough/(sum+0.1) - 0.22*sum + 0.17*length
	for i, w := range [...]float64{
		factUnits:    0.39,
		factRun:      -0.07,
		factLengths:  0.22,
		factUnion:    0.50,
		factMissing:  -0.45,
		factNear:     2.52,
		factVariants: 0.47,
		factOtherAsk: -0.36,
		factNegation: -1.20,
		factWords:    -1.00,
		factNumbers:  -1.17,
		factOpposite: -2.50,
	} {
		z += w * f[i]
	}
	return logistic(0.65*z + 0.15)
}

// decide scores the candidates and puts the best first.
func decide(q *variant, found []*candidate) {
	sum := 0.0
	for _, c := range found {
		c.rough = c.facts.rough()
		sum += c.rough
	}
	slices.SortFunc(found, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.rough, a.rough), before(a.best, b.best))
	})
	length := math.Log(float64(len(q.order)))
	for i, c := range found {
		other := 0
		if i == 0 {
			other = 1
		}
		second := 0.0
		if other < len(found) {
			second = found[other].rough
		}
		c.score = c.facts.sure(c.rough, second, sum, length)
		if i > 0 {
			c.score = min(c.score, found[i-1].score)
		}
	}
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func logit(p float64) float64 {
	const edge = 1e-5
	p = min(max(p, edge), 1-edge)
	return math.Log(p / (1 - p))
}
