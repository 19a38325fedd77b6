package wecomsim_test

import (
	"maps"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

func TestSendText(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	reply := accepted(t, e.post(t, "message/send", text("zhangsan|ZHANGSAN|WangWu|Nobody", "你好 <b>")))
	if got, want := reply["invaliduser"], "wangwu|nobody"; got != want {
		t.Errorf("invaliduser %v, want %s", got, want)
	}
	want := []wecomsim.Bubble{{
		MsgID: reply["msgid"].(string), From: wecomsim.FromApp, Type: "text", Text: "你好 <b>", At: e.clock.Now(),
	}}
	if diff := cmp.Diff(want, e.Screen(agent, "ZhangSan")); diff != "" {
		t.Errorf("screen (-want +got):\n%s", diff)
	}
	if e.Screen(agent, "wangwu") != nil || e.Screen(otherAgent, "zhangsan") != nil {
		t.Error("somebody else got it, too")
	}
}

func TestSendCutsText(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	accepted(t, e.post(t, "message/send", text("zhangsan", strings.Repeat("字", 700))))
	got := e.Screen(agent, "zhangsan")[0].Text
	if want := 2048 / 3 * 3; len(got) != want || !utf8.ValidString(got) {
		t.Errorf("text has %d bytes, want %d whole characters", len(got), want)
	}
}

func TestSendReceivers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fields map[string]any
		shown  []string
		reply  map[string]any
	}{
		{"all", map[string]any{"touser": "@all", "toparty": "99"}, []string{"zhangsan", "lisi"}, nil},
		{"a department and what is below", map[string]any{"toparty": "2"}, []string{"zhangsan", "lisi"}, nil},
		{"each once", map[string]any{"touser": "lisi", "toparty": "2|3"}, []string{"zhangsan", "lisi"}, nil},
		{
			"what is wrong is named",
			map[string]any{"touser": "lisi|Gone", "toparty": "4|x", "totag": "7"},
			[]string{"lisi"},
			map[string]any{"invaliduser": "gone", "invalidparty": "4|x", "invalidtag": "7"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			body := text("", "hi")
			maps.Copy(body, tt.fields)
			reply := accepted(t, e.post(t, "message/send", body))
			for _, id := range tt.shown {
				if n := len(e.Screen(agent, id)); n != 1 {
					t.Errorf("%s sees %d bubbles, want 1", id, n)
				}
			}
			for k, v := range tt.reply {
				if reply[k] != v {
					t.Errorf("%s is %v, want %v", k, reply[k], v)
				}
			}
		})
	}
}

