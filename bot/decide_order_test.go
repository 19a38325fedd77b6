package bot_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

func runs(s *scene) { s.in.Case.Runs = true }

func people(ids ...string) given {
	return func(s *scene) {
		for _, id := range ids {
			s.people = append(s.people, *memberOf(id))
		}
	}
}

func rostered(ids ...string) given {
	return func(s *scene) {
		s.roster = []model.Seat{}
		for _, id := range ids {
			s.roster = append(s.roster, seatOf(id))
		}
	}
}

func console(s *scene) {
	s.rules.Console = func(key string) string { return "https://desk.example.com/a/" + key }
}

// orderKeyOf is a button's key of a card that was sent so long ago.
func orderKeyOf(age time.Duration, rest string) string {
	return "order:" + strconv.FormatInt(ago(age), 10) + ":" + rest
}

func ordered(s *scene) { s.in.Case.Ordered = true }

func orderEvent(o model.Order, reason string) given {
	return happens(model.Event{Kind: model.EventOrder, Order: &o, Reason: reason})
}

func TestDecideOrder(t *testing.T) {
	t.Parallel()
	at := strconv.FormatInt(ago(0), 10)
	runPlayed(t, []played{
		{"console", []given{runs, console, says("＃管理")}, `
handled console
to zhang () <a href="https://desk.example.com/a/it">打开「服务台」的管理后台</a>`},
		{"no_public_address", []given{runs, says("#管理")}, `
handled console
to zhang () 暂时无法打开管理后台：系统未配置对外地址，请联系运维人员。`},
		{"today", []given{runs, says("#今日")}, `
need figures
handled today
to zhang () 服务台 今日（截至 12:00）⏎新会话 6⏎进行中：机器人 1，排队 2，人工 3⏎在线坐席 4 / 5⏎今日未解决的提问 7`},
		{"bot_off", []given{runs, says("#机器人 关")}, `
handled order_asked
to zhang () card 停用机器人？ | 员工的提问将直接转人工。10 分钟内有效。 | [确认 order:` + at + `::bot_off:zhang:] | [取消 order:` + at + `:off:bot_off:zhang:]`},
		{"bot_is_on", []given{runs, says("#机器人开")}, `
handled order_needless
to zhang () 机器人已启用。`},
		{"add_a_seat", []given{runs, says("#坐席 加 李四"), rostered(lin), people(li)}, `
need roster
need people 李四
handled order_asked
to zhang () card 添加坐席 李四？ | userid：li。添加后即可接待员工。10 分钟内有效。 | [确认 order:` + at + `::seat_add:zhang:li] | [取消 order:` + at + `:off:seat_add:zhang:li]`},
		{"add_a_stranger", []given{runs, says("#坐席 加 王五"), rostered(lin), people(li)}, `
need roster
need people 王五
handled order_nobody
to zhang () 通讯录中没有「王五」，或不在应用可见范围内。`},
		{"add_who_is_one", []given{runs, says("#坐席 加 lin"), rostered(lin), people(lin)}, `
need roster
need people lin
handled order_needless
to zhang () 林一 已是坐席。`},
		{"remove_who_is_none", []given{runs, says("#坐席 减 李四"), rostered(lin)}, `
need roster
handled order_nobody
to zhang () 坐席中没有「李四」。`},
		{"confirmed", []given{runs, clicks(orderKeyOf(9*time.Minute, ":seat_remove:zhang:lin"))}, `
handled order_answered
to zhang () update code 已确认
forward to zhang order`},
		{"called_off", []given{runs, clicks(orderKeyOf(time.Minute, "off:bot_off:zhang:"))}, `
handled order_answered
to zhang () update code 已取消
forward to zhang order reason=off`},
		{"confirmed_again", []given{runs, ordered, clicks(orderKeyOf(time.Minute, ":bot_off:zhang:"))}, `
handled order_again
to zhang () update code 已处理`},
		{"too_late", []given{runs, clicks(orderKeyOf(11*time.Minute, ":bot_off:zhang:"))}, `
handled order_late
to zhang () update code 已过期
to zhang () 确认已超过 10 分钟，操作未执行。需要时请重新发送指令。`},
		{"another's_card", []given{runs, clicks(orderKeyOf(time.Minute, ":bot_off:li:"))}, `
refused order_not_yours
to zhang () update code 已失效`},
		{"runs_nothing_any_more", []given{clicks(orderKeyOf(time.Minute, ":bot_off:zhang:"))}, `
refused order_not_yours
to zhang () update code 已失效`},
		{"done", []given{runs, orderEvent(model.Order{Kind: model.OrderSeatRemove, UserID: lin}, ""), rostered(lin)}, `
need roster
handled ordered
to zhang () 已移除坐席 林一。
order seat_remove lin`},
		{"nothing_done", []given{runs, orderEvent(model.Order{Kind: model.OrderBotOff}, model.OrderOff)}, `
handled order_off`},
		{"refused_at_last", []given{orderEvent(model.Order{Kind: model.OrderBotOff}, "")}, `
refused order_not_yours
to zhang () 操作未执行：您已不是该账号的负责人。`},
	})
}

// To everybody else the commands don't exist.
func TestDecideOrder_of_others(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"#管理", "#今日", "#机器人 关", "#坐席 加 李四", "#问答 一\n二", "#未解决", "#回答 1\n是", "#相似问 一\n二"} {
		_, step := newScene(atDesk(), says(text)).decide()
		_, unknown := newScene(atDesk(), says("#没有这个")).decide()
		if got, want := render(nil, step), render(nil, unknown); got != want {
			t.Errorf("%s of a seat:\n%s\nwant what an unknown command gets:\n%s", text, got, want)
		}
		needs, _ := newScene(says(text), knows(hit(false))).decide()
		if len(needs) == 0 || needs[0].Kind != bot.NeedAnswer {
			t.Errorf("%s of an employee asks for %v, want an answer like any question", text, needs)
		}
	}
	if _, step := newScene(atDesk(), says("#帮助")).decide(); strings.Contains(step.Pushes[0].Text, "#管理") {
		t.Errorf("a seat's help tells of the owners' commands: %s", step.Pushes[0].Text)
	}
	if _, step := newScene(atDesk(), runs, says("#帮助")).decide(); !strings.Contains(step.Pushes[0].Text, "#管理") {
		t.Errorf("an owner's help doesn't tell of its commands: %s", step.Pushes[0].Text)
	}
}
