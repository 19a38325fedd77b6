package handler

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// RequestIDKey is the gin key under which the router leaves the request's id.
const RequestIDKey = "request_id"

// status is the only table from an error's class to an HTTP status.
func status(code model.Code) int {
	switch code {
	case model.CodeInvalid:
		return http.StatusBadRequest
	case model.CodeUnauthenticated:
		return http.StatusUnauthorized
	case model.CodeForbidden:
		return http.StatusForbidden
	case model.CodeNotFound:
		return http.StatusNotFound
	case model.CodeConflict:
		return http.StatusConflict
	case model.CodeRateLimited:
		return http.StatusTooManyRequests
	case model.CodeUnavailable:
		return http.StatusServiceUnavailable
	case model.CodeInternal:
	}
	return http.StatusInternalServerError
}

// failure is the body of every failed request.
type failure struct {
	Error failureBody `json:"error"`
}

type failureBody struct {
	Code      model.Code `json:"code"`
	Reason    string     `json:"reason"`
	Message   string     `json:"message"`
	RequestID string     `json:"request_id,omitempty"`
}

// fail ends the request with the status and body of err. What is not meant for people
// stays inside.
func fail(c *gin.Context, err error) {
	body := failureBody{Code: model.CodeOf(err), Reason: "internal", Message: "internal error", RequestID: c.GetString(RequestIDKey)}
	if e, ok := errors.AsType[*model.Error](err); ok && body.Code != model.CodeInternal {
		body.Reason, body.Message = e.Reason, e.Message
	}
	code := status(body.Code)
	if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
		code = http.StatusRequestEntityTooLarge
	}
	if code == http.StatusRequestEntityTooLarge && body.Code == model.CodeInternal {
		body.Code, body.Reason, body.Message = model.CodeInvalid, shapeReason(code), "the request is too large"
	}
	c.AbortWithStatusJSON(code, failure{Error: body})
}
