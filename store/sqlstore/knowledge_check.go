package sqlstore

import (
	"strings"
	"unicode/utf8"

	"deskmate/model"
)

// Sizes of an entry's columns, in characters.
const (
	questionSize = 200
	foldedSize   = 400
	answerSize   = 5000
	refSize      = 128
	groupSize    = 191
)

// checkEntry refuses an entry that can't be stored, or would make no sense.
func checkEntry(e *model.Entry) error {
	if e.Folded == "" || e.Answer == "" {
		return model.Invalid("entry_incomplete", "an entry needs a question and an answer")
	}
	if len(e.More) > model.MoreMax {
		return model.Invalid("entry_more", "an answer has at most %d messages", model.MoreMax+1)
	}
	if e.State != "" && !e.State.Valid() {
		return model.Invalid("entry_state", "an entry is on or off")
	}
	if e.ValidUntilMS != 0 && e.ValidUntilMS <= e.ValidFromMS {
		return model.Invalid("entry_validity", "an entry's validity ends after it begins")
	}
	fits := shorter(e.Question, questionSize) && shorter(e.Folded, foldedSize) && shorter(e.Answer, answerSize) &&
		shorter(e.Ref, refSize) && shorter(e.Group, groupSize)
	for _, q := range e.Similar {
		fits = fits && shorter(q, questionSize)
	}
	for _, m := range e.More {
		fits = fits && shorter(m, answerSize)
	}
	if !fits {
		return model.Invalid("too_long", "a text of an entry is too long to be stored")
	}
	return nil
}

// shorter reports whether a text has at most limit characters.
func shorter(text string, limit int) bool {
	return len(text) <= limit || utf8.RuneCountInString(text) <= limit
}

// checkGroup refuses a path of groups that nobody could name again.
func checkGroup(path string) error {
	bad := !shorter(path, groupSize)
	for part := range strings.SplitSeq(path, "/") {
		bad = bad || part == "" || strings.TrimSpace(part) != part
	}
	if bad {
		return model.Invalid("group_path", "a group's path is names parted by /, at most %d characters", groupSize)
	}
	return nil
}
