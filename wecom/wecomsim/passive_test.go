package wecomsim_test

import (
	"fmt"
	"net/http"
	"testing"

	"deskmate/wecom/wecomsim"
)

// inside is the XML of a passive reply.
func inside(e *env, to, msgType, rest string) string {
	return fmt.Sprintf("<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName>%s</FromUserName>"+
		"<CreateTime>1348831860</CreateTime><MsgType>%s</MsgType>%s</xml>", to, e.CorpID(), msgType, rest)
}

func TestPassiveReply(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		inner func(*env) string
		raw   string // instead of an envelope around inner
		shown string // text or title of what the phone shows then; "" for nothing
		valid bool
	}{
		{name: "nothing", valid: true},
		{name: "the word success to a message", raw: "success"},
		{name: "JSON", raw: `{"errcode":0}`},
		{name: "unsigned", raw: "<xml><Encrypt>AAAA</Encrypt></xml>"},
		{
			name:  "text",
			inner: func(e *env) string { return inside(e, "ZhangSan", "text", "<Content>你好</Content>") },
			shown: "你好", valid: true,
		},
		{
			name: "news",
			inner: func(e *env) string {
				return inside(e, "ZhangSan", "news", "<ArticleCount>1</ArticleCount><Articles><item><Title>新闻</Title>"+
					"<Url>https://a.example</Url></item></Articles>")
			},
			shown: "新闻", valid: true,
		},
		{name: "an empty text", inner: func(e *env) string { return inside(e, "ZhangSan", "text", "") }},
		{name: "for somebody else", inner: func(e *env) string { return inside(e, "lisi", "text", "<Content>a</Content>") }},
		{name: "an unknown picture", inner: func(e *env) string {
			return inside(e, "ZhangSan", "image", "<Image><MediaId>x</MediaId></Image>")
		}},
		{name: "a markdown", inner: func(e *env) string { return inside(e, "ZhangSan", "markdown", "<Content>a</Content>") }},
		{name: "an update of no card", inner: func(e *env) string {
			return inside(e, "ZhangSan", "update_button", "<Button><ReplaceName>a</ReplaceName></Button>")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			d := connect(t, e)
			body := tt.raw
			if tt.inner != nil {
				body = d.passive(t, tt.inner(e))
			}
			d.reply(func(received) (int, string) { return http.StatusOK, body })
			e.Say(agent, "zhangsan", "hi")
			e.quiet(t)
			shown := ""
			if list := e.Screen(agent, "zhangsan"); len(list) > 1 {
				shown = list[1].Text + list[1].Title
			}
			delivery := e.Deliveries()[0]
			if shown != tt.shown || (delivery.ReplyError == "") != tt.valid || (e.Counts().InvalidReplies == 0) != tt.valid {
				t.Errorf("shown %q, refused because %q", shown, delivery.ReplyError)
			}
		})
	}
}

func TestPassiveCardUpdate(t *testing.T) {
	t.Parallel()
	card := "<TemplateCard><CardType>text_notice</CardType><MainTitle><Title>谢谢</Title></MainTitle>" +
		"<CardAction><Type>1</Type><Url>https://a.example</Url></CardAction></TemplateCard>"
	tests := []struct {
		name, msgType, rest string
		shown               func(*wecomsim.CardView) bool
		valid               bool
	}{
		{"button", "update_button", "<Button><ReplaceName>已评价</ReplaceName></Button>", func(v *wecomsim.CardView) bool {
			return v.Replaced == "已评价" && v.Buttons[0].Disabled
		}, true},
		{"card", "update_template_card", card, func(v *wecomsim.CardView) bool {
			return v.Kind == "text_notice" && v.Title == "谢谢" && v.TaskID == "task"
		}, true},
		{"a bad card", "update_template_card", "<TemplateCard><CardType>x</CardType></TemplateCard>", unchanged, false},
		{"a text", "text", "<Content>a</Content>", unchanged, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			d := connect(t, e)
			body := d.passive(t, inside(e, "ZhangSan", tt.msgType, tt.rest))
			d.reply(func(received) (int, string) { return http.StatusOK, body })
			msgID, _ := e.sendCard(t, "zhangsan|lisi", buttons("task", nil))
			if err := e.Click(agent, "zhangsan", msgID, "good"); err != nil {
				t.Fatal(err)
			}
			e.quiet(t)
			if got := e.card(t, "zhangsan", msgID); !tt.shown(got) {
				t.Errorf("the clicker sees %+v", got)
			}
			if got := e.card(t, "lisi", msgID); !unchanged(got) {
				t.Errorf("somebody else sees %+v", got)
			}
			if (e.Counts().InvalidReplies == 0) != tt.valid {
				t.Errorf("refused because %q", e.Deliveries()[0].ReplyError)
			}
		})
	}
}

