package records

import (
	"cmp"
	"context"
	"slices"

	"deskmate/model"
)

// candidates gives the sessions of a window that a query may be in, newest first.
type candidates struct {
	ctx          context.Context //nolint:containedctx // lives for one search
	store        SearchStore
	account      uint64
	query        *query
	from, before uint64
	segments     []model.TextSegment // not asked yet, those with the newest session first
	open         []*matches          // asked, with sessions left
}

// matches are the sessions of one segment that a query may be in.
type matches struct {
	seg   model.TextSegment
	marks []uint64
	found []uint32 // numbers in the segment, ascending: the newest first
	block int      // that docs are of
	docs  []doc
}

func (s *Searcher) candidates(ctx context.Context, account uint64, q *query, from, before uint64) (*candidates, error) {
	c := &candidates{ctx: ctx, store: s.cfg.Store, account: account, query: q, from: from, before: before}
	var err error
	c.segments, err = c.store.TextSegments(ctx, account, from, before)
	return c, err
}

// next gives the newest session that is left; 0 for none.
func (c *candidates) next() (uint64, error) {
	for {
		best, at := uint64(0), -1
		for i, m := range c.open {
			id, err := c.head(m)
			if err != nil {
				return 0, err
			}
			if id > best {
				best, at = id, i
			}
		}
		if len(c.segments) > 0 && (at < 0 || c.segments[0].LastID >= best) {
			if err := c.ask(); err != nil {
				return 0, err
			}
			continue
		}
		if at < 0 || best < c.from {
			return 0, nil
		}
		c.open[at].found = c.open[at].found[1:]
		if c.before == 0 || best < c.before {
			c.before = best // the same one may come from another segment
			return best, nil
		}
	}
}

// head is the newest session that is left of a segment and below what was given; 0 for none.
func (c *candidates) head(m *matches) (uint64, error) {
	for len(m.found) > 0 {
		n := int(m.found[0])
		block := n / blockDocs
		if block+1 < len(m.marks) && c.before != 0 && m.marks[block+1] >= c.before { // all of it is too new
			at, _ := slices.BinarySearch(m.found, uint32((block+1)*blockDocs)) //nolint:gosec // a count
			m.found = m.found[at:]
			continue
		}
		if m.docs == nil || m.block != block {
			parts, err := c.store.TextParts(c.ctx, c.account, []uint64{m.seg.ID}, []int{docParts + block})
			if err != nil {
				return 0, err
			}
			if len(parts) == 0 {
				return 0, model.ErrStale // joined with others meanwhile
			}
			if m.docs, err = readBlock(parts[0].Data); err != nil {
				return 0, err
			}
			m.block = block
		}
		if n%blockDocs >= len(m.docs) {
			return 0, errBadPart
		}
		if id := m.docs[n%blockDocs].id; c.before == 0 || id < c.before {
			return id, nil
		}
		m.found = m.found[1:]
	}
	return 0, nil
}

// askedAtOnce is how many segments are read in one go.
const askedAtOnce = 4

// ask reads the postings of the next segments.
func (c *candidates) ask() error {
	some := c.segments[:min(askedAtOnce, len(c.segments))]
	c.segments = c.segments[len(some):]
	ids, wanted := make([]uint64, len(some)), []int{}
	for i, s := range some {
		ids[i] = s.ID
		wanted = append(wanted, c.query.buckets(s.Buckets)...)
	}
	slices.Sort(wanted)
	parts, err := c.store.TextParts(c.ctx, c.account, ids, slices.Compact(wanted))
	if err != nil {
		return err
	}
	var without []model.TextSegment
	for _, s := range some {
		found, err := c.query.match(s, parts)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			without = append(without, s)
			continue
		}
		c.open = append(c.open, &matches{seg: s, marks: blocks(s), found: found})
	}
	return c.stillThere(without)
}

// stillThere is [model.ErrStale] where one of the segments is gone: what was read of it may be a
// part, since the parts of a segment are removed after it.
func (c *candidates) stillThere(some []model.TextSegment) error {
	if len(some) == 0 {
		return nil
	}
	still, err := c.store.TextSegments(c.ctx, c.account, c.from, 0)
	if err != nil {
		return err
	}
	for _, s := range some {
		if !slices.ContainsFunc(still, func(o model.TextSegment) bool { return o.ID == s.ID }) {
			return model.ErrStale
		}
	}
	return nil
}

// buckets are those that a query needs.
func (q *query) buckets(of int) []int {
	var list []int
	for _, g := range q.grams {
		list = append(list, bucketOf(g.first(), of))
	}
	for _, r := range q.chars {
		list = append(list, bucketOf(r, of))
	}
	return list
}

// match gives the sessions of a segment that have all of a query's grams.
func (q *query) match(seg model.TextSegment, parts []model.TextPart) ([]uint32, error) {
	lists := map[gram][]byte{}
	chars := map[rune][]uint32{}
	var failed error
	for _, p := range parts {
		if p.SegmentID != seg.ID {
			continue
		}
		err := eachList(p.Data, func(g gram, list []byte) {
			if _, asked := slices.BinarySearch(q.grams, g); asked {
				lists[g] = list
			}
			if _, asked := slices.BinarySearch(q.chars, g.first()); asked {
				var err error
				chars[g.first()], err = numbers(list, chars[g.first()])
				failed = cmp.Or(failed, err)
			}
		})
		if failed = cmp.Or(failed, err); failed != nil {
			return nil, failed
		}
	}
	if len(lists) < len(q.grams) || len(chars) < len(q.chars) {
		return nil, nil
	}
	return intersect(lists, chars)
}

// intersect begins with the rarest.
func intersect(lists map[gram][]byte, chars map[rune][]uint32) ([]uint32, error) {
	var all [][]uint32
	for _, list := range lists {
		ns, err := numbers(list, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, ns)
	}
	for _, ns := range chars {
		slices.Sort(ns)
		all = append(all, slices.Compact(ns))
	}
	slices.SortFunc(all, func(a, b []uint32) int { return cmp.Compare(len(a), len(b)) })
	found := all[0]
	for _, other := range all[1:] {
		kept, at := found[:0], 0
		for _, n := range found {
			for at < len(other) && other[at] < n {
				at++
			}
			if at < len(other) && other[at] == n {
				kept = append(kept, n)
			}
		}
		found = kept
	}
	return found, nil
}
