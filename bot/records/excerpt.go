package records

import (
	"slices"

	"deskmate/model"
)

// Line is a message in which a word stands.
type Line struct {
	model.Message
	Excerpt string // of its text, with … where that goes on
	Marks   []Mark // where words stand in the excerpt
}

// Mark is a range of characters: from Start on, Length of them.
type Mark struct{ Start, Length int }

// How much of a session and of a line is shown.
const (
	linesShown  = 5
	marksShown  = 10
	excerptSize = 80 // characters
	excerptLead = 20 // before the first word
)

// Text is what can be found of a message: what somebody wrote, or was shown by the bot. Notices
// of the system can't.
func Text(m model.Message) string {
	if m.From == model.FromSystem {
		return ""
	}
	text := ""
	for _, t := range [...]string{m.Content.Text, m.Content.Title, m.Content.Description, m.Content.Label, m.Content.Name} {
		switch {
		case t == "":
		case text == "":
			text = t
		default:
			text += "\n" + t
		}
	}
	return text
}

// lines gives the first lines with a word, and how many more there are; ok is false where a
// word stands nowhere.
func (q *query) lines(fold Folder, messages []model.Message) (lines []Line, more int, ok bool) {
	stands := make([]bool, len(q.words))
	for _, m := range messages {
		text := Text(m)
		f := fold.fold(text)
		var spans []span
		for i, w := range q.words {
			if some := find(f.runes, w, marksShown); len(some) > 0 {
				stands[i] = true
				spans = append(spans, some...)
			}
		}
		switch {
		case len(spans) == 0:
		case len(lines) == linesShown:
			more++
		default:
			lines = append(lines, excerpt(m, []rune(text), f, spans))
		}
	}
	return lines, more, !slices.Contains(stands, false)
}

// excerpt cuts a line around its first word.
func excerpt(m model.Message, text []rune, f folded, spans []span) Line {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	first := f.at[spans[0].from]
	start := max(0, first-excerptLead)
	if len(text) <= excerptSize {
		start = 0
	}
	end := min(len(text), max(start+excerptSize, f.at[spans[0].to-1]+1))
	line := Line{Message: m, Excerpt: string(text[start:end])}
	shift := -start
	if start > 0 {
		line.Excerpt, shift = "…"+line.Excerpt, shift+1
	}
	if end < len(text) {
		line.Excerpt += "…"
	}
	last := start
	for _, s := range spans {
		from, to := max(last, f.at[s.from]), f.at[s.to-1]+1
		if from >= to || to > end {
			continue // covered by the one before, or behind the excerpt
		}
		line.Marks = append(line.Marks, Mark{from + shift, to - from})
		last = to
	}
	return line
}
