package wecom

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextLimit is how many bytes a text message holds (message/send, doc path/90236), about
// 680 Chinese characters. WeCom cuts what is longer.
const TextLimit = 2048

// pauses are the characters after which a line may be cut. Punctuation of ASCII is not
// among them, for it stands inside numbers and addresses too.
const pauses = "，。；：！？、）】》」』”…"

// anchorTag finds what WeCom's apps take for the beginning or the end of a link, however
// it is spaced or written; at the end of a text, too, for another one may follow.
var anchorTag = regexp.MustCompile(`(?i)<([\s\p{Z}\p{C}]*/?[\s\p{Z}\p{C}]*a(?:[\s\p{Z}\p{C}/>"']|$))`)

// SplitText cuts text into parts of at most limit bytes: at line ends where it can, else
// at spaces or Chinese punctuation, and never inside a character. The line end at which it
// cuts is lost, nothing else is. It returns nil for empty text. A limit below the size of
// one character counts as that size.
func SplitText(text string, limit int) []string {
	limit = max(limit, utf8.UTFMax)
	var parts []string
	for len(text) > limit {
		end, next := cutAt(text, limit)
		parts = append(parts, text[:end])
		text = text[next:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

// cutAt says where the first part of text ends and where the next begins. The text is
// longer than limit.
func cutAt(text string, limit int) (end, next int) {
	if i := strings.LastIndexByte(text[:limit+1], '\n'); i > 0 {
		if line := strings.TrimSuffix(text[:i], "\r"); line != "" {
			return len(line), i + 1
		}
	}
	end = limit
	for limit-end < utf8.UTFMax-1 && !utf8.RuneStart(text[end]) {
		end--
	}
	if !utf8.RuneStart(text[end]) { // not UTF-8: any place is as good
		end = limit
	}
	pause := strings.LastIndexFunc(text[:end], func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(pauses, r)
	})
	if pause >= limit/2 { // an earlier one would make a very short part
		_, size := utf8.DecodeRuneInString(text[pause:])
		end = pause + size
	}
	return end, end
}

// Escape takes the meaning from what WeCom would show as a link, so that text from people
// can be passed on: the "<" of every anchor tag becomes "＜". All else stays as it is.
func Escape(text string) string {
	return anchorTag.ReplaceAllString(text, "＜$1")
}

// Cut shortens text to at most chars characters, the last one being "…" where something
// is missing.
func Cut(text string, chars int) string {
	if utf8.RuneCountInString(text) <= chars {
		return text
	}
	if chars < 1 {
		return ""
	}
	kept := 0
	for i := range text {
		kept++
		if kept == chars {
			return text[:i] + "…"
		}
	}
	return text
}
