package main

import (
	"math"

	"deskmate/bot/knowledge/match"
)

const (
	rarest   = 5e-5 // share of all texts from which down a gram counts as rare
	countMin = 2.5  // texts that must hold a gram before it is believed to be common
)

// prior counts in what share of all texts each gram stands. Languages are counted apart.
func prior(sources []*source) match.Prior {
	weights := map[uint32]uint8{}
	for _, english := range []bool{false, true} {
		count, total := map[uint32]float64{}, 0.0
		for _, s := range sources {
			if s.english != english {
				continue
			}
			for _, text := range s.texts() {
				total += s.worth
				for _, g := range match.Grams(text) {
					count[g] += s.worth
				}
			}
		}
		for g, n := range count {
			if n < countMin {
				continue
			}
			weight := uint8(math.Round(255 * min(1, math.Log(n/total)/math.Log(rarest))))
			if old, ok := weights[g]; !ok || weight < old {
				weights[g] = weight
			}
		}
	}
	return match.NewPrior(weights)
}

// texts lists all that a source holds.
func (s *source) texts() []string {
	var all []string
	for _, m := range s.meant {
		all = append(append(all, m.texts...), m.near...)
	}
	return append(append(all, s.near...), s.far...)
}
