package handler

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"encoding/hex"
	"errors"
	"html/template"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/model"
)

//go:embed uploadpage.html
var uploadHTML string

//go:embed uploadpage.css
var uploadCSS string

// Uploads are the pages on which people choose a file to send, because WeCom delivers none
// to apps. They work without scripts, in any browser.
type Uploads struct {
	cfg   UploadsConfig
	page  *template.Template
	csp   string
	slots chan struct{}

	mu    sync.Mutex
	files map[string]linkFiles // by link; those that have ended go with the next new one
}

// linkFiles are how many files a link has brought.
type linkFiles struct {
	n       int
	untilMS int64
}

// How much of this one replica takes. A file is in memory while it is stored.
const (
	UploadsPerLink = 20
	UploadsAtOnce  = 8
)

// UploadsConfig is what the pages work with. Every field is required, but Tickets: without
// it there are no pages.
type UploadsConfig struct {
	Tickets  *Tickets
	Files    UploadFiles
	Sessions interface {
		SessionByID(ctx context.Context, id uint64) (model.Session, error)
	}
	Desk Desk
	Now  func() time.Time
	Log  *slog.Logger
}

// UploadFiles is where the files go.
type UploadFiles interface {
	BlobPutter
	DeleteBlob(ctx context.Context, accountID, id uint64) error
}

// NewUploads makes the pages.
func NewUploads(cfg UploadsConfig) (*Uploads, error) {
	page, err := template.New("upload").Parse(uploadHTML)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(uploadCSS))
	return &Uploads{cfg: cfg, page: page, slots: make(chan struct{}, UploadsAtOnce), files: map[string]linkFiles{}, csp: "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; " +
		"style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}, nil
}

// uploadView is what the page shows.
type uploadView struct {
	Title, Note string
	Class       string // of the note: good or bad
	Once        string // the form's own key; "": no form
	Again       string // the address of a fresh form; "": none
	MiB         int
	Style       template.CSS
}

// Show is the page with the form.
func (u *Uploads) Show(c *gin.Context) {
	ticket, ok := u.ticket(c)
	if !ok {
		return
	}
	u.render(c, http.StatusOK, uploadView{Title: uploadTitle(ticket), Once: rand.Text()})
}

// Hold holds a form to its bounds. What is somewhat too large comes in, so that the page can say
// so.
func (u *Uploads) Hold(c *gin.Context) {
	b := Bounds{Bytes: 2 * MediaBytes, Time: 5 * time.Minute}
	if c.Request.ContentLength > b.Bytes {
		u.render(c, http.StatusRequestEntityTooLarge, uploadView{Title: "发送文件", Note: textTooLarge, Class: "bad"})
		c.Abort()
		return
	}
	b.Hold(c)
}

const textTooLarge = "图片或文件太大，没有发送。"

// Take sends the file that the form brings. The form's key makes a form that is sent twice
// send one file.
func (u *Uploads) Take(c *gin.Context) {
	ticket, ok := u.ticket(c)
	if !ok {
		return
	}
	view := uploadView{Title: uploadTitle(ticket)}
	if !u.allowed(c.Param("token"), ticket) {
		view.Note, view.Class = "这个链接发送的文件太多，请重新获取链接。", "bad"
		u.render(c, http.StatusTooManyRequests, view)
		return
	}
	done, err := u.send(c, ticket)
	switch {
	case err == nil && done.Outcome != model.OutcomeRefused:
		view.Note, view.Class, view.Again = "已发送。", "good", c.Request.URL.Path
		u.render(c, http.StatusOK, view)
		return
	case model.CodeOf(err) == model.CodeUnavailable && errors.Is(err, errPending):
		view.Note, view.Class = "已收到，正在发送，请稍后在会话中查看。", "good"
		u.render(c, http.StatusAccepted, view)
		return
	case err == nil, model.CodeOf(err) == model.CodeConflict:
		view.Note, view.Class = "没有发送：会话已结束，或已不由您接待。", "bad"
		u.render(c, http.StatusConflict, view)
		return
	}
	view.Class, view.Once = "bad", rand.Text()
	if e, ok := errors.AsType[*model.Error](err); ok && e.Code == model.CodeInvalid {
		view.Note = e.Message
		u.render(c, http.StatusBadRequest, view)
		return
	}
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		view.Note = textTooLarge
		u.render(c, http.StatusRequestEntityTooLarge, view)
		return
	}
	u.cfg.Log.ErrorContext(c.Request.Context(), "uploaded file not sent", "request_id", c.GetString(RequestIDKey),
		"session_id", ticket.Session, "err", err.Error())
	view.Note = "系统繁忙，没有发送，请稍后重试。"
	u.render(c, status(model.CodeOf(err)), view)
}

