// Package router is the table of routes: which handler answers what, and what every
// request passes through on its way.
package router

import (
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
)

// Handlers are the handlers that the table names. Every field is required.
type Handlers struct {
	Callbacks *handler.Callbacks
	Health    *handler.Health
	Metrics   http.Handler
}

// New makes the program's HTTP handler.
func New(h Handlers, log *slog.Logger) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	_ = r.SetTrustedProxies(nil) // nobody's word for a client's address is taken
	r.Use(requestID, accessLog(log), recovered(log), securityHeaders)

	// For WeCom: authenticated by signature.
	r.GET("/callback/:account", h.Callbacks.Verify)
	r.POST("/callback/:account", h.Callbacks.Receive)

	// For operators, on a network of their own.
	r.GET("/healthz", h.Health.Live)
	r.GET("/readyz", h.Health.Ready)
	r.GET("/metrics", gin.WrapH(h.Metrics))
	return r
}
