package handler

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// fieldFailure says what is wrong with one field of a request, without repeating its value.
type fieldFailure struct {
	Field   string `json:"field" doc:"Where it stands, such as body.text"`
	Message string `json:"message"`
}

// apiFailureBody is failureBody with the fields that were refused.
type apiFailureBody struct {
	Code      model.Code     `json:"code" doc:"Class of the failure" example:"invalid"`
	Reason    string         `json:"reason" doc:"Stable word for programs" example:"not_found"`
	Message   string         `json:"message" doc:"A sentence for people"`
	Fields    []fieldFailure `json:"fields,omitempty"`
	Holder    *personView    `json:"holder,omitempty" doc:"Where somebody else was first: the seat that has the session"`
	Saved     *saverView     `json:"saved,omitempty" doc:"Where somebody else saved first: who and when"`
	RequestID string         `json:"request_id,omitempty"`
}

// APIFailure is the body of every request to the API that failed.
type APIFailure struct {
	Body   apiFailureBody `json:"error"`
	status int
	cause  error // of an internal failure, for the log
}

// Error gives the message.
func (f *APIFailure) Error() string { return f.Body.Message }

// GetStatus is the HTTP status that goes with it.
func (f *APIFailure) GetStatus() int { return f.status }

// newAPIFailure puts err into the envelope. What is not meant for people stays inside.
func newAPIFailure(err error) *APIFailure {
	if errors.Is(err, context.DeadlineExceeded) {
		err = &model.Error{Code: model.CodeUnavailable, Reason: "timeout", Message: "took too long", Err: err}
	}
	code := model.CodeOf(err)
	f := &APIFailure{
		Body:   apiFailureBody{Code: code, Reason: "internal", Message: "internal error"},
		status: status(code), cause: err,
	}
	if e, ok := errors.AsType[*model.Error](err); ok && code != model.CodeInternal {
		f.Body.Reason, f.Body.Message, f.cause = e.Reason, e.Message, nil
	}
	if held, ok := errors.AsType[*heldError](err); ok {
		f.Body.Holder = &held.holder
	}
	if stale, ok := errors.AsType[*staleError](err); ok {
		f.Body.Saved = &stale.saved
	}
	return f
}

// shapeReason names what huma itself refuses, by status.
func shapeReason(code int) string {
	switch code {
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusUnsupportedMediaType:
		return "media_type"
	case http.StatusRequestTimeout:
		return "timeout"
	}
	return "bad_request"
}

// shapeFailure is what huma itself refuses: a request of the wrong shape.
func shapeFailure(code int, msg string, errs ...error) huma.StatusError {
	f := &APIFailure{status: code, Body: apiFailureBody{Code: model.CodeInvalid, Reason: shapeReason(code), Message: msg}}
	if code >= http.StatusInternalServerError {
		f.Body = apiFailureBody{Code: model.CodeInternal, Reason: "internal", Message: "internal error"}
		f.cause = errors.Join(errs...)
		return f
	}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			f.Body.Fields = append(f.Body.Fields, fieldFailure{Field: detail.Location, Message: detail.Message})
		}
	}
	return f
}

// humaSettings are those that huma keeps in variables of its own.
var humaSettings = sync.OnceFunc(func() { //nolint:gochecknoglobals // huma's own globals are set once, before their first use
	huma.NewError = shapeFailure
	huma.DefaultArrayNullable = false
})

// document says what an API's document is called and where it lies.
type document struct {
	title, version string
	prefix         string       // the document is prefix/openapi.json
	log            *slog.Logger // told of internal failures
}

// newAPI makes an API whose operations are routes of group, an engine's own one included.
func newAPI(r *gin.Engine, group *gin.RouterGroup, doc document) huma.API {
	humaSettings()
	cfg := huma.DefaultConfig(doc.title, doc.version)
	cfg.CreateHooks = nil // no $schema in bodies
	cfg.DocsPath, cfg.SchemasPath = "", ""
	cfg.OpenAPIPath = strings.TrimSuffix(doc.prefix, "/") + "/openapi"
	cfg.Transformers = append(cfg.Transformers, func(ctx huma.Context, _ string, v any) (any, error) {
		f, ok := v.(*APIFailure)
		if !ok {
			return v, nil
		}
		f.Body.RequestID = humagin.Unwrap(ctx).GetString(RequestIDKey)
		if f.cause != nil {
			doc.log.ErrorContext(ctx.Context(), "request failed", slog.String("request_id", f.Body.RequestID),
				slog.String("operation", ctx.Operation().OperationID), slog.Any("err", f.cause))
		}
		return v, nil
	})
	// curl -d calls JSON a form unless told otherwise.
	cfg.Formats = maps.Clone(cfg.Formats)
	cfg.Formats["application/x-www-form-urlencoded"] = huma.DefaultJSONFormat
	return humagin.NewWithGroup(r, group, cfg)
}

// operation registers one operation; its errors become statuses here.
func operation[I, O any](api huma.API, op huma.Operation, f func(context.Context, *I) (*O, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, newAPIFailure(err)
		}
		return out, nil
	})
}
