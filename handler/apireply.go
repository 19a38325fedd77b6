package handler

import (
	"context"
	"strings"

	"deskmate/model"
)

// said is a text that says something.
func said(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", model.Invalid("text_empty", "内容不能为空")
	}
	return text, nil
}

// replyInput is what is written to an employee.
type replyInput struct {
	ActPath
	Body struct {
		Text       string `json:"text,omitempty" maxLength:"6000"`
		Media      ID     `json:"media,omitempty" doc:"The id of an upload: POST …/files"`
		QuickReply ID     `json:"quick_reply,omitempty" doc:"The id of a quick reply; its words are filled in"`
	}
}

// replyEvent makes the line that is written to the employee.
func (a *API) replyEvent(ctx context.Context, acc model.Account, w model.WorkSession, in *replyInput) (model.Event, error) {
	b, ev := in.Body, model.Event{Kind: model.EventSeatMessage}
	given := 0
	for _, s := range []string{b.Text, string(b.Media), string(b.QuickReply)} {
		if s != "" {
			given++
		}
	}
	if given != 1 {
		return ev, model.Invalid("reply_content", "请给出 text、media、quick_reply 其中之一")
	}
	var content model.Content
	var err error
	switch {
	case b.Media != "":
		content, err = a.mediaContent(ctx, acc.ID, b.Media.number())
	case b.QuickReply != "":
		content.Type = model.ContentText
		content.Text, err = a.quickText(ctx, acc, w, b.QuickReply.number())
	default:
		content.Type = model.ContentText
		content.Text, err = said(b.Text)
	}
	ev.Content = &content
	return ev, err
}

// mediaContent is an upload as a line of a transcript.
func (a *API) mediaContent(ctx context.Context, accountID, id uint64) (model.Content, error) {
	blob, err := a.cfg.Media.Blob(ctx, accountID, id)
	if model.CodeOf(err) == model.CodeNotFound || err == nil && blob.Kind != model.BlobMedia {
		return model.Content{}, model.Invalid("media_missing", "没有这个图片或文件，请先上传")
	}
	return blobContent(blob), err
}

func blobContent(b model.Blob) model.Content {
	return model.Content{Type: b.ContentType(), Blob: b.ID, Name: b.Name, Size: b.Size}
}
