package simcheck_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xen0n/go-workwx"

	"deskmate/wecom/wecomsim"
)

func newWorkwx(w *world) *workwx.WorkwxApp {
	return workwx.New(w.CorpID(), workwx.WithQYAPIHost(w.api.URL)).WithApp(secret, agent)
}

func workwxCode(t testing.TB, err error, want int64) {
	t.Helper()
	var refusal *workwx.WorkwxClientError
	if !errors.As(err, &refusal) || refusal.Code != want {
		t.Errorf("error %v, want errcode %d", err, want)
	}
}

func TestWorkwxContacts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	app := newWorkwx(w)
	user, err := app.GetUser("zhangsan")
	must(t, err)
	want := &workwx.UserInfo{
		UserID: "ZhangSan", Name: "张三", Position: "会计", Status: workwx.UserStatusActivated,
		Departments: []workwx.UserDeptInfo{{DeptID: 2}, {DeptID: 3}},
	}
	if diff := cmp.Diff(want, user); diff != "" {
		t.Errorf("member (-want +got):\n%s", diff)
	}
	_, err = app.GetUser("nobody")
	workwxCode(t, err, 60111)
	users, err := app.ListUsersByDeptID(2, true)
	must(t, err)
	if len(users) != 2 || users[0].UserID != "lisi" || users[1].UserID != "ZhangSan" {
		t.Errorf("members %v", users)
	}
	departments, err := app.ListAllDepts()
	must(t, err)
	wantAll := []*workwx.DeptInfo{{ID: 1, Name: "企业"}, {ID: 2, Name: "财务部", ParentID: 1}, {ID: 3, Name: "税务组", ParentID: 2}}
	if diff := cmp.Diff(wantAll, departments); diff != "" {
		t.Errorf("departments (-want +got):\n%s", diff)
	}
	below, err := app.ListDepts(2)
	must(t, err)
	if diff := cmp.Diff(wantAll[1:], below); diff != "" {
		t.Errorf("departments below (-want +got):\n%s", diff)
	}
	id, err := app.GetUserIDByMobile("13800000000")
	if err != nil || id != "ZhangSan" {
		t.Errorf("the mobile is that of %q: %v", id, err)
	}
	_, err = app.GetUserIDByMobile("13900000000")
	workwxCode(t, err, 46004)
}

func TestWorkwxSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	app := newWorkwx(w)
	to := &workwx.Recipient{UserIDs: []string{"zhangsan"}}
	upload := func(name string, data []byte, how func(*workwx.Media) (*workwx.MediaUploadResult, error)) string {
		m, err := workwx.NewMediaFromBuffer(name, data)
		must(t, err)
		result, err := how(m)
		must(t, err)
		if result.MediaID == "" || result.CreatedAt.IsZero() {
			t.Errorf("upload gave %+v", result)
		}
		return result.MediaID
	}
	image := upload("图.png", png(), app.UploadTempImageMedia)
	voice := upload("v.amr", amr(), app.UploadTempVoiceMedia)
	video := upload("v.mp4", mp4(), app.UploadTempVideoMedia)
	file := upload("手册.pdf", []byte("%PDF-1.7"), app.UploadTempFileMedia)
	media := func(id, name string, size int) *wecomsim.MediaView {
		return &wecomsim.MediaView{ID: id, Name: name, Size: size}
	}
	tests := []struct {
		name string
		err  error
		want wecomsim.Bubble
	}{
		{"text", app.SendTextMessage(to, "你好\n\"第二行\"", false), wecomsim.Bubble{Type: "text", Text: "你好\n\"第二行\""}},
		{"safe text", app.SendTextMessage(to, "密", true), wecomsim.Bubble{Type: "text", Text: "密"}},
		{"markdown", app.SendMarkdownMessage(to, "**好**", false), wecomsim.Bubble{Type: "markdown", Text: "**好**"}},
		{"image", app.SendImageMessage(to, image, false), wecomsim.Bubble{Type: "image", Media: media(image, "图.png", len(png()))}},
		{"voice", app.SendVoiceMessage(to, voice, false), wecomsim.Bubble{Type: "voice", Media: media(voice, "v.amr", len(amr()))}},
		{"video", app.SendVideoMessage(to, video, "述", "题", false), wecomsim.Bubble{
			Type: "video", Title: "题", Desc: "述", Media: media(video, "v.mp4", len(mp4())),
		}},
		{"file", app.SendFileMessage(to, file, true), wecomsim.Bubble{Type: "file", Media: media(file, "手册.pdf", 8)}},
		{"card", app.SendTextCardMessage(to, "题", "述", "https://a.example/b", "看", false), wecomsim.Bubble{
			Type: "textcard", Title: "题", Desc: "述", URL: "https://a.example/b",
		}},
		{"mpnews", app.SendMPNewsMessage(to, "题", image, "作者", "https://a.example", "文", "摘", false), wecomsim.Bubble{
			Type: "mpnews", Title: "题", Articles: []wecomsim.Article{{Title: "题", Desc: "摘", URL: "https://a.example"}},
		}},
	}
	shown := w.Screen(agent, "zhangsan")
	if len(shown) != len(tests) {
		t.Fatalf("%d bubbles, want %d", len(shown), len(tests))
	}
	for i, tt := range tests {
		got := shown[i]
		if got.MsgID == "" || got.From != wecomsim.FromApp || got.At.IsZero() || tt.err != nil {
			t.Errorf("%s: %v, %+v", tt.name, tt.err, got)
		}
		tt.want.MsgID, tt.want.From, tt.want.At = got.MsgID, got.From, got.At
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s is shown (-want +got):\n%s", tt.name, diff)
		}
	}
	must(t, app.SendTextMessage(&workwx.Recipient{TagIDs: []string{"7"}, PartyIDs: []string{"3"}}, "值班", false))
	for _, id := range []string{"zhangsan", "lisi"} {
		if w.last(t, id).Text != "值班" {
			t.Errorf("%s did not get what the tag got", id)
		}
	}
}

