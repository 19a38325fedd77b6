package sheet

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// checker goes through the rows of a file: first each by itself, as it is read, then
// against the others.
type checker struct {
	in        Import
	loc       *time.Location
	errors    []RowError
	entries   []model.Entry // one a row that isn't blank
	folded    [][]string    // the same: similar questions as matching sees them
	rows      []checkedRow  // the same
	notes     map[int]*rowNote
	questions map[string]int    // row number by folded question
	groups    map[string]string // good ones, to keep each once
	seen      map[string]bool
}

// checkedRow is what is still to be known of a row when all are read.
type checkedRow struct {
	number        int
	question, ref string // columns
	similar       []cell
}

func newChecker(loc *time.Location) *checker {
	return &checker{loc: loc, notes: map[int]*rowNote{}, questions: map[string]int{}, groups: map[string]string{}, seen: map[string]bool{}}
}

func (c *checker) warn(format string, args ...any) {
	c.in.Warnings = append(c.in.Warnings, fmt.Sprintf(format, args...))
}

func (c *checker) fail(kind RowKind, e RowError) {
	c.errors = append(c.errors, e)
	c.noted(e.Row).fail(kind, e)
}

func (c *checker) failAt(number int, column, format string, args ...any) {
	c.fail(RowInvalid, RowError{Row: number, Column: column, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) mended(number int, column, what string) {
	r := Repair{number, column, what}
	c.in.RepairCount++
	if len(c.in.Repairs) < MaxReported {
		c.in.Repairs = append(c.in.Repairs, r)
	}
	c.noted(number).mend(r)
}

func (c *checker) noted(number int) *rowNote {
	n := c.notes[number]
	if n == nil {
		n = &rowNote{row: number}
		c.notes[number] = n
	}
	return n
}

// row checks a row by itself; blank ones are left out.
func (c *checker) row(r *row) {
	if r.broken != nil {
		c.fail(RowInvalid, *r.broken)
		return
	}
	if c.mend(r) || c.goesOn(r) {
		return
	}
	e := model.Entry{Group: c.group(r), State: c.state(r), Ref: c.ref(r), Draft: c.draft(r)}
	e.Question = c.text(r, fieldQuestion, maxQuestion)
	e.Answer = c.text(r, fieldAnswer, maxAnswer)
	e.More = c.more(r)
	e.ValidFromMS, e.ValidUntilMS = c.validity(r)
	e.Folded = fold(e.Question)
	if column := r.one(fieldQuestion).column; e.Question != "" && e.Folded == "" {
		c.failAt(r.number, column, "没有可以匹配的文字")
	} else if n := utf8.RuneCountInString(e.Folded); n > maxQuestion && utf8.RuneCountInString(e.Question) <= maxQuestion {
		c.failAt(r.number, column, "展开后超过 %d 个字符（现有 %d 个）", maxQuestion, n)
	}
	clear(c.seen)
	c.seen[e.Folded] = true
	similar, folded := c.similar(r, e.Folded)
	e.Similar = similar
	c.entries, c.folded = append(c.entries, e), append(c.folded, folded)
	c.rows = append(c.rows, checkedRow{r.number, r.one(fieldQuestion).column, r.one(fieldRef).column, slices.Clone(r.cells[fieldSimilar])})
}

// mend repairs the cells of a row and finds characters that none may have; it reports
// whether the row is blank.
func (c *checker) mend(r *row) (blank bool) {
	blank = true
	for f := range r.cells {
		for i := range r.cells[f] {
			at := &r.cells[f][i]
			clean, what := mendCell(at.text, at.verbatim)
			at.text = clean
			blank = blank && clean == ""
			for _, w := range what {
				c.mended(r.number, at.column, w)
			}
			if len(what) > 0 {
				c.in.repaired++
			}
			if char, place := illegal(clean); place > 0 {
				c.fail(RowInvalid, illegalError(r.number, at.column, char, place))
			}
		}
	}
	return blank
}

// goesOn takes a row that only has similar questions for more of those of the row above: in a
// native file, and where the question's cells are merged.
func (c *checker) goesOn(r *row) bool {
	last := len(c.entries) - 1
	if !c.in.Native && !r.continues || last < 0 || r.holds(fieldQuestion) || r.holds(fieldAnswer) || !r.holds(fieldSimilar) {
		return false
	}
	e := &c.entries[last]
	similar, folded := c.similar(r, e.Folded) // c.seen is still that of the row above
	if n := c.notes[r.number]; n != nil && n.bad {
		return true
	}
	e.Similar, c.folded[last] = append(e.Similar, similar...), append(c.folded[last], folded...)
	c.rows[last].similar = append(c.rows[last].similar, r.cells[fieldSimilar]...)
	c.mended(c.rows[last].number, r.one(fieldSimilar).column, fmt.Sprintf("第 %d 行的相似问题已并入", r.number))
	return true
}

// text checks a cell that must not be empty.
func (c *checker) text(r *row, f field, limit int) string {
	at := r.one(f)
	if at.text == "" {
		c.failAt(r.number, at.column, "%s不能为空", f.header())
	}
	c.limit(r, at, at.text, limit)
	return at.text
}

func (c *checker) limit(r *row, at cell, text string, limit int) {
	if len(text) <= limit {
		return
	}
	if n := utf8.RuneCountInString(text); n > limit {
		c.failAt(r.number, at.column, "超过 %d 个字符（现有 %d 个）", limit, n)
	}
}

// group reads a path of groups and writes it in the one form: parts trimmed, none
// empty.
func (c *checker) group(r *row) string {
	var parts []string
	for _, at := range r.cells[fieldGroup] {
		text := strings.ReplaceAll(at.text, "\n", " ")
		if at.level && strings.Contains(text, "/") {
			text = strings.ReplaceAll(text, "/", "／")
			c.mended(r.number, at.column, "组名里的“/”已改为“／”")
		}
		for part := range strings.SplitSeq(text, "/") {
			if part = trimBlank(part); part != "" {
				parts = append(parts, part)
			}
		}
	}
	path := strings.Join(parts, "/")
	if known, ok := c.groups[path]; ok {
		return known
	}
	c.limit(r, r.one(fieldGroup), path, maxGroup)
	if len(path) <= maxGroup {
		c.groups[path] = path
	}
	return path
}

func (c *checker) state(r *row) model.EntryState {
	at := r.one(fieldState)
	state, ok := stateWord(strings.ToLower(at.text))
	if !ok {
		c.failAt(r.number, at.column, "状态只能是“启用”或“停用”")
	}
	return state
}

func (c *checker) draft(r *row) bool {
	at := r.one(fieldDraft)
	draft, ok := draftWord(strings.ToLower(at.text))
	if !ok {
		c.failAt(r.number, at.column, "草稿只能是“是”或空着")
	}
	return draft
}

func (c *checker) ref(r *row) string {
	at := r.one(fieldRef)
	if n := len(at.text); n > maxRefBytes {
		c.failAt(r.number, at.column, "超过 %d 字节（现有 %d 字节）", maxRefBytes, n)
	}
	return at.text
}

// more reads the further messages; empty ones close up.
func (c *checker) more(r *row) []string {
	var list []string
	for _, at := range r.cells[fieldMore] {
		if at.text == "" {
			continue
		}
		c.limit(r, at, at.text, maxAnswer)
		if list = append(list, at.text); len(list) == model.MoreMax+1 {
			c.failAt(r.number, at.column, "一条知识最多 %d 条消息", model.MoreMax+1)
		}
	}
	return list
}

func (c *checker) validity(r *row) (fromMS, untilMS int64) {
	from, until := r.one(fieldFrom), r.one(fieldUntil)
	fromMS, fromOK := c.time(r, from)
	untilMS, untilOK := c.time(r, until)
	if fromOK && untilOK && untilMS != 0 && untilMS <= fromMS {
		c.failAt(r.number, until.column, "失效时间必须晚于生效时间")
	}
	return fromMS, untilMS
}

func (c *checker) time(r *row, at cell) (ms int64, ok bool) {
	ms, ok = parseTime(at.text, c.loc)
	if !ok {
		c.failAt(r.number, at.column, "时间要写成 2026-01-31 或 2026-01-31 18:00")
	}
	return ms, ok
}

// fold is match.Fold, of which a text that folds to itself is kept once.
func fold(text string) string {
	if folded := match.Fold(text); folded != text {
		return folded
	}
	return text
}

// similar reads the similar questions of a row, none twice or in c.seen, and how matching
// sees them.
func (c *checker) similar(r *row, standard string) (list, folded []string) {
	for _, at := range r.cells[fieldSimilar] {
		for _, line := range c.split(r, at) {
			line = trimBlank(line)
			if line == "" {
				continue
			}
			f := fold(line)
			switch {
			case f == "":
				c.mended(r.number, at.column, "没有文字的相似问题已去掉")
				continue
			case f == standard:
				c.mended(r.number, at.column, "与标准问题相同的相似问题已去掉")
				continue
			case c.seen[f]:
				c.mended(r.number, at.column, "重复的相似问题已去掉")
				continue
			}
			c.seen[f] = true
			c.limit(r, at, line, maxQuestion)
			list, folded = append(list, line), append(folded, f)
		}
	}
	return list, folded
}

// split cuts a cell into similar questions: one a line, and in native files as
// [splitSimilar] says.
func (c *checker) split(r *row, at cell) []string {
	if !c.in.Native || strings.Contains(at.text, "\n") {
		return strings.Split(at.text, "\n")
	}
	parts := splitSimilar(at.text)
	if len(parts) > 1 {
		c.mended(r.number, at.column, fmt.Sprintf("已拆成 %d 个相似问题", len(parts)))
	}
	return parts
}
