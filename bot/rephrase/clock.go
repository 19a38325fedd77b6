package rephrase

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

var (
	dayPart   = regexp.MustCompile(`^(上午|早上|早晨|清晨|凌晨|中午|下午|午后|傍晚|晚上|晚间|夜里|夜间) *`)
	clockTime = regexp.MustCompile(`^(\d{1,2}):([0-5]\d)(?::[0-5]\d)?`)
	spoken    = regexp.MustCompile(`^(?:点钟|点整|点|时整|时)`)
	minutes   = regexp.MustCompile(`^(\d{1,2}|[零一二三四五十]{1,3})分`)
	fullDate  = regexp.MustCompile(`^((?:19|20)\d{2})([-/.])(1[0-2]|0?[1-9])([-/.])([12]\d|3[01]|0?[1-9])`)
	yearMonth = regexp.MustCompile(`^((?:19|20)\d{2})[-/](1[0-2]|0?[1-9])`)
	weekday   = regexp.MustCompile(`^(?:周|星期|礼拜)([一二三四五六日天末1-6])`)
)

// clock reads a time of day: 9:00, 12点半, 下午2点15分. Afternoon is told with it, for the end
// of a range that leaves it out.
func clock(s string) (minute int, afternoon bool, size int) {
	part := dayPart.FindStringSubmatch(s)
	if part != nil {
		size = len(part[0])
	}
	hour, minute, more := hourOf(s[size:])
	if more == 0 {
		return 0, false, 0
	}
	if part != nil {
		switch part[1] {
		case "下午", "午后", "傍晚", "晚上", "晚间", "夜里", "夜间":
			afternoon = true
		case "中午":
			afternoon = hour < 3
		}
	}
	if afternoon && hour < 12 {
		hour += 12
	}
	return hour*60 + minute, afternoon, size + more
}

func hourOf(s string) (hour, minute, size int) {
	if m := clockTime.FindStringSubmatch(s); m != nil && !digitAt(s, len(m[0])) {
		hour, _ = strconv.Atoi(m[1])
		minute, _ = strconv.Atoi(m[2])
		if hour <= 24 {
			return hour, minute, len(m[0])
		}
	}
	n, size, _ := plain(s)
	if size == 0 || !n.IsInt() || n.Cmp(big.NewRat(24, 1)) > 0 {
		return 0, 0, 0
	}
	mark := spoken.FindString(s[size:])
	if mark == "" || mark == "时" && startsWithAny(s[size+len(mark):], "间", "候", "长", "效", "段", "常", "限") {
		return 0, 0, 0
	}
	hour, size = int(n.Num().Int64()), size+len(mark)
	rest := s[size:]
	switch {
	case strings.HasPrefix(rest, "半"):
		return hour, 30, size + len("半")
	case strings.HasPrefix(rest, "一刻"):
		return hour, 15, size + len("一刻")
	case strings.HasPrefix(rest, "三刻"):
		return hour, 45, size + len("三刻")
	}
	if m := minutes.FindStringSubmatch(rest); m != nil {
		if n, _, _ := plain(m[1]); n != nil && n.IsInt() {
			return hour, int(n.Num().Int64()), size + len(m[0])
		}
	}
	return hour, 0, size
}

// date reads 2026-01-05 and 2026/1 as the facts that 2026年1月5日 is made of.
func date(s string) (values []string, size int) {
	m := fullDate.FindStringSubmatch(s)
	if m != nil && m[2] == m[4] && !digitAt(s, len(m[0])) {
		return []string{m[1] + "年", strings.TrimLeft(m[3], "0") + "月份", strings.TrimLeft(m[5], "0") + "日"}, len(m[0])
	}
	m = yearMonth.FindStringSubmatch(s)
	if m != nil && !digitAt(s, len(m[0])) && !startsWithAny(s[len(m[0]):], "-", "/", "年") {
		return []string{m[1] + "年", strings.TrimLeft(m[2], "0") + "月份"}, len(m[0])
	}
	return nil, 0
}

func digitAt(s string, i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }

// clockValue writes a time of day.
func clockValue(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// dayOfWeek reads 周一, 星期天, 礼拜五.
func dayOfWeek(s string) (value string, size int) {
	m := weekday.FindStringSubmatch(s)
	if m == nil || startsWithAny(s[len(m[0]):], "次", "回", "个", "天内") && m[1] != "末" {
		return "", 0
	}
	day := strings.NewReplacer("天", "日", "1", "一", "2", "二", "3", "三", "4", "四", "5", "五", "6", "六").Replace(m[1])
	return "周" + day, len(m[0])
}
