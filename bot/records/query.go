package records

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"deskmate/model"
)

// The longest query, in characters and words.
const (
	queryChars = 200
	queryWords = 10
)

// query is what is looked for: words that must all stand in a session, each in one line.
type query struct {
	words [][]rune
	grams []gram // of all words: whole pairs
	chars []rune // characters that stand alone
}

// newQuery reads what somebody typed; blanks separate words.
func (f Folder) newQuery(text string) (*query, error) {
	if utf8.RuneCountInString(text) > queryChars {
		return nil, model.Invalid("query_long", "搜索内容最多 %d 个字", queryChars)
	}
	q := &query{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '　' }) {
		runes := f.fold(word).runes
		if !slices.ContainsFunc(runes, func(r rune) bool { return !separates(r) }) {
			continue
		}
		q.words = append(q.words, runes)
		q.take(runes)
	}
	q.grams = spread(q.grams)
	switch {
	case len(q.words) == 0:
		return nil, model.Invalid("query_empty", "搜索内容里没有字、字母或数字")
	case len(q.words) > queryWords:
		return nil, model.Invalid("query_long", "搜索内容最多 %d 个词", queryWords)
	}
	slices.Sort(q.grams)
	q.grams = slices.Compact(q.grams)
	slices.Sort(q.chars)
	q.chars = slices.Compact(q.chars)
	return q, nil
}

// gramsAsked is how many pairs of a query the index is asked for. More would hardly leave out
// more sessions, and each takes a bucket of every segment.
const gramsAsked = 8

// spread leaves of many grams some, from the whole of the query.
func spread(grams []gram) []gram {
	if len(grams) <= gramsAsked {
		return grams
	}
	some := make([]gram, gramsAsked)
	for i := range some {
		some[i] = grams[i*(len(grams)-1)/(gramsAsked-1)]
	}
	return some
}

// take adds the grams of a word. The last character of a run begins no pair, and is looked for
// by itself only where the run has no other.
func (q *query) take(runes []rune) {
	for i, r := range runes {
		if separates(r) {
			continue
		}
		before := i > 0 && !separates(runes[i-1])
		after := i+1 < len(runes) && !separates(runes[i+1])
		switch {
		case after:
			q.grams = append(q.grams, gramOf(r, runes[i+1]))
		case !before:
			q.chars = append(q.chars, r)
		}
	}
}

// span is where a word stands: characters of a folded text.
type span struct{ from, to int }

// find gives the first places of a word in a text.
func find(text, word []rune, most int) []span {
	var spans []span
	for i := 0; i+len(word) <= len(text) && len(spans) < most; i++ {
		if text[i] == word[0] && slices.Equal(text[i:i+len(word)], word) {
			spans = append(spans, span{i, i + len(word)})
			i += len(word) - 1
		}
	}
	return spans
}
