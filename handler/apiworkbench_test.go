package handler_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the workbench reads: of whom, and what it is told.
func TestAPIWorkbench(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, token, method, target, body string
		status                            int
		says                              string // a part of the answer
		did                               []string
	}{
		{"desk", "li", "GET", "desk", "", 200, `"name":"IT","enabled":true,"window":{"title":"自助平台","url":"https://it.example.com/","frame":true},"remind_seconds":180`, nil},
		{"counts_of_a_seat", "li", "GET", "session-counts", "", 200, `"mine":1,"queue":2,"bot":3,"attention":4,"unread":[{"session":"1","lines":5}]`, []string{`count of "li", mine of "li"`}},
		{"counts_of_an_owner", "boss", "GET", "session-counts", "", 200, `"mine":1`, []string{`count of "", mine of "boss"`}},
		{"counts_of_nobody", "sync", "GET", "session-counts", "", 200, `"mine":1`, []string{`count of "", mine of ""`}},
		{"colleagues", "li", "GET", "colleagues", "", 200, `"items":[{"userid":"li","name":"LI","state":"online","load":1,"limit":3,"at_work":true},{"userid":"zhao","name":"ZHAO","state":"away","load":0,"limit":0,"at_work":false}]`, nil},
		{"deliveries", "li", "GET", "sessions/1/deliveries", "", 200, `"items":[{"seq":2,"state":"dead","errcode":81013}]`, nil},
		{"deliveries_of_anothers", "li", "GET", "sessions/2/deliveries", "", 404, `"not_found"`, nil},
		{"seen", "li", "PUT", "sessions/1/seen", `{"seq":3}`, 204, "", []string{"li saw 3 of session 1", "li is active in account 7"}},
		{"seen_by_nobody", "sync", "PUT", "sessions/1/seen", `{"seq":3}`, 403, `"no_member"`, nil},
		{"seen_of_anothers", "li", "PUT", "sessions/2/seen", `{"seq":3}`, 404, `"not_found"`, nil},
		{"seen_nothing", "li", "PUT", "sessions/1/seen", `{"seq":0}`, 422, `"bad_request"`, nil},
		// li's own line is behind what wang asked. The candidate that two questions share counts once.
		{
			"candidates", "li", "GET", "sessions/1/candidates", "", 200,
			`"questions":["你好"],"items":[{"entry_id":"11","question":"q11","answer":"a","more":[],"score":0.7,"for":"你好"},{"entry_id":"12","question":"q12","answer":"a","more":[],"score":0.6,"for":"你好"}]`,
			[]string{"explain 你好"},
		},
		{"candidates_of_anothers", "li", "GET", "sessions/2/candidates", "", 404, `"not_found"`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &floor{}
			w := as(t, f.open(), tt.token, tt.method, tt.target, tt.body)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("answered %d %s, want %d with %s", w.Code, w.Body, tt.status, tt.says)
			}
			if diff := cmp.Diff(tt.did, f.did); diff != "" {
				t.Errorf("did (-want +got):\n%s", diff)
			}
		})
	}
}

// Candidates quote a transcript, so reading another seat's is written down.
func TestAPICandidatesAreAudited(t *testing.T) {
	t.Parallel()
	f := &floor{}
	if w := as(t, f.open(), "zhao", "GET", "sessions/1/candidates", ""); w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{"seat:zhao session.read 1"}, f.audits); diff != "" {
		t.Errorf("audited (-want +got):\n%s", diff)
	}
}
