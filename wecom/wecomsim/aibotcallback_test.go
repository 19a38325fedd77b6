package wecomsim_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/wecom"
	"deskmate/wecom/wecomsim"
)

// callbacks is an account's server of bot callbacks: what it understands goes into the channel.
func (w *botWorld) callbacks(t *testing.T) <-chan model.Inbound {
	t.Helper()
	w.acc.Group = model.GroupBot{
		Join: model.GroupAllow, BotID: botID, Mode: model.GroupCallback, Token: token, EncodingAESKey: aesKey,
	}
	got := make(chan model.Inbound, 100)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		q := wecom.QueryFrom(r.URL.Query())
		if r.Method == http.MethodGet {
			echo, err := wecom.EchoBot(w.acc, q)
			if err != nil {
				rw.WriteHeader(http.StatusForbidden)
			}
			_, _ = rw.Write(echo)
			return
		}
		body, _ := io.ReadAll(r.Body)
		in, err := wecom.ReceiveBot(w.acc, q, body, w.clock.Now())
		if err != nil {
			t.Errorf("callback: %v", err)
		}
		got <- in
	}))
	t.Cleanup(server.Close)
	if err := w.SetBotCallback(t.Context(), botID, server.URL, token, aesKey); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestBotCallback_takes_one_answer(t *testing.T) {
	t.Parallel()
	w := newBotWorld(t)
	got := w.callbacks(t)
	client, err := wecom.NewClient(wecom.Config{BaseURL: w.api.URL})
	if err != nil {
		t.Fatal(err)
	}
	picture := []byte("\x89PNG\r\n\x1a\n a small picture")
	w.post(t, wecomsim.BotPost{Text: "@客服 看图", Images: [][]byte{picture}})
	in := receive(t, got)
	m := in.Event.Group
	if in.Event.Content.Text != "看图" || m.ResponseURL == "" || m.ReqID != "" || m.Mode != model.GroupCallback ||
		m.UntilMS != w.clock.Now().UnixMilli()+model.ResponseURLLife {
		t.Fatalf("got %+v, %+v", in.Event.Content, m)
	}
	if _, data, err := client.BotFile(t.Context(), w.acc, m.More[0]); err != nil || !bytes.Equal(data, picture) {
		t.Errorf("file: %d bytes, %v", len(data), err)
	}
	if err := client.AnswerBot(t.Context(), m.ResponseURL, "收到"); err != nil {
		t.Fatal(err)
	}
	w.said(t, "收到")
	err = client.AnswerBot(t.Context(), m.ResponseURL, "再说一句")
	if model.ClassOf(err) != model.FailDrop {
		t.Errorf("a second answer: %v", err)
	}
	w.said(t, "收到")

	w.post(t, wecomsim.BotPost{Text: "@客服 还有"})
	late := receive(t, got).Event.Group.ResponseURL
	w.clock.advance(time.Hour)
	if err := client.AnswerBot(t.Context(), late, "晚了"); model.ClassOf(err) != model.FailDrop {
		t.Errorf("after an hour: %v", err)
	}
	if _, err := w.PostAlone(botID, "zhang", wecomsim.BotPost{Voice: "你好"}); err != nil {
		t.Fatal(err)
	}
	if in := receive(t, got); !in.Event.Group.Single || in.Event.Content.Text != "[语音] 你好" || in.Person != "#@zhang" {
		t.Errorf("alone: %+v %+v", in, in.Event.Group)
	}
}

func TestReceiveBot(t *testing.T) {
	t.Parallel()
	acc := model.Account{ID: 7, CorpID: "ww1", Name: "客 服", Group: model.GroupBot{
		BotID: "b", Name: "IT 客服", Mode: model.GroupCallback, Token: token, EncodingAESKey: aesKey,
	}}
	crypto, err := wecom.NewCrypto(token, aesKey, "")
	if err != nil {
		t.Fatal(err)
	}
	seal := func(plain string) (wecom.Query, []byte) {
		encrypted, err := crypto.Encrypt([]byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		q := wecom.Query{Timestamp: "1", Nonce: "2", MsgSignature: crypto.Sign("1", "2", encrypted)}
		return q, []byte(`{"encrypt":"` + encrypted + `"}`)
	}
	now := time.UnixMilli(1)
	for _, c := range []struct {
		name, plain, text string
		kind              model.EventKind
	}{
		{"name with a blank", `{"msgid":"1","chatid":"c","chattype":"group","from":{"userid":"U"},"msgtype":"text","text":{"content":"@客 服 你好"}}`, "你好", model.EventMessage},
		{"the bot's own name", `{"msgid":"1","chatid":"c","chattype":"group","from":{"userid":"U"},"msgtype":"text","text":{"content":"@IT 客服 你好"}}`, "你好", model.EventMessage},
		{"only the name", `{"msgid":"1","chatid":"c","chattype":"group","from":{"userid":"U"},"msgtype":"text","text":{"content":"@X"}}`, "（只 @ 了机器人，没有写内容）", model.EventMessage},
		{"event", `{"msgid":"1","chatid":"c","from":{"userid":"U"},"msgtype":"event","event":{"eventtype":"enter_chat"}}`, "", model.EventUnknown},
		{"another bot", `{"msgid":"1","aibotid":"x","chatid":"c","from":{"userid":"U"},"msgtype":"text","text":{"content":"a"}}`, "", model.EventUnknown},
		{"another corp's member", `{"msgid":"1","chatid":"c","from":{"userid":"U","corpid":"ww2"},"msgtype":"text","text":{"content":"a"}}`, "", model.EventUnknown},
		{"no group", `{"msgid":"1","from":{"userid":"U"},"msgtype":"text","text":{"content":"a"}}`, "", model.EventUnknown},
		{"no JSON", `hello`, "", model.EventUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q, body := seal(c.plain)
			in, err := wecom.ReceiveBot(acc, q, body, now)
			if err != nil || in.Event.Kind != c.kind || in.DedupeKey == "" {
				t.Fatalf("got %+v, %v", in, err)
			}
			if c.text != "" && in.Event.Content.Text != c.text {
				t.Errorf("text %q", in.Event.Content.Text)
			}
		})
	}
	q, body := seal(`{}`)
	q.MsgSignature = "0000000000000000000000000000000000000000"
	if _, err := wecom.ReceiveBot(acc, q, body, now); model.CodeOf(err) != model.CodeUnauthenticated {
		t.Errorf("a wrong signature: %v", err)
	}
	if _, err := wecom.ReceiveBot(acc, q, []byte("<xml/>"), now); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("no envelope: %v", err)
	}
	for _, other := range []string{"ww1", "x"} { // an envelope for somebody with a receiveid
		foreign, err := wecom.NewCrypto(token, aesKey, other)
		if err != nil {
			t.Fatal(err)
		}
		encrypted, err := foreign.Encrypt([]byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		q := wecom.Query{Timestamp: "1", Nonce: "2", MsgSignature: crypto.Sign("1", "2", encrypted)}
		_, err = wecom.ReceiveBot(acc, q, []byte(`{"encrypt":"`+encrypted+`"}`), now)
		if e, ok := errors.AsType[*model.Error](err); !ok || e.Reason != "bad_receiveid" {
			t.Errorf("receiveid %q: %v", other, err)
		}
	}
	connected := acc
	connected.Group.Mode = model.GroupConnection
	if _, err := wecom.ReceiveBot(connected, q, body, now); model.CodeOf(err) != model.CodeNotFound {
		t.Errorf("without a callback: %v", err)
	}
}
