package bot_test

import (
	"strconv"
	"testing"

	"deskmate/bot"
	"deskmate/model"
)

func said(text string) given { return func(s *scene) { s.in.Case.OrderText = text } }

func refused(why string) given { return func(s *scene) { s.lesson = bot.LessonAnswer{Refused: why} } }

func TestDecideTeach(t *testing.T) {
	t.Parallel()
	card := func(title, body, order string) string {
		key := "order:" + strconv.FormatInt(ago(0), 10)
		return `
need lesson
handled order_asked
to zhang () card ` + title + ` | ` + body + `⏎10 分钟内有效。 | [确认 ` + key + `::` + order + `] | [取消 ` + key + `:off:` + order + `]`
	}
	runPlayed(t, []played{
		{"misses", []given{runs, says("#未解决"), func(s *scene) {
			s.misses = []model.OpenMiss{{ID: 42, Question: "周末有没有班车", Count: 3}, {ID: 7, Question: "a\nb", Count: 1}}
		}}, `
need misses 5
handled misses
to zhang () 机器人没有答上的问题：⏎1. 周末有没有班车（3 次）⏎2. a b（1 次）⏎发送 #回答 编号，换行写答案，即可变成问答。`},
		{"no_misses", []given{runs, says("#未解決")}, `
need misses 5
handled misses
to zhang () 最近 30 天没有未解决的问题。`},
		{
			"entry",
			[]given{runs, says("＃问答 年假有几天\r\n工龄满一年 5 天\n满十年 10 天")},
			card("添加这条问答？", "问题：年假有几天⏎答案：工龄满一年 5 天 满十年 10 天", "entry:zhang:1,0"),
		},
		{
			"similar",
			[]given{runs, says("#相似问 年假有几天\n 年休假 \n\n能休几天")},
			card("添加 2 个相似问题？", "标准问题：年假有几天⏎相似问题：年休假；能休几天", "similar:zhang:1,0"),
		},
		{
			"miss",
			[]given{runs, says("#回答2 没有班车")},
			card("添加这条问答？", "问题：周末有没有班车⏎答案：没有班车", "miss:zhang:1,42"),
		},
		{"no_answer", []given{runs, says("#问答 年假有几天")}, `
handled order_usage
to zhang () 请在第一行写标准问题，换行写答案，例如：⏎#问答 年假有几天⏎工龄满一年为 5 天，满十年为 10 天。`},
		{"no_number", []given{runs, says("#回答 没有")}, `
handled order_usage
to zhang () 请写上编号，换行写答案，例如：⏎#回答 1⏎周末没有班车。⏎编号见 #未解决。`},
		{"refused", []given{runs, says("#问答 一\n二"), refused("已有标准问题「一」")}, `
need lesson
handled order_refused
to zhang () 已有标准问题「一」`},
		{"taught", []given{runs, orderEvent(model.Order{Kind: model.OrderEntry, Inbox: 9}, ""), said("#问答 一\n二")}, `
need taught
handled ordered
to zhang () 已添加问答，立即生效。`},
		{"similar_taught", []given{runs, orderEvent(model.Order{Kind: model.OrderSimilar, Inbox: 9}, ""), said("＃相似问 一\n二")}, `
need taught
handled ordered
to zhang () 已添加相似问题，立即生效。`},
		{"taught_too_late", []given{runs, orderEvent(model.Order{Kind: model.OrderMiss, Inbox: 9, Miss: 42}, ""), said("#回答 1\n二"), refused("这个问题刚被别人处理过了")}, `
need taught
handled order_refused
to zhang () 操作未执行：这个问题刚被别人处理过了。`},
		{"text_is_gone", []given{runs, orderEvent(model.Order{Kind: model.OrderEntry, Inbox: 9}, "")}, `
handled order_gone
to zhang () 操作未执行：找不到您发送的原文，请重新发送指令。`},
		{"not_of_who_lost_the_right", []given{orderEvent(model.Order{Kind: model.OrderEntry, Inbox: 9}, ""), said("#问答 一\n二")}, `
refused order_not_yours
to zhang () 操作未执行：您已不是该账号的负责人。`},
	})
}
