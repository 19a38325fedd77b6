package wecom

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"deskmate/model"
)

// What WeCom writes to an AI bot (智能机器人) is the same over both of its ways: JSON, posted
// to a callback URL in an envelope or as a frame of a long connection (doc path/100719, 101463).

// maxChatID is how long a group's id can be that we can store as a peer.
const maxChatID = 100

// botMessage is a message or an event of an AI bot.
type botMessage struct {
	MsgID    string `json:"msgid"`
	BotID    string `json:"aibotid"`
	ChatType string `json:"chattype"`
	ChatID   string `json:"chatid"`
	From     struct {
		UserID string `json:"userid"`
		CorpID string `json:"corpid"`
	} `json:"from"`
	ResponseURL string          `json:"response_url"`
	CreateTime  json.RawMessage `json:"create_time"`
	botContent
	Quote *botContent `json:"quote"`
	Event *struct {
		Type string `json:"eventtype"`
	} `json:"event"`
}

// botContent is what was written; a quote and an item of a mixed message have the same form.
type botContent struct {
	MsgType string   `json:"msgtype"`
	Text    *botText `json:"text"`
	Voice   *botText `json:"voice"` // what was said, already as text
	Image   *botFile `json:"image"`
	File    *botFile `json:"file"`
	Video   *botFile `json:"video"`
	Mixed   *struct {
		Items []botContent `json:"msg_item"`
	} `json:"mixed"`
}

type botText struct {
	Content string `json:"content"`
}

// botFile is an encrypted file, there for five minutes. Over a long connection it has a key of
// its own, else it opens with the bot's EncodingAESKey.
type botFile struct {
	URL    string `json:"url"`
	AESKey string `json:"aeskey"`
	Name   string `json:"filename"`
}

// EchoBot answers WeCom's verification of the callback URL of the account's AI bot. Refusals
// are those of [ReceiveBot].
func EchoBot(acc model.Account, q Query) ([]byte, error) {
	crypto, err := botCrypto(acc)
	if err != nil {
		return nil, err
	}
	if err := crypto.Verify(q.MsgSignature, q.Timestamp, q.Nonce, q.EchoStr); err != nil {
		return nil, err
	}
	return crypto.Decrypt(q.EchoStr)
}

// ReceiveBot verifies and opens a callback of the account's AI bot and understands it. Refusals
// are those of [Receive]; an account without a bot in callback mode is not found.
func ReceiveBot(acc model.Account, q Query, body []byte, now time.Time) (model.Inbound, error) {
	crypto, err := botCrypto(acc)
	if err != nil {
		return model.Inbound{}, err
	}
	if len(body) > maxBody {
		return model.Inbound{}, model.Invalid("too_big", "the callback is larger than %d bytes", maxBody)
	}
	var outer struct {
		Encrypt string `json:"encrypt"`
	}
	if err := json.Unmarshal(body, &outer); err != nil || outer.Encrypt == "" {
		return model.Inbound{}, model.Invalid("bad_envelope", "the callback is not the JSON that WeCom sends")
	}
	if err := crypto.Verify(q.MsgSignature, q.Timestamp, q.Nonce, outer.Encrypt); err != nil {
		return model.Inbound{}, err
	}
	plain, err := crypto.Decrypt(outer.Encrypt)
	if err != nil {
		return model.Inbound{}, err
	}
	return understandBot(acc, plain, "", now), nil
}

// botCrypto is the account's side of its bot's callback. A bot of the own corp has no
// receiveid.
func botCrypto(acc model.Account) (*Crypto, error) {
	if !acc.Group.Bound() || acc.Group.Mode != model.GroupCallback || acc.Group.Token == "" {
		return nil, &model.Error{
			Code: model.CodeNotFound, Reason: "no_bot", Message: "the account has no AI bot with a callback URL",
		}
	}
	return NewCrypto(acc.Group.Token, acc.Group.EncodingAESKey, "")
}

// understandBot turns what WeCom writes to a bot into an event; reqID names a frame, "" a
// callback. What it can't read is kept as it came.
func understandBot(acc model.Account, plain []byte, reqID string, now time.Time) model.Inbound {
	raw := printable(string(plain))
	in := model.Inbound{
		AccountID: acc.ID, CreatedMS: now.UnixMilli(), Event: model.Event{Kind: model.EventUnknown, Raw: raw},
		DedupeKey: "b:" + digest(raw),
	}
	var m botMessage
	if json.Unmarshal(plain, &m) != nil {
		return in
	}
	if m.MsgID != "" {
		in.DedupeKey = "b:" + m.MsgID
		if len(m.MsgID) > maxMsgID {
			in.DedupeKey = "b:" + digest(m.MsgID)
		}
	}
	// A stranger's userid is its own corp's and may be one of ours here.
	stranger := m.From.CorpID != "" && model.Fold(m.From.CorpID) != model.Fold(acc.CorpID)
	from := model.Fold(m.From.UserID)
	parts := readBotParts(acc, m)
	if len(parts) == 0 || from == "" || len(from) > maxPerson || stranger || (m.BotID != "" && m.BotID != acc.Group.BotID) {
		return in
	}
	mention := mentionOf(acc, m, reqID, now)
	in.Person = model.GroupPeer(mention.ChatID)
	if mention.Single {
		in.Person = model.GroupPeer("@" + from) // no group's id begins so
	}
	if mention.ChatID == "" || len(in.Person) > maxChatID {
		in.Person = ""
		return in
	}
	mention.More = parts[1:]
	in.Event = model.Event{Kind: model.EventMessage, Content: &parts[0], Group: &mention}
	return in
}

