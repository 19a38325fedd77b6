package curate

import (
	"cmp"
	"context"
	"slices"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// Near is another entry that one question of an entry might as well ask for.
type Near struct {
	Variant  string  // the question of the entry at hand
	EntryID  uint64  // the other entry
	Question string  // its standard question
	Match    string  // its question that is near
	Score    float64 // probability that Variant asks for it, in [0, 1]
	Exact    bool    // Match is Variant, letter for letter after folding
}

const (
	nearScore    = 0.5 // from which another entry is named: more likely than not
	nearVariants = 200 // questions of an entry that are looked up
	nearMax      = 20  // warnings of one entry
)

// near finds the other entries that the questions of an entry might ask for, the nearest
// first: each with the question that is nearest to it.
func near(ctx context.Context, x *match.Index, e model.Entry) ([]Near, error) {
	if _, there := x.Entry(e.ID); there {
		x = x.With(nil, []uint64{e.ID})
	}
	variants := append([]string{e.Question}, e.Similar...)
	variants = variants[:min(len(variants), nearVariants)]
	found := make([][]match.Hit, len(variants))
	err := each(ctx, len(variants), func(i int) {
		found[i] = x.Search(match.Query{Text: variants[i]}, candidates).Hits
	})
	if err != nil {
		return nil, err
	}
	best := map[uint64]Near{}
	for i, hits := range found {
		for _, h := range hits {
			if !h.Exact && h.Score < nearScore || h.Score <= best[h.EntryID].Score {
				continue
			}
			other, _ := x.Entry(h.EntryID)
			best[h.EntryID] = Near{variants[i], h.EntryID, other.Question, h.Variant, h.Score, h.Exact}
		}
	}
	list := make([]Near, 0, len(best))
	for _, n := range best {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b Near) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.EntryID, b.EntryID))
	})
	return list[:min(len(list), nearMax)], nil
}
