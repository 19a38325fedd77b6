package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// asked is a question that was put to a knowledge base.
type asked struct {
	hits   []match.Hit
	right  int     // place of the right entry among the hits; -1: it isn't there
	weight float64 // so that every source has the same say
}

// shape is one way to make a knowledge base of a source.
type shape struct {
	entries int // at most
	similar int // similar questions of an entry, at most
}

// shapes are the knowledge bases that are made of every source: large and small, with and
// without similar questions.
func shapes(s *source) []shape {
	list := []shape{{3000, 0}, {2000, 2}, {700, 1}, {400, 5}, {150, 3}, {140, 0}, {90, 5}, {60, 2}, {50, 0}}
	if s.labelled { // of so many small ones can be made
		list = append(list, []shape{{400, 1}, {200, 0}, {200, 2}, {100, 0}, {100, 1}}...)
	}
	return list
}

// questionsMax is how many questions are put to one knowledge base.
const questionsMax = 1500

// ask makes knowledge bases of the sources, as an account would have them, and puts to each
// the questions that are left over: those it answers and those it doesn't.
func ask(ctx context.Context, sources []*source, w *match.Weights, learned bool, log io.Writer) ([]asked, error) {
	var all []asked
	say := 0.0
	for i, s := range sources {
		say += s.say
		var own []asked
		for n, shape := range shapes(s) {
			rng := rand.New(rand.NewPCG(seed(s.name), uint64(n))) //nolint:gosec // repeatable on purpose
			b := s.base(shape, rng)
			b.addFar(sources, i, rng)
			x, err := b.index(ctx, w, learned)
			if err != nil {
				return nil, err
			}
			own = append(own, b.ask(x, rng)...)
		}
		for k := range own {
			own[k].weight = s.say / float64(len(own))
		}
		first := 0
		for _, a := range own {
			if a.right == 0 {
				first++
			}
		}
		fmt.Fprintf(log, "%s: %d questions, learned %t, right one first before ranking: %d\n", s.name, len(own), learned, first)
		all = append(all, own...)
	}
	for k := range all {
		all[k].weight *= float64(len(all)) / say
	}
	return all, nil
}

func seed(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return h.Sum64()
}

// base is a knowledge base and questions to it.
type base struct {
	entries   []model.Entry
	questions []question
}

type question struct {
	text  string
	entry uint64 // 0: nothing answers it
}

// nearMax is the share of questions, of those that an entry answers, that are close to one
// and aren't answered.
const nearMax = 0.15

// base makes one of a shape. About a quarter of the meanings are left out, so that
// questions about them have no answer.
func (s *source) base(shape shape, rng *rand.Rand) *base {
	order := s.order(rng)
	kept := min(shape.entries, len(order)*3/4)
	b := &base{}
	var out, near []string
	for n, at := range order[:min(len(order), kept*4/3)] {
		texts := slices.Clone(s.meant[at].texts)
		if n >= kept {
			out = append(out, texts...)
			continue
		}
		near = append(near, s.meant[at].near...)
		rng.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		stored := min(1+shape.similar, max(len(texts)-1, 1))
		id := uint64(n + 1)
		b.entries = append(b.entries, model.Entry{ID: id, Question: texts[0], Similar: texts[1:stored], State: model.EntryOn})
		for _, text := range texts[stored:] {
			b.questions = append(b.questions, question{text: text, entry: id})
		}
	}
	shuffle(rng, b.questions)
	b.questions = b.questions[:min(len(b.questions), questionsMax*2/3)]
	answered := float64(len(b.questions))
	b.take(append(out, s.near...), int(answered*0.25), rng)
	b.take(near, int(answered*nearMax), rng)
	return b
}

// order is one in which meanings of a single text, about which nothing can be asked, are
// never more than every third.
func (s *source) order(rng *rand.Rand) []int {
	var single, other, mixed []int
	for _, at := range rng.Perm(len(s.meant)) {
		if len(s.meant[at].texts) == 1 {
			single = append(single, at)
		} else {
			other = append(other, at)
		}
	}
	for i, at := range other {
		mixed = append(mixed, at)
		if n := i / 2; i%2 == 1 && n < len(single) {
			mixed = append(mixed, single[n])
		}
	}
	return mixed
}

// take puts in some texts that nothing answers.
func (b *base) take(texts []string, n int, rng *rand.Rand) {
	shuffle(rng, texts)
	for _, text := range texts[:min(len(texts), n)] {
		b.questions = append(b.questions, question{text: text})
	}
}

func shuffle[T any](rng *rand.Rand, list []T) {
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// addFar puts in questions that belong to other sources.
func (b *base) addFar(sources []*source, own int, rng *rand.Rand) {
	n := len(b.questions) / 12
	var far []string
	for i, s := range sources {
		if i == own {
			far = append(far, s.far...)
		} else {
			for range n {
				texts := s.meant[rng.IntN(len(s.meant))].texts
				far = append(far, texts[rng.IntN(len(texts))])
			}
		}
	}
	b.take(far, n, rng)
}

func (b *base) index(ctx context.Context, w *match.Weights, learned bool) (*match.Index, error) {
	x := match.NewIndex(b.entries, match.Options{Weights: w})
	if !learned {
		return x, nil
	}
	e, err := match.Train(ctx, b.entries, match.TrainConfig{Weights: w})
	if err != nil {
		return nil, err
	}
	return x.WithEncoder(e), nil
}

const hitsMax = 30

// typos is the share of questions that are mistyped.
const typos = 0.12

// ask puts the questions to the index. A question that is a variant letter for letter says
// nothing about ranking.
func (b *base) ask(x *match.Index, rng *rand.Rand) []asked {
	var list []asked
	for _, q := range b.questions {
		text := q.text
		if rng.Float64() < typos {
			text = mistype(text, rng)
		}
		hits := x.Search(match.Query{Text: text}, hitsMax).Hits
		if len(hits) == 0 || hits[0].Exact {
			continue
		}
		right := slices.IndexFunc(hits, func(h match.Hit) bool { return h.EntryID == q.entry })
		list = append(list, asked{hits: hits, right: right})
	}
	return list
}

// mistype loses a character, doubles one, or swaps two.
func mistype(text string, rng *rand.Rand) string {
	r := []rune(text)
	if len(r) < 4 {
		return text
	}
	i := rng.IntN(len(r) - 1)
	switch rng.IntN(3) {
	case 0:
		r = slices.Delete(r, i, i+1)
	case 1:
		r = slices.Insert(r, i, r[i])
	default:
		r[i], r[i+1] = r[i+1], r[i]
	}
	return string(r)
}
