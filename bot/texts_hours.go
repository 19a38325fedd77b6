package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"deskmate/model"
)

// offHoursText says that seats don't work now: what their hours are and when they begin
// again, as far as that is known ("" where not), and what becomes of the handoff.
func offHoursText(hours, opening string, end bool) string {
	text := "现在不在人工服务时间，"
	if hours != "" {
		text = "人工服务时间为" + hours + "，"
	}
	switch {
	case end && opening == "":
		return text + "暂时无法转人工。"
	case end:
		return text + "暂时无法转人工，请在 " + opening + " 后再联系我们。"
	case opening == "":
		return text + "您的问题已记录，恢复服务后由坐席联系您，您可以继续补充。"
	}
	return text + "您的问题已记录，将在 " + opening + " 后由坐席联系您，您可以继续补充。"
}

// weekdays are the days of a week, Sunday first.
const weekdays = "日一二三四五六"

func weekdayWord(d time.Weekday) string { return "周" + string([]rune(weekdays)[d]) }

// openingWords says when the hours begin: 11月23日(周一) 09:00.
func openingWords(at time.Time) string {
	return fmt.Sprintf("%d月%d日(%s) %s", at.Month(), at.Day(), weekdayWord(at.Weekday()), at.Format("15:04"))
}

// hoursWords says the hours of a week, days alike in one: 周一至周五 09:00-12:00、13:30-18:00，周六
// 09:00-12:00. It is "" where no day has any.
func hoursWords(h *model.Hours) string {
	const days = 7
	spans := func(n int) []model.Span { // of the nth day, counted from Monday
		if d := (n + 1) % days; d < len(h.Week) {
			return h.Week[d]
		}
		return nil
	}
	var parts []string
	for first := 0; first < days; {
		last := first
		for last+1 < days && slices.Equal(spans(last+1), spans(first)) {
			last++
		}
		if len(spans(first)) > 0 {
			parts = append(parts, daysWords(first, last)+" "+spansWords(spans(first)))
		}
		first = last + 1
	}
	text := strings.Join(parts, "，")
	if text != "" && h.Holidays {
		text += "（节假日按国家安排）"
	}
	return text
}

// daysWords says days of a week, counted from Monday.
func daysWords(first, last int) string {
	word := func(n int) string { return weekdayWord(time.Weekday((n + 1) % 7)) }
	switch last - first {
	case 0:
		return word(first)
	case 1:
		return word(first) + "、" + word(last)
	case 6:
		return "每天"
	}
	return word(first) + "至" + word(last)
}

func spansWords(spans []model.Span) string {
	words := make([]string, 0, len(spans))
	for _, s := range spans {
		words = append(words, fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60))
	}
	return strings.Join(words, "、")
}
