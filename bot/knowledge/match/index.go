package match

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"deskmate/model"
)

// Index finds the entries of one account that a question may mean. It never
// changes: [Index.With] makes a new one that shares what stayed the same, so that
// readers need no lock and never see half a change. Entries that are off are not in
// it. The zero value is an empty index.
type Index struct {
	entries  map[uint64]*indexed
	exact    map[string][]*variant // by folded text, in the order of before
	variants []*variant            // by slot; nil where the slot is free
	free     []int32               // free slots
	buckets  [][]posting           // by the top bits of the gram; nil in an empty index
	live     int                   // variants in use
	scratch  *sync.Pool            // of *scratch
}

// indexed is an entry and its variants: the standard question first.
type indexed struct {
	entry    model.Entry
	variants []*variant
}

// variant is one way in which an entry's question is put.
type variant struct {
	of     *indexed
	place  int    // 0 is the standard question
	slot   int32  // in Index.variants
	text   string // as written
	folded string
	order  []gram // the units, in order
	grams  []gram // all grams, sorted
	traits traits
}

// posting lists the slots of the variants that hold a gram, in growing order.
type posting struct {
	gram  gram
	slots []int32
}

// bucketBits is how many top bits of a gram choose its bucket. A change copies the
// buckets it touches, so they are many and small.
const (
	bucketBits = 10
	bucketCut  = 64 - bucketBits
)

// NewIndex builds the index of the entries that are on.
func NewIndex(entries []model.Entry) *Index {
	return (&Index{}).With(entries, nil)
}

// Len is how many entries the index holds.
func (x *Index) Len() int { return len(x.entries) }

// Entry gives an entry that is on; ok is false for any other.
func (x *Index) Entry(id uint64) (entry model.Entry, ok bool) {
	in, ok := x.entries[id]
	if !ok {
		return model.Entry{}, false
	}
	return in.entry, true
}

// With is the index after a change: changed holds entries that are new, different or
// off now, deleted the ids of those that are gone. The index itself stays as it is.
func (x *Index) With(changed []model.Entry, deleted []uint64) *Index {
	next := &Index{
		entries:  maps.Clone(x.entries),
		exact:    maps.Clone(x.exact),
		variants: slices.Clone(x.variants),
		free:     slices.Clone(x.free),
		buckets:  slices.Clone(x.buckets),
		live:     x.live,
		scratch:  x.scratch,
	}
	if next.entries == nil {
		next.entries, next.exact = map[uint64]*indexed{}, map[string][]*variant{}
		next.buckets = make([][]posting, 1<<bucketBits)
		next.scratch = &sync.Pool{New: func() any { return &scratch{} }}
	}
	var edits []edit
	for _, id := range deleted {
		edits = next.remove(id, edits)
	}
	for i := range changed {
		edits = next.remove(changed[i].ID, edits)
		if changed[i].State == model.EntryOn {
			edits = next.add(changed[i], edits)
		}
	}
	next.post(edits)
	return next
}

// edit puts a slot into a posting, or takes it out.
type edit struct {
	gram gram
	slot int32
	out  bool
	at   int // among the edits of one change
}

func (x *Index) remove(id uint64, edits []edit) []edit {
	in, ok := x.entries[id]
	if !ok {
		return edits
	}
	delete(x.entries, id)
	for _, v := range in.variants {
		x.variants[v.slot] = nil
		x.free = append(x.free, v.slot)
		x.live--
		rest := slices.DeleteFunc(slices.Clone(x.exact[v.folded]), func(o *variant) bool { return o == v })
		if len(rest) == 0 {
			delete(x.exact, v.folded)
		} else {
			x.exact[v.folded] = rest
		}
		for _, g := range v.grams {
			edits = append(edits, edit{g, v.slot, true, len(edits)})
		}
	}
	return edits
}

