package wecomsim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/wecom"
	"deskmate/wecom/wecomsim"
)

const (
	agent       = 1000002
	otherAgent  = 1000003
	secret      = "secret-of-the-desk"
	otherSecret = "secret-of-the-other"
	token       = "QDG6eK"
	aesKey      = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	waitAtMost  = 10 * time.Second
)

// clock is a clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// env is a corp with two apps, four members and an API that listens.
type env struct {
	*wecomsim.Server
	clock *clock
	api   *httptest.Server
	token string
}

// quick repeats callbacks at once.
func quick() *wecomsim.CallbackPolicy {
	p := wecomsim.DefaultCallbackPolicy()
	p.RetryDelay = time.Millisecond
	return &p
}

func newEnv(t testing.TB) *env {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	s := wecomsim.New(wecomsim.Config{Now: c.Now, Seed: 7, Callback: quick()})
	for _, err := range []error{
		s.AddDepartment(2, 1, "财务部"),
		s.AddDepartment(3, 2, "税务组"),
		s.AddDepartment(4, 1, "人事部"),
		s.AddMember(wecomsim.Member{UserID: "ZhangSan", Name: "张三", Departments: []int64{2}, Mobile: "13800000000"}),
		s.AddMember(wecomsim.Member{UserID: "lisi", Name: "李四", Departments: []int64{3, 4}}),
		s.AddMember(wecomsim.Member{UserID: "wangwu", Name: "王五", Departments: []int64{4}}),
		s.AddMember(wecomsim.Member{UserID: "gone", Name: "离职", Departments: []int64{2}, Status: 5}),
		s.AddApp(wecomsim.App{AgentID: agent, Secret: secret, Name: "员工服务", VisibleDepartments: []int64{2}}),
		s.AddApp(wecomsim.App{AgentID: otherAgent, Secret: otherSecret, Name: "另一个"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	e := &env{Server: s, clock: c, api: httptest.NewServer(s)}
	t.Cleanup(e.api.Close)
	e.token = e.tokenOf(t, secret)
	return e
}

func (e *env) tokenOf(t testing.TB, secret string) string {
	t.Helper()
	reply := e.get(t, "gettoken?corpid="+e.CorpID()+"&corpsecret="+secret)
	value, ok := reply["access_token"].(string)
	if !ok {
		t.Fatalf("gettoken answered %v", reply["errmsg"])
	}
	return value
}

// run sends callbacks until the test ends.
func (e *env) run(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = e.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// quiet waits until every callback is settled.
func (e *env) quiet(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitAtMost)
	defer cancel()
	if err := e.Quiet(ctx); err != nil {
		t.Fatalf("callbacks don't come to rest: %v", err)
	}
}

// get calls a path; access_token is added where it is missing.
func (e *env) get(t testing.TB, path string) map[string]any {
	t.Helper()
	return e.call(t, http.MethodGet, path, nil)
}

// post calls a path with a JSON body: a string goes as it is.
func (e *env) post(t testing.TB, path string, body any) map[string]any {
	t.Helper()
	if text, ok := body.(string); ok {
		return e.call(t, http.MethodPost, path, []byte(text))
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // WeCom takes no \uXXXX escapes
	if err := enc.Encode(body); err != nil {
		t.Fatal(err)
	}
	return e.call(t, http.MethodPost, path, buf.Bytes())
}

func (e *env) call(t testing.TB, method, path string, body []byte) map[string]any {
	t.Helper()
	status, data := e.raw(t, method, path, body)
	if status != http.StatusOK {
		t.Fatalf("%s answered with status %d", path, status)
	}
	var reply map[string]any
	if err := json.Unmarshal(data, &reply); err != nil {
		t.Fatalf("%s did not answer with JSON: %v", path, err)
	}
	return reply
}

func (e *env) raw(t testing.TB, method, path string, body []byte) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.address(path), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, data
}

func (e *env) address(path string) string {
	if !strings.Contains(path, "access_token=") && !strings.HasPrefix(path, "gettoken") {
		path += separator(path) + "access_token=" + e.token
	}
	return e.api.URL + "/cgi-bin/" + path
}

func separator(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

// upload uploads a file and gives the reply.
func (e *env) upload(t testing.TB, kind, field, filename string, data []byte) map[string]any {
	t.Helper()
	return e.uploadTo(t, "media/upload?type="+kind, field, filename, data)
}

// uploadTo is upload to another path.
func (e *env) uploadTo(t testing.TB, path, field, filename string, data []byte) map[string]any {
	t.Helper()
	var buf bytes.Buffer
	form := multipart.NewWriter(&buf)
	head := textproto.MIMEHeader{}
	disposition := `form-data; name="` + field + `"`
	if filename != "" {
		disposition += `; filename="` + filename + `"`
	}
	head.Set("Content-Disposition", disposition)
	head.Set("Content-Type", "application/octet-stream")
	part, err := form.CreatePart(head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.address(path), &buf)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := e.api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var reply map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

// code is a reply's errcode.
func code(t testing.TB, reply map[string]any) int {
	t.Helper()
	n, ok := reply["errcode"].(float64)
	if !ok {
		t.Fatalf("no errcode in %v", reply)
	}
	return int(n)
}

// accepted fails the test unless the reply is a success.
func accepted(t testing.TB, reply map[string]any) map[string]any {
	t.Helper()
	if got := code(t, reply); got != 0 {
		t.Fatalf("errcode %d (%v), want 0", got, reply["errmsg"])
	}
	return reply
}

// refused fails the test unless the reply has the errcode.
func refused(t testing.TB, reply map[string]any, want int) {
	t.Helper()
	if got := code(t, reply); got != want {
		t.Fatalf("errcode %d (%v), want %d", got, reply["errmsg"], want)
	}
}

// text is the body of a send.
func text(to, content string) map[string]any {
	return map[string]any{
		"touser": to, "agentid": agent, "msgtype": "text", "text": map[string]any{"content": content},
	}
}

// desk is the program that WeCom calls back.
type desk struct {
	crypto *wecom.Crypto
	server *httptest.Server
	got    chan received

	mu     sync.Mutex
	answer func(received) (int, string) // nil: 200 and nothing
}

// received is a callback as the desk got it.
type received struct {
	Raw       string `xml:"-"`
	Nonce     string `xml:"-"`
	To        string `xml:"ToUserName"`
	From      string `xml:"FromUserName"`
	Created   int64  `xml:"CreateTime"`
	MsgType   string
	Content   string
	MediaID   string `xml:"MediaId"`
	Thumb     string `xml:"ThumbMediaId"`
	PicURL    string `xml:"PicUrl"`
	Format    string
	LocationX string `xml:"Location_X"`
	Label     string
	Title     string
	URL       string `xml:"Url"`
	MsgID     string `xml:"MsgId"`
	AgentID   int64
	Event     string
	EventKey  string

	Latitude, Longitude, Precision, AppType string
	ScanType                                string   `xml:"ScanCodeInfo>ScanType"`
	ScanResult                              string   `xml:"ScanCodeInfo>ScanResult"`
	Pictures                                []string `xml:"SendPicsInfo>PicList>item>PicMd5Sum"`
	PictureCount                            int      `xml:"SendPicsInfo>Count"`
	PlaceX                                  string   `xml:"SendLocationInfo>Location_X"`
	PlaceLabel                              string   `xml:"SendLocationInfo>Label"`
	PlaceName                               string   `xml:"SendLocationInfo>Poiname"`
	EffectTime                              int64

	TaskID       string `xml:"TaskId"`
	CardType     string
	ResponseCode string
	Selected     []struct {
		Key string   `xml:"QuestionKey"`
		IDs []string `xml:"OptionIds>OptionId"`
	} `xml:"SelectedItems>SelectedItem"`

	TagID                                                     string `xml:"TagId"`
	AddUserItems, DelUserItems, AddPartyItems, DelPartyItems  string
	ChangeType, UserID, NewUserID, Department, Name, ParentID string
	DeptID                                                    string `xml:"Id"`
	Parent                                                    string `xml:"ParentId"`
}

func newDesk(t testing.TB, e *env) *desk {
	t.Helper()
	crypto, err := wecom.NewCrypto(model.Secret(token), model.Secret(aesKey), e.CorpID())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{crypto: crypto, got: make(chan received, 1000)}
	d.server = httptest.NewServer(d)
	t.Cleanup(d.server.Close)
	return d
}

// connect makes a desk the callback of the first app.
func connect(t testing.TB, e *env) *desk {
	t.Helper()
	d := newDesk(t, e)
	if err := e.SetCallback(t.Context(), agent, d.server.URL+"/callback/hr?own=1", token, aesKey); err != nil {
		t.Fatal(err)
	}
	e.run(t)
	return d
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	encrypted := strings.ReplaceAll(q.Get("echostr"), " ", "+")
	if r.Method == http.MethodPost {
		var outer struct{ ToUserName, AgentID, Encrypt string }
		if err := xml.NewDecoder(r.Body).Decode(&outer); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		encrypted = outer.Encrypt
	}
	if d.crypto.Verify(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), encrypted) != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	plain, err := d.crypto.Decrypt(encrypted)
	if err != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(plain)
		return
	}
	in := received{Raw: string(plain), Nonce: q.Get("nonce")}
	if err := xml.Unmarshal(plain, &in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	answer := d.answer
	d.mu.Unlock()
	status, body := http.StatusOK, ""
	if answer != nil {
		status, body = answer(in)
	}
	d.got <- in
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// reply makes the desk answer callbacks so.
func (d *desk) reply(f func(received) (int, string)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = f
}

// next is the next callback the desk gets.
func (d *desk) next(t testing.TB) received {
	t.Helper()
	select {
	case in := <-d.got:
		return in
	case <-time.After(waitAtMost):
		t.Fatal("no callback came")
		return received{}
	}
}

// passive makes a passive reply of the XML inside.
func (d *desk) passive(t testing.TB, inside string) string {
	t.Helper()
	encrypted, err := d.crypto.Encrypt([]byte(inside))
	if err != nil {
		t.Fatal(err)
	}
	return "<xml><Encrypt>" + encrypted + "</Encrypt><MsgSignature>" + d.crypto.Sign("1", "n", encrypted) +
		"</MsgSignature><TimeStamp>1</TimeStamp><Nonce>n</Nonce></xml>"
}

// query makes a query string.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q.Encode()
}

// await waits for a bubble.
func (e *env) await(
	t testing.TB, userID string, after int, match func(wecomsim.Bubble) bool,
) (int, wecomsim.Bubble) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitAtMost)
	defer cancel()
	at, b, err := e.Wait(ctx, agent, userID, after, match)
	if err != nil {
		t.Fatal(err)
	}
	return at, b
}

// png is the head of a picture.
func png() []byte { return []byte("\x89PNG\r\n\x1a\n a picture") }
