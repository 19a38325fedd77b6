package simcheck_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/util"
	"github.com/silenceper/wechat/v2/work"
	"github.com/silenceper/wechat/v2/work/addresslist"
	"github.com/silenceper/wechat/v2/work/appchat"
	"github.com/silenceper/wechat/v2/work/config"
	"github.com/silenceper/wechat/v2/work/message"
	"github.com/silenceper/wechat/v2/work/oauth"
	"github.com/silenceper/wechat/v2/work/robot"

	"deskmate/wecom/wecomsim"
)

// redirect sends this client's calls to a world. Its HTTP client is the process's, so one
// test runs all of its parts, one after the other.
type redirect struct{ to *world }

func (r *redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != "qyapi.weixin.qq.com" {
		return nil, errors.New("a call of another host")
	}
	target, err := url.Parse(r.to.api.URL)
	if err != nil {
		return nil, err
	}
	sent := req.Clone(req.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = target.Scheme, target.Host, target.Host
	return http.DefaultTransport.RoundTrip(sent)
}

func newSilenceper(w *world) *work.Work {
	return work.NewWork(&config.Config{CorpID: w.CorpID(), CorpSecret: secret, AgentID: agentText, Cache: cache.NewMemory()})
}

func silenceperCode(t testing.TB, err error, want int64) {
	t.Helper()
	var refusal *util.CommonError
	if !errors.As(err, &refusal) || refusal.ErrCode != want {
		t.Errorf("error %v, want errcode %d", err, want)
	}
}

func TestSilenceper(t *testing.T) {
	t.Parallel()
	way := &redirect{}
	util.DefaultHTTPClient = &http.Client{Transport: way, Timeout: waitAtMost}
	parts := []struct {
		name string
		run  func(*testing.T, *world, *work.Work)
	}{
		{"token", silenceperToken},
		{"members", silenceperMembers},
		{"departments", silenceperDepartments},
		{"tags", silenceperTags},
		{"contact assistant", silenceperAssistant},
		{"media", silenceperMedia},
		{"sign-in", silenceperSignIn},
		{"tickets", silenceperTickets},
		{"strict sends", silenceperStrictSends},
		{"appchat", silenceperAppchat},
		{"robot", silenceperRobot},
	}
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) { //nolint:paralleltest // the client's transport is the process's
			way.to = newWorld(t, wecomsim.Config{})
			part.run(t, way.to, newSilenceper(way.to))
		})
	}
	t.Run("lenient sends", func(t *testing.T) { //nolint:paralleltest // as above
		way.to = newWorld(t, wecomsim.Config{QuotedAgentID: true})
		silenceperLenientSends(t, way.to, newSilenceper(way.to))
	})
}

func silenceperToken(t *testing.T, w *world, wk *work.Work) {
	t.Helper()
	first, err := wk.GetContext().GetAccessToken()
	must(t, err)
	second, err := wk.GetContext().GetAccessToken()
	if err != nil || first == "" || first != second {
		t.Errorf("tokens %q and %q: %v", first, second, err)
	}
	if calls := w.Calls(); len(calls) != 1 || calls[0].Path != "gettoken" {
		t.Errorf("the token was not cached: %d calls", len(calls))
	}
	w.InvalidateTokens() // this client keeps it all the same
	_, err = wk.GetAddressList().UserGet("lisi")
	silenceperCode(t, err, 40014)
	must(t, wk.GetContext().Cache.Delete("gowechat_work__access_token_"+w.CorpID()+"_"+agentText))
	_, err = wk.GetAddressList().UserGet("lisi")
	must(t, err)
}

