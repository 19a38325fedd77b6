package bot

import (
	"fmt"
	"strings"
	"time"

	"deskmate/model"
)

// The texts that people read. They are short and say what happened and what can be done.
const (
	textServedByAll  = "已为您转接人工，坐席会尽快回复，请直接发送消息。"
	textEnded        = "服务聊天已结束"
	textUnreadable   = "暂时只能看懂文字消息。请用文字描述您的问题，或者转人工。"
	textAlreadyQueue = "已在为您排队，"
	textHandedOff    = "已转人工"
	textOffHours     = "不在人工服务时间"
	textBroken       = "抱歉，系统处理您刚才的消息时出了问题，它没有被处理。请重新发送，或稍后再试。"
	textNoSession    = "您现在没有正在接待的会话。"
	textNotHeld      = "没有待发送的内容，可能已经发出。"
	textRated        = "感谢您的评价！"
	textNone         = "以上都不是"
	textImageGone    = "（图片已删除）"
	textFileGone     = "（文件已删除）"
	textSorry        = "很抱歉没有帮到您。可以在上面的卡片里选择原因，也可以"
	textReasonThanks = "感谢您的反馈，我们会改进。"
	textHelp         = "坐席指令：\n" +
		"#列表　查看正在接待的会话\n" +
		"#2 内容　回复 2 号会话（只发 #2 表示选定它）\n" +
		"@姓名 内容　按姓名回复\n" +
		"#查看 2　查看 2 号会话的最近消息\n" +
		"#结束　结束当前会话（#结束 2 结束 2 号）\n" +
		"#保持　没有消息也不自动结束（#取消保持 恢复）\n" +
		"#接待　接待排队最久的员工\n" +
		"#转接 姓名 原因　转给其他坐席（#转接 队列 放回排队），原因可不写\n" +
		"#备注 内容　记录备注，只有坐席能看到\n" +
		"#撤回　撤回发给员工的最后一条消息\n" +
		"#历史　查看该员工以往的会话（#历史 2 1 查看第 1 个的内容）\n" +
		"/短语　发送快捷回复（#快捷 查看，#快捷 关键词 查找）\n" +
		"#文件　发送文件（#文件 2 发给 2 号）\n" +
		"#上线 / #离开 / #离线　切换状态\n" +
		"#咨询 问题　以员工身份提问\n" +
		"#帮助　查看本说明"
)

// unshownText is what a seat that works in the workbench gets in WeCom in place of lines.
func unshownText(title string) string {
	return title + " 有新消息，请在工作台查看；1 分钟内未读的会发到这里。"
}

// handoffWords says a handoff's reason to people.
func handoffWords(r model.HandoffReason) string {
	switch r {
	case model.HandoffKeyword, model.HandoffButton:
		return "员工要求"
	case model.HandoffMisses:
		return "连续未能回答"
	case model.HandoffBotOff:
		return "机器人未启用"
	case model.HandoffDislike:
		return "回答没有帮助"
	case model.HandoffGroup:
		return "群聊中 @"
	case model.HandoffSeat:
		return "坐席发起"
	}
	return string(r)
}

// handoffIntro tells the employee why a person takes over; "" where they asked for it.
func handoffIntro(r model.HandoffReason) string {
	if r == model.HandoffMisses || r == model.HandoffDislike {
		return "机器人没能解决您的问题，"
	}
	return ""
}

func servedText(intro, seat string) string {
	return fmt.Sprintf("%s已为您接入坐席 %s，请直接发送消息。", intro, seat)
}

func refusedText(account string) string {
	return fmt.Sprintf("抱歉，您不在「%s」的服务范围内。如需使用，请联系管理员。", account)
}

func disabledText(account string) string {
	return fmt.Sprintf("「%s」已暂停服务。", account)
}

// undeliveredText tells an author that a text did not arrive, and repeats its beginning.
func undeliveredText(to, why, text string) string {
	return fateText(to, "未送达", why, text)
}

// unconfirmedText tells an author that nobody knows whether a text arrived.
func unconfirmedText(to, text string) string {
	return fateText(to, "可能未送达", "企业微信没有确认", text)
}

// excerptLimit is how many characters of a text a notice repeats.
const excerptLimit = 60

func fateText(to, fate, why, text string) string {
	line := fate
	if to != "" {
		line = "发给" + to + "的消息" + fate
	}
	if why != "" {
		line += "（" + why + "）"
	}
	if text != "" {
		line += "：" + excerpt(text, excerptLimit)
	}
	return line
}

// relayIndent begins every continuation line of a relayed text, so that nobody can
// write a line that looks like another person's.
const relayIndent = "　　"

// spoken is a relayed text under the name of who wrote it.
func spoken(name, text string) string {
	return name + ": " + strings.ReplaceAll(lineFeeds(text), "\n", "\n"+relayIndent)
}

// lineFeeds writes every line end, of whatever kind, as a line feed.
func lineFeeds(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
			return '\n'
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}

// excerpt is the beginning of a text on one line, at most limit characters.
func excerpt(text string, limit int) string {
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit-1]) + "…"
}

// ago says a duration since an event, roughly.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "刚刚"
	case d < time.Hour:
		return fmt.Sprintf("%d 分钟前", int(d.Minutes()))
	default:
		return fmt.Sprintf("%d 小时前", int(d.Hours()))
	}
}

func minutes(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d 分钟", int(d.Minutes()))
	}
	return fmt.Sprintf("%d 秒", int(d.Seconds()))
}
