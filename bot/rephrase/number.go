package rephrase

import (
	"math/big"
	"regexp"
	"strings"
	"unicode/utf8"
)

// reading is a fact read at the beginning of a text.
type reading struct {
	value string
	size  int  // bytes; 0: none is there
	bare  bool // a number without a unit: in a range it takes that of its neighbour
	loose bool // 一个, 一份: as good as an article
}

var (
	digits  = regexp.MustCompile(`^(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)`)
	hanRun  = regexp.MustCompile(`^[零一二两三四五六七八九十百千万亿]+`)
	slashed = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})`)
	hanTail = regexp.MustCompile(`^点([零一二三四五六七八九]+)`)
	scales  = regexp.MustCompile(`^[十百千万亿]+`)
)

// half is ½.
func half() *big.Rat { return big.NewRat(1, 2) }

// number reads an amount with its unit: 1,000元, 两万块, ¥5, 百分之五, 三分之一, 第三步, 半天, 一个半小时.
func (v *vocabulary) number(s string) reading {
	if rest, ok := strings.CutPrefix(s, "第"); ok {
		n, size, _ := plain(rest)
		if size == 0 {
			return reading{}
		}
		unit, more := v.unit(rest[size:])
		return reading{value: "第" + n.RatString() + unit, size: len("第") + size + more}
	}
	for _, c := range [...][2]string{{"¥", "元"}, {"RMB", "元"}, {"CNY", "元"}, {"$", "美元"}, {"USD", "美元"}, {"€", "欧元"}, {"£", "英镑"}} {
		if rest, ok := strings.CutPrefix(s, c[0]); ok {
			return v.money(rest, c[1], len(c[0]))
		}
	}
	if r := share(s); r.size > 0 {
		return r
	}
	if rest, ok := strings.CutPrefix(s, "半"); ok {
		unit, size := v.unit(rest)
		if size == 0 || !strings.Contains(" 天 年 月 小时 ", " "+unit+" ") {
			return reading{}
		}
		return reading{value: "1/2" + unit, size: len("半") + size}
	}
	return v.counted(s)
}

// money reads an amount behind a currency sign.
func (v *vocabulary) money(s, currency string, before int) reading {
	trimmed := strings.TrimLeft(s, " ")
	n, size, _ := plain(trimmed)
	if size == 0 {
		return reading{}
	}
	size += len(s) - len(trimmed)
	if unit, more := v.unit(s[size:]); unit == currency {
		size += more
	}
	return reading{value: n.RatString() + currency, size: before + size}
}

// share reads 百分之五, 千分之三, 三分之一 and 1/3.
func share(s string) reading {
	if m := slashed.FindStringSubmatch(s); m != nil && !digitAt(s, len(m[0])) && !startsWithAny(s[len(m[0]):], "/", ".") {
		return reading{value: strings.TrimLeft(m[1], "0") + "/" + strings.TrimLeft(m[2], "0"), size: len(m[0])}
	}
	for prefix, unit := range map[string]string{"百分之": "%", "千分之": "‰"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			if n, size, _ := plain(rest); size > 0 {
				return reading{value: n.RatString() + unit, size: len(prefix) + size}
			}
		}
	}
	n, size, _ := plain(s)
	rest, ok := strings.CutPrefix(s[size:], "分之")
	if size == 0 || !ok {
		return reading{}
	}
	m, more, _ := plain(rest)
	if more == 0 {
		return reading{}
	}
	return reading{value: m.RatString() + "/" + n.RatString(), size: size + len("分之") + more}
}

// counted reads a number and what it counts.
func (v *vocabulary) counted(s string) reading {
	n, size, han := plain(s)
	if size == 0 {
		return reading{}
	}
	rest := s[size:]
	after := strings.TrimLeft(rest, " ")
	if more, ok := strings.CutPrefix(after, "个半"); ok {
		if unit, last := v.unit(more); last > 0 {
			return reading{value: n.Add(n, half()).RatString() + unit, size: len(s) - len(more) + last}
		}
	}
	unit, more := v.unit(after)
	if more == 0 {
		if han && !countsAlone(s[:size]) && !v.opensRange(rest) {
			return reading{}
		}
		return reading{value: numeral(s[:size], n), size: size, bare: true}
	}
	size = len(s) - len(after) + more
	tail := s[size:]
	if strings.HasPrefix(tail, "半") && strings.Contains(" 天 年 小时 周 ", " "+unit+" ") && !strings.HasPrefix(tail, "半价") {
		n, size = n.Add(n, half()), size+len("半")
	}
	if unit == "日" && startsWithAny(tail, "内", "以内", "之内") {
		unit = "天"
	}
	loose := han && strings.HasPrefix(s, "一") && strings.Contains(" 个 份 张 封 条 位 名 种 人 ", " "+unit+" ")
	if unit == "成" {
		n, unit = n.Mul(n, big.NewRat(10, 1)), "%"
	}
	return reading{value: numeral(s[:size], n) + unit, size: size, loose: loose}
}

// opensRange reports whether what follows a number ends a range: 三至五天.
func (v *vocabulary) opensRange(s string) bool {
	m := connector.FindString(s)
	if m == "" {
		return false
	}
	_, size, _ := plain(s[len(m):])
	if size == 0 {
		return false
	}
	_, more := v.unit(strings.TrimLeft(s[len(m)+size:], " "))
	return more > 0
}

// numeral is a number's one way of being written. What begins with a needless zero is a code,
// not a number, what has a point and no unit is a version (2.0), and two Chinese digits in a
// row are a guess (三四天).
func numeral(written string, n *big.Rat) string {
	if text := digits.FindString(written); text == written && strings.Contains(text, ".") {
		return "#" + text
	}
	if len(written) > 1 && written[0] == '0' && written[1] >= '0' && written[1] <= '9' {
		return "#" + digits.FindString(written)
	}
	if run := []rune(hanRun.FindString(written)); len(run) == 2 && !strings.ContainsAny(string(run), "十百千万亿") {
		return "#" + string(run)
	}
	return n.RatString()
}

// countsAlone reports whether a Chinese number is one even without anything counted: 二十,
// 两万, 二零二六; not the 一 of 统一.
func countsAlone(run string) bool {
	size := utf8.RuneCountInString(run)
	return size > 1 && strings.ContainsAny(run, "十百千万亿") || size > 2
}

// plain reads a number without a unit, in digits (1,000; 1.5万; 3千) or in Chinese (三点五).
func plain(s string) (n *big.Rat, size int, han bool) {
	if text := digits.FindString(s); text != "" && len(text) <= 40 {
		n, _ = new(big.Rat).SetString(strings.ReplaceAll(text, ",", ""))
		size = len(text)
		if !startsWithAny(s[size:], "千克", "千米", "千瓦", "百分", "十字", "千字") {
			scale := scales.FindString(s[size:])
			for _, r := range scale {
				n.Mul(n, big.NewRat(weight(r), 1))
			}
			size += len(scale)
		}
		return n, size, false
	}
	run := hanRun.FindString(s)
	if run == "" || len(run) > 54 {
		return nil, 0, false
	}
	n = new(big.Rat).SetInt64(chinese(run))
	if tail := hanTail.FindStringSubmatch(s[len(run):]); tail != nil && !startsWithAny(s[len(run)+len(tail[0]):], "分", "十") {
		part := new(big.Rat).SetInt64(1)
		for _, r := range tail[1] {
			part.Quo(part, big.NewRat(10, 1))
			n.Add(n, new(big.Rat).Mul(part, big.NewRat(digit(r), 1)))
		}
		return n, len(run) + len(tail[0]), true
	}
	return n, len(run), true
}

// chinese is the value of 三万五千, 十二, 两百零五 or, digit by digit, 二零二六.
func chinese(run string) int64 {
	if !strings.ContainsAny(run, "十百千万亿") {
		var n int64
		for _, r := range run {
			n = n*10 + digit(r)
		}
		return n
	}
	var total, section, current int64
	for _, r := range run {
		switch w := weight(r); {
		case w == 100_000_000:
			total, section, current = (total+max(1, section+current))*w, 0, 0
		case w == 10_000:
			total, section, current = total+max(1, section+current)*w, 0, 0
		case w > 1:
			section, current = section+max(1, current)*w, 0
		default:
			current = digit(r)
		}
	}
	return total + section + current
}

func digit(r rune) int64 {
	if r == '两' {
		return 2
	}
	return int64(max(0, strings.IndexRune("零一二三四五六七八九", r)) / len("零"))
}

func weight(r rune) int64 {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	case '万':
		return 10_000
	case '亿':
		return 100_000_000
	default:
		return 1
	}
}

func startsWithAny(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