func unchanged(v *wecomsim.CardView) bool {
	return v.Kind == "button_interaction" && v.Replaced == "" && !v.Failed
}

func TestClickNeedsUpdate(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	connect(t, e)
	msgID, responseCode := e.sendCard(t, "lisi", buttons("task", nil))
	click := func() bool {
		if err := e.Click(agent, "lisi", msgID, "good"); err != nil {
			t.Fatal(err)
		}
		e.quiet(t)
		return e.card(t, "lisi", msgID).Failed
	}
	if click() {
		t.Error("an empty answer to a click is an error by default")
	}
	p := quick()
	p.ClickNeedsUpdate = true
	e.SetCallbackPolicy(*p)
	if !click() {
		t.Error("an empty answer to a click is no error where clients mind")
	}
	accepted(t, e.post(t, updatePath, update(responseCode, nil)))
	if e.card(t, "lisi", msgID).Failed {
		t.Error("the error stays after the update")
	}
}

func TestSuccessWordOfEvents(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	d.reply(func(received) (int, string) { return http.StatusOK, "success" })
	if err := e.Enter(agent, "lisi"); err != nil {
		t.Fatal(err)
	}
	e.quiet(t)
	if e.Counts().InvalidReplies != 0 {
		t.Errorf("refused because %q", e.Deliveries()[0].ReplyError)
	}
}

func TestClickWithoutAnswerFails(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	p := quick()
	p.ClickNeedsUpdate = true
	e.SetCallbackPolicy(*p)
	d.reply(func(received) (int, string) { return http.StatusInternalServerError, "" })
	msgID, _ := e.sendCard(t, "lisi", buttons("task", nil))
	if err := e.Click(agent, "lisi", msgID, "good"); err != nil {
		t.Fatal(err)
	}
	e.quiet(t)
	if !e.card(t, "lisi", msgID).Failed {
		t.Error("a click whose callback was given up is no error")
	}
}

func TestPassiveUpdateOfRecalledCard(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	msgID, _ := e.sendCard(t, "ZhangSan", buttons("task", nil))
	body := d.passive(t, inside(e, "ZhangSan", "update_button", "<Button><ReplaceName>a</ReplaceName></Button>"))
	d.reply(func(received) (int, string) {
		accepted(t, e.post(t, "message/recall", map[string]any{"msgid": msgID}))
		return http.StatusOK, body
	})
	if err := e.Click(agent, "zhangsan", msgID, "good"); err != nil {
		t.Fatal(err)
	}
	e.quiet(t)
	if e.Deliveries()[0].ReplyError == "" {
		t.Error("a card that was taken back was updated")
	}
}

func TestPassiveTimeStamp(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	encrypted, err := d.crypto.Encrypt([]byte(inside(e, "lisi", "text", "<Content>a</Content>")))
	if err != nil {
		t.Fatal(err)
	}
	const when = "2026-03-02"
	body := "<xml><Encrypt>" + encrypted + "</Encrypt><MsgSignature>" + d.crypto.Sign(when, "n", encrypted) +
		"</MsgSignature><TimeStamp>" + when + "</TimeStamp><Nonce>n</Nonce></xml>"
	d.reply(func(received) (int, string) { return http.StatusOK, body })
	e.Say(agent, "lisi", "hi")
	e.quiet(t)
	if len(e.Screen(agent, "lisi")) != 1 || e.Deliveries()[0].ReplyError == "" {
		t.Error("a TimeStamp that is no number was taken")
	}
}
