package router_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/router"
)

// errReached says that a request came as far as the handler.
var errReached = &model.Error{Code: model.CodeConflict, Reason: "reached", Message: "reached"}

// AccountByKey implements [handler.Accounts]: there is one account.
func (nothing) AccountByKey(_ context.Context, key string) (model.Account, error) {
	if key == "it" {
		return model.Account{}, errReached
	}
	return model.Account{}, model.ErrNotFound
}

// Accounts implements [handler.Accounts].
func (nothing) Accounts(context.Context) ([]model.Account, error) {
	return []model.Account{{Key: "it"}, {Key: "hr"}}, nil
}

// tokens are those of the tests.
type tokens struct{}

// TokenByHash implements [handler.TokenFinder].
func (tokens) TokenByHash(_ context.Context, hash string) (model.Token, error) {
	for _, t := range []model.Token{
		{Name: "owner", Role: model.RoleOwner, Accounts: []string{"it"}},
		{Name: "other", Role: model.RoleOwner, Accounts: []string{"hr"}},
		{Name: "super", Role: model.RoleSuperAdmin},
		{Name: "seat", Role: model.RoleSeat, Accounts: []string{"it"}, UserID: "Li"},
		{Name: "editor", Role: model.RoleSeat, Accounts: []string{"it"}, UserID: "qian"},
		{Name: "reader", Role: model.RoleSeat, Accounts: []string{"it"}, UserID: "sun"},
		{Name: "left", Role: model.RoleSeat, Accounts: []string{"it"}, UserID: "zhao"},
		{Name: "none", Role: model.RoleSeat, Accounts: []string{"it"}, UserID: "wang"},
		{Name: "nobody", Role: model.RoleSeat, Accounts: []string{"it"}},
		{Name: "late", Role: model.RoleOwner, Accounts: []string{"it"}, ExpiresMS: time.Now().Add(-time.Second).UnixMilli()},
	} {
		if handler.HashToken(handler.TokenPrefix+t.Name) == hash {
			return t, nil
		}
	}
	return model.Token{}, model.ErrNotFound
}

// TouchToken implements [handler.TokenFinder].
func (tokens) TouchToken(context.Context, uint64, int64) error { return nil }

// AccountSeat implements [handler.SeatFinder]: li is a seat, and zhao was one.
func (tokens) AccountSeat(_ context.Context, account, userID string) (model.Seat, error) {
	switch account + " " + userID {
	case "it li":
		return model.Seat{UserID: userID}, nil
	case "it qian":
		return model.Seat{UserID: userID, Permissions: []model.SeatPermission{model.MayKnowledge}}, nil
	case "it sun":
		return model.Seat{UserID: userID, Permissions: []model.SeatPermission{model.MayRead}}, nil
	case "it zhao":
		return model.Seat{UserID: userID, LeftMS: 1}, nil
	}
	return model.Seat{}, model.ErrNotFound
}

// call sends a request with a token, "" for none, and gives the status and the reason.
func call(t *testing.T, h http.Handler, method, target, token string) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader("{}"))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var failed struct {
		Error struct{ Reason string }
	}
	_ = json.Unmarshal(w.Body.Bytes(), &failed) // what didn't fail has another form
	return w.Code, failed.Error.Reason
}

// logins are those of the tests: each cookie is the name of its person.
type logins struct{}

func (logins) people() map[string]model.Standing {
	it := func(p model.AccountPlace) []model.AccountPlace {
		p.Key, p.Own = "it", true
		return []model.AccountPlace{p}
	}
	return map[string]model.Standing{
		"boss": {Super: true, Places: it(model.AccountPlace{})},
		"own":  {Places: it(model.AccountPlace{Owner: true, Seat: &model.Seat{UserID: "own"}})},
		"li":   {Places: it(model.AccountPlace{Seat: &model.Seat{UserID: "li"}})},
		"qian": {Places: it(model.AccountPlace{Seat: &model.Seat{UserID: "qian", Permissions: []model.SeatPermission{model.MayKnowledge, model.MayRead}}})},
		"wang": {},
	}
}

// seat is the seat that a person is and nothing more.
func (l logins) seat(person string) *model.Seat {
	if places := l.people()[person].Places; len(places) > 0 && l.people()[person].Role() == model.RoleSeat {
		return places[0].Seat
	}
	return nil
}

// LoginByHash implements [handler.LoginFinder].
func (l logins) LoginByHash(_ context.Context, hash string) (model.Login, error) {
	for name := range l.people() {
		if handler.HashToken(name) == hash {
			now := time.Now().UnixMilli()
			return model.Login{ID: 1, CorpID: "corp", UserID: name, SeenMS: now, ExpiresMS: now + 60_000}, nil
		}
	}
	return model.Login{}, model.ErrNotFound
}

