package handler_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// entryJSON is the fake's entry as the API shows it.
const entryJSON = `{"id":"11","group":"人事","question":"年假有几天","similar":["年假怎么休"],"answer":"5 天","more":[],"state":"on","draft":false,` +
	`"valid_from":"2026-11-23T02:24:00Z","author":"cli","version":9,"created_at":"1970-01-01T00:00:00.001Z","updated_at":"1970-01-01T00:00:00.002Z"}`

const importJSON = `{"id":"21","file_name":"a.csv","replace":false,"skip_bad":false,"state":"checking","working":true,"done":0,"total":4,` +
	`"counts":{"new":0,"changed":0,"same":0,"duplicate":0,"conflict":0,"invalid":0,"removed":0,"repaired":0,"kept":0},"author":"cli"}`

const noGolden = `{"asked":0,"worse":0,"better":0,"moves":[]}`

// apiOperation is a request and what comes of it.
type apiOperation struct {
	name, method, target, body string
	status                     int
	want                       string   // JSON; "" for no body
	did                        []string // what was asked of the parts
}

// Every operation: what it asks for, and what it answers.
func TestAPIOperations(t *testing.T) {
	t.Parallel()
	tests := []apiOperation{
		{
			"caller", http.MethodGet, "/me", "", http.StatusOK,
			`{"name":"token:sync","userid":"","role":"owner","super_admin":false,"may":[],` +
				`"accounts":[{"key":"it","name":"IT","role":"owner","seat":false,"may":[]}]}`, nil,
		},
		{
			"accounts", http.MethodGet, "/accounts", "", http.StatusOK, `{"items":[{"key":"it","name":"IT","enabled":true}]}`, nil,
		},
		{
			"list_entries", http.MethodGet, "entries?group=%E4%BA%BA%E4%BA%8B&state=on&draft=false&text=x&author=cli&stale=true&after=4&limit=1", "", http.StatusOK,
			`{"items":[` + entryJSON + `],"next":"11"}`,
			[]string{`list 7 {"Group":"人事","State":"on","Draft":false,"Text":"x","Author":"cli","AtMS":0,"Stale":true,"After":4,"Limit":1}`},
		},
		{
			"list_all_entries", http.MethodGet, "entries", "", http.StatusOK, `{"items":[` + entryJSON + `],"next":"11"}`,
			[]string{`list 7 {"Group":null,"State":"","Draft":null,"Text":"","Author":"","AtMS":0,"Stale":false,"After":0,"Limit":50}`},
		},
		{
			"list_ungrouped_entries", http.MethodGet, "entries?ungrouped=true", "", http.StatusOK, `{"items":[` + entryJSON + `],"next":"11"}`,
			[]string{`list 7 {"Group":"","State":"","Draft":null,"Text":"","Author":"","AtMS":0,"Stale":false,"After":0,"Limit":50}`},
		},
		{"get_entry", http.MethodGet, "entries/11", "", http.StatusOK, entryJSON, nil},
		{
			"create_entry", http.MethodPost, "entries", `{"question":"年假","answer":"5 天","valid_until":"2026-11-23T10:24:00+08:00"}`, http.StatusCreated,
			`{"entry":` + entryJSON + `,"near":[{"entry_id":"12","question":"病假有几天","match":"","variant":"","score":0.7,"exact":false}]}`,
			[]string{
				`save it {"ID":0,"AccountID":7,"Ref":"","Group":"","Question":"年假","Folded":"","Similar":null,"Answer":"5 天","More":null,"State":"on","Draft":false,` +
					`"ValidFromMS":0,"ValidUntilMS":1795400640000,"Author":"","Version":0,"CreatedMS":0,"UpdatedMS":0} expect 0 by token:sync`,
			},
		},
		{
			"check_entry", http.MethodPost, "entry-checks", `{"id":"11","question":"年假","answer":"5 天","more":["a"],"draft":true}`, http.StatusOK,
			`{"entry":{"id":"11","group":"","question":"年假","similar":[],"answer":"5 天","more":["a"],"state":"on","draft":true,"author":"","version":0},"near":[],` +
				`"golden":{"asked":1,"worse":1,"better":0,"moves":[{"golden_id":"4","question":"","before":{"verdict":"","kind":"","score":0},"after":{"verdict":"","kind":"","score":0}}]}}`,
			[]string{"check 11 年假"},
		},
		{"delete_entry", http.MethodDelete, "entries/11", "", http.StatusNoContent, "", []string{"delete 7 11 by token:sync"}},
		{
			"history", http.MethodGet, "entries/11/history", "", http.StatusOK,
			`{"items":[{"entry":` + entryJSON + `,"until":10,"change":{"version":9,"kind":"save","author":"cli","entries":1,"at":"2026-11-23T02:24:00Z"},` +
				`"removed":{"version":10,"kind":"delete","author":"cli","entries":0},"diff":[{"field":"answer","runs":[{"op":"inserted","text":"5"}]}]}]}`,
			[]string{"history 7 11"},
		},
		{
			"restore", http.MethodPost, "entries/11/restore", `{"version":8}`, http.StatusOK, `{"entry":` + entryJSON + `,"near":[]}`,
			[]string{"restore 7 11 8 by token:sync"},
		},
		{
			"change_entries", http.MethodPost, "entry-changes", `{"ids":["11","12"],"change":{"group":"","state":"off","draft":false,"valid_from":"","valid_until":"1970-01-01T00:00:01Z"}}`,
			http.StatusOK, `{"entries":2}`,
			[]string{`change {"Sel":{"IDs":[11,12],"Filter":null},"Change":{"Group":"","State":"off","Draft":false,"ValidFromMS":0,"ValidUntilMS":1000,"Delete":false}} by token:sync`},
		},
		{
			"preview_change", http.MethodPost, "entry-change-previews", `{"filter":{"group":"a","stale":true},"change":{"delete":true}}`,
			http.StatusOK, `{"entries":2,"golden":` + noGolden + `}`,
			[]string{
				`preview {"Sel":{"IDs":[],"Filter":{"Group":"a","State":"","Draft":null,"Text":"","Author":"","AtMS":0,"Stale":true,"After":0,"Limit":0}},` +
					`"Change":{"Group":null,"State":null,"Draft":null,"ValidFromMS":null,"ValidUntilMS":null,"Delete":true}}`,
			},
		},
		{
			"groups", http.MethodGet, "groups", "", http.StatusOK,
			`{"name":"","path":"","entries":3,"groups":[{"name":"人事","path":"人事","entries":2,"groups":[]}],"ungrouped":1}`,
			[]string{"groups 7"},
		},
		{"add_group", http.MethodPost, "groups", `{"path":"a/b"}`, http.StatusCreated, `{"path":"a/b","position":2}`, []string{"add group 7 a/b"}},
		{"delete_group", http.MethodDelete, "groups?path=a%2Fb", "", http.StatusNoContent, "", []string{"delete group 7 a/b by token:sync"}},
		{"move_group", http.MethodPost, "group-moves", `{"from":"a","to":"b/a"}`, http.StatusNoContent, "", []string{"move 7 a b/a by token:sync"}},
		{"order_groups", http.MethodPost, "group-orders", `{"names":["b","a"]}`, http.StatusNoContent, "", []string{`order 7 "" [b a]`}},
		{"synonyms", http.MethodGet, "synonyms", "", http.StatusOK, `{"items":[{"words":["OA","办公系统"]}]}`, nil},
		{
			"set_synonyms", http.MethodPut, "synonyms", `{"items":[{"words":["a","b"]}]}`, http.StatusOK, `{"items":[{"words":["a","b"]}]}`,
			[]string{"synonyms 7 [{[a b]}] by token:sync"},
		},
		{
			"check_synonyms", http.MethodPost, "synonym-checks", `{"items":[]}`, http.StatusOK, `{"asked":2,"worse":0,"better":0,"moves":[]}`,
			[]string{"check synonyms []"},
		},
		{
			"changes", http.MethodGet, "changes?after=12&limit=1", "", http.StatusOK,
			`{"items":[{"version":9,"kind":"save","author":"","entries":1}],"next":"9"}`,
			[]string{"changes 7 12 1"},
		},
		{"undo_change", http.MethodPost, "changes/9/undo", "", http.StatusOK, `{"undone":2,"kept":1}`, []string{"undo 7 9 by token:sync"}},
		{
			"golden", http.MethodGet, "golden", "", http.StatusOK,
			`{"items":[{"id":"4","question":"年假","entry_id":"11","author":"cli"},{"id":"5","question":"天气","author":""}]}`, nil,
		},
		{
			"add_golden", http.MethodPost, "golden", `{"question":"年假","entry_id":"11"}`, http.StatusCreated,
			`{"id":"4","question":"年假","entry_id":"11","author":"token:sync"}`,
			[]string{"golden 7 年假 11 by token:sync"},
		},
		{"delete_golden", http.MethodDelete, "golden/4", "", http.StatusNoContent, "", []string{"delete golden 7 4"}},
		{
			"run_golden", http.MethodPost, "golden-runs", "", http.StatusOK,
			`{"items":[{"golden":{"id":"4","question":"","author":""},"outcome":{"verdict":"right","kind":"","score":0}}],"right":1,"suggested":0,"missed":0,"wrong":0}`, nil,
		},
		{"imports", http.MethodGet, "imports?limit=1&after=30", "", http.StatusOK, `{"items":[` + importJSON + `],"next":"21"}`, []string{"imports 7 30 1"}},
		{"import", http.MethodGet, "imports/21", "", http.StatusOK, importJSON, nil},
		{
			"report", http.MethodGet, "imports/21/report?kind=invalid&bad=true&mends=true&after=1&limit=1", "", http.StatusOK,
			`{"counts":{"new":0,"changed":0,"same":0,"duplicate":0,"conflict":0,"invalid":0,"removed":0,"repaired":0,"kept":0},"bad":1,"good":0,"native":false,` +
				`"warnings":[],"golden":` + noGolden + `,"items":[{"row":2,"kind":"invalid","bad":true}],"next":"2"}`,
			[]string{"report 7 21 {Kind:invalid Bad:true Mends:true After:1 Limit:1}"},
		},
		{"apply", http.MethodPost, "imports/21/apply", `{"skip_bad":true}`, http.StatusOK, importJSON, []string{"apply 7 21 true by token:sync"}},
		{"apply_all", http.MethodPost, "imports/21/apply", "", http.StatusOK, importJSON, []string{"apply 7 21 false by token:sync"}},
		{"undo_import", http.MethodPost, "imports/21/undo", "", http.StatusOK, importJSON, []string{"undo import 7 21 by token:sync"}},
		{
			"ask", http.MethodPost, "ask", `{"question":"年假","topic":"11"}`, http.StatusOK,
			`{"kind":"hit","exact":false,"score":0.9,"threshold":0.8,"thresholds":{"answer":0.8,"suggest":0.2},"topic":false,"folded":"年假","expanded":[],` +
				`"candidates":[{"entry_id":"11","question":"年假有几天","answer":"","more":[],"variant":"","score":0.9,"rank":0,"features":{}}],` +
				`"model":"2","encoder":false,"embedding":false,"took_ms":0}`,
			[]string{"explain 7 年假 11 0.8"},
		},
		{
			"questions", http.MethodGet, "questions?limit=3", "", http.StatusOK,
			`{"items":[{"id":"5","text":"年假","outcome":"missed","score":0,"threshold":0,"suggested":[],"miss":"open","at":"2026-11-23T02:24:00Z"}]}`,
			[]string{"questions 7 3"},
		},
		{
			"misses", http.MethodGet, "misses?days=2", "", http.StatusOK,
			`{"items":[{"question":"年假","ids":["5"],"examples":[],"count":1,"disliked":0,"people":0,"sessions":0,"human_seconds":0,"last_at":"2026-11-23T02:24:00Z"}]}`,
			[]string{"clusters it 2026-11-21 20"},
		},
		{
			"draft", http.MethodPost, "misses/draft", `{"ids":["5","6"]}`, http.StatusOK,
			`{"question":"年假","similar":[],"answer":"5 天","sources":[]}`,
			[]string{"draft [5 6]"},
		},
		{
			"solve_by_entry", http.MethodPost, "misses/solve", `{"ids":["5"],"entry":{"question":"年假","answer":"5 天"}}`, http.StatusOK,
			`{"entry":` + entryJSON + `,"near":[],"settled":1}`,
			[]string{"make [5] 年假 true by token:sync"},
		},
		{
			"solve_by_similar", http.MethodPost, "misses/solve", `{"ids":["5","6"],"entry_id":"11"}`, http.StatusOK,
			`{"entry":` + entryJSON + `,"near":[],"settled":2}`,
			[]string{"extend [5 6] 11 by token:sync"},
		},
		{
			"members", http.MethodGet, "members?q=zs&limit=5", "", http.StatusOK,
			`{"items":[{"userid":"ZhangSan","name":"张三","department":"财务部","barred":false},{"userid":"li","name":"","department":"","barred":true}]}`,
			[]string{`members of wwcorp "zs" 5`},
		},
		{
			"departments", http.MethodGet, "departments", "", http.StatusOK,
			`{"items":[{"id":1,"parent_id":0,"name":"公司"},{"id":2,"parent_id":1,"name":"财务部"}]}`,
			[]string{"departments of wwcorp"},
		},
		{"ignore", http.MethodPost, "misses/ignore", `{"ids":["5"]}`, http.StatusOK, `{"settled":1}`, []string{"ignore 7 [5]"}},
		{
			"thresholds", http.MethodPost, "threshold-previews", `{"answer":0.9,"suggest":0.3}`, http.StatusOK,
			`{"questions":3,"before":{"answered":0,"suggested":0,"missed":0,"right":0,"wrong":0},"after":{"answered":0,"suggested":0,"missed":0,"right":0,"wrong":0},"moved":0,"shifts":[]}`,
			[]string{"effect 0.9 0.3"},
		},
		{
			"advice", http.MethodGet, "threshold-suggestion", "", http.StatusOK,
			`{"enough":true,"answer":0.8,"suggest":0.3,"precision":0,"coverage":0,"suggested":0,"questions":0}`, nil,
		},
		{
			"usage", http.MethodGet, "llm-usage?from=2026-10-31&to=2026-11-01", "", http.StatusOK,
			`{"items":[{"day":"2026-10-31","calls":31,"tokens_in":0,"tokens_out":0,"verbatim":0},{"day":"2026-11-01","calls":1,"tokens_in":0,"tokens_out":0,"verbatim":0}]}`,
			[]string{"usage 7 20261031", "usage 7 20261101"},
		},
	}
	for _, tt := range slices.Concat(tests, recordOperations(), opsOperations(), overviewOperations(), statOperations()) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeDesk{}
			w := callAPI(t, f, tt.method, tt.target, tt.body)
			if w.Code != tt.status {
				t.Fatalf("status = %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if diff := cmp.Diff(decoded(t, tt.want), decoded(t, w.Body.String())); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.did, f.did); diff != "" {
				t.Errorf("did (-want +got):\n%s", diff)
			}
		})
	}
}

