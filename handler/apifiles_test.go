package handler_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

const pngData = "\x89PNG\r\n\x1a\n----"

func TestAPIImportUpload(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{}
	payload, kind := form(t, "知识.csv", "a,b", "replace", "true")
	w := callAPI(t, f, http.MethodPost, "imports", payload, "Content-Type", kind)
	if diff := cmp.Diff([]string{`start 7 知识.csv "a,b" true <nil> by token:sync`}, f.did); w.Code != http.StatusCreated || diff != "" {
		t.Errorf("answered %d %s; did (-want +got):\n%s", w.Code, w.Body, diff)
	}
}

func TestAPIMedia(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file, data string
		status           int
		want             string // part of the answer
		did              string
	}{
		{"picture", "图 1.png", pngData, http.StatusCreated, `"kind":"image","ref":"[图片:12]"`, "put 7 media 图 1.png image/png <nil>"},
		{"gif_is_a_file", "a.gif", "GIF89a--------", http.StatusCreated, `"kind":"file","ref":"[文件:12]"`, "put 7 media a.gif image/gif <nil>"},
		{"picture_by_name_only", "a.png", "%PDF-1.7", http.StatusCreated, `"kind":"file"`, "put 7 media a.png application/pdf <nil>"},
		{"page", "a.html", "<html><script>", http.StatusCreated, `"kind":"file"`, "put 7 media a.html text/html; charset=utf-8 <nil>"},
		{"big_picture_is_a_file", "a.png", pngData + strings.Repeat("x", 10<<20), http.StatusCreated, `"kind":"file"`, "put 7 media a.png image/png <nil>"},
		{"path_in_name", `C:\tmp\a\x00b.png`, pngData, http.StatusCreated, `"kind":"image"`, `put 7 media x00b.png image/png <nil>`},
		{"too_small", "a.txt", "abcd", http.StatusBadRequest, `"media_too_small"`, ""},
		{"too_large", "a.bin", strings.Repeat("x", 20<<20+1), http.StatusBadRequest, `"media_too_large"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeDesk{}
			payload, kind := form(t, tt.file, tt.data)
			w := callAPI(t, f, http.MethodPost, "media", payload, "Content-Type", kind)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Fatalf("answered %d %s, want %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
			if strings.Join(f.did, "") != tt.did {
				t.Errorf("did %q, want %q", f.did, tt.did)
			}
			if tt.did == "" {
				return
			}
			w = callAPI(t, f, http.MethodGet, "media/12", "")
			if w.Code != http.StatusOK || w.Body.String() != tt.data || w.Header().Get("Content-Type") != f.blob.Type ||
				!strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment; filename") {
				t.Errorf("download: %d %v", w.Code, w.Header())
			}
		})
	}
}

// A name never ends up without its ending, nor as a path.
func TestAPIMediaNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"..":                              "file",
		"a/../../etc/passwd":              "passwd",
		"报\u202e告.pdf":                    "报告.pdf",
		strings.Repeat("长", 150) + ".pdf": strings.Repeat("长", 96) + ".pdf",
		"a." + strings.Repeat("e", 150):   "a." + strings.Repeat("e", 48) + "." + strings.Repeat("e", 49),
		"\u3000 spaces .txt":              "spaces .txt",
		strings.Repeat("x", 100):          strings.Repeat("x", 100),
		"aaa\u200b\u0085.docx":            "aaa.docx",
	} {
		f := &fakeDesk{}
		payload, kind := form(t, name, pngData)
		if w := callAPI(t, f, http.MethodPost, "media", payload, "Content-Type", kind); w.Code != http.StatusCreated || f.blob.Name != want {
			t.Errorf("%q became %q, want %q (%d)", name, f.blob.Name, want, w.Code)
		}
	}
}

// A report or an encoder is no media, whoever guesses its id.
func TestAPIMediaOnly(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{blob: model.Blob{ID: 12, Kind: model.BlobReport}, data: []byte("secret")}
	if w := callAPI(t, f, http.MethodGet, "media/12", ""); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

func TestAPIExport(t *testing.T) {
	t.Parallel()
	for format, contentType := range map[string]string{
		"":      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"csv":   "text/csv; charset=utf-8",
		"jsonl": "application/jsonl",
	} {
		f := &fakeDesk{written: "data"}
		w := callAPI(t, f, http.MethodGet, "export?format="+format, "")
		name := "it-20261123." + format
		if format == "" {
			name += "xlsx"
		}
		if w.Code != http.StatusOK || w.Body.String() != "data" || w.Header().Get("Content-Type") != contentType ||
			w.Header().Get("Content-Disposition") != "attachment; filename="+name || f.did[0] != "export 7 "+name {
			t.Errorf("%s: answered %d %v %s, did %v", format, w.Code, w.Header(), w.Body, f.did)
		}
	}
	if w := callAPI(t, &fakeDesk{}, http.MethodGet, "template", ""); w.Body.String() != "xlsx" {
		t.Errorf("template: %d %s", w.Code, w.Body)
	}
}

// An export that fails is an error where that can still be said; else it breaks off, so that
// nobody takes a part for the whole.
func TestAPIExportFails(t *testing.T) {
	t.Parallel()
	w := callAPI(t, &fakeDesk{refused: model.ErrUnavailable}, http.MethodGet, "export", "")
	if got := failureOf(t, w); w.Code != http.StatusServiceUnavailable || got.Error.Reason != "unavailable" || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("answered %d %v %s", w.Code, w.Header(), w.Body)
	}
	server := httptest.NewServer(newFakeAPI(&fakeDesk{refused: errors.New("broken"), written: strings.Repeat("x", 1<<20)}))
	t.Cleanup(server.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/accounts/it/export", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer dmt_x")
	res, err := server.Client().Do(req)
	if err != nil {
		return // cut off before the header
	}
	defer func() { _ = res.Body.Close() }()
	buf := make([]byte, 1<<16)
	for err == nil {
		_, err = res.Body.Read(buf)
	}
	if errors.Is(err, io.EOF) {
		t.Error("a part was given as the whole")
	}
}
