package wecomsim

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxText        = 2048
	maxTitle       = 128
	maxDescription = 512
	maxURL         = 2048
	maxArticles    = 8
	maxHTML        = 666 << 10
)

// payload is the part of message/send that depends on msgtype.
type payload struct {
	Text     *textPayload `json:"text"`
	Markdown *textPayload `json:"markdown"`
	Image    *mediaRef    `json:"image"`
	Voice    *mediaRef    `json:"voice"`
	File     *mediaRef    `json:"file"`
	Video    *struct {
		mediaRef
		Title       string `json:"title"`
		Description string `json:"description"`
	} `json:"video"`
	TextCard *textCard    `json:"textcard"`
	News     *newsPayload `json:"news"`
	MPNews   *struct {
		Articles []mpArticle `json:"articles"`
	} `json:"mpnews"`
	TemplateCard *card `json:"template_card"`
}

type textPayload struct {
	Content string `json:"content"`
}

type newsPayload struct {
	Articles []article `json:"articles"`
}

type mediaRef struct {
	MediaID string `json:"media_id"`
}

type textCard struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
	BtnTxt      string `json:"btntxt"`
}

type article struct {
	Title       string `json:"title"       xml:"Title"`
	Description string `json:"description" xml:"Description"`
	URL         string `json:"url"         xml:"Url"`
	PicURL      string `json:"picurl"      xml:"PicUrl"`
	AppID       string `json:"appid"       xml:"-"`
	PagePath    string `json:"pagepath"    xml:"-"`
}

type mpArticle struct {
	Title        string `json:"title"`
	ThumbMediaID string `json:"thumb_media_id"`
	Author       string `json:"author"`
	SourceURL    string `json:"content_source_url"`
	Content      string `json:"content"`
	Digest       string `json:"digest"`
}

// compose checks a send's payload and makes what the receivers see. The state is locked.
func (s *Server) compose(a *app, req *sendRequest, now time.Time) (Bubble, *card, *apiError) {
	b := Bubble{Type: req.MsgType}
	trans := func(text string) string {
		if req.IDTrans == 1 {
			return s.translate(text)
		}
		return text
	}
	if req.MsgType == "template_card" {
		c, fault := s.composeCard(a, req, trans, now)
		return b, c, fault
	}
	fault := s.composePlain(&b, req, trans, now)
	return b, nil, fault
}

// composePlain does all but cards.
func (s *Server) composePlain(b *Bubble, req *sendRequest, trans func(string) string, now time.Time) *apiError {
	switch req.MsgType {
	case "text":
		if req.Text == nil || req.Text.Content == "" {
			return refuse(codeEmptyText, "empty content")
		}
		b.Text = cutBytes(trans(req.Text.Content), maxText)
		return nil
	case "markdown":
		if req.Markdown == nil || req.Markdown.Content == "" {
			return refuse(codeEmptyText, "empty content")
		}
		b.Text = req.Markdown.Content
		return atMost(b.Text, maxText, "content")
	case "image", "voice", "file", "video":
		return s.composeMedia(b, req, now)
	case "textcard":
		return composeTextCard(b, req.TextCard, trans)
	case "news":
		return composeNews(b, req.News, trans)
	case "mpnews":
		return s.composeMPNews(b, req, trans, now)
	case "miniprogram_notice":
		return refuse(codeForbidden, "api forbidden, no mini-program is bound")
	default:
		return refuse(codeMsgType, "invalid message type")
	}
}

func (s *Server) composeMedia(b *Bubble, req *sendRequest, now time.Time) *apiError {
	ref := map[string]*mediaRef{"image": req.Image, "voice": req.Voice, "file": req.File}[req.MsgType]
	if v := req.Video; req.MsgType == "video" && v != nil {
		ref, b.Title, b.Desc = &v.mediaRef, v.Title, v.Description
	}
	if ref == nil {
		ref = &mediaRef{}
	}
	m, fault := s.findMedia("", ref.MediaID, req.MsgType, now)
	if fault != nil {
		return fault
	}
	if req.MsgType == "file" && req.Safe != 0 && !mayBeSafe(m.name) {
		return refuse(codeParameter, "invalid Request Parameter, a file of this type can not be safe")
	}
	b.Media = m.view()
	return firstFault(atMost(b.Title, maxTitle, "title"), atMost(b.Desc, maxDescription, "description"))
}

