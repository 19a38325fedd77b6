package wecomsim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"deskmate/wecom/wecomsim"
)

// patch is a body with some fields replaced, or removed where the value is nil.
func patch(body map[string]any, changes map[string]any) map[string]any {
	body = maps.Clone(body)
	for k, v := range changes {
		if v == nil {
			delete(body, k)
			continue
		}
		body[k] = v
	}
	return body
}

// message is a send of another type than text.
func message(msgType string, payload any) map[string]any {
	return map[string]any{"touser": "lisi", "agentid": agent, "msgtype": msgType, msgType: payload}
}

func TestSendRefused(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	connect(t, e)
	image := accepted(t, e.upload(t, "image", "media", "a.png", png()))["media_id"].(string)
	ok := text("lisi", "hi")
	long := func(n int) string { return strings.Repeat("x", n) }
	card := map[string]any{"title": "t", "description": "d", "url": "https://a.example"}
	article := map[string]any{"title": "t", "url": "https://a.example"}
	tests := []struct {
		name string
		body any
		want int
	}{
		{"no JSON", "agentid=1", 47001},
		{"JSON that goes on", `{"agentid":1000002} {}`, 47001},
		{"a list", `[]`, 47001},
		{"an empty body", ``, 47001},
		{"not UTF-8", "{\"touser\":\"\xff\"}", 47001},
		{"escapes", `{"touser":"lisi","msgtype":"text","agentid":1000002,"text":{"content":"\u003ca"}}`, 40033},
		{"a number for a text", patch(ok, map[string]any{"touser": 1}), 47001},
		{"no agentid", patch(ok, map[string]any{"agentid": nil}), 41011},
		{"agentid is a string", patch(ok, map[string]any{"agentid": "1000002"}), 40056},
		{"agentid is a fraction", `{"touser":"lisi","msgtype":"text","agentid":1000002.0,"text":{"content":"a"}}`, 40056},
		{"another app's agentid", patch(ok, map[string]any{"agentid": otherAgent}), 301002},
		{"agentid in another spelling", `{"touser":"lisi","msgtype":"text","AgentID":1000002,"text":{"content":"a"}}`, 41011},
		{"nobody", patch(ok, map[string]any{"touser": ""}), 82001},
		{"only people outside", patch(ok, map[string]any{"touser": "wangwu|gone|x"}), 81013},
		{"too many people", patch(ok, map[string]any{"touser": strings.Repeat("lisi|", 1001)}), 40032},
		{"too many departments", patch(ok, map[string]any{"toparty": strings.Repeat("2|", 101)}), 82002},
		{"too many tags", patch(ok, map[string]any{"totag": strings.Repeat("2|", 101)}), 82003},
		{"no msgtype", patch(ok, map[string]any{"msgtype": ""}), 40008},
		{"an unknown msgtype", patch(ok, map[string]any{"msgtype": "sticker"}), 40008},
		{"no text", patch(ok, map[string]any{"text": nil}), 44004},
		{"an empty text", text("lisi", ""), 44004},
		{"a bad flag", patch(ok, map[string]any{"enable_duplicate_check": 2}), 40058},
		{"a long interval", patch(ok, map[string]any{"duplicate_check_interval": 14401}), 40058},
		{"safe of what can't be", patch(message("textcard", card), map[string]any{"safe": 1}), 40058},
		{"safe news", patch(message("news", map[string]any{"articles": []any{article}}), map[string]any{"safe": 1}), 40074},
		{"safe 2 of a text", patch(ok, map[string]any{"safe": 2}), 40058},
		{"no markdown", message("markdown", map[string]any{}), 44004},
		{"a long markdown", message("markdown", map[string]any{"content": long(2049)}), 45002},
		{"no media_id", message("image", map[string]any{}), 41006},
		{"an unknown media_id", message("image", map[string]any{"media_id": "x"}), 40007},
		{"media of another type", message("file", map[string]any{"media_id": image}), 40007},
		{"a card without title", message("textcard", patch(card, map[string]any{"title": nil})), 41016},
		{"a card without description", message("textcard", patch(card, map[string]any{"description": ""})), 41033},
		{"a card without url", message("textcard", patch(card, map[string]any{"url": nil})), 45034},
		{"a url without scheme", message("textcard", patch(card, map[string]any{"url": "a.example/b"})), 45034},
		{"a long title", message("textcard", patch(card, map[string]any{"title": long(129)})), 45002},
		{"a long url", message("textcard", patch(card, map[string]any{"url": "https://a.example/" + long(2048)})), 45002},
		{"a long caption", message("textcard", patch(card, map[string]any{"btntxt": "看看这个吧"})), 45002},
		{"no articles", message("news", map[string]any{}), 40063},
		{"nine articles", message("news", map[string]any{"articles": []any{
			article, article, article, article, article, article, article, article, article,
		}}), 45008},
		{"an article without title", message("news", map[string]any{"articles": []any{map[string]any{"url": "https://a.example"}}}), 41016},
		{"a mini-program", message("miniprogram_notice", map[string]any{}), 48002},
		{"no card", message("template_card", nil), 40063},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			refused(t, e.post(t, "message/send", tt.body), tt.want)
		})
	}
	t.Cleanup(func() {
		if shown := e.Screen(agent, "lisi"); len(shown) != 0 {
			t.Errorf("refused messages were shown: %d", len(shown))
		}
	})
}

