package match

import (
	"cmp"
	"slices"
	"sync"

	"deskmate/model"
)

// Index finds the entries of one account that a question may mean. It never
// changes: [Index.With] makes a new one that shares what stayed the same, so that
// readers need no lock and never see half a change. Entries that are off or drafts are
// not in it. The zero value is an empty index.
type Index struct {
	entries  []*indexed // by id
	variants table      // by slot
	free     []uint32   // slots that nobody uses
	live     int        // variants in use
	buckets  []*bucket  // the inverted index; nil in an empty one

	synonyms   *synonyms
	weights    *Weights // nil: those that ship
	encoder    *Encoder // nil: none
	vectors    vectors  // by slot; empty without an encoder
	embeddings embeddings
	scratch    *sync.Pool // of *scratch
}

// indexed is an entry and its variants.
type indexed struct {
	entry model.Entry
	slots []uint32 // the standard question's first
}

// variant is one way in which an entry's question is put.
type variant struct {
	of    *indexed // nil where the slot is free
	codes []uint32 // its units and then its letters
	units uint16   // how many of codes are units
	place uint16   // 0 is the standard question
}

func (v *variant) code(buf []unit, letters []gram) code {
	for _, u := range v.codes[:v.units] {
		buf = append(buf, unit(u))
	}
	for _, g := range v.codes[v.units:] {
		letters = append(letters, gram(g))
	}
	return code{buf, letters}
}

// text is the variant as written.
func (v *variant) text() string {
	if v.place == 0 {
		return v.of.entry.Question
	}
	return v.of.entry.Similar[v.place-1]
}

// Options are what an index is built with besides entries. The zero value is what most
// accounts have.
type Options struct {
	Synonyms []model.Synonym // words that mean the same to this account
	Weights  *Weights        // nil: those that ship
}

// NewIndex builds the index of the entries that are on and published.
func NewIndex(entries []model.Entry, opts Options) *Index {
	return (&Index{synonyms: newSynonyms(opts.Synonyms), weights: opts.Weights}).With(entries, nil)
}

// Len is how many entries the index holds.
func (x *Index) Len() int { return len(x.entries) }

// Variants is how many variants the index holds.
func (x *Index) Variants() int { return x.live }

// Texts lists the variants as written, each once, sorted.
func (x *Index) Texts() []string {
	texts := make([]string, 0, x.live)
	for _, in := range x.entries {
		for _, slot := range in.slots {
			texts = append(texts, x.variants.at(slot).text())
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// Entry gives an entry that is on; ok is false for any other.
func (x *Index) Entry(id uint64) (entry model.Entry, ok bool) {
	in, ok := x.entry(id)
	if !ok {
		return model.Entry{}, false
	}
	return in.entry, true
}

func (x *Index) entry(id uint64) (in *indexed, ok bool) {
	at, ok := slices.BinarySearchFunc(x.entries, id, byID)
	if !ok {
		return nil, false
	}
	return x.entries[at], true
}

func byID(in *indexed, id uint64) int { return cmp.Compare(in.entry.ID, id) }

// WithSynonyms is the index with other words that mean the same. It reads every variant
// anew.
func (x *Index) WithSynonyms(words []model.Synonym) *Index {
	next := &Index{synonyms: newSynonyms(words), weights: x.weights, encoder: x.encoder, embeddings: x.embeddings}
	entries := make([]model.Entry, len(x.entries))
	for i, in := range x.entries {
		entries[i] = in.entry
	}
	return next.With(entries, nil)
}

// WithEncoder is the index with another encoder; nil takes it off.
func (x *Index) WithEncoder(e *Encoder) *Index {
	next := *x
	next.encoder = e
	next.vectors = nil
	if e == nil {
		return &next
	}
	next.vectors = make(vectors, len(x.variants))
	for _, in := range x.entries {
		for _, slot := range in.slots {
			next.vectors.set(slot, e.encode(next.fitted(), x.variants.at(slot)))
		}
	}
	return &next
}

// fitted gives the weights in use.
func (x *Index) fitted() *Weights {
	if x.weights == nil {
		return shipped()
	}
	return x.weights
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

// slots lists the variants that hold a gram.
func (x *Index) slots(g gram) []uint32 {
	if x.buckets == nil {
		return nil
	}
	return x.buckets[g>>bucketCut].find(g)
}

// table holds variants by slot, in chunks, so that a change copies few of them.
type table []*chunk

const chunkSize = 128

type chunk struct {
	norms    [chunkSize]float32 // lengths of the vectors of grams by their weight anywhere
	variants [chunkSize]variant
}

func (t table) at(slot uint32) *variant  { return &t[slot/chunkSize].variants[slot%chunkSize] }
func (t table) norm(slot uint32) float32 { return t[slot/chunkSize].norms[slot%chunkSize] }

func (t table) set(slot uint32, v variant, norm float32) {
	*t.at(slot) = v
	t[slot/chunkSize].norms[slot%chunkSize] = norm
}