// mayBeSafe reports whether a file can be sent as confidential (doc path/90236).
func mayBeSafe(filename string) bool {
	return slices.Contains([]string{
		".txt", ".pdf", ".doc", ".docx", ".ppt", ".pptx", ".xls", ".xlsx", ".xml", ".jpg", ".jpeg", ".png", ".bmp", ".gif",
	}, strings.ToLower(path.Ext(filename)))
}

func composeTextCard(b *Bubble, t *textCard, trans func(string) string) *apiError {
	if t == nil {
		t = &textCard{}
	}
	const maxButton = 4 // characters
	switch {
	case t.Title == "":
		return refuse(codeNoTitle, "missing title")
	case t.Description == "":
		return refuse(codeNoDescription, "missing description")
	case utf8.RuneCountInString(t.BtnTxt) > maxButton:
		return refuse(codeTooLong, "content size out of limit, btntxt")
	}
	b.Title, b.Desc, b.URL = trans(t.Title), trans(t.Description), t.URL
	return firstFault(
		atMost(t.Title, maxTitle, "title"), atMost(t.Description, maxDescription, "description"), checkURL(t.URL))
}

func composeNews(b *Bubble, news *newsPayload, trans func(string) string) *apiError {
	if news == nil || len(news.Articles) == 0 {
		return refuse(codeParameterEmpty, "some parameters are empty, articles")
	}
	if len(news.Articles) > maxArticles {
		return refuse(codeArticleCount, "too many articles")
	}
	for _, a := range news.Articles {
		if fault := checkArticle(a); fault != nil {
			return fault
		}
		b.Articles = append(b.Articles, Article{
			Title: trans(a.Title), Desc: trans(a.Description), URL: a.URL, PicURL: a.PicURL,
		})
	}
	b.Title = b.Articles[0].Title
	return nil
}

func checkArticle(a article) *apiError {
	if a.Title == "" {
		return refuse(codeNoTitle, "missing title")
	}
	link := checkURL(a.URL)
	if a.AppID != "" && a.PagePath != "" {
		link = atMost(a.PagePath, maxTitle, "pagepath")
	}
	return firstFault(link, atMost(a.Title, maxTitle, "title"),
		atMost(a.Description, maxDescription, "description"), optionalURL(a.PicURL))
}

func (s *Server) composeMPNews(b *Bubble, req *sendRequest, trans func(string) string, now time.Time) *apiError {
	if req.MPNews == nil || len(req.MPNews.Articles) == 0 {
		return refuse(codeParameterEmpty, "some parameters are empty, articles")
	}
	if len(req.MPNews.Articles) > maxArticles {
		return refuse(codeArticleCount, "too many articles")
	}
	const maxAuthor = 64
	for _, a := range req.MPNews.Articles {
		_, noThumb := s.findMedia("", a.ThumbMediaID, "image", now)
		switch {
		case a.Title == "":
			return refuse(codeNoTitle, "missing title")
		case a.Content == "":
			return refuse(codeEmptyText, "empty content")
		}
		fault := firstFault(noThumb, atMost(a.Title, maxTitle, "title"), atMost(a.Author, maxAuthor, "author"),
			atMost(a.Content, maxHTML, "content"), atMost(a.Digest, maxDescription, "digest"))
		if fault != nil {
			return fault
		}
		b.Articles = append(b.Articles, Article{Title: trans(a.Title), Desc: trans(a.Digest), URL: a.SourceURL})
	}
	b.Title = b.Articles[0].Title
	return nil
}

// atMost refuses a text of more than limit bytes.
func atMost(text string, limit int, field string) *apiError {
	if len(text) > limit {
		return refuse(codeTooLong, "content size out of limit, %s", field)
	}
	return nil
}

// checkURL refuses what is no web address with its scheme.
func checkURL(text string) *apiError {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, strings.ToLower(u.Scheme)) {
		return refuse(codeURLScheme, "url need a scheme and a host")
	}
	return atMost(text, maxURL, "url")
}

func optionalURL(text string) *apiError {
	if text == "" {
		return nil
	}
	return checkURL(text)
}

func firstFault(faults ...*apiError) *apiError {
	for _, fault := range faults {
		if fault != nil {
			return fault
		}
	}
	return nil
}
