package rephrase

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Doubt is what made the guard refuse a phrase.
type Doubt string

// The doubts.
const (
	DoubtForm     Doubt = "form"     // markup that the answer doesn't have
	DoubtLength   Doubt = "length"   // much longer
	DoubtFact     Doubt = "fact"     // a number, date, name or address is missing, new or elsewhere
	DoubtQuote    Doubt = "quote"    // what stands in quotation marks differs
	DoubtModality Doubt = "modality" // a negation, duty, limit or condition is missing, new or elsewhere
	DoubtContent  Doubt = "content"  // something is said that the answer doesn't say, or the reverse
	DoubtOrder    Doubt = "order"    // parts may have changed places
)

// DoubtError is why a phrase may not say what the answer says. Its text has nothing of either;
// Detail has.
type DoubtError struct {
	Doubt  Doubt
	Detail string // what was missing or new, for tests and the test console
}

// Error names the doubt.
func (e *DoubtError) Error() string { return "the phrase may say something else: " + string(e.Doubt) }

func doubt(d Doubt, format string, args ...any) *DoubtError {
	return &DoubtError{Doubt: d, Detail: fmt.Sprintf(format, args...)}
}

var foreignMarkup = regexp.MustCompile("(?i)\\*\\*|```|</?[a-z][^>\\n]*>|\\]\\(")

// Check reports whether a phrase surely says what the approved answer says, as a
// [DoubtError] where it doesn't. It compares facts by what they mean (三天 is 3天), words that
// allow, forbid, limit or deny by their class and order, and everything else word by word but
// for chatter; and it lets nothing move that could change who or what is meant. It rather
// refuses a good phrase than passes a wrong one.
func Check(answer, phrased string) error {
	a, p := fold(answer), fold(phrased)
	if a == p {
		return nil
	}
	if foreignMarkup.MatchString(p) && !foreignMarkup.MatchString(a) || isMarkup(phrased) && !isMarkup(answer) {
		return doubt(DoubtForm, "markup")
	}
	if utf8.RuneCountInString(p) > utf8.RuneCountInString(a)*3/2+24 {
		return doubt(DoubtLength, "%d > %d", utf8.RuneCountInString(p), utf8.RuneCountInString(a))
	}
	if err := sameQuotes(a, p); err != nil {
		return err
	}
	v := newVocabulary()
	ta, tp := v.lex(a), v.lex(p)
	facts, err := align(ta, tp, fact, DoubtFact)
	if err != nil {
		return err
	}
	words, err := align(ta, tp, word, DoubtModality)
	if err != nil {
		return err
	}
	if rest := v.uncovered(tp, ta, p, a); rest != "" {
		return doubt(DoubtContent, "new: %s", rest)
	}
	if rest := v.uncovered(ta, tp, a, p); rest != "" {
		return doubt(DoubtContent, "missing: %s", rest)
	}
	contents, err := contentPairs(ta, tp)
	if err != nil {
		return err
	}
	slices.SortFunc(contents, func(x, y pair) int { return compare(x.p, x.ip, y.p, y.ip) })
	marks := slices.Concat(facts, words)
	if err := sameOrder(ta, tp, marks, contents); err != nil {
		return err
	}
	return sameScope(ta, tp, marks, contents)
}

func sameQuotes(a, p string) error {
	for _, q := range quotes(a) {
		if !strings.Contains(compact(p), q) {
			return doubt(DoubtQuote, "missing: %s", q)
		}
	}
	for _, q := range quotes(p) {
		if !strings.Contains(compact(a), q) {
			return doubt(DoubtQuote, "new: %s", q)
		}
	}
	return nil
}

// uncovered gives the first content of tokens, of one text, that the other text doesn't have:
// neither in two and more characters together, nor alone, nor by a synonym.
func (v *vocabulary) uncovered(tokens, others []token, text, other string) string {
	var has strings.Builder
	has.WriteString("|")
	for _, t := range others {
		if t.kind == content {
			has.WriteString(t.value + "|")
		}
	}
	for _, t := range tokens {
		if t.kind != content || strings.Contains(has.String(), "|"+t.value+"|") {
			continue
		}
		for at := 0; at < len(t.value); {
			rest := t.value[at:]
			size := max(common(rest, has.String()), v.related(rest, text, other))
			if size == 0 {
				return rest
			}
			at += size
		}
	}
	return ""
}

// common gives how many bytes at the beginning of s, two characters at least, stand in has.
func common(s, has string) int {
	size := 0
	for i := range s {
		if utf8.RuneCountInString(s[:i]) >= 2 && !strings.Contains(has, s[:i]) {
			return size
		}
		if utf8.RuneCountInString(s[:i]) >= 2 {
			size = i
		}
	}
	if utf8.RuneCountInString(s) >= 2 && strings.Contains(has, s) {
		size = len(s)
	}
	return size
}

// related gives the bytes of the longest word that s begins with and for which the other text
// has a synonym. One of a single character counts only where this text doesn't have it: the 收
// of 收据 doesn't stand for 到账.
func (v *vocabulary) related(s, text, other string) int {
	for size := min(len(s), len("重新设置")); size > 0; size-- {
		if slices.ContainsFunc(v.kin[s[:size]], func(kin string) bool {
			return strings.Contains(other, kin) && (utf8.RuneCountInString(kin) > 1 || !strings.Contains(text, kin))
		}) {
			return size
		}
	}
	return 0
}

// checkDraft reports whether a draft surely says nothing that the replies don't say. It may
// leave things out, and a little may be new, for a person reads it before anybody else does.
func checkDraft(said, draft string) error {
	a, p := fold(said), fold(draft)
	for _, q := range quotes(p) {
		if !strings.Contains(compact(a), q) {
			return doubt(DoubtQuote, "new: %s", q)
		}
	}
	v := newVocabulary()
	ta, tp := v.lex(a), v.lex(p)
	for _, t := range tp {
		if t.mayAdd || t.kind != fact && t.kind != word {
			continue
		}
		if !slices.ContainsFunc(ta, func(o token) bool { return same(o, t) }) {
			return doubt(DoubtFact, "new: %s%s", t.value, t.class)
		}
	}
	return nil
}
