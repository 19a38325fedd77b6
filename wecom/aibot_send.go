package wecom

import (
	"context"
	"crypto/md5" //nolint:gosec // WeCom asks for it to check an upload
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"path"

	"deskmate/model"
)

// The errcodes of an answer that must be a message of its own instead.
const (
	botReqIDInvalid  = 846605
	botAnswerExpired = 846608
)

// Send sends a message to a group chat: as an answer to the last mention while that is
// possible, else by itself. A picture or file needs a MediaID of [BotLink.Upload]. A failure is a
// [model.PushError].
func (l *BotLink) Send(ctx context.Context, chat model.GroupChat, p model.Push) (model.Receipt, error) {
	send := newBotText(p.Text)
	err := checkBotText(p.Text)
	if p.Kind != model.PushText {
		send, err = newBotMedia(p)
	}
	if err != nil {
		return model.Receipt{}, pushError(cmdSend, err)
	}
	if chat.ReqID != "" && l.cfg.Now().UnixMilli() < chat.UntilMS {
		_, err := l.request(ctx, cmdRespond, chat.ReqID, send)
		refused, ok := errors.AsType[*APIError](err)
		if !ok || (refused.Code != botReqIDInvalid && refused.Code != botAnswerExpired) {
			return model.Receipt{}, botPushError(err)
		}
	}
	send.ChatID, send.ChatType = chat.ChatID, chatTypeGroup
	if chat.Single {
		send.ChatType = chatTypeSingle
	}
	_, err = l.request(ctx, cmdSend, "", send)
	return model.Receipt{}, botPushError(err)
}

const (
	chatTypeSingle = 1
	chatTypeGroup  = 2
)

// botPushError classes the failure of a frame; nil stays nil. What nobody knows about a refusal
// is for an operator, as with messages of an app.
func botPushError(err error) error {
	if err == nil {
		return nil
	}
	return pushError(endpointSend, err)
}

// What an upload is cut into (doc path/101463).
const (
	botChunk  = 512 << 10
	botChunks = 100
)

// Upload gives WeCom a file for the bot's messages, for three days; kinds and sizes are those of
// [Client.UploadMedia]. A failure is a [model.PushError].
func (l *BotLink) Upload(ctx context.Context, kind, filename string, data []byte) (mediaID string, err error) {
	if limit := mediaLimit(kind); len(data) < minMedia || len(data) > limit || len(data) > botChunk*botChunks {
		return "", pushError(cmdSend, model.Invalid("bad_media", "a file of the kind %s can't have %d bytes", kind, len(data)))
	}
	if filename = path.Base(filename); filename == "." || filename == "/" {
		filename = kind
	}
	sum := md5.Sum(data) //nolint:gosec // WeCom asks for it to check an upload
	var started struct {
		UploadID string `json:"upload_id"`
	}
	err = l.uploadStep(ctx, "aibot_upload_media_init", map[string]any{
		"type": kind, "filename": filename, "total_size": len(data),
		"total_chunks": (len(data) + botChunk - 1) / botChunk, "md5": hex.EncodeToString(sum[:]),
	}, &started)
	if err != nil {
		return "", err
	}
	// From 0: WeCom's page says 1, its own library sends 0.
	for n := 0; n*botChunk < len(data); n++ {
		chunk := data[n*botChunk : min((n+1)*botChunk, len(data))]
		err := l.uploadStep(ctx, "aibot_upload_media_chunk", map[string]any{
			"upload_id": started.UploadID, "chunk_index": n, "base64_data": base64.StdEncoding.EncodeToString(chunk),
		}, nil)
		if err != nil {
			return "", err
		}
	}
	var finished struct {
		MediaID string `json:"media_id"`
	}
	err = l.uploadStep(ctx, "aibot_upload_media_finish", map[string]any{"upload_id": started.UploadID}, &finished)
	if err == nil && finished.MediaID == "" {
		err = &model.PushError{Class: model.FailRetry, Err: errors.New("the answer has no media_id")}
	}
	return finished.MediaID, err
}

// uploadStep is one frame of an upload. No message is sent by it, so that trying again does no
// harm.
func (l *BotLink) uploadStep(ctx context.Context, cmd string, body map[string]any, out any) error {
	answer, err := l.request(ctx, cmd, "", body)
	if err != nil {
		failure := pushError(endpointSend, err)
		if failure.Class == model.FailUncertain {
			failure.Class = model.FailRetry
		}
		return failure
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &model.PushError{Class: model.FailRetry, Err: errors.New("the answer to an upload is not WeCom's JSON")}
	}
	return nil
}
