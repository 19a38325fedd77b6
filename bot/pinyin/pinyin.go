// Package pinyin spells people's names the way colleagues type them. It knows Chinese
// readings, and nothing of who asks or where names are kept.
package pinyin

import (
	"strings"
	"unicode"
	"unicode/utf8"

	reading "github.com/mozillazg/go-pinyin"
)

// Bounds of what one name is spelled as.
const (
	maxStarts = 8  // characters or words from which a name may be typed
	maxWords  = 40 // words of a name in all
)

// part is a character of Chinese or a word of anything else, with its readings.
type part struct {
	text     string
	readings []string
}

// Words are what a name may be typed as, each once and in lower case: the name from any of its
// characters on (张三丰, 三丰, 丰), its pinyin without tones (zhangsanfeng, sanfeng, feng) and
// its initials (zsf, sf). A surname that reads otherwise than its character does has that
// reading (单 shan), or all of them where bearers differ. Words are without spaces, whatever
// the name has. They are nil for a name without letters or digits.
func Words(name string) []string {
	parts := split(name)
	var words []string
	seen := map[string]bool{}
	add := func(word string) {
		if !seen[word] && len(words) < maxWords {
			seen[word] = true
			words = append(words, word)
		}
	}
	for start := range parts[:min(len(parts), maxStarts)] {
		texts, full, initials := "", []string{""}, []string{""}
		for _, p := range parts[start:] {
			texts += p.text
			full, initials = spell(full, p.readings), spell(initials, firstLetters(p.readings))
		}
		add(texts)
		for _, w := range full {
			add(w)
		}
		if len(parts)-start > 1 {
			for _, w := range initials {
				add(w)
			}
		}
	}
	return words
}

// spell goes on with each of the readings.
func spell(words, readings []string) []string {
	var out []string
	for _, w := range words {
		for _, r := range readings {
			out = append(out, w+r)
		}
	}
	return out
}

func firstLetters(readings []string) []string {
	var out []string
	for _, r := range readings {
		_, size := utf8.DecodeRuneInString(r)
		if first := r[:size]; len(out) == 0 || out[0] != first {
			out = append(out, first)
		}
	}
	return out
}

// split cuts a name into its parts. The readings of a surname are those of the first
// characters.
func split(name string) []part {
	var parts []part
	word := ""
	end := func() {
		if word != "" {
			parts = append(parts, part{word, []string{word}})
		}
		word = ""
	}
	for _, r := range strings.ToLower(name) {
		switch {
		case unicode.Is(unicode.Han, r):
			end()
			parts = append(parts, part{string(r), []string{read(r)}})
		case unicode.IsLetter(r), unicode.IsDigit(r):
			word += string(r)
		default:
			end()
		}
	}
	end()
	for i, readings := range surname(parts) {
		parts[i].readings = readings
	}
	return parts
}

// surname gives the readings of the characters of a surname that need it; nil for others.
func surname(parts []part) [][]string {
	if len(parts) > 1 {
		if first, second, ok := strings.Cut(compound(parts[0].text+parts[1].text), " "); ok {
			return [][]string{{first}, {second}}
		}
	}
	if len(parts) > 0 {
		if readings := single(parts[0].text); readings != nil {
			return [][]string{readings}
		}
	}
	return nil
}

// read is the usual reading of a character, and the character itself where it has none.
func read(r rune) string {
	if readings := reading.SinglePinyin(r, reading.NewArgs()); len(readings) > 0 && readings[0] != "" {
		return readings[0]
	}
	return string(r)
}
