package match

import (
	"slices"
	"strconv"
	"strings"
)

const (
	numeralDigits = "零一二三四五六七八九十"                     // by what they count
	numeralBefore = "楼层月年天日号次季线级期个点周岁倍份张台类档批轮度章条元块成折" // a character counts only before one of these
	numeralVague  = "个次点度"                            // but 一个, 一次 and their like count nothing
	numeralMax    = 100
)

// numerals gives the small numbers that a text names, in digits or in Chinese, each once.
func (l *lexicon) numerals(units []unit) []int {
	var found []int
	for i := 0; i < len(units); i++ {
		n, ok := l.numbers[units[i]]
		if !ok {
			var length int
			n, length = numeral(units[i:])
			ok = length > 0 && counts(units, i, length, n)
			i += max(length, 1) - 1
		}
		if ok && !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	return found
}

// numeral reads a Chinese number below a hundred; length is 0 for none.
func numeral(units []unit) (n, length int) {
	for ; length < len(units) && length < 3; length++ {
		digit := digitOf(units[length])
		switch {
		case digit < 0:
			return n, length
		case digit == 10:
			n = max(n, 1) * 10
		case length > 0 && n%10 != 0:
			return n, length
		default:
			n += digit
		}
	}
	return n, length
}

func digitOf(u unit) int {
	if u.word() {
		return -1
	}
	if u == '两' {
		return 2
	}
	at := strings.IndexRune(numeralDigits, rune(u)) //nolint:gosec // a character, not a word
	if at < 0 {
		return -1
	}
	return len([]rune(numeralDigits[:at]))
}

// counts reports whether the number of so many units at i counts something.
func counts(units []unit, i, length, n int) bool {
	if i > 0 && units[i-1] == '第' {
		return true
	}
	if i+length >= len(units) {
		return false
	}
	next := units[i+length]
	return oneOf(numeralBefore, next) && (n != 1 || !oneOf(numeralVague, next))
}

// otherNumbers reports whether both texts name numbers and share none.
func otherNumbers(a, b []int) bool {
	return len(a) > 0 && len(b) > 0 && !slices.ContainsFunc(a, func(n int) bool { return slices.Contains(b, n) })
}

// digits gives the units of the numbers that numerals knows.
func digits() map[unit]int {
	known := make(map[unit]int, numeralMax)
	for n := range numeralMax {
		known[wordUnit(strconv.Itoa(n), classDigit)] = n
	}
	return known
}
