// Package web holds the built pages and serves them. It knows nothing of what they show.
package web

import (
	"bytes"
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// dist holds what `npm run build` made, or only the placeholder where nobody built it.
//
//go:embed all:dist
var dist embed.FS

// placeholder is shown where the pages were not built.
const placeholder = "placeholder.html"

// Page serves one page at / and the files it needs; every other path is not found. Files
// whose names carry a hash of their content are cached for ever, the page itself never.
func Page(name string) http.Handler { return newPage(name, false) }

// App serves the files a page needs, and the page itself at every other path: it has routes
// of its own.
func App(name string) http.Handler { return newPage(name, true) }

func newPage(name string, routes bool) page {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only for a path that is none
	}
	return page{files: files, name: name, routes: routes}
}

type page struct {
	files  fs.FS
	name   string
	routes bool // paths that are no files are the page's own
}

// ServeHTTP answers GET and HEAD.
func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	cache := "public, max-age=31536000, immutable"
	if !strings.HasPrefix(name, "assets/") {
		cache = "no-cache"
	}
	if name == "" || p.routes && !strings.HasPrefix(name, "assets/") {
		name = p.name
		if _, err := fs.Stat(p.files, name); err != nil {
			name = placeholder
		}
	}
	p.file(w, r, name, cache)
}

// file sends a file, compressed where a compressed one is there and the browser takes it.
func (p page) file(w http.ResponseWriter, r *http.Request, name, cache string) {
	data, err := fs.ReadFile(p.files, name)
	if err != nil || strings.HasSuffix(name, ".gz") {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", cache)
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	if packed, err := fs.ReadFile(p.files, name+".gz"); err == nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			data = packed
		}
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}
