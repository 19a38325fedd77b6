package match

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"deskmate/model"
)

// TrainConfig says how to learn. The zero value learns from the entries alone, from a
// fixed start.
type TrainConfig struct {
	Warm     *Encoder             // begin where it ended, in a fraction of the time; nil: from the start
	Pairs    []model.TrainingPair // what people confirmed or denied
	Synonyms []model.Synonym      // those of the index it is for
	Weights  *Weights             // those of the index it is for; nil: those that ship
	Threads  int                  // 0: one; the result doesn't depend on it
	Seed     uint64               // of all that is random

	steps int // at most; 0: stepsMax
}

// What training does was found by trying: see the decision record.
const (
	rowsMax     = 1 << 16 // grams that are taught
	batchSize   = 160
	temperature = 0.1
	dropped     = 0.35 // share of a text's grams that one look doesn't see
	rate        = 0.06
	epochsCold  = 40
	epochsWarm  = 6
	stepsMax    = 9000 // of batchSize pairs: about a minute on one core
)

// Train learns from the variants of the entries that are on: those of one entry move
// together, those of others apart. The same input gives the same encoder. It ends early
// with an error when ctx does.
func Train(ctx context.Context, entries []model.Entry, cfg TrainConfig) (*Encoder, error) {
	if cfg.Weights == nil {
		cfg.Weights = shipped()
	}
	s := newSchool(entries, cfg)
	if err := s.run(ctx); err != nil {
		return nil, fmt.Errorf("train encoder: %w", err)
	}
	return s.encoder(), nil
}

// school is a training under way.
type school struct {
	rng     *rand.Rand
	weights *Weights
	grams   []gram    // taught, sorted
	rows    []float32 // dim for each
	moved   []float32 // AdaGrad's sum of squares, for each
	texts   []text    // what is learned from
	classes [][]int32 // texts by entry
	warm    bool
	threads int
	steps   int // at most
}

type text struct {
	rows  []int32
	class int32
}

func newSchool(entries []model.Entry, cfg TrainConfig) *school {
	s := &school{rng: rand.New(rand.NewPCG(cfg.Seed, 0x5eed)), weights: cfg.Weights, warm: cfg.Warm != nil, threads: max(cfg.Threads, 1), steps: cmp.Or(cfg.steps, stepsMax)} //nolint:gosec // repeatable on purpose
	syn := newSynonyms(cfg.Synonyms)
	var grams [][]gram
	class := map[uint64]int32{}
	learn := func(written string, of int32) {
		coded := encode(syn.unify(Fold(written)))
		list, _ := coded.appendGrams(nil)
		if len(list) == 0 {
			return
		}
		slices.Sort(list)
		grams = append(grams, slices.Compact(list))
		s.texts = append(s.texts, text{class: of})
		s.classes[of] = append(s.classes[of], int32(len(s.texts)-1)) //nolint:gosec // far below 2³¹
	}
	for i := range entries {
		e := &entries[i]
		if e.State != model.EntryOn || e.Draft {
			continue
		}
		of := int32(len(s.classes)) //nolint:gosec // far below 2³¹
		class[e.ID] = of
		s.classes = append(s.classes, nil)
		learn(e.Question, of)
		for _, similar := range e.Similar {
			learn(similar, of)
		}
	}
	confirmed := map[string]bool{}
	for _, p := range cfg.Pairs {
		if of, ok := class[p.EntryID]; ok && !p.Wrong {
			learn(p.Question, of)
			confirmed[Fold(p.Question)] = true
		}
	}
	for _, p := range cfg.Pairs { // a question that was denied belongs to nobody, and so is apart from all
		if _, ok := class[p.EntryID]; ok && p.Wrong && !confirmed[Fold(p.Question)] {
			s.classes = append(s.classes, nil)
			learn(p.Question, int32(len(s.classes)-1)) //nolint:gosec // far below 2³¹
		}
	}
	s.choose(grams)
	for i, list := range grams {
		for _, g := range list {
			if at, found := slices.BinarySearch(s.grams, g); found {
				s.texts[i].rows = append(s.texts[i].rows, int32(at)) //nolint:gosec // at most rowsMax
			}
		}
	}
	s.begin(cfg.Warm)
	return s
}

// choose takes the grams that are taught: all, or where they are too many the most
// frequent ones.
func (s *school) choose(texts [][]gram) {
	count := map[gram]int32{}
	for _, list := range texts {
		for _, g := range list {
			count[g]++
		}
	}
	s.grams = make([]gram, 0, len(count))
	for least := int32(1); ; least++ {
		for g, n := range count {
			if n >= least {
				s.grams = append(s.grams, g)
			}
		}
		if len(s.grams) <= rowsMax {
			break
		}
		s.grams = s.grams[:0]
	}
	slices.Sort(s.grams)
}

// begin fills in the rows that training starts with.
func (s *school) begin(warm *Encoder) {
	s.rows = make([]float32, len(s.grams)*dim)
	s.moved = make([]float32, len(s.grams))
	for i, g := range s.grams {
		row := (*[dim]float32)(s.rows[i*dim:])
		if warm != nil {
			if at, found := slices.BinarySearch(warm.grams, g); found {
				for k, r := range warm.rows[at*dim : at*dim+dim] {
					row[k] = warm.scales[at] * float32(r)
				}
				continue
			}
		}
		addUntaught(row, g, untaught(s.weights, g))
	}
}

// pair is two texts of one entry, or one text twice.
type pair struct{ a, b int32 }

// pairs makes those of one round: every text with itself and with up to two others of its
// entry.
func (s *school) pairs(to []pair) []pair {
	to = to[:0]
	for _, class := range s.classes {
		for i, a := range class {
			to = append(to, pair{a, a})
			if len(class) < 2 {
				continue
			}
			for range 2 {
				j := s.rng.IntN(len(class) - 1)
				if j >= i {
					j++
				}
				to = append(to, pair{a, class[j]})
			}
		}
	}
	s.rng.Shuffle(len(to), func(i, j int) { to[i], to[j] = to[j], to[i] })
	return to
}

func (s *school) run(ctx context.Context) error {
	list := s.pairs(nil)
	if len(list) < 2 {
		return nil
	}
	epochs := epochsCold
	if s.warm {
		epochs = epochsWarm
	}
	size := min(batchSize, len(list))
	steps := min(max(epochs*len(list)/size, 60), s.steps)
	b := newBatch(size)
	at := 0
	for step := range steps {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if at+size > len(list) {
			list, at = s.pairs(list), 0
		}
		b.load(s, list[at:at+size])
		at += size
		b.step(s, rate*(1-0.9*float32(step)/float32(steps)))
	}
	return nil
}

// encoder packs what was learned.
func (s *school) encoder() *Encoder {
	e := &Encoder{version: s.weights.Version, grams: s.grams, rows: make([]int8, len(s.rows)), scales: make([]float32, len(s.grams))}
	for i := range s.grams {
		row := s.rows[i*dim : i*dim+dim]
		top := float32(0)
		for _, f := range row {
			top = max(top, f, -f)
		}
		if top == 0 {
			continue
		}
		e.scales[i] = top / 127
		for k, f := range row {
			e.rows[i*dim+k] = int8(math.Round(float64(f / top * 127)))
		}
	}
	return e
}
