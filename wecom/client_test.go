package wecom_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/silenceper/wechat/v2/util"

	"deskmate/model"
	"deskmate/wecom"
)

func TestNewClientChecksAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cfg  wecom.Config
		ok   bool
	}{
		{"defaults", wecom.Config{}, true},
		{"path", wecom.Config{BaseURL: "https://proxy.example/wecom/"}, true},
		{"no_scheme", wecom.Config{BaseURL: "qyapi.weixin.qq.com"}, false},
		{"another_scheme", wecom.Config{BaseURL: "ftp://x"}, false},
		{"no_host", wecom.Config{OAuthBase: "https://"}, false},
		{"no_url", wecom.Config{LoginBase: "http://user:hunter2@x:y"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := wecom.NewClient(tt.cfg)
			if (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a password")
			}
		})
	}
}

func TestBasePathIsKept(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var paths []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
		reply(w, `{"access_token":"t","expires_in":7200,"userid":"u"}`) // without errcode, as old endpoints do
	}))
	t.Cleanup(server.Close)
	c := mustClient(t, wecom.Config{BaseURL: server.URL + "/wecom/"})
	if _, err := c.Member(t.Context(), account(), "u"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Ping(t.Context(), account()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := []string{"/wecom/cgi-bin/gettoken", "/wecom/cgi-bin/user/get", "/wecom/cgi-bin/agent/get"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Error(diff)
	}
}

// failing is a server that fails every call but gettoken.
func failing(t testing.TB, path string, handler http.HandlerFunc) *api {
	t.Helper()
	a := newAPI(t)
	a.handle(path, handler)
	return a
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func answer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, body) }
}

