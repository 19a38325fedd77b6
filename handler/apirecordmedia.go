package handler

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"deskmate/model"
)

// RecordMedia are the pictures, voices, videos and files of transcripts.
type RecordMedia interface {
	// MessageMedia gives those of a session, by the Seq of their lines.
	MessageMedia(ctx context.Context, accountID, sessionID uint64) (map[int]model.MessageMedia, error)
}

// KeptFiles are the files behind them.
type KeptFiles interface {
	// Open is [model.ErrNotFound] for a file that is not there.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
}

// What can be said instead of a file.
var (
	errMediaPending = &model.Error{Code: model.CodeConflict, Reason: "pending", Message: "文件正在从企业微信取回，请稍后再试"}
	errMediaGone    = &model.Error{Code: model.CodeNotFound, Reason: "media_gone", Message: "文件在取回之前已被企业微信清除"}
	errMediaExpired = &model.Error{Code: model.CodeNotFound, Reason: "media_expired", Message: "文件已过保留期限，已删除"}
	errMediaLost    = &model.Error{Code: model.CodeNotFound, Reason: "media_lost", Message: "文件未能保存"}
)

func (a *API) registerRecordMedia(s surface) {
	type readMessageMedia struct {
		SessionPath
		Seq   int    `path:"seq" minimum:"1" doc:"The line's place in the transcript"`
		Range string `header:"Range" doc:"Bytes, as HTTP writes them"`
	}
	op := download(call(http.MethodGet, "getMessageMedia", account+"/sessions/{id}/messages/{seq}/media", sessionsTag,
		"What a line of a transcript holds besides words. Reading what is not one's own is audited"))
	op.Description = "A picture, voice, video or file. 409 pending: it is still being fetched from WeCom; 404 media_gone: WeCom had forgotten it before."
	within(s, op, func(ctx context.Context, acc model.Account, in *readMessageMedia) (*huma.StreamResponse, error) {
		w, err := a.reads(ctx, acc, in.ID)
		if err != nil {
			return nil, err
		}
		return a.lineMedia(ctx, acc, w.Session.ID, in.Seq)
	})
}

// lineMedia is what a line of a transcript holds besides words.
func (a *API) lineMedia(ctx context.Context, acc model.Account, session uint64, seq int) (*huma.StreamResponse, error) {
	list, err := a.cfg.RecordMedia.MessageMedia(ctx, acc.ID, session)
	if err != nil {
		return nil, err
	}
	m, kept := list[seq]
	open := a.openKept
	if !kept {
		m = model.MessageMedia{SessionID: session, Seq: seq, AccountID: acc.ID}
		open = a.openUpload
	}
	file, err := open(ctx, &m)
	if err != nil {
		return nil, err
	}
	return serveMedia(m, file), nil
}

// openKept opens what somebody sent in WeCom, or says why it isn't there.
func (a *API) openKept(ctx context.Context, m *model.MessageMedia) (io.ReadSeekCloser, error) {
	switch m.State {
	case model.MediaPending:
		return nil, errMediaPending
	case model.MediaGone:
		return nil, errMediaGone
	case model.MediaFailed:
		return nil, errMediaLost
	case model.MediaExpired:
		return nil, errMediaExpired
	case model.MediaStored:
	}
	file, err := a.cfg.KeptFiles.Open(ctx, m.Key)
	if errors.Is(err, model.ErrNotFound) {
		a.cfg.Log.ErrorContext(ctx, "kept file not found", slog.Uint64("session_id", m.SessionID), slog.Int("seq", m.Seq))
		return nil, errMediaLost
	}
	return file, err
}

// openUpload opens what was sent from a page or through the API, and says in m what it is.
func (a *API) openUpload(ctx context.Context, m *model.MessageMedia) (io.ReadSeekCloser, error) {
	lines, err := a.cfg.Sessions.Messages(ctx, m.SessionID, m.Seq-1, 1)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || lines[0].Seq != m.Seq || lines[0].Content.Blob == 0 {
		return nil, model.ErrNotFound
	}
	blob, data, err := a.storedMedia(ctx, m.AccountID, lines[0].Content.Blob)
	if err != nil {
		return nil, err
	}
	m.Kind, m.SentMS, m.Name, m.Type, m.Sum = lines[0].Content.Type, lines[0].AtMS, blob.Name, blob.Type, blob.Sum
	return inMemory{bytes.NewReader(data)}, nil
}

// inMemory is a file that was read as a whole.
type inMemory struct{ *bytes.Reader }

// Close does nothing.
func (inMemory) Close() error { return nil }

// serveMedia answers with a file or the part of it that was asked for. What browsers show
// safely is shown, all else is downloaded; nosniff holds for all answers.
func serveMedia(m model.MessageMedia, file io.ReadSeekCloser) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer func() { _ = file.Close() }()
		c := humagin.Unwrap(ctx)
		disposition, contentType := "attachment", "application/octet-stream"
		if form, _, _ := strings.Cut(m.Type, "/"); form == "image" || form == "audio" || form == "video" {
			disposition, contentType = "inline", m.Type
		}
		name := m.Name
		if name == "" {
			name = string(m.Kind) + "-" + strconv.FormatUint(m.SessionID, 10) + "-" + strconv.Itoa(m.Seq)
		}
		c.Header("Content-Type", contentType)
		c.Header("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": mediaName(name)}))
		c.Header("ETag", strconv.Quote(m.Sum))
		http.ServeContent(c.Writer, c.Request, "", model.Time(m.SentMS), file)
	}}
}
