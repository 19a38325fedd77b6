package sheet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// finish checks the rows against one another, keeps the good entries and puts the errors
// in order.
func (c *checker) finish() Import {
	c.duplicates()
	c.conflicts()
	in := &c.in
	good := 0 // the good ones move up: there may be many
	for i := range c.rows {
		number := c.rows[i].number
		if n := c.notes[number]; n != nil && n.bad {
			n.question, n.folded = c.entries[i].Question, c.entries[i].Folded
			continue
		}
		c.entries[good], c.folded[good] = c.entries[i], c.folded[i]
		in.Rows = append(in.Rows, number)
		good++
	}
	clear(c.entries[good:])
	in.Entries, in.folded = c.entries[:good], c.folded[:good]
	for _, n := range c.notes {
		in.notes = append(in.notes, *n)
		if n.bad {
			in.BadRows++
		}
	}
	slices.SortFunc(in.notes, func(a, b rowNote) int { return cmp.Compare(a.row, b.row) })
	slices.SortStableFunc(c.errors, func(a, b RowError) int { return cmp.Compare(a.Row, b.Row) })
	slices.SortStableFunc(in.Repairs, func(a, b Repair) int { return cmp.Compare(a.Row, b.Row) })
	in.ErrorCount = len(c.errors)
	in.Errors = c.errors[:min(len(c.errors), MaxReported)]
	return *in
}

// duplicates finds questions and refs that stand twice: the first one stays.
func (c *checker) duplicates() {
	refs := map[string]int{}
	for i := range c.entries {
		e, r := &c.entries[i], &c.rows[i]
		if e.Folded != "" {
			if first, ok := c.questions[e.Folded]; ok {
				c.fail(RowDuplicate, RowError{Row: r.number, Column: r.question, Message: fmt.Sprintf("第 %d 行与第 %d 行的标准问题相同", r.number, first)})
			} else {
				c.questions[e.Folded] = r.number
			}
		}
		if e.Ref == "" {
			continue
		}
		if first, ok := refs[e.Ref]; ok {
			c.failAt(r.number, r.ref, "第 %d 行与第 %d 行的编号相同", r.number, first)
		} else {
			refs[e.Ref] = r.number
		}
	}
}

// conflicts finds similar questions that are the standard question of another row.
func (c *checker) conflicts() {
	for i := range c.entries {
		r := &c.rows[i]
		for n, f := range c.folded[i] {
			if other, ok := c.questions[f]; ok && other != r.number {
				c.fail(RowConflict, RowError{Row: r.number, Column: r.holding(c.entries[i].Similar[n]), Message: fmt.Sprintf("有一个相似问题是第 %d 行的标准问题", other)})
			}
		}
	}
}

// holding is the column that has the similar question.
func (r *checkedRow) holding(line string) string {
	for _, at := range r.similar {
		if strings.Contains(at.text, line) {
			return at.column
		}
	}
	return fieldSimilar.header()
}
