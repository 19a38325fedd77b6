package bot

import (
	"cmp"
	"fmt"
	"strings"

	"deskmate/model"
)

const (
	textOrderHelp = "管理指令：\n" +
		"#管理　打开管理后台\n" +
		"#今日　查看今日数据\n" +
		"#机器人 开 / #机器人 关　启用或停用机器人\n" +
		"#坐席 加 姓名　添加坐席（也可填写 userid）\n" +
		"#坐席 减 姓名　移除坐席\n" +
		"#未解决　查看机器人没有答上的问题\n" +
		"#回答 编号（换行写答案）　把其中一个变成问答\n" +
		"#问答 标准问题（换行写答案）　添加问答\n" +
		"#相似问 标准问题（换行写，一行一个）　添加相似问题"
	textNoConsole  = "暂时无法打开管理后台：系统未配置对外地址，请联系运维人员。"
	textOrderGone  = "已失效"
	textOrderOver  = "已处理"
	textOrderLate  = "已过期"
	textNoOrder    = "操作未执行：您已不是该账号的负责人。"
	textSeatsFull  = "操作未执行：坐席已达 %d 人上限。"
	textManySuch   = "有多位「%s」，请填写 userid：\n%s"
	textNobodySuch = "通讯录中没有「%s」，或不在应用可见范围内。"
)

// runs does what the person, who runs the account, commands; it reports false for what is no
// such command, which then is what it is from anybody else.
func (d *decision) runs(c model.Content) bool {
	if !d.in.Case.Runs || c.Type != model.ContentText {
		return false
	}
	rest, ok := cutAnyPrefix(strings.TrimSpace(c.Text), "#", "＃")
	if !ok {
		return false
	}
	rest = strings.TrimSpace(rest)
	switch fold(rest) {
	case "管理":
		d.told("console", d.consoleText())
		return true
	case "今日":
		d.today()
		return true
	case "未解决", "未解決":
		d.openMisses()
		return true
	case "帮助", "幫助":
		if d.in.Case.Seat == nil {
			d.told("help", textOrderHelp)
			return true
		}
		return false
	}
	if arg, ok := orderArg(rest, "问答", "問答"); ok {
		d.teachEntry(arg)
		return true
	}
	if arg, ok := orderArg(rest, "相似问题", "相似問題", "相似问", "相似問"); ok {
		d.teachSimilar(arg)
		return true
	}
	if arg, ok := orderArg(rest, "回答"); ok {
		d.teachMiss(arg)
		return true
	}
	if arg, ok := orderArg(rest, "机器人", "機器人"); ok {
		return d.botOrder(arg)
	}
	if arg, ok := orderArg(rest, "坐席", "座席"); ok {
		return d.seatOrder(arg)
	}
	return false
}

// orderArg is what stands behind a command's word.
func orderArg(text string, words ...string) (string, bool) {
	arg, ok := cutAnyPrefix(text, words...)
	return strings.TrimSpace(arg), ok
}

// told answers who commands; nothing else comes of it.
func (d *decision) told(reason, text string) {
	d.tell(d.in.Case.Person, text)
	d.finish(model.OutcomeHandled, reason)
}

func (d *decision) consoleText() string {
	if d.Console == nil {
		return textNoConsole
	}
	return fmt.Sprintf("<a href=\"%s\">打开「%s」的管理后台</a>", d.Console(d.acc.Key), d.Escape(d.acc.Name))
}

// today tells how the account stands.
func (d *decision) today() {
	if d.in.Figures == nil {
		d.need = Need{Kind: NeedFigures}
		return
	}
	f := d.in.Figures
	d.told("today", fmt.Sprintf("%s 今日（截至 %s）\n新会话 %d\n进行中：机器人 %d，排队 %d，人工 %d\n在线坐席 %d / %d\n今日未解决的提问 %d",
		d.Escape(d.acc.Name), d.in.Now.In(d.Location).Format("15:04"), f.Sessions, f.Bot, f.Queued, f.Serving, f.Online, f.Seats, f.Misses))
}

