package curate

import (
	"slices"
	"strings"
	"unicode"
)

// Op says what became of a run of text.
type Op string

// The ops.
const (
	OpKept     Op = "kept"
	OpInserted Op = "inserted"
	OpDeleted  Op = "deleted"
)

// Run is a piece of text with one fate.
type Run struct {
	Op   Op
	Text string
}

// diffText compares texts by words: a Latin word or a number is one, any other character is
// one by itself.
func diffText(before, after string) []Run {
	return smooth(diff(words(before), words(after)))
}

// diffLines compares texts by lines, each with its line end.
func diffLines(before, after string) []Run {
	return diff(strings.SplitAfter(closed(before), "\n"), strings.SplitAfter(closed(after), "\n"))
}

// closed ends the last line, so that it equals the same line further up.
func closed(text string) string {
	if text == "" {
		return text
	}
	return text + "\n"
}

// replaced is the diff of a value that has no parts.
func replaced(before, after string) []Run {
	return smooth([]Run{{OpDeleted, before}, {OpInserted, after}})
}

// words cuts a text so that joining the parts gives it back.
func words(text string) []string {
	var list []string
	start := 0
	joins := func(r rune) bool { return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	open := false // the part at start is a word that may go on
	for i, r := range text {
		if joins(r) && open {
			continue
		}
		if i > start {
			list = append(list, text[start:i])
		}
		start, open = i, joins(r)
	}
	if start < len(text) {
		list = append(list, text[start:])
	}
	return list
}

// editsMax is how many parts may differ before the rest counts as rewritten: the time and
// memory of a comparison grow with its square.
const editsMax = 1000

// diff finds the fewest parts to delete and insert that lead from a to b, as E. Myers
// described it: the furthest point that each number of edits reaches on each diagonal.
func diff(a, b []string) []Run {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	runs := appendRun(nil, OpKept, a[:head])
	for _, step := range middle(a[head:len(a)-tail], b[head:len(b)-tail]) {
		runs = appendRun(runs, step.Op, []string{step.Text})
	}
	return appendRun(runs, OpKept, a[len(a)-tail:])
}

// middle is diff part by part.
func middle(a, b []string) []Run {
	var rounds [][]int // by number of edits: the x reached on diagonals -d to d
	last := []int{0}
	for d := 0; ; d++ {
		if d > editsMax {
			return append(single(OpDeleted, a), single(OpInserted, b)...)
		}
		reached := make([]int, 2*d+1)
		for k := -d; k <= d; k += 2 {
			x := 0
			switch {
			case d == 0:
			case k == -d || k != d && reach(last, d-1, k-1) < reach(last, d-1, k+1):
				x = reach(last, d-1, k+1) // from above: one of b is inserted
			default:
				x = reach(last, d-1, k-1) + 1 // from the left: one of a is deleted
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reached[k+d] = x
			if x >= len(a) && x-k >= len(b) {
				return trace(append(rounds, reached), a, b)
			}
		}
		rounds, last = append(rounds, reached), reached
	}
}

// reach is how far the given number of edits leads on a diagonal.
func reach(reached []int, edits, diagonal int) int { return reached[diagonal+edits] }

// trace walks back from the end to where each edit was made.
func trace(rounds [][]int, a, b []string) []Run {
	var runs []Run
	x, y := len(a), len(b)
	for d := len(rounds) - 1; d > 0; d-- {
		last, k := rounds[d-1], x-y
		inserted := k == -d || k != d && reach(last, d-1, k-1) < reach(last, d-1, k+1)
		from := k - 1
		if inserted {
			from = k + 1
		}
		px := reach(last, d-1, from)
		py := px - from
		for x > px && y > py {
			x, y = x-1, y-1
			runs = append(runs, Run{OpKept, a[x]})
		}
		if inserted {
			y--
			runs = append(runs, Run{OpInserted, b[y]})
		} else {
			x--
			runs = append(runs, Run{OpDeleted, a[x]})
		}
	}
	for x > 0 {
		x--
		runs = append(runs, Run{OpKept, a[x]})
	}
	slices.Reverse(runs)
	return runs
}

// single gives each part a run of its own.
func single(op Op, parts []string) []Run {
	runs := make([]Run, len(parts))
	for i, p := range parts {
		runs[i] = Run{op, p}
	}
	return runs
}

// appendRun adds parts, to the last run where that has the same fate.
func appendRun(runs []Run, op Op, parts []string) []Run {
	text := strings.Join(parts, "")
	switch n := len(runs); {
	case text == "":
		return runs
	case n > 0 && runs[n-1].Op == op:
		runs[n-1].Text += text
		return runs
	}
	return append(runs, Run{op, text})
}

// smooth makes a diff readable: a single character that stayed between two changes is shown
// as changed with them, and what was deleted comes before what was inserted.
func smooth(runs []Run) []Run {
	var list []Run
	var deleted, inserted string
	flush := func() {
		list = appendRun(list, OpDeleted, []string{deleted})
		list = appendRun(list, OpInserted, []string{inserted})
		deleted, inserted = "", ""
	}
	for i, r := range runs {
		switch r.Op {
		case OpDeleted:
			deleted += r.Text
		case OpInserted:
			inserted += r.Text
		case OpKept:
			between := i > 0 && i+1 < len(runs)
			if between && len([]rune(r.Text)) == 1 && deleted != "" && inserted != "" {
				deleted, inserted = deleted+r.Text, inserted+r.Text
				continue
			}
			flush()
			list = appendRun(list, OpKept, []string{r.Text})
		}
	}
	flush()
	return list
}