func TestPushFailureClasses(t *testing.T) {
	t.Parallel()
	update := model.Push{Receiver: "zhangsan", Kind: model.PushUpdate, Update: &model.CardUpdate{ResponseCode: "r", Replace: "x"}}
	recall := model.Push{Receiver: "zhangsan", Kind: model.PushRecall, MsgID: "m"}
	tests := []struct {
		name    string
		path    string
		handler http.HandlerFunc
		push    model.Push
		want    model.PushError
	}{
		{"hang_up", "message/send", hangUp, textPush("x"), model.PushError{Class: model.FailUncertain}},
		{"hang_up_update", "message/update_template_card", hangUp, update, model.PushError{Class: model.FailRetry}},
		{"hang_up_recall", "message/recall", hangUp, recall, model.PushError{Class: model.FailRetry}},
		{"server_error", "message/send", status(502), textPush("x"), model.PushError{Class: model.FailUncertain}},
		{"server_error_update", "message/update_template_card", status(502), update, model.PushError{Class: model.FailRetry}},
		{"too_many", "message/send", status(429), textPush("x"), model.PushError{Class: model.FailRetry}},
		{"not_found", "message/send", status(404), textPush("x"), model.PushError{Class: model.FailAlert}},
		{"redirect", "message/send", status(301), textPush("x"), model.PushError{Class: model.FailAlert}},
		{"no_json", "message/send", answer("<html>"), textPush("x"), model.PushError{Class: model.FailUncertain}},
		{"other_types", "message/send", answer(`{"errcode":0,"msgid":{}}`), textPush("x"), model.PushError{Class: model.FailUncertain}},
		{"busy", "message/send", answer(`{"errcode":-1,"errmsg":"system busy"}`), textPush("x"), model.PushError{Class: model.FailRetry, Code: -1}},
		{"too_often", "message/send", answer(`{"errcode":45009}`), textPush("x"), model.PushError{Class: model.FailRetry, Code: 45009, After: time.Minute}},
		{"no_receiver", "message/send", answer(`{"errcode":81013}`), textPush("x"), model.PushError{Class: model.FailDrop, Code: 81013}},
		{"trusted_ip", "message/send", answer(`{"errcode":60020,"errmsg":"not allow to access from your ip, from ip: 1.2.3.4"}`), textPush("x"), model.PushError{Class: model.FailAlert, Code: 60020, After: time.Minute}},
		{"token_again", "message/send", answer(`{"errcode":40014}`), textPush("x"), model.PushError{Class: model.FailAlert, Code: 40014, After: time.Minute}},
		{"unknown", "message/send", answer(`{"errcode":987654}`), textPush("x"), model.PushError{Class: model.FailAlert, Code: 987654, After: time.Minute}},
		{"unknown_update", "message/update_template_card", answer(`{"errcode":987654}`), update, model.PushError{Class: model.FailDrop, Code: 987654, After: time.Minute}},
		{"update_not_permitted", "message/update_template_card", answer(`{"errcode":48002}`), update, model.PushError{Class: model.FailAlert, Code: 48002, After: time.Minute}},
		{"left_out", "message/send", answer(`{"errcode":0,"invaliduser":"lisi|ZHANGSAN","msgid":"m"}`), textPush("x"), model.PushError{Class: model.FailDrop}},
		{"no_licence", "message/send", answer(`{"errcode":0,"unlicenseduser":"zhangsan"}`), textPush("x"), model.PushError{Class: model.FailDrop}},
		{"left_out_of_update", "message/update_template_card", answer(`{"errcode":0,"invaliduser":["zhangsan"]}`), update, model.PushError{Class: model.FailDrop}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := failing(t, tt.path, tt.handler).client().Push(t.Context(), account(), tt.push)
			var got *model.PushError
			if !errors.As(err, &got) {
				t.Fatalf("got %v", err)
			}
			if got.Class != tt.want.Class || got.Code != tt.want.Code || got.After != tt.want.After || got.Err == nil {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if strings.Contains(err.Error(), "token-") {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestPushThatWasNeverSent(t *testing.T) {
	t.Parallel()
	t.Run("connection_refused", func(t *testing.T) {
		t.Parallel()
		store := newMemory()
		a := newAPI(t)
		a.on("message/send", sentOK)
		c := mustClient(t, wecom.Config{BaseURL: a.URL, Tokens: store})
		if _, err := c.Push(t.Context(), account(), textPush("x")); err != nil {
			t.Fatal(err)
		}
		a.Close()
		c = mustClient(t, wecom.Config{BaseURL: a.URL, Tokens: store}) // with the token, without connections
		_, err := c.Push(t.Context(), account(), textPush("x"))
		if model.ClassOf(err) != model.FailRetry || !errors.Is(err, model.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("token_of_unknown_outcome", func(t *testing.T) {
		t.Parallel()
		_, err := failing(t, "gettoken", hangUp).client().Push(t.Context(), account(), textPush("x"))
		if model.ClassOf(err) != model.FailRetry {
			t.Errorf("got %v", err)
		}
	})
	t.Run("context_ended", func(t *testing.T) {
		t.Parallel()
		a := newAPI(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := a.client().Push(ctx, account(), textPush("x"))
		if model.ClassOf(err) != model.FailRetry || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if n := len(a.asked("gettoken")); n != 0 {
			t.Errorf("%d calls were made", n)
		}
	})
	t.Run("transport_that_tells_nothing", func(t *testing.T) {
		t.Parallel()
		a := newAPI(t)
		c := mustClient(t, wecom.Config{BaseURL: a.URL, HTTP: &http.Client{Transport: silent{}}})
		_, err := c.Push(t.Context(), account(), textPush("x"))
		if model.ClassOf(err) != model.FailUncertain {
			t.Errorf("got %v", err)
		}
	})
}

// silent is a transport that sends tokens and fails for messages, without a trace.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/gettoken") {
		w := httptest.NewRecorder()
		reply(w, `{"access_token":"t","expires_in":7200}`)
		return w.Result(), nil
	}
	return nil, net.ErrClosed
}

func TestPushCancelledUnderway(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	a := failing(t, "message/send", func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() {
		<-arrived
		cancel()
	}()
	_, err := a.client().Push(ctx, account(), textPush("x"))
	if model.ClassOf(err) != model.FailUncertain || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSDKCallCancelledUnderway(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	a := failing(t, "user/get", func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := a.client().Member(ctx, account(), "u"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNothingSecretIsShown(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *wecom.Client) error{
		"gettoken": func(ctx context.Context, c *wecom.Client) error { _, err := c.Ping(ctx, account()); return err },
		"message/send": func(ctx context.Context, c *wecom.Client) error {
			_, err := c.Push(ctx, account(), textPush("机密"))
			return err
		},
		"agent/get": func(ctx context.Context, c *wecom.Client) error { _, err := c.AgentGet(ctx, account()); return err },
		"user/get":  func(ctx context.Context, c *wecom.Client) error { _, err := c.Member(ctx, account(), "u"); return err },
		"media/get": func(ctx context.Context, c *wecom.Client) error {
			_, err := c.DownloadMedia(ctx, account(), "m")
			return err
		},
		"media/upload": func(ctx context.Context, c *wecom.Client) error {
			_, err := c.UploadMedia(ctx, account(), "file", "a.txt", strings.NewReader("机密 file"))
			return err
		},
		"auth/getuserinfo": func(ctx context.Context, c *wecom.Client) error {
			_, err := c.UserFromCode(ctx, account(), "one-time")
			return err
		},
		"get_jsapi_ticket": func(ctx context.Context, c *wecom.Client) error {
			_, err := c.SignPage(ctx, account(), wecom.JSCorp, "https://p")
			return err
		},
	}
	failures := map[string]http.HandlerFunc{
		"hang_up": hangUp, "status": status(500), "not_found": status(404), "no_json": answer("机密 token-1"),
		"echoed": func(w http.ResponseWriter, r *http.Request) {
			reply(w, fmt.Sprintf(`{"errcode":40058,"errmsg":"bad request %s"}`, r.URL.RequestURI()))
		},
	}
	for path, call := range calls {
		for name, failure := range failures {
			t.Run(path+"_"+name, func(t *testing.T) {
				t.Parallel()
				var log logBuffer
				a := failing(t, path, failure)
				err := call(t.Context(), mustClient(t, wecom.Config{BaseURL: a.URL, Log: log.logger()}))
				if err == nil {
					t.Fatal("no error")
				}
				for _, secret := range []string{"app-secret", "token-1", "one-time", "机密"} {
					if strings.Contains(err.Error()+log.String(), secret) {
						t.Errorf("%q is shown: %v, log %s", secret, err, &log)
					}
				}
				if !strings.Contains(err.Error(), path) {
					t.Errorf("the endpoint is not named: %v", err)
				}
			})
		}
	}
}

func TestTransportErrorsAreMasked(t *testing.T) {
	t.Parallel()
	cause := errors.New("proxy refused GET /?access_token=token-1&x=1")
	c := mustClient(t, wecom.Config{HTTP: &http.Client{Transport: refusing{cause}}})
	_, err := c.AgentGet(t.Context(), account())
	if !errors.Is(err, cause) || strings.Contains(err.Error(), "token-1") || !strings.Contains(err.Error(), "access_token=***&x=1") {
		t.Errorf("got %v", err)
	}
}

// refusing is a transport that fails always.
type refusing struct{ err error }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, r.err }

func TestSDKReachesNobodyByItself(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("user/get", `{"errcode":0,"userid":"u"}`)
	if _, err := a.client().Member(t.Context(), account(), "u"); err != nil {
		t.Fatal(err)
	}
	if _, err := util.PostJSON("https://qyapi.weixin.qq.com/cgi-bin/user/get?access_token=token-1", "x"); err == nil || !strings.Contains(err.Error(), "no client asked") {
		t.Errorf("got %v", err)
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("agent/get", `{"errcode":48002}`)
	a.handle("user/get", hangUp)
	a.handle("media/get", hangUp)
	var mu sync.Mutex
	var seen []string
	c := mustClient(t, wecom.Config{BaseURL: a.URL, Observe: func(endpoint string, code int64, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		if took <= 0 {
			t.Errorf("%s took %s", endpoint, took)
		}
		seen = append(seen, fmt.Sprint(endpoint, " ", code))
	}})
	_, err1 := c.AgentGet(t.Context(), account())
	_, err2 := c.Member(t.Context(), account(), "u")
	_, err3 := c.DownloadMedia(t.Context(), account(), "m")
	if err1 == nil || err2 == nil || err3 == nil {
		t.Error("a call succeeds")
	}
	mu.Lock()
	defer mu.Unlock()
	want := []string{"gettoken 0", "agent/get 48002", "user/get -100", "media/get -100"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsAreClassed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    model.Code
	}{
		{"no_answer", hangUp, model.CodeUnavailable},
		{"server_error", status(503), model.CodeUnavailable},
		{"somebody_else", status(404), model.CodeInternal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := failing(t, "agent/get", tt.handler).client().AgentGet(t.Context(), account())
			if got := model.CodeOf(err); got != tt.want {
				t.Errorf("%v is %s, want %s", err, got, tt.want)
			}
		})
	}
}
