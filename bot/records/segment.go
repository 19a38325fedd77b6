package records

import (
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"deskmate/model"
)

// Where the parts of a segment are: postings from 0 on, then blocks of sessions.
const (
	docParts  = 1 << 20
	blockDocs = 512 // sessions in a block
)

// bucketBytes is what a bucket of postings shall have, about.
const bucketBytes = 24 << 10

// maxBuckets keeps the parts of a segment few.
const maxBuckets = 1024

var errBadPart = errors.New("a part of the text index is broken")

// doc is a session in a segment.
type doc struct {
	id    uint64
	lines int // as many of its messages are indexed
}

// builder gathers what goes into a segment.
type builder struct {
	docs     []doc
	postings map[gram][]uint32 // numbers in docs, ascending
	count    int
}

func newBuilder() *builder { return &builder{postings: map[gram][]uint32{}} }

// add adds a session with its texts.
func (b *builder) add(d doc, fold Folder, texts []string) {
	n := uint32(len(b.docs)) //nolint:gosec // a segment has few
	b.docs = append(b.docs, d)
	for _, text := range texts {
		eachGram(fold.fold(text).runes, func(g gram) { b.post(g, n) })
	}
}

func (b *builder) post(g gram, n uint32) {
	list := b.postings[g]
	if len(list) == 0 || list[len(list)-1] != n {
		b.postings[g] = append(list, n)
		b.count++
	}
}

// sorted numbers the sessions anew, from the newest.
func (b *builder) sorted() {
	order := make([]uint32, len(b.docs))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int { return cmp.Compare(b.docs[y].id, b.docs[x].id) })
	number, docs := make([]uint32, len(order)), make([]doc, len(order))
	for n, i := range order {
		number[i], docs[n] = uint32(n), b.docs[i]
	}
	b.docs = docs
	for _, list := range b.postings {
		for i := range list {
			list[i] = number[list[i]]
		}
		slices.Sort(list)
	}
}

// segment writes what was gathered.
func (b *builder) segment(accountID, id uint64) (model.TextSegment, []model.TextPart) {
	b.sorted()
	buckets := 1
	for buckets < maxBuckets && buckets*bucketBytes < b.count*3/2+len(b.postings)*5 {
		buckets *= 2
	}
	seg := model.TextSegment{
		AccountID: accountID, ID: id, Docs: len(b.docs), Buckets: buckets, LastID: b.docs[0].id, FirstID: b.docs[len(b.docs)-1].id,
	}
	grams := make([][]gram, buckets)
	for g := range maps.Keys(b.postings) {
		n := bucketOf(g.first(), buckets)
		grams[n] = append(grams[n], g)
	}
	var parts []model.TextPart
	for n, list := range grams {
		if len(list) > 0 {
			slices.Sort(list)
			parts = append(parts, model.TextPart{AccountID: accountID, SegmentID: id, Part: n, Data: b.bucket(list)})
		}
	}
	for n := 0; n*blockDocs < len(b.docs); n++ {
		block := b.docs[n*blockDocs : min(len(b.docs), (n+1)*blockDocs)]
		seg.Marks = binary.BigEndian.AppendUint64(seg.Marks, block[0].id)
		parts = append(parts, model.TextPart{AccountID: accountID, SegmentID: id, Part: docParts + n, Data: writeBlock(block)})
	}
	for _, p := range parts {
		seg.Bytes += int64(len(p.Data))
	}
	return seg, parts
}

// bucket writes grams, each as the distance from the one before, the length of its postings
// and these: distances, too.
func (b *builder) bucket(grams []gram) []byte {
	var out, list []byte
	last := gram(0)
	for _, g := range grams {
		list = list[:0]
		before := uint32(0)
		for _, n := range b.postings[g] {
			list = binary.AppendUvarint(list, uint64(n-before))
			before = n
		}
		out = binary.AppendUvarint(out, uint64(g-last))
		out = binary.AppendUvarint(out, uint64(len(list)))
		out = append(out, list...)
		last = g
	}
	return out
}

// eachList gives the grams of a bucket with their postings, as they are written.
func eachList(data []byte, do func(g gram, list []byte)) error {
	g := gram(0)
	for len(data) > 0 {
		step, n := binary.Uvarint(data)
		if n <= 0 {
			return errBadPart
		}
		size, m := binary.Uvarint(data[n:])
		if m <= 0 || size > uint64(len(data[n+m:])) {
			return errBadPart
		}
		g += gram(step)
		data = data[n+m:]
		do(g, data[:size])
		data = data[size:]
	}
	return nil
}

// numbers reads postings.
func numbers(list []byte, into []uint32) ([]uint32, error) {
	last := uint32(0)
	for len(list) > 0 {
		step, n := binary.Uvarint(list)
		if n <= 0 {
			return nil, errBadPart
		}
		last += uint32(step) //nolint:gosec // written as such
		into = append(into, last)
		list = list[n:]
	}
	return into, nil
}

func writeBlock(docs []doc) []byte {
	var out []byte
	last := docs[0].id
	out = binary.AppendUvarint(out, last)
	for _, d := range docs {
		out = binary.AppendUvarint(out, last-d.id)
		out = binary.AppendUvarint(out, uint64(d.lines)) //nolint:gosec // a count
		last = d.id
	}
	return out
}

func readBlock(data []byte) ([]doc, error) {
	last, n := binary.Uvarint(data)
	if n <= 0 {
		return nil, errBadPart
	}
	data = data[n:]
	docs := make([]doc, 0, blockDocs)
	for len(data) > 0 {
		step, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, errBadPart
		}
		lines, m := binary.Uvarint(data[n:])
		if m <= 0 {
			return nil, errBadPart
		}
		last -= step
		docs = append(docs, doc{last, int(lines)}) //nolint:gosec // a count
		data = data[n+m:]
	}
	return docs, nil
}

// blocks are the newest sessions of a segment's blocks.
func blocks(seg model.TextSegment) []uint64 {
	marks := make([]uint64, len(seg.Marks)/8)
	for i := range marks {
		marks[i] = binary.BigEndian.Uint64(seg.Marks[i*8:])
	}
	return marks
}
