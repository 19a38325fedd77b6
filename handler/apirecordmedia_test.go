package handler_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// fakeRecords are the media of session 9, and the files behind them.
type fakeRecords struct {
	audits []model.Audit
	broken error // of the audit log
	closed int
}

func (f *fakeRecords) MessageMedia(_ context.Context, accountID, sessionID uint64) (map[int]model.MessageMedia, error) {
	list := map[int]model.MessageMedia{}
	if accountID != 7 || sessionID != 9 {
		return list, nil
	}
	for i, m := range []model.MessageMedia{
		{State: model.MediaStored, Key: "picture", Type: "image/jpeg", Kind: model.ContentImage, Name: "照片.jpg", Sum: "aa"},
		{State: model.MediaStored, Key: "page", Type: "text/html; charset=utf-8", Kind: model.ContentFile, Name: "../x\n.html", Sum: "bb"},
		{State: model.MediaPending}, {State: model.MediaGone}, {State: model.MediaFailed},
		{State: model.MediaStored, Key: "lost"},
		{State: model.MediaStored, Key: "voice", Type: "audio/amr", Kind: model.ContentVoice},
	} {
		m.AccountID, m.SessionID, m.Seq, m.SentMS = 7, 9, i+1, simNow.UnixMilli()
		list[m.Seq] = m
	}
	return list, nil
}

func (f *fakeRecords) AddAudit(_ context.Context, a model.Audit) error {
	if f.broken == nil {
		f.audits = append(f.audits, a)
	}
	return f.broken
}

type fakeFile struct {
	io.ReadSeeker
	of *fakeRecords
}

func (f fakeFile) Close() error { f.of.closed++; return nil }

func (f *fakeRecords) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if key == "lost" {
		return nil, model.ErrNotFound
	}
	return fakeFile{bytes.NewReader([]byte("the " + key)), f}, nil
}

func TestMessageMedia(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{}
	api := newFakeAPI(f)
	get := func(path string, header ...string) (int, string, http.Header) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/accounts/it/sessions/"+path+"/media", http.NoBody)
		r.Header.Set("Authorization", "Bearer dmt_x")
		if len(header) == 2 {
			r.Header.Set(header[0], header[1])
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return w.Code, w.Body.String(), w.Header()
	}
	status, content, head := get("9/messages/1")
	if status != http.StatusOK || content != "the picture" || head.Get("Content-Type") != "image/jpeg" ||
		head.Get("Content-Disposition") != "inline; filename*=utf-8''%E7%85%A7%E7%89%87.jpg" || head.Get("ETag") != `"aa"` {
		t.Errorf("a picture: %d %q %v", status, content, head)
	}
	status, content, head = get("9/messages/1", "Range", "bytes=4-6")
	if status != http.StatusPartialContent || content != "pic" || head.Get("Content-Range") != "bytes 4-6/11" {
		t.Errorf("a part of it: %d %q %v", status, content, head)
	}
	if status, content, _ = get("9/messages/1", "If-None-Match", `"aa"`); status != http.StatusNotModified || content != "" {
		t.Errorf("what the caller has: %d %q", status, content)
	}
	status, content, head = get("9/messages/2")
	if status != http.StatusOK || content != "the page" || head.Get("Content-Type") != "application/octet-stream" ||
		head.Get("Content-Disposition") != "attachment; filename=x.html" {
		t.Errorf("what a browser would run: %d %q %v", status, content, head)
	}
	if _, _, head = get("9/messages/7"); head.Get("Content-Disposition") != "inline; filename=voice-9-7" {
		t.Errorf("without a name: %v", head)
	}
	for _, tt := range []struct {
		path   string
		status int
		reason string
	}{
		{"9/messages/3", http.StatusConflict, "pending"}, {"9/messages/4", http.StatusNotFound, "media_gone"},
		{"9/messages/5", http.StatusNotFound, "media_lost"}, {"9/messages/6", http.StatusNotFound, "media_lost"},
		{"9/messages/8", http.StatusNotFound, "not_found"}, {"10/messages/1", http.StatusNotFound, "not_found"},
		{"9/messages/0", http.StatusUnprocessableEntity, "bad_request"},
	} {
		status, content, head := get(tt.path)
		if status != tt.status || !strings.Contains(content, `"`+tt.reason+`"`) || head.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %s, want %d %s", tt.path, status, content, tt.status, tt.reason)
		}
	}
	if f.records.closed != 5 {
		t.Errorf("%d files were closed", f.records.closed)
	}
	want := []model.Audit{{AccountID: 7, AtMS: simNow.UnixMilli(), Actor: "token:sync", Action: "session.media", Target: "9"}}
	if diff := cmp.Diff(want, f.records.audits); diff != "" {
		t.Errorf("audited, once an hour (-want +got):\n%s", diff)
	}
}

// Nobody reads what can't be noted.
func TestMessageMedia_not_audited(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{records: fakeRecords{broken: model.ErrUnavailable}}
	for range 2 {
		w := callAPI(t, f, http.MethodGet, "sessions/9/messages/1/media", "")
		if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "picture") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if f.records.closed != 2 {
		t.Errorf("%d files were closed", f.records.closed)
	}
}
