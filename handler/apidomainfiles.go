package handler

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// DomainFiles are the files below the domain by which WeCom sees whose it is.
type DomainFiles interface {
	DomainFiles(ctx context.Context) ([]model.DomainFile, error)
	// DomainFile is [model.ErrNotFound] for none, as is DeleteDomainFile.
	DomainFile(ctx context.Context, name string) (model.DomainFile, error)
	PutDomainFile(ctx context.Context, f model.DomainFile, who model.Audit) error
	DeleteDomainFile(ctx context.Context, name string, who model.Audit) error
}

// domainFileName is what WeCom calls its files. Nothing else may be put below the domain.
var domainFileName = regexp.MustCompile(`^WW_verify_[A-Za-z0-9_-]{1,64}\.txt$`)

type domainFileView struct {
	Name    string  `json:"name" example:"WW_verify_0123456789abcdef.txt"`
	Content string  `json:"content"`
	Saved   Instant `json:"saved_at"`
	By      string  `json:"by"`
}

func (a *API) registerDomainFiles(s surface) {
	operation(s.API, call(http.MethodGet, "listDomainFiles", "/domain-files", setupTag, "The files below the domain by which WeCom sees whose it is"),
		func(ctx context.Context, _ *nothing) (*body[Listed[domainFileView]], error) {
			files, err := a.cfg.DomainFiles.DomainFiles(ctx)
			return listed(files, err, func(f model.DomainFile) domainFileView {
				return domainFileView{f.Name, f.Content, NewInstant(f.CreatedMS), f.CreatedBy}
			})
		})
	type put struct {
		Name string `path:"name" maxLength:"100"`
		Body struct {
			Content string `json:"content" minLength:"1" maxLength:"1100"`
		}
	}
	operation(s.API, call(http.MethodPut, "putDomainFile", "/domain-files/{name}", setupTag, "Put WW_verify_….txt below the domain"),
		func(ctx context.Context, in *put) (*nothing, error) {
			name, content := pasted(in.Name), pasted(in.Body.Content)
			if !domainFileName.MatchString(name) {
				return nil, model.Invalid("domain_file", "文件名应形如 WW_verify_0123456789abcdef.txt")
			}
			const most = 1024
			if content == "" || len(content) > most || strings.ContainsFunc(content, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsControl(r) && r != '\n' && r != '\r' }) {
				return nil, model.Invalid("domain_file", "文件内容应是一行字母和数字，请从下载的文件里原样复制")
			}
			return replyNothing(a.cfg.DomainFiles.PutDomainFile(ctx, model.DomainFile{Name: name, Content: content}, by(ctx)))
		})
	type one struct {
		Name string `path:"name" maxLength:"100"`
	}
	operation(s.API, call(http.MethodDelete, "deleteDomainFile", "/domain-files/{name}", setupTag, "Take a file away from below the domain"),
		func(ctx context.Context, in *one) (*nothing, error) {
			return replyNothing(a.cfg.DomainFiles.DeleteDomainFile(ctx, in.Name, by(ctx)))
		})
}

// DomainPages serves the files below the domain.
type DomainPages struct {
	Files DomainFiles
	Log   *slog.Logger
}

// Serve answers WeCom, and anybody: GET /WW_verify_….txt.
func (p *DomainPages) Serve(c *gin.Context) {
	name := strings.TrimPrefix(c.Request.URL.Path, "/")
	if !domainFileName.MatchString(name) {
		NoRoute(c)
		return
	}
	file, err := p.Files.DomainFile(c.Request.Context(), name)
	switch {
	case errors.Is(err, model.ErrNotFound):
		NoRoute(c)
	case err != nil:
		p.Log.ErrorContext(c.Request.Context(), "domain file not read", "err", err.Error())
		fail(c, err)
	default:
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(file.Content))
	}
}
