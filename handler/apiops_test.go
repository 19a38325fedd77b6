package handler_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
	"deskmate/model"
)

// fakeOps is the desk as what operators look at.
type fakeOps struct{ *fakeDesk }

func fakeDead() model.Outbox {
	return model.Outbox{
		ID: 61, AccountID: 7, Seq: 5, SessionID: 31, MessageSeq: 2, State: model.OutDead, Uncertain: 1, Attempts: 3, CreatedMS: 1, DeadMS: 2, ErrCode: 60020, Err: "not allow",
		Push: model.Push{Receiver: "wang", Kind: model.PushText, Text: "发票", Author: "li"},
	}
}

func (f fakeOps) Audits(_ context.Context, q model.AuditFilter, before model.AuditKey, limit int) ([]model.Audit, error) {
	return []model.Audit{
		{ID: 9, AtMS: 1, Actor: "seat:li", Action: "seat.changed", Target: "wang", Before: `{"n":1}`, After: "text", From: "10.0.0.1"},
	}, f.done("audits %+v %+v %d", q, before, limit)
}

func (f fakeOps) DeadLetters(_ context.Context, q model.DeadFilter, behind uint64, limit int) ([]model.Outbox, error) {
	code := int64(-2)
	if q.ErrCode != nil {
		code, q.ErrCode = *q.ErrCode, nil
	}
	return []model.Outbox{fakeDead()}, f.done("dead %+v %d %d %d", q, code, behind, limit)
}

func (f fakeOps) DeadLetter(_ context.Context, account, id uint64) (model.Outbox, error) {
	if id != 61 {
		return model.Outbox{}, model.ErrNotFound
	}
	return fakeDead(), f.done("dead letter %d %d", account, id)
}

func (f fakeOps) DeadCounts(_ context.Context, account uint64) ([]model.DeadCount, error) {
	return []model.DeadCount{{State: model.OutDead, ErrCode: 60020, N: 3}, {State: model.OutUncertain, N: 1}}, f.done("counts %d", account)
}

func (f fakeOps) RetryDead(_ context.Context, account uint64, keys []model.DeadKey, repeat bool, a model.Audit) ([]uint64, error) {
	return []uint64{keys[0].ID}, f.done("retry %d %v %t: %s %s %s", account, keys, repeat, a.Actor, a.Target, a.After)
}

func (f fakeOps) DiscardDead(_ context.Context, account uint64, keys []model.DeadKey, a model.Audit) (int, error) {
	return 0, f.done("discard %d %v: %s %s", account, keys, a.Action, a.After)
}

func (f fakeOps) Tokens(context.Context) ([]model.Token, error) {
	return []model.Token{{ID: 3, Name: "sync", Role: model.RoleOwner, Accounts: []string{"it"}, CreatedMS: 1}}, f.refused
}

func (f fakeOps) SaveToken(_ context.Context, t model.Token) error {
	return f.done("save token %s %s %v %s %d %d", t.Name, t.Role, t.Accounts, t.UserID, t.ExpiresMS-t.CreatedMS, len(t.Hash))
}

func (f fakeOps) RevokeToken(_ context.Context, name string) error { return f.done("revoke %s", name) }

func (f fakeOps) AccountLoad(context.Context, uint64) (model.AccountLoad, error) {
	return model.AccountLoad{Events: 2, EventSinceMS: 1, Pushes: 1, Dead: 4, Uncertain: 1, BotHolder: "a-1"}, f.refused
}

func (f fakeOps) Replicas(context.Context) ([]model.Replica, error) {
	return []model.Replica{
		{Name: "me", Host: "h", PID: 1, Version: "v1", StartedMS: 1, SeenMS: 1, Bases: []uint64{7}, Redis: true},
		{Name: "gone", Version: "v1", SeenMS: 1, Bases: []uint64{7}},
	}, f.refused
}

