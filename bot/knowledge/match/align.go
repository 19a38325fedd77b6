package match

import (
	"math"
	"slices"
)

// sequenceMax is how many units are compared in order.
const sequenceMax = 64

// aligner compares texts in order. It is room that is used again and again.
type aligner struct {
	weights []float32 // of the units of the variant
	common  []uint8   // longest common subsequence of every two ends of the texts
	runs    []uint8
}

// alignment is what two texts have in the same order, and what stands between.
type alignment struct {
	common, run           int
	question, variant     int // lengths
	swapped, added, other float64
}

// compare aligns the question with a variant.
func (a *aligner) compare(q *question, units []unit) alignment {
	from, to := q.code.units[:min(len(q.code.units), sequenceMax)], units[:min(len(units), sequenceMax)]
	r := alignment{question: len(from), variant: len(to)}
	r.run = a.fill(from, to)
	width := len(to) + 1
	r.common = int(a.common[0])
	var mine, theirs float64 // content since the last unit that both have
	settle := func() {
		both := min(mine, theirs)
		r.swapped += both
		r.added += mine - both
		r.other += theirs - both
		mine, theirs = 0, 0
	}
	for i, j := 0, 0; i < len(from) || j < len(to); {
		switch {
		case i < len(from) && j < len(to) && from[i] == to[j]:
			settle()
			i++
			j++
		case j == len(to) || i < len(from) && a.common[(i+1)*width+j] >= a.common[i*width+j+1]:
			if !words().function[from[i]] {
				mine += float64(q.unitWeight(from[i]))
			}
			i++
		default:
			if !words().function[to[j]] {
				theirs += float64(a.weights[j])
			}
			j++
		}
	}
	settle()
	return r
}

// fill computes the table of common subsequences from the ends and gives the longest common
// run.
func (a *aligner) fill(from, to []unit) (longest int) {
	width := len(to) + 1
	if n := (len(from) + 1) * width; len(a.common) < n {
		a.common, a.runs = make([]uint8, n), make([]uint8, n)
	}
	common, runs := a.common[:(len(from)+1)*width], a.runs[:(len(from)+1)*width]
	clear(common[len(from)*width:])
	clear(runs[len(from)*width:])
	for i, f := range slices.Backward(from) {
		row, below := i*width, (i+1)*width
		common[row+len(to)], runs[row+len(to)] = 0, 0
		for j, t := range slices.Backward(to) {
			if f == t {
				common[row+j], runs[row+j] = common[below+j+1]+1, runs[below+j+1]+1
				longest = max(longest, int(runs[row+j]))
			} else {
				common[row+j], runs[row+j] = max(common[below+j], common[row+j+1]), 0
			}
		}
	}
	return longest
}

// fill writes the alignment down as features.
func (r alignment) fill(f *[featureCount]float64) {
	question, variant := float64(max(r.question, 1)), float64(max(r.variant, 1))
	f[featSequence], f[featSequenceBack] = float64(r.common)/question, float64(r.common)/variant
	f[featRun] = float64(r.run) / min(question, variant)
	f[featLength], f[featLengthBack] = math.Log(question), math.Log(variant)
	f[featLengths] = min(question, variant) / max(question, variant)
	f[featSwapped], f[featAdded], f[featAddedBack] = r.swapped, r.added, r.other
}

// unitWeight is the weight of one of the question's units.
func (q *question) unitWeight(u unit) float32 {
	return q.grams[q.places.get(makeGram(uint64(u), saltUnit))].weight
}
