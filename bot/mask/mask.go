// Package mask hides the numbers that identify a person or their money before a text goes to a
// language model, a log or an export: Chinese ID numbers, mobile and landline phones, bank
// cards, and passports and travel permits that are named as such. What is hidden keeps its
// shape and length in characters: 138****5678. Service lines (400, 800), e-mail addresses,
// order numbers, amounts, dates and IP addresses stay, as far as they can be told apart.
package mask

import (
	"regexp"
	"strings"
)

// Text gives the text with such numbers hidden. Masking twice changes nothing more.
func Text(s string) string {
	runes := []rune(s)
	hidden := false
	for at := 0; at < len(runes); {
		if !startsNumber(runes, at) {
			at++
			continue
		}
		n, ok := recognise(runes, at)
		if !ok {
			at = blockEnd(runes, at)
			continue
		}
		n.hide(runes)
		hidden, at = true, n.at[len(n.at)-1]+1
	}
	if hidden {
		s = string(runes)
	}
	return document(s)
}

// number is a recognised number: where its digits stand, and how many of them remain legible
// at either end.
type number struct {
	at         []int
	head, tail int
}

func (n number) hide(runes []rune) {
	for _, i := range n.at[n.head : len(n.at)-n.tail] {
		runes[i] = '*'
	}
}

// recognise finds out what number begins at a digit.
func recognise(runes []rune, at int) (number, bool) {
	before := label(runes, at)
	for _, try := range [...]func([]rune, int, string) (number, bool){identity, mobile, landline, bankCard} {
		if n, ok := try(runes, at, before); ok {
			return n, true
		}
	}
	return number{}, false
}

// identity is an ID number: 18 digits with their check digit, or the 15 of old. Where the text
// names it (身份证) a wrong check digit is a slip of the pen.
func identity(runes []rune, at int, before string) (number, bool) {
	named := strings.Contains(before, "身份证") || strings.Contains(before, "证件号")
	for _, size := range [...]int{18, 15} {
		digits, places := take(runes, at, size)
		if len(digits) == size && ends(runes, places) && bornSomewhere(digits) && (size == 15 || named || checkDigit(digits)) {
			return number{at: places, head: 3, tail: 4}, true
		}
		if named && len(digits) == size && ends(runes, places) {
			return number{at: places, head: 3, tail: 4}, true
		}
	}
	return number{}, false
}

// mobile is a mobile number, with or without the country's 86, written in one or as 3-4-4,
// 4-3-4 or 3-3-5.
func mobile(runes []rune, at int, _ string) (number, bool) {
	start := at
	for _, country := range [...]string{"0086", "86"} {
		digits, places := take(runes, at, len(country))
		if digits == country && len(places) > 0 {
			start = skipSeparator(runes, places[len(places)-1]+1)
			break
		}
	}
	digits, places := take(runes, start, 11)
	if len(digits) != 11 || digits[0] != '1' || digits[1] < '3' || digits[10] == 'X' || !ends(runes, places) || !grouped(places, 3, 7) && !grouped(places, 4, 7) && !grouped(places, 3, 6) {
		return number{}, false
	}
	if start == at && follows(runes, at) || isAmount(runes, places[10]+1) {
		return number{}, false
	}
	return number{at: places, head: 3, tail: 4}, true
}

// landline is a fixed number with its area code: 010-88886666, (0755) 8888 6666.
func landline(runes []rune, at int, _ string) (number, bool) {
	if value(runes[at]) != '0' || follows(runes, at) {
		return number{}, false
	}
	for _, area := range [...]int{3, 4} {
		code, places := take(runes, at, area)
		if len(code) != area || code[1] == '0' || (area == 3) != (code[1] == '1' && code[2] == '0' || code[1] == '2') {
			continue
		}
		rest := places[area-1] + 1
		if rest < len(runes) && (runes[rest] == ')' || runes[rest] == '）') {
			rest++
		}
		rest = skipSeparator(runes, rest)
		for _, size := range [...]int{8, 7} {
			digits, tail := take(runes, rest, size)
			if len(digits) == size && digits[0] != '0' && digits[0] != '1' && digits[size-1] != 'X' && ends(runes, tail) && grouped(tail, size-4) {
				return number{at: tail, head: 0, tail: 4}, true
			}
		}
	}
	return number{}, false
}

// bankCard is a card number: the prefix and length of a card system, with its check digit, in
// groups of four or behind a 卡; or any long number that the text names so.
func bankCard(runes []rune, at int, before string) (number, bool) {
	if follows(runes, at) || at > 0 && isLatin(runes[at-1]) || isOrder(before) {
		return number{}, false
	}
	named := strings.Contains(before, "卡号") || strings.Contains(before, "银行卡") || strings.Contains(before, "账号") || strings.Contains(before, "帐号")
	for size := 19; size >= 12; size-- {
		digits, places := take(runes, at, size)
		if len(digits) != size || digits[size-1] == 'X' || !ends(runes, places) || beyond(runes, places) {
			continue
		}
		if named || cardSystem(digits) && (luhn(digits) || inFours(places) || strings.Contains(before, "卡")) {
			return number{at: places, head: 4, tail: 4}, true
		}
	}
	return number{}, false
}

var documents = regexp.MustCompile(`((?:护照|通行证|回乡证|台胞证|[Pp]assport)[^\dA-Za-z\n]{0,8})([A-Za-z]{1,2})(\d{5,8})(\d{2})\b`)

// document hides passports and travel permits, whose numbers look like many others, where the
// text names them.
func document(s string) string {
	return documents.ReplaceAllStringFunc(s, func(m string) string {
		parts := documents.FindStringSubmatch(m)
		return parts[1] + parts[2] + strings.Repeat("*", len(parts[3])) + parts[4]
	})
}
