package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// must makes a check whose error says what is allowed, and not what was given.
func must(allowed string, valid func(string) bool) func(string) error {
	return func(text string) error {
		if !valid(text) {
			return errors.New("must be " + allowed)
		}
		return nil
	}
}

// lineUpTo checks for one line of at most n characters, or nothing.
func lineUpTo(n int) func(string) error {
	return must(fmt.Sprintf("at most %d characters", n), func(text string) bool {
		return text == "" || lineOfText(text, n)
	})
}

// lineOfText reports whether text is one line of 1 to n characters.
func lineOfText(text string, n int) bool {
	return text != "" && utf8.RuneCountInString(text) <= n && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, unicode.IsControl)
}

// textUpTo reports whether text has at most n characters and no control character
// but line ends and tabs.
func textUpTo(text string, n int) bool {
	return utf8.RuneCountInString(text) <= n && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// pushable reports whether text fits into one text message of WeCom, which holds 2048
// bytes.
func pushable(text string) bool {
	const most = 2048
	return len(text) <= most && textUpTo(text, most)
}

// webPage reports whether text is nothing or the absolute address of a page.
func webPage(text string) bool {
	u, err := url.Parse(text)
	return text == "" || err == nil && isWeb(u) && len(text) <= 1024
}

// blankOrControl reports whether r has no place in a secret.
func blankOrControl(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r)
}
