package handler_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
	"deskmate/model"
)

// otherLogins are what the tests don't call.
type otherLogins struct{ handler.Logins }

// fakeSetup is the desk as where accounts are set up.
type fakeSetup struct {
	otherLogins
	*fakeDesk
	role   model.Role
	record model.CallbackRecord
	given  model.Connection
}

func (f *fakeSetup) TokenByHash(context.Context, string) (model.Token, error) {
	return model.Token{Name: "sync", Role: f.role, Accounts: []string{"it"}}, nil
}

func (f *fakeSetup) CreateAccount(_ context.Context, acc model.Account, who model.Audit) (model.Account, error) {
	f.given = model.Connection{Secret: acc.Secret, Token: acc.Token, EncodingAESKey: acc.EncodingAESKey}
	acc.Version = 1
	return acc, f.done("create %s %q %s %d by %s", acc.Key, acc.Name, acc.CorpID, acc.AgentID, who.Actor)
}

func (f *fakeSetup) SetConnection(_ context.Context, id, expect uint64, c model.Connection, who model.Audit) (uint64, error) {
	f.given = c
	return 4, f.done("connect %d expect %d %s %d by %s", id, expect, c.CorpID, c.AgentID, who.Actor)
}

func (f *fakeSetup) SetAccountEnabled(_ context.Context, id, expect uint64, on bool, who model.Audit) (uint64, error) {
	return 4, f.done("enable %d expect %d %t by %s", id, expect, on, who.Actor)
}

func (f *fakeSetup) CallbackRecord(context.Context, uint64) (model.CallbackRecord, error) {
	return f.record, f.refused
}

func (f *fakeSetup) AccountFigures(_ context.Context, id uint64, day int64) (model.AccountFigures, error) {
	f.did = append(f.did, fmt.Sprintf("figures %d since %s", id, model.Time(day).UTC().Format(time.RFC3339)))
	return model.AccountFigures{Bot: 1, Queued: 2, Serving: 3, OldestMS: 1, Seats: 5, Online: 4, Misses: 6, Questions: 7, Sessions: 8, Tried: true}, nil
}

func (f *fakeSetup) NamedOwners(context.Context, model.Account) ([]model.Owner, error) {
	return []model.Owner{{UserID: "li", Name: "李"}}, f.refused
}

func (f *fakeSetup) AddOwner(_ context.Context, id uint64, userID string, who model.Audit) error {
	return f.done("owner %d %s by %s", id, userID, who.Actor)
}

func (f *fakeSetup) RemoveOwner(_ context.Context, _ uint64, userID string, _ model.Audit) error {
	if userID != "li" {
		return model.ErrNotFound
	}
	return f.done("no owner %s", userID)
}

func (f *fakeSetup) RemovalPlan(context.Context, model.Account) (model.RemovalPlan, error) {
	return model.RemovalPlan{Sessions: 9, Open: 1, Entries: 3, Seats: 2}, f.refused
}

func (f *fakeSetup) BeginRemoval(_ context.Context, id uint64, name string, who model.Audit) error {
	return f.done("remove %d %q by %s", id, name, who.Actor)
}

func (f *fakeSetup) Removals(context.Context) ([]model.Removal, error) {
	return []model.Removal{{AccountID: 99}}, f.refused
}

// Logins implements [handler.Logins].
func (f *fakeSetup) Logins(context.Context, model.Login, bool, uint64, int) ([]model.Login, error) {
	return nil, f.refused
}

func (f *fakeSetup) SuperAdmins(context.Context) ([]model.SuperAdmin, error) {
	return []model.SuperAdmin{{CorpID: "wwcorp", UserID: "yang", Name: "杨"}, {CorpID: "other", UserID: "x", Name: "X"}}, f.refused
}

func (f *fakeSetup) Names(_ context.Context, _ string, ids []string) (map[string]string, error) {
	if ids[0] == "nobody" {
		return map[string]string{}, nil
	}
	return map[string]string{ids[0]: "名"}, f.refused
}

