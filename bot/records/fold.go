package records

import "unicode"

// Folder writes texts the one way they are compared: half width, lower case, and what Simplify
// makes of a character. The zero value does without Simplify.
type Folder struct {
	Simplify func(rune) rune // the simplified form of a traditional character; nil: none
}

// folded is a text as it is compared, and where in the original its characters stand.
type folded struct {
	runes []rune
	at    []int // index of each in the original's characters
}

func (f Folder) fold(text string) folded {
	out := folded{runes: make([]rune, 0, len(text)/2), at: make([]int, 0, len(text)/2)}
	i := 0
	for _, r := range text {
		if r = f.rune(r); r != 0 {
			out.runes, out.at = append(out.runes, r), append(out.at, i)
		}
		i++
	}
	return out
}

// rune is how a character is compared; 0 where it isn't.
func (f Folder) rune(r rune) rune {
	switch {
	case r < 0x80:
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case r >= '！' && r <= '～': // full width
		return f.rune(r - '！' + '!')
	case r == '　':
		return ' '
	case unicode.Is(unicode.Variation_Selector, r), r == '\u200b', r == '\ufeff':
		return 0
	}
	r = unicode.ToLower(r)
	if f.Simplify != nil {
		r = f.Simplify(r)
	}
	return r
}

// separates reports whether no gram reaches across a character: blanks, punctuation,
// controls.
func separates(r rune) bool {
	switch {
	case r < 0x80:
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && r != '$' && r != '+' && r != '<' && r != '=' && r != '>' && r != '^' && r != '|' && r != '~'
	case r >= 0x3400 && r < 0xe000:
		return false
	}
	return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsControl(r)
}

// gram is two neighbouring characters, or a character and 0 where a run of them ends.
type gram uint64

const runeBits = 21

func gramOf(first, second rune) gram {
	return gram(first)<<runeBits | gram(second) //nolint:gosec // characters are positive
}

func (g gram) first() rune { return rune(g >> runeBits) } //nolint:gosec // 21 bits

// eachGram gives the grams of a folded text, repeated ones as often as they stand there.
func eachGram(runes []rune, do func(gram)) {
	for i, r := range runes {
		if separates(r) {
			continue
		}
		next := rune(0)
		if i+1 < len(runes) && !separates(runes[i+1]) {
			next = runes[i+1]
		}
		do(gramOf(r, next))
	}
}

// bucketOf is where a character's grams are, of a power of two of buckets.
func bucketOf(first rune, buckets int) int {
	h := uint32(first) * 2654435761 //nolint:gosec // spreads, nothing secret
	return int(h>>8) & (buckets - 1)
}
