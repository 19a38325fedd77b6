package wecomsim

import (
	"encoding/xml"
	"slices"
	"strconv"

	"deskmate/model"
)

// passiveEnvelope is the outside of a passive reply (doc path/90930).
type passiveEnvelope struct {
	XMLName      xml.Name `xml:"xml"`
	Encrypt      string   `xml:"Encrypt"`
	MsgSignature string   `xml:"MsgSignature"`
	TimeStamp    string   `xml:"TimeStamp"`
	Nonce        string   `xml:"Nonce"`
}

// passiveReply is its inside (doc path/90241).
type passiveReply struct {
	XMLName      xml.Name  `xml:"xml"`
	ToUserName   string    `xml:"ToUserName"`
	FromUserName string    `xml:"FromUserName"`
	CreateTime   int64     `xml:"CreateTime"`
	MsgType      string    `xml:"MsgType"`
	Content      string    `xml:"Content"`
	Image        string    `xml:"Image>MediaId"`
	Voice        string    `xml:"Voice>MediaId"`
	Video        string    `xml:"Video>MediaId"`
	VideoTitle   string    `xml:"Video>Title"`
	VideoDesc    string    `xml:"Video>Description"`
	ArticleCount int       `xml:"ArticleCount"`
	Articles     []article `xml:"Articles>item"`
	ReplaceName  string    `xml:"Button>ReplaceName"`
	Card         *card     `xml:"TemplateCard"`
}

// takeReply reads the body of a 200 and shows what it says. WeCom shows nothing of a
// reply it can't read; here it is also counted. The state is locked.
func (s *Server) takeReply(d *delivery, cb *callback, body []byte) {
	isMessage := slices.Contains([]string{"text", "image", "voice", "video", "location", "link"}, d.Kind)
	if cb.json || cb.bot != nil { // what bots answer at once isn't played
		return
	}
	if len(body) == 0 || string(body) == "success" && !isMessage {
		return
	}
	reply, why := openReply(cb, body)
	switch {
	case why != "":
	case reply.ToUserName != d.UserID || reply.FromUserName != s.corpID || reply.CreateTime == 0:
		why = "it has wrong names or no time"
	case reply.MsgType == "update_button" || reply.MsgType == "update_template_card":
		why = s.replyUpdate(d, reply)
	case isMessage || mayAnswer(d.Kind):
		why = s.replyBubble(d, reply)
	default:
		why = "this event takes no reply"
	}
	if why != "" {
		d.ReplyError = why
		s.records.counts.InvalidReplies++
		return
	}
	d.Reply = reply.MsgType
}

// mayAnswer reports whether an event takes a message as its reply.
func mayAnswer(event string) bool {
	return slices.Contains([]string{
		"subscribe", "enter_agent", "LOCATION", "click", "view", "view_miniprogram", "scancode_waitmsg",
		"template_card_menu_event",
	}, event)
}

func openReply(cb *callback, body []byte) (*passiveReply, string) {
	var outer passiveEnvelope
	if err := xml.Unmarshal(body, &outer); err != nil {
		return nil, "it is no XML envelope"
	}
	if err := cb.crypto.Verify(outer.MsgSignature, outer.TimeStamp, outer.Nonce, outer.Encrypt); err != nil {
		return nil, "its signature is wrong"
	}
	if _, err := strconv.ParseInt(outer.TimeStamp, 10, 64); err != nil {
		return nil, "its TimeStamp is no number"
	}
	plain, err := cb.crypto.Decrypt(outer.Encrypt)
	if err != nil {
		return nil, "it can't be decrypted"
	}
	var reply passiveReply
	if err := xml.Unmarshal(plain, &reply); err != nil {
		return nil, "its inside is no XML"
	}
	return &reply, ""
}

// replyUpdate changes the clicked card for the clicker. It says why not.
func (s *Server) replyUpdate(d *delivery, reply *passiveReply) string {
	id := model.Fold(d.UserID)
	sc := d.app.screens[id]
	at := sc.find(d.MsgID)
	switch {
	case d.Kind != "template_card_event" || at < 0 || sc.cards[at] == nil || sc.bubbles[at].Recalled:
		return "no card was clicked"
	case reply.MsgType == "update_template_card":
		if reply.Card == nil || s.checkCard(reply.Card, "", s.clock()) != nil {
			return "its card is wrong"
		}
		s.replaceCard(d.app, id, d.MsgID, reply.Card)
		return ""
	case reply.ReplaceName == "" || !sc.cards[at].card.interactive():
		return "there is no button to replace"
	}
	s.replaceButtons(d.app, id, d.MsgID, reply.ReplaceName)
	return ""
}

// replyBubble shows a message. It says why not.
func (s *Server) replyBubble(d *delivery, reply *passiveReply) string {
	now := s.clock()
	b := Bubble{MsgID: s.opaque(64), From: FromApp, Type: reply.MsgType, At: now}
	switch reply.MsgType {
	case "text":
		if reply.Content == "" {
			return "it has no text"
		}
		b.Text = cutBytes(reply.Content, maxText)
	case "image", "voice", "video":
		id := map[string]string{"image": reply.Image, "voice": reply.Voice, "video": reply.Video}[reply.MsgType]
		m, fault := s.findMedia("", id, reply.MsgType, now)
		if fault != nil {
			return "its media_id is wrong"
		}
		b.Media = m.view()
		if reply.MsgType == "video" {
			b.Title, b.Desc = reply.VideoTitle, reply.VideoDesc
			if len(b.Title) > maxTitle || len(b.Desc) > maxDescription {
				return "its title or description is too long"
			}
		}
	case "news":
		n := len(reply.Articles)
		if n < 1 || n > maxArticles || n != reply.ArticleCount {
			return "its articles don't count up"
		}
		for _, a := range reply.Articles {
			if checkArticle(a) != nil {
				return "an article is wrong"
			}
			b.Articles = append(b.Articles, Article{Title: a.Title, Desc: a.Description, URL: a.URL, PicURL: a.PicURL})
		}
		b.Title = b.Articles[0].Title
	default:
		return "it has no such msgtype"
	}
	s.show(d.app, model.Fold(d.UserID), b, nil)
	return ""
}