// TouchLogin implements [handler.LoginFinder].
func (logins) TouchLogin(context.Context, uint64, int64) error { return nil }

// Standing implements [handler.LoginFinder].
func (l logins) Standing(_ context.Context, _, userID, key string) (model.Standing, error) {
	st := l.people()[userID]
	if key != "" && key != "it" {
		st.Places = nil
	}
	return st, nil
}

// callAs sends a request of a signed-in browser.
func callAs(t *testing.T, h http.Handler, method, target, person string) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader("{}"))
	r.AddCookie(&http.Cookie{Name: handler.LoginCookie, Value: person})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var failed struct {
		Error struct{ Reason string }
	}
	_ = json.Unmarshal(w.Body.Bytes(), &failed)
	return w.Code, failed.Error.Reason
}

// A page from elsewhere can't write with a browser's login, and one of ours can.
func TestWritesFromElsewhere(t *testing.T) {
	t.Parallel()
	h := newRouter(&bytes.Buffer{}, fine)
	for site, refused := range map[string]bool{"same-origin": false, "none": false, "cross-site": true, "same-site": true} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/accounts/it/ask", strings.NewReader("{}"))
		r.AddCookie(&http.Cookie{Name: handler.LoginCookie, Value: "boss"})
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := strings.Contains(w.Body.String(), "cross_origin"); got != refused {
			t.Errorf("from %s: %d %s", site, w.Code, w.Body)
		}
	}
}

// Every route of the API is in the table, and the table has no others.
func TestAccessNamesEveryRoute(t *testing.T) {
	t.Parallel()
	engine, ok := newRouter(&bytes.Buffer{}, fine).(*gin.Engine)
	if !ok {
		t.Fatal("the router is no engine of gin")
	}
	table := router.Access()
	found := 0
	for _, route := range engine.Routes() {
		if !strings.HasPrefix(route.Path, "/api/") {
			continue
		}
		found++
		if table[route.Method+" "+route.Path] == nil {
			t.Errorf("nobody may call %s %s", route.Method, route.Path)
		}
	}
	if found != len(table) {
		t.Errorf("%d routes, and the table names %d", found, len(table))
	}
}

// Every route is called by everybody.
func TestAccess(t *testing.T) {
	t.Parallel()
	h := newRouter(&bytes.Buffer{}, fine)
	fill := strings.NewReplacer(":account", "it", ":id", "1", ":version", "1", ":seq", "1", ":userid", "wang", ":corp", "c")
	for route, roles := range router.Access() {
		method, path, _ := strings.Cut(route, " ")
		target := fill.Replace(path)
		if roles[0] == router.Everyone {
			if status, reason := call(t, h, method, target, ""); status == http.StatusUnauthorized || reason == "role" {
				t.Errorf("%s without a token: %d %s", route, status, reason)
			}
			continue
		}
		for person, roleThere := range (logins{}).people() {
			status, reason := callAs(t, h, method, target, person)
			permitted := router.Allows()(route, roleThere.Role(), (logins{}).seat(person))
			if !strings.Contains(path, ":account") {
				permitted = slices.Contains(roles, roleThere.Role())
			}
			if refused := status == http.StatusForbidden && (reason == "role" || reason == "permission"); refused == permitted {
				t.Errorf("%s by the login of %s: %d %s", route, person, status, reason)
			}
		}
		for _, tt := range []struct {
			token  string
			status int
			reason string
		}{
			{"", http.StatusUnauthorized, "token_missing"},
			{"owner", http.StatusUnauthorized, "token_missing"}, // not in the form of a token
			{"dmt_late", http.StatusUnauthorized, "token_unknown"},
			{"dmt_left", http.StatusForbidden, "not_a_seat"},
			{"dmt_none", http.StatusForbidden, "not_a_seat"},
			{"dmt_nobody2", http.StatusUnauthorized, "token_unknown"},
			{"dmt_nobody", http.StatusForbidden, "not_a_seat"},
		} {
			if status, reason := call(t, h, method, target, tt.token); status != tt.status || reason != tt.reason {
				t.Errorf("%s as %q: %d %s, want %d %s", route, tt.token, status, reason, tt.status, tt.reason)
			}
		}
		if !strings.Contains(path, ":account") {
			continue
		}
		seat := slices.Contains(roles, model.RoleSeat)
		if status, reason := call(t, h, method, target, "dmt_seat"); (reason == "role") == seat {
			t.Errorf("%s as a seat: %d %s", route, status, reason)
		}
		needs := ""
		for part, permission := range map[string]string{
			"/records": "reader", "/entr": "editor", "/groups": "editor", "/group-": "editor", "/synonym": "editor", "/changes": "editor",
			"/golden": "editor", "/imports": "editor", "/misses": "editor", "/questions": "editor", "/ask": "editor", "/template": "editor",
			"/it/export": "editor", "/it/media": "editor",
		} {
			if strings.Contains(target, part) {
				needs = permission
			}
		}
		if strings.HasSuffix(target, "/settings") || strings.HasSuffix(target, "/settings/profile") || strings.HasSuffix(target, "/settings/avatar") {
			needs = "profile" // which none of these seats has
		}
		owner := slices.Contains(roles, model.RoleOwner)
		for _, token := range []string{"seat", "reader", "editor"} {
			if !seat {
				break
			}
			status, reason := call(t, h, method, target, "dmt_"+token)
			if lacks := needs != "" && needs != token; lacks != (status == http.StatusForbidden && reason == "permission") {
				t.Errorf("%s by a seat with the permission of %s: %d %s", route, token, status, reason)
			}
		}
		hr := strings.Replace(target, "/it", "/hr", 1)
		if status, reason := call(t, h, method, hr, "dmt_seat"); seat && reason != "account_unknown" {
			t.Errorf("%s as a seat of another account: %d %s", route, status, reason)
		}
		if status, reason := call(t, h, method, target, "dmt_other"); owner && (status != http.StatusNotFound || reason != "account_unknown") {
			t.Errorf("%s as the owner of another account: %d %s", route, status, reason)
		}
		// A request of a bad shape is refused by the handler: it was let through.
		reached := []string{"reached", "bad_request"}
		for _, token := range []string{"dmt_owner", "dmt_super"} {
			status, reason := call(t, h, method, target, token)
			if token == "dmt_owner" && !owner {
				if reason != "role" {
					t.Errorf("%s as an owner: %d %s", route, status, reason)
				}
				continue
			}
			if !slices.Contains(reached, reason) {
				t.Errorf("%s as %s: %d %s", route, token, status, reason)
			}
		}
		nowhere := strings.Replace(target, "/it", "/none", 1)
		if status, reason := call(t, h, method, nowhere, "dmt_super"); reason != "account_unknown" && reason != "bad_request" {
			t.Errorf("%s of no account: %d %s", route, status, reason)
		}
	}
}

