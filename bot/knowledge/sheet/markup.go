package sheet

import (
	"html"
	"regexp"
	"strings"
)

// Markup that no employee should see, as it comes along when somebody pastes from a web
// page or from Word. Links (<a href=…>) are not among it: WeCom shows them. Tags that
// may as well be a text about a<b count only where something closes them.
var (
	markupSign  = regexp.MustCompile(`(?i)<(?:/?(?:p|br|div|span|font|strong|em|li|ul|ol|o:p)(?:\s[^<>]*)?/?|/(?:b|i|u))>|<!--(?:StartFragment|EndFragment|\[if)`)
	markupTag   = regexp.MustCompile(`(?i)</?(?:p|br|div|span|font|strong|em|li|ul|ol|o:p|b|i|u)(?:\s[^<>]*)?/?>`)
	markupBreak = regexp.MustCompile(`(?i)\s*<(?:br(?:\s[^<>]*)?/?|/p|/div|/li)>[ \t]*\n?`)
	markupNote  = regexp.MustCompile(`(?s)<!--.*?-->`)
	manyBreaks  = regexp.MustCompile(`\n[ \t]*(?:\n[ \t]*)+\n`)
)

const hardBlank = "&nbsp;"

// hasMarkup reports whether a text holds something that is an artefact of pasting.
func hasMarkup(text string) bool {
	return strings.Contains(text, hardBlank) || strings.Contains(text, "<") && markupSign.MatchString(text)
}

// stripMarkup takes pasted markup out of a text that has some: what ended a paragraph
// ends a line, and characters written as entities are themselves again.
func stripMarkup(text string) string {
	if !markupSign.MatchString(text) {
		return strings.ReplaceAll(text, hardBlank, " ")
	}
	text = markupNote.ReplaceAllString(text, "")
	text = markupBreak.ReplaceAllString(text, "\n")
	text = markupTag.ReplaceAllString(text, "")
	text = html.UnescapeString(text)
	return manyBreaks.ReplaceAllString(text, "\n\n")
}