// What this client sends otherwise than the pages say is refused as they say.
func TestWorkwxRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	app := newWorkwx(w)
	to := &workwx.Recipient{UserIDs: []string{"zhangsan"}}
	tests := []struct {
		name string
		err  error
		want int64
	}{
		{"escapes < as \\u003c", app.SendTextMessage(to, "a<b", false), 40033},
		{"news without articles", app.SendNewsMessage(to, "题", "述", "https://a.example", "", false), 40063},
		{"the message type before template cards", app.SendTaskCardMessage(to, "题", "述", "https://a.example", "t", nil, false), 40008},
		{"nobody in range", app.SendTextMessage(&workwx.Recipient{UserIDs: []string{"nobody"}}, "a", false), 81013},
		{"a safe card", app.SendTextCardMessage(to, "题", "述", "https://a.example", "", true), 40058},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			workwxCode(t, tt.err, tt.want)
		})
	}
	if shown := w.Screen(agent, "zhangsan"); shown != nil {
		t.Errorf("refused messages were shown: %d", len(shown))
	}
	other := workwx.New(w.CorpID(), workwx.WithQYAPIHost(w.api.URL)).WithApp("wrong", agent)
	_, err := other.GetUser("zhangsan")
	workwxCode(t, err, 40001)
	assistant := workwx.New(w.CorpID(), workwx.WithQYAPIHost(w.api.URL)).WithApp(contactSecret, 0)
	_, err = assistant.GetUser("zhangsan")
	workwxCode(t, err, 48009)
}

func TestWorkwxAppchat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	app := newWorkwx(w)
	id, err := app.CreateAppchat(chatOfTwo())
	must(t, err)
	info, err := app.GetAppchat(id)
	must(t, err)
	want := &workwx.ChatInfo{ChatID: id, Name: "故障群", OwnerUserID: "lisi", MemberUserIDs: []string{"ZhangSan", "lisi"}}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("chat (-want +got):\n%s", diff)
	}
	must(t, app.SendTextMessage(&workwx.Recipient{ChatID: id}, "请看", false))
	must(t, app.SendMarkdownMessage(&workwx.Recipient{ChatID: id}, "**好**", false))
	if shown := w.ChatScreen(id, "zhangsan"); len(shown) != 2 || shown[0].Text != "请看" || shown[1].Type != "markdown" {
		t.Errorf("the group shows %+v", shown)
	}
	workwxCode(t, app.SendTextMessage(&workwx.Recipient{ChatID: "none"}, "a", false), 86003)
}

func TestWorkwxWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	hook := workwx.NewWebhookClient("hook", workwx.WithQYAPIHost(w.api.URL))
	must(t, hook.SendTextMessage("告警", &workwx.Mentions{UserIDs: []string{"lisi"}, Mobiles: []string{"@all"}}))
	must(t, hook.SendMarkdownMessage("**好**"))
	shown := w.WebhookScreen("hook")
	if len(shown) != 2 || shown[0].Text != "告警" || shown[1].Text != "**好**" {
		t.Fatalf("the group shows %+v", shown)
	}
	if diff := cmp.Diff([]string{"lisi", "@all"}, shown[0].Mentions); diff != "" {
		t.Errorf("mentions (-want +got):\n%s", diff)
	}
}

func TestWorkwxTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	app := newWorkwx(w)
	corp, err := app.GetJSAPITicket()
	must(t, err)
	own, err := app.GetJSAPITicketAgentConfig()
	must(t, err)
	if corp == "" || own == "" || corp == own {
		t.Errorf("tickets %q and %q", corp, own)
	}
	m, err := workwx.NewMediaFromBuffer("a.png", png())
	must(t, err)
	if address, err := app.UploadPermanentImageMedia(m); err != nil || address == "" {
		t.Errorf("the picture is at %q: %v", address, err)
	}
}

// codeOf signs a member in at the simulator's page and gives the code of the redirect.
func codeOf(t testing.TB, w *world, page, userID string) string {
	t.Helper()
	at, err := url.Parse(page)
	must(t, err)
	q := at.Query()
	q.Set("as", userID)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.api.URL+at.Path+"?"+q.Encode(), http.NoBody)
	must(t, err)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	must(t, err)
	defer resp.Body.Close()
	to, err := resp.Location()
	must(t, err)
	if to.Host != "desk.example" || to.Query().Get("code") == "" || to.Query().Get("state") != q.Get("state") {
		t.Fatalf("redirected to %s", to)
	}
	return to.Query().Get("code")
}

func TestWorkwxSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wecomsim.Config{})
	app := newWorkwx(w)
	page := "/connect/oauth2/authorize?" + url.Values{
		"appid": {w.CorpID()}, "redirect_uri": {"https://desk.example/"}, "response_type": {"code"}, "scope": {"snsapi_base"},
	}.Encode()
	who, err := app.GetUserInfoByCode(codeOf(t, w, page, "zhangsan"))
	if err != nil || who.UserID != "ZhangSan" {
		t.Errorf("%+v: %v", who, err)
	}
	_, err = app.GetUserInfoByCode("x")
	workwxCode(t, err, 40029)
}

func chatOfTwo() *workwx.ChatInfo {
	return &workwx.ChatInfo{Name: "故障群", OwnerUserID: "lisi", MemberUserIDs: []string{"ZhangSan", "lisi"}}
}