// allowed counts a file of a link.
func (u *Uploads) allowed(token string, t model.UploadTicket) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	sum := formKey(token, "")
	of, known := u.files[sum]
	if !known {
		now := u.cfg.Now().UnixMilli()
		maps.DeleteFunc(u.files, func(_ string, f linkFiles) bool { return f.untilMS <= now })
	}
	u.files[sum] = linkFiles{of.n + 1, t.UntilMS}
	return of.n < UploadsPerLink
}

// errSessionOver says that people don't answer the session of a link any more.
var errSessionOver = &model.Error{Code: model.CodeConflict, Reason: "closed", Message: "会话已结束"}

// takes is nil while people answer the ticket's session, before its file is read.
func (u *Uploads) takes(ctx context.Context, t model.UploadTicket) error {
	s, err := u.cfg.Sessions.SessionByID(ctx, t.Session)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return errSessionOver
	case err == nil && s.State != model.StateServing && s.State != model.StateQueued:
		return errSessionOver
	}
	return err
}

// errPending is how a desk says that an act stands and is not decided yet.
var errPending = &model.Error{Code: model.CodeUnavailable, Reason: "pending"}

// send stores the file and makes it a line of the ticket's session.
func (u *Uploads) send(c *gin.Context, t model.UploadTicket) (Done, error) {
	ctx := c.Request.Context()
	if err := u.takes(ctx, t); err != nil {
		return Done{}, err
	}
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-ctx.Done():
		return Done{}, ctx.Err()
	}
	head, err := c.FormFile("file")
	if err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return Done{}, err
		}
		return Done{}, model.Invalid("file_missing", "请先选择文件")
	}
	blob, err := u.store(c, t.AccountID, head)
	if err != nil {
		return Done{}, err
	}
	content := blobContent(blob)
	ev := model.Event{Kind: model.EventMessage, Session: t.Session, Content: &content, API: true}
	if t.BySeat() {
		ev.Kind, ev.Seat = model.EventSeatMessage, t.Person
	}
	done, err := u.cfg.Desk.Do(ctx, Act{
		AccountID: t.AccountID, Employee: t.Employee, Key: formKey(c.Param("token"), c.PostForm("once")), Event: ev,
	})
	if model.CodeOf(err) == model.CodeConflict || (err == nil && done.Outcome == model.OutcomeRefused) {
		if drop := u.cfg.Files.DeleteBlob(ctx, t.AccountID, blob.ID); drop != nil {
			u.cfg.Log.WarnContext(ctx, "file that was not sent is kept", "blob_id", blob.ID, "err", drop.Error())
		}
	}
	return done, err
}

func (u *Uploads) store(c *gin.Context, accountID uint64, head *multipart.FileHeader) (model.Blob, error) {
	file, err := head.Open()
	if err != nil {
		return model.Blob{}, err
	}
	defer func() { _ = file.Close() }()
	return storeMedia(c.Request.Context(), u.cfg.Files, accountID, head.Filename, file)
}

// formKey tells one form from all others.
func formKey(token, once string) string {
	sum := sha256.Sum256([]byte(token + "\n" + once))
	return hex.EncodeToString(sum[:16])
}

// ticket is the request's; where it is none the answer says so.
func (u *Uploads) ticket(c *gin.Context) (model.UploadTicket, bool) {
	ticket, err := model.UploadTicket{}, error(errTicketBad)
	if u.cfg.Tickets != nil {
		ticket, err = u.cfg.Tickets.read(c.Param("token"), u.cfg.Now())
	}
	if err != nil {
		view := uploadView{Title: "发送文件", Class: "bad"}
		if e, ok := errors.AsType[*model.Error](err); ok {
			view.Note = e.Message
		}
		u.render(c, status(model.CodeOf(err)), view)
	}
	return ticket, err == nil
}

func uploadTitle(t model.UploadTicket) string {
	if t.BySeat() {
		return "发送文件给员工"
	}
	return "发送文件给坐席"
}

func (u *Uploads) render(c *gin.Context, code int, view uploadView) {
	view.MiB, view.Style = MediaBytes>>20, template.CSS(uploadCSS) //nolint:gosec // ours
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", u.csp)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	c.Status(code)
	if err := u.page.Execute(c.Writer, view); err != nil && c.Request.Context().Err() == nil {
		u.cfg.Log.WarnContext(c.Request.Context(), "page not written", "err", err.Error())
	}
}
