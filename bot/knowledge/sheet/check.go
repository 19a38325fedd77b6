package sheet

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// checker goes through the rows of a file: first each by itself, then against the
// others.
type checker struct {
	in        Import
	errors    []RowError
	entries   []model.Entry // one a row that isn't blank
	rows      []row         // the same
	bad       map[int]bool  // by row number
	questions map[string]int
}

// check turns rows into entries and tells what is wrong with them.
func check(rows []row) Import {
	c := checker{bad: map[int]bool{}, questions: map[string]int{}}
	for _, r := range rows {
		if r.broken != nil {
			c.fail(*r.broken)
			continue
		}
		c.row(r)
	}
	c.duplicates()
	c.conflicts()
	return c.finish()
}

func (c *checker) fail(e RowError) {
	c.errors = append(c.errors, e)
	c.bad[e.Row] = true
}

func (c *checker) failAt(number int, at cell, format string, args ...any) {
	c.fail(RowError{Row: number, Column: at.column, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) note(number int, column, what string) {
	c.in.RepairCount++
	if len(c.in.Repairs) < MaxReported {
		c.in.Repairs = append(c.in.Repairs, Repair{number, column, what})
	}
}

// row checks a row by itself; blank ones are left out.
func (c *checker) row(r row) {
	blank := true
	for f := range r.cells {
		for i := range r.cells[f] {
			at := &r.cells[f][i]
			clean, what := repair(at.text)
			at.text = clean
			blank = blank && clean == ""
			for _, w := range what {
				c.note(r.number, at.column, w)
			}
			if char, place := illegal(clean); place > 0 {
				c.fail(illegalError(r.number, at.column, char, place))
			}
		}
	}
	if blank {
		return
	}
	e := model.Entry{Group: c.group(&r), State: c.state(&r), Ref: c.ref(&r)}
	e.Question = c.text(&r, fieldQuestion, maxQuestion)
	e.Answer = c.text(&r, fieldAnswer, maxAnswer)
	e.Folded = match.Fold(e.Question)
	if at := r.one(fieldQuestion); e.Question != "" && e.Folded == "" {
		c.failAt(r.number, at, "没有可以匹配的文字")
	} else if n := utf8.RuneCountInString(e.Folded); n > maxQuestion && utf8.RuneCountInString(e.Question) <= maxQuestion {
		c.failAt(r.number, at, "展开后超过 %d 个字符（现有 %d 个）", maxQuestion, n)
	}
	e.Similar = c.similar(&r, e.Folded)
	c.rows, c.entries = append(c.rows, r), append(c.entries, e)
}

// one is the only cell of a field; where the file has none, an empty one with the
// field's name.
func (r *row) one(f field) cell {
	if len(r.cells[f]) > 0 {
		return r.cells[f][0]
	}
	return cell{column: f.header()}
}

// text checks a cell that must not be empty.
func (c *checker) text(r *row, f field, limit int) string {
	at := r.one(f)
	if at.text == "" {
		c.failAt(r.number, at, "%s不能为空", f.header())
	}
	c.limit(r, at, at.text, limit)
	return at.text
}

func (c *checker) limit(r *row, at cell, text string, limit int) {
	if n := utf8.RuneCountInString(text); n > limit {
		c.failAt(r.number, at, "超过 %d 个字符（现有 %d 个）", limit, n)
	}
}

// group reads a path of groups and writes it in the one form: parts trimmed, none
// empty.
func (c *checker) group(r *row) string {
	at := r.one(fieldGroup)
	var parts []string
	for part := range strings.SplitSeq(strings.ReplaceAll(at.text, "\n", " "), "/") {
		if part = trimBlank(part); part != "" {
			parts = append(parts, part)
		}
	}
	path := strings.Join(parts, "/")
	c.limit(r, at, path, maxGroup)
	return path
}

func (c *checker) state(r *row) model.EntryState {
	at := r.one(fieldState)
	switch strings.ToLower(at.text) {
	case "", "启用", string(model.EntryOn):
		return model.EntryOn
	case "停用", string(model.EntryOff):
		return model.EntryOff
	}
	c.failAt(r.number, at, "状态只能是“启用”或“停用”")
	return model.EntryOn
}

func (c *checker) ref(r *row) string {
	at := r.one(fieldRef)
	if n := len(at.text); n > maxRefBytes {
		c.failAt(r.number, at, "超过 %d 字节（现有 %d 字节）", maxRefBytes, n)
	}
	return at.text
}

// similar reads the similar questions: one a line, none twice.
func (c *checker) similar(r *row, standard string) []string {
	var list []string
	seen := map[string]bool{}
	for _, at := range r.cells[fieldSimilar] {
		for line := range strings.SplitSeq(at.text, "\n") {
			line = trimBlank(line)
			if line == "" {
				continue
			}
			folded := match.Fold(line)
			switch {
			case folded == "":
				c.note(r.number, at.column, "没有文字的相似问题已去掉")
				continue
			case folded == standard:
				c.note(r.number, at.column, "与标准问题相同的相似问题已去掉")
				continue
			case seen[folded]:
				c.note(r.number, at.column, "重复的相似问题已去掉")
				continue
			}
			seen[folded] = true
			c.limit(r, at, line, maxQuestion)
			list = append(list, line)
		}
	}
	return list
}

// duplicates finds questions and refs that stand twice: the first one stays.
func (c *checker) duplicates() {
	refs := map[string]int{}
	for i := range c.entries {
		e, r := &c.entries[i], &c.rows[i]
		if e.Folded != "" {
			if first, ok := c.questions[e.Folded]; ok {
				c.failAt(r.number, r.one(fieldQuestion), "第 %d 行与第 %d 行的标准问题相同", r.number, first)
			} else {
				c.questions[e.Folded] = r.number
			}
		}
		if e.Ref == "" {
			continue
		}
		if first, ok := refs[e.Ref]; ok {
			c.failAt(r.number, r.one(fieldRef), "第 %d 行与第 %d 行的编号相同", r.number, first)
		} else {
			refs[e.Ref] = r.number
		}
	}
}

// conflicts finds similar questions that are the standard question of another row.
func (c *checker) conflicts() {
	for i := range c.entries {
		r := &c.rows[i]
		for _, line := range c.entries[i].Similar {
			if other, ok := c.questions[match.Fold(line)]; ok && other != r.number {
				c.failAt(r.number, r.holding(line), "有一个相似问题是第 %d 行的标准问题", other)
			}
		}
	}
}

// holding is the cell that has the similar question.
func (r *row) holding(line string) cell {
	for _, at := range r.cells[fieldSimilar] {
		if strings.Contains(at.text, line) {
			return at
		}
	}
	return r.one(fieldSimilar)
}

// finish keeps the good entries and puts the errors in order.
func (c *checker) finish() Import {
	slices.SortStableFunc(c.errors, func(a, b RowError) int { return a.Row - b.Row })
	for i, e := range c.entries {
		if number := c.rows[i].number; !c.bad[number] {
			c.in.Entries, c.in.Rows = append(c.in.Entries, e), append(c.in.Rows, number)
		}
	}
	c.in.ErrorCount, c.in.BadRows = len(c.errors), len(c.bad)
	c.in.Errors = c.errors[:min(len(c.errors), MaxReported)]
	return c.in
}
