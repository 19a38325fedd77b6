package match

import (
	_ "embed"
	"strings"
	"sync"
)

// traditionalTable is a line of traditional characters and one of the simplified ones at the
// same places.
//
//go:embed data/traditional.txt
var traditionalTable string

// simpler gives the simplified forms by the traditional ones. It is made once: nobody
// changes it.
var simpler = sync.OnceValue(func() map[rune]rune { //nolint:gochecknoglobals // a constant, in effect
	from, to, _ := strings.Cut(strings.TrimSpace(traditionalTable), "\n")
	table, simple := map[rune]rune{}, []rune(to)
	for i, r := range []rune(from) {
		table[r] = simple[i]
	}
	return table
})

// simplified is the simplified form of a traditional character; any other character
// is returned as it is.
func simplified(r rune) rune {
	if r < 0x3400 {
		return r
	}
	if simple, ok := simpler()[r]; ok {
		return simple
	}
	return r
}

// Simplify is the simplified form of a traditional character; any other is returned as it is.
func Simplify(r rune) rune { return simplified(r) }
