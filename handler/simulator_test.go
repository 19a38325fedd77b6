package handler_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
	"deskmate/model"
)

// fakeSim knows one member and one app, and remembers what was done.
type fakeSim struct {
	saved handler.SimCallback

	faults  handler.SimFaults
	did     []any
	events  []handler.SimEvent
	refused error
}

var simNow = time.Date(2026, 11, 23, 2, 24, 0, 0, time.UTC) //nolint:gochecknoglobals // a fixed time

func (f *fakeSim) Corp() handler.SimCorp { return handler.SimCorp{CorpID: "ww1"} }

func (f *fakeSim) Conversation(p handler.SimPhone) (handler.SimConversation, error) {
	if p != (handler.SimPhone{UserID: "wang", AgentID: 7}) {
		return handler.SimConversation{}, model.ErrNotFound
	}
	return handler.SimConversation{Menu: []handler.SimMenuItem{}, Bubbles: []handler.SimBubble{{MsgID: "1", Type: "text", At: simNow, Text: "<b>您好</b>"}}}, nil
}

func (f *fakeSim) Picture(string) (handler.SimFile, error) {
	return handler.SimFile{ContentType: "image/png", Data: []byte("png")}, nil
}

func (f *fakeSim) done(what ...any) error {
	f.did = append(f.did, what...)
	return f.refused
}

func (f *fakeSim) Enter(p handler.SimPhone) error { return f.done("enter", p) }

func (f *fakeSim) Write(p handler.SimPhone, m handler.SimMessage) (string, error) {
	return "42", f.done(p, m)
}

func (f *fakeSim) SendPicture(p handler.SimPhone, name string, file handler.SimFile) (string, error) {
	return "43", f.done(p, name, file.ContentType)
}

func (f *fakeSim) Press(p handler.SimPhone, what handler.SimPress) error { return f.done(p, what) }

func (f *fakeSim) Open(p handler.SimPhone, address string) (string, *http.Cookie, error) {
	return address + "#" + p.UserID, &http.Cookie{Name: "phone", Value: p.UserID}, f.done(p, address)
}

func (f *fakeSim) Faults() handler.SimFaults     { return f.faults }
func (f *fakeSim) SetFaults(v handler.SimFaults) { f.faults = v }
func (f *fakeSim) Clock() handler.SimClock       { return handler.SimClock{Now: simNow} }
func (f *fakeSim) ExpireTokens()                 { f.did = append(f.did, "expire") }

func (f *fakeSim) Advance(by time.Duration) (handler.SimClock, error) {
	return handler.SimClock{Now: simNow.Add(by)}, f.done(by)
}

func (f *fakeSim) Recent(limit int) []handler.SimTrace {
	return []handler.SimTrace{{ID: int64(limit), Kind: "call", Name: "message/send"}}
}

func (f *fakeSim) Detail(int64) (handler.SimTraceDetail, error) {
	return handler.SimTraceDetail{}, model.ErrNotFound
}

func (f *fakeSim) Watch(_ context.Context, send func(handler.SimEvent) error) {
	for _, e := range f.events {
		if send(e) != nil {
			return
		}
	}
}

func newSimServer(t testing.TB, f *fakeSim) *httptest.Server {
	t.Helper()
	r := gin.New()
	handler.NewSimulator(handler.SimulatorConfig{Screens: f, Hands: f, World: f, Traces: f, Groups: f, Console: f}).Register(r)
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return server
}

// call makes a request and gives the status and the body.
func call(t testing.TB, server *httptest.Server, method, path, contentType, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL+handler.SimPrefix+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, strings.TrimSpace(answer.String())
}

