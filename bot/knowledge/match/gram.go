package match

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// gram is a run of one to three units of a folded text, hashed. The low three bits
// are its gramClass, so that its weight can be told without the text.
type gram uint64

// gramClass is what kind of evidence a gram is.
type gramClass uint64

const (
	contentUnit  gramClass = iota // one character that means something
	functionUnit                  // one character or word that nearly every question has
	wordUnit                      // a Latin word or a number
	contentPair
	functionPair // two function units: 怎么, 可以
	contentTriple
	functionTriple
	gramClasses // how many there are

	classBits = 3
	classMask = 1<<classBits - 1
)

func (g gram) class() gramClass { return gramClass(g & classMask) }

// prior is how often a gram of the class stands in questions anywhere, as a share of
// them: what is known of a gram before the knowledge base says more.
func (c gramClass) prior() float64 {
	switch c {
	case functionUnit:
		return 0.12
	case functionPair:
		return 0.04
	case functionTriple:
		return 0.02
	case contentUnit:
		return 0.006
	case contentPair, wordUnit:
		return 0.0015
	case contentTriple, gramClasses:
	}
	return 0.0005
}

// unitsMax is how many units of a question count; what comes behind them is ignored.
const unitsMax = 160

// cut splits a folded text into units: a Han character (or kana, hangul …), a Latin
// word or a number each are one.
func cut(folded string) []string {
	units := make([]string, 0, len(folded)/han+1)
	start, last := 0, classNone
	flush := func(end int) {
		if last == classLetter || last == classDigit {
			units = append(units, folded[start:end])
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
		if class == classChar {
			units = append(units, folded[i:i+len(string(r))])
		}
		start, last = i, class
	}
	flush(len(folded))
	if len(units) > unitsMax {
		units = units[:unitsMax]
	}
	return units
}

// isWord reports whether a unit is a Latin word or a number.
func isWord(unit string) bool {
	class := unitClass(unit)
	return class == classLetter || class == classDigit
}

// isNumber reports whether a unit is a number.
func isNumber(unit string) bool { return unitClass(unit) == classDigit }

func unitClass(unit string) runeClass {
	r, _ := utf8.DecodeRuneInString(unit)
	return classOf(r)
}

// functionUnits are characters that carry little of a question's meaning, and
// functionWords the same in English.
const (
	functionUnits = "的了吗呢吧啊呀么嘛我你您他她它们咱是在有要能可以会请怎样如何什为哪里个这那到和跟与及或就都也还又再想帮办需应该用去来把被给让对从向于以之其所得地着过下一上让做弄搞咋啥谁几多少哦"
	functionWords = " a an the i my me you your we our is are am be do does did can could would will to of in on at for from with and or it this that what how where when why which who please need want "
)

func isFunction(unit string) bool {
	if isWord(unit) {
		return strings.Contains(functionWords, " "+unit+" ")
	}
	return strings.Contains(functionUnits, unit)
}

// hashUnit is FNV-1a; the class bits are free.
func hashUnit(unit string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(unit) {
		h = (h ^ uint64(unit[i])) * 1099511628211
	}
	return mix(h)
}

func mix(h uint64) uint64 {
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>32
}

func makeGram(h uint64, class gramClass) gram { return gram(h&^classMask) | gram(class) }

// gramsOf gives the units of a text as grams, in order, and all grams of one to three
// units, sorted, each once.
func gramsOf(units []string) (order, all []gram) {
	order = make([]gram, len(units))
	hashes := make([]uint64, len(units))
	function := make([]bool, len(units))
	all = make([]gram, 0, 3*len(units))
	for i, unit := range units {
		hashes[i], function[i] = hashUnit(unit), isFunction(unit)
		class := contentUnit
		switch {
		case function[i]:
			class = functionUnit
		case isWord(unit):
			class = wordUnit
		}
		order[i] = makeGram(hashes[i], class)
		all = append(all, order[i])
	}
	for i := 1; i < len(units); i++ {
		pair := mix(hashes[i-1] ^ bits.RotateLeft64(hashes[i], 23))
		class := contentPair
		if function[i-1] && function[i] {
			class = functionPair
		}
		all = append(all, makeGram(pair, class))
		if i == 1 {
			continue
		}
		class = contentTriple
		if function[i-2] && function[i-1] && function[i] {
			class = functionTriple
		}
		all = append(all, makeGram(mix(pair+bits.RotateLeft64(hashes[i-2], 41)), class))
	}
	slices.Sort(all)
	return order, slices.Compact(all)
}
