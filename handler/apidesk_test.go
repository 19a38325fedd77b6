package handler_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
	"deskmate/model"
)

// Every act: what the desk is told.
func TestAPIActs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, token, method, target, body string
		want                              []string
	}{
		{"claim", "li", "POST", "sessions/3/claim", "", []string{"seat_claim on chen session=3 seat=li"}},
		{"take_over", "boss", "POST", "sessions/2/takeover", "", []string{"seat_claim on zhang session=2 seat=boss by=boss force"}},
		{"reply", "li", "POST", "sessions/1/replies", `{"text":"好的"}`, []string{"seat_message on wang session=1 seat=li: text 好的"}},
		{"a_text_like_a_shortcut", "li", "POST", "sessions/1/replies", `{"text":"/hi"}`, []string{"seat_message on wang session=1 seat=li: text /hi"}},
		{"file", "li", "POST", "sessions/1/replies", `{"media":"12"}`, []string{"seat_message on wang session=1 seat=li: file 12 a.pdf 9"}},
		{
			"quick_reply", "li", "POST", "sessions/1/replies", `{"quick_reply":"31"}`,
			[]string{"seat_message on wang session=1 seat=li: text WANG您好，我是LI（IT）"},
		},
		{"quick_reply_of_the_account", "zhao", "POST", "sessions/2/replies", `{"quick_reply":"32"}`, []string{"seat_message on zhang session=2 seat=zhao: text 请打开平台"}},
		{"reply_of_an_owner", "boss", "POST", "sessions/1/replies", `{"text":"好的"}`, []string{"seat_message on wang session=1 seat=boss: text 好的"}},
		{"keep_of_an_owner", "boss", "POST", "sessions/1/keep", `{"on":true}`, []string{"seat_keep on wang session=1 seat=boss"}},
		{"end_of_an_owner", "boss", "POST", "sessions/1/end", "", []string{"seat_end on wang session=1 seat=boss by=boss"}},
		{"note", "li", "POST", "sessions/1/notes", `{"text":"老客户"}`, []string{"seat_note on wang session=1 seat=li: text 老客户"}},
		{"note_of_an_owner", "boss", "POST", "sessions/1/notes", `{"text":"注意"}`, []string{"seat_note on wang session=1 seat=boss by=boss: text 注意"}},
		{
			"transfer", "li", "POST", "sessions/1/transfer", `{"seat":"ZHAO","note":" 他懂 "}`,
			[]string{"seat_transfer on wang session=1 seat=li target=zhao note=他懂"},
		},
		{"to_the_queue", "li", "POST", "sessions/1/transfer", `{"queue":true}`, []string{"seat_transfer on wang session=1 seat=li"}},
		{"end", "li", "POST", "sessions/1/end", "", []string{"seat_end on wang session=1 seat=li"}},
		{"keep", "li", "POST", "sessions/1/keep", `{"on":true}`, []string{"seat_keep on wang session=1 seat=li"}},
		{"keep_no_longer", "li", "POST", "sessions/1/keep", `{"on":false}`, []string{"seat_keep on wang session=1 seat=li reason=off"}},
		{"recall", "li", "POST", "sessions/1/recall", `{"seq":4}`, []string{"seat_recall on wang session=1 seat=li reason=4"}},
		{"next", "li", "POST", "next", "", []string{"seat_next on li session=0 seat=li"}},
		{"state", "li", "PUT", "me/state", `{"state":"away"}`, []string{"seat_state on li session=0 seat=li reason=away"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &floor{done: handler.Done{Outcome: model.OutcomeHandled, Reason: "x"}}
			w := as(t, f.open(), tt.token, tt.method, tt.target, tt.body)
			if w.Code != http.StatusOK {
				t.Fatalf("answered %d %s", w.Code, w.Body)
			}
			if diff := cmp.Diff(tt.want, f.did); diff != "" {
				t.Errorf("did (-want +got):\n%s", diff)
			}
			if f.from != "192.0.2.1" {
				t.Errorf("done from %q", f.from)
			}
		})
	}
}