// botOrder is `#机器人 开` or `#机器人 关`.
func (d *decision) botOrder(arg string) bool {
	var on bool
	switch fold(arg) {
	case "开", "開":
		on = true
	case "关", "關":
	case "":
		d.told("order_usage", "请写明 开 或 关，例如 #机器人 关。")
		return true
	default:
		return false
	}
	switch {
	case on == d.acc.Policy.Bot.Enabled:
		d.told("order_needless", botIs(on))
	case on:
		d.askOrder(model.Order{Kind: model.OrderBotOn}, "启用机器人？", "员工的提问将先由机器人回答。")
	default:
		d.askOrder(model.Order{Kind: model.OrderBotOff}, "停用机器人？", "员工的提问将直接转人工。")
	}
	return true
}

func botIs(on bool) string {
	if on {
		return "机器人已启用。"
	}
	return "机器人已停用，员工的提问将直接转人工。"
}

// seatOrder is `#坐席 加 姓名` or `#坐席 减 姓名`.
func (d *decision) seatOrder(arg string) bool {
	who, add := orderArg(arg, "加")
	if !add {
		var remove bool
		if who, remove = orderArg(arg, "减", "減"); !remove {
			if arg == "" {
				d.told("order_usage", textOrderHelp)
			}
			return arg == ""
		}
	}
	switch {
	case who == "":
		d.told("order_usage", "请写上姓名或 userid，例如 #坐席 加 张三。")
	case d.in.Roster == nil:
		d.need = Need{Kind: NeedRoster}
	case add:
		d.addSeat(who)
	default:
		d.removeSeat(who)
	}
	return true
}

func (d *decision) addSeat(who string) {
	if d.in.People == nil {
		d.need = Need{Kind: NeedPeople, Text: who}
		return
	}
	found := find(d.in.People, who, func(m model.Member) person {
		return person{userID: m.UserID, name: m.ShortName(), title: m.Title()}
	})
	switch len(found) {
	case 0:
		d.told("order_nobody", fmt.Sprintf(textNobodySuch, d.Escape(who)))
		return
	case 1:
	default:
		names := make([]string, len(found))
		for i, m := range found {
			names[i] = d.Escape(m.Title()) + "　" + cmp.Or(m.DisplayID, m.UserID)
		}
		d.told("order_ambiguous", fmt.Sprintf(textManySuch, d.Escape(who), strings.Join(names, "\n")))
		return
	}
	m := found[0]
	switch _, is := d.rosterSeat(m.UserID); {
	case is:
		d.told("order_needless", d.Escape(m.Title())+" 已是坐席。")
	case len(d.in.Roster) >= model.MaxSeats:
		d.told("order_full", fmt.Sprintf(textSeatsFull, model.MaxSeats))
	default:
		d.askOrder(model.Order{Kind: model.OrderSeatAdd, UserID: m.UserID}, "添加坐席 "+m.Title()+"？",
			"userid："+cmp.Or(m.DisplayID, m.UserID)+"。添加后即可接待员工。")
	}
}

func (d *decision) removeSeat(who string) {
	found := FindSeat(d.in.Roster, who)
	switch len(found) {
	case 0:
		d.told("order_nobody", "坐席中没有「"+d.Escape(who)+"」。")
	case 1:
		s := found[0]
		d.askOrder(model.Order{Kind: model.OrderSeatRemove, UserID: s.UserID}, "移除坐席 "+seatName(s)+"？",
			"userid："+s.UserID+"。正在由其接待的会话将优先转给其他坐席或重新排队。")
	default:
		names := make([]string, len(found))
		for i, s := range found {
			names[i] = d.Escape(seatName(s)) + "　" + s.UserID
		}
		d.told("order_ambiguous", fmt.Sprintf(textManySuch, d.Escape(who), strings.Join(names, "\n")))
	}
}

func (d *decision) rosterSeat(userID string) (model.Seat, bool) {
	for _, s := range d.in.Roster {
		if s.UserID == userID {
			return s, true
		}
	}
	return model.Seat{}, false
}
