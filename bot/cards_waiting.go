package bot

import (
	"fmt"
	"time"

	"deskmate/model"
)

// What people read while they wait for a seat.
const (
	textInLine      = "正在为您转接人工，"
	textNotQueued   = "已不在排队"
	textServing     = "人工服务中"
	textLeft        = "已取消排队"
	textGoOn        = "好的，继续为您排队，"
	textMessage     = "已转为留言。坐席有空时会联系您，您可以继续补充。"
	textMessageLeft = "员工已留言，可稍后联系"
	textWhileInLine = "等待时可以继续补充问题，坐席会一并看到。"
)

// queueCard tells the place in the queue and lets the employee leave it.
func queueCard(account, intro string, c model.Case, session uint64) model.Card {
	card := model.Card{
		Kind: model.CardButtons, Source: account,
		Title: intro + textInLine + aheadText(c.Ahead), Body: textWhileInLine,
		Buttons: []model.CardButton{{Text: "取消排队", Key: keyFor(verbLeave, session), Style: model.StyleNeutral}},
	}
	if expected := expectedText(c); expected != "" {
		card.Body = expected + "。" + card.Body
	}
	return card
}

// waitCard asks somebody who has waited for so long whether to go on.
func waitCard(acc model.Account, c model.Case, s model.Session, waited time.Duration) model.Card {
	back := "返回机器人"
	if !acc.Policy.Bot.Enabled {
		back = "取消排队"
	}
	return model.Card{
		Kind: model.CardButtons, Source: acc.Name, Title: "抱歉让您久等了，还要继续等待吗？",
		Body: fmt.Sprintf("已等待 %d 分钟，%s。选择留言，坐席有空时会联系您；%s内没有选择，将转为留言。",
			int(waited.Minutes()), placeText(c), minutes(acc.Policy.Queue.Timeout)),
		Buttons: []model.CardButton{
			{Text: "继续等待", Key: keyFor(verbWait, s.ID), Style: model.StyleStrong},
			{Text: "留言", Key: keyFor(verbMessage, s.ID), Style: model.StyleSecond},
			{Text: back, Key: keyFor(verbLeave, s.ID), Style: model.StyleNeutral},
		},
	}
}

// waitWords says on a card that was tapped how the session waits now.
func waitWords(w model.WaitState) string {
	if w == model.WaitMessage {
		return "已留言"
	}
	return "继续等待中"
}

func leftText(bot bool) string {
	if bot {
		return "已取消排队。您可以继续提问，需要时再转人工。"
	}
	return "已取消排队。需要时请再发消息。"
}

func aheadText(ahead int) string {
	if ahead == 0 {
		return "您排在第一位"
	}
	return fmt.Sprintf("前面还有 %d 位", ahead)
}

// placeText says how many are ahead, and how long that takes where it is known.
func placeText(c model.Case) string {
	if expected := expectedText(c); expected != "" {
		return aheadText(c.Ahead) + "，" + expected
	}
	return aheadText(c.Ahead)
}

// expectedText says how long somebody waits; "" where nobody knows.
func expectedText(c model.Case) string {
	switch wait := expectedWait(c); {
	case wait <= 0:
		return ""
	case wait > time.Hour:
		return "预计等待超过 1 小时"
	default:
		return fmt.Sprintf("预计等待约 %d 分钟", max(1, int(wait.Round(time.Minute)/time.Minute)))
	}
}

// expectedWait is how long it takes until so many sessions have ended that a place is free:
// one for each ahead, and one more. It is 0 where nothing is served, or nobody knows how long
// that takes.
func expectedWait(c model.Case) time.Duration {
	if c.Places == 0 {
		return 0
	}
	return msDuration(c.HandlingMS * int64(c.Ahead+1) / int64(c.Places))
}
