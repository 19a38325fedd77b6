package handler_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
)

// TestDocumentIsCommitted holds the committed document, from which the pages' types are
// made, against the handlers. DESKMATE_UPDATE=1 writes it anew.
func TestDocumentIsCommitted(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "web", "openapi.json")
	document, err := json.MarshalIndent(handler.NewSimulator(handler.SimulatorConfig{}).Register(gin.New()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	document = append(document, '\n')
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
		t.Errorf("web/openapi.json lags behind (make gen mends it; -committed +handlers):\n%s", diff)
	}
}

// TestDocumentNamesEveryRoute finds routes that the document doesn't know.
func TestDocumentNamesEveryRoute(t *testing.T) {
	t.Parallel()
	r := gin.New()
	document := handler.NewSimulator(handler.SimulatorConfig{}).Register(r)
	for _, route := range r.Routes() {
		if strings.HasPrefix(route.Path, "/sim/openapi") {
			continue
		}
		path := route.Path
		for part := range strings.SplitSeq(path, "/") {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				path = strings.Replace(path, part, "{"+name+"}", 1)
			}
		}
		if document.Paths[path] == nil {
			t.Errorf("%s %s is not in the document", route.Method, route.Path)
		}
	}
}
