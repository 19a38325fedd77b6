package rephrase

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind int

const (
	fact    kind = iota // a number, name, address: compared by value
	word                // a word of a class: compared by class
	content             // what it is about
	joint               // a hinge
	other               // fillers, punctuation, spaces
)

// token is a piece of a text as the guard sees it.
type token struct {
	kind    kind
	value   string // of facts and content
	class   class  // of words
	from    int    // byte in the folded text
	clause  int    // between commas and stops, counted from 0
	mayDrop bool   // it may be missing in the other text
	mayAdd  bool   // it may be there though the other text lacks it
}

// reader cuts a folded text into tokens.
type reader struct {
	*vocabulary
	text   string
	tokens []token
	clause int

	bare []int // indexes of numbers without a unit, waiting for that of a range's end
	noon int   // byte at which a time of the afternoon, or a range from one, ended; 0: none
}

var (
	webAddress = regexp.MustCompile(`^(?i:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+`)
	mail       = regexp.MustCompile(`^[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+`)
	filePath   = regexp.MustCompile(`^(?:[A-Za-z]:\\|\\\\|/[A-Za-z])[^\s，。；！？、,;!?"“”「」『』()]+`)
	mobile     = regexp.MustCompile(`^(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}`)
	landline   = regexp.MustCompile(`^(?:\(0\d{2,3}\)|0\d{2,3})[- ]?\d{7,8}|^(?:400|800)[- ]?\d{3}[- ]?\d{4}`)
	dotted     = regexp.MustCompile(`^\d+(?:\.\d+){2,}(?::\d+)?`)
	latin      = regexp.MustCompile(`^[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*(?:[-_.+#@&/'][A-Za-z0-9]+)*[+#]*`)
	perUnit    = regexp.MustCompile(`^ ?/ ?(天|日|人|月|年|周|小时|次|位|份|张|晚|间|件|个|条)`)
	connector  = regexp.MustCompile(`^ *(?:-|~|到|至) *`)
	nonDigits  = regexp.MustCompile(`\D`)
)

const (
	stops   = "，。；！？,;!?\n"
	symbols = "→<✓✔✅☑√✗✘❌" // they count wherever they stand
	signs   = "-+±×÷*≈~"   // they count before a number
)

// lex cuts a folded text into tokens.
func (v *vocabulary) lex(text string) []token {
	r := &reader{vocabulary: v, text: text}
	for at := 0; at < len(text); {
		at += r.next(at)
	}
	r.markRepeated()
	return r.tokens
}

// next takes the token at a byte and gives its size.
func (r *reader) next(at int) int {
	s := r.text[at:]
	if size := r.literal(at, s); size > 0 {
		return size
	}
	class, wordSize := r.word(s)
	if class == "each周" {
		if _, size := dayOfWeek(strings.TrimPrefix(s, "每")); size > 0 {
			class, wordSize = "each", len("每")
		}
	}
	if size := r.measured(at, s, wordSize); size > 0 {
		return size
	}
	if wordSize > 0 {
		return r.addWord(at, class, s[:wordSize])
	}
	c, size := utf8.DecodeRuneInString(s)
	switch {
	case strings.ContainsRune(stops, c):
		r.clause++
		r.add(token{kind: other, from: at})
	case unicode.IsLetter(c) || unicode.IsNumber(c) || c == '%':
		r.addContent(at, string(c))
	case strings.ContainsRune(symbols, c), strings.ContainsRune(signs, c) && digitAt(s, size):
		r.add(token{kind: fact, value: string(c), from: at})
	default:
		r.add(token{kind: other, from: at})
	}
	return size
}

// literal takes what is compared letter by letter: addresses, paths, phone numbers, versions,
// Latin words.
func (r *reader) literal(at int, s string) int {
	if s[0] >= utf8.RuneSelf {
		return 0
	}
	for _, pattern := range [...]*regexp.Regexp{webAddress, mail, filePath, dotted} {
		if m := strings.TrimRight(pattern.FindString(s), ".,;:!?)'"); m != "" {
			r.add(token{kind: fact, value: m, from: at})
			return len(m)
		}
	}
	for _, pattern := range [...]*regexp.Regexp{mobile, landline} {
		if m := pattern.FindString(s); m != "" && !digitAt(s, len(m)) {
			number := nonDigits.ReplaceAllString(m, "")
			r.add(token{kind: fact, value: "tel" + strings.TrimPrefix(number, "86"), from: at})
			return len(m)
		}
	}
	m := latin.FindString(s)
	if m == "" || r.measures(s) || startsWithAny(m, "RMB", "CNY", "USD") && r.number(s).size > 0 {
		return 0
	}
	r.add(token{kind: fact, value: m, from: at})
	return len(m)
}

// measures reports whether s begins with a number and a unit in Latin letters: 10GB.
func (r *reader) measures(s string) bool {
	n := digits.FindString(s)
	if n == "" {
		return false
	}
	_, size := r.unit(s[len(n):])
	return size > 0
}

// measured takes a date, time, weekday or number, unless a longer word stands there.
func (r *reader) measured(at int, s string, wordSize int) int {
	if size := r.joined(at, s); size > 0 {
		return size
	}
	if values, size := date(s); size > 0 {
		for _, v := range values {
			r.add(token{kind: fact, value: v, from: at})
		}
		return size
	}
	if value, size := dayOfWeek(s); size > wordSize {
		r.add(token{kind: fact, value: value, from: at})
		return size
	}
	if minute, afternoon, size := clock(s); size > wordSize {
		if r.noon == at && at > 0 && minute < 12*60 {
			minute, afternoon = minute+12*60, true
		}
		r.add(token{kind: fact, value: clockValue(minute), from: at})
		if afternoon {
			r.noon = at + size
		}
		return size
	}
	n := r.number(s)
	if n.size <= wordSize {
		return 0
	}
	r.addNumber(at, n)
	return n.size
}