func (f fakeOps) DueTimers(context.Context) (int, error)    { return 3, f.refused }
func (f fakeOps) PendingMedia(context.Context) (int, error) { return 4, f.refused }
func (f fakeOps) Ping(context.Context) error                { return f.refused }
func (f fakeOps) Embedded() bool                            { return true }

func (f fakeOps) Schema(context.Context) (model.Schema, error) {
	return model.Schema{Dialect: "sqlite", Server: "3", At: 24, Known: 24}, f.refused
}

func (f fakeOps) Used(_ context.Context, account uint64) (int, error) {
	if account != 7 {
		return 0, model.ErrUnavailable
	}
	return 12, nil
}

func (f fakeOps) AccountSeat(_ context.Context, _, userID string) (model.Seat, error) {
	if userID != "li" {
		return model.Seat{}, model.ErrNotFound
	}
	return model.Seat{UserID: userID}, nil
}

// VerifyAudits implements [handler.AuditVerifier].
func (f fakeOps) VerifyAudits(_ context.Context, accountID uint64) (model.AuditVerdict, error) {
	v := model.AuditVerdict{Checked: 9, Unsealed: 1}
	if accountID == 0 {
		v.Faults = []model.AuditFault{{Kind: model.AuditMissing, FromSeq: 3, ToSeq: 5}, {Kind: model.AuditGone, AccountID: 8}}
	}
	return v, f.done("verify %d", accountID)
}

// withOps gives the API what operators look at.
func withOps(cfg handler.APIConfig, f *fakeDesk) handler.APIConfig {
	ops := fakeOps{f}
	cfg.AuditLog, cfg.AuditChain, cfg.DeadLetters, cfg.Tokens, cfg.System, cfg.Shared, cfg.Roster, cfg.Figures = ops, ops, ops, ops, ops, ops, ops, ops
	cfg.Statistics = statOps{ops}
	cfg.Advice = func(code int64) string { return map[int64]string{60020: "ip_not_trusted"}[code] }
	cfg.Wake = func(_ context.Context, kinds ...model.LaneKind) { _ = f.done("wake %v", kinds) }
	cfg.Setup = &fakeSetup{fakeDesk: f}
	cfg.Build = handler.Build{Version: "v1", Revision: "abc", Go: "go1", Replica: "me", Files: "folder"}
	return cfg
}

const deadJSON = `{"id":"61","version":"5","receiver":{"userid":"wang","name":"Nwang"},"kind":"text","author":{"userid":"li","name":"Nli"},"session":"31","seq":2,` +
	`"state":"dead","may_repeat":true,"reason":"ip_not_trusted","errcode":60020,"error":"not allow","attempts":3,` +
	`"created_at":"1970-01-01T00:00:00.001Z","dead_at":"1970-01-01T00:00:00.002Z"`

