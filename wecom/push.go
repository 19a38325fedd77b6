package wecom

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"deskmate/model"
)

// The limits of what is sent, in bytes (doc path/90236).
const (
	maxTitle = 128
	maxDesc  = 512
	maxLink  = 2048
	maxKey   = 1024
)

// duplicateSeconds is for how long WeCom throws away a repeat of an identical card; its
// maximum, so that a card of unknown fate can be sent again hours later.
const duplicateSeconds = 14400

// Push sends a message to one member, or changes or takes back one. A failure is a
// [model.PushError] that says what can be done about it; what WeCom would refuse or cut is
// refused here, before it is sent. WeCom takes more than it delivers: a receipt says that
// a message was taken, and nothing ever says that it was read.
func (c *Client) Push(ctx context.Context, acc model.Account, p model.Push) (model.Receipt, error) {
	endpoint := endpointSend
	var receipt model.Receipt
	var err error
	switch p.Kind {
	case model.PushUpdate:
		endpoint = endpointUpdate
		err = c.updateCard(ctx, acc, p)
	case model.PushRecall:
		endpoint = endpointRecall
		err = c.recall(ctx, acc, p)
	case model.PushText, model.PushMarkdown, model.PushImage, model.PushVoice, model.PushVideo,
		model.PushFile, model.PushTextCard, model.PushCard:
		receipt, err = c.sendMessage(ctx, acc, p)
	default:
		err = badPush("the kind %q is none", p.Kind)
	}
	if err != nil {
		return model.Receipt{}, pushError(endpoint, err)
	}
	return receipt, nil
}

// message is the body of message/send.
type message struct {
	ToUser  string `json:"touser"`
	MsgType string `json:"msgtype"`
	AgentID int64  `json:"agentid"`

	Text     *contentPart  `json:"text,omitempty"`
	Markdown *contentPart  `json:"markdown,omitempty"`
	Image    *mediaPart    `json:"image,omitempty"`
	Voice    *mediaPart    `json:"voice,omitempty"`
	Video    *mediaPart    `json:"video,omitempty"`
	File     *mediaPart    `json:"file,omitempty"`
	TextCard *textCardPart `json:"textcard,omitempty"`
	Card     *cardPart     `json:"template_card,omitempty"`

	CheckDuplicate  int `json:"enable_duplicate_check,omitempty"`
	DuplicateWithin int `json:"duplicate_check_interval,omitempty"` // seconds
}

type contentPart struct {
	Content string `json:"content"`
}

