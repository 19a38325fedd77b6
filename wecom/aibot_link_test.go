package wecom_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/wecom"
)

// hub is the far end of a bot's connection, as slow as a test likes.
type hub struct {
	frames  chan string   // the commands that came in
	admit   chan struct{} // closed when subscriptions are answered
	mention chan string   // the ids of messages to send down
}

func newHub() *hub {
	return &hub{frames: make(chan string, 16), admit: make(chan struct{}), mention: make(chan string, 16)}
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := r.Context()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case id := <-h.mention:
				_ = conn.Write(ctx, websocket.MessageText, []byte(`{"cmd":"aibot_msg_callback","headers":{"req_id":"`+id+`"},"body":{"msgid":"`+id+
					`","aibotid":"aib","chattype":"group","chatid":"c","from":{"userid":"li"},"msgtype":"text","text":{"content":"@bot hi"}}}`))
			}
		}
	}()
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var frame struct {
			Cmd     string `json:"cmd"`
			Headers struct {
				ReqID string `json:"req_id"`
			} `json:"headers"`
		}
		if json.Unmarshal(data, &frame) != nil {
			return
		}
		h.frames <- frame.Cmd
		if frame.Cmd == "aibot_subscribe" {
			<-h.admit
		}
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"headers":{"req_id":"`+frame.Headers.ReqID+`"},"errcode":0}`))
	}
}

// link runs a link to the hub until the test ends.
func (h *hub) link(t *testing.T, cfg wecom.BotLinkConfig, deliver func(context.Context, model.Inbound) error) *wecom.BotLink {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg.URL = "ws" + strings.TrimPrefix(server.URL, "http")
	cfg.Account = model.Account{ID: 1, Key: "it", Group: model.GroupBot{BotID: "aib", Mode: model.GroupConnection, Secret: "s"}}
	cfg.Log, cfg.Now = slog.New(slog.DiscardHandler), time.Now
	l := wecom.NewBotLink(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = l.Run(ctx, deliver)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return l
}

// Nothing is sent over a connection that WeCom has not let in yet.
func TestBotLink_sends_once_subscribed(t *testing.T) {
	t.Parallel()
	h, subscribed := newHub(), make(chan struct{})
	l := h.link(t, wecom.BotLinkConfig{Observe: func(up bool) {
		if up {
			close(subscribed)
		}
	}}, func(context.Context, model.Inbound) error { return nil })
	chat, push := model.GroupChat{ChatID: "c"}, model.Push{Kind: model.PushText, Text: "hi"}
	if first := <-h.frames; first != "aibot_subscribe" {
		t.Fatalf("the first frame is %s", first)
	}
	_, err := l.Send(t.Context(), chat, push)
	refused, ok := errors.AsType[*model.PushError](err)
	if !ok || refused.Class != model.FailRetry {
		t.Errorf("before it is let in: %v", err)
	}
	close(h.admit)
	<-subscribed
	if _, err := l.Send(t.Context(), chat, push); err != nil {
		t.Errorf("once it is: %v", err)
	}
	if next := <-h.frames; next != "aibot_send_msg" {
		t.Errorf("the next frame is %s", next)
	}
}

// A message that the store refuses again and again doesn't hold up those behind it; one that
// the store can't take just now does.
func TestBotLink_goes_on_behind_what_is_refused(t *testing.T) {
	t.Parallel()
	h, stored := newHub(), make(chan string, 4)
	close(h.admit)
	away := 3
	h.link(t, wecom.BotLinkConfig{GiveUp: 250 * time.Millisecond}, func(_ context.Context, in model.Inbound) error {
		switch {
		case strings.HasSuffix(in.DedupeKey, "m1"):
			return errors.New("no such column")
		case strings.HasSuffix(in.DedupeKey, "m2") && away > 0:
			away--
			return model.ErrUnavailable
		}
		stored <- in.DedupeKey[len(in.DedupeKey)-2:]
		return nil
	})
	for _, id := range []string{"m1", "m2", "m3"} {
		h.mention <- id
	}
	if diff := cmp.Diff([]string{"m2", "m3"}, []string{<-stored, <-stored}); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}