// opsOperations are those of operators, as TestAPIOperations has them.
func opsOperations() []apiOperation {
	const audit = `{"items":[{"id":"9","at":"1970-01-01T00:00:00.001Z","actor":"seat:li",%s"action":"seat.changed","target":"wang",%s"before":{"n":1},"after":"text","address":"10.0.0.1"}],"next":"1.9"}`
	named := strings.Replace(strings.Replace(audit, "%s", `"actor_name":"Nli",`, 1), "%s", `"target_name":"Nwang",`, 1)
	return []apiOperation{
		{
			"audits", http.MethodGet, "audit?actor=Li&action=seat.changed&target=wang&from=1970-01-01T00:00:01Z&to=1970-01-01T00:00:02Z&before=5.7&limit=1", "", http.StatusOK, named,
			[]string{"audits {AccountID:7 Actors:[seat:li member:li] Action:seat.changed Target:wang FromMS:1000 ToMS:2000} {AtMS:5 ID:7} 1"},
		},
		{
			"installation_audits", http.MethodGet, "/audit?actor=cli&limit=1", "", http.StatusOK, strings.ReplaceAll(audit, "%s", ""),
			[]string{"audits {AccountID:0 Actors:[cli] Action: Target: FromMS:0 ToMS:0} {AtMS:0 ID:0} 1"},
		},
		{
			"verified audits", http.MethodGet, "audit/verification", "", http.StatusOK, `{"intact":true,"entries":9,"unsealed":1,"faults":[],"more":0}`,
			[]string{"verify 7"},
		},
		{
			"installation's audits, tampered with", http.MethodGet, "/audit/verification", "", http.StatusOK,
			`{"intact":false,"entries":9,"unsealed":1,"faults":[{"kind":"missing","from":3,"to":5},{"kind":"gone","account_id":"8"}],"more":0}`,
			[]string{"verify 0"},
		},
		{
			"dead_letters", http.MethodGet, "dead-letters?state=dead&errcode=60020&receiver=wang&lines=true&to=1970-01-01T00:00:02Z&before=99&limit=1", "", http.StatusOK,
			`{"items":[` + deadJSON + `}],"next":"61"}`,
			[]string{"dead {AccountID:7 State:dead ErrCode:<nil> Receiver:wang Lines:true FromMS:0 ToMS:2000 Oldest:false} 60020 99 1"},
		},
		{
			"dead_letter", http.MethodGet, "dead-letters/61", "", http.StatusOK, deadJSON + `,"text":"发票"}`,
			[]string{"dead letter 7 61", "audit 7 token:sync deadletter.read 61"},
		},
		{
			"dead_counts", http.MethodGet, "dead-letter-counts", "", http.StatusOK,
			`{"items":[{"state":"dead","errcode":60020,"reason":"ip_not_trusted","count":3},{"state":"uncertain","errcode":0,"reason":"uncertain","count":1}]}`,
			[]string{"counts 7"},
		},
		{
			"retry_some", http.MethodPost, "dead-letter-retries", `{"items":[{"id":"61","version":"5"}],"may_repeat":true}`, http.StatusOK, `{"done":1,"skipped":0,"more":false}`,
			[]string{`retry 7 [{61 5}] true: token:sync 61 {"count":1,"may_repeat":true}`, "wake [out group]"},
		},
		{
			"retry_all", http.MethodPost, "dead-letter-retries", `{"all":{"errcode":"60020"}}`, http.StatusOK, `{"done":1,"skipped":0,"more":false}`,
			[]string{
				"dead {AccountID:7 State:dead ErrCode:<nil> Receiver: Lines:false FromMS:0 ToMS:0 Oldest:true} 60020 0 200",
				`retry 7 [{61 5}] false: token:sync 61 {"count":1,"may_repeat":false}`, "wake [out group]",
			},
		},
		{
			"discard", http.MethodPost, "dead-letter-discards", `{"items":[{"id":"61","version":"5"}],"reason":"过期"}`, http.StatusOK, `{"done":0,"skipped":1,"more":false}`,
			[]string{`discard 7 [{61 5}]: deadletter.discarded {"count":1,"reason":"过期"}`},
		},
		{
			"dead_overview", http.MethodGet, "/dead-letters", "", http.StatusOK,
			`{"items":[{"account":"it","name":"IT","dead":4,"uncertain":1},{"account":"hr","name":"","dead":4,"uncertain":1}]}`, nil,
		},
		{
			"tokens", http.MethodGet, "/tokens", "", http.StatusOK,
			`{"items":[{"id":"3","name":"sync","role":"owner","accounts":["it"],"created_at":"1970-01-01T00:00:00.001Z"}]}`, nil,
		},
		{"revoke_token", http.MethodDelete, "/tokens/3", "", http.StatusNoContent, "", []string{"revoke sync", "audit 0 token:sync token.revoked sync"}},
	}
}

// latency matches how long something took.
var latency = regexp.MustCompile(`"latency_ms":[0-9.]+`)

