package blobstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/blobstore"
)

// each runs f on every kind of store.
func each(t *testing.T, f func(t *testing.T, s blobstore.Store)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		f(t, mustOpen(t, model.Secret("file://"+filepath.Join(t.TempDir(), "not", "yet"))))
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		f(t, mustOpen(t, newFakeS3(t).url()))
	})
}

func mustOpen(t testing.TB, url model.Secret) blobstore.Store {
	t.Helper()
	s, err := blobstore.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustPut(t testing.TB, s blobstore.Store, account uint64, data string) model.StoredFile {
	t.Helper()
	file, err := s.Put(t.Context(), account, strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func mustRead(t testing.TB, s blobstore.Store, key string) string {
	t.Helper()
	file, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestPut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s blobstore.Store) {
		big := strings.Repeat("一张照片", 100_000)
		for _, data := range []string{big, "x", ""} {
			got := mustPut(t, s, 7, data)
			sum := sha256.Sum256([]byte(data))
			hexSum := hex.EncodeToString(sum[:])
			want := model.StoredFile{Key: "7/" + hexSum[:2] + "/" + hexSum, Size: int64(len(data)), Sum: hexSum}
			if got != want {
				t.Errorf("put %d bytes: %+v, want %+v", len(data), got, want)
			}
			if mustRead(t, s, got.Key) != data {
				t.Errorf("what was put came back otherwise, %d bytes", len(data))
			}
		}
		again, other := mustPut(t, s, 7, big), mustPut(t, s, 8, big)
		if again.Key == other.Key || mustRead(t, s, again.Key) != big {
			t.Errorf("two accounts share the file %s", again.Key)
		}
	})
}

func TestPut_at_once(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s blobstore.Store) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := s.Put(t.Context(), 7, strings.NewReader("the same")); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := mustRead(t, s, mustPut(t, s, 7, "the same").Key); got != "the same" {
			t.Errorf("got %q", got)
		}
	})
}

// A file is read in parts, as browsers play videos.
func TestOpen_seeks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s blobstore.Store) {
		file, err := s.Open(t.Context(), mustPut(t, s, 7, "0123456789").Key)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header.Set("Range", "bytes=3-5")
		http.ServeContent(w, r, "", time.Time{}, file)
		if w.Code != http.StatusPartialContent || w.Body.String() != "345" || w.Header().Get("Content-Range") != "bytes 3-5/10" {
			t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
		}
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s blobstore.Store) {
		key := mustPut(t, s, 7, "x").Key
		for range 2 {
			if err := s.Delete(t.Context(), key); err != nil {
				t.Error(err)
			}
			if _, err := s.Open(t.Context(), key); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("opening what is gone: %v", err)
			}
		}
	})
}

// Only keys that a Put gave lead anywhere.
func TestKeys(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s blobstore.Store) {
		long := strings.Repeat("a", 64)
		for _, key := range []string{"", "x", "../../etc/passwd", "7/aa/../" + long, "7/aa/" + long + "/", "/7/aa/" + long, "7/aa/" + strings.ToUpper(long)} {
			if _, err := s.Open(t.Context(), key); model.CodeOf(err) != model.CodeInvalid {
				t.Errorf("open %q: %v", key, err)
			}
			if err := s.Delete(t.Context(), key); model.CodeOf(err) != model.CodeInvalid {
				t.Errorf("delete %q: %v", key, err)
			}
		}
	})
}

