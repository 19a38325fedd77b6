package records

import (
	"deskmate/model"
)

// mergeOf is how many segments of a size become one.
const mergeOf = 8

// fullDocs is how many sessions a segment has that is never joined with others.
const fullDocs = 16384

// tier is the size of a segment; -1 for a full one.
func tier(docs int) int {
	switch {
	case docs < 256:
		return 0
	case docs < 2048:
		return 1
	case docs < fullDocs:
		return 2
	}
	return -1
}

// mergeable gives segments of one size that shall become one; none where there is nothing to do.
func mergeable(segments []model.TextSegment) []model.TextSegment {
	var of [3][]model.TextSegment
	for _, s := range segments {
		if t := tier(s.Docs); t >= 0 {
			of[t] = append(of[t], s)
			if len(of[t]) == mergeOf {
				return of[t]
			}
		}
	}
	return nil
}

// merge joins segments, given all of their parts. Of a session that is in several the one with
// most of its messages stays.
func merge(segments []model.TextSegment, parts map[uint64][]model.TextPart) (*builder, error) {
	return mergeWithout(segments, parts, nil)
}

// mergeWithout is merge that leaves sessions out.
func mergeWithout(segments []model.TextSegment, parts map[uint64][]model.TextPart, drop map[uint64]bool) (*builder, error) {
	b := newBuilder()
	docs := make(map[uint64][]doc, len(segments))
	best := map[uint64]int{} // session → lines
	for _, s := range segments {
		list := make([]doc, s.Docs)
		for _, p := range parts[s.ID] {
			if p.Part < docParts {
				continue
			}
			block, err := readBlock(p.Data)
			if err != nil {
				return nil, err
			}
			if at := (p.Part - docParts) * blockDocs; at+len(block) <= len(list) {
				copy(list[at:], block)
			}
		}
		docs[s.ID] = list
		for _, d := range list {
			best[d.id] = max(best[d.id], d.lines)
		}
	}
	const gone = -1
	for _, s := range segments {
		renumber := make([]int, s.Docs)
		for i, d := range docs[s.ID] {
			renumber[i] = gone
			if d.id != 0 && best[d.id] == d.lines && !drop[d.id] {
				best[d.id] = gone // others with as many say the same
				renumber[i] = len(b.docs)
				b.docs = append(b.docs, d)
			}
		}
		if err := b.join(parts[s.ID], renumber); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// join adds the postings of one segment under new numbers.
func (b *builder) join(parts []model.TextPart, renumber []int) error {
	var scratch []uint32
	for _, p := range parts {
		if p.Part >= docParts {
			continue
		}
		var failed error
		err := eachList(p.Data, func(g gram, list []byte) {
			var err error
			if scratch, err = numbers(list, scratch[:0]); err != nil {
				failed = err
				return
			}
			for _, n := range scratch {
				if int(n) < len(renumber) && renumber[n] >= 0 {
					b.postings[g] = append(b.postings[g], uint32(renumber[n])) //nolint:gosec // a place in a list
					b.count++
				}
			}
		})
		if err != nil || failed != nil {
			return errBadPart
		}
	}
	return nil
}
