package wecomsim

import (
	"crypto/md5" //nolint:gosec // WeCom checks pictures by their MD5
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// FromWebhook is a Bubble's From where a webhook wrote it.
const FromWebhook = "webhook"

// The limits of group webhooks (doc path/91770, 99110); sizes in bytes.
const (
	maxWebhookMarkdown = 4096
	maxWebhookImage    = 2 << 20
	webhookPerMinute   = 20
)

// webhook is a group that can be written to with a key (消息推送).
type webhook struct {
	stopped bool
	screen  screen
	times   []time.Time // messages of the last minute
}

// AddWebhook adds a group that the key writes to, and starts one that was stopped.
func (s *Server) AddWebhook(key string) error {
	if key == "" {
		return errors.New("a webhook needs a key")
	}
	s.locked(func() {
		if s.webhooks[key] == nil {
			s.webhooks[key] = &webhook{}
		}
		s.webhooks[key].stopped = false
	})
	return nil
}

// StopWebhook stops a webhook: its key gets 93004.
func (s *Server) StopWebhook(key string) error {
	err := errors.New("there is no such webhook")
	s.locked(func() {
		if w, ok := s.webhooks[key]; ok {
			w.stopped, err = true, nil
		}
	})
	return err
}

// RemoveWebhook takes a webhook and its group away: its key gets 93000.
func (s *Server) RemoveWebhook(key string) {
	s.locked(func() { delete(s.webhooks, key) })
}

// WebhookScreen is what a webhook's group shows, oldest first, as in Screen.
func (s *Server) WebhookScreen(key string) []Bubble {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w, ok := s.webhooks[key]; ok {
		return slices.Clone(w.screen.bubbles)
	}
	return nil
}

// webhookOf is the webhook that a call's key opens. The state is locked.
func (s *Server) webhookOf(c *call) (*webhook, string, *apiError) {
	key := c.query.Get("key")
	w, ok := s.webhooks[key]
	switch {
	case !ok:
		return nil, "", refuse(codeWebhookUnknown, "invalid webhook url")
	case w.stopped:
		return nil, "", refuse(codeWebhookStopped, "the webhook is stopped")
	}
	return w, key, nil
}

// webhookUpload is webhook/upload_media. The file is for this key's messages only.
func (s *Server) webhookUpload(c *call) (answer, *apiError) {
	_, key, fault := s.webhookOf(c)
	if fault != nil {
		return answer{}, fault
	}
	kind := c.query.Get("type")
	if kind != "file" && kind != "voice" {
		return answer{}, refuse(codeMediaType, "invalid media type")
	}
	return s.upload(c, kind, key)
}

// webhookRequest is the body of webhook/send.
type webhookRequest struct {
	MsgType string `json:"msgtype"`
	Text    *struct {
		Content string   `json:"content"`
		Users   []string `json:"mentioned_list"`
		Mobiles []string `json:"mentioned_mobile_list"`
	} `json:"text"`
	Markdown   *textPayload `json:"markdown"`
	MarkdownV2 *textPayload `json:"markdown_v2"`
	Image      *struct {
		Base64 string `json:"base64"`
		MD5    string `json:"md5"`
	} `json:"image"`
	News  *newsPayload `json:"news"`
	File  *mediaRef    `json:"file"`
	Voice *mediaRef    `json:"voice"`
	Card  *card        `json:"template_card"`
}

// webhookSend is webhook/send.
func (s *Server) webhookSend(c *call) (answer, *apiError) {
	to, key, fault := s.webhookOf(c)
	if fault != nil {
		return answer{}, fault
	}
	var req webhookRequest
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	b := Bubble{Type: req.MsgType, From: FromWebhook, At: c.now}
	var state *shownCard
	if req.MsgType == "template_card" {
		state, fault = s.webhookCard(&b, req.Card, key, c.now)
	} else {
		fault = s.webhookPlain(&b, &req, key, c.now)
	}
	if fault != nil {
		return answer{}, fault
	}
	times, fits := admit(to.times, c.now, 1, []limit{{most: webhookPerMinute, within: time.Minute}})
	if to.times = times; !fits {
		return answer{}, refuse(codeOverLimit, "api freq out of limit")
	}
	to.times = append(to.times, c.now)
	to.screen.add(b, state)
	s.traceBubble(0, FromWebhook, b)
	s.announce()
	return with(nil), nil
}

// webhookPlain does all but cards.
func (s *Server) webhookPlain(b *Bubble, req *webhookRequest, key string, now time.Time) *apiError {
	switch req.MsgType {
	case "text":
		if req.Text == nil || req.Text.Content == "" {
			return refuse(codeEmptyText, "empty content")
		}
		b.Text, b.Mentions = req.Text.Content, slices.Concat(req.Text.Users, req.Text.Mobiles)
		return atMost(b.Text, maxText, "content")
	case "markdown":
		return webhookMarkdown(b, req.Markdown)
	case "markdown_v2":
		return webhookMarkdown(b, req.MarkdownV2)
	case "image":
		return webhookImage(b, req)
	case "news":
		return webhookNews(b, req.News)
	case "file", "voice":
		ref := map[string]*mediaRef{"file": req.File, "voice": req.Voice}[req.MsgType]
		if ref == nil {
			ref = &mediaRef{}
		}
		m, fault := s.findMedia(key, ref.MediaID, req.MsgType, now)
		if fault != nil {
			return fault
		}
		b.Media = m.view()
		return nil
	default:
		return refuse(codeMsgType, "invalid message type")
	}
}

func webhookMarkdown(b *Bubble, m *textPayload) *apiError {
	if m == nil || m.Content == "" {
		return refuse(codeEmptyText, "empty content")
	}
	b.Text = m.Content
	return atMost(b.Text, maxWebhookMarkdown, "content")
}

// webhookImage takes a picture that is in the body.
func webhookImage(b *Bubble, req *webhookRequest) *apiError {
	if req.Image == nil || req.Image.Base64 == "" || req.Image.MD5 == "" {
		return refuse(codeParameterEmpty, "some parameters are empty, image")
	}
	data, err := base64.StdEncoding.DecodeString(req.Image.Base64)
	if err != nil {
		return refuse(codeParameter, "invalid Request Parameter, base64")
	}
	if sum := md5.Sum(data); hex.EncodeToString(sum[:]) != req.Image.MD5 { //nolint:gosec // WeCom checks pictures by their MD5
		return refuse(codeParameter, "invalid Request Parameter, md5")
	}
	if len(data) > maxWebhookImage {
		return refuse(codeImageSize, "invalid image size")
	}
	b.Media = &MediaView{Name: fmt.Sprintf("%s.jpg", req.Image.MD5), Size: len(data)}
	return checkMedia("image", data)
}

// webhookNews is news whose articles lead to a url.
func webhookNews(b *Bubble, news *newsPayload) *apiError {
	if news != nil {
		for _, a := range news.Articles {
			if fault := checkURL(a.URL); fault != nil {
				return fault
			}
		}
	}
	return composeNews(b, news, func(text string) string { return text })
}

// webhookCard is a card that calls nobody back.
func (s *Server) webhookCard(b *Bubble, c *card, key string, now time.Time) (*shownCard, *apiError) {
	if c == nil {
		return nil, refuse(codeParameterEmpty, "some parameters are empty, template_card")
	}
	if fault := s.checkCard(c, key, now); fault != nil {
		return nil, fault
	}
	if c.callsBack() {
		return nil, badCard("card_type")
	}
	state := &shownCard{card: c, taskID: c.TaskID}
	b.Card = state.view()
	b.Title, b.Desc, b.URL = b.Card.Title, b.Card.Desc, b.Card.URL
	return state, nil
}