// What breaks off leaves nothing behind.
func TestPut_breaks_off(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s blobstore.Store) {
		if _, err := s.Put(t.Context(), 7, &brokenReader{left: 100}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("put: %v", err)
		}
		zeros := strings.Repeat("\x00", 100)
		sum := sha256.Sum256([]byte(zeros))
		key := "7/" + hex.EncodeToString(sum[:1]) + "/" + hex.EncodeToString(sum[:])
		if _, err := s.Open(t.Context(), key); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("half a file is there: %v", err)
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s blobstore.Store) {
		if err := blobstore.Check(t.Context(), s); err != nil {
			t.Error(err)
		}
	})
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, model.Secret("file://"+dir))
	part := filepath.Join(dir, "incoming", "old")
	if err := os.MkdirAll(filepath.Dir(part), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"old", "new"} {
		if err := os.WriteFile(filepath.Join(dir, "incoming", name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(part, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	file := mustPut(t, s, 7, "x")
	if _, err := os.Stat(part); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was left over is still there: %v", err)
	}
	left, err := os.ReadDir(filepath.Join(dir, "incoming"))
	if err != nil || len(left) != 1 || left[0].Name() != "new" {
		t.Errorf("being written: %v, %v", left, err)
	}
	info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(file.Key)))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	blocked := mustOpen(t, model.Secret("file://"+filepath.Join(dir, filepath.FromSlash(file.Key))))
	if err := blobstore.Check(t.Context(), blocked); err == nil || !strings.HasPrefix(err.Error(), "write a file: ") {
		t.Errorf("a folder that is a file: %v", err)
	}
}

func TestS3(t *testing.T) {
	t.Parallel()
	f := newFakeS3(t)
	s := mustOpen(t, f.url())
	f.set(func(f *fakeS3) { f.failing = 2 })
	file := mustPut(t, s, 7, "patient")
	if got := mustRead(t, s, file.Key); got != "patient" {
		t.Errorf("got %q", got)
	}
	calls := f.seen()
	if n := strings.Count(strings.Join(calls, "\n"), "PUT /desk/media/"+file.Key); n != 3 {
		t.Errorf("it was put %d times: %q", n, calls)
	}
	for _, tt := range []struct {
		name  string
		given func(*fakeS3)
		code  model.Code
		says  string
	}{
		{"busy", func(f *fakeS3) { f.failing = 9 }, model.CodeUnavailable, "not available"},
		{"denied", func(f *fakeS3) { f.failing, f.denied = 0, true }, model.CodeInternal, "AccessDenied (HTTP 403)"},
	} {
		f.set(tt.given)
		_, err := s.Put(t.Context(), 7, strings.NewReader("x"))
		if model.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if _, err := s.Open(t.Context(), file.Key); err == nil || errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: open: %v", tt.name, err)
		}
		if strings.Contains(err.Error(), fakeSecret) || strings.Contains(err.Error(), "Signature") {
			t.Errorf("%s: the error shows a secret: %v", tt.name, err)
		}
	}
}

// A service that doesn't answer holds nobody longer than the caller wants.
func TestS3_stalls(t *testing.T) {
	t.Parallel()
	f := newFakeS3(t)
	stall := make(chan struct{})
	f.set(func(f *fakeS3) { f.stalling = stall })
	defer close(stall)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := blobstore.Check(ctx, mustOpen(t, f.url())); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Check: %v", err)
	}
}

func TestS3_away(t *testing.T) {
	t.Parallel()
	f := newFakeS3(t)
	f.Close()
	_, err := mustOpen(t, f.url()).Put(t.Context(), 7, bytes.NewReader([]byte("x")))
	if !errors.Is(err, model.ErrUnavailable) || strings.Contains(err.Error(), fakeSecret) {
		t.Errorf("put: %v", err)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	for _, url := range []model.Secret{
		"", "file://", "/data", "ftp://k:s3cret@h/b", "s3://h/b", "s3://k@h/b", "s3://k:s3cret@h", "s3://k:s3cret@/b",
		"s3://k:s3cret/x@h/b", "s3://k:s3cret@h/b?tls=perhaps", "s3://k:s3cret@h/b?color=red",
	} {
		_, err := blobstore.Open(url)
		if model.CodeOf(err) != model.CodeInvalid || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("open %s: %v", url.Reveal(), err)
		}
	}
}