// mentionOf says where a message came from and how it can be answered.
func mentionOf(acc model.Account, m botMessage, reqID string, now time.Time) model.Mention {
	mention := model.Mention{
		ChatID: m.ChatID, BotID: acc.Group.BotID, From: model.Fold(m.From.UserID), Mode: model.GroupCallback,
		ResponseURL: m.ResponseURL, UntilMS: now.UnixMilli() + model.ResponseURLLife,
	}
	if m.ChatType == "single" {
		mention.ChatID, mention.Single = m.From.UserID, true
	}
	if reqID != "" {
		mention.Mode, mention.ReqID, mention.ResponseURL = model.GroupConnection, reqID, ""
		mention.UntilMS = now.UnixMilli() + model.ReqIDLife
	}
	if mention.ReqID == "" && mention.ResponseURL == "" {
		mention.UntilMS = 0
	}
	return mention
}

// readBotParts reads what was written: one text with all that was said, and the files. It is
// nil for events and for what is not understood.
func readBotParts(acc model.Account, m botMessage) []model.Content {
	if m.Event != nil {
		return nil
	}
	texts, files, ok := m.parts()
	if !ok {
		return nil
	}
	text := strings.TrimSpace(strings.Join(texts, "\n"))
	if m.ChatType != "single" {
		text = cutMention(text, acc.Group.Name, acc.Name)
	}
	if quote := quoteWords(m.Quote); quote != "" {
		text = strings.TrimSuffix("引用: "+quote+"\n"+text, "\n")
	}
	if text == "" && len(files) == 0 {
		text = "（只 @ 了机器人，没有写内容）"
	}
	var parts []model.Content
	if text != "" {
		parts = append(parts, model.Content{Type: model.ContentText, Text: text})
	}
	return append(parts, files...)
}

// parts takes a content apart; ok is false where its type is none that is known.
func (c botContent) parts() (texts []string, files []model.Content, ok bool) {
	file := func(kind model.ContentType, f *botFile) {
		if f != nil && f.URL != "" {
			files = append(files, model.Content{Type: kind, URL: f.URL, AESKey: f.AESKey, Name: f.Name})
		}
	}
	switch {
	case c.MsgType == "text" && c.Text != nil:
		texts = append(texts, c.Text.Content)
	case c.MsgType == "voice" && c.Voice != nil:
		texts = append(texts, "[语音] "+c.Voice.Content)
	case c.MsgType == "image":
		file(model.ContentImage, c.Image)
	case c.MsgType == "file":
		file(model.ContentFile, c.File)
	case c.MsgType == "video":
		file(model.ContentVideo, c.Video)
	case c.MsgType == "mixed" && c.Mixed != nil:
		for _, item := range c.Mixed.Items {
			if item.MsgType == "mixed" { // WeCom doesn't nest them
				continue
			}
			t, f, _ := item.parts()
			texts, files = append(texts, t...), append(files, f...)
		}
	}
	return texts, files, len(texts)+len(files) > 0
}

// quoteWords says a quoted message in one line; "" for none.
func quoteWords(q *botContent) string {
	if q == nil {
		return ""
	}
	const shown = 100
	texts, files, _ := q.parts()
	words := strings.Fields(strings.Join(texts, " "))
	for _, f := range files {
		switch f.Type {
		case model.ContentImage:
			words = append(words, "[图片]")
		case model.ContentVideo:
			words = append(words, "[视频]")
		default:
			words = append(words, "[文件]")
		}
	}
	return Cut(strings.Join(words, " "), shown)
}

// mentionPrefix is a name that a text calls at its beginning; WeCom ends it with a blank.
var mentionPrefix = regexp.MustCompile(`^@[^\s\x{00a0}\x{2005}]+[\s\x{00a0}\x{2005}]*`)

// cutMention takes the bot's name off the beginning of a text. WeCom doesn't tell the name: it
// is one of those that the account may have, or else all up to the first blank.
func cutMention(text string, names ...string) string {
	for _, name := range names {
		if rest, ok := strings.CutPrefix(text, "@"+name); ok && name != "" {
			return strings.TrimLeft(rest, " \t\r\n\u00a0\u2005")
		}
	}
	return mentionPrefix.ReplaceAllString(text, "")
}