func TestSendTakesEscapedBackslash(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	accepted(t, e.post(t, "message/send", `{"touser":"lisi","msgtype":"text","agentid":1000002,"text":{"content":"C:\\users"}}`))
	if got := e.Screen(agent, "lisi")[0].Text; got != `C:\users` {
		t.Errorf("got %q", got)
	}
}

func TestCallsNameWhatIsPassedOver(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	accepted(t, e.post(t, "message/send", patch(text("lisi", "hi"), map[string]any{"saef": 1})))
	calls := e.Calls()
	last := calls[len(calls)-1]
	if last.Unknown != "saef" || last.Path != "message/send" || last.AgentID != agent || last.ErrCode != 0 {
		t.Errorf("call %+v", last)
	}
	if !json.Valid([]byte(last.Body)) {
		t.Errorf("body %q", last.Body)
	}
}

// buttons is a card of two buttons.
func buttons(taskID string, changes map[string]any) map[string]any {
	return patch(map[string]any{
		"card_type": "button_interaction", "task_id": taskID,
		"main_title": map[string]any{"title": "满意吗", "desc": "一次点击"},
		"button_list": []any{
			map[string]any{"text": "满意", "key": "good", "style": 1},
			map[string]any{"text": "不满意", "key": "bad", "style": 4},
			map[string]any{"text": "帮助", "type": 1, "url": "https://a.example"},
		},
	}, changes)
}

// options are n options.
func options(n int) []any {
	var list []any
	for i := range n {
		list = append(list, map[string]any{"id": fmt.Sprintf("o%d", i), "text": "选项"})
	}
	return list
}

// vote is a card of one question.
func vote(taskID string, changes map[string]any) map[string]any {
	return patch(map[string]any{
		"card_type": "vote_interaction", "task_id": taskID, "main_title": map[string]any{"title": "为什么"},
		"checkbox":      map[string]any{"question_key": "why", "mode": 1, "option_list": options(3)},
		"submit_button": map[string]any{"key": "send"},
	}, changes)
}

// selects is a card of two dropdowns.
func selects(changes map[string]any) map[string]any {
	return patch(map[string]any{
		"card_type": "multiple_interaction", "task_id": "t", "main_title": map[string]any{"title": "请选择"},
		"select_list": []any{
			map[string]any{"question_key": "a", "title": "甲", "option_list": options(2)},
			map[string]any{"question_key": "b", "title": "乙", "selected_id": "o1", "option_list": options(2)},
		},
		"submit_button": map[string]any{"text": "好", "key": "send"},
	}, changes)
}

// notice is a card that calls nobody back.
func notice(changes map[string]any) map[string]any {
	return patch(map[string]any{
		"card_type": "text_notice", "main_title": map[string]any{"title": "通知"},
		"card_action": map[string]any{"type": 1, "url": "https://a.example"},
	}, changes)
}

