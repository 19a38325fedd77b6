package match

import (
	"slices"
)

// bucket is a part of the inverted index: for each of its grams the slots of the
// variants that hold it. It never changes; a change of the index makes a new one.
type bucket struct {
	grams []gram   // sorted
	ends  []uint32 // where each gram's slots end
	slots []uint32 // in growing order
}

// bucketBits is how many top bits of a gram choose its bucket. A change copies the
// buckets it touches, so they are many and small.
const (
	bucketBits = 12
	bucketCut  = 32 - bucketBits
)

func (b *bucket) find(g gram) []uint32 {
	if b == nil {
		return nil
	}
	i, found := slices.BinarySearch(b.grams, g)
	if !found {
		return nil
	}
	return b.at(i)
}

func (b *bucket) at(i int) []uint32 {
	from := uint32(0)
	if i > 0 {
		from = b.ends[i-1]
	}
	return b.slots[from:b.ends[i]]
}

// edit puts a slot into the list of a gram, or takes it out: gram, slot and a bit that
// is set for out, so that edits sort by gram, then slot, and the one that puts in comes
// first.
type edit uint64

func makeEdit(g gram, slot uint32, out uint64) edit {
	return edit(uint64(g)<<32 | uint64(slot)<<1 | out)
}

func (e edit) gram() gram   { return gram(e >> 32) }
func (e edit) slot() uint32 { return uint32(e) >> 1 } //nolint:gosec // the lower half
func (e edit) out() bool    { return e&1 != 0 }

// applyEdits gives the buckets after the edits. Where one edit takes a slot out that
// another puts in, it is in.
func applyEdits(old []*bucket, edits []edit) []*bucket {
	buckets := slices.Clone(old)
	if buckets == nil {
		buckets = make([]*bucket, 1<<bucketBits)
	}
	sorted, starts := partition(edits)
	for number := range buckets {
		part := sorted[starts[number]:starts[number+1]]
		if len(part) == 0 {
			continue
		}
		slices.Sort(part)
		buckets[number] = buckets[number].merge(slices.Compact(part))
	}
	return buckets
}

// partition orders edits by bucket; starts tells where each one begins.
func partition(edits []edit) (ordered []edit, starts []int) {
	starts = make([]int, 1<<bucketBits+1)
	for _, e := range edits {
		starts[e.gram()>>bucketCut+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	next := slices.Clone(starts)
	ordered = make([]edit, len(edits))
	for _, e := range edits {
		number := e.gram() >> bucketCut
		ordered[next[number]] = e
		next[number]++
	}
	return ordered, starts
}

// merge gives the bucket after sorted edits; nil where nothing is left.
func (b *bucket) merge(edits []edit) *bucket {
	if b == nil {
		b = &bucket{}
	}
	m := &bucket{
		grams: make([]gram, 0, len(b.grams)+min(len(edits), 64)),
		ends:  make([]uint32, 0, len(b.grams)+min(len(edits), 64)),
		slots: make([]uint32, 0, len(b.slots)+len(edits)),
	}
	i := 0
	keep := func(until int) { // copies whole grams
		for ; i < until; i++ {
			m.slots = append(m.slots, b.at(i)...)
			m.close(b.grams[i])
		}
	}
	for len(edits) > 0 {
		g, n := edits[0].gram(), 1
		for n < len(edits) && edits[n].gram() == g {
			n++
		}
		at, found := slices.BinarySearch(b.grams[i:], g)
		keep(i + at)
		var slots []uint32
		if found {
			slots = b.at(i)
			i++
		}
		m.slots = mergeSlots(m.slots, slots, edits[:n])
		m.close(g)
		edits = edits[n:]
	}
	keep(len(b.grams))
	if len(m.grams) == 0 {
		return nil
	}
	m.grams, m.ends, m.slots = slices.Clip(m.grams), slices.Clip(m.ends), slices.Clip(m.slots)
	return m
}

// close ends the list of a gram, and drops the gram where the list is empty.
func (b *bucket) close(g gram) {
	end := uint32(len(b.slots)) //nolint:gosec // far below 2³²
	if last := len(b.ends); last > 0 && b.ends[last-1] == end || end == 0 {
		return
	}
	b.grams, b.ends = append(b.grams, g), append(b.ends, end)
}

// mergeSlots appends a list of slots after the edits of its gram.
func mergeSlots(to, old []uint32, edits []edit) []uint32 {
	for i := 0; i < len(edits); i++ {
		e := edits[i]
		for len(old) > 0 && old[0] < e.slot() {
			to, old = append(to, old[0]), old[1:]
		}
		if len(old) > 0 && old[0] == e.slot() {
			old = old[1:]
		}
		if !e.out() {
			to = append(to, e.slot())
		}
		if i+1 < len(edits) && edits[i+1].slot() == e.slot() {
			i++ // it is taken out of where it was and put in anew
		}
	}
	return append(to, old...)
}
