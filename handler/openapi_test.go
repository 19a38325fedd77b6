package handler_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
)

// registers are the two APIs, each with its committed document and what lies beside it.
func registers() map[string]func(*gin.Engine) *huma.OpenAPI {
	return map[string]func(*gin.Engine) *huma.OpenAPI{
		"web/simulator.openapi.json": func(r *gin.Engine) *huma.OpenAPI {
			return handler.NewSimulator(handler.SimulatorConfig{}).Register(r)
		},
		"docs/openapi.json": func(r *gin.Engine) *huma.OpenAPI {
			return handler.NewAPI(handler.APIConfig{}).Register(r, &r.RouterGroup)
		},
	}
}

// TestDocumentIsCommitted holds the committed documents, from which the pages' types are
// made, against the handlers. DESKMATE_UPDATE=1 writes them anew.
func TestDocumentIsCommitted(t *testing.T) {
	t.Parallel()
	for name, register := range registers() {
		document, err := json.MarshalIndent(register(gin.New()), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		document = append(document, '\n')
		path := filepath.Join("..", filepath.FromSlash(name))
		if os.Getenv("DESKMATE_UPDATE") != "" {
			if err := os.WriteFile(path, document, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(committed), string(document)); diff != "" {
			t.Errorf("%s lags behind (make gen mends it; -committed +handlers):\n%s", name, diff)
		}
	}
}

// TestDocumentNamesEveryRoute finds routes that the documents don't know.
func TestDocumentNamesEveryRoute(t *testing.T) {
	t.Parallel()
	for name, register := range registers() {
		r := gin.New()
		document := register(r)
		for _, route := range r.Routes() {
			if strings.Contains(route.Path, "/openapi") {
				continue
			}
			path := route.Path
			for part := range strings.SplitSeq(path, "/") {
				if name, ok := strings.CutPrefix(part, ":"); ok {
					path = strings.Replace(path, part, "{"+name+"}", 1)
				}
			}
			if document.Paths[path] == nil {
				t.Errorf("%s: %s %s is not in the document", name, route.Method, route.Path)
			}
		}
	}
}

// Every operation says in a few words what it does, and under which name programs call it.
func TestDocumentDescribesEveryOperation(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	r := gin.New()
	for path, item := range handler.NewAPI(handler.APIConfig{}).Register(r, &r.RouterGroup).Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op == nil {
				continue
			}
			if op.Summary == "" || len(op.Tags) != 1 || op.OperationID == "" || names[op.OperationID] || op.Responses["default"] == nil {
				t.Errorf("%s %s: summary %q, tags %v, id %q", op.Method, path, op.Summary, op.Tags, op.OperationID)
			}
			names[op.OperationID] = true
		}
	}
}

// TestGuideNamesEveryOperation holds docs/api.md against the document, both ways.
func TestGuideNamesEveryOperation(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`((?:GET|POST|PUT|DELETE) /[^`]*)`").FindAllSubmatch(guide, -1) {
		named[string(m[1])] = true
	}
	there := map[string]bool{}
	r := gin.New()
	for path, item := range handler.NewAPI(handler.APIConfig{}).Register(r, &r.RouterGroup).Paths {
		path = strings.TrimPrefix(strings.TrimPrefix(path, handler.APIPrefix), "/accounts/{account}")
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op != nil {
				there[op.Method+" "+path] = true
			}
		}
	}
	if diff := cmp.Diff(there, named); diff != "" {
		t.Errorf("operations (-handlers +docs/api.md):\n%s", diff)
	}
}
