package wecomsim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

func TestSetCallback(t *testing.T) {
	t.Parallel()
	for name, bare := range map[string]bool{"escaped": false, "bare": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testSetCallback(t, bare)
		})
	}
}

// testSetCallback saves callback URLs, right and wrong; bare says how a "+" is sent.
func testSetCallback(t *testing.T, bare bool) {
	t.Helper()
	e := newEnv(t)
	p := quick()
	p.BareEcho = bare
	e.SetCallbackPolicy(*p)
	d := newDesk(t, e)
	answering := func(status int, body string) string {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(srv.Close)
		return srv.URL
	}
	var sawBare, sawEscaped atomic.Bool
	extra := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, echo, _ := strings.Cut(r.URL.RawQuery, "echostr=")
		sawBare.Store(strings.Contains(echo, "+"))
		sawEscaped.Store(strings.Contains(echo, "%2B"))
		d.ServeHTTP(w, r)
		_, _ = w.Write([]byte("\n"))
	}))
	t.Cleanup(extra.Close)
	tests := []struct {
		name, url, token, key string
		ok                    bool
	}{
		{"right", d.server.URL + "/callback/hr", token, aesKey, true},
		{"wrong token", d.server.URL, "other", aesKey, false},
		{"a line end too much", extra.URL, token, aesKey, false},
		{"another status", answering(http.StatusForbidden, ""), token, aesKey, false},
		{"another text", answering(http.StatusOK, "success"), token, aesKey, false},
		{"nobody there", "http://127.0.0.1:1/", token, aesKey, false},
		{"no scheme", "127.0.0.1/callback", token, aesKey, false},
		{"a short key", d.server.URL, token, aesKey[:42], false},
		{"a long token", d.server.URL, strings.Repeat("a", 33), aesKey, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := e.SetCallback(t.Context(), agent, tt.url, tt.token, tt.key)
			if (err == nil) != tt.ok {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Cleanup(func() {
		if sawBare.Load() != bare || sawEscaped.Load() == bare {
			t.Error("the + of the echostr came in the other form")
		}
	})
	if err := e.SetCallback(t.Context(), 1, d.server.URL, token, aesKey); err == nil {
		t.Error("an unknown app got a callback")
	}
}

func TestSetCallbackTakesOneSecond(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(release) })
	begin := time.Now()
	if err := e.SetCallback(t.Context(), agent, srv.URL, token, aesKey); err == nil {
		t.Error("a URL that never answers was saved")
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestInbound(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	tests := []struct {
		name  string
		send  func() string
		check func(received) bool
	}{
		{"text", func() string { return e.Say(agent, "zhangsan", "a]]>b<&\x01\n你好") }, func(in received) bool {
			return in.MsgType == "text" && in.Content == "a]]>b<&\n你好"
		}},
		{"image", func() string { return e.SendImage(agent, "zhangsan", png(), "p.png") }, func(in received) bool {
			return in.MsgType == "image" && in.MediaID != "" && in.PicURL != ""
		}},
		{"voice", func() string { return e.SendVoice(agent, "zhangsan", []byte("#!AMR\n"), "v.amr") }, func(in received) bool {
			return in.MsgType == "voice" && in.MediaID != "" && in.Format == "amr"
		}},
		{"video", func() string { return e.SendVideo(agent, "zhangsan", []byte("0000ftyp"), "v.mp4") }, func(in received) bool {
			return in.MsgType == "video" && in.MediaID != "" && in.Thumb != "" && in.Thumb != in.MediaID
		}},
		{"location", func() string { return e.SendLocation(agent, "zhangsan", 23.5, 113.25, "广州") }, func(in received) bool {
			return in.MsgType == "location" && in.LocationX == "23.5" && in.Label == "广州"
		}},
		{"link", func() string { return e.SendLink(agent, "zhangsan", "题", "述", "https://a.example") }, func(in received) bool {
			return in.MsgType == "link" && in.Title == "题" && in.URL == "https://a.example"
		}},
	}
	for _, tt := range tests {
		msgID := tt.send()
		in := d.next(t)
		if !tt.check(in) || in.MsgID != msgID || in.From != "ZhangSan" || in.To != e.CorpID() ||
			in.AgentID != agent || in.Created != e.clock.Now().Unix() {
			t.Errorf("%s came as %+v", tt.name, in)
		}
		at, b := e.await(t, "zhangsan", 0, func(b wecomsim.Bubble) bool { return b.MsgID == msgID })
		if b.From != "ZhangSan" || b.Type != tt.name || at == 0 {
			t.Errorf("%s is shown as %+v", tt.name, b)
		}
	}
	image := e.Screen(agent, "zhangsan")[1].Media
	if status, data := e.raw(t, http.MethodGet, "media/get?media_id="+image.ID, nil); status != 200 || string(data) != string(png()) {
		t.Error("the picture can't be fetched")
	}
	accepted(t, e.post(t, "message/send", message("image", map[string]any{"media_id": image.ID})))
}

func TestInboundImpossible(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	if e.Say(agent, "zhangsan", "hi") != "" {
		t.Error("an app without callback URL got a message")
	}
	d := connect(t, e)
	if e.Say(agent, "zhangsan", "") != "" || e.Say(agent, "wangwu", "hi") != "" || e.Say(agent, "nobody", "hi") != "" || e.Say(1, "zhangsan", "hi") != "" ||
		e.Say(agent, "gone", "hi") != "" {
		t.Error("somebody who does not see the app wrote to it")
	}
	if err := e.SendFile(agent, "zhangsan", []byte("x"), "a.pdf"); err == nil {
		t.Error("a file was sent")
	}
	e.quiet(t)
	if len(d.got) != 0 || len(e.Deliveries()) != 0 {
		t.Error("callbacks came of it")
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	if err := e.ClickMenu(agent, "lisi", "human"); err == nil {
		t.Error("a menu that isn't there was pressed")
	}
	accepted(t, e.post(t, "menu/create?agentid=1000002", map[string]any{"button": []any{
		map[string]any{"type": "click", "name": "转人工", "key": "human"},
		map[string]any{"name": "更多", "sub_button": []any{
			map[string]any{"type": "view", "name": "我的", "url": "https://a.example/h5"},
		}},
	}}))
	steps := []struct {
		do         func() error
		event, key string
	}{
		{func() error { return e.Enter(agent, "lisi") }, "enter_agent", ""},
		{func() error { return e.ClickMenu(agent, "lisi", "human") }, "click", "human"},
		{func() error { return e.ClickMenu(agent, "lisi", "https://a.example/h5") }, "view", "https://a.example/h5"},
		{func() error { return e.SetVisible(agent, []string{"WangWu"}, nil) }, "subscribe", ""}, // and two more
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if in := d.next(t); in.Event != step.event || in.EventKey != step.key || in.MsgType != "event" || in.AgentID != agent {
			t.Errorf("event %+v, want %s", in, step.event)
		}
	}
	left := map[string]string{}
	for range 2 {
		in := d.next(t)
		left[in.From] = in.Event
	}
	if diff := cmp.Diff(map[string]string{"ZhangSan": "unsubscribe", "lisi": "unsubscribe"}, left); diff != "" {
		t.Errorf("who left (-want +got):\n%s", diff)
	}
	if err := e.ClickMenu(agent, "wangwu", "none"); err == nil {
		t.Error("a button that isn't there was pressed")
	}
	accepted(t, e.post(t, "agent/set", map[string]any{"agentid": agent, "isreportenter": 0}))
	if err := e.Enter(agent, "wangwu"); err != nil {
		t.Error(err)
	}
	e.quiet(t)
	if len(d.got) != 0 {
		t.Error("an entry was reported that is not ticked")
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		policy   func(*wecomsim.CallbackPolicy)
		statuses []int // answers in turn, then 200; 0 breaks the connection
		attempts int
		state    wecomsim.DeliveryState
	}{
		{"accepted at once", nil, nil, 1, wecomsim.DeliveryAccepted},
		{"another status", nil, []int{500, 302, 404}, 4, wecomsim.DeliveryAccepted},
		{"a broken connection", nil, []int{0}, 2, wecomsim.DeliveryAccepted},
		{"given up after three repeats", nil, []int{500, 500, 500, 500}, 4, wecomsim.DeliveryFailed},
		{
			"another status is final where so configured",
			func(p *wecomsim.CallbackPolicy) { p.RetryNon200 = false },
			[]int{500},
			1, wecomsim.DeliveryFailed,
		},
		{
			"a broken connection is not",
			func(p *wecomsim.CallbackPolicy) { p.RetryNon200 = false },
			[]int{0, 0},
			3, wecomsim.DeliveryAccepted,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			d := connect(t, e)
			if tt.policy != nil {
				p := quick()
				tt.policy(p)
				e.SetCallbackPolicy(*p)
			}
			var mu sync.Mutex
			var nonces []string
			turn := 0
			d.reply(func(in received) (int, string) {
				mu.Lock()
				defer mu.Unlock()
				nonces = append(nonces, in.Nonce)
				turn++
				if turn > len(tt.statuses) {
					return http.StatusOK, ""
				}
				if tt.statuses[turn-1] == 0 {
					panic(http.ErrAbortHandler)
				}
				return tt.statuses[turn-1], ""
			})
			e.Say(agent, "lisi", "hi")
			e.quiet(t)
			got := e.Deliveries()[0]
			if got.State != tt.state || got.Attempts != tt.attempts {
				t.Errorf("%s after %d attempts, want %s after %d", got.State, got.Attempts, tt.state, tt.attempts)
			}
			if got.Kind != "text" || got.UserID != "lisi" || !strings.Contains(got.Body, "<Content><![CDATA[hi]]></Content>") {
				t.Errorf("delivery %+v", got)
			}
			seen := map[string]bool{}
			for _, n := range nonces {
				seen[n] = true
			}
			if len(seen) != len(nonces) {
				t.Error("a repeat had the nonce of an earlier attempt")
			}
		})
	}
}

func TestCallbackTimeout(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	p := quick()
	p.Timeout = 50 * time.Millisecond
	e.SetCallbackPolicy(*p)
	release := make(chan struct{})
	var calls atomic.Int32
	d.reply(func(received) (int, string) {
		if calls.Add(1) == 1 {
			<-release
		}
		return http.StatusOK, ""
	})
	t.Cleanup(func() { close(release) })
	e.Say(agent, "lisi", "hi")
	e.quiet(t)
	got := e.Deliveries()[0]
	if got.State != wecomsim.DeliveryAccepted || got.Attempts != 2 {
		t.Errorf("%s after %d attempts (%s)", got.State, got.Attempts, got.Err)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	held := make(chan struct{})
	d.reply(func(in received) (int, string) {
		if in.From == "lisi" {
			<-held
		}
		return http.StatusOK, ""
	})
	for i := range 20 {
		e.Say(agent, "lisi", fmt.Sprint(i))
	}
	e.Say(agent, "zhangsan", "me too")
	if in := d.next(t); in.From != "ZhangSan" {
		t.Errorf("%s came first, although their callback hangs", in.From)
	}
	close(held)
	for i := range 20 {
		if in := d.next(t); in.Content != fmt.Sprint(i) {
			t.Fatalf("callback %d says %s", i, in.Content)
		}
	}
}

func TestRunStopsAndGoesOn(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := newDesk(t, e)
	if err := e.SetCallback(t.Context(), agent, d.server.URL, token, aesKey); err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	arrived := make(chan struct{}, 10)
	d.reply(func(received) (int, string) {
		arrived <- struct{}{}
		<-release
		return http.StatusOK, ""
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	e.Say(agent, "lisi", "first")
	e.Say(agent, "lisi", "second")
	<-arrived
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	if got := e.Deliveries()[0].State; got != wecomsim.DeliveryQueued {
		t.Errorf("what was broken off is %s", got)
	}
	close(release)
	d.next(t) // the attempt that nobody waits for any more
	e.run(t)
	for _, want := range []string{"first", "second"} {
		if in := d.next(t); in.Content != want {
			t.Errorf("%q came, want %q", in.Content, want)
		}
	}
}

func TestCallbackFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		faults wecomsim.Faults
		want   []string
	}{
		{"none", wecomsim.Faults{}, []string{"1", "2", "3"}},
		{"duplicated", wecomsim.Faults{CallbackDuplicate: 1}, []string{"1", "1", "2", "2", "3", "3"}},
		{"reordered", wecomsim.Faults{CallbackReorder: 2}, []string{"2", "1", "3"}},
		{"lost", wecomsim.Faults{CallbackLose: 2}, []string{"3"}},
		{"late", wecomsim.Faults{CallbackDelay: time.Millisecond}, []string{"1", "2", "3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			d := newDesk(t, e)
			if err := e.SetCallback(t.Context(), agent, d.server.URL, token, aesKey); err != nil {
				t.Fatal(err)
			}
			e.SetFaults(tt.faults)
			for _, word := range []string{"1", "2", "3"} {
				e.Say(agent, "lisi", word)
			}
			e.run(t)
			e.quiet(t)
			var got []string
			for len(d.got) > 0 {
				got = append(got, d.next(t).Content)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("callbacks (-want +got):\n%s", diff)
			}
			if counts := e.Counts(); counts.Lost != 3-counts.Accepted || e.Faults().CallbackLose != 0 {
				t.Errorf("counts %+v", counts)
			}
		})
	}
}
