package handler

import (
	"context"
	"io"
	"log/slog"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"deskmate/model"
)

// KnowledgeFiles writes knowledge bases as files.
type KnowledgeFiles interface {
	// Export writes an account's base; the ending of name says how.
	Export(ctx context.Context, accountID uint64, name string, w io.Writer) error
	// Template writes an empty xlsx file to fill in.
	Template(w io.Writer) error
}

// fileType is the MIME type of knowledge files.
func fileType(format string) string {
	switch format {
	case "xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "csv":
		return "text/csv; charset=utf-8"
	}
	return "application/jsonl"
}

func (a *API) registerFiles(s surface) {
	type exportBase struct {
		AccountPath
		Format string `query:"format" enum:"xlsx,csv,jsonl" default:"xlsx"`
	}
	within(s, download(call(http.MethodGet, "export", account+"/export", importsTag, "The whole knowledge base as a file that can be imported again")),
		func(ctx context.Context, acc model.Account, in *exportBase) (*huma.StreamResponse, error) {
			name := acc.Key + "-" + a.cfg.Now().In(a.cfg.Location).Format("20060102") + "." + in.Format
			return a.attachment(name, fileType(in.Format), func(w io.Writer) error { //nolint:contextcheck // huma calls it with the request's
				return a.cfg.Files.Export(ctx, acc.ID, name, w)
			}), nil
		})
	within(s, download(call(http.MethodGet, "getTemplate", account+"/template", importsTag, "An empty xlsx file to fill in")),
		func(_ context.Context, _ model.Account, _ *AccountPath) (*huma.StreamResponse, error) {
			return a.attachment("template.xlsx", fileType("xlsx"), a.cfg.Files.Template), nil //nolint:contextcheck // as above
		})
}

// download is an operation that gives a file.
func download(op huma.Operation) huma.Operation {
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The file",
		Content:     map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		Headers:     map[string]*huma.Param{"Content-Disposition": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	return op
}

// attachment is a file that is written as it is sent. Where writing fails before the first
// byte the answer is an error like any other; after it the connection is cut, so that nobody
// takes a part for the whole.
func (a *API) attachment(name, contentType string, write func(io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		c := humagin.Unwrap(ctx)
		c.Header("Content-Type", contentType)
		c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		c.Status(http.StatusOK)
		err := write(c.Writer)
		if err == nil {
			return
		}
		if model.CodeOf(err) == model.CodeInternal && ctx.Context().Err() == nil { // else the caller has gone
			a.cfg.Log.ErrorContext(ctx.Context(), "file not sent", slog.String("request_id", c.GetString(RequestIDKey)),
				slog.String("operation", ctx.Operation().OperationID), slog.Any("err", err))
		}
		switch {
		case c.Writer.Written():
			panic(http.ErrAbortHandler)
		default:
			c.Writer.Header().Del("Content-Disposition")
			c.Writer.Header().Del("Content-Type")
			fail(c, err)
		}
	}}
}
