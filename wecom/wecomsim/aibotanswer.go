package wecomsim

import (
	"strconv"
	"time"

	"deskmate/model"
)

// What bots may send (doc path/101138, 101463); sizes in bytes.
const (
	maxBotText      = 20480
	responseURLLife = time.Hour
	reqIDLife       = 24 * time.Hour
	singleChat      = 1
	groupChat       = 2
)

// botLimits are what a bot may say in one chat, answers and messages together.
func botLimits() []limit {
	return []limit{{most: 1000, within: time.Hour}, {most: 30, within: time.Minute}}
}

// botMessage is what a bot says.
type botMessage struct {
	ChatID   string       `json:"chatid"`
	ChatType int          `json:"chat_type"`
	MsgType  string       `json:"msgtype"`
	Markdown *textPayload `json:"markdown"`
	Image    *mediaRef    `json:"image"`
	Voice    *mediaRef    `json:"voice"`
	Video    *mediaRef    `json:"video"`
	File     *mediaRef    `json:"file"`
}

// botResponse is aibot/response: the one answer of a message.
func (s *Server) botResponse(c *call) (answer, *apiError) {
	code := c.query.Get("response_code")
	for _, b := range s.bots {
		ask, ok := b.codes.get(code)
		if !ok {
			continue
		}
		if ask.used || !c.now.Before(ask.at.Add(responseURLLife)) {
			return answer{}, refuse(codeResponseCode, "response_code is used or expired")
		}
		var m botMessage
		if fault := c.decode(&m); fault != nil {
			return answer{}, fault
		}
		if m.MsgType != "markdown" {
			return answer{}, refuse(codeMsgType, "invalid message type")
		}
		if fault := s.botSay(b, ask.chat, &m, c.now); fault != nil {
			return answer{}, fault
		}
		ask.used = true
		return with(nil), nil
	}
	return answer{}, refuse(codeResponseCode, "invalid response_code")
}

// botSay shows what a bot says. The state is locked.
func (s *Server) botSay(b *aibot, g *botChat, m *botMessage, now time.Time) *apiError {
	bubble := Bubble{MsgID: strconv.FormatInt(s.messageNumber(), 10), From: FromBot, Type: m.MsgType, At: now}
	if m.MsgType == "markdown" {
		if m.Markdown == nil || m.Markdown.Content == "" {
			return refuse(codeEmptyText, "empty content")
		}
		if fault := atMost(m.Markdown.Content, maxBotText, "content"); fault != nil {
			return fault
		}
		bubble.Text = m.Markdown.Content
	} else {
		ref, ok := map[string]*mediaRef{"image": m.Image, "voice": m.Voice, "video": m.Video, "file": m.File}[m.MsgType]
		if !ok || ref == nil {
			return refuse(codeMsgType, "invalid message type")
		}
		file, fault := s.findMedia("bot:"+b.ID, ref.MediaID, m.MsgType, now)
		if fault != nil {
			return fault
		}
		bubble.Media = file.view()
	}
	times, fits := admit(g.times, now, 1, botLimits())
	if g.times = times; !fits {
		return refuse(codeOverLimit, "api freq out of limit")
	}
	g.times = append(g.times, now)
	g.screen.add(bubble, nil)
	s.traceBubble(b.app.AgentID, FromBot, bubble)
	s.announce()
	return nil
}

// botChatOf is the chat that a message names. The state is locked.
func (s *Server) botChatOf(b *aibot, m *botMessage) (*botChat, *apiError) {
	var g *botChat
	if m.ChatType != singleChat {
		g = s.groups[m.ChatID]
	}
	if g == nil && m.ChatType != groupChat {
		g = s.groups[SingleChat(b.ID, model.Fold(m.ChatID))]
	}
	switch {
	case g == nil || g.Bot != b.ID:
		return nil, refuse(codeChatUnknown, "invalid chatid")
	case !g.written:
		return nil, refuse(codeForbidden, "nobody has written to the bot in this chat")
	}
	return g, nil
}
