package match

import (
	"regexp"
	"strings"
)

// The phrases that make small talk, folded, by what they are. A text is small talk
// when it consists of them and nothing else.
const (
	greetings = `你好|您好|大家好|哈喽|哈罗|嗨|hello|hi|hey|早上好|上午好|中午好|下午好|晚上好|早安|晚安|早|在吗|在不在|在么|有人吗|有人在吗|亲|喂`
	thanks    = `谢谢|谢了|谢啦|多谢|感谢|非常感谢|辛苦了|辛苦|麻烦了|thanks|thank you|thx|3q`
	assent    = `好的|好滴|好哒|好吧|好|行|可以|可以了|嗯|恩|哦|噢|喔|ok|okay|okk|收到|明白|明白了|了解|了解了|知道了|懂了|没事|没事了|没有了|不用|不用了|解决了|已解决|搞定|搞定了|对|是的|哈`
	farewells = `再见|拜拜|拜|bye|byebye|88|回见`
	tails     = `您|你|啊|呀|呢|啦|了|的|哈| `
)

var (
	smallTalk   = regexp.MustCompile(`^(?:` + greetings + `|` + thanks + `|` + assent + `|` + farewells + `)(?:` + greetings + `|` + thanks + `|` + assent + `|` + farewells + `|` + tails + `)*$`)
	thankful    = regexp.MustCompile(thanks)
	leaving     = regexp.MustCompile(`^(?:` + farewells + `)|(?:` + farewells + `)$`)
	greeting    = regexp.MustCompile(`^(?:` + greetings + `)`)
	wecomSmiley = regexp.MustCompile(`\[[\p{Han}A-Za-z]{1,6}\]`) // WeCom sends its own emoji as words: [强], [OK]
)

// What the bot says to small talk.
const (
	replyGreeting = "您好，请问有什么可以帮您？请直接输入您的问题。"
	replyThanks   = "不客气，有问题随时问我。"
	replyAssent   = "好的，有问题随时问我。"
	replyFarewell = "再见，有问题随时问我。"
	replyNoise    = "请用文字描述您的问题，我来帮您查找答案。"
	replyEmoji    = "收到，有问题随时问我。"
)

// smallTalkMax is the length, in bytes after folding, above which nothing is small talk.
const smallTalkMax = 60

// SmallTalk gives what to say to a greeting, thanks, a mere yes, a farewell or a text
// without a word in it; ok is false for everything else, the empty text included.
func SmallTalk(text string) (reply string, ok bool) {
	if strings.TrimSpace(text) == "" {
		return "", false
	}
	words := foldRunes(wecomSmiley.ReplaceAllString(text, " "))
	switch {
	case words == "" && strings.ContainsAny(text, "?？.。!！,，…"):
		return replyNoise, true
	case words == "":
		return replyEmoji, true
	case len(words) > smallTalkMax || !smallTalk.MatchString(words):
		return "", false
	case thankful.MatchString(words):
		return replyThanks, true
	case leaving.MatchString(words):
		return replyFarewell, true
	case greeting.MatchString(words):
		return replyGreeting, true
	}
	return replyAssent, true
}
