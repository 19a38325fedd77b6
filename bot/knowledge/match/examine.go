package match

import (
	"cmp"
	"math"
	"slices"
)

const (
	variantsMax = 40 // variants of an entry that count
	closestMax  = 3  // variants of an entry looked at closely
)

// candidate is an entry that may be meant.
type candidate struct {
	of     *indexed
	best   *variant // its closest variant
	worth  float32  // of its best variant in the shortlist
	slots  []uint32 // of its variants in the shortlist, best first
	near   []view   // its closest variants
	rank   float64  // probability before the others are looked at
	facts  [featureCount]float64
	guards guards
}

// candidates gathers the entries of a shortlist, best first.
func (x *Index) candidates(q *question, list []scored, wanted func(*indexed) bool) []*candidate {
	var found []*candidate
	known := make(map[*indexed]*candidate, entriesMax)
	for i := range list {
		in := list[i].v.of
		c := known[in]
		if c == nil && (len(found) == entriesMax || !wanted(in)) {
			continue
		}
		if c == nil {
			c = &candidate{of: in, worth: list[i].worth()}
			known[in] = c
			found = append(found, c)
		}
		c.slots = append(c.slots, list[i].slot)
	}
	e := newExaminer(x, q)
	for _, c := range found {
		e.examine(c)
	}
	contrast(found, x.encoder != nil)
	return found
}

// examiner looks at entries closely, one after the other.
type examiner struct {
	x      *Index
	q      *question
	has    []int32 // by gram of the question: the last entry that has it
	seen   []int32 // and the last variant that has it
	turn   int32
	units  []unit
	grams  []gram
	letter []gram
	align  aligner
}

func newExaminer(x *Index, q *question) *examiner {
	return &examiner{x: x, q: q, has: make([]int32, len(q.grams)), seen: make([]int32, len(q.grams))}
}

// view is a variant of an entry under examination.
type view struct {
	v      *variant
	slot   uint32
	shared float64 // about a cosine
	near   float64 // the encoder's cosine
}

// examine fills in c's best variant and facts.
func (e *examiner) examine(c *candidate) {
	slots := c.variants()
	views := make([]view, len(slots))
	e.turn++
	entry := e.turn
	var centre [dim]int32
	for i, slot := range slots {
		views[i] = e.look(slot, entry)
		e.gather(&centre, slot)
	}
	slices.SortFunc(views, func(a, b view) int {
		return cmp.Or(cmp.Compare(b.shared+b.near, a.shared+a.near), before(a.v, b.v))
	})
	c.near = views[:min(len(views), closestMax)]
	bestSum := math.Inf(-1)
	for _, v := range c.near {
		facts, g := e.compare(v)
		if sum := facts[featCosine] + facts[featEncoder] + 0.5*facts[featUnits] + 0.5*facts[featUnitsBack]; sum > bestSum {
			bestSum, c.best, c.facts, c.guards = sum, v.v, facts, g
		}
	}
	c.facts[featNear] = meanOf(views, func(v view) float64 { return v.shared })
	c.facts[featVariants] = math.Log(float64(len(c.of.slots)))
	c.facts[featSize] = math.Log(float64(e.x.live))
	if e.x.encoder != nil {
		c.facts[featEncoderNear] = meanOf(views, func(v view) float64 { return v.near })
		c.facts[featEncoderStandard] = e.x.vectors.near(&e.q.vector, c.of.slots[0])
		c.facts[featEncoderCentre] = e.q.vector.along(&centre)
	}
	e.union(c, entry)
}

// variants lists those that count: all, or where they are too many those of the shortlist
// and the first others.
func (c *candidate) variants() []uint32 {
	if len(c.of.slots) <= variantsMax {
		return c.of.slots
	}
	slots := c.slots[:min(len(c.slots), variantsMax)]
	for _, slot := range c.of.slots {
		if len(slots) == variantsMax {
			break
		}
		if !slices.Contains(slots, slot) {
			slots = append(slots, slot)
		}
	}
	return slots
}

// look compares a variant at a glance and notes which grams of the question its entry has.
func (e *examiner) look(slot uint32, entry int32) view {
	v := e.x.variants.at(slot)
	e.load(v)
	e.turn++
	shared := 0.0
	for _, g := range e.grams {
		if at := e.q.places.get(g); at >= 0 && e.seen[at] != e.turn {
			e.seen[at], e.has[at] = e.turn, entry
			shared += float64(e.q.grams[at].weight) * float64(e.q.grams[at].weight)
		}
	}
	w := view{v: v, slot: slot, shared: shared / (e.q.norm * float64(e.x.variants.norm(slot)))}
	if e.x.encoder != nil {
		w.near = e.x.vectors.near(&e.q.vector, slot)
	}
	return w
}

