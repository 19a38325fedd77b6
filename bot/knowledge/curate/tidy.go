package curate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// The limits of what an entry holds, in characters except where said otherwise. A knowledge
// file has the same.
const (
	maxQuestion = 200
	maxMessage  = 5000
	maxGroup    = 191
	maxRefBytes = 128
)

// tidy writes an entry the one way it is stored and says what is wrong with it: texts
// trimmed, the group's path normalised, blank messages and similar questions that add nothing
// left out, Folded set.
func tidy(e model.Entry) (model.Entry, error) {
	var p problems
	e.Group = groupPath(e.Group)
	p.text("分组", e.Group, maxGroup)
	e.Ref = tidyText(e.Ref)
	if len(e.Ref) > maxRefBytes {
		p.add("too_long", "编号超过 %d 字节", maxRefBytes)
	}
	p.control("编号", e.Ref)
	e.Question = line(e.Question)
	e.Folded = match.Fold(e.Question)
	p.question(e.Question, e.Folded)
	e.Similar = tidySimilar(&p, e.Similar, e.Folded)
	e.Answer, e.More = tidyMessages(&p, e.Answer, e.More)
	if e.State == "" {
		e.State = model.EntryOn
	}
	if !e.State.Valid() {
		p.add("entry_state", "状态只能是启用或停用")
	}
	p.validity("", e.ValidFromMS, e.ValidUntilMS)
	return e, p.err()
}

func tidySimilar(p *problems, similar []string, standard string) []string {
	var list []string
	seen := map[string]bool{standard: true}
	for i, text := range similar {
		text = line(text)
		folded := match.Fold(text)
		if folded == "" && !hasControl(text) || seen[folded] && folded != "" {
			continue
		}
		seen[folded] = true
		p.text(nth("相似问题", i), text, maxQuestion)
		list = append(list, text)
	}
	return list
}

func tidyMessages(p *problems, answer string, more []string) (string, []string) {
	answer = tidyText(answer)
	if answer == "" {
		p.add("answer_empty", "答案不能为空")
	}
	p.text("答案", answer, maxMessage)
	var rest []string
	for i, text := range more {
		text = tidyText(text)
		if text == "" {
			continue
		}
		p.text(nth("消息", i+1), text, maxMessage)
		rest = append(rest, text)
	}
	if len(rest) > model.MoreMax {
		p.add("too_many_messages", "答案最多 %d 条消息（现有 %d 条）", model.MoreMax+1, len(rest)+1)
	}
	return answer, rest
}

// nth names an item of a list for people, who count from 1.
func nth(what string, i int) string { return "第 " + number(i+1) + " 条" + what }

// question checks a standard question.
func (p *problems) question(text, folded string) {
	const where = "标准问题"
	switch n := utf8.RuneCountInString(folded); {
	case text == "":
		p.add("question_empty", "%s不能为空", where)
	case folded == "" && !hasControl(text):
		p.add("question_empty", "%s没有可以匹配的文字", where)
	case n > maxQuestion && utf8.RuneCountInString(text) <= maxQuestion:
		p.add("too_long", "%s展开后超过 %d 个字符（现有 %d 个）", where, maxQuestion, n)
	}
	p.text(where, text, maxQuestion)
}

// text checks how long a text is and what it is made of.
func (p *problems) text(where, text string, limit int) {
	if n := utf8.RuneCountInString(text); n > limit {
		p.add("too_long", "%s超过 %d 个字符（现有 %d 个）", where, limit, n)
	}
	p.control(where, text)
}

// control names the first character that no text may have.
func (p *problems) control(where, text string) {
	place := 0
	for _, r := range text {
		place++
		if forbidden(r) {
			p.add("bad_character", "%s的第 %d 个字符是非法字符 U+%04X，请重新编写", where, place, r)
			return
		}
	}
}

// validity checks when an entry answers; whose names it where there are several.
func (p *problems) validity(whose string, fromMS, untilMS int64) {
	if fromMS < 0 || untilMS < 0 || untilMS != 0 && untilMS <= fromMS {
		p.add("entry_validity", "%s失效时间必须晚于生效时间", whose)
	}
}

func hasControl(text string) bool { return strings.ContainsFunc(text, forbidden) }

func forbidden(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case unicode.ReplacementChar:
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// tidyText takes out what came with a paste, as a knowledge file's reader does: so an entry
// comes back from a file as it was saved.
func tidyText(text string) string {
	text, _ = sheet.Mend(text)
	return text
}

// line is tidyText on one line.
func line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, tidyText(text)))
}

// groupPath writes a path of groups the one way it is stored: names trimmed, none empty.
func groupPath(path string) string {
	var names []string
	for name := range strings.SplitSeq(line(path), "/") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, "/")
}