// Each sees its own accounts.
func TestAccountsOfCallers(t *testing.T) {
	t.Parallel()
	h := newRouter(&bytes.Buffer{}, fine)
	for token, want := range map[string]string{"dmt_owner": `[{"key":"it"`, "dmt_other": `[{"key":"hr"`, "dmt_super": `},{"key":"hr"`} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/accounts", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s sees %d %s", token, w.Code, w.Body)
		}
	}
}

// Bodies have their limits, whether their length is told or not, and knowledge files have
// more room than the rest.
func TestBodyLimits(t *testing.T) {
	t.Parallel()
	h := newRouter(&bytes.Buffer{}, fine)
	send := func(path string, body io.Reader, length int64) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/accounts/it"+path, body)
		r.ContentLength = length
		r.Header.Set("Authorization", "Bearer dmt_owner")
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	const mib = 1 << 20
	for _, tt := range []struct {
		path   string
		length int64
		big    bool
	}{
		{"/ask", mib + 1, true},
		{"/media", 10 * mib, false},
		{"/media", 21 * mib, true},
		{"/files", 20 * mib, false},
		{"/files", 21 * mib, true},
		{"/imports", 64 * mib, false},
		{"/imports", 65 * mib, true},
	} {
		if got := send(tt.path, strings.NewReader("--x--"), tt.length); (got == http.StatusRequestEntityTooLarge) != tt.big {
			t.Errorf("%d bytes to %s: %d", tt.length, tt.path, got)
		}
	}
	if got := send("/ask", bytes.NewReader(make([]byte, mib+1)), -1); got != http.StatusRequestEntityTooLarge {
		t.Errorf("a long body of unknown length: %d", got)
	}
}

// The document says who may call what, as the table does.
func TestDocumentNamesRoles(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/openapi.json", http.NoBody)
	w := httptest.NewRecorder()
	newRouter(&bytes.Buffer{}, func(http.ResponseWriter, *http.Request) {}).ServeHTTP(w, r)
	var doc struct {
		Paths map[string]map[string]struct {
			Roles      []model.Role         `json:"x-roles"`
			Permission model.SeatPermission `json:"x-permission"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if len(op.Roles) == 0 {
				t.Errorf("%s %s: nobody may call it", method, path)
			}
		}
	}
	solve := doc.Paths["/api/v1/accounts/{account}/misses/solve"]["post"]
	if !slices.Contains(solve.Roles, model.RoleSeat) || solve.Permission != model.MayKnowledge {
		t.Errorf("solveMisses: %+v", solve)
	}
}
