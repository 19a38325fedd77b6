package bot

import (
	"slices"
	"strings"
	"unicode"

	"deskmate/model"
)

// FindByName finds the employees that a seat means by what it typed: those of exactly
// that name, else of that userid, else those whose name begins with it. The name as cards
// show it, with the department, counts as exact. Case, width and spaces don't matter. Several matches mean that the
// seat has to be asked; none gives nil.
func FindByName(serving []model.Served, name string) []model.Served {
	return find(serving, name, func(s model.Served) person {
		return person{userID: s.Session.Employee, name: s.Employee.ShortName(), title: s.Employee.Title()}
	})
}

// FindSeat finds the seats that are meant by a name, as [FindByName] finds employees.
func FindSeat(seats []model.Seat, name string) []model.Seat {
	return find(seats, name, func(s model.Seat) person {
		return person{userID: s.UserID, name: s.Name}
	})
}

// FindSeatNote finds the seats that are meant by a text that begins with a name, what of it is
// that name, and what stands behind it. A name may hold spaces: the longest that is somebody's
// counts, and the beginning of one only where no part of the text is a whole name.
func FindSeatNote(seats []model.Seat, text string) (found []model.Seat, who, note string) {
	type cut struct{ who, note string }
	var cuts []cut
	for who, note := "", text; note != ""; {
		var word string
		word, note = cutSpace(note)
		who = strings.TrimSpace(who + " " + word)
		cuts = append(cuts, cut{who, note})
	}
	slices.Reverse(cuts)
	for _, whole := range []bool{true, false} {
		for _, c := range cuts {
			found = FindSeat(seats, c.who)
			if len(found) > 0 && (!whole || isCalled(found[0], c.who)) {
				return found, c.who, c.note
			}
		}
	}
	if len(cuts) > 0 {
		who = cuts[len(cuts)-1].who
	}
	return nil, who, ""
}

// isCalled reports whether a name, or userid, is a seat's whole one.
func isCalled(s model.Seat, name string) bool {
	return fold(s.Name) == fold(name) || fold(s.UserID) == fold(name)
}

// FindMention finds whom a [CommandTo] with a name means, and the text for them. A name
// of several words (@Lin Na 你好) ends where the name of somebody served ends, and not at
// its first space.
func FindMention(serving []model.Served, c Command) ([]model.Served, string) {
	whole := fold(c.Who + " " + c.Text)
	longest := ""
	for _, s := range serving {
		name := fold(s.Employee.ShortName())
		if strings.Contains(name, " ") && len(name) > len(longest) && strings.HasPrefix(whole+" ", name+" ") {
			longest = name
		}
	}
	if longest == "" {
		return FindByName(serving, c.Who), c.Text
	}
	text := c.Text
	for range strings.Count(longest, " ") {
		_, text = cutSpace(text)
	}
	return FindByName(serving, longest), text
}

// person is what somebody may be called by.
type person struct{ userID, name, title string }

// find gives the items of the best class of matches: exact name, userid, start of name.
func find[T any](items []T, name string, of func(T) person) []T {
	want := fold(name)
	if want == "" {
		return nil
	}
	for _, match := range []func(person) bool{
		func(p person) bool { return fold(p.name) == want || fold(p.title) == want },
		func(p person) bool { return fold(p.userID) == want },
		func(p person) bool { return strings.HasPrefix(fold(p.name), want) },
	} {
		var found []T
		for _, item := range items {
			if match(of(item)) {
				found = append(found, item)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// fold writes a name the one way names are compared: half width, lower case, single
// spaces.
func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.Map(narrow, s)), " "))
}

// narrow turns a full-width form of an ASCII character into that character; Chinese
// input methods write ＃, ＠, １ and the full-width space.
func narrow(r rune) rune {
	const first, last, shift = '！', '～', '！' - '!'
	switch {
	case r >= first && r <= last:
		return r - shift
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

// cutSpace cuts s at its first run of spaces of any kind: the word before it and the
// rest after it, both without spaces around them.
func cutSpace(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	at := strings.IndexFunc(s, unicode.IsSpace)
	if at < 0 {
		return s, ""
	}
	return s[:at], strings.TrimSpace(s[at:])
}
