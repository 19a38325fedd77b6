package bot

import (
	"fmt"
	"time"

	"deskmate/model"
)

// What people read when human service falls silent.
const (
	textOver      = "会话已结束"
	textContinued = "会话继续"
)

// warnCard tells the employee that the session is about to end, and lets it go on.
func warnCard(account string, session uint64, left time.Duration) model.Card {
	return model.Card{
		Kind: model.CardButtons, Source: account, Title: "会话即将结束",
		Body:    minutes(left) + "内没有新消息，会话将自动结束。还需要服务，请点继续，或直接发消息。",
		Buttons: []model.CardButton{{Text: "继续", Key: keyFor(verbGoOn, session), Style: model.StyleStrong}},
	}
}

// remindText tells a seat that an employee waits for its answer.
func remindText(no int, employee string, owed time.Duration) string {
	return fmt.Sprintf("提醒：#%d %s 已等您回复 %s。", no, employee, waitedWords(owed))
}

// waitedWords says how long somebody has waited, in whole minutes or, below one, seconds.
func waitedWords(d time.Duration) string {
	if d < time.Minute {
		return minutes(d.Truncate(time.Second))
	}
	return minutes(d.Truncate(time.Minute))
}

func keepText(employee string, keep bool) string {
	if keep {
		return "与" + employee + "的会话将保持：没有消息也不会自动结束。发 #取消保持 恢复。"
	}
	return "与" + employee + "的会话不再保持，没有消息时会自动结束。"
}
