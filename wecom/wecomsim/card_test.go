package wecomsim_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

// sendCard sends a card and gives its msgid and response_code.
func (e *env) sendCard(t testing.TB, to string, card map[string]any) (msgID, responseCode string) {
	t.Helper()
	reply := accepted(t, e.post(t, "message/send", patch(message("template_card", card), map[string]any{"touser": to})))
	responseCode, _ = reply["response_code"].(string)
	return reply["msgid"].(string), responseCode
}

// card is the card as it stands on a member's screen.
func (e *env) card(t testing.TB, userID, msgID string) *wecomsim.CardView {
	t.Helper()
	for _, b := range e.Screen(agent, userID) {
		if b.MsgID == msgID && b.Card != nil {
			return b.Card
		}
	}
	t.Fatalf("%s sees no such card", userID)
	return nil
}

func update(responseCode string, changes map[string]any) map[string]any {
	return patch(map[string]any{
		"agentid": agent, "response_code": responseCode, "atall": 1, "button": map[string]any{"replace_name": "已处理"},
	}, changes)
}

const updatePath = "message/update_template_card"

func TestCardClick(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	msgID, _ := e.sendCard(t, "zhangsan", buttons("task-1", nil))
	want := &wecomsim.CardView{
		Kind: "button_interaction", TaskID: "task-1", Title: "满意吗", Desc: "一次点击",
		Buttons: []wecomsim.CardButton{
			{Key: "good", Text: "满意", Style: 1},
			{Key: "bad", Text: "不满意", Style: 4},
			{Text: "帮助", URL: "https://a.example", Style: 1},
		},
	}
	if diff := cmp.Diff(want, e.card(t, "zhangsan", msgID)); diff != "" {
		t.Errorf("card (-want +got):\n%s", diff)
	}
	if err := e.Click(agent, "zhangsan", msgID, "good"); err != nil {
		t.Fatal(err)
	}
	first := d.next(t)
	if first.Event != "template_card_event" || first.EventKey != "good" || first.TaskID != "task-1" ||
		first.CardType != "button_interaction" || first.From != "ZhangSan" || first.AgentID != agent {
		t.Errorf("event %+v", first)
	}
	if err := e.Click(agent, "zhangsan", msgID, "bad"); err != nil {
		t.Fatal(err)
	}
	if second := d.next(t); second.ResponseCode == first.ResponseCode || second.ResponseCode == "" {
		t.Error("a second click brought no fresh response_code")
	}
	accepted(t, e.post(t, updatePath, update(first.ResponseCode, nil)))
	card := e.card(t, "zhangsan", msgID)
	if card.Replaced != "已处理" || !card.Buttons[0].Disabled {
		t.Errorf("after the update the phone shows %+v", card)
	}
}

