package config

import (
	"errors"
	"fmt"

	"deskmate/model"
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
		return model.IsLine(text, n)
	})
}

// webPage reports whether text is nothing or the absolute address of a page.
func webPage(text string) bool { return text == "" || model.IsWebPage(text) }