func decoded(t *testing.T, text string) (v any) {
	t.Helper()
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}

// failed is the envelope of a failure.
type failed struct {
	Error struct {
		Code, Reason, Message string
		Fields                []struct{ Field, Message string }
	}
}

func failureOf(t *testing.T, w *httptest.ResponseRecorder) (f failed) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil {
		t.Fatalf("%q: %v", w.Body, err)
	}
	return f
}

// Requests that make no sense are refused before anything is asked of the parts.
func TestAPIRefuses(t *testing.T) {
	t.Parallel()
	bot := func(change string) string {
		fields := map[string]string{
			"answer": "0.8", "suggest": "0.3", "hot": "5", "welcome": `""`, "miss_text": `"不知道"`, "idle_seconds": "60", "follow_up_seconds": "0",
		}
		if name, value, ok := strings.Cut(change, "="); ok {
			fields[name] = value
		}
		var list []string
		for name, value := range fields {
			list = append(list, fmt.Sprintf("%q:%s", name, value))
		}
		return `{"bot":{"enabled":true,"feedback":true,` + strings.Join(list, ",") + `},"llm":{"mode":"off","tone":"","model":"","tokens_per_day":0}}`
	}
	long := strings.Repeat("长", 700)
	tests := []struct {
		name, method, target, body string
		status                     int
		reason, field              string
	}{
		{"no_account", http.MethodGet, "/accounts/gone/entries", "", http.StatusNotFound, "account_unknown", ""},
		{"no_entry", http.MethodGet, "entries/12", "", http.StatusNotFound, "not_found", ""},
		{"no_import", http.MethodGet, "imports/12", "", http.StatusNotFound, "not_found", ""},
		{"no_media", http.MethodGet, "media/12", "", http.StatusNotFound, "not_found", ""},
		{"huge_id", http.MethodGet, "entries/99999999999999999999", "", http.StatusNotFound, "not_found", ""},
		{"huge_version", http.MethodPost, "changes/18446744073709551615/undo", "", http.StatusUnprocessableEntity, "bad_request", "path.version"},
		{"id_of_letters", http.MethodGet, "entries/abc", "", http.StatusUnprocessableEntity, "bad_request", "path.id"},
		{"no_json", http.MethodPost, "entries", "{", http.StatusBadRequest, "bad_request", "body"},
		{"no_body", http.MethodPost, "entries", "", http.StatusBadRequest, "bad_request", ""},
		{"no_answer", http.MethodPost, "entries", `{"question":"a"}`, http.StatusUnprocessableEntity, "bad_request", "body"},
		{"unknown_field", http.MethodPost, "entries", `{"question":"a","answer":"b","anwser":"c"}`, http.StatusUnprocessableEntity, "bad_request", "body.anwser"},
		{"unknown_state", http.MethodPost, "entries", `{"question":"a","answer":"b","state":"x"}`, http.StatusUnprocessableEntity, "bad_request", "body.state"},
		{"bad_time", http.MethodPost, "entries", `{"question":"a","answer":"b","valid_from":"tomorrow"}`, http.StatusBadRequest, "bad_time", ""},
		{"bad_bulk_time", http.MethodPost, "entry-changes", `{"ids":["1"],"change":{"valid_until":"2026"}}`, http.StatusBadRequest, "bad_time", ""},
		{"number_as_id", http.MethodPost, "entry-changes", `{"ids":[1],"change":{"delete":true}}`, http.StatusUnprocessableEntity, "bad_request", "body.ids[0]"},
		{"bad_limit", http.MethodGet, "entries?limit=500", "", http.StatusUnprocessableEntity, "bad_request", "query.limit"},
		{"bad_draft", http.MethodGet, "entries?draft=maybe", "", http.StatusUnprocessableEntity, "bad_request", "query.draft"},
		{"bad_kind", http.MethodGet, "imports/21/report?kind=x", "", http.StatusUnprocessableEntity, "bad_request", "query.kind"},
		{"bad_format", http.MethodGet, "export?format=exe", "", http.StatusUnprocessableEntity, "bad_request", "query.format"},
		{"no_group", http.MethodDelete, "groups", "", http.StatusUnprocessableEntity, "bad_request", "query.path"},
		{"no_form", http.MethodPost, "imports", "x=1", http.StatusUnprocessableEntity, "bad_request", "body"},
		{"too_many_members", http.MethodGet, "members?limit=101", "", http.StatusUnprocessableEntity, "bad_request", "query.limit"},
		{"no_misses", http.MethodPost, "misses/draft", `{"ids":[]}`, http.StatusUnprocessableEntity, "bad_request", "body.ids"},
		{"solve_neither", http.MethodPost, "misses/solve", `{"ids":["1"]}`, http.StatusBadRequest, "solve_how", ""},
		{"solve_both", http.MethodPost, "misses/solve", `{"ids":["1"],"entry_id":"1","entry":{"question":"a","answer":"b"}}`, http.StatusBadRequest, "solve_how", ""},
		{"bad_date", http.MethodGet, "llm-usage?from=x", "", http.StatusUnprocessableEntity, "bad_request", "query.from"},
		{"no_such_date", http.MethodGet, "llm-usage?to=2026-02-30", "", http.StatusUnprocessableEntity, "bad_request", "query.to"},
		{"long_range", http.MethodGet, "llm-usage?from=2020-01-01", "", http.StatusBadRequest, "bad_range", ""},
		{"backward_range", http.MethodGet, "llm-usage?from=2026-11-02&to=2026-11-01", "", http.StatusBadRequest, "bad_range", ""},
		{"threshold_zero", http.MethodPut, "bot", bot("suggest=0"), http.StatusUnprocessableEntity, "bad_request", "body.bot.suggest"},
		{"threshold_over_one", http.MethodPut, "bot", bot("answer=1.5"), http.StatusUnprocessableEntity, "bad_request", "body.bot.answer"},
		{"thresholds_crossed", http.MethodPut, "bot", bot("suggest=0.9"), http.StatusBadRequest, "thresholds", ""},
		{"welcome_too_long", http.MethodPut, "bot", bot(`welcome="` + long + `"`), http.StatusBadRequest, "welcome", ""},
		{"miss_text_blank", http.MethodPut, "bot", bot(`miss_text=" "`), http.StatusBadRequest, "miss_text", ""},
		{"idle_zero", http.MethodPut, "bot", bot("idle_seconds=0"), http.StatusUnprocessableEntity, "bad_request", "body.bot.idle_seconds"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeDesk{}
			w := callAPI(t, f, tt.method, tt.target, tt.body)
			got := failureOf(t, w)
			if w.Code != tt.status || got.Error.Reason != tt.reason {
				t.Errorf("answered %d %s, want %d %s", w.Code, w.Body, tt.status, tt.reason)
			}
			if tt.field != "" && (len(got.Error.Fields) == 0 || got.Error.Fields[0].Field != tt.field) {
				t.Errorf("fields = %v, want %s", got.Error.Fields, tt.field)
			}
			if f.did != nil {
				t.Errorf("did %v", f.did)
			}
		})
	}
}

