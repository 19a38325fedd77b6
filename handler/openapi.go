package handler

import (
	"context"
	"errors"
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
	RequestID string         `json:"request_id,omitempty"`
}

// APIFailure is the body of every request to the API that failed.
type APIFailure struct {
	Body   apiFailureBody `json:"error"`
	status int
}

// Error gives the message.
func (f *APIFailure) Error() string { return f.Body.Message }

// GetStatus is the HTTP status that goes with it.
func (f *APIFailure) GetStatus() int { return f.status }

// newAPIFailure puts err into the envelope. What is not meant for people stays inside.
func newAPIFailure(err error) *APIFailure {
	code := model.CodeOf(err)
	f := &APIFailure{
		Body:   apiFailureBody{Code: code, Reason: "internal", Message: "internal error"},
		status: status(code),
	}
	var e *model.Error
	if errors.As(err, &e) && code != model.CodeInternal {
		f.Body.Reason, f.Body.Message = e.Reason, e.Message
	}
	return f
}

// shapeFailure is what huma itself refuses: a request of the wrong shape.
func shapeFailure(code int, msg string, errs ...error) huma.StatusError {
	f := &APIFailure{status: code, Body: apiFailureBody{Code: model.CodeInvalid, Reason: "bad_request", Message: msg}}
	if code >= http.StatusInternalServerError {
		f.Body = apiFailureBody{Code: model.CodeInternal, Reason: "internal", Message: "internal error"}
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

// newAPI makes an API whose document lies under prefix.
func newAPI(r *gin.Engine, title, version, prefix string) huma.API {
	humaSettings()
	cfg := huma.DefaultConfig(title, version)
	cfg.CreateHooks = nil // no $schema in bodies
	cfg.DocsPath, cfg.SchemasPath = "", ""
	cfg.OpenAPIPath = strings.TrimSuffix(prefix, "/") + "/openapi"
	cfg.Transformers = append(cfg.Transformers, func(ctx huma.Context, _ string, v any) (any, error) {
		if f, ok := v.(*APIFailure); ok {
			f.Body.RequestID = humagin.Unwrap(ctx).GetString(RequestIDKey)
		}
		return v, nil
	})
	return humagin.New(r, cfg)
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