func TestSendTranslatesIDs(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	body := text("lisi", "$userName=zhangsan$ of $departmentName=2$, $userName=x$, $userAliasOrName=lisi$, $userAlias=lisi$")
	body["enable_id_trans"] = 1
	accepted(t, e.post(t, "message/send", body))
	want := "张三 of 财务部, $userName=x$, 李四, $userAlias=lisi$"
	if got := e.Screen(agent, "lisi")[0].Text; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSendOtherTypes(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	image := accepted(t, e.upload(t, "image", "media", "a.png", png()))["media_id"].(string)
	file := accepted(t, e.upload(t, "file", "media", "手册.pdf", []byte("%PDF-1.7")))["media_id"].(string)
	tests := []struct {
		name, msgType string
		payload       any
		check         func(wecomsim.Bubble) bool
	}{
		{"markdown", "markdown", map[string]any{"content": "**a**"}, func(b wecomsim.Bubble) bool { return b.Text == "**a**" }},
		{"image", "image", map[string]any{"media_id": image}, func(b wecomsim.Bubble) bool { return b.Media.Name == "a.png" }},
		{"file", "file", map[string]any{"media_id": file}, func(b wecomsim.Bubble) bool {
			return b.Media.Name == "手册.pdf" && b.Media.Size == 8 && b.Media.ID == file
		}},
		{
			"textcard", "textcard",
			map[string]any{"title": "t", "description": "d", "url": "https://a.example/b"},
			func(b wecomsim.Bubble) bool {
				return b.Title == "t" && b.Desc == "d" && b.URL == "https://a.example/b"
			},
		},
		{
			"news", "news",
			map[string]any{"articles": []any{map[string]any{"title": "n", "url": "https://a.example"}}},
			func(b wecomsim.Bubble) bool { return b.Title == "n" && len(b.Articles) == 1 },
		},
		{
			"mpnews", "mpnews",
			map[string]any{"articles": []any{map[string]any{"title": "m", "thumb_media_id": image, "content": "<p>"}}},
			func(b wecomsim.Bubble) bool { return b.Title == "m" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reply := accepted(t, e.post(t, "message/send", map[string]any{
				"touser": "lisi", "agentid": agent, "msgtype": tt.msgType, tt.msgType: tt.payload,
			}))
			_, b := e.await(t, "lisi", 0, func(b wecomsim.Bubble) bool { return b.MsgID == reply["msgid"] })
			if b.Type != tt.msgType || !tt.check(b) {
				t.Errorf("the phone shows %+v", b)
			}
		})
	}
}

func TestSendDuplicateCheck(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	body := text("lisi", "once")
	body["enable_duplicate_check"] = 1
	first := accepted(t, e.post(t, "message/send", body))
	second := accepted(t, e.post(t, "message/send", body))
	if first["msgid"] != second["msgid"] || len(e.Screen(agent, "lisi")) != 1 {
		t.Error("an identical request was delivered again")
	}
	e.clock.advance(30 * time.Minute)
	accepted(t, e.post(t, "message/send", body))
	if n := len(e.Screen(agent, "lisi")); n != 2 {
		t.Errorf("%d bubbles after the interval, want 2", n)
	}
	accepted(t, e.post(t, "message/send", text("lisi", "twice")))
	accepted(t, e.post(t, "message/send", text("lisi", "twice")))
	if n := len(e.Screen(agent, "lisi")); n != 4 {
		t.Errorf("%d bubbles without the check, want 4", n)
	}
	got := e.Counts()
	if got.Suppressed != 1 || got.Repeats != 2 || got.Sent != 4 {
		t.Errorf("counts %+v", got)
	}
}

func TestSendLimits(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for range 31 {
		accepted(t, e.post(t, "message/send", text("lisi", "x")))
	}
	if n := len(e.Screen(agent, "lisi")); n != 30 || e.Dropped("LiSi") != 1 {
		t.Errorf("%d shown and %d dropped, want 30 and 1", n, e.Dropped("LiSi"))
	}
	accepted(t, e.post(t, "message/send", text("zhangsan", "x")))
	if e.Dropped("zhangsan") != 0 {
		t.Error("one member's limit hit another")
	}
	e.clock.advance(time.Minute)
	accepted(t, e.post(t, "message/send", text("lisi", "x")))
	if n := len(e.Screen(agent, "lisi")); n != 31 {
		t.Errorf("%d shown after a minute, want 31", n)
	}
}

func TestSendHourLimit(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for range 50 { // 1020 messages in 50 minutes, 20.4 a minute
		for range 20 {
			accepted(t, e.post(t, "message/send", text("lisi", "x")))
		}
		e.clock.advance(time.Minute)
	}
	accepted(t, e.post(t, "message/send", text("lisi", "x")))
	if got := e.Dropped("lisi"); got != 1 {
		t.Errorf("%d dropped, want the 1001st", got)
	}
	e.clock.advance(10 * time.Minute)
	accepted(t, e.post(t, "message/send", text("lisi", "x")))
	if got := e.Dropped("lisi"); got != 1 {
		t.Errorf("%d dropped after an hour, want no more", got)
	}
}

func TestRecall(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	first := accepted(t, e.post(t, "message/send", text("lisi|zhangsan", "oops")))["msgid"]
	old := accepted(t, e.post(t, "message/send", text("lisi", "old")))["msgid"]
	recall := func(id any) map[string]any { return e.post(t, "message/recall", map[string]any{"msgid": id}) }
	accepted(t, recall(first))
	for _, id := range []string{"lisi", "zhangsan"} {
		if !e.Screen(agent, id)[0].Recalled {
			t.Errorf("%s still sees it", id)
		}
	}
	refused(t, recall("unknown"), 40058)
	refused(t, recall(""), 40063)
	own := e.token
	e.token = e.tokenOf(t, otherSecret)
	refused(t, recall(first), 40058)
	e.token = own
	e.clock.advance(24 * time.Hour)
	e.token = e.tokenOf(t, secret)
	refused(t, recall(old), 40058)
}

func TestSendSafeFile(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for name, want := range map[string]int{"a.PDF": 0, "a.zip": 40058, "a": 40058} {
		id := accepted(t, e.upload(t, "file", "media", name, []byte("%PDF-1.7")))["media_id"]
		body := patch(message("file", map[string]any{"media_id": id}), map[string]any{"safe": 1})
		refusedNamed(t, name, e.post(t, "message/send", body), want)
	}
}

func TestSendTranslatesArticles(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	image := accepted(t, e.upload(t, "image", "media", "a.png", png()))["media_id"]
	body := patch(message("mpnews", map[string]any{"articles": []any{map[string]any{
		"title": "$userName=lisi$", "thumb_media_id": image, "content": "<p>", "digest": "$departmentName=2$",
	}}}), map[string]any{"enable_id_trans": 1})
	accepted(t, e.post(t, "message/send", body))
	if b := e.Screen(agent, "lisi")[0]; b.Title != "李四" || b.Articles[0].Desc != "财务部" {
		t.Errorf("the phone shows %+v", b)
	}
}
