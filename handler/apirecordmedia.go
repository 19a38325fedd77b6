package handler

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"deskmate/model"
)

// RecordMedia are the pictures, voices, videos and files of transcripts.
type RecordMedia interface {
	// MessageMedia gives those of a session, by the Seq of their lines.
	MessageMedia(ctx context.Context, accountID, sessionID uint64) (map[int]model.MessageMedia, error)
	AddAudit(ctx context.Context, a model.Audit) error
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
	errMediaLost    = &model.Error{Code: model.CodeNotFound, Reason: "media_lost", Message: "文件未能保存"}
)

func (a *API) registerRecordMedia(s surface) {
	type readMessageMedia struct {
		AccountPath
		ID    ID     `path:"id" doc:"The session's"`
		Seq   int    `path:"seq" minimum:"1" doc:"The line's place in the transcript"`
		Range string `header:"Range" doc:"Bytes, as HTTP writes them"`
	}
	op := download(call(http.MethodGet, "getMessageMedia", account+"/sessions/{id}/messages/{seq}/media", "records",
		"What a line of a transcript holds besides words"))
	op.Description = "A picture, voice, video or file. 409 pending: it is still being fetched from WeCom; 404 media_gone: WeCom had forgotten it before."
	within(s, op, func(ctx context.Context, acc model.Account, in *readMessageMedia) (*huma.StreamResponse, error) {
		m, err := a.messageMedia(ctx, acc, in.ID.number(), in.Seq)
		if err != nil {
			return nil, err
		}
		file, err := a.cfg.KeptFiles.Open(ctx, m.Key)
		if errors.Is(err, model.ErrNotFound) {
			a.cfg.Log.ErrorContext(ctx, "kept file not found", slog.Uint64("session_id", m.SessionID), slog.Int("seq", m.Seq))
			return nil, errMediaLost
		}
		if err != nil {
			return nil, err
		}
		if err := a.auditReading(ctx, acc, m.SessionID); err != nil {
			_ = file.Close()
			return nil, err
		}
		return serveMedia(m, file), nil
	})
}

// messageMedia finds what is stored of a line, or says why nothing is.
func (a *API) messageMedia(ctx context.Context, acc model.Account, sessionID uint64, seq int) (model.MessageMedia, error) {
	list, err := a.cfg.RecordMedia.MessageMedia(ctx, acc.ID, sessionID)
	if err != nil {
		return model.MessageMedia{}, err
	}
	m, ok := list[seq]
	if !ok {
		return m, model.ErrNotFound
	}
	switch m.State {
	case model.MediaPending:
		return m, errMediaPending
	case model.MediaGone:
		return m, errMediaGone
	case model.MediaFailed:
		return m, errMediaLost
	case model.MediaStored:
	}
	return m, nil
}

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

// auditReading notes who read a session's files: once an hour for each, not for every
// picture and every part of a video.
func (a *API) auditReading(ctx context.Context, acc model.Account, sessionID uint64) error {
	now := a.cfg.Now()
	target := strconv.FormatUint(sessionID, 10)
	if !a.readings.first(author(ctx)+" "+target, now) {
		return nil
	}
	err := a.cfg.RecordMedia.AddAudit(ctx, model.Audit{
		AccountID: acc.ID, AtMS: now.UnixMilli(), Actor: author(ctx), Action: "session.media", Target: target,
	})
	if err != nil {
		a.readings.forget(author(ctx) + " " + target)
	}
	return err
}

// readings are what was read lately, so that it is noted once.
type readings struct {
	mu   sync.Mutex
	last map[string]time.Time
}

const (
	readingsApart = time.Hour
	mostReadings  = 10_000
)

// first reports whether it is the first reading in an hour, as far as is remembered.
func (r *readings) first(what string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.last[what]; ok && now.Sub(last) < readingsApart {
		return false
	}
	if r.last == nil || len(r.last) >= mostReadings {
		r.last = map[string]time.Time{} // some are noted twice then
	}
	r.last[what] = now
	return true
}

func (r *readings) forget(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, what)
}