func TestSystem(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{}
	api := newFakeAPI(f)
	ask := func() string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/system", http.NoBody)
		r.Header.Set("Authorization", "Bearer dmt_x")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return latency.ReplaceAllString(w.Body.String(), `"latency_ms":0`)
	}
	want := `{"version":"v1","revision":"abc","go":"go1","now":"2026-11-23T02:24:00Z","database":{"dialect":"sqlite","server":"3","schema":24,"known":24,"latency_ms":0},` +
		`"redis":{"embedded":true,"ok":true,"latency_ms":0},"files":{"kind":"folder","waiting":4},"timers_due":3,"replicas":[` +
		`{"name":"me","host":"h","pid":1,"version":"v1","started_at":"1970-01-01T00:00:00.001Z","seen_at":"1970-01-01T00:00:00.001Z","alive":true,"self":true,"memory_bytes":0,"goroutines":0,"bases":1,"redis":true},` +
		`{"name":"gone","host":"","pid":0,"version":"v1","started_at":"","seen_at":"1970-01-01T00:00:00.001Z","alive":false,"self":false,"memory_bytes":0,"goroutines":0,"bases":1,"redis":false}],` +
		`"accounts":[{"key":"it","name":"IT","enabled":true,"events":2,"event_since":"1970-01-01T00:00:00.001Z","pushes":1,"dead":4,"uncertain":1,"unindexed":0,"pushes_today":12,"pushes_limit":100000,"bases":1},` +
		`{"key":"hr","name":"","enabled":false,"events":2,"event_since":"1970-01-01T00:00:00.001Z","pushes":1,"dead":4,"uncertain":1,"unindexed":0,"pushes_limit":0,"bases":0}]}`
	if diff := cmp.Diff(decoded(t, want), decoded(t, ask())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f.refused = model.ErrUnavailable // whoever asks within a second gets the same
	if got := ask(); !strings.Contains(got, `"version":"v1"`) {
		t.Errorf("a moment later: %s", got)
	}
}

// What a token may be for is checked, and the token itself is shown once.
func TestCreateToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body   string
		status int
		want   string // part of the answer
		did    string
	}{
		"owner":         {`{"name":" sync2 ","role":"owner","accounts":["it","it"],"days":1}`, http.StatusCreated, `"token":"dmt_`, "save token sync2 owner [it]  86400000 64"},
		"super":         {`{"name":"all","role":"super_admin"}`, http.StatusCreated, `"accounts":[]`, "save token all super_admin []"},
		"seat":          {`{"name":"li","role":"seat","accounts":["it"],"userid":"Li"}`, http.StatusCreated, `"userid":"li"`, "save token li seat [it] li"},
		"no account":    {`{"name":"x","role":"owner"}`, http.StatusBadRequest, "token_accounts", ""},
		"super of one":  {`{"name":"x","role":"super_admin","accounts":["it"]}`, http.StatusBadRequest, "token_accounts", ""},
		"no such":       {`{"name":"x","role":"owner","accounts":["nix"]}`, http.StatusNotFound, "account_unknown", ""},
		"blank":         {`{"name":"  ","role":"super_admin"}`, http.StatusBadRequest, "token_name", ""},
		"seat of two":   {`{"name":"x","role":"seat","accounts":[],"userid":"li"}`, http.StatusBadRequest, "token_seat", ""},
		"nobody's seat": {`{"name":"x","role":"seat","accounts":["it"],"userid":"wang"}`, http.StatusBadRequest, "token_seat", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeDesk{}
			w := callAPI(t, f, http.MethodPost, "/tokens", tt.body)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			did := strings.Join(f.did, "\n")
			if !strings.HasPrefix(did, tt.did) || (tt.did == "") != (did == "") || tt.did != "" && !strings.Contains(did, "audit 0 token:sync token.created") {
				t.Errorf("did %q", did)
			}
		})
	}
}

// Either some are named or all that match are meant.
func TestDeadLetters_choice(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{`{}`, `{"items":[{"id":"1","version":"1"}],"all":{}}`} {
		f := &fakeDesk{}
		if w := callAPI(t, f, http.MethodPost, "dead-letter-retries", payload); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "no_choice") || len(f.did) != 0 {
			t.Errorf("%s: %d %s, did %v", payload, w.Code, w.Body, f.did)
		}
	}
}
