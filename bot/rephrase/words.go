package rephrase

import "strings"

// class is what a word does to what is said.
type class string

// The classes that the guard treats by name; the others only have to survive.
const (
	plainWord class = ""        // content that only looks like something else: 非常, 级别
	filler    class = "filler"  // says nothing: it may come and go
	hinge     class = "hinge"   // as a filler, but what stands on its two sides must not change places
	strict    class = "strict"  // 分别, 前者: nothing may change places
	pivot     class = "pivot"   // as a filler, but what it stands between in both texts must not change places
	comfort   class = "comfort" // 别担心: a filler where it stands alone at the beginning
	condition class = "if"      // 如果, 时: one may stand for another, and none may go
	can       class = "can"
	ask       class = "ask" // 请
	sequence  class = "seq" // 先, 再
	must      class = "must"
	need      class = "need"
	forbid    class = "forbid"
	notAble   class = "notable" // 不能: either forbidden or impossible
	cannot    class = "cannot"
	only      class = "only"
)

// governs reports whether words of the class say something of the words behind them.
func governs(c class) bool {
	switch c {
	case must, need, forbid, notAble, cannot, "discourage", "noneed", "not", "notall", only, "exclude", "tryto", "likely":
		return true
	default:
		return false
	}
}

// alike reports whether one class may stand for the other.
func alike(a, b class) bool {
	if a == b {
		return true
	}
	for _, pair := range [...][2]class{{must, need}, {need, ask}, {notAble, forbid}, {notAble, cannot}} {
		if a == pair[0] && b == pair[1] || a == pair[1] && b == pair[0] {
			return true
		}
	}
	return false
}

// bounds reports whether words of the class limit the number before them: 3天内, 5日起.
func bounds(c class) bool {
	switch c {
	case "within", "ge", "le", "before", "after", "since", "approx":
		return true
	default:
		return false
	}
}

// vocabulary knows words, units and which words stand for one another.
type vocabulary struct {
	words   map[string]class
	units   map[string]string
	kin     map[string][]string // a word's circle of synonyms
	longest int                 // bytes of the longest word
}

// newVocabulary reads the tables below.
func newVocabulary() *vocabulary {
	v := &vocabulary{words: map[string]class{}, units: map[string]string{}, kin: map[string][]string{}}
	for line := range strings.Lines(modality + chatter) {
		fields := strings.Fields(line)
		for _, word := range fields[1:] {
			v.words[word] = class(strings.TrimSuffix(strings.TrimSuffix(fields[0], ":"), "-"))
			v.longest = max(v.longest, len(word))
		}
	}
	for line := range strings.Lines(measures) {
		fields := strings.Fields(line)
		for _, word := range fields {
			v.units[word] = fields[0]
		}
	}
	for line := range strings.Lines(synonyms) {
		circle := strings.Fields(line)
		for _, word := range circle {
			v.kin[word] = append(v.kin[word], circle...)
		}
	}
	return v
}

// word gives the longest word that s begins with.
func (v *vocabulary) word(s string) (c class, size int) {
	for size = min(len(s), v.longest); size > 0; size-- {
		if c, ok := v.words[s[:size]]; ok {
			return c, size
		}
	}
	return "", 0
}

// unit gives the longest unit that s begins with, by its one name.
func (v *vocabulary) unit(s string) (name string, size int) {
	for size = min(len(s), len("个自然日元人民币")); size > 0; size-- {
		name, ok := v.units[s[:size]]
		if !ok || name == "分" && startsWithAny(s[size:], "别", "配", "为", "成", "享", "公", "部", "析", "批", "类", "期", "组", "支", "工", "开", "页", "机", "行", "摊") || letter(s[size-1]) && size < len(s) && letter(s[size]) {
			continue
		}
		return name, size
	}
	return "", 0
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }
