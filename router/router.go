// Package router is the table of routes: which handler answers what, and what every
// request passes through on its way.
package router

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/web"
)

// Handlers are the handlers that the table names. Every field but the last two is
// required.
type Handlers struct {
	Callbacks *handler.Callbacks
	Bots      *handler.Callbacks // of the accounts' AI bots
	Health    *handler.Health
	Metrics   http.Handler
	Uploads   *handler.Uploads
	API       *handler.API
	Gate      *handler.Gate // of the API
	SignIn    *handler.SignIn
	Live      *handler.Live
	Domain    *handler.DomainPages

	// TrustedProxies are addresses and networks whose word for a client's address is taken; it
	// may be empty.
	TrustedProxies []string

	// Trace begins spans for calls of the API; nil: nothing is traced.
	Trace model.Tracer
}

// multipartMemory is how many bytes of a form's files stay in memory while it is read.
const multipartMemory = 8 << 10

// New makes the program's HTTP handler.
func New(h Handlers, log *slog.Logger) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.RedirectTrailingSlash = false
	r.MaxMultipartMemory = multipartMemory
	if err := r.SetTrustedProxies(h.TrustedProxies); err != nil {
		log.Error("proxies not trusted", "err", err.Error())
		_ = r.SetTrustedProxies(nil)
	}
	r.Use(requestID, accessLog(log), recovered(log), securityHeaders)

	// For WeCom: authenticated by signature.
	r.GET("/callback/:account", h.Callbacks.Verify)
	r.POST("/callback/:account", h.Callbacks.Receive)
	r.GET("/callback/:account/aibot", h.Bots.Verify)
	r.POST("/callback/:account/aibot", h.Bots.Receive)

	// For operators, on a network of their own.
	r.GET("/healthz", h.Health.Live)
	r.GET("/readyz", h.Health.Ready)
	r.GET("/metrics", gin.WrapH(h.Metrics))

	// For employees and seats, in WeCom's browser: authenticated by the address itself.
	r.GET("/h5/upload/:token", h.Uploads.Show)
	r.POST("/h5/upload/:token", h.Uploads.Hold, h.Uploads.Take)

	// For browsers on their way to WeCom and back.
	r.GET("/auth/start", h.SignIn.Start)
	r.GET("/auth/return", h.SignIn.Return)

	// For WeCom, which looks whose the domain is.
	r.GET("/WW_verify_:file", h.Domain.Serve)

	// For programs and pages: authenticated by token or login. The routes are the document's, access.go says whose.
	calls := []gin.HandlerFunc{bounds, guard(h.Gate)}
	if h.Trace != nil {
		calls = append(calls, traced(h.Trace)) // behind the guard: strangers fill no collector
	}
	documentRoles(h.API.Register(r, r.Group("", calls...)))
	r.GET("/api/v1/live", guard(h.Gate), h.Live.Serve) // lives longer than bounds allow

	// For people: the pages, which find their own way.
	console, desk, h5 := gin.WrapH(web.App("index.html")), gin.WrapH(web.App("desk.html")), gin.WrapH(web.App("h5.html"))
	r.NoRoute(func(c *gin.Context) {
		switch path := c.Request.URL.Path; {
		case noPage(path):
			handler.NoRoute(c)
			return
		case path == "/h5" || strings.HasPrefix(path, "/h5/"): // for employees, in WeCom's browser
			h5Headers(c)
			h5(c)
			return
		}
		consoleHeaders(c)
		if path := c.Request.URL.Path; path == "/desk" || strings.HasPrefix(path, "/desk/") {
			desk(c)
			return
		}
		console(c)
	})
	return r
}

// noPage reports whether a path is where programs look, who want no page in its place.
func noPage(path string) bool {
	for _, prefix := range []string{"/api/", "/callback/", "/cgi-bin/", "/."} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// bounds are what requests to the API may send and how long they may take: files take more
// of both, and so does in time what goes through a whole knowledge base.
func bounds(c *gin.Context) {
	const slow = 5 * time.Minute
	b := handler.Bounds{Bytes: 1 << 20, Time: 30 * time.Second}
	switch route := strings.TrimPrefix(c.FullPath(), accountRoutes); c.Request.Method + " " + route {
	case "POST /imports":
		b = handler.Bounds{Bytes: handler.KnowledgeBytes + handler.FormBytes, Time: slow}
	case "PUT /settings/avatar":
		b = handler.Bounds{Bytes: model.AvatarBytes + handler.FormBytes, Time: slow}
	case "POST /media", "POST /files":
		b = handler.Bounds{Bytes: handler.MediaBytes + handler.FormBytes, Time: slow}
	case "GET /export", "GET /records/export", "GET /media/:id", "GET /sessions/:id/messages/:seq/media", "GET /api/v1/my/services/:service/records/:id/messages/:seq/media",
		"POST /entry-changes", "POST /entry-change-previews", "POST /changes/:version/undo",
		"POST /golden-runs", "POST /threshold-previews", "GET /threshold-suggestion":
		b.Time = slow
	}
	b.Hold(c)
}