func silenceperMembers(t *testing.T, _ *world, wk *work.Work) {
	t.Helper()
	contacts := wk.GetAddressList()
	user, err := contacts.UserGet("zhangsan")
	must(t, err)
	if user.UserID != "ZhangSan" || user.Name != "张三" || user.Position != "会计" || user.Status != 1 || user.Gender != "0" ||
		user.MainDepartment != 2 || user.Mobile != "" || !cmp.Equal(user.Department, []int{2, 3}) || !cmp.Equal(user.DirectLeader, []string{"lisi"}) {
		t.Errorf("member %+v", user)
	}
	_, err = contacts.UserGet("nobody")
	silenceperCode(t, err, 60111)
	list, err := contacts.UserSimpleList(2)
	must(t, err)
	want := []*addresslist.UserList{
		{UserID: "lisi", Name: "李四", Department: []int{2}},
		{UserID: "ZhangSan", Name: "张三", Department: []int{2, 3}},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	found, err := contacts.GetUserid(&addresslist.GetUseridRequest{Mobile: "13800000000"})
	if err != nil || found.Userid != "ZhangSan" {
		t.Errorf("the mobile is that of %+v: %v", found, err)
	}
	found, err = contacts.GetUseridByEmail(&addresslist.GetUseridByEmailRequest{Email: "zhang@corp.example"})
	if err != nil || found.Userid != "ZhangSan" {
		t.Errorf("the mail is that of %+v: %v", found, err)
	}
}

func silenceperDepartments(t *testing.T, _ *world, wk *work.Work) {
	t.Helper()
	contacts := wk.GetAddressList()
	all, err := contacts.DepartmentList()
	must(t, err)
	one := func(id int, name string, parent int) *addresslist.Department {
		return &addresslist.Department{ID: id, Name: name, ParentID: parent, DepartmentLeader: []string{}}
	}
	want := []*addresslist.Department{one(1, "企业", 0), one(2, "财务部", 1), one(3, "税务组", 2)}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("departments (-want +got):\n%s", diff)
	}
	below, err := contacts.DepartmentListByID(2)
	if diff := cmp.Diff(want[1:], below); err != nil || diff != "" {
		t.Errorf("below (-want +got): %v\n%s", err, diff)
	}
	ids, err := contacts.DepartmentSimpleList(2)
	wantIDs := []*addresslist.DepartmentID{{ID: 2, ParentID: 1}, {ID: 3, ParentID: 2}}
	if diff := cmp.Diff(wantIDs, ids); err != nil || diff != "" {
		t.Errorf("ids (-want +got): %v\n%s", err, diff)
	}
	single, err := contacts.DepartmentGet(3)
	if diff := cmp.Diff(want[2], single); err != nil || diff != "" {
		t.Errorf("one (-want +got): %v\n%s", err, diff)
	}
	_, err = contacts.DepartmentGet(99)
	silenceperCode(t, err, 60003)
}

func silenceperTags(t *testing.T, _ *world, wk *work.Work) {
	t.Helper()
	tags, err := wk.GetAddressList().ListTag()
	must(t, err)
	if diff := cmp.Diff([]addresslist.Tag{{TagID: 7, TagName: "值班"}}, tags.TagList); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	tag, err := wk.GetAddressList().GetTag(7)
	must(t, err)
	if tag.TagName != "值班" || !cmp.Equal(tag.PartyList, []int{3}) ||
		!cmp.Equal(tag.UserList, []addresslist.GetTagUserList{{UserID: "lisi", Name: "李四"}}) {
		t.Errorf("tag %+v", tag)
	}
	_, err = wk.GetAddressList().GetTag(8)
	silenceperCode(t, err, 40068)
}

func silenceperAssistant(t *testing.T, w *world, app *work.Work) {
	t.Helper()
	wk := work.NewWork(&config.Config{CorpID: w.CorpID(), CorpSecret: contactSecret, Cache: cache.NewMemory()})
	var got []string
	req := &addresslist.UserListIDRequest{Limit: 2}
	for range 5 {
		page, err := wk.GetAddressList().UserListID(req)
		must(t, err)
		for _, u := range page.DeptUser {
			got = append(got, u.UserID)
		}
		if req.Cursor = page.NextCursor; req.Cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"lisi", "ZhangSan", "ZhangSan"}, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	_, err := wk.GetAddressList().UserGet("lisi")
	silenceperCode(t, err, 48009)
	_, err = app.GetAddressList().UserListID(req)
	silenceperCode(t, err, 48002)
}

func silenceperMedia(t *testing.T, w *world, wk *work.Work) {
	t.Helper()
	files := wk.GetMaterial()
	up, err := files.UploadTempFileFromReader("手册.pdf", "file", bytes.NewReader([]byte("%PDF-1.7")))
	must(t, err)
	if up.MediaID == "" || up.Type != "file" || up.CreateAt == "" {
		t.Errorf("upload %+v", up)
	}
	data, err := files.GetTempFile(up.MediaID)
	if err != nil || string(data) != "%PDF-1.7" {
		t.Errorf("the file holds %q: %v", data, err)
	}
	_, err = files.GetTempFile("x")
	silenceperCode(t, err, 40007)
	_, err = files.UploadTempFileFromReader("a.gif", "image", bytes.NewReader([]byte("GIF89a....")))
	silenceperCode(t, err, 40123)
	img, err := files.UploadImgFromReader("a.png", bytes.NewReader(png()))
	if err != nil || img.URL == "" {
		t.Errorf("the picture is at %+v: %v", img, err)
	}
	connect(t, w) // else the conversation has no input box
	if w.SendImage(agent, "lisi", png(), "a.png") == "" {
		t.Fatal("nothing was sent")
	}
	data, err = files.GetTempFile(w.last(t, "lisi").Media.ID)
	if err != nil || !bytes.Equal(data, png()) {
		t.Errorf("what a member sent holds %q: %v", data, err)
	}
}

