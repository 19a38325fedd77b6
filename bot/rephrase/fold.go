package rephrase

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var arrows = regexp.MustCompile(`\s*(?:→|➔|➜|➡|⇒|›|»|=+>|-+>|>+)\s*`)

// fold makes what is written in several ways the same: width, dashes, arrows, invisible
// characters. Letters keep their case, for a password or file name may depend on it.
func fold(text string) string {
	text = norm.NFKC.String(strings.ToValidUTF8(text, ""))
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r), unicode.IsControl(r) && !unicode.IsSpace(r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, text)
	alike := strings.NewReplacer("—", "-", "–", "-", "−", "-", "‐", "-", "‑", "-", "〜", "~", "∼", "~", "〇", "零", "◯", "零",
		"≥", "不小于", "≧", "不小于", ">=", "不小于", "≤", "不大于", "≦", "不大于", "<=", "不大于")
	return arrows.ReplaceAllString(alike.Replace(text), "→")
}

// quoted is what stands in quotation marks of some kind.
var quoted = regexp.MustCompile(`「([^「」\n]{1,60})」|『([^『』\n]{1,60})』|“([^“”\n]{1,60})”|"([^"\n]{1,60})"|‘([^‘’\n]{1,60})’|《([^《》\n]{1,60})》|【([^【】\n]{1,60})】|\[([^\[\]\n]{1,60})\]`)

// quotes gives the texts in quotation marks, without spaces.
func quotes(folded string) []string {
	var out []string
	for _, groups := range quoted.FindAllStringSubmatch(folded, -1) {
		out = append(out, compact(strings.Join(groups[1:], "")))
	}
	return out
}

func compact(text string) string { return strings.Join(strings.Fields(text), "") }
