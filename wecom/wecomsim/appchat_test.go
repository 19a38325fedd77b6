package wecomsim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

// newChatEnv is an env whose token belongs to an app that sees the whole corp.
func newChatEnv(t testing.TB) *env {
	t.Helper()
	e := newEnv(t)
	e.token = e.tokenOf(t, otherSecret)
	return e
}

func chat(changes map[string]any) map[string]any {
	return patch(map[string]any{
		"name": "故障群", "owner": "lisi", "userlist": []string{"ZHANGSAN", "lisi", "wangwu"}, "chatid": "outage1",
	}, changes)
}

func chatText(content string) map[string]any {
	return map[string]any{"chatid": "outage1", "msgtype": "text", "text": map[string]any{"content": content}, "safe": 0}
}

func TestAppchat(t *testing.T) {
	t.Parallel()
	e := newChatEnv(t)
	if got := accepted(t, e.post(t, "appchat/create", chat(nil)))["chatid"]; got != "outage1" {
		t.Errorf("chatid %v", got)
	}
	info := func() any { return accepted(t, e.get(t, "appchat/get?chatid=outage1"))["chat_info"] }
	want := map[string]any{
		"chatid": "outage1", "name": "故障群", "owner": "lisi", "userlist": []any{"ZhangSan", "lisi", "wangwu"}, "chat_type": 0.0,
	}
	if diff := cmp.Diff(want, info()); diff != "" {
		t.Errorf("chat_info (-want +got):\n%s", diff)
	}
	body := chatText("请看")
	body["text"] = map[string]any{"content": "请看", "mentioned_list": []string{"@all"}}
	reply := accepted(t, e.post(t, "appchat/send", body))
	if _, ok := reply["msgid"]; ok {
		t.Error("a group message got a msgid")
	}
	shown := []wecomsim.Bubble{{From: wecomsim.FromApp, Type: "text", Text: "请看", Mentions: []string{"@all"}, At: e.clock.Now()}}
	for _, id := range []string{"zhangsan", "LiSi", "wangwu"} {
		if diff := cmp.Diff(shown, e.ChatScreen("outage1", id)); diff != "" {
			t.Errorf("%s sees (-want +got):\n%s", id, diff)
		}
	}
	accepted(t, e.post(t, "appchat/update", map[string]any{
		"chatid": "outage1", "name": "已恢复", "owner": "wangwu", "del_user_list": []string{"lisi"},
	}))
	accepted(t, e.post(t, "appchat/send", map[string]any{
		"chatid": "outage1", "msgtype": "markdown", "markdown": map[string]any{"content": "**好了**"},
	}))
	if a, b := len(e.ChatScreen("outage1", "lisi")), len(e.ChatScreen("outage1", "wangwu")); a != 1 || b != 2 {
		t.Errorf("who left sees %d, who stayed %d", a, b)
	}
	chats := []wecomsim.Chat{{ID: "outage1", AgentID: otherAgent, Name: "已恢复", Owner: "wangwu", Members: []string{"ZhangSan", "wangwu"}}}
	if diff := cmp.Diff(chats, e.Chats(otherAgent)); diff != "" {
		t.Errorf("chats (-want +got):\n%s", diff)
	}
	made := accepted(t, e.post(t, "appchat/create", chat(map[string]any{"chatid": nil, "owner": nil})))["chatid"].(string)
	if made == "" || len(made) > 32 {
		t.Errorf("a chatid that WeCom made: %q", made)
	}
	if err := e.RenameMember("wangwu", "WangWu2"); err != nil {
		t.Fatal(err)
	}
	if len(e.ChatScreen("outage1", "wangwu2")) != 2 || e.Chats(otherAgent)[0].Owner != "WangWu2" {
		t.Error("a renamed member lost the group")
	}
}

func TestAppchatRefused(t *testing.T) {
	t.Parallel()
	e := newChatEnv(t)
	accepted(t, e.post(t, "appchat/create", chat(nil)))
	image := accepted(t, e.upload(t, "image", "media", "a.png", png()))["media_id"].(string)
	tests := []struct {
		name, path string
		body       map[string]any
		want       int
	}{
		{"a chatid that is taken", "create", chat(nil), 86215},
		{"a bad chatid", "create", chat(map[string]any{"chatid": "a-b"}), 86001},
		{"a long chatid", "create", chat(map[string]any{"chatid": strings.Repeat("a", 33)}), 86205},
		{"one member", "create", chat(map[string]any{"chatid": "x", "userlist": []string{"lisi", "LISI"}}), 86006},
		{"somebody unknown", "create", chat(map[string]any{"chatid": "x", "userlist": []string{"lisi", "nobody"}}), 86007},
		{"somebody who left", "create", chat(map[string]any{"chatid": "x", "userlist": []string{"lisi", "gone"}}), 86007},
		{"an owner from outside", "create", chat(map[string]any{"chatid": "x", "userlist": []string{"wangwu", "zhangsan"}}), 86207},
		{"a long name", "create", chat(map[string]any{"chatid": "x", "name": strings.Repeat("字", 51)}), 45002},
		{"an update of nothing", "update", map[string]any{"chatid": "none"}, 86003},
		{"an update of no chat", "update", map[string]any{}, 40063},
		{"the owner leaves", "update", map[string]any{"chatid": "outage1", "del_user_list": []string{"lisi"}}, 86207},
		{"two leave", "update", map[string]any{"chatid": "outage1", "del_user_list": []string{"zhangsan", "wangwu"}}, 86006},
		{"an unknown chat", "send", patch(chatText("x"), map[string]any{"chatid": "none"}), 86003},
		{"a card", "send", patch(chatText("x"), map[string]any{"msgtype": "template_card"}), 40008},
		{"an empty text", "send", chatText(""), 44004},
		{"media of another type", "send", map[string]any{
			"chatid": "outage1", "msgtype": "file", "file": map[string]any{"media_id": image},
		}, 40007},
		{"a safe news", "send", patch(chatText("x"), map[string]any{"msgtype": "news", "safe": 1}), 40074},
	}
	for _, tt := range tests {
		refusedNamed(t, tt.name, e.post(t, "appchat/"+tt.path, tt.body), tt.want)
	}
	if err := e.AddApp(wecomsim.App{AgentID: 9, Secret: "third"}); err != nil {
		t.Fatal(err)
	}
	e.token = e.tokenOf(t, "third")
	refused(t, e.post(t, "appchat/send", chatText("x")), 86008)
	e.token = e.tokenOf(t, secret) // sees one department
	refused(t, e.post(t, "appchat/create", chat(map[string]any{"chatid": "y"})), 48002)
	refused(t, e.get(t, "appchat/get?chatid=outage1"), 48002)
	if got := e.ChatScreen("outage1", "lisi"); got != nil {
		t.Errorf("refused messages were shown: %+v", got)
	}
}

func TestAppchatLimits(t *testing.T) {
	t.Parallel()
	e := newChatEnv(t)
	accepted(t, e.post(t, "appchat/create", chat(nil)))
	for i := range 201 {
		accepted(t, e.post(t, "appchat/send", chatText(fmt.Sprint(i))))
	}
	if n := len(e.ChatScreen("outage1", "lisi")); n != 200 || e.Dropped("lisi") != 1 {
		t.Errorf("%d shown and %d dropped, want 200 and 1", n, e.Dropped("lisi"))
	}
	e.clock.advance(time.Minute)
	accepted(t, e.post(t, "appchat/send", chatText("x")))
	if n := len(e.ChatScreen("outage1", "lisi")); n != 201 {
		t.Errorf("%d shown after a minute, want 201", n)
	}
}
