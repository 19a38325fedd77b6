package match

import (
	"slices"
	"unicode/utf8"
)

// gram is a hashed piece of a folded text: a unit, two or three in a row, or some letters
// of a word. Two pieces share a gram so seldom that nobody asks.
type gram uint32

// unit is the smallest thing that is compared: a Han character (or kana, hangul …) is its
// code point; a Latin word or a number is a hash with wordBit set.
type unit uint32

const (
	wordBit   = 1 << 31
	numberBit = 1 << 30
)

func (u unit) word() bool   { return u&wordBit != 0 }
func (u unit) number() bool { return u&(wordBit|numberBit) == wordBit|numberBit }

// What kind of piece a gram is, mixed into its hash.
const (
	saltUnit uint64 = iota + 1
	saltPair
	saltTriple
	saltLetters
	saltExact
)

// unitsMax is how many units of a question count; what comes behind them is ignored.
const unitsMax = 160

// code is a folded text as it is compared.
type code struct {
	units   []unit // in order
	letters []gram // the letters inside its words, three in a row; sorted, each once
}

// encode cuts a folded text into units.
func encode(folded string) code {
	c := code{units: make([]unit, 0, len(folded)/2+1)}
	start, last := 0, classNone
	flush := func(end int) {
		if last == classLetter || last == classDigit {
			word := folded[start:end]
			c.units = append(c.units, wordUnit(word, last))
			c.letters = appendLetters(c.letters, word)
		}
	}
	for i, r := range folded {
		class := classOf(r)
		if class == classNone && r != ' ' {
			class = last // the sign of C++, an accent
		}
		if class == last && class != classChar {
			continue
		}
		flush(i)
		if len(c.units) >= unitsMax {
			last = classNone
			break
		}
		if class == classChar {
			c.units = append(c.units, unit(r)) //nolint:gosec // a character is not negative
		}
		start, last = i, class
	}
	flush(len(folded))
	slices.Sort(c.letters)
	c.letters = slices.Compact(c.letters)
	return c
}

func wordUnit(word string, class runeClass) unit {
	u := unit(hashText(word)>>34) | wordBit
	if class == classDigit {
		u |= numberBit
	}
	return u
}

// lettersMax is how many bytes of one word are cut into letters.
const lettersMax = 40

// appendLetters adds the threes of letters of a word, its begin and end marked.
func appendLetters(to []gram, word string) []gram {
	if len(word) < 3 || len(word) > lettersMax || word[0] >= utf8.RuneSelf {
		return to
	}
	marked := " " + word + " "
	for i := 0; i+3 <= len(marked); i++ {
		to = append(to, makeGram(uint64(marked[i])<<16|uint64(marked[i+1])<<8|uint64(marked[i+2]), saltLetters))
	}
	return to
}

// parts is where in the list of [code.appendGrams] each kind of gram begins.
type parts struct{ pairs, triples, letters int }

// appendGrams gives all grams of a text: units, pairs, triples and letters. One that
// occurs twice is there twice.
func (c *code) appendGrams(to []gram) ([]gram, parts) {
	base := len(to)
	for _, u := range c.units {
		to = append(to, makeGram(uint64(u), saltUnit))
	}
	p := parts{pairs: len(to) - base}
	for i := 1; i < len(c.units); i++ {
		to = append(to, makeGram(uint64(c.units[i-1])<<32|uint64(c.units[i]), saltPair))
	}
	p.triples = len(to) - base
	for i := 2; i < len(c.units); i++ {
		h := mix(uint64(c.units[i-2])<<32 | uint64(c.units[i-1]))
		to = append(to, makeGram(h^uint64(c.units[i]), saltTriple))
	}
	p.letters = len(to) - base
	return append(to, c.letters...), p
}

// exactGram stands for a whole folded text.
func exactGram(folded string) gram { return makeGram(hashText(folded), saltExact) }

func makeGram(h, salt uint64) gram {
	return gram(mix(h+salt*0x9e3779b97f4a7c15) >> 32)
}

// hashText is FNV-1a, mixed.
func hashText(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return mix(h)
}

// mix is the last step of SplitMix64: every bit of h moves every bit of the result.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// hasHan reports whether a folded text is Chinese, at least in part.
func hasHan(units []unit) bool {
	return slices.ContainsFunc(units, func(u unit) bool { return !u.word() })
}

// Grams gives the hashed pieces that a text is compared by, each once, for the program that
// counts how common they are.
func Grams(text string) []uint32 {
	coded := encode(Fold(text))
	grams, _ := coded.appendGrams(nil)
	slices.Sort(grams)
	list := make([]uint32, 0, len(grams))
	for _, g := range slices.Compact(grams) {
		list = append(list, uint32(g))
	}
	return list
}
