package wecomsim_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"
)

// amr is a voice message of n frames, 20 ms each.
func amr(n int) []byte {
	frame := make([]byte, 13) // a frame of 4.75 kbit/s begins with 0
	return append([]byte("#!AMR\n"), bytes.Repeat(frame, n)...)
}

func TestMediaUpload(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	big := func(head string, size int) []byte { return append([]byte(head), make([]byte, size)...) }
	tests := []struct {
		name, kind, field, filename string
		data                        []byte
		want                        int
	}{
		{"picture", "image", "media", "a.png", png(), 0},
		{"voice", "voice", "media", "a.amr", amr(3000), 0},
		{"video", "video", "media", "a.mp4", []byte("\x00\x00\x00\x18ftypmp42"), 0},
		{"file", "file", "media", "a.pdf", []byte("%PDF-1"), 0},
		{"unknown type", "sticker", "media", "a", png(), 40004},
		{"another field", "file", "file", "a", png(), 44001},
		{"no filename", "file", "media", "", png(), 44001},
		{"nothing in it", "file", "media", "a", nil, 44001},
		{"five bytes", "file", "media", "a", []byte("12345"), 40006},
		{"six bytes", "file", "media", "a", []byte("123456"), 0},
		{"a picture of another format", "image", "media", "a.gif", []byte("GIF89a...."), 40123},
		{"a big picture", "image", "media", "a.png", big("\x89PNG\r\n\x1a\n", 10<<20), 40009},
		{"a voice of another format", "voice", "media", "a.mp3", []byte("ID3......."), 301016},
		{"a big voice", "voice", "media", "a.amr", big("#!AMR\n", 2<<20), 301017},
		{"a long voice", "voice", "media", "a.amr", amr(3001), 45007},
		{"a video of another format", "video", "media", "a.avi", []byte("RIFF......."), 40005},
		{"a big video", "video", "media", "a.mp4", big("0000ftyp", 10<<20), 40006},
		{"a big file", "file", "media", "a.zip", big("PK", 20<<20), 40006},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reply := e.upload(t, tt.kind, tt.field, tt.filename, tt.data)
			refused(t, reply, tt.want)
			if tt.want != 0 {
				return
			}
			if reply["created_at"] != "1772442000" || reply["type"] != tt.kind {
				t.Errorf("reply %v", reply)
			}
		})
	}
}

func TestMediaGet(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	id := accepted(t, e.upload(t, "file", "media", "/tmp/报销 流程.pdf", []byte("%PDF-1.7")))["media_id"].(string)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.address("media/get?media_id="+id), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Range", "bytes=0-3")
	resp, err := e.api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="/tmp/报销 流程.pdf"` {
		t.Errorf("disposition %s", got) // a path in the name is shown as it came
	}
	if resp.StatusCode != http.StatusPartialContent || resp.ContentLength != 4 {
		t.Errorf("status %d with %d bytes", resp.StatusCode, resp.ContentLength)
	}
	refused(t, e.get(t, "media/get"), 41006)
	refused(t, e.get(t, "media/get?media_id=x"), 40007)
	other := e.tokenOf(t, otherSecret) // media belong to the corp
	if status, _ := e.raw(t, http.MethodGet, "media/get?access_token="+other+"&media_id="+id, nil); status != http.StatusOK {
		t.Errorf("another app got status %d", status)
	}
	e.clock.advance(72 * time.Hour)
	e.token = e.tokenOf(t, secret)
	refused(t, e.get(t, "media/get?media_id="+id), 40007)
	refused(t, e.post(t, "message/send", message("file", map[string]any{"media_id": id})), 40007)
}

func TestMediaUploadImg(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	upload := func(field string, data []byte) map[string]any {
		return e.uploadTo(t, "media/uploadimg", field, "a.png", data)
	}
	if got, _ := accepted(t, upload("media", png()))["url"].(string); !strings.HasPrefix(got, "https://") {
		t.Errorf("url %q", got)
	}
	refused(t, upload("file", png()), 44001)
	refused(t, upload("media", []byte("GIF89a....")), 40123)
	refused(t, upload("media", append(png(), make([]byte, 2<<20)...)), 40009)
}
