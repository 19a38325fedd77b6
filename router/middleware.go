package router

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

// requestID gives each request an id of its own, in the log and in every error.
func requestID(c *gin.Context) {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	id := hex.EncodeToString(b[:])
	c.Set(handler.RequestIDKey, id)
	c.Header("X-Request-Id", id)
	c.Next()
}

// accessLog writes one line a request, by its route: paths, queries and bodies may hold
// what must not be logged.
func accessLog(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := time.Now()
		c.Next()
		log.LogAttrs(c.Request.Context(), slog.LevelDebug, "request answered",
			slog.String("request_id", c.GetString(handler.RequestIDKey)),
			slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
			slog.Int("status", c.Writer.Status()), slog.Float64("took_ms", float64(time.Since(start).Microseconds())/1000))
	}
}

// traced begins a span for a call of the API, below that of the caller where it names one.
func traced(t model.Tracer) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, span := model.StartTrace(c.Request.Context(), t, c.Request.Method+" "+c.FullPath(), c.GetHeader("traceparent"))
		defer span.End()
		c.Request = c.Request.WithContext(ctx)
		span.Set("http.request.method", c.Request.Method)
		span.Set("http.route", c.FullPath())
		c.Next()
		span.Count("http.response.status_code", int64(c.Writer.Status()))
		if c.Writer.Status() >= http.StatusInternalServerError {
			span.Fail(errAnswered)
		}
	}
}

// errAnswered stands for an error that was told to the caller.
var errAnswered = &model.Error{Code: model.CodeInternal, Reason: "server_error", Message: "the call failed"}

// recovered turns a panic into a 500 and a log line. A handler that wants its connection
// closed without an answer gets that.
func recovered(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // net/http closes the connection
			}
			log.ErrorContext(c.Request.Context(), "handler panicked",
				"request_id", c.GetString(handler.RequestIDKey), "route", c.FullPath(), "panic", fmt.Sprint(p))
			c.AbortWithStatus(http.StatusInternalServerError)
		}()
		c.Next()
	}
}

// securityHeaders tells browsers to take nothing on trust.
func securityHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Next()
}

// consoleHeaders lets the console load what is its own, pictures from anywhere safe (WeCom
// keeps its members' avatars elsewhere), and frame the service windows that accounts name.
func consoleHeaders(c *gin.Context) {
	c.Header("Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; connect-src 'self'; "+
			"img-src 'self' data: blob: https:; media-src 'self' blob:; frame-src https:; manifest-src 'self'; "+
			"base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
}

// h5Headers lets employees' pages load what is their own, and pictures as the console does.
func h5Headers(c *gin.Context) {
	c.Header("Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob: https:; "+
			"media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
}
