package wecom_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/wecom"
)

const (
	corpID    = "ww1234567890ABCDEF"
	agentID   = 1000002
	timestamp = "1700000000"
	nonce     = "42"
)

// account is the account of all tests.
func account() model.Account {
	return model.Account{
		ID: 7, Key: "hr", CorpID: corpID, AgentID: agentID,
		Secret: "app-secret", Token: sampleToken, EncodingAESKey: sampleKey,
	}
}

// callback is what WeCom would send for a plaintext: its query and its body.
func callback(t testing.TB, plain string) (wecom.Query, []byte) {
	t.Helper()
	crypto := mustCrypto(t, corpID)
	encrypted, err := crypto.Encrypt([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return query(crypto.Sign(timestamp, nonce, encrypted)), envelope(encrypted, agentID)
}

func query(signature string) wecom.Query {
	return wecom.Query{MsgSignature: signature, Timestamp: timestamp, Nonce: nonce}
}

func envelope(encrypted string, agent int) []byte {
	return fmt.Appendf(nil,
		"<xml><ToUserName><![CDATA[%s]]></ToUserName><AgentID><![CDATA[%d]]></AgentID><Encrypt><![CDATA[%s]]></Encrypt></xml>",
		corpID, agent, encrypted)
}

// document is a plaintext from zhangSan, with these elements inside.
func document(inner string) string {
	return "<xml><ToUserName><![CDATA[" + corpID + "]]></ToUserName><FromUserName><![CDATA[ZhangSan]]></FromUserName>" +
		"<CreateTime>1700000001</CreateTime>" + inner + "<AgentID>1000002</AgentID></xml>"
}

// fromSys is a plaintext from WeCom itself.
func fromSys(inner string) string {
	return "<xml><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1700000001</CreateTime>" +
		"<MsgType><![CDATA[event]]></MsgType>" + inner + "</xml>"
}

func mustReceive(t testing.TB, plain string) model.Inbound {
	t.Helper()
	q, body := callback(t, plain)
	in, err := wecom.Receive(account(), q, body)
	if err != nil {
		t.Fatalf("receive: %v", err)
	}
	return in
}

func TestReceiveMessages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, inner string
		want        model.Content
	}{
		{
			"text", "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[ 年假<几天> & \"?\"\n第二行 ]]></Content>",
			model.Content{Type: model.ContentText, Text: " 年假<几天> & \"?\"\n第二行 "},
		},
		{
			"text_with_control_characters", "<MsgType>text</MsgType><Content><![CDATA[a\bb\x00c\x1b[0m😀]]></Content>",
			model.Content{Type: model.ContentText, Text: "abc[0m😀"},
		},
		{
			"image", "<MsgType>image</MsgType><PicUrl><![CDATA[http://p/1?a=1&b=2]]></PicUrl><MediaId><![CDATA[m1]]></MediaId>",
			model.Content{Type: model.ContentImage, PicURL: "http://p/1?a=1&b=2", MediaID: "m1"},
		},
		{
			"voice", "<MsgType>voice</MsgType><MediaId>m2</MediaId><Format>amr</Format>",
			model.Content{Type: model.ContentVoice, MediaID: "m2", Format: "amr"},
		},
		{
			"video", "<MsgType>video</MsgType><MediaId>m3</MediaId><ThumbMediaId>t3</ThumbMediaId>",
			model.Content{Type: model.ContentVideo, MediaID: "m3", ThumbMediaID: "t3"},
		},
		{
			"location", "<MsgType>location</MsgType><Location_X>23.134</Location_X><Location_Y>-113.358</Location_Y><Scale>20</Scale><Label>位置</Label><AppType>wxwork</AppType>",
			model.Content{Type: model.ContentLocation, Latitude: 23.134, Longitude: -113.358, Scale: 20, Label: "位置"},
		},
		{
			"location_nowhere", "<MsgType>location</MsgType><Location_X>NaN</Location_X><Location_Y>Inf</Location_Y><Scale>x</Scale>",
			model.Content{Type: model.ContentLocation},
		},
		{
			"link", "<MsgType>link</MsgType><Title>标题</Title><Description>说明</Description><Url>https://u</Url><PicUrl>https://p</PicUrl>",
			model.Content{Type: model.ContentLink, Title: "标题", Description: "说明", URL: "https://u", PicURL: "https://p"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := mustReceive(t, document(tt.inner+"<MsgId>4561255354251345929</MsgId><Unknown><A/></Unknown>"))
			want := model.Inbound{
				AccountID: 7, Person: "zhangsan", DedupeKey: "m:4561255354251345929", CreatedMS: 1700000001000,
				Event: model.Event{Kind: model.EventMessage, Content: &tt.want},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReceiveEvents(t *testing.T) {
	t.Parallel()
	event := func(name, inner string) string {
		return document("<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[" + name + "]]></Event>" + inner)
	}
	click := "<EventKey>rate:1</EventKey><TaskId>task_1</TaskId><CardType>vote_interaction</CardType><ResponseCode>rc</ResponseCode>"
	tests := []struct {
		name, plain string
		person      string
		want        model.Event
	}{
		{"subscribe", event("subscribe", "<EventKey></EventKey>"), "zhangsan", model.Event{Kind: model.EventSubscribe}},
		{"unsubscribe", event("unsubscribe", ""), "zhangsan", model.Event{Kind: model.EventUnsubscribe}},
		{"enter", event("enter_agent", "<EventKey/>"), "zhangsan", model.Event{Kind: model.EventEnter}},
		{"menu_click", event("click", "<EventKey>handoff</EventKey>"), "zhangsan", model.Event{Kind: model.EventMenuClick, Key: "handoff"}},
		{"menu_view", event("view", "<EventKey>https://u/?a=1&amp;b</EventKey>"), "zhangsan", model.Event{Kind: model.EventMenuView, Key: "https://u/?a=1&b"}},
		{
			"card_button", event("template_card_event", click), "zhangsan",
			model.Event{Kind: model.EventCardClick, Click: &model.Click{
				Key: "rate:1", TaskID: "task_1", CardType: "vote_interaction", ResponseCode: "rc",
			}},
		},
		{
			"card_submit", event("template_card_event", click+"<SelectedItems>"+
				"<SelectedItem><QuestionKey>q1</QuestionKey><OptionIds><OptionId>a</OptionId><OptionId>b</OptionId></OptionIds></SelectedItem>"+
				"<SelectedItem><QuestionKey>q2</QuestionKey><OptionIds><OpitonId>c</OpitonId></OptionIds></SelectedItem></SelectedItems>"), "zhangsan",
			model.Event{Kind: model.EventCardClick, Click: &model.Click{
				Key: "rate:1", TaskID: "task_1", CardType: "vote_interaction", ResponseCode: "rc",
				Selected: map[string][]string{"q1": {"a", "b"}, "q2": {"c"}},
			}},
		},
		{
			"card_menu", event("template_card_menu_event", click), "zhangsan",
			model.Event{Kind: model.EventCardClick, Click: &model.Click{
				Key: "rate:1", TaskID: "task_1", CardType: "vote_interaction", ResponseCode: "rc", Menu: true,
			}},
		},
		{
			"member_created", fromSys("<Event>change_contact</Event><ChangeType>create_user</ChangeType><UserID>LiSi</UserID><Name>李四</Name><Department><![CDATA[2,3]]></Department><MainDepartment>3</MainDepartment><Mobile>1</Mobile>"), "",
			model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "create_user", UserID: "LiSi", Department: 3}},
		},
		{
			"member_created_reduced", fromSys("<Event>change_contact</Event><ChangeType>create_user</ChangeType><UserID>LiSi</UserID><Department>2,3</Department>"), "",
			model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "create_user", UserID: "LiSi", Department: 2}},
		},
		{
			"member_renamed", fromSys("<Event>change_contact</Event><ChangeType>update_user</ChangeType><UserID>LiSi</UserID><NewUserID>LiSi2</NewUserID>"), "",
			model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "update_user", UserID: "LiSi", NewUserID: "LiSi2"}},
		},
		{
			"member_gone", fromSys("<Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>LiSi</UserID>"), "",
			model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "delete_user", UserID: "LiSi"}},
		},
		{
			"department_created", fromSys("<Event>change_contact</Event><ChangeType>create_party</ChangeType><Id>5</Id><Name>财务</Name><ParentId>1</ParentId>"), "",
			model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "create_party", Department: 5}},
		},
		{
			"department_moved_reduced", fromSys("<Event>change_contact</Event><ChangeType>update_party</ChangeType><Id>5</Id><ParentId>2</ParentId>"), "",
			model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "update_party", Department: 5}},
		},
		{
			"department_gone", fromSys("<Event>change_contact</Event><ChangeType>delete_party</ChangeType><Id>5</Id>"), "",
			model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "delete_party", Department: 5}},
		},
		{
			"tag_changed", fromSys("<Event>change_contact</Event><ChangeType>update_tag</ChangeType><TagId>1</TagId><AddUserItems>a,b</AddUserItems>"), "",
			model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "update_tag"}},
		},
		{"inactive_alert", event("inactive_alert", "<EffectTime>1700009999</EffectTime>"), "", model.Event{Kind: model.EventAppAlert, Key: "inactive_alert", AtMS: 1700009999000}},
		{"close_inactive_agent", fromSys("<Event>close_inactive_agent</Event>"), "", model.Event{Kind: model.EventAppAlert, Key: "close_inactive_agent"}},
		{"reopen_inactive_agent", fromSys("<Event>reopen_inactive_agent</Event>"), "", model.Event{Kind: model.EventAppAlert, Key: "reopen_inactive_agent"}},
		{"low_active_alert", fromSys("<Event>low_active_alert</Event><EffectTime>1700009999</EffectTime>"), "", model.Event{Kind: model.EventAppAlert, Key: "low_active_alert", AtMS: 1700009999000}},
		{"low_active", fromSys("<Event>low_active</Event><EffectTime>99999999999999999</EffectTime>"), "", model.Event{Kind: model.EventAppAlert, Key: "low_active"}},
		{"active_restored", fromSys("<Event>active_restored</Event>"), "", model.Event{Kind: model.EventAppAlert, Key: "active_restored"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := mustReceive(t, tt.plain)
			if !strings.HasPrefix(got.DedupeKey, "e:") || len(got.DedupeKey) > 191 {
				t.Errorf("dedupe key is %q", got.DedupeKey)
			}
			got.DedupeKey = ""
			want := model.Inbound{AccountID: 7, Person: tt.person, CreatedMS: 1700000001000, Event: tt.want}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReceiveKeepsWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, plain, person string
	}{
		{"another_event", document("<MsgType>event</MsgType><Event>LOCATION</Event><Latitude>1</Latitude>"), "zhangsan"},
		{"another_message", document("<MsgType>file</MsgType><MediaId>m</MediaId>"), "zhangsan"},
		{"no_type", document(""), "zhangsan"},
		{"nobody", "<xml><MsgType>text</MsgType><Content>x</Content></xml>", ""},
		{"nobody_clicks", fromSys("<Event>click</Event><EventKey>k</EventKey>"), ""},
		{"userid_too_long", strings.Replace(document("<MsgType>text</MsgType>"), "ZhangSan", strings.Repeat("z", 500), 1), ""},
		{"no_xml", "hello", ""},
		{"nothing", "", ""},
		{"broken_xml", "<xml><MsgType>text</Content>", ""},
		{"two_documents", "<xml></xml><xml></xml>", ""},
		{"document_type", `<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>text</MsgType><Content>&a;</Content></xml>`, ""},
		{"entity", `<xml><MsgType>text</MsgType><Content>&a;</Content></xml>`, ""},
		{"deep", strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40), ""},
		{"many", "<xml>" + strings.Repeat("<a/>", 10_001) + "</xml>", ""},
		{"another_charset", `<?xml version="1.0" encoding="GBK"?><xml></xml>`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := mustReceive(t, tt.plain)
			want := model.Event{Kind: model.EventUnknown, Raw: tt.plain}
			if diff := cmp.Diff(want, got.Event); diff != "" {
				t.Error(diff)
			}
			if got.Person != tt.person || got.DedupeKey == "" {
				t.Errorf("person %q, dedupe key %q", got.Person, got.DedupeKey)
			}
		})
	}
}