func TestClickImpossible(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	msgID, responseCode := e.sendCard(t, "zhangsan", buttons("task", nil))
	plain := accepted(t, e.post(t, "message/send", text("zhangsan", "hi")))["msgid"].(string)
	if e.Click(agent, "zhangsan", msgID, "none") == nil || e.Click(agent, "zhangsan", msgID, "") == nil {
		t.Error("a button that isn't there was pressed")
	}
	if e.Click(agent, "lisi", msgID, "good") == nil || e.Click(agent, "zhangsan", plain, "good") == nil ||
		e.Click(agent, "zhangsan", "x", "good") == nil || e.Click(1, "zhangsan", msgID, "good") == nil {
		t.Error("a card that isn't there was pressed")
	}
	if e.Submit(agent, "zhangsan", msgID, nil) == nil || e.ClickCardMenu(agent, "zhangsan", msgID, "good") == nil {
		t.Error("what the card doesn't have was pressed")
	}
	accepted(t, e.post(t, updatePath, update(responseCode, nil)))
	if e.Click(agent, "zhangsan", msgID, "good") == nil {
		t.Error("a disabled button was pressed")
	}
	other, _ := e.sendCard(t, "zhangsan", buttons("task2", nil))
	accepted(t, e.post(t, "message/recall", map[string]any{"msgid": other}))
	if e.Click(agent, "zhangsan", other, "good") == nil {
		t.Error("a card that was taken back was pressed")
	}
	e.quiet(t)
	if len(d.got) != 0 {
		t.Errorf("%d callbacks came of it", len(d.got))
	}
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	type selection map[string][]string
	tests := []struct {
		name   string
		card   map[string]any
		chosen selection
		want   selection // nil: impossible
	}{
		{"vote of several", vote("t", nil), selection{"why": {"o0", "o2"}}, selection{"why": {"o0", "o2"}}},
		{"vote of none", vote("t", nil), selection{}, nil},
		{"vote of an unknown option", vote("t", nil), selection{"why": {"x"}}, nil},
		{"vote of two where one is allowed", vote("t", map[string]any{
			"checkbox": map[string]any{"question_key": "why", "option_list": options(3)},
		}), selection{"why": {"o0", "o1"}}, nil},
		{"selects as sent", selects(nil), nil, selection{"a": {"o0"}, "b": {"o1"}}},
		{"selects changed", selects(nil), selection{"b": {"o0"}}, selection{"a": {"o0"}, "b": {"o0"}}},
		{"selects of an unknown question", selects(nil), selection{"c": {"o0"}}, nil},
		{"selects of two options", selects(nil), selection{"b": {"o0", "o1"}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			d := connect(t, e)
			msgID, _ := e.sendCard(t, "lisi", tt.card)
			err := e.Submit(agent, "lisi", msgID, tt.chosen)
			if (err == nil) != (tt.want != nil) {
				t.Fatalf("error %v", err)
			}
			if tt.want == nil {
				return
			}
			in := d.next(t)
			got := selection{}
			for _, item := range in.Selected {
				got[item.Key] = item.IDs
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || in.EventKey != "send" {
				t.Errorf("key %q, selected (-want +got):\n%s", in.EventKey, diff)
			}
		})
	}
}

func TestCardMenu(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	msgID, responseCode := e.sendCard(t, "lisi", notice(map[string]any{
		"task_id": "n1", "action_menu": map[string]any{"action_list": []any{map[string]any{"text": "忽略", "key": "skip"}}},
	}))
	if responseCode == "" {
		t.Error("a notice with a menu got no response_code")
	}
	if err := e.ClickCardMenu(agent, "lisi", msgID, "skip"); err != nil {
		t.Fatal(err)
	}
	if in := d.next(t); in.Event != "template_card_menu_event" || in.EventKey != "skip" || in.ResponseCode == "" {
		t.Errorf("event %+v", in)
	}
	refused(t, e.post(t, updatePath, update(responseCode, nil)), 40058) // no buttons to replace
}

func TestUpdateCard(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	msgID, responseCode := e.sendCard(t, "zhangsan|lisi", buttons("task", nil))
	reply := accepted(t, e.post(t, updatePath, update(responseCode, map[string]any{
		"atall": 0, "userids": []string{"LiSi", "Wangwu"}, "button": nil,
		"template_card": vote("", map[string]any{"task_id": nil}),
	})))
	if diff := cmp.Diff([]any{"wangwu"}, reply["invaliduser"]); diff != "" {
		t.Errorf("invaliduser (-want +got):\n%s", diff)
	}
	if got := e.card(t, "zhangsan", msgID); got.Kind != "button_interaction" {
		t.Errorf("somebody else's card became %s", got.Kind)
	}
	if got := e.card(t, "lisi", msgID); got.Kind != "vote_interaction" || got.TaskID != "task" {
		t.Errorf("the card became %+v", got)
	}
	if err := e.Submit(agent, "lisi", msgID, map[string][]string{"why": {"o1"}}); err != nil {
		t.Fatal(err)
	}
	in := d.next(t)
	if in.TaskID != "task" || in.CardType != "vote_interaction" {
		t.Errorf("event %+v", in)
	}
	accepted(t, e.post(t, updatePath, update(in.ResponseCode, map[string]any{
		"button": nil, "template_card": vote("", map[string]any{
			"task_id": nil, "replace_text": "谢谢",
			"checkbox": map[string]any{"question_key": "why", "disable": true, "option_list": options(3)},
		}),
	})))
	for _, id := range []string{"lisi", "zhangsan"} { // atall
		if got := e.card(t, id, msgID); got.Replaced != "谢谢" || !got.Submit.Disabled || !got.Choices[0].Disabled {
			t.Errorf("%s sees %+v", id, got)
		}
	}
}

func TestUpdateRefused(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	connect(t, e)
	_, fresh := e.sendCard(t, "lisi", buttons("fresh", nil))
	_, used := e.sendCard(t, "lisi", buttons("used", nil))
	accepted(t, e.post(t, updatePath, update(used, nil)))
	tests := []struct {
		name string
		body map[string]any
		want int
	}{
		{"used", update(used, nil), 42016},
		{"unknown", update("x", nil), 42016},
		{"no code", update("", nil), 40063},
		{"no agentid", update(fresh, map[string]any{"agentid": nil}), 41011},
		{"userids as a text", update(fresh, map[string]any{"userids": "lisi"}), 47001},
		{"nobody", update(fresh, map[string]any{"atall": 0}), 82001},
		{"somebody who never got it", update(fresh, map[string]any{"atall": 0, "userids": []string{"zhangsan"}}), 81013},
		{"no change", update(fresh, map[string]any{"button": nil}), 40058},
		{"two changes", update(fresh, map[string]any{"template_card": notice(nil)}), 40058},
		{"no caption", update(fresh, map[string]any{"button": map[string]any{}}), 42020},
		{"a bad card", update(fresh, map[string]any{"button": nil, "template_card": buttons("", map[string]any{"button_list": nil})}), 40058},
	}
	for _, tt := range tests {
		refused(t, e.post(t, updatePath, tt.body), tt.want)
	}
	own := e.token
	e.token = e.tokenOf(t, otherSecret)
	refused(t, e.post(t, updatePath, update(fresh, map[string]any{"agentid": otherAgent})), 42015)
	e.token = own
	e.clock.advance(72 * time.Hour)
	e.token = e.tokenOf(t, secret)
	refused(t, e.post(t, updatePath, update(fresh, nil)), 42016)
}

func TestCardShowsWhatItsKindHas(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	connect(t, e)
	rich := map[string]any{
		"source": map[string]any{"desc": "员工服务"}, "sub_title_text": "正文",
		"horizontal_content_list": []any{map[string]any{"keyname": "姓名", "value": "张三"}},
		"jump_list":               []any{map[string]any{"title": "更多", "type": 1, "url": "https://a.example/more"}},
	}
	onVote, _ := e.sendCard(t, "lisi", vote("v", rich))
	if got := e.card(t, "lisi", onVote); got.Body != "" || got.Fields != nil || got.Source != "员工服务" || got.Submit.Text != "提交" {
		t.Errorf("the vote shows %+v", got)
	}
	onNotice, _ := e.sendCard(t, "lisi", notice(rich))
	want := &wecomsim.CardView{
		Kind: "text_notice", Source: "员工服务", Title: "通知", Body: "正文", URL: "https://a.example",
		Fields: []wecomsim.CardField{{Name: "姓名", Value: "张三"}},
		Links:  []wecomsim.CardLink{{Title: "更多", URL: "https://a.example/more"}},
	}
	if diff := cmp.Diff(want, e.card(t, "lisi", onNotice)); diff != "" {
		t.Errorf("the notice (-want +got):\n%s", diff)
	}
	onNews, _ := e.sendCard(t, "lisi", notice(map[string]any{
		"card_type": "news_notice", "card_image": map[string]any{"url": "https://a.example/p.png"},
		"vertical_content_list": []any{map[string]any{"title": "一", "desc": "二"}},
	}))
	if got := e.card(t, "lisi", onNews); got.ImageURL != "https://a.example/p.png" || len(got.Lines) != 1 {
		t.Errorf("the news shows %+v", got)
	}
}

func TestClickWith(t *testing.T) {
	t.Parallel()
	dropdown := map[string]any{"button_selection": map[string]any{
		"question_key": "q", "title": "类别", "selected_id": "o1", "option_list": options(3),
	}}
	tests := []struct {
		name   string
		chosen map[string][]string
		want   []string // nil: impossible
	}{
		{"as it stands", nil, []string{"o1"}},
		{"chosen", map[string][]string{"q": {"o2"}}, []string{"o2"}},
		{"two", map[string][]string{"q": {"o1", "o2"}}, nil},
		{"unknown option", map[string][]string{"q": {"x"}}, nil},
		{"unknown question", map[string][]string{"x": {"o1"}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			d := connect(t, e)
			msgID, _ := e.sendCard(t, "lisi", buttons("t", dropdown))
			err := e.ClickWith(agent, "lisi", msgID, "good", tt.chosen)
			if (err == nil) != (tt.want != nil) {
				t.Fatalf("error %v", err)
			}
			if tt.want == nil {
				return
			}
			in := d.next(t)
			if in.EventKey != "good" || len(in.Selected) != 1 || in.Selected[0].Key != "q" {
				t.Fatalf("event %+v", in)
			}
			if diff := cmp.Diff(tt.want, in.Selected[0].IDs); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}
