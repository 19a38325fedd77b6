package mask

import (
	"slices"
	"strings"
	"time"
)

// value is the digit that a character is, half or full width; 0 for none.
func value(r rune) byte {
	switch {
	case r >= '0' && r <= '9':
		return byte(r)
	case r >= '０' && r <= '９':
		return byte('0' + r - '０')
	default:
		return 0
	}
}

// isSeparator reports whether people put a character between groups of digits.
func isSeparator(r rune) bool { return isBlank(r) || strings.ContainsRune("-.·－–—‐", r) }

func isBlank(r rune) bool { return strings.ContainsRune(" \u00a0　", r) }

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' }

// startsNumber reports whether a block of digits begins here.
func startsNumber(runes []rune, at int) bool {
	return value(runes[at]) != 0 && (at == 0 || value(runes[at-1]) == 0)
}

func blockEnd(runes []rune, at int) int {
	for at < len(runes) && value(runes[at]) != 0 {
		at++
	}
	return at
}

// take reads up to n digits with separators between them, and where they stand. The
// last of 18 may be an X.
func take(runes []rune, at, n int) (digits string, places []int) {
	var b strings.Builder
	for at < len(runes) && b.Len() < n {
		d := value(runes[at])
		if d == 0 && n == 18 && b.Len() == 17 && strings.ContainsRune("XxＸｘ", runes[at]) {
			d = 'X'
		}
		if d == 0 {
			return "", nil
		}
		b.WriteByte(d)
		places = append(places, at)
		at++
		if b.Len() < n {
			at = skipSeparator(runes, at)
		}
	}
	return b.String(), places
}

// skipSeparator skips one separator and blanks around it, three characters at most.
func skipSeparator(runes []rune, at int) int {
	other := false
	for i := at; i < len(runes) && i <= at+3; i++ {
		switch {
		case isBlank(runes[i]):
		case isSeparator(runes[i]) && !other:
			other = true
		default:
			return i
		}
	}
	return at
}

// ends reports whether a number ends where its digits do.
func ends(runes []rune, places []int) bool {
	if len(places) == 0 {
		return false
	}
	next := places[len(places)-1] + 1
	return next >= len(runes) || value(runes[next]) == 0 && !isLatin(runes[next])
}

// beyond reports whether more digits follow behind a separator.
func beyond(runes []rune, places []int) bool {
	next := places[len(places)-1] + 1
	after := skipSeparator(runes, next)
	return after > next && runes[next] != ' ' && after < len(runes) && value(runes[after]) != 0
}

// follows reports whether a number goes on from digits before it: 2026-01…, 10.0….
func follows(runes []rune, at int) bool {
	return at > 1 && strings.ContainsRune("-.－", runes[at-1]) && value(runes[at-2]) != 0
}

// inFours reports whether a number is written as cards are embossed: 6222 0212 3456 7890.
func inFours(places []int) bool {
	for i := 1; i < len(places); i++ {
		if apart := places[i] != places[i-1]+1; apart != (i%4 == 0) {
			return false
		}
	}
	return len(places) > 4
}

// grouped reports whether separators stand only before the given digits.
func grouped(places []int, breaks ...int) bool {
	for i := 1; i < len(places); i++ {
		if places[i] != places[i-1]+1 && !slices.Contains(breaks, i) {
			return false
		}
	}
	return true
}

// label is what stands shortly before a number and may name it.
func label(runes []rune, at int) string { return string(runes[max(0, at-16):at]) }

func isOrder(before string) bool {
	for _, word := range [...]string{"订单", "单号", "流水", "发票", "合同", "工单", "编号", "编码", "税号", "信用代码", "序列号", "运单"} {
		if strings.Contains(before, word) {
			return true
		}
	}
	return false
}

func isAmount(runes []rune, at int) bool {
	return at < len(runes) && strings.ContainsRune("元块万亿", runes[at])
}

// bornSomewhere reports whether an ID number names a province and a day of birth.
func bornSomewhere(digits string) bool {
	const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 "
	if !strings.Contains(provinces, " "+digits[:2]+" ") {
		return false
	}
	birth := digits[6:12]
	layout := "060102"
	if len(digits) == 18 {
		birth, layout = digits[6:14], "20060102"
		if birth[:2] != "19" && birth[:2] != "20" {
			return false
		}
	}
	_, err := time.Parse(layout, birth)
	return err == nil
}

// checkDigit reports whether the last of 18 digits is right (GB 11643).
func checkDigit(digits string) bool {
	weights := [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return "10X98765432"[sum%11] == digits[17]
}

// luhn reports whether the last digit of a card number is right.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// cardSystem reports whether a number has the prefix and length of a card system in use.
func cardSystem(digits string) bool {
	n, two := len(digits), digits[:2]
	switch {
	case two == "62" || two == "60" || two == "64" || two == "65" || two == "81" || two == "95":
		return n >= 16
	case two == "34" || two == "37":
		return n == 15
	case two == "36" || two == "38":
		return n == 14
	case digits[0] == '4':
		return n == 13 || n == 16 || n == 19
	case digits[0] == '5', two == "35", two >= "22" && two <= "27":
		return n == 16
	default:
		return false
	}
}
