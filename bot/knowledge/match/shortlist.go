package match

import (
	"cmp"
	"math/bits"
	"slices"
)

const (
	lexicalMax  = 96      // variants taken for what they share with the question
	nearbyMax   = 96      // variants taken for being close to it in the encoder's eyes
	sketchMax   = 512     // variants whose vectors are looked at, chosen by sketch
	postingsMax = 120_000 // slots read at most, the rarest grams first
	entriesMax  = 30      // entries looked at closely
)

// scratch is what one search needs and the next can use again.
type scratch struct {
	sums    []float32 // by slot; zero outside a search
	touched []uint32
	apart   []uint8 // by slot: signs in which a vector differs
}

// scored is a variant of the shortlist.
type scored struct {
	v      *variant
	slot   uint32
	shared float32 // what it shares with the question, about a cosine
	near   float32 // the encoder's cosine
}

func (s *scored) worth() float32 { return s.shared + max(s.near, 0) }

// inOrder compares two variants by a value, the greatest first. Only where they are equal
// does it look further, which takes time.
func inOrder(a, b float32, v, w *variant) int {
	if a != b {
		return cmp.Compare(b, a)
	}
	return before(v, w)
}

// shortlist finds the variants that may be meant, best first.
func (x *Index) shortlist(q *question, s *scratch) []scored {
	list := x.lexical(q, s)
	if x.encoder != nil {
		for i := range list {
			list[i].near = float32(x.vectors.near(&q.vector, list[i].slot))
		}
		list = x.nearby(q, s, list)
	}
	for _, slot := range s.touched {
		s.sums[slot] = 0
	}
	s.touched = s.touched[:0]
	slices.SortFunc(list, func(a, b scored) int { return inOrder(a.worth(), b.worth(), a.v, b.v) })
	return list
}

// lexical finds the variants that share most with the question, and leaves in s what all
// share.
func (x *Index) lexical(q *question, s *scratch) []scored {
	if n := len(x.variants) * chunkSize; len(s.sums) < n {
		s.sums, s.apart = make([]float32, n), make([]uint8, n)
	}
	order := make([]*asked, 0, len(q.grams))
	for i := range q.grams {
		if len(q.grams[i].slots) > 0 {
			order = append(order, &q.grams[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *asked) int { return cmp.Compare(len(a.slots), len(b.slots)) })
	read := 0
	for _, a := range order {
		if read += len(a.slots); read > postingsMax && len(s.touched) > 0 {
			break
		}
		w := a.weight * a.weight
		for _, slot := range a.slots {
			if s.sums[slot] == 0 {
				s.touched = append(s.touched, slot)
			}
			s.sums[slot] += w
		}
	}
	t := newTop(lexicalMax, func(c scored) float32 { return c.shared })
	for _, slot := range s.touched {
		shared := s.sums[slot] / (x.variants.norm(slot) * float32(q.norm))
		if shared >= t.least() {
			t.offer(scored{v: x.variants.at(slot), slot: slot, shared: shared})
		}
	}
	return t.list
}

// nearby adds the variants that are close to the question in the encoder's eyes.
func (x *Index) nearby(q *question, s *scratch, list []scored) []scored {
	limit := x.sketches(q, s)
	t := newTop(nearbyMax, func(c scored) float32 { return c.near })
	for number, chunk := range x.vectors {
		for i, apart := range s.apart[number*chunkSize : number*chunkSize+chunkSize] {
			if apart > limit {
				continue
			}
			slot := uint32(number*chunkSize + i)
			v := x.variants.at(slot)
			t.offer(scored{
				v: v, slot: slot, near: float32(chunk.near(&q.vector, uint32(i))),
				shared: s.sums[slot] / (x.variants.norm(slot) * float32(q.norm)),
			})
		}
	}
	known := make(map[uint32]bool, len(list))
	for i := range list {
		known[list[i].slot] = true
	}
	for _, c := range t.list {
		if !known[c.slot] {
			list = append(list, c)
		}
	}
	return list
}

// sketches compares the signs of all vectors with the question's and tells in how many at
// most the ones may differ that are worth a closer look.
func (x *Index) sketches(q *question, s *scratch) (limit uint8) {
	var count [dim + 1]int
	for number, chunk := range x.vectors {
		apart := s.apart[number*chunkSize : number*chunkSize+chunkSize]
		for i := range apart {
			apart[i] = dim
			if chunk != nil && chunk.scales[i] != 0 {
				n := bits.OnesCount64(q.vector.sketch[0]^chunk.sketches[i][0]) + bits.OnesCount64(q.vector.sketch[1]^chunk.sketches[i][1])
				apart[i] = uint8(n) //nolint:gosec // at most dim
				count[n]++
			}
		}
	}
	total := 0
	for n := range dim / 2 {
		if total += count[n]; total > sketchMax {
			break
		}
		limit = uint8(n)
	}
	return limit
}

// top keeps the best of what it is offered.
type top struct {
	list []scored // a heap: the worst comes first
	key  func(scored) float32
}

func newTop(size int, key func(scored) float32) *top {
	return &top{list: make([]scored, 0, size), key: key}
}

// least is the value from which on an offer may be taken.
func (t *top) least() float32 {
	if len(t.list) < cap(t.list) {
		return 0
	}
	return t.key(t.list[0])
}

// worse reports whether the one at i has to stand above the one at j in the heap.
func (t *top) worse(i, j int) bool {
	a, b := &t.list[i], &t.list[j]
	return inOrder(t.key(*a), t.key(*b), a.v, b.v) > 0
}

func (t *top) offer(c scored) {
	if len(t.list) < cap(t.list) {
		t.list = append(t.list, c)
		for i := len(t.list) - 1; i > 0 && t.worse(i, (i-1)/2); i = (i - 1) / 2 {
			t.list[i], t.list[(i-1)/2] = t.list[(i-1)/2], t.list[i]
		}
		return
	}
	if worst := &t.list[0]; inOrder(t.key(c), t.key(*worst), c.v, worst.v) >= 0 {
		return
	}
	t.list[0] = c
	for i := 0; ; {
		worst := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < len(t.list) && t.worse(child, worst) {
				worst = child
			}
		}
		if worst == i {
			return
		}
		t.list[i], t.list[worst] = t.list[worst], t.list[i]
		i = worst
	}
}