func TestSimulatorActs(t *testing.T) {
	t.Parallel()
	phone := handler.SimPhone{UserID: "wang", AgentID: 7}
	const at = "/apps/7/members/wang"
	for _, c := range []struct {
		name, path, body string
		status           int
		did              []any
	}{
		{"text", at + "/messages", `{"type":"text","text":"在吗"}`, 201, []any{phone, handler.SimMessage{Type: "text", Text: "在吗"}}},
		{"location", at + "/messages", `{"type":"location","title":"总部","latitude":40,"longitude":116}`, 201, []any{
			phone, handler.SimMessage{Type: "location", Title: "总部", Latitude: 40, Longitude: 116},
		}},
		{"empty text", at + "/messages", `{"type":"text","text":"  "}`, 400, nil},
		{"link without address", at + "/messages", `{"type":"link","title":"x","url":"javascript:alert(1)"}`, 400, nil},
		{"unknown type", at + "/messages", `{"type":"file"}`, 422, nil},
		{"click", at + "/cards/m1/click", `{"key":"handoff"}`, 204, []any{phone, handler.SimPress{Kind: handler.PressButton, MsgID: "m1", Key: "handoff"}}},
		{"card menu", at + "/cards/m1/menu", `{"key":"k"}`, 204, []any{phone, handler.SimPress{Kind: handler.PressCardMenu, MsgID: "m1", Key: "k"}}},
		{"submit", at + "/cards/m1/submit", `{"selected":{"q":["a","b"]}}`, 204, []any{
			phone, handler.SimPress{Kind: handler.PressSubmit, MsgID: "m1", Selected: map[string][]string{"q": {"a", "b"}}},
		}},
		{"menu", at + "/menu", `{"key":"handoff"}`, 204, []any{phone, handler.SimPress{Kind: handler.PressMenu, Key: "handoff"}}},
		{"enter", at + "/enter", ``, 204, []any{"enter", phone}},
		{"tokens", "/tokens/expire", ``, 204, []any{"expire"}},
		{"advance", "/clock/advance", `{"seconds":600}`, 200, []any{10 * time.Minute}},
		{"advance back", "/clock/advance", `{"seconds":-5}`, 422, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeSim{}
			status, body := call(t, newSimServer(t, f), http.MethodPost, c.path, "application/json", c.body)
			if status != c.status {
				t.Errorf("status %d, want %d: %s", status, c.status, body)
			}
			if diff := cmp.Diff(c.did, f.did); diff != "" {
				t.Errorf("done (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSimulatorShows(t *testing.T) {
	t.Parallel()
	server := newSimServer(t, &fakeSim{})
	for _, c := range []struct {
		path, want string
		status     int
	}{
		{"/apps/7/members/wang/conversation", `{"menu":[],"bubbles":[{"msgid":"1","mine":false,"type":"text","at":"2026-11-23T02:24:00Z","text":"<b>您好</b>"}]}`, 200},
		{"/clock", `{"now":"2026-11-23T02:24:00Z","ahead_seconds":0}`, 200},
		{"/pictures/x", "png", 200},
		{"/apps/7/members/nobody/conversation", `{"error":{"code":"not_found","reason":"not_found","message":"not found"}}`, 404},
		{"/traces/9", `{"error":{"code":"not_found","reason":"not_found","message":"not found"}}`, 404},
	} {
		status, body := call(t, server, http.MethodGet, c.path, "", "")
		if status != c.status || body != c.want {
			t.Errorf("%s: %d %s, want %d %s", c.path, status, body, c.status, c.want)
		}
	}
}

func TestSimulatorFailuresSayWhatButRepeatNothing(t *testing.T) {
	t.Parallel()
	f := &fakeSim{refused: &model.Error{Code: model.CodeConflict, Reason: "phone_refused", Message: "the button is disabled"}}
	server := newSimServer(t, f)
	status, body := call(t, server, http.MethodPost, "/apps/7/members/wang/menu", "application/json", `{"key":"x"}`)
	if want := `{"error":{"code":"conflict","reason":"phone_refused","message":"the button is disabled"}}`; status != 409 || body != want {
		t.Errorf("%d %s, want 409 %s", status, body, want)
	}
	status, body = call(t, server, http.MethodPost, "/apps/7/members/wang/messages", "application/json", `{"type":"hush-hush"}`)
	if status != 422 || !strings.Contains(body, `"field":"body.type"`) || strings.Contains(body, "hush") {
		t.Errorf("a wrong field is answered with %d %s", status, body)
	}
}

func TestSimulatorFaultsAreSetAndGiven(t *testing.T) {
	t.Parallel()
	f := &fakeSim{}
	want := handler.SimFaults{LatencyMS: 300, SystemBusy: 3, UntrustedIP: true}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	status, body := call(t, newSimServer(t, f), http.MethodPut, "/faults", "application/json", string(text))
	if status != 200 || body != string(text) {
		t.Errorf("%d %s", status, body)
	}
	if diff := cmp.Diff(want, f.faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestSimulatorPictures(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		data   []byte
		status int
		did    []any
	}{
		{"picture", picture.Bytes(), 201, []any{handler.SimPhone{UserID: "wang", AgentID: 7}, "椅子.png", "image/png"}},
		{"something else", []byte("<svg onload=alert(1)>"), 400, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var form bytes.Buffer
			w := multipart.NewWriter(&form)
			part, err := w.CreateFormFile("file", "椅子.png")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := part.Write(c.data); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			f := &fakeSim{}
			status, body := call(t, newSimServer(t, f), http.MethodPost, "/apps/7/members/wang/pictures", w.FormDataContentType(), form.String())
			if status != c.status {
				t.Errorf("status %d, want %d: %s", status, c.status, body)
			}
			if diff := cmp.Diff(c.did, f.did); diff != "" {
				t.Errorf("done (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSimulatorStreams(t *testing.T) {
	t.Parallel()
	f := &fakeSim{events: []handler.SimEvent{
		{Trace: &handler.SimTrace{ID: 1, Kind: "call", Name: "gettoken"}},
		{Touched: &handler.SimTouched{AgentID: 7, UserID: "wang"}},
		{World: &handler.SimWorldChanged{}},
		{}, // something was missed
	}}
	server := newSimServer(t, f)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+handler.SimPrefix+"/stream", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var kinds []string
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if kind, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			kinds = append(kinds, kind)
		}
	}
	if diff := cmp.Diff([]string{"hello", "trace", "touched", "world", "hello"}, kinds); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// Groups implements [handler.SimGroups].
func (f *fakeSim) Groups() []handler.SimGroup {
	return []handler.SimGroup{{ID: "wr1", Name: "群", Bot: "客服", Members: []string{"wang"}}}
}

// Group implements [handler.SimGroups].
func (f *fakeSim) Group(id string) (handler.SimGroupChat, error) {
	if id != "wr1" {
		return handler.SimGroupChat{}, model.ErrNotFound
	}
	return handler.SimGroupChat{SimGroup: f.Groups()[0], Bubbles: []handler.SimGroupBubble{{MsgID: "1", Type: "markdown", At: simNow, Text: "在"}}}, nil
}

// AddGroup implements [handler.SimGroups].
func (f *fakeSim) AddGroup(g handler.SimNewGroup) (handler.SimGroup, error) {
	return handler.SimGroup{ID: g.ID, Name: g.Name, Members: g.Members}, f.done("add", g.ID)
}

// WriteGroup implements [handler.SimGroups].
func (f *fakeSim) WriteGroup(id string, m handler.SimGroupMessage) (string, error) {
	return "44", f.done(id, m)
}

func TestSimulator_groups(t *testing.T) {
	t.Parallel()
	f := &fakeSim{}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	handler.NewSimulator(handler.SimulatorConfig{Screens: f, Hands: f, World: f, Traces: f, Groups: f, Console: f}).Register(r)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{http.MethodGet, "/groups", "", http.StatusOK, `"bot":"客服"`},
		{http.MethodGet, "/groups/wr1", "", http.StatusOK, `"text":"在"`},
		{http.MethodGet, "/groups/none", "", http.StatusNotFound, `"not_found"`},
		{http.MethodPost, "/groups", `{"id":"wr2","name":"新群","members":["wang"]}`, http.StatusOK, `"wr2"`},
		{http.MethodPost, "/groups/wr1/messages", `{"userid":"wang","text":"@客服 在吗"}`, http.StatusOK, `"44"`},
		{http.MethodPost, "/groups/wr1/messages", `{"userid":"wang","text":""}`, http.StatusUnprocessableEntity, ``},
	} {
		req := httptest.NewRequestWithContext(t.Context(), c.method, handler.SimPrefix+c.path, strings.NewReader(c.body))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if w.Code/100 != c.status/100 || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
	if want := []any{"add", "wr2", "wr1", handler.SimGroupMessage{UserID: "wang", Text: "@客服 在吗"}}; !cmp.Equal(want, f.did) {
		t.Errorf("did %v", f.did)
	}
}

// A page opens where the phone says, as its member.
func TestSimulatorOpensPages(t *testing.T) {
	t.Parallel()
	f := &fakeSim{}
	r := gin.New()
	handler.NewSimulator(handler.SimulatorConfig{Hands: f}).Register(r)
	for target, want := range map[string]int{"https%3A%2F%2Fdesk.example%2Fh5%2F": http.StatusFound, "javascript:alert(1)": http.StatusBadRequest, "": http.StatusUnprocessableEntity} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sim/v1/apps/7/members/wang/open?url="+target, http.NoBody))
		if w.Code != want {
			t.Errorf("%q: %d %s", target, w.Code, w.Body)
		}
		if want == http.StatusFound && (w.Header().Get("Location") != "https://desk.example/h5/#wang" || w.Header().Get("Set-Cookie") != "phone=wang") {
			t.Errorf("headers %v", w.Header())
		}
	}
}

// ConsoleApps implements [handler.SimConsole].
func (f *fakeSim) ConsoleApps() []handler.SimConsoleApp {
	return []handler.SimConsoleApp{{AgentID: 7, Name: "IT", Secret: "played"}}
}

// SaveCallback implements [handler.SimConsole].
func (f *fakeSim) SaveCallback(_ context.Context, agentID int64, c handler.SimCallback) error {
	if agentID != 7 {
		return &model.Error{Code: model.CodeConflict, Reason: "callback_refused", Message: "no answer"}
	}
	f.saved = c
	return nil
}

func TestSimConsole(t *testing.T) {
	t.Parallel()
	f := &fakeSim{}
	server := newSimServer(t, f)
	const payload = `{"url":"http://x/callback/it","token":"t","aes_key":"k"}`
	if status, body := call(t, server, http.MethodPut, "/console/apps/7/callback", "application/json", payload); status != http.StatusNoContent {
		t.Errorf("saving: %d %s", status, body)
	}
	if want := (handler.SimCallback{URL: "http://x/callback/it", Token: "t", AESKey: "k"}); f.saved != want {
		t.Errorf("saved %+v", f.saved)
	}
	if status, body := call(t, server, http.MethodPut, "/console/apps/8/callback", "application/json", payload); status != http.StatusConflict || !strings.Contains(body, "no answer") {
		t.Errorf("refused: %d %s", status, body)
	}
	if status, body := call(t, server, http.MethodGet, "/console/apps", "", ""); status != http.StatusOK || !strings.Contains(body, `"secret":"played"`) {
		t.Errorf("listing: %d %s", status, body)
	}
}
