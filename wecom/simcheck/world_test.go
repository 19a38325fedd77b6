package simcheck_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"deskmate/wecom/wecomsim"
)

const (
	agent         = 1000002
	agentText     = "1000002"
	secret        = "secret-of-the-desk"
	contactSecret = "secret-of-the-contacts"
	token         = "QDG6eK"
	aesKey        = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	waitAtMost    = 10 * time.Second
)

// world is a corp with one app, two members and an API that listens.
type world struct {
	*wecomsim.Server
	api *httptest.Server
}

func newWorld(t testing.TB, cfg wecomsim.Config) *world {
	t.Helper()
	cfg.ContactSecret = contactSecret
	s := wecomsim.New(cfg)
	for _, err := range []error{
		s.AddDepartment(2, 1, "财务部"),
		s.AddDepartment(3, 2, "税务组"),
		s.AddMember(wecomsim.Member{
			UserID: "ZhangSan", Name: "张三", Departments: []int64{2, 3}, Position: "会计", Mobile: "13800000000",
			BizMail: "zhang@corp.example", Gender: 1, Leader: []string{"lisi"},
		}),
		s.AddMember(wecomsim.Member{UserID: "lisi", Name: "李四", Departments: []int64{2}}),
		s.SetTag(wecomsim.Tag{ID: 7, Name: "值班", Members: []string{"lisi"}, Departments: []int64{3}}),
		s.AddApp(wecomsim.App{AgentID: agent, Secret: secret, Name: "员工服务", ContactEvents: true}),
		s.AddWebhook("hook"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w := &world{Server: s, api: httptest.NewServer(s)}
	t.Cleanup(w.api.Close)
	return w
}

// run sends callbacks until the test ends.
func (w *world) run(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// setMenu gives the app a menu: neither client knows menu/create.
func (w *world) setMenu(t testing.TB, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		w.api.URL+"/cgi-bin/gettoken?corpid="+w.CorpID()+"&corpsecret="+secret, http.NoBody)
	must(t, err)
	var reply struct {
		Token string `json:"access_token"`
		Code  int    `json:"errcode"`
	}
	w.do(t, req, &reply)
	req, err = http.NewRequestWithContext(t.Context(), http.MethodPost,
		w.api.URL+"/cgi-bin/menu/create?agentid="+agentText+"&access_token="+reply.Token, strings.NewReader(body))
	must(t, err)
	w.do(t, req, &reply)
	if reply.Code != 0 {
		t.Fatalf("menu/create gave errcode %d", reply.Code)
	}
}

func (w *world) do(t testing.TB, req *http.Request, reply any) {
	t.Helper()
	resp, err := w.api.Client().Do(req)
	must(t, err)
	defer resp.Body.Close()
	must(t, json.NewDecoder(resp.Body).Decode(reply))
}

// last is the newest bubble on a member's screen.
func (w *world) last(t testing.TB, userID string) wecomsim.Bubble {
	t.Helper()
	shown := w.Screen(agent, userID)
	if len(shown) == 0 {
		t.Fatalf("%s sees nothing", userID)
	}
	return shown[len(shown)-1]
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func png() []byte { return []byte("\x89PNG\r\n\x1a\n a picture") }

func amr() []byte { return append([]byte("#!AMR\n"), make([]byte, 13)...) }

func mp4() []byte { return []byte("\x00\x00\x00\x18ftypmp42") }
