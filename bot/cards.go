package bot

import (
	"fmt"
	"strconv"
	"strings"

	"deskmate/model"
)

// The verbs of card keys. A key is a verb and what it is about, joined by ":"; it
// comes back in the click, so that no card has to be remembered.
const (
	verbHandoff = "handoff"  // also the key of the menu's 转人工
	verbDislike = "dislike"  // 转人工 after a 👎
	verbAnswer  = "answer"   // :entry:question it was suggested for; without a question it is a hot one
	verbNone    = "none"     // :question — 以上都不是
	verbUp      = "up"       // :question — 👍
	verbDown    = "down"     // :question — 👎
	verbLeave   = "leave"    // :session — leaves the queue
	verbWait    = "wait"     // :session — goes on waiting
	verbMessage = "message"  // :session — leaves what was written as a message
	verbGoOn    = "continue" // :session — goes on although nobody wrote
	verbFocus   = "focus"    // :session
	verbEnd     = "end"      // :session
	verbClaim   = "claim"    // :session
	verbSend    = "send"     // :session — the held texts go there
	verbReopen  = "reopen"   // :session — the held texts open a new session with its employee
	verbSelf    = "self"     // the held texts are the seat's own question
)

// HandoffKey is the key of the menu button 转人工.
const HandoffKey = verbHandoff

// keyFor joins a verb and what it is about.
func keyFor(verb string, ids ...uint64) string {
	var key strings.Builder
	key.WriteString(verb)
	for _, id := range ids {
		key.WriteString(":" + strconv.FormatUint(id, 10))
	}
	return key.String()
}

// parseKey takes a key apart; ids that are not there are 0.
func parseKey(key string) (verb string, id, about uint64) {
	parts := strings.Split(key, ":")
	if len(parts) > 1 {
		id, _ = strconv.ParseUint(parts[1], 10, 64)
	}
	if len(parts) > 2 {
		about, _ = strconv.ParseUint(parts[2], 10, 64)
	}
	return parts[0], id, about
}

// SessionOf is the session that a card's key is about; 0 for none. The engine loads it
// before it decides.
func SessionOf(key string) uint64 {
	verb, id, _ := parseKey(key)
	switch verb {
	case verbAnswer, verbNone, verbUp, verbDown, model.OrderVerb: // about entries, questions and the account
		return 0
	}
	return id
}

// taskID makes a card's id: unique per app for ever, because ids are made from time
// and chance.
func taskID(kind string, id uint64, n int) string {
	return kind + "-" + strconv.FormatUint(id, 36) + "-" + strconv.Itoa(n)
}

// sessionCard is the card by which a seat chooses or ends a session.
func sessionCard(acc model.Account, s model.Session, employee model.Member, focused bool) model.Card {
	card := model.Card{
		Kind: model.CardButtons, Source: acc.Name,
		Title: fmt.Sprintf("#%d %s", s.SeatNo, employee.Title()),
		Desc:  "转人工：" + handoffWords(s.HandoffReason),
		Buttons: []model.CardButton{
			{Text: "回复 TA", Key: keyFor(verbFocus, s.ID), Style: model.StyleStrong},
			{Text: "结束会话", Key: keyFor(verbEnd, s.ID), Style: model.StyleNeutral},
		},
	}
	if needsClaim(acc, s) {
		card.Buttons = []model.CardButton{{Text: "接待", Key: keyFor(verbClaim, s.ID), Style: model.StyleStrong}}
	}
	if focused {
		card.Desc = "正在回复 TA：直接发消息即可"
	}
	return card
}

// maxSendButtons leaves room for one more button on a card of six.
const maxSendButtons = 5

// heldCard asks a seat for whom its text is.
func heldCard(acc model.Account, held int, serving []model.Served, last *model.Served) model.Card {
	card := model.Card{
		Kind: model.CardButtons, Source: acc.Name, Title: "这条消息发给谁？",
		Desc: "选择后立即发出",
	}
	if held > 1 {
		card.Title = fmt.Sprintf("这 %d 条消息发给谁？", held)
	}
	for i, s := range serving {
		if i == maxSendButtons {
			card.Body = "还有更多会话：回复 #编号 选择，#列表 查看全部"
			break
		}
		text := fmt.Sprintf("#%d %s", s.Session.SeatNo, s.Employee.ShortName())
		if needsClaim(acc, s.Session) {
			text = "接待 " + text
			if len(serving) == 1 {
				card.Title, text = "请先接待，再回复"+s.Employee.ShortName(), "接待并发送"
			}
		}
		card.Buttons = append(card.Buttons, model.CardButton{
			Text: excerpt(text, buttonChars),
			Key:  keyFor(verbSend, s.Session.ID), Style: model.StyleStrong,
		})
	}
	if len(serving) < maxSendButtons && last != nil {
		card.Buttons = append(card.Buttons, model.CardButton{
			Text: last.Employee.ShortName() + "(新会话)", Key: keyFor(verbReopen, last.Session.ID), Style: model.StyleSecond,
		})
	}
	if len(card.Buttons) < maxSendButtons+1 {
		card.Buttons = append(card.Buttons, model.CardButton{Text: "我要咨询", Key: verbSelf, Style: model.StyleNeutral})
	}
	return card
}