func (f *fakeSetup) Checks(_ context.Context, acc model.Account, only []string) []model.Check {
	_ = f.done("check %s %v", acc.Key, only)
	return []model.Check{
		{ID: "trusted_ip", State: model.CheckFailed, Reason: "ip_not_trusted", Facts: map[string]string{"ip": "192.0.2.1"}, Detail: "d", Screen: model.ScreenTrustedIP},
		{ID: "redis", State: model.CheckFailed, Detail: "redis at 10.0.0.1"},
	}
}

func (f *fakeSetup) DomainFiles(context.Context) ([]model.DomainFile, error) {
	return []model.DomainFile{{Name: "WW_verify_a.txt", Content: "a"}}, f.refused
}

func (f *fakeSetup) DomainFile(context.Context, string) (model.DomainFile, error) {
	return model.DomainFile{}, model.ErrNotFound
}

func (f *fakeSetup) PutDomainFile(_ context.Context, file model.DomainFile, who model.Audit) error {
	return f.done("file %s %q by %s", file.Name, file.Content, who.Actor)
}

func (f *fakeSetup) DeleteDomainFile(_ context.Context, name string, _ model.Audit) error {
	return f.done("no file %s", name)
}

// setupCall calls the part of the API that sets accounts up.
func setupCall(t *testing.T, f *fakeSetup, method, target, payload string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	gin.SetMode(gin.TestMode)
	r := gin.New()
	log := slog.New(slog.DiscardHandler)
	gate := handler.NewGate(handler.GateConfig{Tokens: f, Now: time.Now, Log: log})
	handler.NewAPI(handler.APIConfig{
		Accounts: f, Setup: f, Figures: f, Checker: f, DomainFiles: f, Logins: f, PublicURL: "https://desk.example.com",
		Location: time.FixedZone("", 8*60*60), Now: func() time.Time { return simNow }, Log: log,
	}).Register(r, r.Group("", gate.Authenticate))
	req := httptest.NewRequestWithContext(t.Context(), method, "/api/v1"+target, strings.NewReader(payload))
	req.Header.Set("Authorization", "Bearer dmt_x")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

func newFakeSetup() *fakeSetup {
	return &fakeSetup{fakeDesk: &fakeDesk{}, role: model.RoleSuperAdmin}
}

func TestSetupOperations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, target, payload string
		status                        int
		body, did                     string // parts
	}{
		{"create", http.MethodPost, "/accounts", `{"key":" new ","name":"　行政 ","corp_id":"wwx\u200b","agent_id":5,"secret":" s "}`, http.StatusCreated, `"callback_path":"/callback/new"`, `create new "行政" wwx 5 by token:sync`},
		{"a key of other letters", http.MethodPost, "/accounts", `{"key":"人事","name":"x","corp_id":"ww","agent_id":5,"secret":"s"}`, http.StatusBadRequest, `"reason":"key"`, ""},
		{"a secret of two words", http.MethodPost, "/accounts", `{"key":"a","name":"x","corp_id":"ww","agent_id":5,"secret":"a b"}`, http.StatusBadRequest, `"reason":"secret"`, ""},
		{"a secret of blanks", http.MethodPost, "/accounts", `{"key":"a","name":"x","corp_id":"ww","agent_id":5,"secret":"  "}`, http.StatusBadRequest, `"reason":"secret"`, ""},
		{"connect", http.MethodPut, "/accounts/it/connection", `{"corp_id":"ww","agent_id":5}`, http.StatusOK, `"version":4`, "connect 7 expect 0 ww 5"},
		{"a short key", http.MethodPut, "/accounts/it/connection", `{"corp_id":"ww","agent_id":5,"encoding_aes_key":"abc"}`, http.StatusBadRequest, `"reason":"encoding_aes_key"`, ""},
		{"disable", http.MethodPut, "/accounts/it/enabled", `{"enabled":false}`, http.StatusNoContent, "", "enable 7 expect 0 false"},
		{"setup", http.MethodGet, "/accounts/it/setup", "", http.StatusOK, `"steps":{"connected":false,"seats":true,"knowledge":false,"tried":true},"admins":["杨"]`, "figures 7"},
		{"the group bot", http.MethodGet, "/accounts/it/group-bot", "", http.StatusOK, `"public_url":"https://desk.example.com"`, ""},
		{"checks", http.MethodGet, "/accounts/it/checks?only=token&only=callback", "", http.StatusOK, `"facts":{"ip":"192.0.2.1"}`, "check it [token callback]"},
		{"owners", http.MethodGet, "/accounts/it/owners", "", http.StatusOK, `{"userid":"li","name":"李"}`, ""},
		{"an owner", http.MethodPut, "/accounts/it/owners/Wang", "", http.StatusNoContent, "", "owner 7 wang"},
		{"an owner who is nobody", http.MethodPut, "/accounts/it/owners/nobody", "", http.StatusBadRequest, "member_unknown", ""},
		{"a former owner", http.MethodDelete, "/accounts/it/owners/li", "", http.StatusNoContent, "", "no owner li"},
		{"a former owner who was none", http.MethodDelete, "/accounts/it/owners/x", "", http.StatusNotFound, "owner_unknown", ""},
		{"the plan", http.MethodGet, "/accounts/it/removal", "", http.StatusOK, `"sessions":9,"open":1,"entries":3,"seats":2,"tokens":[]`, ""},
		{"remove", http.MethodPost, "/accounts/it/removal", `{"name":"IT"}`, http.StatusNoContent, "", `remove 7 "IT" by token:sync`},
		{"files", http.MethodGet, "/domain-files", "", http.StatusOK, `"content":"a"`, ""},
		{"a file", http.MethodPut, "/domain-files/WW_verify_a.txt", `{"content":" abc\n"}`, http.StatusNoContent, "", `file WW_verify_a.txt "abc"`},
		{"a page in its place", http.MethodPut, "/domain-files/index.html", `{"content":"<b>"}`, http.StatusBadRequest, "domain_file", ""},
		{"no file", http.MethodDelete, "/domain-files/WW_verify_a.txt", "", http.StatusNoContent, "", "no file WW_verify_a.txt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFakeSetup()
			w := setupCall(t, f, tt.method, tt.target, tt.payload)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) {
				t.Errorf("answered %d %s", w.Code, w.Body)
			}
			if did := strings.Join(f.did, "; "); !strings.Contains(did, tt.did) || (tt.did == "" && did != "") {
				t.Errorf("did %q, want %q", did, tt.did)
			}
		})
	}
}