// What is refused, nobody does.
func TestAPIActsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, token, method, target, body string
		status                            int
		reason                            string
	}{
		{"nobody", "sync", "POST", "sessions/1/end", "", http.StatusForbidden, "no_member"},
		{"nobodys_next", "sync", "POST", "next", "", http.StatusForbidden, "no_member"},
		{"nobodys_state", "sync", "PUT", "me/state", `{"state":"away"}`, http.StatusForbidden, "no_member"},
		{"no_seat", "boss", "GET", "me", "", http.StatusForbidden, "not_a_seat"},
		{"may_not_answer", "reader", "POST", "sessions/3/claim", "", http.StatusForbidden, "permission"},
		{"may_not_upload", "reader", "POST", "files", "", http.StatusUnprocessableEntity, "bad_request"},
		{"no_session", "li", "POST", "sessions/9/claim", "", http.StatusNotFound, "not_found"},
		{"nothing_said", "li", "POST", "sessions/1/replies", `{}`, http.StatusBadRequest, "reply_content"},
		{"two_things_said", "li", "POST", "sessions/1/replies", `{"text":"a","media":"12"}`, http.StatusBadRequest, "reply_content"},
		{"blank", "li", "POST", "sessions/1/replies", `{"text":" \n"}`, http.StatusBadRequest, "text_empty"},
		{"blank_note", "li", "POST", "sessions/1/notes", `{"text":" "}`, http.StatusBadRequest, "text_empty"},
		{"no_such_file", "li", "POST", "sessions/1/replies", `{"media":"99"}`, http.StatusBadRequest, "media_missing"},
		{"no_file_for_people", "li", "POST", "sessions/1/replies", `{"media":"13"}`, http.StatusBadRequest, "media_missing"},
		{"anothers_quick_reply", "zhao", "POST", "sessions/2/replies", `{"quick_reply":"31"}`, http.StatusBadRequest, "quick_reply_missing"},
		{"no_such_quick_reply", "li", "POST", "sessions/1/replies", `{"quick_reply":"99"}`, http.StatusBadRequest, "quick_reply_missing"},
		{"transfer_to_nobody", "li", "POST", "sessions/1/transfer", `{}`, http.StatusBadRequest, "transfer_target"},
		{"transfer_to_both", "li", "POST", "sessions/1/transfer", `{"seat":"zhao","queue":true}`, http.StatusBadRequest, "transfer_target"},
		{"no_state", "li", "PUT", "me/state", `{"state":"gone"}`, http.StatusUnprocessableEntity, "bad_request"},
		{"not_the_last_line", "li", "POST", "sessions/1/recall", `{"seq":2}`, http.StatusConflict, "not_last"},
		{"a_note", "li", "POST", "sessions/1/recall", `{"seq":3}`, http.StatusConflict, "not_last"},
		{"anothers_line", "li", "POST", "sessions/1/recall", `{"seq":1}`, http.StatusConflict, "not_last"},
		{"no_such_line", "li", "POST", "sessions/1/recall", `{"seq":9}`, http.StatusConflict, "not_last"},
		{"no_line", "li", "POST", "sessions/1/recall", `{"seq":0}`, http.StatusUnprocessableEntity, "bad_request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &floor{}
			w := as(t, f.open(), tt.token, tt.method, tt.target, tt.body)
			if got := failureOf(t, w); w.Code != tt.status || got.Error.Reason != tt.reason {
				t.Errorf("answered %d %s, want %d %s", w.Code, w.Body, tt.status, tt.reason)
			}
			if f.did != nil {
				t.Errorf("did %v", f.did)
			}
		})
	}
}