func TestCardRefused(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	connect(t, e)
	used := buttons("used", nil)
	accepted(t, e.post(t, "message/send", message("template_card", used)))
	button := func(fields map[string]any) map[string]any {
		return map[string]any{"button_list": []any{patch(map[string]any{"text": "a", "key": "k"}, fields)}}
	}
	menu := map[string]any{"action_list": []any{map[string]any{"text": "a", "key": "k"}}}
	many := func(n int, item map[string]any) []any {
		var list []any
		for range n {
			list = append(list, item)
		}
		return list
	}
	tests := []struct {
		name string
		card map[string]any
		want int
	}{
		{"unknown type", buttons("t", map[string]any{"card_type": "x"}), 40058},
		{"task_id missing", buttons("", nil), 42014},
		{"task_id used", used, 42014},
		{"task_id with a colon", buttons("a:b", nil), 42014},
		{"task_id too long", buttons(strings.Repeat("x", 129), nil), 42014},
		{"no title", buttons("t", map[string]any{"main_title": nil}), 40058},
		{"no buttons", buttons("t", map[string]any{"button_list": nil}), 40058},
		{"seven buttons", buttons("t", map[string]any{"button_list": many(7, map[string]any{"text": "a", "type": 1, "url": "https://a.example"})}), 40058},
		{"button without text", buttons("t", button(map[string]any{"text": ""})), 42020},
		{"button without key", buttons("t", button(map[string]any{"key": nil})), 42019},
		{"button with a long key", buttons("t", button(map[string]any{"key": strings.Repeat("x", 1025)})), 42018},
		{"buttons with one key", buttons("t", map[string]any{"button_list": many(2, map[string]any{"text": "a", "key": "k"})}), 42018},
		{"button with a bad style", buttons("t", button(map[string]any{"style": 5})), 40058},
		{"link without url", buttons("t", button(map[string]any{"type": 1})), 45034},
		{"button of no type", buttons("t", button(map[string]any{"type": 2})), 40058},
		{"a type as a string", buttons("t", button(map[string]any{"type": "0"})), 47001},
		{"notice without action", notice(map[string]any{"card_action": nil}), 42045},
		{"notice with action 0", notice(map[string]any{"card_action": map[string]any{"type": 0}}), 42045},
		{"notice with action of no url", notice(map[string]any{"card_action": map[string]any{"type": 1}}), 45034},
		{"notice without text", notice(map[string]any{"main_title": nil}), 40058},
		{"notice with a menu but no task_id", notice(map[string]any{"action_menu": menu}), 42014},
		{"menu without actions", notice(map[string]any{"task_id": "t", "action_menu": map[string]any{}}), 40058},
		{"seven rows", notice(map[string]any{"horizontal_content_list": many(7, map[string]any{"keyname": "a"})}), 40058},
		{"row without name", notice(map[string]any{"horizontal_content_list": many(1, map[string]any{"value": "a"})}), 40058},
		{"row with a lost file", notice(map[string]any{"horizontal_content_list": many(1, map[string]any{"keyname": "a", "type": 2, "media_id": "x"})}), 40007},
		{"four jumps", notice(map[string]any{"jump_list": many(4, map[string]any{"title": "a"})}), 40058},
		{"colour 4", notice(map[string]any{"source": map[string]any{"desc_color": 4}}), 40058},
		{"news without picture", notice(map[string]any{"card_type": "news_notice"}), 40058},
		{"news with a flat picture", notice(map[string]any{
			"card_type": "news_notice", "card_image": map[string]any{"url": "https://a.example", "aspect_ratio": 3},
		}), 40058},
		{"vote without question", vote("t", map[string]any{"checkbox": nil}), 40058},
		{"vote with 21 options", vote("t", map[string]any{"checkbox": map[string]any{"question_key": "q", "option_list": options(21)}}), 40058},
		{"vote with one id twice", vote("t", map[string]any{"checkbox": map[string]any{
			"question_key": "q", "option_list": many(2, map[string]any{"id": "a", "text": "b"}),
		}}), 40058},
		{"vote without button", vote("t", map[string]any{"submit_button": nil}), 42019},
		{"four selects", selects(map[string]any{"select_list": many(4, map[string]any{"question_key": "a", "option_list": options(1)})}), 40058},
		{"select with eleven options", selects(map[string]any{"select_list": many(1, map[string]any{"question_key": "a", "option_list": options(11)})}), 40058},
		{"select of an unknown option", selects(map[string]any{"select_list": many(1, map[string]any{
			"question_key": "a", "selected_id": "x", "option_list": options(2),
		})}), 40058},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			refused(t, e.post(t, "message/send", message("template_card", tt.card)), tt.want)
		})
	}
}

func TestCardNeedsCallback(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	refused(t, e.post(t, "message/send", message("template_card", buttons("t", nil))), 40057)
	reply := accepted(t, e.post(t, "message/send", message("template_card", notice(nil))))
	if _, ok := reply["response_code"]; ok {
		t.Error("a card that calls nobody back got a response_code")
	}
	shown := e.Screen(agent, "lisi")[0]
	want := &wecomsim.CardView{Kind: "text_notice", Title: "通知", URL: "https://a.example"}
	if shown.Card == nil || shown.Card.Title != want.Title || shown.Card.URL != want.URL {
		t.Errorf("the phone shows %+v", shown.Card)
	}
}
