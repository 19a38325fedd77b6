package wecom_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

const cardOK = `{"errcode":0,"errmsg":"ok","msgid":"msg-1","response_code":"rc-1"}`

func TestPushBodies(t *testing.T) {
	t.Parallel()
	envelope := func(msgtype, rest string) string {
		return `{"touser":"zhangsan","msgtype":"` + msgtype + `","agentid":1000002,` + rest + `}`
	}
	tests := []struct {
		name string
		push model.Push
		want string
	}{
		{"text", model.Push{Kind: model.PushText, Text: "你好\n<b>&\"\\u0041"}, envelope("text", `"text":{"content":"你好\n<b>&\"\\u0041"}`)},
		{"markdown", model.Push{Kind: model.PushMarkdown, Text: "**粗**"}, envelope("markdown", `"markdown":{"content":"**粗**"}`)},
		{"image", model.Push{Kind: model.PushImage, MediaID: "m"}, envelope("image", `"image":{"media_id":"m"}`)},
		{"voice", model.Push{Kind: model.PushVoice, MediaID: "m"}, envelope("voice", `"voice":{"media_id":"m"}`)},
		{"file", model.Push{Kind: model.PushFile, MediaID: "m"}, envelope("file", `"file":{"media_id":"m"}`)},
		{
			"video",
			model.Push{Kind: model.PushVideo, MediaID: "m", Title: "题", Desc: "述"},
			envelope("video", `"video":{"media_id":"m","title":"题","description":"述"}`),
		},
		{
			"textcard",
			model.Push{Kind: model.PushTextCard, Title: "题", Desc: "述", URL: "https://d/x?a=1&b=2"},
			envelope("textcard", `"textcard":{"title":"题","description":"述","url":"https://d/x?a=1&b=2"}`),
		},
		{
			"buttons",
			model.Push{Kind: model.PushCard, Card: &model.Card{
				Kind: model.CardButtons, TaskID: "s1_rate@x-1", Source: "人力", Title: "请评价", Desc: "本次服务", Body: "正文",
				Fields: []model.CardField{{Name: "坐席", Value: "李四"}, {Name: "详情", Value: "打开", URL: "https://d/s"}},
				Buttons: []model.CardButton{
					{Text: "满意", Key: "rate:1", Style: model.StyleStrong}, {Text: "不满意", Key: "rate:3"}, {Text: "网页", URL: "https://d/r"},
				},
				URL: "https://d/",
			}},
			envelope("template_card", `"template_card":{"card_type":"button_interaction","source":{"desc":"人力"},
				"main_title":{"title":"请评价","desc":"本次服务"},"sub_title_text":"正文",
				"horizontal_content_list":[{"keyname":"坐席","value":"李四"},{"type":1,"keyname":"详情","value":"打开","url":"https://d/s"}],
				"card_action":{"type":1,"url":"https://d/"},"task_id":"s1_rate@x-1",
				"button_list":[{"text":"满意","style":1,"key":"rate:1"},{"text":"不满意","key":"rate:3"},{"type":1,"text":"网页","url":"https://d/r"}]},
				"enable_duplicate_check":1,"duplicate_check_interval":14400`),
		},
		{
			"vote",
			model.Push{Kind: model.PushCard, Card: &model.Card{
				Kind: model.CardVote, TaskID: "t", Title: "原因",
				Choices: []model.CardChoice{{Key: "q", Multi: true, Options: []model.CardOption{{ID: "1", Text: "太慢"}, {ID: "2", Text: "答非所问"}}}},
				Submit:  model.CardButton{Text: "提交", Key: "submit"},
			}},
			envelope("template_card", `"template_card":{"card_type":"vote_interaction","main_title":{"title":"原因"},"task_id":"t",
				"checkbox":{"question_key":"q","mode":1,"option_list":[{"id":"1","text":"太慢"},{"id":"2","text":"答非所问"}]},
				"submit_button":{"text":"提交","key":"submit"}},"enable_duplicate_check":1,"duplicate_check_interval":14400`),
		},
		{
			"selects",
			model.Push{Kind: model.PushCard, Card: &model.Card{
				Kind: model.CardSelects, TaskID: "t", Title: "设置",
				Choices: []model.CardChoice{
					{Key: "a", Title: "状态", Options: []model.CardOption{{ID: "1", Text: "在线"}}},
					{Key: "b", Options: []model.CardOption{{ID: "1", Text: "是"}}},
				},
				Submit: model.CardButton{Key: "save"},
			}},
			envelope("template_card", `"template_card":{"card_type":"multiple_interaction","main_title":{"title":"设置"},"task_id":"t",
				"select_list":[{"question_key":"a","title":"状态","option_list":[{"id":"1","text":"在线"}]},{"question_key":"b","option_list":[{"id":"1","text":"是"}]}],
				"submit_button":{"key":"save"}},"enable_duplicate_check":1,"duplicate_check_interval":14400`),
		},
		{
			"notice",
			model.Push{Kind: model.PushCard, Card: &model.Card{Kind: model.CardNotice, Body: "有新消息", URL: "https://d/"}},
			envelope("template_card", `"template_card":{"card_type":"text_notice","sub_title_text":"有新消息","card_action":{"type":1,"url":"https://d/"}}`),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("message/send", cardOK)
			tt.push.Receiver = "zhangsan"
			receipt, err := a.client().Push(t.Context(), account(), tt.push)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(model.Receipt{MsgID: "msg-1", ResponseCode: "rc-1"}, receipt); diff != "" {
				t.Error(diff)
			}
			call := a.last("message/send")
			if diff := cmp.Diff(mustJSON(t, tt.want), mustJSON(t, call.body)); diff != "" {
				t.Error(diff)
			}
			if !strings.HasPrefix(call.contentType, "application/json") {
				t.Errorf("content type is %q", call.contentType)
			}
			if diff := cmp.Diff(map[string]string{"access_token": "token-1"}, call.query); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPushHasNoEscapes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"html", "a<b>&'c", `"a<b>&'c"`},
		{"line_separators", "a\u2028b\u2029c", "\"a\u2028b\u2029c\""},
		{"control_characters", "a\x00b\x1bc\x7fd", "\"abc\x7fd\""},
		{"short_escapes", "a\n\t\r\"\\b", `"a\n\t\r\"\\b"`},
		{"backslash_u", `\u4e00 \\u4e00`, `"\\u4e00 \\\\u4e00"`},
		{"broken", "a\xffb", "\"a\uFFFDb\""},
		{"emoji", "😀", `"😀"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("message/send", sentOK)
			if _, err := a.client().Push(t.Context(), account(), textPush(tt.text)); err != nil {
				t.Fatal(err)
			}
			want := `{"touser":"zhangsan","msgtype":"text","agentid":1000002,"text":{"content":` + tt.want + `}}`
			if diff := cmp.Diff(want, a.last("message/send").body); diff != "" {
				t.Error(diff)
			}
			mustJSON(t, a.last("message/send").body)
		})
	}
}

func TestPushChangesAndRecalls(t *testing.T) {
	t.Parallel()
	card := &model.Card{Kind: model.CardNotice, Title: "已由李四接待", TaskID: "t", URL: "https://d/"}
	buttons := &model.Card{Kind: model.CardButtons, Title: "已评价", TaskID: "t", Buttons: []model.CardButton{{Text: "满意", Key: "k"}}}
	tests := []struct {
		name, path string
		push       model.Push
		want       string
	}{
		{
			"button", "message/update_template_card",
			model.Push{Kind: model.PushUpdate, Update: &model.CardUpdate{ResponseCode: "rc", Replace: "已评价"}},
			`{"userids":["zhangsan"],"agentid":1000002,"response_code":"rc","button":{"replace_name":"已评价"}}`,
		},
		{
			"card", "message/update_template_card",
			model.Push{Kind: model.PushUpdate, Update: &model.CardUpdate{ResponseCode: "rc", Card: card}},
			`{"userids":["zhangsan"],"agentid":1000002,"response_code":"rc","template_card":{"card_type":"text_notice",
				"main_title":{"title":"已由李四接待"},"card_action":{"type":1,"url":"https://d/"}}}`,
		},
		{
			"card_with_a_grey_button", "message/update_template_card",
			model.Push{Kind: model.PushUpdate, Update: &model.CardUpdate{ResponseCode: "rc", Card: buttons, Replace: "谢谢"}},
			`{"userids":["zhangsan"],"agentid":1000002,"response_code":"rc","template_card":{"card_type":"button_interaction",
				"main_title":{"title":"已评价"},"button_list":[{"text":"满意","key":"k"}],"replace_text":"谢谢"}}`,
		},
		{"recall", "message/recall", model.Push{Kind: model.PushRecall, MsgID: "msg-1"}, `{"msgid":"msg-1"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on(tt.path, `{"errcode":0,"errmsg":"ok","invaliduser":[]}`)
			tt.push.Receiver = "zhangsan"
			if _, err := a.client().Push(t.Context(), account(), tt.push); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(mustJSON(t, tt.want), mustJSON(t, a.last(tt.path).body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPushRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("x", n) }
	update := func(u *model.CardUpdate) model.Push { return model.Push{Kind: model.PushUpdate, Update: u} }
	tests := []struct {
		name string
		push model.Push
		says string
	}{
		{"no_kind", model.Push{}, "kind"},
		{"another_kind", model.Push{Kind: "news"}, "kind"},
		{"no_receiver", model.Push{Receiver: "-", Kind: model.PushText, Text: "x"}, "receiver"},
		{"everybody", model.Push{Receiver: "@all", Kind: model.PushText, Text: "x"}, "receiver"},
		{"two_receivers", model.Push{Receiver: "a|b", Kind: model.PushText, Text: "x"}, "receiver"},
		{"receiver_with_space", model.Push{Receiver: "a b", Kind: model.PushText, Text: "x"}, "receiver"},
		{"change_for_everybody", model.Push{Receiver: "@all", Kind: model.PushUpdate, Update: &model.CardUpdate{ResponseCode: "r", Replace: "x"}}, "receiver"},
		{"empty_text", model.Push{Kind: model.PushText}, "empty"},
		{"long_text", model.Push{Kind: model.PushText, Text: long(2049)}, "2048"},
		{"long_markdown", model.Push{Kind: model.PushMarkdown, Text: long(2049)}, "2048"},
		{"no_image", model.Push{Kind: model.PushImage}, "media_id"},
		{"no_video", model.Push{Kind: model.PushVideo}, "media_id"},
		{"long_video_title", model.Push{Kind: model.PushVideo, MediaID: "m", Title: long(129)}, "128"},
		{"long_video_description", model.Push{Kind: model.PushVideo, MediaID: "m", Desc: long(513)}, "512"},
		{"textcard_without_title", model.Push{Kind: model.PushTextCard, Desc: "d", URL: "https://d"}, "title"},
		{"textcard_without_description", model.Push{Kind: model.PushTextCard, Title: "t", URL: "https://d"}, "description"},
		{"long_textcard", model.Push{Kind: model.PushTextCard, Title: long(129), Desc: "d", URL: "https://d"}, "128"},
		{"textcard_without_scheme", model.Push{Kind: model.PushTextCard, Title: "t", Desc: "d", URL: "d.example/x"}, "https"},
		{"textcard_with_script", model.Push{Kind: model.PushTextCard, Title: "t", Desc: "d", URL: "javascript:alert(1)"}, "https"},
		{"textcard_with_long_url", model.Push{Kind: model.PushTextCard, Title: "t", Desc: "d", URL: "https://d/" + long(2048)}, "2048"},
		{"no_card", model.Push{Kind: model.PushCard}, "no card"},
		{"no_change", update(nil), "response_code"},
		{"change_without_code", update(&model.CardUpdate{Replace: "x"}), "response_code"},
		{"change_to_nothing", update(&model.CardUpdate{ResponseCode: "r"}), "caption"},
		{"change_to_a_bad_card", update(&model.CardUpdate{ResponseCode: "r", Card: &model.Card{Kind: "x"}}), "kind"},
		{"recall_of_nothing", model.Push{Kind: model.PushRecall}, "msgid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			switch tt.push.Receiver {
			case "":
				tt.push.Receiver = "zhangsan"
			case "-":
				tt.push.Receiver = ""
			}
			_, err := a.client().Push(t.Context(), account(), tt.push)
			checkRefused(t, a, err, tt.says)
		})
	}
}

// checkRefused expects a push to be dropped with a reason before anything was called.
func checkRefused(t testing.TB, a *api, err error, says string) {
	t.Helper()
	var failure *model.PushError
	if !errors.As(err, &failure) || failure.Class != model.FailDrop || reasonOf(err) != "bad_push" {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("%q does not say %q", err, says)
	}
	if n := len(a.asked("gettoken")); n != 0 {
		t.Error("WeCom was called")
	}
}
