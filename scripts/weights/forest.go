package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"deskmate/bot/knowledge/match"
)

const (
	trees    = 200
	depth    = 3
	shrink   = 0.06
	smooth   = 4.0  // added to the curvature of a leaf
	leafMin  = 60.0 // curvature that a leaf has at least
	binsMax  = 64
	rowShare = 0.7 // of the rows that a tree sees
	colShare = 0.6 // and of the features
)

// grower grows trees by gradient boosting on histograms.
type grower struct {
	rng    *rand.Rand
	cuts   [][]float32 // upper ends of the bins, by feature
	bins   [][]uint8   // by feature, then row
	slope  []float64
	curve  []float64
	use    []bool
	tree   match.Tree
	leaves []leaf
}

type leaf struct {
	node  int
	depth int
	rows  []int32
}

// fitForest fits a forest to rows whose label is 1 or 0.
func fitForest(rows [][]float64, labels, weights []float64) match.Forest {
	g := &grower{
		rng:   rand.New(rand.NewPCG(5, 5)), //nolint:gosec // repeatable on purpose
		slope: make([]float64, len(rows)), curve: make([]float64, len(rows)), use: make([]bool, len(rows[0])),
	}
	g.bin(rows)
	var yes, all float64
	for i := range rows {
		yes += labels[i] * weights[i]
		all += weights[i]
	}
	forest := match.Forest{Bias: round(math.Log(yes / (all - yes)))}
	sum := make([]float64, len(rows))
	for range trees {
		var seen []int32
		for i := range rows {
			p := 1 / (1 + math.Exp(-forest.Bias-sum[i]))
			g.slope[i], g.curve[i] = weights[i]*(p-labels[i]), weights[i]*p*(1-p)
			if g.rng.Float64() < rowShare {
				seen = append(seen, int32(i))
			}
		}
		tree := g.grow(seen)
		one := match.Forest{Trees: []match.Tree{tree}}
		for i := range rows {
			sum[i] += one.Sum(rows[i])
		}
		forest.Trees = append(forest.Trees, tree)
	}
	return forest
}

// bin cuts every feature into ranges that hold about as many rows each.
func (g *grower) bin(rows [][]float64) {
	for j := range rows[0] {
		values := make([]float32, len(rows))
		for i := range rows {
			values[i] = float32(rows[i][j])
		}
		sorted := slices.Sorted(slices.Values(values))
		var cuts []float32
		for k := 1; k < binsMax; k++ {
			cut := float32(round(float64(sorted[k*(len(sorted)-1)/binsMax])))
			if len(cuts) == 0 || cut > cuts[len(cuts)-1] {
				cuts = append(cuts, cut)
			}
		}
		bins := make([]uint8, len(rows))
		for i, v := range values {
			at, _ := slices.BinarySearch(cuts, v)
			bins[i] = uint8(at) //nolint:gosec // at most binsMax
		}
		g.cuts, g.bins = append(g.cuts, cuts), append(g.bins, bins)
	}
}

func (g *grower) grow(rows []int32) match.Tree {
	for j := range g.use {
		g.use[j] = g.rng.Float64() < colShare
	}
	g.tree = match.Tree{}
	g.leaves = []leaf{{g.node(), 0, rows}}
	for len(g.leaves) > 0 {
		l := g.leaves[0]
		g.leaves = g.leaves[1:]
		g.settle(l)
	}
	return g.tree
}

func (g *grower) node() int {
	g.tree.Feature = append(g.tree.Feature, -1)
	g.tree.Value = append(g.tree.Value, 0)
	g.tree.Next = append(g.tree.Next, 0)
	return len(g.tree.Feature) - 1
}

// settle makes a value of a leaf, or two leaves of it.
func (g *grower) settle(l leaf) {
	var slope, curve float64
	for _, i := range l.rows {
		slope += g.slope[i]
		curve += g.curve[i]
	}
	g.tree.Value[l.node] = float32(round(-shrink * slope / (curve + smooth)))
	if l.depth == depth || curve < 2*leafMin {
		return
	}
	feature, bin := g.split(l.rows, slope, curve)
	if feature < 0 {
		return
	}
	var low, high []int32
	for _, i := range l.rows {
		if int(g.bins[feature][i]) <= bin {
			low = append(low, i)
		} else {
			high = append(high, i)
		}
	}
	g.tree.Feature[l.node], g.tree.Value[l.node] = int16(feature), g.cuts[feature][bin] //nolint:gosec // small
	next := g.node()
	g.node()
	g.tree.Next[l.node] = int16(next) //nolint:gosec // small
	g.leaves = append(g.leaves, leaf{next, l.depth + 1, low}, leaf{next + 1, l.depth + 1, high})
}

// split finds the feature and the bin after which to cut; -1 where nothing is gained.
func (g *grower) split(rows []int32, slope, curve float64) (feature, bin int) {
	best := 1e-6
	feature = -1
	var slopes, curves [binsMax + 1]float64
	for j := range g.bins {
		if !g.use[j] {
			continue
		}
		clear(slopes[:])
		clear(curves[:])
		for _, i := range rows {
			slopes[g.bins[j][i]] += g.slope[i]
			curves[g.bins[j][i]] += g.curve[i]
		}
		var s, c float64
		for k := range g.cuts[j] {
			s += slopes[k]
			c += curves[k]
			if c < leafMin || curve-c < leafMin {
				continue
			}
			gain := s*s/(c+smooth) + (slope-s)*(slope-s)/(curve-c+smooth) - slope*slope/(curve+smooth)
			if gain > best {
				best, feature, bin = gain, j, k
			}
		}
	}
	return feature, bin
}
