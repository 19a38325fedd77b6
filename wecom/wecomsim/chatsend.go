package wecomsim

import (
	"slices"
	"time"
)

// What an app may send to groups (doc path/90248). The excess of a member is dropped
// without a word, that of the corp is refused.
const (
	chatPersonsPerMinute = 20_000 // of the corp: a message to 10 members counts 10
	chatPerMinute        = 200    // to one member
	chatPerDay           = 10_000
)

// chatRequest is the body of appchat/send: message/send's payload with another text.
type chatRequest struct {
	ChatID  string `json:"chatid"`
	MsgType string `json:"msgtype"`
	Safe    int    `json:"safe"`
	Text    *struct {
		Content   string   `json:"content"`
		Mentioned []string `json:"mentioned_list"`
	} `json:"text"`
	payload
}

// appchatSend is appchat/send.
func (s *Server) appchatSend(c *call) (answer, *apiError) {
	var req chatRequest
	if fault := firstFault(mayChat(c.app), c.decode(&req)); fault != nil {
		return answer{}, fault
	}
	to, fault := s.chatOf(c.app, req.ChatID)
	if fault != nil {
		return answer{}, fault
	}
	if req.MsgType == "template_card" || req.MsgType == "miniprogram_notice" {
		return answer{}, refuse(codeMsgType, "invalid message type")
	}
	send := sendRequest{MsgType: req.MsgType, Safe: req.Safe, payload: req.payload}
	if req.Text != nil {
		send.Text = &textPayload{Content: req.Text.Content}
	}
	if fault := checkFlags(&send); fault != nil {
		return answer{}, fault
	}
	bubble, _, fault := s.compose(c.app, &send, c.now)
	if fault != nil {
		return answer{}, fault
	}
	bubble.From, bubble.At = FromApp, c.now
	if req.Text != nil && req.MsgType == "text" {
		bubble.Mentions = req.Text.Mentioned
	}
	return with(nil), s.showChat(to, bubble, c.now)
}

// showChat puts a bubble on the screens of a group's members.
func (s *Server) showChat(c *chat, b Bubble, now time.Time) *apiError {
	corp := []limit{{most: chatPersonsPerMinute, within: time.Minute}}
	times, fits := admit(s.chatTimes, now, len(c.users), corp)
	if s.chatTimes = times; !fits {
		return refuse(codeOverLimit, "api freq out of limit, persons of a minute")
	}
	s.chatTimes = append(s.chatTimes, slices.Repeat([]time.Time{now}, len(c.users))...)
	s.records.counts.ChatSent++
	limits := []limit{{most: chatPerDay, within: 24 * time.Hour}, {most: chatPerMinute, within: time.Minute}}
	for _, id := range c.users {
		if !s.withinPace(c.app.chatPace, id, now, limits) {
			continue
		}
		sc := c.screens[id]
		if sc == nil {
			sc = &screen{}
			c.screens[id] = sc
		}
		sc.add(b, nil)
		s.traceBubble(c.app.AgentID, id, b)
	}
	s.announce()
	return nil
}
