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
	fates   chan fate     // what becomes of each connection; none: it lasts
}

// fate is how a connection ends.
type fate string

const (
	unwanted fate = "unwanted" // its subscription is
	kicked   fate = "kicked"   // at the first ping, by another program
	broken   fate = "broken"   // at the first ping
)

func newHub() *hub {
	return &hub{frames: make(chan string, 16), admit: make(chan struct{}), mention: make(chan string, 16), fates: make(chan fate, 4)}
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := r.Context()
	var end fate
	select {
	case end = <-h.fates:
	default:
	}
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
		select {
		case h.frames <- frame.Cmd:
		default: // nobody looks
		}
		errcode := "0"
		switch {
		case frame.Cmd == "aibot_subscribe":
			<-h.admit
			if end == unwanted {
				errcode = "853000"
			}
		case frame.Cmd == "ping" && end == broken:
			return
		case frame.Cmd == "ping" && end == kicked:
			_ = conn.Write(ctx, websocket.MessageText, []byte(`{"cmd":"aibot_event_callback","body":{"event":{"eventtype":"disconnected_event"}}}`))
			continue
		}
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"headers":{"req_id":"`+frame.Headers.ReqID+`"},"errcode":`+errcode+`}`))
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
	l := h.link(t, wecom.BotLinkConfig{Observe: func(_ context.Context, news model.BotNews) {
		if news.Up {
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

// Whoever set up the bot is told why it isn't connected, and that it is again.
func TestBotLink_tells_how_it_is(t *testing.T) {
	t.Parallel()
	news := make(chan model.BotNews, 16)
	h := newHub()
	close(h.admit)
	for _, end := range []fate{unwanted, kicked, broken} {
		h.fates <- end
	}
	h.link(t, wecom.BotLinkConfig{
		Ping: time.Millisecond, Retry: time.Millisecond, Refused: time.Millisecond, Kicked: time.Millisecond,
		Observe: func(_ context.Context, n model.BotNews) { news <- n },
	}, func(context.Context, model.Inbound) error { return nil })
	for _, want := range []model.BotNews{
		{Reason: model.BotRefused, Code: 853000}, {Up: true}, {Reason: model.BotKicked}, {Up: true}, {Reason: model.BotLost}, {Up: true},
	} {
		if got := <-news; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
