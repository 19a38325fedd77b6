package blobstore_test

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // what S3 calls a checksum
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/model"
)

// fakeS3 is as much of S3 as the store uses: objects of one bucket, signed requests, and what
// goes wrong.
type fakeS3 struct {
	*httptest.Server

	mu       sync.Mutex
	objects  map[string][]byte // by path
	calls    []string          // method and path, in order
	failing  int               // so many requests from now on get a 503
	denied   bool              // every request gets a 403
	stalling chan struct{}     // requests wait for it; nil: they don't
}

const (
	fakeKey    = "AKIDEXAMPLE"
	fakeSecret = "s3cr/et+key"
)

func newFakeS3(t testing.TB) *fakeS3 {
	t.Helper()
	f := &fakeS3{objects: map[string][]byte{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// url is the setting that leads here.
func (f *fakeS3) url() model.Secret {
	host := strings.TrimPrefix(f.URL, "http://")
	return model.Secret("s3://" + fakeKey + ":" + url.QueryEscape(fakeSecret) + "@" + host +
		"/desk/media?region=cn-north-1&tls=false&path_style=true")
}

// ServeHTTP implements [http.Handler].
func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	stall := f.stalling
	f.calls = append(f.calls, r.Method+" "+r.URL.Path)
	fail := f.failing > 0
	if fail {
		f.failing--
	}
	denied := f.denied || !signed(r)
	f.mu.Unlock()
	if stall != nil {
		select {
		case <-stall:
		case <-r.Context().Done():
			return
		}
	}
	switch {
	case fail:
		refuse(w, r, http.StatusServiceUnavailable, "SlowDown")
	case denied:
		refuse(w, r, http.StatusForbidden, "AccessDenied")
	case !strings.HasPrefix(r.URL.Path, "/desk/"):
		refuse(w, r, http.StatusNotFound, "NoSuchBucket")
	default:
		f.object(w, r)
	}
}

func (f *fakeS3) object(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	data, ok := f.objects[r.URL.Path]
	switch r.Method {
	case http.MethodPut:
		sum := md5.Sum(body) //nolint:gosec // what S3 calls a checksum
		if r.Header.Get("Content-Md5") != base64.StdEncoding.EncodeToString(sum[:]) {
			refuse(w, r, http.StatusBadRequest, "BadDigest")
			return
		}
		f.objects[r.URL.Path] = body
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sum))
	case http.MethodDelete:
		delete(f.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet, http.MethodHead:
		if !ok {
			refuse(w, r, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, md5.Sum(data))) //nolint:gosec // what S3 calls a checksum
		http.ServeContent(w, r, "", time.Unix(1_800_000_000, 0), bytes.NewReader(data))
	default:
		refuse(w, r, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

// signed reports whether a request carries a signature of the fourth version by our key, for
// the region that was set.
func signed(r *http.Request) bool {
	head := r.Header.Get("Authorization")
	return strings.HasPrefix(head, "AWS4-HMAC-SHA256 Credential="+fakeKey+"/") && strings.Contains(head, "/cn-north-1/s3/aws4_request") &&
		strings.Contains(head, "Signature=") && r.Header.Get("X-Amz-Date") != ""
}

func refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
	}
}

// seen are the requests so far.
func (f *fakeS3) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.calls...)
}

func (f *fakeS3) set(change func(*fakeS3)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// brokenReader fails after some bytes.
type brokenReader struct{ left int }

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, context.DeadlineExceeded
	}
	n := min(b.left, len(p))
	b.left -= n
	return n, nil
}
