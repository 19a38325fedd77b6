package match

import (
	"maps"
	"slices"
	"sync"

	"deskmate/model"
)

// With is the index after a change: changed holds entries that are new, different or
// off now, deleted the ids of those that are gone. The index itself stays as it is.
func (x *Index) With(changed []model.Entry, deleted []uint64) *Index {
	c := newChange(x)
	last := make(map[uint64]int, len(changed))
	for i := range changed {
		last[changed[i].ID] = i
	}
	gone := maps.Clone(x.ids(deleted, last))
	c.remove(gone)
	var added []*indexed
	for i := range changed {
		if e := &changed[i]; last[e.ID] == i && e.State == model.EntryOn && !e.Draft {
			added = append(added, c.add(*e))
		}
	}
	c.merge(gone, added)
	c.next.buckets = applyEdits(x.buckets, c.edits)
	return c.next
}

// ids gives the entries that a change takes out or replaces.
func (x *Index) ids(deleted []uint64, changed map[uint64]int) map[uint64]*indexed {
	gone := map[uint64]*indexed{}
	note := func(id uint64) {
		if in, ok := x.entry(id); ok {
			gone[id] = in
		}
	}
	for _, id := range deleted {
		note(id)
	}
	for id := range changed {
		note(id)
	}
	return gone
}

// change makes one index of another.
type change struct {
	next  *Index
	owned map[uint32]bool // chunks that were copied already
	grams []gram          // room for those of one variant
	edits []edit
}

func newChange(x *Index) *change {
	next := *x
	next.variants, next.free, next.vectors = slices.Clone(x.variants), slices.Clone(x.free), slices.Clone(x.vectors)
	if next.scratch == nil {
		next.scratch = &sync.Pool{New: func() any { return &scratch{} }}
	}
	return &change{next: &next, owned: map[uint32]bool{}}
}

// chunk makes the chunk of a slot ready to be written.
func (c *change) chunk(slot uint32) {
	number := slot / chunkSize
	for int(number) >= len(c.next.variants) {
		c.next.variants = append(c.next.variants, &chunk{})
		c.owned[uint32(len(c.next.variants)-1)] = true //nolint:gosec // far below 2³²
	}
	if c.next.encoder != nil {
		c.next.vectors = c.next.vectors.own(number, c.owned[number])
	}
	if !c.owned[number] {
		copied := *c.next.variants[number]
		c.next.variants[number], c.owned[number] = &copied, true
	}
}

func (c *change) remove(gone map[uint64]*indexed) {
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		for _, slot := range gone[id].slots {
			v := c.next.variants.at(slot)
			c.note(v, slot, 1)
			c.chunk(slot)
			c.next.variants.set(slot, variant{}, 0)
			if c.next.encoder != nil {
				c.next.vectors.set(slot, &vector{})
			}
			c.next.free = append(c.next.free, slot)
			c.next.live--
		}
	}
}

func (c *change) add(entry model.Entry) *indexed {
	in := &indexed{entry: entry}
	w := c.next.fitted()
	seen := make([]string, 0, len(entry.Similar)+1)
	for place := range len(entry.Similar) + 1 {
		text := entry.Question
		if place > 0 {
			text = entry.Similar[place-1]
		}
		folded := c.next.synonyms.unify(Fold(text))
		if folded == "" || slices.Contains(seen, folded) {
			continue
		}
		seen = append(seen, folded)
		slot := c.slot()
		v := newVariant(in, place, folded)
		c.next.variants.set(slot, v, w.norm(&v, &c.grams))
		c.note(&v, slot, 0)
		c.edits = append(c.edits, makeEdit(exactGram(folded), slot, 0))
		if c.next.encoder != nil {
			c.next.vectors.set(slot, c.next.encoder.encode(w, &v))
		}
		in.slots = append(in.slots, slot)
		c.next.live++
	}
	return in
}

func newVariant(of *indexed, place int, folded string) variant {
	coded := encode(folded)
	codes := make([]uint32, 0, len(coded.units)+len(coded.letters))
	for _, u := range coded.units {
		codes = append(codes, uint32(u))
	}
	for _, g := range coded.letters {
		codes = append(codes, uint32(g))
	}
	return variant{of: of, codes: codes, units: uint16(len(coded.units)), place: uint16(place)} //nolint:gosec // unitsMax, and entries have few variants
}

// slot takes a free slot.
func (c *change) slot() uint32 {
	var slot uint32
	if n := len(c.next.free); n > 0 {
		slot, c.next.free = c.next.free[n-1], c.next.free[:n-1]
	} else {
		slot = uint32(c.next.live) //nolint:gosec // none is free, so all before it are in use
	}
	c.chunk(slot)
	return slot
}

// note puts the grams of a variant into the edits.
func (c *change) note(v *variant, slot uint32, out uint64) {
	coded := v.code(nil, nil)
	c.grams, _ = coded.appendGrams(c.grams[:0])
	for _, g := range c.grams {
		c.edits = append(c.edits, makeEdit(g, slot, out))
	}
	if out != 0 {
		c.edits = append(c.edits, makeEdit(exactGram(c.next.synonyms.unify(Fold(v.text()))), slot, out))
	}
}

// merge renews the list of entries.
func (c *change) merge(gone map[uint64]*indexed, added []*indexed) {
	slices.SortFunc(added, func(a, b *indexed) int { return byID(a, b.entry.ID) })
	entries := make([]*indexed, 0, len(c.next.entries)+len(added))
	for _, in := range c.next.entries {
		if gone[in.entry.ID] != nil {
			continue
		}
		for len(added) > 0 && added[0].entry.ID < in.entry.ID {
			entries, added = append(entries, added[0]), added[1:]
		}
		entries = append(entries, in)
	}
	c.next.entries = append(entries, added...)
}
