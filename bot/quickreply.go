package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"deskmate/model"
)

// ParseShortcut reads a seat's text that is a shortcut behind a slash: one word, no further
// slash, so that paths and dates are none.
func ParseShortcut(text string) (word string, ok bool) {
	word, ok = cutAnyPrefix(strings.TrimSpace(text), "/", "／")
	return word, ok && model.ValidShortcut(word)
}

// Unslashed reads a text that would be a shortcut, written with two slashes because it is none:
// it loses one of them.
func Unslashed(text string) (string, bool) {
	rest, ok := cutAnyPrefix(strings.TrimSpace(text), "/", "／")
	if !ok {
		return text, false
	}
	if _, ok = ParseShortcut(rest); !ok {
		return text, false
	}
	return rest, true
}

// FindQuick finds the quick reply of a shortcut. A seat's own wins over the account's.
func FindQuick(list []model.QuickReply, word string) (model.QuickReply, bool) {
	var found model.QuickReply
	folded := model.FoldShortcut(word)
	for _, q := range list {
		if q.Folded == folded && (found.ID == 0 || q.Owner != "") {
			found = q
		}
	}
	return found, found.ID != 0
}

// nearestQuick is how many shortcuts a mistyped one is answered with.
const nearestQuick = 3

// NearestQuick are the quick replies that a mistyped shortcut is most like, the most like first.
func NearestQuick(list []model.QuickReply, word string) []model.QuickReply {
	type near struct {
		q        model.QuickReply
		distance int
	}
	folded := []rune(model.FoldShortcut(word))
	all := make([]near, 0, len(list))
	for _, q := range list {
		n := near{q, edits(folded, []rune(q.Folded))}
		if q.Matches(word) {
			n.distance = 0
		}
		all = append(all, n)
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var out []model.QuickReply
	for _, n := range all[:min(len(all), nearestQuick)] {
		out = append(out, n.q)
	}
	return out
}

// edits is how many characters must be added, left out or changed to make b of a.
func edits(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, ra := range a {
		left := row[0]
		row[0] = i + 1
		for j, rb := range b {
			above := row[j+1]
			change := left
			if ra != rb {
				change++
			}
			row[j+1], left = min(above+1, row[j]+1, change), above
		}
	}
	return row[len(b)]
}

// mostQuick is how many quick replies a list in WeCom shows.
const mostQuick = 50

// quickList shows quick replies under their groups; the account's first, then the seat's own.
func quickList(list []model.QuickReply) string {
	var lines []string
	shown := list[:min(len(list), mostQuick)]
	for _, heading := range headings(shown) {
		lines = append(lines, "【"+heading+"】")
		for _, q := range shown {
			if headingOf(q) == heading {
				lines = append(lines, "/"+q.Shortcut+"　"+q.Label())
			}
		}
	}
	if more := len(list) - len(shown); more > 0 {
		lines = append(lines, fmt.Sprintf("还有 %d 条，用 #快捷 关键词 查找", more))
	}
	return strings.Join(lines, "\n")
}

// headingOf is the group under which a quick reply is shown.
func headingOf(q model.QuickReply) string {
	if q.Owner == "" {
		return cmp.Or(q.Group, "常用")
	}
	return strings.TrimSuffix("我的 · "+q.Group, " · ")
}

func headings(list []model.QuickReply) []string {
	var out []string
	for _, q := range list {
		if h := headingOf(q); !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}
