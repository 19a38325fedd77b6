package sheet

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Mend takes out what people paste without seeing it: odd blanks, characters without
// width, marks of direction, the bullets of a font that only Word has. Line ends become
// \n, and blanks at both ends go. what names the changes people may want to know of, each
// once, in Chinese. Mending twice changes nothing more, and [Read] mends every cell: a
// text that was mended comes back from a file as it is.
func Mend(text string) (clean string, what []string) { return repair(text) }

// mendCell is Mend, and takes pasted markup out unless it is meant.
func mendCell(text string, verbatim bool) (clean string, what []string) {
	clean, what = repair(text)
	if verbatim || !hasMarkup(clean) {
		return clean, what
	}
	clean, _ = repair(stripMarkup(clean))
	return clean, append(what, "网页格式标记已去掉")
}

func repair(text string) (clean string, what []string) {
	note := func(s string) {
		if !slices.Contains(what, s) {
			what = append(what, s)
		}
	}
	if plain(text) {
		return trimBlank(text), nil
	}
	var b strings.Builder
	runes := []rune(strings.ReplaceAll(text, "\r\n", "\n"))
	for i, r := range runes {
		switch {
		case r == '\r':
			b.WriteRune('\n')
		case r == '\u2028' || r == '\u2029':
			note("特殊换行已改为普通换行")
			b.WriteRune('\n')
		case r == '\u3000':
			note("全角空格已改为普通空格")
			b.WriteRune(' ')
		case r != ' ' && unicode.Is(unicode.Zs, r):
			note("特殊空格已改为普通空格")
			b.WriteRune(' ')
		case r == '\u200d' && joinsEmoji(runes, i):
			b.WriteRune(r)
		case invisible(r):
			note("看不见的字符已去掉")
		case wordBullet(r) != 0:
			note("Word 的项目符号已改为普通符号")
			b.WriteRune(wordBullet(r))
		default:
			b.WriteRune(r)
		}
	}
	return trimBlank(b.String()), what
}

// wordBullet gives the plain form of the bullets that Word takes from its symbol fonts:
// private characters that everybody else sees as a box; 0 for others.
func wordBullet(r rune) rune {
	switch r {
	case '\uf06c', '\uf0b7':
		return '•'
	case '\uf06e', '\uf0a7':
		return '▪'
	case '\uf0d8':
		return '➢'
	case '\uf0fc':
		return '✓'
	}
	return 0
}

// plain reports whether nothing in text needs repair but its ends.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		switch {
		case r < 0x80:
			return r == '\r'
		case r >= 0x3001 && r < 0xe000: // most of Chinese: nothing odd there
			return false
		}
		return unicode.In(r, unicode.Z, unicode.Cf, unicode.Co)
	})
}

// invisible reports whether r shows nothing and means nothing: pasted formatting.
func invisible(r rune) bool {
	switch {
	case r == '\u00ad' || r == '\u180e' || r == '\ufeff',
		r >= '\u200b' && r <= '\u200f',
		r >= '\u202a' && r <= '\u202e',
		r >= '\u2060' && r <= '\u206f':
		return true
	}
	return false
}

// joinsEmoji reports whether the joiner at i makes one emoji out of two.
func joinsEmoji(runes []rune, i int) bool {
	if i == 0 || i+1 == len(runes) {
		return false
	}
	before, after := runes[i-1], runes[i+1]
	emoji := func(r rune) bool { return unicode.In(r, unicode.So, unicode.Sk) }
	return (emoji(before) || unicode.Is(unicode.Variation_Selector, before)) && emoji(after)
}

// illegal finds the first character that no cell may have, and its place from 1; place
// is 0 where there is none.
func illegal(text string) (char rune, place int) {
	n := 0
	for _, r := range text {
		n++
		switch {
		case r == '\n' || r == '\t' || r == '\r':
		case unicode.IsControl(r), r == unicode.ReplacementChar,
			unicode.Is(unicode.Noncharacter_Code_Point, r):
			return r, n
		}
	}
	return 0, 0
}

// illegalError words what [illegal] found.
func illegalError(number int, column string, char rune, place int) RowError {
	e := RowError{Row: number, Column: column, Char: fmt.Sprintf("U+%04X", char)}
	if char == unicode.ReplacementChar {
		e.Message = fmt.Sprintf("第 %d 个字符无法识别（%s），请检查文件的编码", place, e.Char)
	} else {
		e.Message = fmt.Sprintf("第 %d 个字符是非法字符 %s，请重新编写", place, e.Char)
	}
	return e
}

// trimBlank takes blanks and line ends off both ends; other control characters stay, to
// be found.
func trimBlank(text string) string { return strings.Trim(text, " \t\r\n") }