// load takes a variant apart.
func (e *examiner) load(v *variant) (code, parts) {
	coded := v.code(e.units[:0], e.letter[:0])
	e.units, e.letter = coded.units, coded.letters
	var p parts
	e.grams, p = coded.appendGrams(e.grams[:0])
	return coded, p
}

// gather adds up vectors.
func (e *examiner) gather(centre *[dim]int32, slot uint32) {
	if e.x.encoder == nil {
		return
	}
	c := e.x.vectors[slot/chunkSize]
	part := &c.parts[slot%chunkSize]
	scale := int32(c.scales[slot%chunkSize] * (1 << 16))
	for k, f := range part {
		centre[k] += int32(f) * scale
	}
}

// along is the cosine with a sum of vectors.
func (v *vector) along(sum *[dim]int32) float64 {
	product, squares := 0.0, 0.0
	for k, f := range sum {
		product += float64(f) * float64(v.part[k])
		squares += float64(f) * float64(f)
	}
	return ratio(product*float64(v.scale), math.Sqrt(squares))
}

// compare looks at one variant closely.
func (e *examiner) compare(w view) (f [featureCount]float64, g guards) {
	q, v := e.q, w.v
	coded, p := e.load(v)
	e.turn++
	var shared, own overlap
	missing := float32(0)
	e.align.weights = e.align.weights[:0]
	for i, gram := range e.grams {
		at := q.places.get(gram)
		var weight float32
		if at < 0 {
			weight = e.x.weight(gram, len(e.x.slots(gram)))
			own.add(p.at(i), weight)
		} else {
			weight = q.grams[at].weight
		}
		if i < p.pairs {
			e.align.weights = append(e.align.weights, weight)
			if at < 0 {
				missing = max(missing, weight)
			}
		}
		if at >= 0 && e.seen[at] != e.turn {
			e.seen[at] = e.turn
			own.add(p.at(i), weight)
			shared.add(p.at(i), weight)
		}
	}
	f[featCosine] = ratio(shared.squares, q.norm*math.Sqrt(own.squares))
	f[featUnits], f[featUnitsBack] = shared.share(&q.total, kindUnit), shared.share(&own, kindUnit)
	f[featPairs], f[featPairsBack] = shared.share(&q.total, kindPair), shared.share(&own, kindPair)
	f[featLetters], f[featLettersBack] = f[featUnits], f[featUnitsBack]
	if q.total.sum[kindLetters] > 0 && own.sum[kindLetters] > 0 {
		f[featLetters], f[featLettersBack] = shared.share(&q.total, kindLetters), shared.share(&own, kindLetters)
	}
	for _, a := range q.grams {
		if at := q.places.get(a.gram); a.kind == kindUnit && e.seen[at] != e.turn {
			f[featMissing] = max(f[featMissing], float64(a.weight))
		}
	}
	f[featMissingBack] = float64(missing)
	e.align.compare(q, coded.units).fill(&f)
	f[featEncoder] = w.near
	t := words().traits(coded.units)
	both := q.traits.asks != 0 && t.asks != 0
	f[featSameAsk], f[featOtherAsk] = flag(both && q.traits.asks&t.asks != 0), flag(both && q.traits.asks&t.asks == 0)
	f[featNegation] = flag(q.traits.negated != t.negated)
	g.denied = denies(q.code.units, coded.units) || denies(coded.units, q.code.units)
	f[featDenied] = flag(g.denied)
	g.opposite = q.traits.opposite.clash(&t.opposite)
	f[featOpposite] = flag(g.opposite)
	g.number = otherNumbers(q.traits.numbers, t.numbers)
	return f, g
}

// union fills in what all variants of the entry have together.
func (e *examiner) union(c *candidate, entry int32) {
	var covered, whole float64
	numbers := false
	for at, a := range e.q.grams {
		if a.kind != kindUnit && a.kind != kindPair {
			continue
		}
		whole += float64(a.weight)
		if e.has[at] >= entry {
			covered += float64(a.weight)
		} else if a.kind == kindUnit {
			c.facts[featUnionMissing] = max(c.facts[featUnionMissing], float64(a.weight))
		}
	}
	c.facts[featUnion] = ratio(covered, whole)
	if !hasHan(e.q.code.units) {
		return
	}
	var named, shared, lacking bool
	for _, u := range e.q.code.units {
		held := e.has[e.q.places.get(makeGram(uint64(u), saltUnit))] >= entry
		switch {
		case words().function[u] || oneOf(deniers, u):
		case !u.word():
			shared, lacking = shared || held, lacking || !held
		case held:
			named = named || !u.number()
		case u.number():
			numbers = true
		default:
			c.guards.word = true
		}
	}
	c.guards.bare = named && lacking && !shared
	for _, code := range c.best.codes[:c.best.units] {
		if u := unit(code); u.number() && numbers {
			c.guards.number = true
		}
	}
	c.facts[featWords], c.facts[featNumbers] = flag(c.guards.word), flag(c.guards.number)
}

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
