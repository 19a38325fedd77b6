package match

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"deskmate/model"
)

// Trial is a question whose right entry is known, as the index scored it.
type Trial struct {
	Score float64 // of the first hit; 0 without one
	Right bool    // the first hit is the right entry
}

const (
	trialFolds = 2 // parts in which variants are left out, so many encoders are trained
	trialOut   = 4 // of so many trials one is without its whole entry: nothing answers it
	trialSteps = 1500
)

// LeaveOneOut asks up to limit of the index's own variants against the rest of it; only
// entries with two variants or more are asked. Every fourth question is asked without its
// whole entry, so nothing is right. Where the index has an encoder, others are trained that
// haven't seen the questions: that takes seconds.
func (x *Index) LeaveOneOut(ctx context.Context, limit int) ([]Trial, error) {
	chosen := x.trialVariants(limit)
	var trials []Trial
	for fold := range trialFolds {
		var part []*variant
		for i, v := range chosen {
			if i%trialFolds == fold {
				part = append(part, v)
			}
		}
		if len(part) == 0 {
			continue
		}
		rest, err := x.without(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("leave variants out: %w", err)
		}
		for i, v := range part {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("leave variants out: %w", context.Cause(ctx))
			}
			trials = append(trials, rest.try(v, i%trialOut == trialOut-1))
		}
	}
	return trials, nil
}

// trialVariants chooses at most one variant of an entry, in an order that means nothing.
func (x *Index) trialVariants(limit int) []*variant {
	var chosen []*variant
	for _, in := range x.entries {
		if n := uint64(len(in.slots)); n > 1 {
			chosen = append(chosen, x.variants.at(in.slots[mix(in.entry.ID)%n]))
		}
	}
	slices.SortFunc(chosen, func(a, b *variant) int { return cmp.Compare(mix(a.of.entry.ID), mix(b.of.entry.ID)) })
	return chosen[:max(min(len(chosen), limit), 0)]
}

// without is the index without some variants, of which each is of another entry.
func (x *Index) without(ctx context.Context, out []*variant) (*Index, error) {
	leaves := make(map[uint64]*variant, len(out))
	for _, v := range out {
		leaves[v.of.entry.ID] = v
	}
	entries := make([]model.Entry, 0, len(x.entries))
	for _, in := range x.entries {
		e := in.entry
		if v := leaves[e.ID]; v != nil {
			texts := append([]string{e.Question}, e.Similar...)
			texts = slices.Delete(texts, int(v.place), int(v.place)+1)
			e.Question, e.Similar = texts[0], texts[1:]
		}
		entries = append(entries, e)
	}
	rest := &Index{synonyms: x.synonyms, weights: x.weights, embeddings: x.embeddings}
	rest = rest.With(entries, nil)
	if x.encoder == nil {
		return rest, nil
	}
	e, err := Train(ctx, entries, TrainConfig{Synonyms: x.synonyms.list(), Weights: x.weights, steps: trialSteps})
	if err != nil {
		return nil, err
	}
	return rest.WithEncoder(e), nil
}

// try asks a variant that the index doesn't hold; alone leaves its entry out as well.
func (x *Index) try(v *variant, alone bool) Trial {
	if alone {
		x = x.With(nil, []uint64{v.of.entry.ID})
	}
	hits := x.Search(Query{Text: v.text()}, 1).Hits
	if len(hits) == 0 {
		return Trial{}
	}
	return Trial{Score: hits[0].Score, Right: hits[0].EntryID == v.of.entry.ID}
}
