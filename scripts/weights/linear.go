package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"deskmate/bot/knowledge/match"
)

// fitModel fits the ranking first and the decision on what it makes of the questions.
func fitModel(list []asked, log io.Writer) match.Model {
	m := match.Model{Rank: fitRank(list)}
	right, mean := 0, 0.0
	var rows [][]float64
	var labels, weights []float64
	for i := range list {
		a := &list[i]
		rerank(a, &m.Rank)
		if a.right == 0 {
			right++
		}
		rows = append(rows, match.Decision(a.hits))
		labels = append(labels, flag01(a.right == 0))
		weights = append(weights, a.weight)
		mean += a.weight
	}
	m.Decide = fitForest(rows, labels, weights)
	fmt.Fprintf(log, "%d questions, right one first: %d\n", len(list), right)
	return m
}

func flag01(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// rerank orders the hits of a question anew.
func rerank(a *asked, rank *match.Linear) {
	id := uint64(0)
	if a.right >= 0 {
		id = a.hits[a.right].EntryID
	}
	for i := range a.hits {
		a.hits[i].Rank = rank.Chance(a.hits[i].Features)
	}
	sortHits(a.hits)
	a.right = -1
	for i := range a.hits {
		if id != 0 && a.hits[i].EntryID == id {
			a.right = i
		}
	}
}

const (
	rounds = 12   // times all candidates are seen
	rate   = 0.1  // of AdaGrad
	decay  = 1e-2 // towards zero
)

// fitRank fits a logistic regression to the candidates of the questions that have an answer
// (those without would teach caution, not order), and then its slope and offset on all.
func fitRank(list []asked) match.Linear {
	mean, spread := moments(list)
	features := len(mean)
	w, squares, z := make([]float64, features+1), make([]float64, features+1), make([]float64, features)
	move := func(j int, slope float64) {
		squares[j] += slope * slope
		w[j] -= rate * slope / (math.Sqrt(squares[j]) + 1e-6)
	}
	for range rounds {
		for i := range list {
			a := &list[i]
			if a.right < 0 {
				continue
			}
			slope := make([]float64, features+1)
			for k := range a.hits {
				sum := w[features]
				for j, f := range a.hits[k].Features {
					z[j] = (f - mean[j]) / spread[j]
					sum += w[j] * z[j]
				}
				d := a.weight * (1/(1+math.Exp(-sum)) - flag01(k == a.right))
				for j := range z {
					slope[j] += d * z[j]
				}
				slope[features] += d
			}
			for j := range features {
				move(j, slope[j]+decay*w[j])
			}
			move(features, slope[features])
		}
	}
	bias := w[features]
	w = w[:features]
	for j := range w {
		w[j] /= spread[j]
		bias -= w[j] * mean[j]
	}
	scale, bias := calibrate(list, w, bias)
	for j := range w {
		w[j] = round(w[j] * scale)
	}
	return match.Linear{Bias: round(bias), Weight: w}
}

// moments gives mean and spread of every feature.
func moments(list []asked) (mean, spread []float64) {
	n := 0.0
	mean, spread = make([]float64, len(list[0].hits[0].Features)), make([]float64, len(list[0].hits[0].Features))
	for i := range list {
		for _, h := range list[i].hits {
			n++
			for j, f := range h.Features {
				mean[j] += f
				spread[j] += f * f
			}
		}
	}
	for j := range mean {
		mean[j] /= n
		spread[j] = math.Sqrt(max(spread[j]/n-mean[j]*mean[j], 0)) + 1e-6
	}
	return mean, spread
}

// calibrate fits a logistic regression of one variable, what the weights make of a candidate,
// by Newton's method. It begins with what the weights were fitted with, for it may not find
// its way from far off.
func calibrate(list []asked, w []float64, from float64) (scale, bias float64) {
	scale, bias = 1, from
	for range 25 {
		var g0, g1, h00, h01, h11 float64
		for i := range list {
			for k, h := range list[i].hits {
				z := 0.0
				for j, f := range h.Features {
					z += w[j] * f
				}
				p := 1 / (1 + math.Exp(-scale*z-bias))
				d, c := list[i].weight*(p-flag01(k == list[i].right)), list[i].weight*p*(1-p)
				g0, g1 = g0+d, g1+d*z
				h00, h01, h11 = h00+c, h01+c*z, h11+c*z*z
			}
		}
		det := h00*h11 - h01*h01 + 1e-9
		bias -= (h11*g0 - h01*g1) / det
		scale -= (h00*g1 - h01*g0) / det
	}
	return scale, bias
}

// round keeps five digits, so that the file stays small.
func round(f float64) float64 {
	if f == 0 {
		return 0
	}
	scale := math.Pow(10, 5-math.Ceil(math.Log10(math.Abs(f))))
	return math.Round(f*scale) / scale
}

func sortHits(hits []match.Hit) {
	slices.SortStableFunc(hits, func(a, b match.Hit) int { return cmp.Compare(b.Rank, a.Rank) })
}
