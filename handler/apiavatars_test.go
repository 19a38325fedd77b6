package handler_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"deskmate/handler"
	"deskmate/model"
)

// picture is an image of a size, as encode writes it.
func picture(t *testing.T, side int, encode func(*bytes.Buffer, image.Image) error) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	img.Set(0, 0, color.RGBA{R: 200, A: 255})
	var out bytes.Buffer
	if err := encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func asPNG(w *bytes.Buffer, img image.Image) error  { return png.Encode(w, img) }
func asJPEG(w *bytes.Buffer, img image.Image) error { return jpeg.Encode(w, img, nil) }
func asGIF(w *bytes.Buffer, img image.Image) error  { return gif.Encode(w, img, nil) }

func putAvatar(t *testing.T, f *fakeDesk, data string) *httptest.ResponseRecorder {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "../../evil.svg")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(data)) // to memory
	_ = w.Close()
	return callAPI(t, f, http.MethodPut, "settings/avatar", form.String(), "Content-Type", w.FormDataContentType())
}

func TestAPIAvatar_checked(t *testing.T) {
	t.Parallel()
	small := picture(t, 8, asPNG)
	for _, tt := range []struct{ name, data, reason string }{
		{"of a text", "<svg onload='alert(1)'></svg>", "avatar_type"},
		{"of another format", picture(t, 8, asGIF), "avatar_type"},
		{"too wide", picture(t, model.AvatarSide+1, asPNG), "avatar_size"},
		{"too large", small + strings.Repeat("x", model.AvatarBytes), "avatar_large"},
		{"cut off", small[:len(small)-20], "avatar_damaged"},
		{"empty", "", "avatar_type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeDesk{}
			w := putAvatar(t, f, tt.data)
			if got := failureOf(t, w); w.Code != http.StatusBadRequest || got.Error.Reason != tt.reason || len(f.did) != 0 {
				t.Errorf("answered %d %s, did %v", w.Code, w.Body, f.did)
			}
		})
	}
}

// A picture is kept as its pixels alone, has an address that lasts as long as it, and goes with
// the next one.
func TestAPIAvatar_kept(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{}
	w := putAvatar(t, f, picture(t, model.AvatarSide, asJPEG)+"<script>alert(1)</script>")
	if w.Code != http.StatusOK || f.blob.Kind != model.BlobAvatar || f.blob.Type != "image/jpeg" || bytes.Contains(f.data, []byte("script")) {
		t.Fatalf("answered %d %s, kept %+v", w.Code, w.Body, f.blob)
	}
	at := handler.APIPrefix + "/accounts/it/avatar/" + f.blob.Sum[:32]
	if !strings.Contains(w.Body.String(), `"avatar":"`+at+`"`) {
		t.Errorf("answered %s, want %s", w.Body, at)
	}
	path := strings.TrimPrefix(at, handler.APIPrefix)
	got := callAPI(t, f, http.MethodGet, path, "")
	if got.Code != http.StatusOK || got.Body.String() != string(f.data) || got.Header().Get("Content-Type") != "image/jpeg" ||
		!strings.Contains(got.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("answered %d %v", got.Code, got.Header())
	}
	again := callAPI(t, f, http.MethodGet, path, "", "If-None-Match", got.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("seen already: %d, %d bytes", again.Code, again.Body.Len())
	}
	if other := callAPI(t, f, http.MethodGet, path[:len(path)-1]+"g", ""); other.Code == http.StatusOK {
		t.Errorf("under another address: %d", other.Code)
	}
	f.did = nil
	if w := callAPI(t, f, http.MethodDelete, "settings/avatar", ""); w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"avatar":"`) {
		t.Errorf("removed: %d %s", w.Code, w.Body)
	}
	if len(f.did) != 2 || f.did[1] != "drop 7 12" {
		t.Errorf("did %v", f.did)
	}
	if gone := callAPI(t, f, http.MethodGet, path, ""); gone.Code != http.StatusNotFound {
		t.Errorf("after that: %d", gone.Code)
	}
}

// A picture that can't become the account's is not kept.
func TestAPIAvatar_refused(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{}
	f.avatar = model.Avatar{Blob: 5, Sum: strings.Repeat("a", 64)}
	f.changeFails = fmt.Errorf("change: %w", model.ErrUnavailable)
	w := putAvatar(t, f, picture(t, 8, asPNG))
	if w.Code != http.StatusServiceUnavailable || f.did[len(f.did)-1] != "drop 7 12" {
		t.Errorf("answered %d, did %v", w.Code, f.did)
	}
}

// Whoever comes second is told who was first, and when.
func TestAPISettings_conflict(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{changeFails: fmt.Errorf("change: %w", model.ErrStale)}
	w := callAPI(t, f, http.MethodPut, "settings/assignment",
		`{"mode":"least_busy","prefer_previous":true,"busy_gap":2,"capacity":0,"claim":false,"auto_away":true}`, "If-Match", `"2"`)
	body := w.Body.String()
	if w.Code != http.StatusConflict || !strings.Contains(body, `"reason":"stale"`) ||
		!strings.Contains(body, `"saved":{"by":"seat:li","name":"Nli","at":"1970-01-01T00:00:00.001Z"}`) || !strings.Contains(body, "Nli 1月1日 08:00") {
		t.Errorf("answered %d %s", w.Code, body)
	}
	if !strings.Contains(strings.Join(f.did, "\n"), "assignment") {
		t.Errorf("asked %v", f.did)
	}
}
