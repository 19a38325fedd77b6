package bot

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"deskmate/model"
)

const (
	textNoTeacher    = "暂时无法在会话中修改知识库，请使用管理后台。"
	textNoMisses     = "最近 30 天没有未解决的问题。"
	textEntryUsage   = "请在第一行写标准问题，换行写答案，例如：\n#问答 年假有几天\n工龄满一年为 5 天，满十年为 10 天。"
	textSimilarUsage = "请在第一行写已有的标准问题，换行写相似问题，一行一个，例如：\n#相似问 年假有几天\n年休假多少天\n一年能休几天假"
	textMissUsage    = "请写上编号，换行写答案，例如：\n#回答 1\n周末没有班车。\n编号见 #未解决。"
	textLessonGone   = "操作未执行：找不到您发送的原文，请重新发送指令。"
)

const (
	missesShown = 5
	lessonShown = 60 // characters of each text on the card
)

// openMisses lists what the bot could not answer.
func (d *decision) openMisses() {
	if d.in.Misses == nil {
		d.need = Need{Kind: NeedMisses, Count: missesShown}
		return
	}
	if len(d.in.Misses) == 0 {
		d.told("misses", textNoMisses)
		return
	}
	var b strings.Builder
	b.WriteString("机器人没有答上的问题：")
	for i, m := range d.in.Misses {
		fmt.Fprintf(&b, "\n%d. %s（%d 次）", i+1, d.Escape(clip(m.Question, lessonShown)), m.Count)
	}
	b.WriteString("\n发送 #回答 编号，换行写答案，即可变成问答。")
	d.told("misses", b.String())
}

// teachEntry is `#问答`, teachSimilar `#相似问`, teachMiss `#回答`.
func (d *decision) teachEntry(arg string) {
	d.askLesson(model.OrderEntry, arg, textEntryUsage)
}

func (d *decision) teachSimilar(arg string) {
	d.askLesson(model.OrderSimilar, arg, textSimilarUsage)
}

func (d *decision) teachMiss(arg string) {
	d.askLesson(model.OrderMiss, arg, textMissUsage)
}

// askLesson asks whether a lesson is meant, where it can be taught.
func (d *decision) askLesson(kind model.OrderKind, arg, usage string) {
	l, ok := readLesson(kind, arg)
	switch {
	case !ok:
		d.told("order_usage", usage)
		return
	case d.in.Lesson == nil:
		d.need = Need{Kind: NeedLesson, Lesson: l}
		return
	case d.in.Lesson.Refused != "":
		d.told("order_refused", d.Escape(d.in.Lesson.Refused))
		return
	}
	l = d.in.Lesson.Lesson
	title, body := "添加这条问答？", "问题："+clip(l.Question, lessonShown)+"\n答案："+clip(l.Answer, lessonShown)
	if kind == model.OrderSimilar {
		title = fmt.Sprintf("添加 %d 个相似问题？", len(l.Similar))
		body = "标准问题：" + clip(l.Question, lessonShown) + "\n相似问题：" + clip(strings.Join(l.Similar, "；"), lessonShown)
	}
	if l.Near != "" {
		body += "\n注意：与已有的「" + clip(l.Near, lessonShown/2) + "」问法相同。"
	}
	d.askOrder(model.Order{Kind: kind, Inbox: d.in.InboxID, Miss: l.Miss}, title, body+"\n")
}

// taught writes a lesson that was confirmed.
func (d *decision) taught(o model.Order) {
	_, arg, _ := strings.Cut(strings.Replace(d.in.Case.OrderText, "＃", "#", 1), "#")
	l, ok := readLesson(o.Kind, lessonArg(arg))
	l.Miss = o.Miss
	switch {
	case !ok:
		d.told("order_gone", textLessonGone)
	case d.in.Lesson == nil:
		d.need = Need{Kind: NeedTaught, Lesson: l}
	case d.in.Lesson.Refused != "":
		d.told("order_refused", d.Escape("操作未执行："+d.in.Lesson.Refused+"。"))
	case o.Kind == model.OrderSimilar:
		d.told("ordered", "已添加相似问题，立即生效。")
	default:
		d.told("ordered", "已添加问答，立即生效。")
	}
}

// lessonArg is what stands behind the word of a command that teaches.
func lessonArg(text string) string {
	text = strings.TrimSpace(text)
	for _, word := range []string{"问答", "問答", "相似问题", "相似問題", "相似问", "相似問", "回答"} {
		if arg, ok := orderArg(text, word); ok {
			return arg
		}
	}
	return ""
}

// readLesson reads a lesson: the first line says what it is about, the others what is taught. It
// reports false where one of the two is missing.
func readLesson(kind model.OrderKind, arg string) (l model.Lesson, ok bool) {
	l.Kind = kind
	first, rest, _ := strings.Cut(strings.ReplaceAll(arg, "\r\n", "\n"), "\n")
	first, rest = strings.TrimSpace(first), strings.TrimSpace(rest)
	switch kind { //nolint:exhaustive // the others teach nothing
	case model.OrderMiss:
		digits := strings.TrimLeftFunc(first, unicode.IsDigit)
		l.Number, _ = strconv.Atoi(strings.TrimSuffix(first, digits))
		l.Answer = strings.TrimSpace(strings.TrimLeft(digits, ".、:：") + "\n" + rest)
		return l, l.Number > 0 && l.Answer != ""
	case model.OrderSimilar:
		l.Question = first
		for line := range strings.SplitSeq(rest, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				l.Similar = append(l.Similar, line)
			}
		}
		return l, l.Question != "" && len(l.Similar) > 0
	}
	l.Question, l.Answer = first, rest
	return l, first != "" && rest != ""
}

// clip is the beginning of a text, on one line.
func clip(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}
