package handler

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// MaxCallbackBody is the most bytes a callback's body may have.
const MaxCallbackBody = 1 << 20

// Callbacks receives WeCom's callbacks: verify, store, acknowledge; nothing else happens
// while WeCom waits.
type Callbacks struct{ cfg CallbacksConfig }

// CallbacksConfig is what the callbacks work with. Every field but Observe, Trace and
// Notes is required.
type CallbacksConfig struct {
	Accounts AccountFinder
	Platform CallbackPlatform
	Inbox    Inbox
	Wake     func(ctx context.Context, kinds ...model.LaneKind)
	Patience time.Duration // how long a store that refuses is tried again; WeCom waits 5 s
	Log      *slog.Logger
	Observe  func(accountKey, result string, took time.Duration) // may be nil
	Trace    model.Tracer                                        // nil: nothing is traced
	Notes    *CallbackNotes                                      // nil: nothing is remembered
}

// AccountFinder finds the account that a callback path names.
type AccountFinder interface {
	ByKey(ctx context.Context, key string) (model.Account, error)
}

// CallbackPlatform understands WeCom's requests.
type CallbackPlatform interface {
	Echo(acc model.Account, query url.Values) ([]byte, error)
	Receive(acc model.Account, query url.Values, body []byte) (model.Inbound, error)
}

// Inbox keeps events durably.
type Inbox interface {
	Accept(ctx context.Context, in model.Inbound, lane string) (duplicate bool, err error)
}

// NewCallbacks makes the handler.
func NewCallbacks(cfg CallbacksConfig) *Callbacks { return &Callbacks{cfg: cfg} }

// Verify answers the check WeCom makes when the callback URL is saved: the decrypted echo,
// byte for byte.
func (h *Callbacks) Verify(c *gin.Context) {
	acc, err := h.cfg.Accounts.ByKey(c.Request.Context(), c.Param("account"))
	if err != nil {
		h.refuse(c, "unknown", err)
		return
	}
	echo, err := h.cfg.Platform.Echo(acc, c.Request.URL.Query())
	if err != nil {
		if c.Query("msg_signature") != "" && c.Query("echostr") != "" { // WeCom's own way to ask
			h.cfg.Notes.note(c.Request.Context(), acc.ID, model.CallbackRefused, reasonOf(err))
		}
		h.refuse(c, acc.Key, err)
		return
	}
	h.observe(c.Request.Context(), acc.Key, "verified", 0)
	c.Data(http.StatusOK, "text/plain; charset=utf-8", echo)
	c.Writer.Flush()
	h.cfg.Notes.note(c.Request.Context(), acc.ID, model.CallbackVerified, "")
}

// Receive takes a callback and acknowledges it with an empty body once it is stored. If it
// can't be stored in time the connection is closed without an answer, which WeCom surely
// repeats.
func (h *Callbacks) Receive(c *gin.Context) {
	start := time.Now()
	ctx, span := model.StartTrace(c.Request.Context(), h.cfg.Trace, "callback", "") // WeCom knows no traces
	defer span.End()
	if h.cfg.Trace != nil {
		c.Request = c.Request.WithContext(ctx)
	}
	acc, err := h.cfg.Accounts.ByKey(c.Request.Context(), c.Param("account"))
	if err != nil {
		if status(model.CodeOf(err)) >= http.StatusInternalServerError {
			h.giveUp(c, "unknown", "", start, err) // it may be for us
		}
		h.refuse(c, "unknown", err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, MaxCallbackBody))
	if err != nil {
		h.refuse(c, acc.Key, &model.Error{Code: model.CodeInvalid, Reason: "bad_body", Message: "the body can't be read", Err: err})
		return
	}
	in, err := h.cfg.Platform.Receive(acc, c.Request.URL.Query(), body)
	if err != nil {
		if c.Query("msg_signature") != "" {
			h.cfg.Notes.note(c.Request.Context(), acc.ID, model.CallbackRefused, reasonOf(err))
		}
		h.refuse(c, acc.Key, err)
		return
	}
	duplicate, err := h.store(ctx, in)
	if err != nil {
		h.giveUp(c, acc.Key, in.Event.Kind, start, err)
	}
	span.Set("event", string(in.Event.Kind))
	result := "accepted"
	switch {
	case duplicate:
		result = "duplicate"
	case in.Event.Kind == model.EventUnknown:
		result = "unknown_event"
	}
	h.observe(ctx, acc.Key, result, time.Since(start))
	// The whole answer goes out now: WeCom shall not wait for the hint to the workers.
	c.Header("Content-Length", "0")
	c.Status(http.StatusOK)
	c.Writer.Flush()
	if !duplicate {
		h.cfg.Wake(context.WithoutCancel(ctx), model.LaneIn)
	}
	h.cfg.Notes.note(c.Request.Context(), acc.ID, model.CallbackReceived, "")
}

// giveUp closes the connection without an answer: what was sent is stored nowhere.
func (h *Callbacks) giveUp(c *gin.Context, accountKey string, event model.EventKind, start time.Time, err error) {
	model.SpanFrom(c.Request.Context()).Fail(err)
	h.cfg.Log.ErrorContext(c.Request.Context(), "callback not stored", "account_key", accountKey, "event", string(event), "err", err.Error())
	h.observe(c.Request.Context(), accountKey, "not_stored", time.Since(start))
	panic(http.ErrAbortHandler)
}

// store writes the event, again and again while the store refuses and there is time.
func (h *Callbacks) store(ctx context.Context, in model.Inbound) (duplicate bool, err error) {
	// WeCom's request may be cut off meanwhile; the event is worth storing all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.cfg.Patience)
	defer cancel()
	ctx, span := model.StartSpan(ctx, "accept")
	defer func() {
		span.Fail(err)
		span.End()
	}()
	lane := model.CorpLane(in.AccountID)
	if in.Person != "" {
		lane = model.PersonLane(in.AccountID, in.Person)
	}
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = 50 * time.Millisecond
	pause.MaxInterval = 500 * time.Millisecond
	return backoff.Retry(ctx, func() (bool, error) {
		duplicate, err := h.cfg.Inbox.Accept(ctx, in, lane)
		if model.CodeOf(err) == model.CodeInvalid {
			return false, backoff.Permanent(err)
		}
		return duplicate, err
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(h.cfg.Patience))
}

// refuse answers a request that is not WeCom's, or not for us, with a 4xx. Nothing of its
// content is logged.
func (h *Callbacks) refuse(c *gin.Context, accountKey string, err error) {
	reason := reasonOf(err)
	h.cfg.Log.WarnContext(c.Request.Context(), "callback refused", "account_key", accountKey, "reason", reason)
	h.observe(c.Request.Context(), accountKey, "refused_"+reason, 0)
	fail(c, err)
}

func reasonOf(err error) string {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e.Reason
	}
	return "internal"
}

func (h *Callbacks) observe(ctx context.Context, accountKey, result string, took time.Duration) {
	span := model.SpanFrom(ctx)
	span.Set("account", accountKey)
	span.Set("outcome", result)
	if h.cfg.Observe != nil {
		h.cfg.Observe(accountKey, result, took)
	}
}