// A conflict says who has the session, and one that is pending says so.
func TestAPIActsLost(t *testing.T) {
	t.Parallel()
	f := &floor{refused: errBusy}
	w := as(t, f.open(), "li", "POST", "sessions/2/claim", "")
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), `"holder":{"userid":"zhao","name":"ZHAO"}`) ||
		!strings.Contains(w.Body.String(), `"reason":"claimed"`) {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	f.refused = &model.Error{Code: model.CodeUnavailable, Reason: "pending", Message: "稍后"}
	w = as(t, f.open(), "li", "POST", "sessions/1/replies", `{"text":"x"}`)
	if got := failureOf(t, w); w.Code != http.StatusServiceUnavailable || got.Error.Reason != "pending" {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

// keys remembers the keys of acts.
type keys struct{ floor }

func (k *keys) Key(t *testing.T, token, target, body, once string) string {
	t.Helper()
	k.did = nil
	if w := as(t, k.open(), token, "POST", target, body, "Idempotency-Key", once); w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	return k.did[0]
}

// A request that is repeated is the same act, and no other request is.
func TestAPIOnce(t *testing.T) {
	t.Parallel()
	k := &keys{}
	if got := k.Key(t, "li", "sessions/1/end", "", "k1"); !strings.HasSuffix(got, " once") {
		t.Errorf("an act with a key: %s", got)
	}
	if got := k.Key(t, "li", "sessions/1/end", "", ""); strings.HasSuffix(got, " once") {
		t.Errorf("an act without a key: %s", got)
	}
	same := handler.ActKey("token:li", "li", model.Event{Kind: model.EventSeatEnd, Session: 1}, "k1")
	for name, other := range map[string]string{
		"key":     handler.ActKey("token:li", "li", model.Event{Kind: model.EventSeatEnd, Session: 1}, "k2"),
		"session": handler.ActKey("token:li", "li", model.Event{Kind: model.EventSeatEnd, Session: 2}, "k1"),
		"act":     handler.ActKey("token:li", "li", model.Event{Kind: model.EventSeatKeep, Session: 1}, "k1"),
		"member":  handler.ActKey("token:li", "zhao", model.Event{Kind: model.EventSeatEnd, Session: 1}, "k1"),
	} {
		if other == same {
			t.Errorf("another %s has the same key", name)
		}
	}
	if again := handler.ActKey("token:li", "li", model.Event{Kind: model.EventSeatEnd, Session: 1}, "k1"); again != same {
		t.Error("the same act has another key")
	}
	if w := as(t, k.open(), "li", "POST", "sessions/1/end", "", "Idempotency-Key", strings.Repeat("k", 65)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a long key: %d", w.Code)
	}
}

// Whose sessions are whose to see.
func TestAPIVisibleSessions(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{ // by session: + seen, ! seen and audited, - not there
		"li":     "+1 -2 !3 !4 +5 !6 !7 !8",
		"zhao":   "!1 +2 !3 !4 +5 +6 +7 !8",
		"reader": "!1 !2 !3 !4 +5 !6 !7 !8",
		"boss":   "!1 !2 !3 !4 !5 !6 !7 !8",
		"sync":   "!1 !2 !3 !4 !5 !6 !7 !8",
	} {
		var got []string
		for id := '1'; id <= '8'; id++ {
			f := &floor{}
			h := f.open()
			w := as(t, h, token, "GET", "sessions/"+string(id)+"/messages", "")
			one := as(t, h, token, "GET", "sessions/"+string(id), "")
			mark := "+"
			switch {
			case w.Code == http.StatusNotFound:
				mark = "-"
			case len(f.audits) == 1:
				mark = "!"
			}
			if one.Code != w.Code {
				t.Errorf("%s sees session %c %d, its transcript %d", token, id, one.Code, w.Code)
			}
			got = append(got, mark+string(id))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", token, diff)
		}
	}
}

// A reading is in the audit log once an hour, and nobody reads where the log is away.
func TestAPIReadingsAreAudited(t *testing.T) {
	t.Parallel()
	f := &floor{failing: errLog, now: simNow}
	h := f.open()
	if w := as(t, h, "boss", "GET", "sessions/1/messages", ""); w.Code != http.StatusInternalServerError {
		t.Errorf("without a log: %d %s", w.Code, w.Body)
	}
	f.failing = nil
	for range 2 {
		as(t, h, "boss", "GET", "sessions/1/messages", "")
		as(t, h, "zhao", "GET", "sessions/1/messages", "")
	}
	f.now = f.now.Add(time.Hour)
	as(t, h, "boss", "GET", "sessions/1/messages", "")
	want := []string{"token:boss session.read 1", "seat:zhao session.read 1", "token:boss session.read 1"}
	if diff := cmp.Diff(want, f.audits); diff != "" {
		t.Errorf("audited (-want +got):\n%s", diff)
	}
}

func TestAPITranscript(t *testing.T) {
	t.Parallel()
	f := &floor{}
	h := f.open()
	w := as(t, h, "li", "GET", "sessions/1/messages?limit=3&after=1", "")
	want := `{"items":[` +
		`{"seq":2,"from":"seat","sender":{"userid":"li","name":"LI"},"type":"text","text":"错了","at":"1970-01-01T00:00:02Z","recalled_at":"1970-01-01T00:00:03Z"},` +
		`{"seq":3,"from":"note","sender":{"userid":"li","name":"LI"},"type":"text","text":"老客户","at":"1970-01-01T00:00:04Z"},` +
		`{"seq":4,"from":"seat","sender":{"userid":"li","name":"LI"},"type":"file","text":"[文件] a.pdf","name":"a.pdf","size":9,"media":"12","at":"1970-01-01T00:00:05Z"}],"next":"4"}`
	if diff := cmp.Diff(decoded(t, want), decoded(t, w.Body.String())); diff != "" {
		t.Errorf("transcript (-want +got):\n%s", diff)
	}
	w = as(t, h, "li", "GET", "sessions/1/messages/4/media", "")
	if w.Code != http.StatusOK || w.Body.String() != "%PDF-1.7\n" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("a file: %d %v %q", w.Code, w.Header(), w.Body)
	}
	w = as(t, h, "li", "GET", "sessions/1/messages/4/media", "", "Range", "bytes=1-3")
	if w.Code != http.StatusPartialContent || w.Body.String() != "PDF" {
		t.Errorf("a part of it: %d %q", w.Code, w.Body)
	}
	for _, target := range []string{"sessions/1/messages/1/media", "sessions/1/messages/9/media", "sessions/2/messages/4/media"} {
		if w := as(t, h, "li", "GET", target, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

// What people sent is for those who may read the session, and the log says who did.
func TestAPIKeptMedia(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		token, session string
		status         int
		audits         []string
	}{
		{"zhao", "2", http.StatusOK, nil},
		{"li", "2", http.StatusNotFound, nil},
		{"li", "6", http.StatusOK, []string{"seat:li session.read 6"}},
		{"boss", "2", http.StatusOK, []string{"token:boss session.read 2"}},
	} {
		f := &floor{}
		h := f.open()
		target := "sessions/" + tt.session + "/messages/1/media"
		w := as(t, h, tt.token, "GET", target, "")
		if w.Code != tt.status || (w.Body.String() == "the voice") != (tt.status == http.StatusOK) {
			t.Errorf("%s reads %s: %d %q", tt.token, target, w.Code, w.Body)
		}
		as(t, h, tt.token, "GET", target, "") // a player asks for part after part
		if diff := cmp.Diff(tt.audits, f.audits); diff != "" {
			t.Errorf("%s reads %s, audited (-want +got):\n%s", tt.token, target, diff)
		}
	}
}

func TestAPISessionLists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		token, query, did string
		status            int
	}{
		{"li", "", `list mine of "li" after 0-0 limit 50`, http.StatusOK},
		{"li", "?list=queue&after=4000-3&limit=1", `list queue of "li" after 4000-3 limit 1`, http.StatusOK},
		{"li", "?list=attention", `list attention of "li" after 0-0 limit 50`, http.StatusOK},
		{"li", "?list=closed&seat=LI", `list closed of "li" after 0-0 limit 50`, http.StatusOK},
		{"li", "?list=closed&seat=zhao", "", http.StatusForbidden},
		{"li", "?list=all_open", "", http.StatusForbidden},
		{"li", "?list=x", "", http.StatusUnprocessableEntity},
		{"li", "?after=x", "", http.StatusBadRequest},
		{"boss", "?list=all_open", `list all_open of "" after 0-0 limit 50`, http.StatusOK},
		{"boss", "?list=mine", `list mine of "boss" after 0-0 limit 50`, http.StatusOK},
		{"boss", "?list=closed&seat=Zhao", `list closed of "zhao" after 0-0 limit 50`, http.StatusOK},
		{"sync", "?list=mine", "", http.StatusForbidden},
		{"sync", "?list=attention", `list attention of "" after 0-0 limit 50`, http.StatusOK},
	} {
		f := &floor{}
		w := as(t, f.open(), tt.token, "GET", "sessions"+tt.query, "")
		if w.Code != tt.status || strings.Join(f.did, " ") != tt.did {
			t.Errorf("%s %s: %d %s; did %v", tt.token, tt.query, w.Code, w.Body, f.did)
		}
	}
	w := as(t, (&floor{}).open(), "li", "GET", "sessions?limit=1", "")
	want := `{"items":[{"id":"3","state":"queued","employee":{"userid":"chen","name":"CHEN","department":"财务部"},"shared":false,"keep_open":false,` +
		`"messages":0,"last":{"from":"employee","text":"[文件] a.pdf","at":"1970-01-01T00:00:07Z"},"waiting_since":"1970-01-01T00:00:05Z","undelivered":1,` +
		`"opened_at":"1970-01-01T00:00:01Z","queued_at":"1970-01-01T00:00:04Z"}],"next":"4000-3"}`
	if diff := cmp.Diff(decoded(t, want), decoded(t, w.Body.String())); diff != "" {
		t.Errorf("a list (-want +got):\n%s", diff)
	}
}

func TestAPIEmployeeSessions(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]int{"li": http.StatusOK, "zhao": http.StatusOK, "boss": http.StatusOK} {
		f := &floor{}
		w := as(t, f.open(), token, "GET", "employees/wang/sessions?after=8", "")
		if w.Code != want || strings.Join(f.did, "") != "sessions of wang before 8 limit 20" {
			t.Errorf("%s: %d %s, %v", token, w.Code, w.Body, f.did)
		}
	}
	for _, employee := range []string{"zhang", "chen", "nobody"} {
		f := &floor{}
		if w := as(t, f.open(), "li", "GET", "employees/"+employee+"/sessions", ""); w.Code != http.StatusForbidden || f.did != nil {
			t.Errorf("li sees what %s asked: %d %v", employee, w.Code, f.did)
		}
	}
}

