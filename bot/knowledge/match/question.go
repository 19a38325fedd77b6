package match

import (
	"math"
)

// asked is a gram of a question.
type asked struct {
	gram   gram
	kind   kind
	weight float32
	slots  []uint32 // the variants that hold it
}

// kind is a sort of gram.
type kind uint8

const (
	kindUnit kind = iota
	kindPair
	kindTriple
	kindLetters
	kinds // how many there are
)

// at tells the kind of the i-th gram of a list.
func (p parts) at(i int) kind {
	switch {
	case i < p.pairs:
		return kindUnit
	case i < p.triples:
		return kindPair
	case i < p.letters:
		return kindTriple
	}
	return kindLetters
}

// question is what a search looks for, taken apart once.
type question struct {
	code   code
	grams  []asked // each once
	places placeOf
	total  overlap // of its own grams
	norm   float64 // length of the vector of its grams
	traits traits
	vector vector // the zero vector without an encoder
	all    []gram
}

func (x *Index) question(folded string) *question {
	q := &question{code: encode(folded)}
	var p parts
	q.all, p = q.code.appendGrams(nil)
	q.places.reset(len(q.all))
	for i, g := range q.all {
		if q.places.put(g, len(q.grams)) {
			slots := x.slots(g)
			a := asked{gram: g, kind: p.at(i), weight: x.weight(g, len(slots)), slots: slots}
			q.total.add(a.kind, a.weight)
			q.grams = append(q.grams, a)
		}
	}
	q.norm = math.Sqrt(q.total.squares)
	q.traits = words().traits(q.code.units)
	if x.encoder != nil {
		q.vector = x.encoder.sum(x.fitted(), q.all)
	}
	return q
}

// weight is what a gram is worth as evidence, about in (0, 1]: how rare it is anywhere and
// in this base, of whose variants count hold it.
func (x *Index) weight(g gram, count int) float32 {
	live := float64(x.live + 2)
	here := math.Log(live/float64(count+1)) / math.Log(live)
	return 0.6*x.fitted().Prior.weight(g) + 0.4*float32(here) + 0.02
}

// norm is the length of the vector of a variant's grams by their weight anywhere; buf is
// room for them.
func (w *Weights) norm(v *variant, buf *[]gram) float32 {
	coded := v.code(nil, nil)
	*buf, _ = coded.appendGrams((*buf)[:0])
	squares := float32(0)
	for _, g := range *buf {
		f := w.Prior.weight(g) + 0.02
		squares += f * f
	}
	return float32(math.Sqrt(float64(squares)))
}

// overlap adds up weights by kind of gram.
type overlap struct {
	sum     [kinds]float64
	squares float64
}

func (o *overlap) add(k kind, weight float32) {
	o.sum[k] += float64(weight)
	o.squares += float64(weight) * float64(weight)
}

// share is the part of whole that o is, for one kind.
func (o *overlap) share(whole *overlap, k kind) float64 { return ratio(o.sum[k], whole.sum[k]) }

func ratio(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// placeOf finds a gram's place in a list fast.
type placeOf struct {
	keys   []gram
	places []int16 // -1: free
}

func (p *placeOf) reset(n int) {
	size := 16
	for size < 2*n {
		size *= 2
	}
	p.keys, p.places = make([]gram, size), make([]int16, size)
	for i := range p.places {
		p.places[i] = -1
	}
}

// put notes a place, unless the gram has one.
func (p *placeOf) put(g gram, place int) bool {
	i := p.slot(g)
	if p.places[i] >= 0 {
		return false
	}
	p.keys[i], p.places[i] = g, int16(place) //nolint:gosec // at most a few per unit
	return true
}

// get is the place of a gram, -1 for none.
func (p *placeOf) get(g gram) int { return int(p.places[p.slot(g)]) }

func (p *placeOf) slot(g gram) int {
	i := int(g) & (len(p.keys) - 1)
	for p.places[i] >= 0 && p.keys[i] != g {
		i = (i + 1) & (len(p.keys) - 1)
	}
	return i
}
