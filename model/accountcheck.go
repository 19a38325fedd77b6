package model

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"
)

// Check says what is wrong with a profile, and an account's name beside it, by the native
// limits; nil for nothing.
func (p Profile) Check(name string) error {
	w := p.ServiceWindow
	switch {
	case strings.TrimSpace(name) == "" || !IsLine(name, NameMost):
		return Invalid("name", "名称应为 1–40 个字，不能换行")
	case !IsLine(p.Alias, AliasMost):
		return Invalid("alias", "别名最多 40 个字，不能换行")
	case p.Gender != "" && p.Gender != "male" && p.Gender != "female":
		return Invalid("gender", "性别只能是男、女或不填")
	case p.Landline != "" && !IsLandline(p.Landline):
		return Invalid("landline", "座机应为 1–32 位数字或 -")
	case !IsText(p.Description, DescriptionMost):
		return Invalid("description", "简介最多 250 个字，不能有控制字符")
	case !IsLine(p.Department, DepartmentMost):
		return Invalid("department", "部门最多 64 个字，不能换行")
	case !IsLine(w.Title, WindowTitleMost):
		return Invalid("service_window", "服务窗口的标题最多 12 个字")
	case (w.Title == "") != (w.URL == ""):
		return Invalid("service_window", "服务窗口的标题和网址要一起填写")
	case w.URL != "" && !IsWebPage(w.URL):
		return Invalid("service_window", "服务窗口的网址应以 http:// 或 https:// 开头，最长 1024 字节")
	}
	return nil
}

// Check says what is wrong with the rules of a handoff; nil for nothing.
func (h Handoff) Check() error {
	seen := map[string]bool{}
	for _, k := range h.Keywords {
		switch {
		case k == "" || !IsLine(k, KeywordMost):
			return Invalid("keywords", "转人工关键词应为 1–20 个字，不能换行：%s", k)
		case seen[Fold(k)]:
			return Invalid("keywords", "转人工关键词重复：%s", k)
		}
		seen[Fold(k)] = true
	}
	if len(h.Keywords) > KeywordsMost {
		return Invalid("keywords", "转人工关键词最多 50 个，现有 %d 个", len(h.Keywords))
	}
	return nil
}

// longest is the longest that a clock may run.
const longest = 30 * 24 * time.Hour

// Check says what is wrong with the clocks; nil for nothing.
func (t Timers) Check() error {
	for _, d := range []time.Duration{t.Idle, max(t.Owed, 0), t.Warn, t.Remind, t.Reassign} {
		if d < 0 || d > longest {
			return Invalid("timers", "时长应在 0 到 30 天之间")
		}
	}
	idle, owed := t.Life(false), t.Life(true)
	switch {
	case t.Warn > 0 && idle == 0 && owed == 0:
		return Invalid("warn", "会话不会自动结束，无需结束前提醒")
	case t.Warn > 0 && (idle > 0 && t.Warn >= idle || owed > 0 && t.Warn >= owed):
		return Invalid("warn", "结束前提醒应短于自动结束的时长")
	case t.Remind > 0 && t.Reassign > 0 && t.Reassign <= t.Remind:
		return Invalid("reassign", "收回会话的时长应长于提醒坐席的时长")
	}
	return nil
}

// Check says what is wrong with the rules of a survey; nil for nothing.
func (r SurveyRule) Check() error {
	seen := map[string]bool{}
	for _, reason := range r.Reasons {
		switch {
		case reason == "" || !IsLine(reason, ReasonMost):
			return Invalid("reasons", "不满意原因应为 1–17 个字，卡片只能显示这么多：%s", reason)
		case seen[Fold(reason)]:
			return Invalid("reasons", "不满意原因重复：%s", reason)
		}
		seen[Fold(reason)] = true
	}
	switch {
	case len(r.Reasons) > ReasonsMost:
		return Invalid("reasons", "不满意原因最多 20 个，现有 %d 个", len(r.Reasons))
	case r.AskReason && len(r.Reasons) == 0:
		return Invalid("reasons", "询问原因时至少要有一个选项")
	case r.Expires != 0 && (r.Expires < SurveyShortest || r.Expires > SurveyLongest):
		return Invalid("expires", "评价有效期应为 1 小时至 7 天")
	case r.Quiet < 0 || r.Quiet > SurveyQuietest:
		return Invalid("quiet", "免打扰时长应为 0 至 30 天")
	}
	return r.Words.Check()
}

// Check says which words don't fit on their card; nil for none.
func (w SurveyWords) Check() error {
	for _, one := range []struct {
		name, text string
		most       int
	}{
		{"卡片标题", w.Title, SurveyTitleMost},
		{"「满意」按钮", w.Good, SurveyButtonMost},
		{"「一般」按钮", w.Fair, SurveyButtonMost},
		{"「不满意」按钮", w.Bad, SurveyButtonMost},
		{"询问原因的标题", w.Ask, SurveyTitleMost},
	} {
		if one.text != "" && !IsLine(one.text, one.most) {
			return Invalid("words", "%s应为 1–%d 个字，且不换行：%s", one.name, one.most, one.text)
		}
	}
	for _, one := range []struct {
		name, text string
		most       int
	}{{"卡片说明", w.Body, SurveyBodyMost}, {"感谢语", w.Thanks, SurveyThanksMost}} {
		if n := utf8.RuneCountInString(one.text); n > one.most {
			return Invalid("words", "%s最多 %d 个字，现有 %d 个", one.name, one.most, n)
		}
		if !IsText(one.text, one.most) {
			return Invalid("words", "%s中有不可见的控制字符，请重新输入", one.name)
		}
	}
	buttons := []string{cmp.Or(w.Good, "满意"), cmp.Or(w.Fair, "一般"), cmp.Or(w.Bad, "不满意")}
	if buttons[0] == buttons[1] || buttons[1] == buttons[2] || buttons[0] == buttons[2] {
		return Invalid("words", "三个按钮的文字不能相同")
	}
	return nil
}

// Check says what is wrong with hours; nil for nothing.
func (h *Hours) Check() error {
	if h == nil {
		return nil
	}
	if len(h.Week) != 0 && len(h.Week) != 7 {
		return Invalid("hours", "一周应有七天")
	}
	if h.Always() {
		return Invalid("hours", "请设置每周的时间，或选择全天服务")
	}
	check := func(day []Span) error {
		for i, s := range day {
			switch {
			case s.From < 0 || s.To > 24*60 || s.To <= s.From:
				return Invalid("hours", "每段时间的结束应晚于开始；跨夜请拆成 22:00–24:00 和次日 00:00–06:00")
			case i > 0 && s.From < day[i-1].To:
				return Invalid("hours", "同一天的各段时间不能重叠，并应按先后排列")
			}
		}
		return nil
	}
	for _, day := range h.Week {
		if err := check(day); err != nil {
			return err
		}
	}
	for date, day := range h.Days {
		if t := time.Date(date/10000, time.Month(date/100%100), date%100, 0, 0, 0, 0, time.UTC); t.Year()*10000+int(t.Month())*100+t.Day() != date {
			return Invalid("hours", "没有 %d 这一天", date)
		}
		if err := check(day); err != nil {
			return err
		}
	}
	return nil
}
