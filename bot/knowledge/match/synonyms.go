package match

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"deskmate/model"
)

// synonyms writes words that mean the same to an account as one of them. A nil one
// changes nothing.
type synonyms struct {
	given []model.Synonym
	first map[rune][]rewrite // by the first character of from, the longest first
}

type rewrite struct{ from, to string }

func newSynonyms(groups []model.Synonym) *synonyms {
	s := &synonyms{given: groups, first: map[rune][]rewrite{}}
	for _, group := range groups {
		to := ""
		for _, word := range group.Words {
			folded := Fold(word)
			if folded == "" {
				continue
			}
			if to == "" {
				to = folded
			}
			r, _ := utf8.DecodeRuneInString(folded)
			s.first[r] = append(s.first[r], rewrite{folded, to})
		}
	}
	if len(s.first) == 0 {
		return nil
	}
	for _, list := range s.first {
		slices.SortStableFunc(list, func(a, b rewrite) int { return cmp.Compare(len(b.from), len(a.from)) })
	}
	return s
}

// list gives the groups that they were made of.
func (s *synonyms) list() []model.Synonym {
	if s == nil {
		return nil
	}
	return s.given
}

// unify rewrites a folded text; a word in Latin letters counts only as a whole.
func (s *synonyms) unify(folded string) string {
	if s == nil {
		return folded
	}
	rest, done := folded, ""
	last := classNone
	for i := 0; i < len(rest); {
		r, size := utf8.DecodeRuneInString(rest[i:])
		if w, ok := s.at(rest[i:], r, last); ok {
			done = join(join(done, strings.TrimSpace(rest[:i])), w.to)
			rest, i, last = rest[i+len(w.from):], 0, classNone
			continue
		}
		last = classOf(r)
		i += size
	}
	if done == "" {
		return folded
	}
	return join(done, strings.TrimSpace(rest))
}

// join puts two folded texts together, words kept apart.
func join(a, b string) string {
	end, _ := utf8.DecodeLastRuneInString(a)
	begin, _ := utf8.DecodeRuneInString(b)
	if a != "" && b != "" && classOf(end) == classOf(begin) && classOf(end) != classChar {
		return a + " " + b
	}
	return a + b
}

// at finds the longest word that rest begins with; last is the class of the character before.
func (s *synonyms) at(rest string, r rune, last runeClass) (rewrite, bool) {
	class := classOf(r)
	if class == last && class == classLetter {
		return rewrite{}, false
	}
	for _, w := range s.first[r] {
		if !strings.HasPrefix(rest, w.from) {
			continue
		}
		end, _ := utf8.DecodeLastRuneInString(w.from)
		next, _ := utf8.DecodeRuneInString(rest[len(w.from):])
		if classOf(end) == classLetter && classOf(next) == classLetter && len(rest) > len(w.from) {
			continue
		}
		return w, true
	}
	return rewrite{}, false
}
