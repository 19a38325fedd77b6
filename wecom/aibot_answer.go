package wecom

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"

	"deskmate/model"
)

// BotTextLimit is how many bytes an answer of an AI bot holds (doc path/101138).
const BotTextLimit = 20480

// AnswerBot uses the one answer that a message to an AI bot takes (response_url). A failure is
// a [model.PushError]; asking twice does no harm, for a second answer is refused.
func (c *Client) AnswerBot(ctx context.Context, responseURL, text string) error {
	if err := checkBotText(text); err != nil {
		return pushError(endpointAnswer, err)
	}
	if err := checkLink(responseURL); err != nil {
		return pushError(endpointAnswer, err)
	}
	payload, err := encodeJSON(newBotText(text))
	if err != nil {
		return pushError(endpointAnswer, err)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, responseURL, bytes.NewReader(payload))
	if err != nil {
		return pushError(endpointAnswer, badPush("the address of the answer is none"))
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if _, err := c.exchange(req, endpointAnswer); err != nil {
		return pushError(endpointAnswer, err)
	}
	return nil
}

// botSend is the body of an answer; ChatID and ChatType are of one that answers nothing.
type botSend struct {
	ChatID   string       `json:"chatid,omitempty"`
	ChatType int          `json:"chat_type,omitempty"`
	MsgType  string       `json:"msgtype"`
	Markdown *contentPart `json:"markdown,omitempty"`
	Image    *mediaPart   `json:"image,omitempty"`
	Voice    *mediaPart   `json:"voice,omitempty"`
	Video    *mediaPart   `json:"video,omitempty"`
	File     *mediaPart   `json:"file,omitempty"`
}

func newBotText(text string) botSend {
	return botSend{MsgType: "markdown", Markdown: &contentPart{Content: EscapeMarkdown(text)}}
}

func checkBotText(text string) error {
	switch {
	case text == "":
		return badPush("the text is empty")
	case len(text) > BotTextLimit:
		return badPush("the text has %d bytes, %d are possible", len(text), BotTextLimit)
	}
	return nil
}

var (
	// webAddress finds addresses, which are left as they are.
	webAddress = regexp.MustCompile(`https?://[^\s<>"'，。；、）】]+`)
	// lineMarkup and listMarkup find what Markdown reads as more than text where a line begins.
	lineMarkup = regexp.MustCompile("(?m)^([ \t]*)([#>|=])")
	listMarkup = regexp.MustCompile(`(?m)^([ \t]*)([-+])([ \t]|[-+])`)
)

// plainMarkup writes what Markdown, HTML or WeCom's <@userid> would read as more than text,
// wherever it stands, as its full-width twin.
func plainMarkup() *strings.Replacer {
	return strings.NewReplacer(
		"<", "＜", "*", "＊", "`", "｀", "~", "～", "[", "［", "]", "］", `\`, "＼", "|", "｜",
	)
}

// EscapeMarkdown makes text from people mean nothing but itself in Markdown: what would be read
// as markup is written as its full-width twin, which every dialect shows as it is. Web addresses
// stay.
func EscapeMarkdown(text string) string {
	var out strings.Builder
	plain := plainMarkup()
	at := 0
	for _, span := range webAddress.FindAllStringIndex(text, -1) {
		out.WriteString(plain.Replace(text[at:span[0]]))
		out.WriteString(text[span[0]:span[1]])
		at = span[1]
	}
	out.WriteString(plain.Replace(text[at:]))
	escaped := lineMarkup.ReplaceAllStringFunc(out.String(), fullWidth)
	return listMarkup.ReplaceAllStringFunc(escaped, fullWidth)
}

// fullWidth writes the marks of ASCII that begin a line as their full-width twins.
func fullWidth(marks string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("#>|=-+", r) {
			const twin = '＃' - '#' // the same for all of ASCII
			return r + twin
		}
		return r
	}, marks)
}

// newBotMedia is the body for an uploaded file.
func newBotMedia(p model.Push) (botSend, error) {
	part := &mediaPart{MediaID: p.MediaID}
	send := botSend{MsgType: string(p.Kind)}
	switch p.Kind {
	case model.PushImage:
		send.Image = part
	case model.PushVoice:
		send.Voice = part
	case model.PushVideo:
		send.Video = part
	case model.PushFile:
		send.File = part
	case model.PushText, model.PushMarkdown, model.PushTextCard, model.PushCard, model.PushUpdate, model.PushRecall:
		return send, badPush("a %s can't be sent to a group", p.Kind)
	default:
		return send, badPush("the kind %q is none", p.Kind)
	}
	return send, nil
}
