package wecomsim_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/wecom"
	"deskmate/wecom/wecomsim"
)

const (
	botID     = "aib-desk"
	botSecret = "secret-of-the-bot"
	chatID    = "wrAbC123"
)

// botWorld is a corp with a bot in a group, and an account that has the bot.
type botWorld struct {
	*wecomsim.Server
	clock *clock
	api   *httptest.Server
	acc   model.Account
}

func newBotWorld(t *testing.T) *botWorld {
	t.Helper()
	clock := &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	w := &botWorld{clock: clock, Server: wecomsim.New(wecomsim.Config{Now: clock.Now, Seed: 1})}
	w.api = httptest.NewServer(w.Server)
	t.Cleanup(w.api.Close)
	w.SetAddress(w.api.URL)
	for _, err := range []error{
		w.AddMember(wecomsim.Member{UserID: "Zhang", Name: "张三"}),
		w.AddBot(wecomsim.Bot{ID: botID, Secret: botSecret, Name: "客服"}),
		w.AddGroup(wecomsim.Group{ID: chatID, Name: "项目群", Bot: botID, Members: []string{"Zhang"}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.acc = model.Account{ID: 7, Key: "it", CorpID: w.CorpID(), Name: "IT 服务台", Group: model.GroupBot{
		Join: model.GroupAllow, BotID: botID, Mode: model.GroupConnection, Secret: botSecret,
	}}
	run(t, w.Run)
	return w
}

// run runs a part until the test ends.
func run(t *testing.T, part func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = part(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// link connects a link; what comes over it goes into the channel.
func (w *botWorld) link(t *testing.T, change func(*wecom.BotLinkConfig)) (*wecom.BotLink, <-chan model.Inbound) {
	t.Helper()
	cfg := wecom.BotLinkConfig{
		Account: w.acc, URL: strings.Replace(w.api.URL, "http", "ws", 1) + "/aibot", Now: w.clock.Now,
		Retry: time.Millisecond, Kicked: time.Hour, Ack: 200 * time.Millisecond,
	}
	up := make(chan bool, 100)
	cfg.Observe = func(_ context.Context, news model.BotNews) { up <- news.Up }
	if change != nil {
		change(&cfg)
	}
	l := wecom.NewBotLink(cfg)
	got := make(chan model.Inbound, 100)
	run(t, func(ctx context.Context) error {
		return l.Run(ctx, func(_ context.Context, in model.Inbound) error {
			got <- in
			return nil
		})
	})
	receive(t, up)
	return l, got
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(waitAtMost):
		t.Fatal("nothing came in time")
		panic("unreachable")
	}
}

func (w *botWorld) post(t *testing.T, p wecomsim.BotPost) {
	t.Helper()
	if _, err := w.Post(chatID, "zhang", p); err != nil {
		t.Fatal(err)
	}
}

func (w *botWorld) said(t *testing.T, want string) {
	t.Helper()
	screen := w.GroupScreen(chatID)
	if len(screen) == 0 || screen[len(screen)-1].From != wecomsim.FromBot || screen[len(screen)-1].Text != want {
		t.Errorf("the group shows %+v, want last %q of the bot", screen, want)
	}
}

func TestBotLink_brings_mentions_and_takes_answers(t *testing.T) {
	t.Parallel()
	w := newBotWorld(t)
	link, got := w.link(t, nil)
	w.post(t, wecomsim.BotPost{Text: "大家好"}) // nobody is called: the bot doesn't get it
	w.post(t, wecomsim.BotPost{Text: "@客服 打印机坏了", Quote: "昨天也坏了"})
	in := receive(t, got)
	if in.Person != model.GroupPeer(chatID) || in.Event.Content.Text != "引用: 昨天也坏了\n打印机坏了" {
		t.Fatalf("got %+v %+v", in, in.Event.Content)
	}
	m := in.Event.Group
	if m.From != "zhang" || m.ChatID != chatID || m.ReqID == "" || m.ResponseURL != "" ||
		m.UntilMS != w.clock.Now().UnixMilli()+model.ReqIDLife {
		t.Errorf("mention %+v", m)
	}
	chat := model.GroupChat{ChatID: chatID, ReqID: m.ReqID, UntilMS: m.UntilMS}
	if _, err := link.Send(t.Context(), chat, model.Push{Kind: model.PushText, Text: "**马上来** <@all> https://a.b/c_d*"}); err != nil {
		t.Fatal(err)
	}
	w.said(t, "＊＊马上来＊＊ ＜@all> https://a.b/c_d*")

	// A req_id that WeCom doesn't take any more: a message of its own.
	chat.ReqID = "gone"
	if _, err := link.Send(t.Context(), chat, model.Push{Kind: model.PushText, Text: "好了"}); err != nil {
		t.Fatal(err)
	}
	w.said(t, "好了")
	calls := w.Calls()
	if last := calls[len(calls)-1]; last.Path != "aibot/send_msg" || calls[len(calls)-2].ErrCode != 846605 {
		t.Errorf("calls end in %+v", calls[len(calls)-2:])
	}
}

func TestBotLink_files(t *testing.T) {
	t.Parallel()
	w := newBotWorld(t)
	link, got := w.link(t, func(cfg *wecom.BotLinkConfig) { cfg.Ack = waitAtMost })
	picture := append([]byte("\xff\xd8\xff\xe0"), bytes.Repeat([]byte("p"), 60)...) // whole blocks
	w.post(t, wecomsim.BotPost{Text: "@客服 看图", Images: [][]byte{picture}})
	in := receive(t, got)
	if in.Event.Content.Text != "看图" || len(in.Event.Group.More) != 1 {
		t.Fatalf("got %+v", in.Event)
	}
	client, err := wecom.NewClient(wecom.Config{BaseURL: w.api.URL})
	if err != nil {
		t.Fatal(err)
	}
	file := in.Event.Group.More[0]
	name, data, err := client.BotFile(t.Context(), w.acc, file)
	if err != nil || !bytes.Equal(data, picture) || !strings.HasPrefix(name, "image.") {
		t.Errorf("got %q, %d bytes, %v", name, len(data), err)
	}
	w.clock.advance(6 * time.Minute)
	if _, _, err := client.BotFile(t.Context(), w.acc, file); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("after five minutes: %v", err)
	}
	big := append([]byte("%PDF-"), bytes.Repeat([]byte("x"), 1<<20)...) // three pieces
	id, err := link.Upload(t.Context(), "file", "a/b/手册.pdf", big)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := link.Send(t.Context(), model.GroupChat{ChatID: chatID}, model.Push{Kind: model.PushFile, MediaID: id}); err != nil {
		t.Fatal(err)
	}
	screen := w.GroupScreen(chatID)
	if last := screen[len(screen)-1]; last.Media == nil || last.Media.Name != "手册.pdf" || last.Media.Size != len(big) {
		t.Errorf("the group shows %+v", last)
	}
}

func TestBotLink_one_connection(t *testing.T) {
	t.Parallel()
	w := newBotWorld(t)
	_, first := w.link(t, nil)
	_, second := w.link(t, nil) // pushes the first out, which keeps away
	w.post(t, wecomsim.BotPost{Text: "@客服 在吗"})
	if in := receive(t, second); in.Event.Content.Text != "在吗" {
		t.Errorf("got %+v", in.Event)
	}
	select {
	case in := <-first:
		t.Errorf("the first got %+v", in)
	default:
	}
	subscribed := 0
	for _, c := range w.Calls() {
		if c.Path == "aibot/subscribe" {
			subscribed++
		}
	}
	if subscribed != 2 {
		t.Errorf("%d subscriptions: they fight", subscribed)
	}
}

func TestBotLink_connects_again(t *testing.T) {
	t.Parallel()
	w := newBotWorld(t)
	up := make(chan bool, 100)
	_, got := w.link(t, func(cfg *wecom.BotLinkConfig) {
		observe := cfg.Observe
		cfg.Observe = func(ctx context.Context, news model.BotNews) {
			observe(ctx, news)
			up <- news.Up
		}
	})
	receive(t, up)
	if err := w.DisconnectBot(botID); err != nil {
		t.Fatal(err)
	}
	for connected := false; !connected; {
		connected = receive(t, up)
	}
	w.post(t, wecomsim.BotPost{Text: "@客服 还在吗"})
	if in := receive(t, got); in.Event.Content.Text != "还在吗" {
		t.Errorf("got %+v", in.Event)
	}
}

func TestBotLink_failures(t *testing.T) {
	t.Parallel()
	w := newBotWorld(t)
	link, got := w.link(t, nil)
	w.post(t, wecomsim.BotPost{Text: "@客服 在吗"})
	receive(t, got)
	chat, text := model.GroupChat{ChatID: chatID}, model.Push{Kind: model.PushText, Text: "在"}
	w.SetFaults(wecomsim.Faults{DropAnswers: 1})
	if _, err := link.Send(t.Context(), chat, text); model.ClassOf(err) != model.FailUncertain {
		t.Errorf("a lost answer: %v", err)
	}
	w.said(t, "在")
	for range 29 {
		if _, err := link.Send(t.Context(), chat, text); err != nil {
			t.Fatal(err)
		}
	}
	_, err := link.Send(t.Context(), chat, text)
	pe, ok := errors.AsType[*model.PushError](err)
	if !ok || pe.Class != model.FailRetry || pe.Code != 45009 || pe.After < time.Minute {
		t.Errorf("above the limit: %v", err)
	}
	if _, err := link.Send(t.Context(), model.GroupChat{ChatID: "wrElsewhere"}, text); model.ClassOf(err) != model.FailDrop {
		t.Errorf("an unknown chat: %v", err)
	}
	offline := wecom.NewBotLink(wecom.BotLinkConfig{Account: w.acc})
	if _, err := offline.Send(t.Context(), chat, text); model.ClassOf(err) != model.FailRetry {
		t.Errorf("without a connection: %v", err)
	}
}
