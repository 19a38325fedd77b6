package rephrase

import (
	"regexp"
	"strings"
)

var (
	lineEnds   = regexp.MustCompile(`\r\n?`)
	preface    = regexp.MustCompile(`^(?:(?:好的|当然|没问题)[，,！!。]?\s*)?(?:以下是|这是|下面是)?[^\n：:，。]{0,10}(?:回答|答案|答复|回复|改写|润色)[^\n：:，。]{0,6}[：:]\s*`)
	codeFence  = regexp.MustCompile("(?m)^```[a-zA-Z]*\\s*$")
	heading    = regexp.MustCompile(`(?m)^#{1,6}\s+`)
	bold       = regexp.MustCompile(`\*\*([^*\n]+)\*\*|__([^_\n]+)__`)
	inlineCode = regexp.MustCompile("`([^`\n]+)`")
	bullet     = regexp.MustCompile(`(?m)^\s*[*+]\s+`)
	link       = regexp.MustCompile(`\[([^\]\n]+)\]\((https?://[^)\s]+)\)`)
	blankLines = regexp.MustCompile(`\n{3,}`)
	glued      = regexp.MustCompile(`(https?://[!-~]+)(\p{Han})`)
	fences     = regexp.MustCompile(`</?(?:answer|question|replies)>`)
)

// clean makes a message of what a model said about a source: without words around it, and
// without Markdown, which WeCom's text messages show as it stands.
func clean(text, source string) string {
	text = lineEnds.ReplaceAllString(text, "\n")
	text = strings.TrimSpace(fences.ReplaceAllString(text, ""))
	text = strings.TrimSpace(codeFence.ReplaceAllString(text, ""))
	if intro := preface.FindString(text); !strings.Contains(source, strings.TrimSpace(intro)) {
		text = text[len(intro):]
	}
	text = heading.ReplaceAllString(text, "")
	text = bold.ReplaceAllString(text, "$1$2")
	text = inlineCode.ReplaceAllString(text, "$1")
	text = bullet.ReplaceAllString(text, "- ")
	text = link.ReplaceAllString(text, "$1 $2")
	text = glued.ReplaceAllString(text, "$1 $2") // or a client may take the words into the address
	text = blankLines.ReplaceAllString(text, "\n\n")
	return unquoted(strings.TrimSpace(text))
}

// unquoted takes off quotation marks around the whole.
func unquoted(text string) string {
	for _, q := range [...]string{"“”", "\"\"", "「」", "『』", "''", "‘’"} {
		runes := []rune(q)
		inner, opened := strings.CutPrefix(text, string(runes[0]))
		inner, closed := strings.CutSuffix(inner, string(runes[1]))
		if opened && closed && !strings.ContainsAny(inner, q) {
			return strings.TrimSpace(inner)
		}
	}
	return text
}

var (
	address  = regexp.MustCompile(`(?i)https?://`)
	markedUp = regexp.MustCompile("(?im)</?[a-z][^>\n]*>|\\]\\(|^\\s*\\|.*\\|\\s*$|```")
	listItem = regexp.MustCompile(`(?m)^\s*(?:[-*•·]|\d{1,2}[.、)）]|[（(][一二三四五六七八九十\d]{1,2}[)）]|[一二三四五六七八九十]、|[①-⑳])\s*\S`)
	mediaRef = regexp.MustCompile(`\[(?:图片|文件):\d+\]`)
)

// isMarkup reports whether an answer's form is part of what it says: links in tags, tables,
// lists of three and more, several addresses, a mention of a picture.
func isMarkup(answer string) bool {
	return markedUp.MatchString(answer) || mediaRef.MatchString(answer) ||
		len(address.FindAllStringIndex(answer, 2)) > 1 || len(listItem.FindAllStringIndex(answer, 3)) > 2
}
