package bot

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"deskmate/model"
)

// How much of a card WeCom shows.
const (
	cardButtons = 6
	buttonChars = 10
	bodyChars   = 160
)

// handoffButton asks for a person.
func handoffButton(style model.ButtonStyle) model.CardButton {
	return model.CardButton{Text: "转人工", Key: verbHandoff, Style: style}
}

// suggestionCard offers the entries that may be meant by a question, 以上都不是 where there
// is room, and a person.
func suggestionCard(account string, question uint64, cands []model.AnswerCandidate, handoff bool) model.Card {
	card := model.Card{
		Kind: model.CardButtons, Source: account, Title: "您是不是想问",
		Desc: "点按问题，或回复序号",
	}
	lines := make([]string, 0, len(cands))
	for i, c := range cands {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, c.Question))
		card.Buttons = append(card.Buttons, model.CardButton{
			Text: excerpt(fmt.Sprintf("%d %s", i+1, c.Question), buttonChars), Key: keyFor(verbAnswer, c.EntryID, question),
			Style: model.StyleSecond,
		})
	}
	card.Body = fit(lines)
	room := cardButtons - len(card.Buttons)
	if handoff {
		room--
	}
	if room > 0 {
		card.Buttons = append(card.Buttons, model.CardButton{
			Text: textNone, Key: keyFor(verbNone, question), Style: model.StyleNeutral,
		})
	} else {
		card.Desc = "点按问题，或回复序号；都不是请回复 0"
	}
	if handoff {
		card.Buttons = append(card.Buttons, handoffButton(model.StyleNeutral))
	}
	return card
}

// hotCard offers the entries asked for most. What a button can't show whole, the body does.
func hotCard(account string, hot []model.AnswerCandidate, handoff bool) model.Card {
	card := model.Card{Kind: model.CardButtons, Source: account, Title: "大家都在问", Desc: "点按问题查看答案，也可以直接提问"}
	lines := make([]string, 0, len(hot))
	long := false
	for _, c := range hot {
		lines = append(lines, "· "+c.Question)
		text := excerpt(c.Question, buttonChars)
		long = long || text != c.Question
		card.Buttons = append(card.Buttons, model.CardButton{Text: text, Key: keyFor(verbAnswer, c.EntryID), Style: model.StyleSecond})
	}
	if long {
		card.Body = fit(lines)
	}
	if handoff {
		card.Buttons = append(card.Buttons, handoffButton(model.StyleNeutral))
	}
	return card
}

func missCard(account, text string) model.Card {
	return model.Card{
		Kind: model.CardButtons, Source: account, Title: "没有找到答案", Body: text,
		Buttons: []model.CardButton{handoffButton(model.StyleStrong)},
	}
}

// feedbackCard asks whether the answer to a question helped.
func feedbackCard(account string, question uint64) model.Card {
	return model.Card{
		Kind: model.CardButtons, Source: account, Title: "这个回答有帮助吗？",
		Buttons: []model.CardButton{
			{Text: "👍 有帮助", Key: keyFor(verbUp, question), Style: model.StyleSecond},
			{Text: "👎 没解决", Key: keyFor(verbDown, question), Style: model.StyleNeutral},
		},
	}
}

// dislikeCard offers a person to whom an answer did not help.
func dislikeCard(account string) model.Card {
	return model.Card{
		Kind: model.CardButtons, Source: account, Title: "抱歉，没能帮到您",
		Body:    "您可以换个说法再问一次，或者转人工。",
		Buttons: []model.CardButton{{Text: "转人工", Key: verbDislike, Style: model.StyleStrong}},
	}
}

// fit joins the lines of a card's body, shortening the longest of them until all together
// are shown.
func fit(lines []string) string {
	most := bodyChars
	for ; most > 1; most-- {
		total := len(lines) - 1
		for _, line := range lines {
			total += min(utf8.RuneCountInString(line), most)
		}
		if total <= bodyChars {
			break
		}
	}
	short := make([]string, len(lines))
	for i, line := range lines {
		short[i] = excerpt(line, most)
	}
	return strings.Join(short, "\n")
}