type mediaPart struct {
	MediaID     string `json:"media_id"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
}

type textCardPart struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
}

func (c *Client) sendMessage(ctx context.Context, acc model.Account, p model.Push) (model.Receipt, error) {
	body, err := newMessage(acc, p)
	if err != nil {
		return model.Receipt{}, err
	}
	var answer struct {
		MsgID          string `json:"msgid"`
		ResponseCode   string `json:"response_code"`
		InvalidUser    string `json:"invaliduser"`
		UnlicensedUser string `json:"unlicenseduser"`
	}
	if err := c.call(ctx, acc, request{endpoint: endpointSend, body: body}, &answer); err != nil {
		return model.Receipt{}, err
	}
	refused := append(strings.Split(answer.InvalidUser, "|"), strings.Split(answer.UnlicensedUser, "|")...)
	if err := refusedReceiver(p.Receiver, refused); err != nil {
		return model.Receipt{}, err
	}
	return model.Receipt{MsgID: answer.MsgID, ResponseCode: answer.ResponseCode}, nil
}

func newMessage(acc model.Account, p model.Push) (*message, error) {
	if err := checkReceiver(p.Receiver); err != nil {
		return nil, err
	}
	m := &message{ToUser: p.Receiver, MsgType: string(p.Kind), AgentID: acc.AgentID}
	var err error
	switch p.Kind {
	case model.PushText:
		m.Text, err = newContent(p)
	case model.PushMarkdown:
		m.Markdown, err = newContent(p)
	case model.PushImage:
		m.Image, err = newMedia(p)
	case model.PushVoice:
		m.Voice, err = newMedia(p)
	case model.PushVideo:
		m.Video, err = newVideo(p)
	case model.PushFile:
		m.File, err = newMedia(p)
	case model.PushTextCard:
		m.TextCard, err = newTextCard(p)
	case model.PushCard:
		m.MsgType = "template_card"
		m.Card, err = newCard(p.Card)
		if err == nil && m.Card.TaskID != "" {
			// Never for a text: somebody may well write the same line twice.
			m.CheckDuplicate, m.DuplicateWithin = 1, duplicateSeconds
		}
	case model.PushUpdate, model.PushRecall:
		err = badPush("a %s is no message", p.Kind)
	default:
		err = badPush("the kind %q is none", p.Kind)
	}
	return m, err
}

func newContent(p model.Push) (*contentPart, error) {
	switch {
	case p.Text == "":
		return nil, badPush("the text is empty")
	case len(p.Text) > TextLimit:
		return nil, badPush("the text has %d bytes, %d are possible", len(p.Text), TextLimit)
	}
	return &contentPart{Content: p.Text}, nil
}

func newMedia(p model.Push) (*mediaPart, error) {
	if p.MediaID == "" {
		return nil, badPush("the %s has no media_id", p.Kind)
	}
	return &mediaPart{MediaID: p.MediaID}, nil
}

func newVideo(p model.Push) (*mediaPart, error) {
	part, err := newMedia(p)
	if err != nil {
		return nil, err
	}
	if len(p.Title) > maxTitle || len(p.Desc) > maxDesc {
		return nil, badPush("the video's title or description is longer than %d or %d bytes", maxTitle, maxDesc)
	}
	part.Title, part.Description = p.Title, p.Desc
	return part, nil
}

func newTextCard(p model.Push) (*textCardPart, error) {
	switch {
	case p.Title == "" || p.Desc == "":
		return nil, badPush("a text card needs a title and a description")
	case len(p.Title) > maxTitle || len(p.Desc) > maxDesc:
		return nil, badPush("the text card's title or description is longer than %d or %d bytes", maxTitle, maxDesc)
	}
	if err := checkLink(p.URL); err != nil {
		return nil, err
	}
	return &textCardPart{Title: p.Title, Description: p.Desc, URL: p.URL}, nil
}

// updateCard changes a card for the receiver, in answer to a click or after sending it.
func (c *Client) updateCard(ctx context.Context, acc model.Account, p model.Push) error {
	if err := checkReceiver(p.Receiver); err != nil {
		return err
	}
	body := struct {
		UserIDs      []string    `json:"userids"`
		AgentID      int64       `json:"agentid"`
		ResponseCode string      `json:"response_code"`
		Button       *buttonName `json:"button,omitempty"`
		Card         *cardPart   `json:"template_card,omitempty"`
	}{UserIDs: []string{p.Receiver}, AgentID: acc.AgentID}
	switch u := p.Update; {
	case u == nil || u.ResponseCode == "":
		return badPush("a card's change needs a response_code")
	case u.Card != nil:
		card, err := newCard(u.Card)
		if err != nil {
			return err
		}
		card.TaskID = "" // the card keeps the one it was sent with (doc path/94888)
		card.ReplaceText = u.Replace
		body.ResponseCode, body.Card = u.ResponseCode, card
	case u.Replace != "":
		body.ResponseCode, body.Button = u.ResponseCode, &buttonName{ReplaceName: u.Replace}
	default:
		return badPush("a card's change needs a caption or a card")
	}
	var answer struct {
		InvalidUser []string `json:"invaliduser"`
	}
	if err := c.call(ctx, acc, request{endpoint: endpointUpdate, body: body}, &answer); err != nil {
		return err
	}
	return refusedReceiver(p.Receiver, answer.InvalidUser)
}

type buttonName struct {
	ReplaceName string `json:"replace_name"`
}

// recall takes a message back, for everybody who got it.
func (c *Client) recall(ctx context.Context, acc model.Account, p model.Push) error {
	if p.MsgID == "" {
		return badPush("a recall needs a msgid")
	}
	body := struct {
		MsgID string `json:"msgid"`
	}{MsgID: p.MsgID}
	return c.call(ctx, acc, request{endpoint: endpointRecall, body: body}, nil)
}

// checkReceiver refuses what WeCom would read as several members or as everybody.
func checkReceiver(userID string) error {
	if userID == "" || len(userID) > maxPerson || strings.ContainsAny(userID, "| \t\r\n") || strings.HasPrefix(userID, "@") {
		return badPush("the receiver is not one userid")
	}
	return nil
}

// refusedReceiver is an error where the receiver is among those that WeCom left out although
// its errcode was 0. It writes them in lower case.
func refusedReceiver(receiver string, refused []string) error {
	for _, userID := range refused {
		if userID != "" && model.Fold(userID) == model.Fold(receiver) {
			return &model.PushError{
				Class: model.FailDrop,
				Err:   errors.New("WeCom left the receiver out: outside the app's visible range (可见范围), or without a licence"),
			}
		}
	}
	return nil
}

// checkLink refuses what a card can't open.
func checkLink(link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(link) > maxLink {
		return badPush("a link must begin with http:// or https:// and have at most %d bytes", maxLink)
	}
	return nil
}

// badPush is the error of what can't be sent in any case.
func badPush(format string, args ...any) error {
	return model.Invalid("bad_push", format, args...)
}