// Secrets go in and never come out, but for those that this very call made.
func TestConnectionSecrets(t *testing.T) {
	t.Parallel()
	f := newFakeSetup()
	payload := `{"corp_id":"ww","agent_id":5,"secret":"app-secret","token":"generate","encoding_aes_key":"` + strings.Repeat("k", 43) + `"}`
	w := setupCall(t, f, http.MethodPut, "/accounts/it/connection", payload, "If-Match", `"3"`)
	var got struct {
		Token string `json:"token"`
		Key   string `json:"encoding_aes_key"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Token == "" || got.Token != f.given.Token.Reveal() || got.Key != "" || strings.Contains(w.Body.String(), "app-secret") {
		t.Errorf("answered %s", w.Body)
	}
	if f.given.EncodingAESKey.Reveal() != strings.Repeat("k", 43) || f.given.Secret.Reveal() != "app-secret" {
		t.Error("not what was sent")
	}
	if diff := cmp.Diff([]string{"connect 7 expect 3 ww 5 by token:sync"}, f.did); diff != "" {
		t.Error(diff)
	}
	made := newFakeSetup()
	setupCall(t, made, http.MethodPost, "/accounts", `{"key":"a","name":"x","corp_id":"ww","agent_id":5,"secret":"s"}`)
	if len(made.given.EncodingAESKey.Reveal()) != 43 || made.given.Token == "" {
		t.Error("a new account has no token or key")
	}
}

// What the installation's checks found is not an owner's business.
func TestChecksOfOwners(t *testing.T) {
	t.Parallel()
	for role, seen := range map[model.Role]bool{model.RoleOwner: false, model.RoleSuperAdmin: true} {
		f := newFakeSetup()
		f.role = role
		w := setupCall(t, f, http.MethodGet, "/accounts/it/checks", "")
		if strings.Contains(w.Body.String(), "10.0.0.1") != seen || !strings.Contains(w.Body.String(), `"detail":"d"`) {
			t.Errorf("%s sees %s", role, w.Body)
		}
	}
}
