package match

import "strings"

// A follow-up such as 怎么申请 means what was answered just before. It is asked again with
// the subject of that entry put in front.
const (
	topicSure    = 0.8 // a question whose answer is as sure as this speaks for itself
	topicContent = 2   // and so does one with more units that mean something
	topicPointed = 4   // or than this, where it begins with one of topicPointers
)

const topicPointers = "那它这该"

// followUp asks with the subject of the entry that answered before, where the question by
// itself means too little; that entry is left out, for it was said already, unless it is
// about the same. ok is false where that finds nothing better.
func (x *Index) followUp(unified string, query Query, plain []Hit) (hits []Hit, ok bool) {
	topic, known := x.entry(query.Topic)
	if !known || len(plain) > 0 && (plain[0].Exact || plain[0].Score >= topicSure) || !contextual(unified) {
		return nil, false
	}
	answered := x.synonyms.unify(Fold(topic.entry.Question))
	subject := withoutAsking(answered)
	if subject == "" {
		return nil, false
	}
	said := topic
	matter := withoutAsking(unified)
	if matter == unified && strings.Contains(answered, matter) {
		return nil, false // 报销 after 差旅报销怎么提交 asks for the word in general
	}
	if matter != "" && strings.Contains(answered, matter) {
		said, subject = nil, strings.ReplaceAll(subject, matter, "")
	}
	query.Vector = nil // it is of the question alone
	hits = x.find(join(subject, unified), query, said)
	if len(hits) == 0 || len(plain) > 0 && hits[0].Score <= plain[0].Score {
		return nil, false
	}
	return hits, true
}

// contextual reports whether a question means little by itself.
func contextual(folded string) bool {
	content := 0
	for _, u := range encode(withoutAsking(folded)).units {
		if u.word() {
			return false
		}
		content++
	}
	first := []rune(folded)[0]
	return content <= topicContent || strings.ContainsRune(topicPointers, first) && content <= topicPointed
}

// withoutAsking takes the words off that only ask, and those that carry little meaning.
func withoutAsking(folded string) string {
	for row := range strings.SplitSeq(askRows, "\n") {
		for word := range strings.SplitSeq(row, " ") {
			folded = strings.ReplaceAll(folded, word, "")
		}
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if words().function[unit(r)] || //nolint:gosec // a character is not negative
			strings.ContainsRune(topicPointers, r) {
			return -1
		}
		return r
	}, folded))
}