func (x *Index) add(entry model.Entry, edits []edit) []edit {
	in := &indexed{entry: entry}
	seen := make(map[string]bool, len(entry.Similar)+1)
	for place, text := range append([]string{entry.Question}, entry.Similar...) {
		folded := Fold(text)
		if folded == "" || seen[folded] {
			continue
		}
		seen[folded] = true
		v := newVariant(text, folded)
		v.of, v.place, v.slot = in, place, x.slot()
		x.variants[v.slot] = v
		x.live++
		in.variants = append(in.variants, v)
		same := append(slices.Clone(x.exact[folded]), v)
		slices.SortFunc(same, before)
		x.exact[folded] = same
		for _, g := range v.grams {
			edits = append(edits, edit{g, v.slot, false, len(edits)})
		}
	}
	x.entries[entry.ID] = in
	return edits
}

func newVariant(text, folded string) *variant {
	units := cut(folded)
	v := &variant{text: text, folded: folded, traits: traitsOf(folded, units)}
	v.order, v.grams = gramsOf(units)
	return v
}

// before orders variants that are equally good: standard questions, then older
// entries, then the order within the entry.
func before(a, b *variant) int {
	return cmp.Or(
		cmp.Compare(min(a.place, 1), min(b.place, 1)),
		cmp.Compare(a.of.entry.ID, b.of.entry.ID),
		cmp.Compare(a.place, b.place),
	)
}

func (x *Index) slot() int32 {
	if n := len(x.free); n > 0 {
		slot := x.free[n-1]
		x.free = x.free[:n-1]
		return slot
	}
	x.variants = append(x.variants, nil)
	return int32(len(x.variants) - 1) //nolint:gosec // far below 2³¹ variants
}

// post applies the edits to copies of the buckets they touch. The last edit of a
// gram and slot holds.
func (x *Index) post(edits []edit) {
	slices.SortFunc(edits, func(a, b edit) int {
		if a.gram != b.gram {
			return cmp.Compare(a.gram, b.gram)
		}
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.at, b.at))
	})
	for len(edits) > 0 {
		number := edits[0].gram >> bucketCut
		n := 1
		for n < len(edits) && edits[n].gram>>bucketCut == number {
			n++
		}
		x.buckets[number] = mergeBucket(x.buckets[number], edits[:n])
		edits = edits[n:]
	}
}

func mergeBucket(old []posting, edits []edit) []posting {
	merged := make([]posting, 0, len(old)+len(edits))
	for len(edits) > 0 {
		g := edits[0].gram
		n := 1
		for n < len(edits) && edits[n].gram == g {
			n++
		}
		for len(old) > 0 && old[0].gram < g {
			merged, old = append(merged, old[0]), old[1:]
		}
		var slots []int32
		if len(old) > 0 && old[0].gram == g {
			slots, old = old[0].slots, old[1:]
		}
		if slots = mergeSlots(slots, edits[:n]); len(slots) > 0 {
			merged = append(merged, posting{g, slots})
		}
		edits = edits[n:]
	}
	return slices.Clip(append(merged, old...))
}

func mergeSlots(old []int32, edits []edit) []int32 {
	merged := make([]int32, 0, len(old)+len(edits))
	for i, e := range edits {
		for len(old) > 0 && old[0] < e.slot {
			merged, old = append(merged, old[0]), old[1:]
		}
		if len(old) > 0 && old[0] == e.slot {
			old = old[1:]
		}
		if last := i+1 == len(edits) || edits[i+1].slot != e.slot; last && !e.out {
			merged = append(merged, e.slot)
		}
	}
	return append(merged, old...)
}

// slots lists the variants that hold a gram.
func (x *Index) slots(g gram) []int32 {
	if x.buckets == nil {
		return nil
	}
	bucket := x.buckets[g>>bucketCut]
	i, found := slices.BinarySearchFunc(bucket, g, func(p posting, g gram) int { return cmp.Compare(p.gram, g) })
	if !found {
		return nil
	}
	return bucket[i].slots
}
