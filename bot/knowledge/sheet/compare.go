package sheet

import (
	"fmt"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// Compare says what importing a file into a base would do, row by row; replace takes the
// file for the whole base. As on importing, an entry is the row's if it has its standard
// question, and keeps its Ref where the row has none. A row whose question is a similar
// question of another entry, or the other way round, is flagged as a conflict but taken,
// unless that entry gets other contents from the file or goes.
func Compare(in Import, existing []model.Entry, replace bool) Report {
	c := comparison{in: &in, report: Report{Warnings: in.Warnings, Native: in.Native}}
	c.byQuestion = make(map[string]*model.Entry, len(existing))
	for i := range existing {
		c.byQuestion[foldedOf(&existing[i])] = &existing[i]
	}
	c.taken = make(map[string]bool, len(in.Entries))
	for i := range in.Entries {
		c.taken[foldedOf(&in.Entries[i])] = true
	}
	c.own(existing, replace)
	c.rows()
	if replace {
		c.removed(existing)
	}
	c.count()
	return c.report
}

// comparison is a report at work.
type comparison struct {
	in         *Import
	report     Report
	byQuestion map[string]*model.Entry // what the base has
	taken      map[string]bool         // folded standard questions of good rows
	owners     map[string]owner        // folded questions of what will be in the base
}

// owner is who has a question: an entry that stays, or a row.
type owner struct {
	entry    *model.Entry
	row      int
	standard bool
}

func foldedOf(e *model.Entry) string {
	if e.Folded != "" {
		return e.Folded
	}
	return match.Fold(e.Question)
}

// own finds the owner of every question: of two that have one, the first, and entries of
// the base come first.
func (c *comparison) own(existing []model.Entry, replace bool) {
	c.owners = make(map[string]owner, 2*len(c.in.Entries))
	add := func(folded string, o owner) {
		if _, there := c.owners[folded]; !there {
			c.owners[folded] = o
		}
	}
	for i := range existing {
		e := &existing[i]
		folded := foldedOf(e)
		if replace || c.taken[folded] {
			continue
		}
		add(folded, owner{entry: e, standard: true})
		for _, text := range e.Similar {
			add(match.Fold(text), owner{entry: e})
		}
	}
	for i := range c.in.Entries {
		add(foldedOf(&c.in.Entries[i]), owner{row: c.in.Rows[i], standard: true})
	}
	for i := range c.in.Entries {
		for _, folded := range c.similar(i) {
			add(folded, owner{row: c.in.Rows[i]})
		}
	}
}

// similar gives the folded similar questions of the ith entry.
func (c *comparison) similar(i int) []string {
	if len(c.in.folded) == len(c.in.Entries) {
		return c.in.folded[i]
	}
	var list []string // the import wasn't read from a file
	for _, text := range c.in.Entries[i].Similar {
		list = append(list, match.Fold(text))
	}
	return list
}

// rows reports the rows: good ones and notes are both in row order.
func (c *comparison) rows() {
	c.report.Rows = make([]ReportRow, 0, len(c.in.Entries)+c.in.BadRows)
	notes := c.in.notes
	for i := range c.in.Entries {
		number := c.in.Rows[i]
		for ; len(notes) > 0 && notes[0].row < number; notes = notes[1:] {
			c.bad(&notes[0])
		}
		row := c.good(i)
		if len(notes) > 0 && notes[0].row == number {
			row.Repairs, notes = notes[0].repairs, notes[1:]
		}
		c.report.Rows = append(c.report.Rows, row)
	}
	for i := range notes {
		c.bad(&notes[i])
	}
}

// bad reports a row that isn't taken; notes of rows that became part of another have
// nothing to say.
func (c *comparison) bad(n *rowNote) {
	if !n.bad {
		return
	}
	row := ReportRow{
		Row: n.row, Kind: n.kind, Bad: true, Column: n.first.Column, Char: n.first.Char, Message: n.first.Message,
		Also: n.also, Question: n.question, Repairs: n.repairs,
	}
	if old := c.byQuestion[n.folded]; old != nil && n.folded != "" {
		row.EntryID = old.ID
	}
	c.report.Rows = append(c.report.Rows, row)
}

func (c *comparison) good(i int) ReportRow {
	e := c.in.Entries[i]
	row := ReportRow{Row: c.in.Rows[i], Kind: RowNew, Question: e.Question}
	if old := c.byQuestion[foldedOf(&e)]; old != nil {
		row.EntryID = old.ID
		if e.Ref == "" {
			e.Ref = old.Ref
		}
		if e.Same(old) {
			row.Kind = RowSame
			return row
		}
		row.Kind, row.Changes = RowChanged, changes(old, &e)
	}
	c.conflict(&row, i)
	return row
}

// conflict flags a row one of whose questions belongs to another entry or row.
func (c *comparison) conflict(row *ReportRow, i int) {
	flag := func(folded string, standard bool) bool {
		o := c.owners[folded]
		if o.entry == nil && (o.row == row.Row || o.row == 0) {
			return false
		}
		row.Kind, row.Message = RowConflict, conflictText(o, standard)
		if o.entry != nil {
			row.OtherID = o.entry.ID
		}
		return true
	}
	if flag(foldedOf(&c.in.Entries[i]), true) {
		return
	}
	for _, folded := range c.similar(i) {
		if flag(folded, false) {
			return
		}
	}
}

func conflictText(o owner, standard bool) string {
	mine, theirs := "有一个相似问题", "相似问题"
	if standard {
		mine = "标准问题"
	}
	if o.standard {
		theirs = "标准问题"
	}
	if o.entry == nil {
		return fmt.Sprintf("%s也是第 %d 行的%s", mine, o.row, theirs)
	}
	return fmt.Sprintf("%s也是“%s”的%s", mine, o.entry.Question, theirs)
}

// removed lists the entries that the file doesn't have.
func (c *comparison) removed(existing []model.Entry) {
	asking := map[string]int{} // bad rows
	for i := range c.in.notes {
		if n := &c.in.notes[i]; n.bad && n.folded != "" {
			asking[n.folded] = n.row
		}
	}
	for i := range existing {
		e := &existing[i]
		folded := foldedOf(e)
		if c.taken[folded] {
			continue
		}
		row := ReportRow{Kind: RowRemoved, EntryID: e.ID, Question: e.Question, Row: asking[folded]}
		if row.Row > 0 {
			row.Message = fmt.Sprintf("第 %d 行有错误，跳过它会移除这一条", row.Row)
		}
		c.report.Rows = append(c.report.Rows, row)
	}
}

func (c *comparison) count() {
	n := &c.report.Counts
	n.Repaired = c.in.repaired
	for i := range c.report.Rows {
		row := &c.report.Rows[i]
		if row.Bad {
			c.report.Bad++
		}
		switch row.Kind {
		case RowNew:
			n.New++
		case RowChanged:
			n.Changed++
		case RowSame:
			n.Same++
		case RowDuplicate:
			n.Duplicate++
		case RowConflict:
			n.Conflict++
		case RowInvalid:
			n.Invalid++
		case RowRemoved:
			n.Removed++
		}
	}
}
