package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold writes a question the one way it is compared: compatibility forms and full
// width made plain (NFKC), lower case, common traditional characters simplified,
// punctuation, emoji and blanks dropped, and courtesies such as 请问 or 谢谢 taken off
// both ends. One blank is left where two Latin words or two numbers would otherwise
// run together, and the signs of C++ and C# stay. Folding twice changes nothing
// more. A text of courtesies only keeps them; a text without a letter or digit
// folds to "".
func Fold(text string) string {
	return trimFillers(foldRunes(text))
}

// runeClass is what a character means to folding and to cutting into units.
type runeClass int

const (
	classNone   runeClass = iota // separates, and is dropped
	classChar                    // stands for itself: Han, kana, hangul …
	classLetter                  // part of a word: Latin, Greek, Cyrillic …
	classDigit                   // part of a number
)

func classOf(r rune) runeClass {
	switch {
	case r >= '0' && r <= '9':
		return classDigit
	case r >= 'a' && r <= 'z':
		return classLetter
	case r < 0x80:
		return classNone
	case unicode.Is(unicode.Han, r):
		return classChar
	case unicode.IsLetter(r):
		if unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew, unicode.Armenian, unicode.Georgian) {
			return classLetter
		}
		return classChar
	case unicode.IsNumber(r):
		return classDigit
	}
	return classNone
}

// foldRunes is Fold without the courtesies.
func foldRunes(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	last, gap := classNone, false
	lower := strings.Map(func(r rune) rune { return simplified(unicode.ToLower(r)) }, norm.NFKC.String(text))
	for _, r := range norm.NFKC.String(lower) { // some capitals have a composed form in lower case only
		class := classOf(r)
		switch {
		case class != classNone:
			if gap && class == last && class != classChar {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			last, gap = class, false
		case !gap && (last == classLetter && (r == '+' || r == '#') || last != classNone && isMark(r)):
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	return b.String()
}

// isMark reports whether r belongs to the letter before it; the selectors of emoji
// shapes don't.
func isMark(r rune) bool {
	return unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Mc, r)
}

// trimFillers takes courtesies off both ends, but never all there is.
func trimFillers(text string) string {
	rest := trimEnd(trimStart(text))
	if rest == "" {
		return text
	}
	return rest
}

// trimStart takes leading courtesies off. A longer one stands before the shorter one
// it begins with.
func trimStart(text string) string {
	for again := true; again; {
		again = false
		for _, filler := range [...]string{
			"请问一下", "请问", "想请问", "我想请问", "问一下", "想问一下", "想问下", "我想问一下", "我想问下",
			"麻烦问一下", "麻烦问下", "麻烦您", "麻烦你", "麻烦", "请教一下", "请教", "咨询一下", "想咨询一下", "我想咨询一下",
			"打扰一下", "打扰了", "不好意思", "早上好", "上午好", "中午好", "下午好", "晚上好",
			"您好", "你好", "大家好", "哈喽", "哈罗", "谢谢", "在吗", "在不在", "hello", "hi",
		} {
			rest, found := strings.CutPrefix(text, filler)
			if !found || splitsWord(filler, rest) {
				continue
			}
			text, again = strings.TrimPrefix(rest, " "), true
			break
		}
	}
	return text
}

// trimEnd takes closing courtesies and particles off. A longer one stands before the
// shorter one it ends with.
func trimEnd(text string) string {
	for again := true; again; {
		again = false
		for _, filler := range [...]string{
			"谢谢您", "谢谢你", "谢谢啦", "谢谢了", "谢谢", "多谢", "非常感谢", "感谢您", "感谢", "麻烦您了", "麻烦你了", "麻烦了", "麻烦您", "麻烦你",
			"拜托了", "辛苦了", "您好", "你好", "请问", "在线等", "thanks", "thank you", "thx",
			"啊", "呀", "呢", "哦", "喔", "噢", "哈", "啦", "哇", "诶",
		} {
			rest, found := strings.CutSuffix(text, filler)
			if !found || endsInLetter(filler) && endsInLetter(rest) {
				continue
			}
			text, again = strings.TrimSuffix(rest, " "), true
			break
		}
	}
	return text
}

// splitsWord reports whether cutting filler off the front would cut a word in two:
// "hi" in "hire", 你好 in 你好像.
func splitsWord(filler, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	switch class := classOf(next); {
	case rest == "" || next == ' ':
		return false
	case class == classNone: // a sign or an accent
		return true
	case class == classLetter:
		return endsInLetter(filler)
	}
	return next == '像'
}

func endsInLetter(text string) bool {
	return text != "" && text[len(text)-1] >= 'a' && text[len(text)-1] <= 'z'
}
