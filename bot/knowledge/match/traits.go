package match

import (
	"slices"
	"strings"
	"unicode"
)

// traits are what decides the meaning of a question beyond the words it shares with
// another: names in Latin letters, numbers, negation, opposites, what is asked.
type traits struct {
	words    []gram // Latin words beside Chinese, and ...
	numbers  []gram // ... numbers; empty where there is no Chinese at all
	negated  bool
	asks     uint16 // bit set over askWords
	opposite sides
}

// oppositesMax is how many rows the table of opposites has room for.
const oppositesMax = 40

// sides tells for each row of the table of opposites which sides a text names.
type sides [oppositesMax]uint8

// clash reports whether two texts name different sides of one row.
func (s *sides) clash(o *sides) bool {
	for i := range s {
		if s[i] != 0 && o[i] != 0 && s[i]&o[i] == 0 {
			return true
		}
	}
	return false
}

func traitsOf(folded string, units []string) traits {
	t := traits{negated: negated(folded), asks: asks(folded), opposite: sidesOf(folded)}
	if !strings.ContainsFunc(folded, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return t
	}
	for _, unit := range units {
		switch {
		case isNumber(unit):
			t.numbers = append(t.numbers, makeGram(hashUnit(unit), wordUnit))
		case isWord(unit) && !isFunction(unit):
			t.words = append(t.words, makeGram(hashUnit(unit), wordUnit))
		}
	}
	slices.Sort(t.words)
	slices.Sort(t.numbers)
	t.words, t.numbers = slices.Compact(t.words), slices.Compact(t.numbers)
	return t
}

// negated reports whether a text denies something; 能不能 and its like ask, and don't.
func negated(folded string) bool {
	for _, harmless := range [...]string{
		"能不能", "可不可以", "是不是", "会不会", "要不要", "行不行", "好不好", "对不对", "有没有", "用不用", "需不需要",
		"不好意思", "不动产", "不同", "不良", "未来",
	} {
		folded = strings.ReplaceAll(folded, harmless, "")
	}
	return strings.ContainsAny(folded, "不没无未") || strings.Contains(folded, "别再")
}

// asks tells what a question asks for: one bit a row.
func asks(folded string) uint16 {
	var found uint16
	for bit, row := range [...]string{
		"怎么办 如何 怎样 怎么 咋 流程 步骤 方法 办法",
		"为什么 为何 为啥 原因 怎么回事 咋回事",
		"哪里 哪儿 在哪 入口 地址 位置 地点",
		"什么时候 何时 多久 几天 几点 多长时间 啥时候 期限 时间",
		"多少 费用 收费 额度 几个 几次 价格 标准",
		"能否 可以 能不能 可不可以 是否 能 吗 会不会",
		"什么是 是什么 什么意思 含义 区别",
		"谁 哪位 哪个部门 找哪",
		"材料 资料 证件 条件 要求",
	} {
		for word := range strings.SplitSeq(row, " ") {
			if strings.Contains(folded, word) {
				found |= 1 << bit
				break
			}
		}
	}
	return found
}

// sidesOf reads the table of opposites: a row is one matter, "/" parts its sides, of
// which a text can mean one only, and a blank parts words for the same side. A word
// stands before the shorter one it holds.
func sidesOf(folded string) sides {
	var found sides
	for i, row := range [...]string{
		"入职 入司/离职 辞职/转正/调岗 转岗",
		"开通 启用 打开 开启 激活/关闭 停用 禁用 注销",
		"新增 添加 增加/删除 移除 减少",
		"解绑 解除绑定/绑定",
		"解锁/锁定",
		"卸载/安装",
		"上传/下载",
		"导入/导出",
		"登出 退出登录/登录 登入 登陆",
		"取消 撤回 撤销/申请 提交",
		"国内 境内/国外 境外 海外",
		"买入/卖出",
		"转入/转出",
		"调入/调出",
		"领取 领用 借用 借阅/归还 退还",
		"收入/支出",
		"内网/外网",
		"上班/下班",
		"上午/下午/晚上",
		"提前/推迟 延期 延后 延迟",
		"实习/正式",
		"病假/事假/年假/婚假/丧假/陪产假/产假/调休/哺乳假/探亲假",
		"充值/提现",
		"男/女",
		"最多 最高 上限/最少 最低 下限",
		"手机端 移动端/电脑端 pc端 网页端",
		"公积金/社保",
		"扫描/打印/复印",
		"专票 专用发票/普票 普通发票",
		"成功/失败",
		"升级/降级",
		"加入/退出",
		"续签/终止 解除",
		"发送/接收",
		"迟到/早退",
		"出差/请假/加班",
		"增员/减员",
		"公司电脑 办公电脑/个人电脑 自己的电脑",
	} {
		rest, bit := folded, 0
		for side := range strings.SplitSeq(row, "/") {
			for word := range strings.SplitSeq(side, " ") {
				if strings.Contains(rest, word) {
					found[i] |= 1 << bit
					rest = strings.ReplaceAll(rest, word, " ")
				}
			}
			bit++
		}
	}
	return found
}