func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	crypto := mustCrypto(t, corpID)
	encrypt := func(c *wecom.Crypto, plain string) string {
		encrypted, err := c.Encrypt([]byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		return encrypted
	}
	good := encrypt(crypto, document("<MsgType>text</MsgType>"))
	other := encrypt(mustCrypto(t, "ww9999999999999999"), document(""))
	foreign := encrypt(crypto, strings.Replace(document("<MsgType>text</MsgType>"), "1000002", "1000003", 1))
	sign := func(encrypted string) wecom.Query { return query(crypto.Sign(timestamp, nonce, encrypted)) }
	bare := account()
	bare.Token, bare.EncodingAESKey = "", ""
	tests := []struct {
		name   string
		acc    model.Account
		query  wecom.Query
		body   []byte
		code   model.Code
		reason string
	}{
		{"wrong_signature", account(), query(strings.Repeat("a", 40)), envelope(good, agentID), model.CodeUnauthenticated, "bad_signature"},
		{"no_signature", account(), wecom.Query{}, envelope(good, agentID), model.CodeUnauthenticated, "bad_signature"},
		{"no_ciphertext_unsigned", account(), query(""), []byte("<xml></xml>"), model.CodeUnauthenticated, "bad_signature"},
		{"no_ciphertext", account(), sign(""), []byte("<xml></xml>"), model.CodeInvalid, "bad_envelope"},
		{"not_encrypted", account(), sign("abcd"), envelope("abcd", agentID), model.CodeInvalid, "bad_envelope"},
		{"another_corp", account(), sign(other), envelope(other, agentID), model.CodeForbidden, "bad_receiveid"},
		{"another_app_outside", account(), sign(good), envelope(good, 1000003), model.CodeForbidden, "bad_agentid"},
		{"another_app_inside", account(), sign(foreign), envelope(foreign, agentID), model.CodeForbidden, "bad_agentid"},
		{"no_xml", account(), sign(good), []byte("{}"), model.CodeInvalid, "bad_envelope"},
		{"empty", account(), sign(good), nil, model.CodeInvalid, "bad_envelope"},
		{"document_type", account(), sign(good), append([]byte("<!DOCTYPE xml>"), envelope(good, agentID)...), model.CodeInvalid, "bad_envelope"},
		{"too_big", account(), sign(good), make([]byte, 1<<20+1), model.CodeInvalid, "too_big"},
		{"no_configuration", bare, sign(good), envelope(good, agentID), model.CodeInvalid, "bad_token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, err := wecom.Receive(tt.acc, tt.query, tt.body)
			if model.CodeOf(err) != tt.code || reasonOf(err) != tt.reason {
				t.Errorf("got %v (%s)", err, model.CodeOf(err))
			}
			if diff := cmp.Diff(model.Inbound{}, in); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReceiveAcceptsTheDirectorysEnvelope(t *testing.T) {
	t.Parallel()
	crypto := mustCrypto(t, strings.ToLower(corpID)) // and compares the corp without case
	encrypted, err := crypto.Encrypt([]byte(fromSys("<Event>change_contact</Event><ChangeType>delete_user</ChangeType>")))
	if err != nil {
		t.Fatal(err)
	}
	body := "<xml><Encrypt>" + encrypted + "</Encrypt></xml>"
	in, err := wecom.Receive(account(), query(crypto.Sign(timestamp, nonce, encrypted)), []byte(body))
	if err != nil || in.Event.Kind != model.EventContact {
		t.Errorf("got %v, %v", in.Event.Kind, err)
	}
}

func TestDedupeKeys(t *testing.T) {
	t.Parallel()
	key := func(plain string) string { return mustReceive(t, plain).DedupeKey }
	event := func(inner string) string { return document("<MsgType>event</MsgType>" + inner) }
	card := func(question, option string) string {
		return event("<Event>template_card_event</Event><TaskId>t</TaskId><ResponseCode>r</ResponseCode><SelectedItems><SelectedItem><QuestionKey>" +
			question + "</QuestionKey><OptionIds><OptionId>" + option + "</OptionId></OptionIds></SelectedItem></SelectedItems>")
	}
	same := [][2]string{
		{event("<Event>click</Event><EventKey>a</EventKey>"), event("<EventKey> a </EventKey><Event>click</Event>")},
		{card("q", "1"), card("q", "1")},
		{document("<MsgType>text</MsgType><Content>x</Content>"), document("<MsgType>text</MsgType><Content>x</Content>")},
	}
	for _, pair := range same {
		if key(pair[0]) != key(pair[1]) {
			t.Errorf("keys differ: %s and %s", pair[0], pair[1])
		}
	}
	different := []string{
		event("<Event>click</Event><EventKey>a</EventKey>"),
		event("<Event>click</Event><EventKey>b</EventKey>"),
		event("<Event>view</Event><EventKey>a</EventKey>"),
		event("<Event>enter_agent</Event>"),
		event("<Event>template_card_event</Event><TaskId>t</TaskId><ResponseCode>r</ResponseCode>"),
		event("<Event>template_card_event</Event><TaskId>t</TaskId><ResponseCode>s</ResponseCode>"),
		event("<Event>template_card_event</Event><TaskId>u</TaskId><ResponseCode>r</ResponseCode>"),
		card("q", "1"), card("q", "2"), card("q1", ""), card("", "q1"),
		fromSys("<Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>a</UserID>"),
		fromSys("<Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>b</UserID>"),
		fromSys("<Event>change_contact</Event><ChangeType>update_party</ChangeType><Id>1</Id>"),
		fromSys("<Event>change_contact</Event><ChangeType>update_party</ChangeType><Id>2</Id>"),
		document("<MsgType>text</MsgType><Content>x</Content>"),
		document("<MsgType>text</MsgType><Content>y</Content>"),
		document("<MsgType>text</MsgType><Content>y</Content><MsgId>1</MsgId>"),
		document("<MsgType>text</MsgType><Content>y</Content><MsgId>" + strings.Repeat("1", 200) + "</MsgId>"),
		event("<Event>LOCATION</Event><Latitude>1</Latitude>"),
		event("<Event>LOCATION</Event><Latitude>2</Latitude>"),
	}
	seen := map[string]string{}
	for _, plain := range different {
		k := key(plain)
		if before, ok := seen[k]; ok {
			t.Errorf("one key for %s and %s", before, plain)
		}
		seen[k] = plain
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	acc := account()
	acc.CorpID = sampleReceive
	values, err := url.ParseQuery("msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3&timestamp=1409659589&nonce=263014780&echostr=" + sampleEcho) // a bare "+"
	if err != nil {
		t.Fatal(err)
	}
	t.Run("answers_the_documented_sample", func(t *testing.T) {
		t.Parallel()
		got, err := wecom.Echo(acc, wecom.QueryFrom(values))
		if err != nil || string(got) != "1616140317555161061" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("refuses_a_wrong_signature", func(t *testing.T) {
		t.Parallel()
		q := wecom.QueryFrom(values)
		q.Nonce = "1"
		if _, err := wecom.Echo(acc, q); reasonOf(err) != "bad_signature" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("refuses_another_corp", func(t *testing.T) {
		t.Parallel()
		if _, err := wecom.Echo(account(), wecom.QueryFrom(values)); reasonOf(err) != "bad_receiveid" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("refuses_without_configuration", func(t *testing.T) {
		t.Parallel()
		if _, err := wecom.Echo(model.Account{CorpID: corpID}, wecom.QueryFrom(values)); reasonOf(err) != "bad_token" {
			t.Errorf("got %v", err)
		}
	})
}

func BenchmarkReceive(b *testing.B) {
	for _, size := range []int{50, 2000} {
		b.Run(fmt.Sprintf("text=%d_bytes", size), func(b *testing.B) {
			q, body := callback(b, document("<MsgType>text</MsgType><Content><![CDATA["+strings.Repeat("x", size)+"]]></Content><MsgId>1</MsgId>"))
			acc := account()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := wecom.Receive(acc, q, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzReceive feeds plaintexts that are rightly signed: whatever is in them, they are
// understood or kept, and can be stored.
func FuzzReceive(f *testing.F) {
	f.Add(document("<MsgType>text</MsgType><Content><![CDATA[x]]></Content><MsgId>1</MsgId>"))
	f.Add(document("<MsgType>location</MsgType><Location_X>1e999</Location_X><Scale>99999999999999999999</Scale>"))
	f.Add(document("<MsgType>event</MsgType><Event>template_card_event</Event><SelectedItems><SelectedItem><OptionIds><OpitonId/></OptionIds></SelectedItem></SelectedItems>"))
	f.Add(fromSys("<Event>change_contact</Event><ChangeType>create_party</ChangeType><Id>x</Id>"))
	f.Add("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")
	f.Add("<a>\xff\x00</a>")
	f.Fuzz(func(t *testing.T, plain string) {
		if len(plain) > 1<<16 {
			return
		}
		q, body := callback(t, plain)
		in, err := wecom.Receive(account(), q, body)
		if reasonOf(err) == "bad_agentid" {
			return
		}
		if err != nil {
			t.Fatalf("receive: %v", err)
		}
		if in.DedupeKey == "" || len(in.DedupeKey) > 191 || len(in.Person) > 128 || in.Event.Kind == "" {
			t.Errorf("not storable: %+v", in)
		}
		if in.Event.Kind == model.EventMessage && in.Person == "" {
			t.Error("a message from nobody")
		}
		if _, err := json.Marshal(in.Event); err != nil {
			t.Errorf("not JSON: %v", err)
		}
	})
}