// joined takes what ties two facts together: 3-5天, 9点到18点, 100元/天.
func (r *reader) joined(at int, s string) int {
	if len(r.tokens) == 0 || r.tokens[len(r.tokens)-1].kind != fact {
		return 0
	}
	if m := perUnit.FindStringSubmatch(s); m != nil {
		per, _ := r.word("每" + m[1])
		if per == "each" {
			per = class("each" + r.units[m[1]])
		}
		r.add(token{kind: word, class: per, from: at})
		return len(m[0])
	}
	m := connector.FindString(s)
	rest := s[len(m):]
	if m == "" || rest == "" || !r.begins(rest) {
		return 0
	}
	r.add(token{kind: word, class: "range", from: at})
	if r.noon == at {
		r.noon = at + len(m)
	}
	return len(m)
}

// begins reports whether a text begins with a fact that can end a range.
func (r *reader) begins(s string) bool {
	if _, size := dayOfWeek(s); size > 0 {
		return true
	}
	if _, _, size := clock(s); size > 0 {
		return true
	}
	return r.number(s).size > 0
}

// addNumber adds a number; in a range (3-5天) the first takes the unit of the second.
func (r *reader) addNumber(at int, n reading) {
	if k := len(r.tokens); k > 1 && !n.bare && r.tokens[k-1].class == "range" && len(r.bare) > 0 && r.bare[0] == k-2 {
		first := &r.tokens[k-2]
		first.value += strings.TrimLeft(n.value, "#0123456789/第")
	}
	r.bare = r.bare[:0]
	if n.bare {
		r.bare = append(r.bare, len(r.tokens))
	}
	free := n.loose && !r.bound()
	r.add(token{kind: fact, value: n.value, from: at, mayDrop: free, mayAdd: free})
}

// bound reports whether the 一个 that comes now is counted: 每人一个, 只能选一个.
func (r *reader) bound() bool {
	for i := len(r.tokens) - 1; i >= 0 && i >= len(r.tokens)-3; i-- {
		t := r.tokens[i]
		if t.kind == word && t.class != ask && t.class != can && t.class != need && t.class != condition || t.kind == content && strings.ContainsAny(t.value, "选同另任") {
			return true
		}
	}
	return false
}

func (r *reader) addWord(at int, c class, text string) int {
	t := token{kind: word, class: c, from: at}
	switch c { //nolint:exhaustive // the other classes are words as they stand
	case plainWord:
		return r.addContent(at, text)
	case filler:
		t.kind = other
	case pivot:
		if text == "通过" && !r.leads(at+len(text)) {
			return r.addContent(at, text)
		}
		t.kind = other
	case comfort:
		if !r.aside(at + len(text)) {
			return r.addContent(at, text)
		}
		t.kind = other
	case condition:
		t.mayAdd = true
		t.mayDrop = slices.ContainsFunc(r.tokens, func(o token) bool { return o.class == condition && o.clause == r.clause })
	case hinge:
		t.kind = joint
	case ask, can, sequence:
		t.mayAdd, t.mayDrop = true, true
	case "since":
		if text == "起" && !r.follows("日天月年周号") {
			return r.addContent(at, text)
		}
	case "after":
		// Saying that one step comes after another is fine; 3天后 is another thing than 3天.
		t.mayAdd = len(r.tokens) == 0 || r.tokens[len(r.tokens)-1].kind != fact
	}
	r.add(t)
	return len(text)
}

// leads reports whether the 通过 that ends at a byte says by what means: what passes ends its
// clause, or is followed by what comes of it.
func (r *reader) leads(at int) bool {
	next, _ := utf8.DecodeRuneInString(r.text[at:])
	return at < len(r.text) && !strings.ContainsRune(stops+" 之以后的了才即方则可也就将会", next)
}

// aside reports whether a word that ends at a byte stands by itself, before all that is said.
func (r *reader) aside(at int) bool {
	next, _ := utf8.DecodeRuneInString(r.text[at:])
	return (at == len(r.text) || strings.ContainsRune(stops, next)) &&
		!slices.ContainsFunc(r.tokens, func(t token) bool { return t.kind != other })
}

// follows reports whether the last token ends in one of the characters, or is a fact.
func (r *reader) follows(chars string) bool {
	if len(r.tokens) == 0 {
		return false
	}
	t := r.tokens[len(r.tokens)-1]
	last, _ := utf8.DecodeLastRuneInString(t.value)
	return t.kind == fact || t.kind == content && strings.ContainsRune(chars, last)
}

// addContent adds content, joined to that which it follows at once.
func (r *reader) addContent(at int, text string) int {
	if k := len(r.tokens) - 1; k >= 0 && r.tokens[k].kind == content && r.tokens[k].from+len(r.tokens[k].value) == at {
		r.tokens[k].value += text
		return len(text)
	}
	r.add(token{kind: content, value: text, from: at})
	return len(text)
}

func (r *reader) add(t token) {
	t.clause = r.clause
	r.tokens = append(r.tokens, t)
}

// markRepeated lets a name that stands more than once come once more or less often.
func (r *reader) markRepeated() {
	seen := map[string]int{}
	for i := range r.tokens {
		if r.tokens[i].isName() {
			seen[r.tokens[i].value]++
		}
	}
	for i := range r.tokens {
		if t := &r.tokens[i]; t.isName() && seen[t.value] > 1 {
			t.mayDrop, t.mayAdd = true, true
		}
	}
}

func (t token) isName() bool {
	return t.kind == fact && letter(t.value[0]) && !strings.HasPrefix(t.value, "tel")
}