// After an act its caller sees the session as it is, unless it is somebody else's now.
func TestAPIActShowsTheSession(t *testing.T) {
	t.Parallel()
	for target, shown := range map[string]bool{"sessions/1/keep": true, "sessions/2/claim": false} {
		f := &floor{done: handler.Done{Outcome: model.OutcomeHandled, Reason: "kept"}}
		w := as(t, f.open(), "li", "POST", target, `{"on":true}`)
		var got struct {
			Outcome, Reason string
			Session         *struct{ ID string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Reason != "kept" || (got.Session != nil) != shown {
			t.Errorf("%s: %s, %v", target, w.Body, err)
		}
	}
	f := &floor{done: handler.Done{Outcome: model.OutcomeHandled, SessionID: 1}}
	if w := as(t, f.open(), "li", "POST", "next", ""); !strings.Contains(w.Body.String(), `"session":{"id":"1"`) {
		t.Errorf("the next one: %s", w.Body)
	}
}

func TestAPISeat(t *testing.T) {
	t.Parallel()
	w := as(t, (&floor{}).open(), "zhao", "GET", "me", "")
	want := `{"userid":"zhao","name":"ZHAO","state":"online","serving":1,"capacity":3,"permissions":["answer","records"]}`
	if diff := cmp.Diff(decoded(t, want), decoded(t, w.Body.String())); diff != "" {
		t.Errorf("zhao (-want +got):\n%s", diff)
	}
	payload, kind := form(t, "a.pdf", "%PDF-1.7")
	f := &floor{}
	w = as(t, f.open(), "li", "POST", "files", payload, "Content-Type", kind)
	if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"id":"12","kind":"file"`) || strings.Join(f.did, "") != "put 7 a.pdf application/pdf" {
		t.Errorf("an upload: %d %s, %v", w.Code, w.Body, f.did)
	}
	if w := as(t, f.open(), "reader", "POST", "files", payload, "Content-Type", kind); w.Code != http.StatusForbidden {
		t.Errorf("an upload of a seat that doesn't answer: %d", w.Code)
	}
}

func TestAPIQuickReplies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, token, method, target, body, match string
		status                                   int
		did, want                                string
	}{
		{"list", "li", "GET", "quick-replies?text=x&limit=1", "", "", http.StatusOK, `quick of "li" "x" after {Owner: Position:0 ID:0} limit 1`, `"next":"own-4-31"`},
		{"next_page", "li", "GET", "quick-replies?after=own-4-31", "", "", http.StatusOK, `quick of "li" "" after {Owner:li Position:4 ID:31} limit 100`, ""},
		{"next_page_of_the_account", "li", "GET", "quick-replies?after=account-4-31", "", "", http.StatusOK, `quick of "li" "" after {Owner: Position:4 ID:31} limit 100`, ""},
		{"bad_page", "li", "GET", "quick-replies?after=31", "", "", http.StatusBadRequest, "", "bad_after"},
		{"of_the_account", "boss", "GET", "quick-replies", "", "", http.StatusOK, `quick of "" "" after {Owner: Position:0 ID:0} limit 100`, `"own":false`},
		{"own", "li", "POST", "quick-replies", `{"group":"a","shortcut":" hi ","text":"您好"}`, "", http.StatusCreated, `save quick 0 of "li" a/hi version 0: 您好`, `"version":1`},
		{"the_accounts", "boss", "POST", "quick-replies", `{"shortcut":"hi","text":"您好"}`, "", http.StatusCreated, `save quick 0 of "" /hi version 0: 您好`, ""},
		{"change", "li", "PUT", "quick-replies/31", `{"shortcut":"hi","text":"嗨","version":2}`, "", http.StatusOK, `save quick 31 of "li" /hi version 2: 嗨`, `"version":3`},
		{"change_by_etag", "li", "PUT", "quick-replies/31", `{"shortcut":"hi","text":"嗨"}`, `"4"`, http.StatusOK, `save quick 31 of "li" /hi version 4: 嗨`, ""},
		{"change_whatever_it_is", "boss", "PUT", "quick-replies/32", `{"shortcut":"hi","text":"嗨"}`, "", http.StatusOK, `save quick 32 of "" /hi version 5: 嗨`, ""},
		{"delete", "li", "DELETE", "quick-replies/31", "", `"2"`, http.StatusNoContent, `delete quick 31 of "li" version 2`, ""},
		{"order", "li", "POST", "quick-reply-orders", `{"ids":["32","31"]}`, "", http.StatusNoContent, `order quick of "li" [32 31]`, ""},
		{"no_text", "li", "POST", "quick-replies", `{"shortcut":"hi"}`, "", http.StatusUnprocessableEntity, "", "bad_request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &floor{}
			w := as(t, f.open(), tt.token, tt.method, tt.target, tt.body, "If-Match", tt.match)
			if w.Code != tt.status || strings.Join(f.did, "") != tt.did || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("answered %d %s; did %v", w.Code, w.Body, f.did)
			}
		})
	}
}

// What a seat may not see it can't act on either: it looks like what isn't there. Who was faster
// is told to who tried.
func TestAPIActsOnWhatIsSeen(t *testing.T) {
	t.Parallel()
	claimed := &model.Error{Code: model.CodeConflict, Reason: "claimed", Message: "会话已由其他坐席接待"}
	closed := &model.Error{Code: model.CodeConflict, Reason: "closed", Message: "会话已结束"}
	for _, tt := range []struct {
		token, target, body string
		refusal             error
		status              int
		holder              bool
	}{
		{"li", "sessions/2/notes", `{"text":"x"}`, closed, http.StatusNotFound, false},
		{"li", "sessions/2/end", "", closed, http.StatusNotFound, false},
		{"li", "sessions/2/transfer", `{"queue":true}`, closed, http.StatusNotFound, false},
		{"li", "sessions/2/claim", "", claimed, http.StatusConflict, true},
		{"li", "sessions/2/claim", "", closed, http.StatusConflict, false},
		{"zhao", "sessions/2/end", "", closed, http.StatusConflict, true},
		{"boss", "sessions/2/end", "", closed, http.StatusConflict, true},
	} {
		f := &floor{refused: tt.refusal}
		w := as(t, f.open(), tt.token, "POST", tt.target, tt.body)
		if w.Code != tt.status || strings.Contains(w.Body.String(), `"holder"`) != tt.holder {
			t.Errorf("%s %s: %d %s", tt.token, tt.target, w.Code, w.Body)
		}
	}
}