func silenceperSignIn(t *testing.T, w *world, wk *work.Work) {
	t.Helper()
	auth := wk.GetOauth()
	const back = "https://desk.example/login?next=1"
	who, err := auth.GetUserInfo(codeOf(t, w, auth.GetTargetURL(back), "lisi"))
	if err != nil || who.UserID != "lisi" || who.UserTicket != "" {
		t.Errorf("%+v: %v", who, err)
	}
	old, err := auth.UserFromCode(codeOf(t, w, auth.GetTargetURL(back), "lisi"))
	if err != nil || old.UserID != "lisi" {
		t.Errorf("%+v: %v", old, err)
	}
	who, err = auth.GetUserInfo(codeOf(t, w, auth.GetQrContentTargetURL(back), wecomsim.Outsider))
	if err != nil || who.UserID != "" || who.OpenID == "" {
		t.Errorf("%+v: %v", who, err)
	}
	who, err = auth.GetUserInfo(codeOf(t, w, auth.GetTargetPrivateURL(back, agentText), "ZhangSan"))
	must(t, err)
	detail, err := auth.GetUserDetail(&oauth.GetUserDetailRequest{UserTicket: who.UserTicket})
	if err != nil || detail.Mobile != "13800000000" || detail.BizMail != "zhang@corp.example" || detail.Gender != "1" {
		t.Errorf("%+v: %v", detail, err)
	}
	_, err = auth.GetUserInfo("x")
	silenceperCode(t, err, 40029)
	_, err = auth.GetUserDetail(&oauth.GetUserDetailRequest{UserTicket: "x"})
	silenceperCode(t, err, 84015)
}

