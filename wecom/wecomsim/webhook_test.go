package wecomsim_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"deskmate/wecom/wecomsim"
)

func newHookEnv(t testing.TB) *env {
	t.Helper()
	e := newEnv(t)
	for _, key := range []string{"key-1", "key-2"} {
		if err := e.AddWebhook(key); err != nil {
			t.Fatal(err)
		}
	}
	e.token = "none" // webhooks take no token
	return e
}

func hookMessage(msgType string, payload any) map[string]any {
	return map[string]any{"msgtype": msgType, msgType: payload}
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	e := newHookEnv(t)
	file := accepted(t, e.uploadTo(t, "webhook/upload_media?key=key-1&type=file", "media", "日报.xlsx", []byte("PK\x03\x04 sheet")))
	voice := accepted(t, e.uploadTo(t, "webhook/upload_media?key=key-1&type=voice", "media", "a.amr", amr(5)))
	sum := md5.Sum(png())
	tests := []struct {
		name, msgType string
		payload       any
		shown         func(wecomsim.Bubble) bool
	}{
		{"text", "text", map[string]any{"content": "告警", "mentioned_list": []string{"lisi"}, "mentioned_mobile_list": []string{"@all"}}, func(b wecomsim.Bubble) bool {
			return b.Text == "告警" && strings.Join(b.Mentions, " ") == "lisi @all"
		}},
		{"markdown", "markdown", map[string]any{"content": strings.Repeat("x", 4096)}, func(b wecomsim.Bubble) bool { return len(b.Text) == 4096 }},
		{"markdown_v2", "markdown_v2", map[string]any{"content": "| a |"}, func(b wecomsim.Bubble) bool { return b.Text == "| a |" }},
		{"image", "image", map[string]any{
			"base64": base64.StdEncoding.EncodeToString(png()), "md5": hex.EncodeToString(sum[:]),
		}, func(b wecomsim.Bubble) bool { return b.Media.Size == len(png()) }},
		{"news", "news", map[string]any{"articles": []any{map[string]any{"title": "n", "url": "https://a.example"}}}, func(b wecomsim.Bubble) bool {
			return b.Articles[0].URL == "https://a.example"
		}},
		{"file", "file", map[string]any{"media_id": file["media_id"]}, func(b wecomsim.Bubble) bool { return b.Media.Name == "日报.xlsx" }},
		{"voice", "voice", map[string]any{"media_id": voice["media_id"]}, func(b wecomsim.Bubble) bool { return b.Media.Name == "a.amr" }},
		{"card", "template_card", notice(map[string]any{"horizontal_content_list": []any{
			map[string]any{"keyname": "附件", "value": "日报.xlsx", "type": 2, "media_id": file["media_id"]},
		}}), func(b wecomsim.Bubble) bool {
			return b.Card.Title == "通知" && b.Card.Fields[0].Value == "日报.xlsx"
		}},
	}
	for i, tt := range tests {
		accepted(t, e.post(t, "webhook/send?key=key-1", hookMessage(tt.msgType, tt.payload)))
		shown := e.WebhookScreen("key-1")
		if b := shown[i]; b.From != wecomsim.FromWebhook || b.Type != tt.msgType || !tt.shown(b) {
			t.Errorf("%s is shown as %+v", tt.name, b)
		}
	}
	if got := e.WebhookScreen("key-2"); got != nil {
		t.Errorf("another group shows %+v", got)
	}
}

func TestWebhookRefused(t *testing.T) {
	t.Parallel()
	e := newHookEnv(t)
	file := accepted(t, e.uploadTo(t, "webhook/upload_media?key=key-2&type=file", "media", "a.txt", []byte("sheet 1")))
	article := map[string]any{"title": "n"}
	image := base64.StdEncoding.EncodeToString(png())
	tests := []struct {
		name, key, msgType string
		payload            any
		want               int
	}{
		{"no key", "", "text", map[string]any{"content": "a"}, 93000},
		{"an unknown key", "key-3", "text", map[string]any{"content": "a"}, 93000},
		{"no text", "key-1", "text", nil, 44004},
		{"a long text", "key-1", "text", map[string]any{"content": strings.Repeat("x", 2049)}, 45002},
		{"a long markdown", "key-1", "markdown", map[string]any{"content": strings.Repeat("x", 4097)}, 45002},
		{"a picture without its md5", "key-1", "image", map[string]any{"base64": image}, 40063},
		{"a picture with another md5", "key-1", "image", map[string]any{"base64": image, "md5": "00"}, 40058},
		{"a picture that is no base64", "key-1", "image", map[string]any{"base64": "?", "md5": "00"}, 40058},
		{"news without url", "key-1", "news", map[string]any{"articles": []any{article}}, 45034},
		{"no news", "key-1", "news", nil, 40063},
		{"a file of another key", "key-1", "file", map[string]any{"media_id": file["media_id"]}, 40007},
		{"a card that calls back", "key-1", "template_card", buttons("t", nil), 40058},
		{"no card", "key-1", "template_card", nil, 40063},
		{"a video", "key-1", "video", map[string]any{"media_id": "x"}, 40008},
	}
	for _, tt := range tests {
		refusedNamed(t, tt.name, e.post(t, "webhook/send?key="+tt.key, hookMessage(tt.msgType, tt.payload)), tt.want)
	}
	refused(t, e.uploadTo(t, "webhook/upload_media?key=x&type=file", "media", "a.txt", []byte("sheet 1")), 93000)
	refused(t, e.uploadTo(t, "webhook/upload_media?key=key-1&type=image", "media", "a.png", png()), 40004)
	if err := e.StopWebhook("key-2"); err != nil {
		t.Fatal(err)
	}
	refused(t, e.post(t, "webhook/send?key=key-2", hookMessage("text", map[string]any{"content": "a"})), 93004)
	e.RemoveWebhook("key-2")
	refused(t, e.post(t, "webhook/send?key=key-2", hookMessage("text", map[string]any{"content": "a"})), 93000)
	if e.StopWebhook("key-2") == nil || e.AddWebhook("") == nil {
		t.Error("what is no webhook was changed")
	}
	e.token = e.tokenOf(t, secret)
	refused(t, e.post(t, "message/send", message("file", map[string]any{"media_id": file["media_id"]})), 40007)
}

func TestWebhookLimit(t *testing.T) {
	t.Parallel()
	e := newHookEnv(t)
	body := hookMessage("text", map[string]any{"content": "a"})
	for range 20 {
		accepted(t, e.post(t, "webhook/send?key=key-1", body))
	}
	refused(t, e.post(t, "webhook/send?key=key-1", body), 45009)
	accepted(t, e.post(t, "webhook/send?key=key-2", body))
	e.clock.advance(time.Minute)
	accepted(t, e.post(t, "webhook/send?key=key-1", body))
	if n := len(e.WebhookScreen("key-1")); n != 21 {
		t.Errorf("%d shown, want 21", n)
	}
}

func TestWebhookHasNoIPList(t *testing.T) {
	t.Parallel()
	e := newHookEnv(t)
	e.SetFaults(wecomsim.Faults{UntrustedIP: true})
	accepted(t, e.post(t, "webhook/send?key=key-1", hookMessage("text", map[string]any{"content": "a"})))
	refused(t, e.get(t, "agent/list"), 60020)
}