// Who saw an old version is told, and the version may stand in the body or in a header.
func TestAPIVersions(t *testing.T) {
	t.Parallel()
	const text = `"question":"a","answer":"b"`
	for _, tt := range []struct {
		body, header, expect string
	}{
		{`{` + text + `}`, "", "expect 0"},
		{`{` + text + `,"version":9}`, "", "expect 9"},
		{`{` + text + `}`, `"9"`, "expect 9"},
		{`{` + text + `}`, `W/"9"`, "expect 9"},
		{`{` + text + `,"version":8}`, `9`, "expect 9"},
		{`{` + text + `,"version":8}`, `*`, "expect 0"},
	} {
		f := &fakeDesk{}
		w := callAPI(t, f, http.MethodPut, "entries/11", tt.body, "If-Match", tt.header)
		if w.Code != http.StatusOK || w.Header().Get("ETag") != `"9"` || !strings.Contains(f.did[0], tt.expect) {
			t.Errorf("%s with If-Match %s: %d %v", tt.body, tt.header, w.Code, f.did)
		}
	}
	back := &fakeDesk{}
	if w := callAPI(t, back, http.MethodPut, "entries/11", entryJSON); w.Code != http.StatusOK || !strings.Contains(back.did[0], "expect 9") {
		t.Errorf("an entry given back as it was: %d %s %v", w.Code, w.Body, back.did)
	}
	f := &fakeDesk{refused: fmt.Errorf("save: %w", model.ErrStale)}
	w := callAPI(t, f, http.MethodPut, "entries/11", `{`+text+`,"version":8}`)
	if got := failureOf(t, w); w.Code != http.StatusConflict || got.Error.Reason != "stale" {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if w := callAPI(t, &fakeDesk{}, http.MethodPut, "entries/11", `{`+text+`}`, "If-Match", `"abc"`); w.Code != http.StatusBadRequest {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

// What the bot's settings give can be given back.
func TestAPIBotRoundTrip(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{}
	got := callAPI(t, f, http.MethodGet, "bot", "")
	if got.Code != http.StatusOK || got.Header().Get("ETag") != `"3"` {
		t.Fatalf("answered %d %s", got.Code, got.Body)
	}
	w := callAPI(t, f, http.MethodPut, "bot", got.Body.String())
	acc := fakeAccount()
	want := []string{fmt.Sprintf("change 7 3 bot %+v %+v", acc.Policy.Bot, acc.Policy.LLM)}
	if diff := cmp.Diff(want, f.did); w.Code != http.StatusOK || diff != "" {
		t.Errorf("answered %d %s, did (-want +got):\n%s", w.Code, w.Body, diff)
	}
	if w.Header().Get("ETag") != `"4"` || !strings.Contains(w.Body.String(), `"version":4`) {
		t.Errorf("answered %v %s", w.Header(), w.Body)
	}
}

// Failures keep their class, and what is not meant for people goes to the log.
func TestAPIFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err    error
		status int
		reason string
		logged bool
	}{
		{&model.Error{Code: model.CodeConflict, Reason: "question_taken", Message: "已有"}, http.StatusConflict, "question_taken", false},
		{model.ErrUnavailable, http.StatusServiceUnavailable, "unavailable", false},
		{fmt.Errorf("ask: %w", context.DeadlineExceeded), http.StatusServiceUnavailable, "timeout", false},
		{errors.New("the cause"), http.StatusInternalServerError, "internal", true},
	} {
		f := &fakeDesk{refused: tt.err}
		w := callAPI(t, f, http.MethodPost, "ask", `{"question":"问句"}`)
		if got := failureOf(t, w); w.Code != tt.status || got.Error.Reason != tt.reason || strings.Contains(w.Body.String(), "cause") {
			t.Errorf("%v: answered %d %s", tt.err, w.Code, w.Body)
		}
		logged := f.logged.String()
		if strings.Contains(logged, "the cause") != tt.logged || strings.Contains(logged, "问句") {
			t.Errorf("%v: logged %q", tt.err, logged)
		}
	}
}

// What curl calls a form when it isn't told otherwise is JSON all the same.
func TestAPITakesWhatCurlSends(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"", "application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded"} {
		w := callAPI(t, &fakeDesk{}, http.MethodPost, "misses/ignore", `{"ids":["5"]}`, "Content-Type", contentType, "Accept", "*/*")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%q: answered %d %s", contentType, w.Code, w.Body)
		}
	}
	w := callAPI(t, &fakeDesk{}, http.MethodPost, "misses/ignore", `x`, "Content-Type", "text/xml")
	if got := failureOf(t, w); w.Code != http.StatusUnsupportedMediaType || got.Error.Reason != "media_type" {
		t.Errorf("xml: answered %d %s", w.Code, w.Body)
	}
}