func silenceperTickets(t *testing.T, w *world, wk *work.Work) {
	t.Helper()
	corp, err := wk.JsSdk().GetConfig("https://desk.example/")
	must(t, err)
	own, err := wk.JsSdk().GetAgentConfig("https://desk.example/")
	must(t, err)
	if len(corp.Signature) != 40 || len(own.Signature) != 40 || time.Since(time.Unix(own.Timestamp, 0)) > time.Minute {
		t.Errorf("signatures %+v and %+v", corp, own)
	}
	var paths []string
	for _, call := range w.Calls() {
		paths = append(paths, call.Path)
	}
	if diff := cmp.Diff([]string{"gettoken", "get_jsapi_ticket", "ticket/get"}, paths); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func textTo(content string) message.SendTextRequest {
	return message.SendTextRequest{
		SendRequestCommon: &message.SendRequestCommon{ToUser: "lisi", AgentID: agentText},
		Text:              message.TextField{Content: content},
	}
}

// This client's sends have an agentid that is a string, which the pages don't allow.
func silenceperStrictSends(t *testing.T, w *world, wk *work.Work) {
	t.Helper()
	_, err := wk.GetMessage().SendText(textTo("你好"))
	silenceperCode(t, err, 40056)
	own := map[string]any{"touser": "lisi", "msgtype": "text", "agentid": agent, "text": map[string]any{"content": "你好"}}
	sent, err := wk.GetMessage().Send("own", own) // its Send takes any body
	must(t, err)
	if b := w.last(t, "lisi"); b.Text != "你好" || b.MsgID != sent.MsgID {
		t.Errorf("shown is %+v", b)
	}
	own["text"] = map[string]any{"content": "a<b"} // which it escapes as \u003c
	_, err = wk.GetMessage().Send("own", own)
	silenceperCode(t, err, 40033)
}

// Where the configuration takes such an agentid, they work but for the escapes.
func silenceperLenientSends(t *testing.T, w *world, wk *work.Work) {
	t.Helper()
	send := wk.GetMessage()
	sent, err := send.SendText(textTo("你好\n\"二\""))
	must(t, err)
	if b := w.last(t, "lisi"); b.Text != "你好\n\"二\"" || b.MsgID != sent.MsgID || b.Type != "text" {
		t.Errorf("shown is %+v", b)
	}
	to := textTo("").SendRequestCommon
	image, err := wk.GetMaterial().UploadTempFileFromReader("a.png", "image", bytes.NewReader(png()))
	must(t, err)
	_, err = send.SendImage(message.SendImageRequest{SendRequestCommon: to, Image: message.ImageField{MediaID: image.MediaID}})
	must(t, err)
	if b := w.last(t, "lisi"); b.Type != "image" || b.Media.ID != image.MediaID {
		t.Errorf("shown is %+v", b)
	}
	voice, err := wk.GetMaterial().UploadTempFileFromReader("a.amr", "voice", bytes.NewReader(amr()))
	must(t, err)
	_, err = send.SendVoice(message.SendVoiceRequest{SendRequestCommon: to, Voice: message.VoiceField{MediaID: voice.MediaID}})
	must(t, err)
	if b := w.last(t, "lisi"); b.Type != "voice" || b.Media.Name != "a.amr" {
		t.Errorf("shown is %+v", b)
	}
	some := textTo("一部分")
	some.ToUser = "lisi|Nobody"
	partly, err := send.SendText(some)
	if err != nil || partly.InvalidUser != "nobody" {
		t.Errorf("%+v: %v", partly, err)
	}
	_, err = send.SendText(textTo("a<b"))
	silenceperCode(t, err, 40033)
	none := textTo("x")
	none.ToUser = "nobody"
	_, err = send.SendText(none)
	silenceperCode(t, err, 81013)
	for range 40 {
		_, err = send.SendText(textTo("多"))
		must(t, err)
	}
	if w.Shown(agent, "lisi") != 30 || w.Dropped("lisi") == 0 {
		t.Errorf("%d shown and %d dropped", w.Shown(agent, "lisi"), w.Dropped("lisi"))
	}
}

func silenceperAppchat(t *testing.T, w *world, wk *work.Work) {
	t.Helper()
	id, err := newWorkwx(w).CreateAppchat(chatOfTwo())
	must(t, err)
	common := &appchat.SendRequestCommon{ChatID: id}
	chat := wk.GetAppChat()
	_, err = chat.SendText(appchat.SendTextRequest{SendRequestCommon: common, Text: appchat.TextField{Content: "请看"}})
	must(t, err)
	image, err := wk.GetMaterial().UploadTempFileFromReader("a.png", "image", bytes.NewReader(png()))
	must(t, err)
	_, err = chat.SendImage(appchat.SendImageRequest{SendRequestCommon: common, Image: appchat.ImageField{MediaID: image.MediaID}})
	must(t, err)
	if shown := w.ChatScreen(id, "lisi"); len(shown) != 2 || shown[0].Text != "请看" || shown[1].Media.Name != "a.png" {
		t.Errorf("the group shows %+v", shown)
	}
	common.ChatID = "none"
	_, err = chat.SendText(appchat.SendTextRequest{SendRequestCommon: common, Text: appchat.TextField{Content: "请看"}})
	silenceperCode(t, err, 86003)
}

func silenceperRobot(t *testing.T, w *world, wk *work.Work) {
	t.Helper()
	hook := wk.GetRobot()
	text := robot.WebhookSendTextOption{MsgType: "text"}
	text.Text.Content, text.Text.MentionedList = "告警 <1>", []string{"@all"} // not escaped here
	card := robot.WebHookSendTempNoticeOption{MsgType: "template_card"}
	card.TemplateCard.CardType = "text_notice"
	card.TemplateCard.MainTitle.Title = "通知"
	card.TemplateCard.CardAction = robot.CardAction{Type: 1, URL: "https://a.example"}
	for _, option := range []any{text, card} {
		if info, err := hook.RobotBroadcast("hook", option); err != nil || info.ErrCode != 0 {
			t.Errorf("%+v: %v", info, err)
		}
	}
	shown := w.WebhookScreen("hook")
	if len(shown) != 2 || shown[0].Text != "告警 <1>" || shown[1].Card.URL != "https://a.example" {
		t.Errorf("the group shows %+v", shown)
	}
	if info, err := hook.RobotBroadcast("none", text); err != nil || info.ErrCode != 93000 {
		t.Errorf("%+v: %v", info, err)
	}
	for range 18 {
		_, err := hook.RobotBroadcast("hook", text)
		must(t, err)
	}
	if info, err := hook.RobotBroadcast("hook", text); err != nil || info.ErrCode != 45009 {
		t.Errorf("the 21st of a minute: %+v: %v", info, err)
	}
}
