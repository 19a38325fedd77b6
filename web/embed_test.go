package web_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"deskmate/web"
)

func get(t testing.TB, page, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	req.Header.Set("Accept-Encoding", "gzip")
	web.Page(page).ServeHTTP(w, req)
	return w
}

func TestPageThatWasNotBuiltSaysHowTo(t *testing.T) {
	t.Parallel()
	w := get(t, "nobody-built-this.html", "/")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "npm run build") {
		t.Errorf("%d %.80s", w.Code, w.Body)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control is %q", got)
	}
}

func TestPageAnswersNothingElse(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/nothing", "/assets/nothing.js", "/../embed.go", "/assets", "/placeholder.html.gz"} {
		if w := get(t, "placeholder.html", path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := httptest.NewRecorder()
	web.Page("placeholder.html").ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestAppAnswersItsOwnRoutes(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{"/": 200, "/a/it/knowledge": 200, "/desk": 200, "/../embed.go": 200, "/assets/nothing.js": 404} {
		w := httptest.NewRecorder()
		web.App("nobody-built-this.html").ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		if want == http.StatusOK && !strings.Contains(w.Body.String(), "npm run build") {
			t.Errorf("%s: %.80s", path, w.Body)
		}
	}
}

// TestBuiltFilesAreCached needs a build; without one there is nothing to cache.
func TestBuiltFilesAreCached(t *testing.T) {
	t.Parallel()
	plain := httptest.NewRecorder() // a large page would come compressed
	web.Page("simulator.html").ServeHTTP(plain, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	_, rest, built := strings.Cut(plain.Body.String(), `src="/assets/`)
	if !built {
		if os.Getenv("CI") == "true" {
			t.Fatal("the pages must be built in CI")
		}
		t.Skip("the pages are not built (make web)")
	}
	name, _, _ := strings.Cut(rest, `"`)
	w := get(t, "simulator.html", "/assets/"+name)
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
	if w.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("Content-Encoding %q, Content-Type %q", w.Header().Get("Content-Encoding"), w.Header().Get("Content-Type"))
	}
}
