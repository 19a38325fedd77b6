package handler_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
	"deskmate/model"
)

const publicURL = "https://desk.example.com"

func newTickets(t *testing.T, secret string) *handler.Tickets {
	t.Helper()
	tickets, err := handler.NewTickets(publicURL+"/", []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return tickets
}

// seatTicket is li's for the session with wang, for half an hour.
func seatTicket() model.UploadTicket {
	return model.UploadTicket{AccountID: 7, Session: 1, Employee: "wang", Person: "li", UntilMS: simNow.Add(30 * time.Minute).UnixMilli()}
}

// pages are the upload pages over a floor.
func pages(t *testing.T, f *floor, tickets *handler.Tickets) http.Handler {
	t.Helper()
	gin.SetMode(gin.TestMode)
	uploads, err := handler.NewUploads(handler.UploadsConfig{
		Tickets: tickets, Files: f, Sessions: f, Desk: f, Now: func() time.Time { return simNow }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := gin.New()
	r.GET("/h5/upload/:token", uploads.Show)
	r.POST("/h5/upload/:token", uploads.Hold, uploads.Take)
	return r
}

func visit(t *testing.T, h http.Handler, method, link, payload, contentType string) *httptest.ResponseRecorder {
	t.Helper()
	path, ok := strings.CutPrefix(link, publicURL)
	if !ok {
		t.Fatalf("the link is %s", link)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(payload))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestUploadPage(t *testing.T) {
	t.Parallel()
	tickets := newTickets(t, "secret")
	w := visit(t, pages(t, &floor{}, tickets), http.MethodGet, tickets.Link(seatTicket()), "", "")
	page := w.Body.String()
	if w.Code != http.StatusOK || !strings.Contains(page, "发送文件给员工") || !strings.Contains(page, `enctype="multipart/form-data"`) {
		t.Errorf("answered %d %s", w.Code, page)
	}
	if w.Header().Get("Cache-Control") != "no-store" || strings.Contains(page, "<script") {
		t.Errorf("headers %v", w.Header())
	}
	// The policy lets in the page's own style and nothing else.
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
	if style == nil {
		t.Fatal("the page has no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	csp := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.Contains(csp, "default-src 'none'") ||
		strings.Contains(csp, "unsafe") {
		t.Errorf("policy %s", csp)
	}
}

// Links that were made up, changed or have ended show nothing and take nothing.
func TestUploadTickets(t *testing.T) {
	t.Parallel()
	tickets := newTickets(t, "secret")
	good := tickets.Link(seatTicket())
	old, other := seatTicket(), seatTicket()
	old.UntilMS = simNow.UnixMilli()
	other.Session = 2
	body := func(link string) string { return link[:strings.LastIndex(link, ".")] }
	signature := strings.TrimPrefix(good, body(good))
	for name, tt := range map[string]struct{ link, want string }{
		"old":               {tickets.Link(old), "链接已过期"},
		"another_key":       {newTickets(t, "another").Link(seatTicket()), "链接无效"},
		"another_session":   {body(tickets.Link(other)) + signature, "链接无效"},
		"unsigned":          {body(good), "链接无效"},
		"no_ticket":         {publicURL + "/h5/upload/x", "链接无效"},
		"nothing_but_a_dot": {publicURL + "/h5/upload/.", "链接无效"},
	} {
		f := &floor{}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			payload, kind := form(t, "a.pdf", "%PDF-1.7", "once", "x")
			w := visit(t, pages(t, f, tickets), method, tt.link, payload, kind)
			if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), tt.want) || strings.Contains(w.Body.String(), "<form") {
				t.Errorf("%s: %s answered %d %s", name, method, w.Code, w.Body)
			}
		}
		if f.did != nil {
			t.Errorf("%s: did %v", name, f.did)
		}
	}
	if w := visit(t, pages(t, &floor{}, nil), http.MethodGet, good, "", ""); w.Code != http.StatusNotFound {
		t.Errorf("without an address of one's own: %d", w.Code)
	}
}

func TestUploadTakes(t *testing.T) {
	t.Parallel()
	tickets := newTickets(t, "secret")
	employee := seatTicket()
	employee.Person = "wang"
	of := func(session uint64) model.UploadTicket {
		ticket := seatTicket()
		ticket.Session = session
		return ticket
	}
	refused := func(code model.Code, reason string) error {
		return &model.Error{Code: code, Reason: reason, Message: "x"}
	}
	for _, tt := range []struct {
		name       string
		ticket     model.UploadTicket
		file, data string
		refused    error
		outcome    model.Outcome
		status     int
		want       string
		did        []string
	}{
		{
			"of_a_seat", seatTicket(), "a.pdf", "%PDF-1.7", nil, model.OutcomeRelayed, http.StatusOK, "已发送",
			[]string{"put 7 a.pdf application/pdf", "seat_message on wang session=1 seat=li: file 12 a.pdf 8 once"},
		},
		{
			"picture", seatTicket(), "<b>.png", pngData, nil, model.OutcomeRelayed, http.StatusOK, "再发一个",
			[]string{"put 7 <b>.png image/png", "seat_message on wang session=1 seat=li: image 12 <b>.png 12 once"},
		},
		{
			"of_an_employee", employee, "a.pdf", "%PDF-1.7", nil, model.OutcomeRelayed, http.StatusOK, "已发送",
			[]string{"put 7 a.pdf application/pdf", "message on wang session=1 seat=: file 12 a.pdf 8 once"},
		},
		{
			"session_has_ended", seatTicket(), "a.pdf", "%PDF-1.7", refused(model.CodeConflict, "closed"), "", http.StatusConflict, "没有发送：会话已结束",
			[]string{"put 7 a.pdf application/pdf", "seat_message on wang session=1 seat=li: file 12 a.pdf 8 once", "drop 7 12"},
		},
		{"session_is_closed", of(6), "a.pdf", "%PDF-1.7", nil, "", http.StatusConflict, "没有发送：会话已结束", nil},
		{"session_is_with_the_bot", of(4), "a.pdf", "%PDF-1.7", nil, "", http.StatusConflict, "没有发送：会话已结束", nil},
		{"session_is_gone", of(99), "a.pdf", "%PDF-1.7", nil, "", http.StatusConflict, "没有发送：会话已结束", nil},
		{
			"not_decided_yet", seatTicket(), "a.pdf", "%PDF-1.7", refused(model.CodeUnavailable, "pending"), "", http.StatusAccepted, "已收到，正在发送",
			[]string{"put 7 a.pdf application/pdf", "seat_message on wang session=1 seat=li: file 12 a.pdf 8 once"},
		},
		{
			"no_database", seatTicket(), "a.pdf", "%PDF-1.7", model.ErrUnavailable, "", http.StatusServiceUnavailable, "没有发送，请稍后重试",
			[]string{"put 7 a.pdf application/pdf", "seat_message on wang session=1 seat=li: file 12 a.pdf 8 once"},
		},
		{"too_small", seatTicket(), "a.txt", "abc", nil, "", http.StatusBadRequest, "至少要有 5 字节", nil},
		{"too_large", seatTicket(), "a.bin", strings.Repeat("x", 20<<20+1), nil, "", http.StatusBadRequest, "不能超过 20 MB", nil},
		{"far_too_large", seatTicket(), "a.bin", strings.Repeat("x", 41<<20), nil, "", http.StatusRequestEntityTooLarge, "太大，没有发送", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &floor{refused: tt.refused, done: handler.Done{Outcome: tt.outcome}}
			payload, kind := form(t, tt.file, tt.data, "once", "k")
			w := visit(t, pages(t, f, tickets), http.MethodPost, tickets.Link(tt.ticket), payload, kind)
			if w.Code != tt.status || !strings.Contains(html.UnescapeString(w.Body.String()), tt.want) {
				t.Errorf("answered %d %s", w.Code, w.Body)
			}
			if diff := cmp.Diff(tt.did, f.did); diff != "" {
				t.Errorf("did (-want +got):\n%s", diff)
			}
		})
	}
	f := &floor{}
	if w := visit(t, pages(t, f, tickets), http.MethodPost, tickets.Link(seatTicket()), "", "multipart/form-data; boundary=x"); w.Code != http.StatusBadRequest ||
		!strings.Contains(w.Body.String(), "请先选择文件") {
		t.Errorf("no file: %d %s", w.Code, w.Body)
	}
}

// A link takes so many files, whatever becomes of them.
func TestUploadsOfOneLink(t *testing.T) {
	t.Parallel()
	tickets := newTickets(t, "secret")
	f := &floor{done: handler.Done{Outcome: model.OutcomeRelayed}}
	h, other := pages(t, f, tickets), seatTicket()
	other.Person = "wang"
	send := func(ticket model.UploadTicket) int {
		payload, kind := form(t, "a.pdf", "%PDF-1.7", "once", "k")
		return visit(t, h, http.MethodPost, tickets.Link(ticket), payload, kind).Code
	}
	for n := range handler.UploadsPerLink {
		if code := send(seatTicket()); code != http.StatusOK {
			t.Fatalf("file %d: %d", n, code)
		}
	}
	if code := send(seatTicket()); code != http.StatusTooManyRequests {
		t.Errorf("one more: %d", code)
	}
	if code := send(other); code != http.StatusOK {
		t.Errorf("another link: %d", code)
	}
	if n := len(f.did); n != 2*(handler.UploadsPerLink+1) {
		t.Errorf("%d things were done", n)
	}
}

// Only so many files are in memory at once.
func TestUploadsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tickets := newTickets(t, "secret")
		gate := make(chan struct{})
		f := &floor{done: handler.Done{Outcome: model.OutcomeRelayed}, storing: gate}
		h := pages(t, f, tickets)
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				payload, kind := form(t, "a.pdf", "%PDF-1.7", "once", "k")
				visit(t, h, http.MethodPost, tickets.Link(seatTicket()), payload, kind)
			})
		}
		synctest.Wait()
		if n := f.inStore.Load(); n != handler.UploadsAtOnce {
			t.Errorf("%d files at once", n)
		}
		close(gate)
		all.Wait()
		if n := f.inStore.Load(); n != 12 {
			t.Errorf("%d files in all", n)
		}
	})
}
