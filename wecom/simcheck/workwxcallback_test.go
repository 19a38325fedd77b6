package simcheck_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/xen0n/go-workwx"

	"deskmate/wecom/wecomsim"
)

// inbox takes what go-workwx's handler understood of the callbacks.
type inbox chan *workwx.RxMessage

func (i inbox) OnIncomingMessage(m *workwx.RxMessage) error {
	i <- m
	return nil
}

func (i inbox) next(t testing.TB) *workwx.RxMessage {
	t.Helper()
	select {
	case m := <-i:
		return m
	case <-time.After(waitAtMost):
		t.Fatal("no callback came")
		return nil
	}
}

// connect makes go-workwx's handler the callback of the app.
func connect(t testing.TB, w *world) inbox {
	t.Helper()
	in := make(inbox, 100)
	handler, err := workwx.NewHTTPHandler(token, aesKey, in)
	must(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	must(t, w.SetCallback(t.Context(), agent, server.URL+"/callback", token, aesKey))
	w.run(t)
	return in
}

func quiet(t testing.TB, w *world) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitAtMost)
	defer cancel()
	must(t, w.Quiet(ctx))
}

func TestWorkwxEcho(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	connect(t, w)
	handler, err := workwx.NewHTTPHandler("other", aesKey, make(inbox))
	must(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	if err := w.SetCallback(t.Context(), agent, server.URL, token, aesKey); err == nil {
		t.Error("a URL with another token was saved")
	}
	p := wecomsim.DefaultCallbackPolicy()
	p.BareEcho = true // this handler takes the + for a space
	w.SetCallbackPolicy(p)
	handler, err = workwx.NewHTTPHandler(token, aesKey, make(inbox))
	must(t, err)
	other := httptest.NewServer(handler)
	t.Cleanup(other.Close)
	if err := w.SetCallback(t.Context(), agent, other.URL, token, aesKey); err == nil {
		t.Error("a handler that can't know read a bare +")
	}
}

func TestWorkwxReceivesMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	in := connect(t, w)
	tests := []struct {
		kind  workwx.MessageType
		send  func() string
		check func(*workwx.RxMessage) bool
	}{
		{workwx.MessageTypeText, func() string { return w.Say(agent, "zhangsan", "打印机坏了 <&]]>") }, func(m *workwx.RxMessage) bool {
			x, ok := m.Text()
			return ok && x.GetContent() == "打印机坏了 <&]]>"
		}},
		{workwx.MessageTypeImage, func() string { return w.SendImage(agent, "zhangsan", png(), "a.png") }, func(m *workwx.RxMessage) bool {
			x, ok := m.Image()
			return ok && x.GetMediaID() != "" && strings.HasPrefix(x.GetPicURL(), "https://")
		}},
		{workwx.MessageTypeVoice, func() string { return w.SendVoice(agent, "zhangsan", amr(), "a.amr") }, func(m *workwx.RxMessage) bool {
			x, ok := m.Voice()
			return ok && x.GetMediaID() != "" && x.GetFormat() == "amr"
		}},
		{workwx.MessageTypeVideo, func() string { return w.SendVideo(agent, "zhangsan", mp4(), "a.mp4") }, func(m *workwx.RxMessage) bool {
			x, ok := m.Video()
			return ok && x.GetMediaID() != "" && x.GetThumbMediaID() != ""
		}},
		{workwx.MessageTypeLocation, func() string { return w.SendLocation(agent, "zhangsan", 23.5, 113.25, "广州") }, func(m *workwx.RxMessage) bool {
			x, ok := m.Location()
			return ok && x.GetLatitude() == 23.5 && x.GetLongitude() == 113.25 && x.GetLabel() == "广州" && x.GetScale() == 16
		}},
		{workwx.MessageTypeLink, func() string { return w.SendLink(agent, "zhangsan", "题", "述", "https://a.example") }, func(m *workwx.RxMessage) bool {
			x, ok := m.Link()
			return ok && x.GetTitle() == "题" && x.GetDescription() == "述" && x.GetURL() == "https://a.example"
		}},
	}
	for _, tt := range tests {
		if tt.send() == "" {
			t.Fatalf("a %s could not be sent", tt.kind)
		}
		m := in.next(t)
		if m.MsgType != tt.kind || !tt.check(m) || m.FromUserID != "ZhangSan" || m.AgentID != agent || m.MsgID == 0 ||
			time.Since(m.SendTime) > time.Minute {
			t.Errorf("%s came as %v", tt.kind, m)
		}
	}
}

func TestWorkwxReceivesEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	in := connect(t, w)
	must(t, w.Enter(agent, "lisi"))
	enter := in.next(t)
	if x, ok := enter.EventUnknown(); !ok || x.EventType != "enter_agent" || enter.FromUserID != "lisi" {
		t.Errorf("the entry came as %v", enter)
	}
	must(t, w.AddMember(wecomsim.Member{UserID: "Zhao", Name: "赵", Departments: []int64{3}}))
	created := in.next(t)
	if x, ok := created.EventChangeTypeCreateUser(); !ok || x.UserID != "Zhao" || x.Name != "赵" || x.Department != "3" ||
		created.FromUserID != "sys" || created.Event != workwx.EventTypeChangeContact {
		t.Errorf("the new member came as %v", created)
	}
	if m := in.next(t); m.Event != workwx.EventTypeAppSubscribe || m.FromUserID != "Zhao" {
		t.Errorf("the subscription came as %v", m)
	}
	w.setMenu(t, `{"button":[{"type":"click","name":"转人工","key":"human"},{"type":"view","name":"我的","url":"https://a.example/h5"}]}`)
	must(t, w.ClickMenu(agent, "lisi", "human"))
	if x, ok := in.next(t).EventAppMenuClick(); !ok || x.EventKey != "human" {
		t.Error("the click is another event")
	}
	must(t, w.ClickMenu(agent, "lisi", "https://a.example/h5"))
	if x, ok := in.next(t).EventAppMenuView(); !ok || x.EventKey != "https://a.example/h5" {
		t.Error("the view is another event")
	}
	must(t, w.RenameMember("Zhao", "Zhao2"))
	renamed := in.next(t)
	if x, ok := renamed.EventChangeTypeUpdateUser(); !ok || x.UserID != "Zhao" || x.NewUserID != "Zhao2" {
		t.Errorf("the new userid came as %v", renamed)
	}
	quiet(t, w)
	if got := w.Counts(); got.Failed != 0 || got.InvalidReplies != 0 {
		t.Errorf("counts %+v", got)
	}
}

// failing is a handler's receiver that has trouble once.
type failing struct {
	inbox
	failed chan struct{}
}

func (f failing) OnIncomingMessage(m *workwx.RxMessage) error {
	select {
	case f.failed <- struct{}{}:
		return errors.New("not now")
	default:
		return f.inbox.OnIncomingMessage(m)
	}
}

func TestWorkwxGetsRepeats(t *testing.T) {
	t.Parallel()
	p := wecomsim.DefaultCallbackPolicy()
	p.RetryDelay = time.Millisecond
	w := newWorld(t, wecomsim.Config{Callback: &p})
	in := failing{inbox: make(inbox, 1), failed: make(chan struct{}, 1)}
	handler, err := workwx.NewHTTPHandler(token, aesKey, in)
	must(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	must(t, w.SetCallback(t.Context(), agent, server.URL, token, aesKey))
	w.run(t)
	w.Say(agent, "lisi", "在吗")
	if x, ok := in.next(t).Text(); !ok || x.GetContent() != "在吗" {
		t.Error("the repeat is another message")
	}
	quiet(t, w)
	if d := w.Deliveries()[0]; d.Attempts != 2 || d.State != wecomsim.DeliveryAccepted {
		t.Errorf("%d attempts, %s", d.Attempts, d.State)
	}
}
