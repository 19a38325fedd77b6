package wecom_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/wecom"
)

func TestUploadMedia(t *testing.T) {
	t.Parallel()
	type part struct{ Field, Filename, Data, Kind string }
	a := newAPI(t)
	got := make(chan part, 2)
	a.handle("media/upload", func(w http.ResponseWriter, r *http.Request) {
		file, header, err := r.FormFile("media")
		if err != nil {
			reply(w, `{"errcode":41005,"errmsg":"media data missing"}`)
			return
		}
		data, _ := io.ReadAll(file)
		got <- part{"media", header.Filename, string(data), r.URL.Query().Get("type")}
		reply(w, `{"errcode":0,"errmsg":"","type":"file","media_id":"media-1","created_at":"1700000000"}`)
	})
	c := a.client()
	for range 2 {
		id, err := c.UploadMedia(t.Context(), account(), "file", "../docs/请假 单.txt", strings.NewReader("hello world"))
		if err != nil || id != "media-1" {
			t.Fatalf("got %q, %v", id, err)
		}
		if diff := cmp.Diff(part{"media", "请假 单.txt", "hello world", "file"}, <-got); diff != "" {
			t.Error(diff)
		}
		a.spoil() // the second upload has to be made twice, from the same reader
	}
}

func TestUploadMediaRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, kind, data string }{
		{"another_kind", "sticker", "123456"},
		{"no_kind", "", "123456"},
		{"five_bytes", "file", "12345"},
		{"voice_over_2_mb", "voice", strings.Repeat("x", 2<<20+1)},
		{"image_over_10_mb", "image", strings.Repeat("x", 10<<20+1)},
		{"file_over_20_mb", "file", strings.Repeat("x", 20<<20+1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			_, err := a.client().UploadMedia(t.Context(), account(), tt.kind, "f", strings.NewReader(tt.data))
			if reasonOf(err) != "bad_media" {
				t.Errorf("got %v", err)
			}
			if n := len(a.asked("gettoken")); n != 0 {
				t.Error("WeCom was called")
			}
		})
	}
	t.Run("reader_that_fails", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("disk")
		if _, err := newAPI(t).client().UploadMedia(t.Context(), account(), "file", "f", iotest.ErrReader(broken)); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestUploadMediaRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer string
		code         int64
	}{
		{"by_wecom", `{"errcode":40009,"errmsg":"invalid image size"}`, 40009},
		{"without_media_id", `{"errcode":0}`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("media/upload", tt.answer)
			id, err := a.client().UploadMedia(t.Context(), account(), "image", "", strings.NewReader("123456"))
			if err == nil || id != "" || codeOf(err) != tt.code {
				t.Errorf("got %q, %v", id, err)
			}
		})
	}
}

func TestDownloadMedia(t *testing.T) {
	t.Parallel()
	file := func(contentType, disposition, data string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Disposition", disposition)
			_, _ = io.WriteString(w, data)
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    wecom.Media
		data    string
	}{
		{"picture", file("image/jpeg", `attachment; filename="a.jpg"`, "\xff\xd8"), wecom.Media{Name: "a.jpg", ContentType: "image/jpeg", Size: 2}, "\xff\xd8"},
		{"name_with_folders", file("text/plain", `attachment; filename="../../etc/passwd"`, "x"), wecom.Media{Name: "passwd", ContentType: "text/plain", Size: 1}, "x"},
		{"file_that_is_json", file("application/json", `attachment; filename="a.json"`, `{"errcode":40007}`), wecom.Media{Name: "a.json", ContentType: "application/json", Size: 17}, `{"errcode":40007}`},
		{"without_name", file("audio/amr", "attachment", "x"), wecom.Media{ContentType: "audio/amr", Size: 1}, "x"},
		{"without_readable_name", file("audio/amr", `attachment; filename=请 假.amr`, "x"), wecom.Media{ContentType: "audio/amr", Size: 1}, "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.handle("media/get", tt.handler)
			media, err := a.client().DownloadMedia(t.Context(), account(), "m&id=1")
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(media.Body)
			if err != nil || string(data) != tt.data {
				t.Errorf("got %q, %v", data, err)
			}
			if err := media.Body.Close(); err != nil {
				t.Error(err)
			}
			media.Body = nil
			if diff := cmp.Diff(tt.want, *media); diff != "" {
				t.Error(diff)
			}
			if got := a.last("media/get").query["media_id"]; got != "m&id=1" {
				t.Errorf("asked for %q", got)
			}
		})
	}
}

func TestDownloadMediaRefused(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("media/get", `{"errcode":40007,"errmsg":"invalid media_id"}`)
	c := a.client()
	if _, err := c.DownloadMedia(t.Context(), account(), "m"); codeOf(err) != 40007 {
		t.Errorf("got %v", err)
	}
	a.spoil()
	if _, err := c.DownloadMedia(t.Context(), account(), "m"); codeOf(err) != 40007 {
		t.Errorf("with an old token: %v", err)
	}
	a.on("media/get", `{"errcode":0}`)
	if _, err := c.DownloadMedia(t.Context(), account(), "m"); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("without a file: %v", err)
	}
}
