package sheet

import (
	"strings"
	"unicode/utf8"
)

// formulaStarts are the characters that make a spreadsheet take a text for a formula,
// in both widths.
const formulaStarts = "=+-@＝＋－＠"

// quote protects a text by an apostrophe that a spreadsheet would take for a formula, or
// [Read] for pasted markup. A text that has apostrophes there by itself gets one more, so
// that unquote gives every text back as it was.
func quote(text string) string {
	if guarded(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// unquote takes the apostrophe of quote off; verbatim reports whether there was one.
func unquote(text string) (plain string, verbatim bool) {
	if rest, quoted := strings.CutPrefix(text, "'"); quoted && guarded(strings.TrimLeft(rest, "'")) {
		return rest, true
	}
	return text, false
}

func guarded(text string) bool { return startsFormula(text) || hasMarkup(text) }

func startsFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune(formulaStarts, first)
}
