package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// fakeMy is all that members look up: three accounts of their corp, and one of another.
type fakeMy struct {
	talked   map[uint64]bool
	seat     bool
	owner    bool
	records  []model.OwnRecord // of the account with the id 1
	lines    []model.Message
	survey   model.Survey
	did      []string
	welcomed bool
}

const wang, zhao = "wang", "zhao"

func (f *fakeMy) Accounts(context.Context) ([]model.Account, error) {
	it := model.Account{ID: 1, Key: "it", CorpID: "WWcorp", Name: "IT 服务台", Enabled: true}
	it.Profile = model.Profile{
		Alias: "技术", Description: strings.Repeat("长", 70), Landline: "010-1", Department: "信息部", Gender: "female",
		ServiceWindow: model.ServiceWindow{Title: "报修", URL: "https://fix.example"},
	}
	hr := model.Account{ID: 2, Key: "hr", CorpID: "wwcorp", Name: "人事", Enabled: true}
	hr.Policy.Scope = &model.Scope{Departments: []int64{5}, Members: []string{zhao}}
	fin := model.Account{ID: 3, Key: "fin", CorpID: "wwcorp", Name: "财务", Enabled: true}
	fin.Policy.Barred = []string{wang}
	off := model.Account{ID: 4, Key: "off", CorpID: "wwcorp", Name: "停用", Profile: model.Profile{}}
	other := model.Account{ID: 5, Key: "other", CorpID: "ww2", Name: "别家", Enabled: true}
	return []model.Account{fin, hr, it, off, other}, nil
}

func (f *fakeMy) AccountByKey(ctx context.Context, key string) (model.Account, error) {
	list, _ := f.Accounts(ctx)
	for _, acc := range list {
		if acc.Key == key {
			return acc, nil
		}
	}
	return model.Account{}, model.ErrNotFound
}

func (f *fakeMy) Account(ctx context.Context, id uint64) (model.Account, error) {
	list, _ := f.Accounts(ctx)
	for _, acc := range list {
		if acc.ID == id {
			return acc, nil
		}
	}
	return model.Account{}, model.ErrNotFound
}

func (f *fakeMy) Member(_ context.Context, _, userID string) (model.Member, error) {
	if userID != wang {
		return model.Member{}, model.ErrNotFound
	}
	return model.Member{UserID: wang, Name: "王芳", DepartmentName: "销售部"}, nil
}

func (f *fakeMy) DepartmentsAbove(context.Context, string, string) ([]int64, error) {
	return []int64{1, 7}, nil
}

func (f *fakeMy) Conversation(_ context.Context, accountID uint64, _ string) (model.Conversation, error) {
	if !f.talked[accountID] {
		return model.Conversation{}, nil
	}
	return model.Conversation{CreatedMS: 1, LastSession: 9}, nil
}

func (f *fakeMy) Pulse(_ context.Context, id uint64, since int64) (model.Pulse, error) {
	f.did = append(f.did, fmt.Sprintf("pulse %d since %s", id, model.Time(since).UTC().Format("02 15:04")))
	return model.Pulse{Bot: 1, Queued: 2, Serving: 3, Opened: 4, Online: 5}, nil
}

func (f *fakeMy) OwnRecords(_ context.Context, acc model.Account, employee string, before uint64, limit int) ([]model.OwnRecord, error) {
	f.did = append(f.did, fmt.Sprintf("records of %s with %s before %d, %d", employee, acc.Key, before, limit))
	if acc.ID != 1 {
		return nil, nil
	}
	return f.records, nil
}

func (f *fakeMy) OwnRecord(_ context.Context, acc model.Account, employee string, id uint64) (model.OwnRecord, error) {
	for _, r := range f.records {
		if acc.ID == 1 && employee == wang && r.Session.ID == id {
			return r, nil
		}
	}
	return model.OwnRecord{}, model.ErrNotFound
}

func (f *fakeMy) EmployeeMessages(_ context.Context, _ uint64, _ string, _ uint64, after, _ int) ([]model.Message, error) {
	var list []model.Message
	for _, m := range f.lines {
		if m.Seq > after {
			list = append(list, m)
		}
	}
	return list, nil
}

func (f *fakeMy) Survey(context.Context, uint64, uint64) (model.Survey, error) {
	if f.survey.SessionID == 0 {
		return model.Survey{}, model.ErrNotFound
	}
	return f.survey, nil
}

func (f *fakeMy) CommentSurvey(_ context.Context, t model.SurveyTicket, comment string, atMS int64) error {
	if f.survey.SessionID != t.Session {
		return model.ErrNotFound
	}
	f.survey.Comment, f.survey.CommentMS = comment, atMS
	return nil
}

func (f *fakeMy) AccountSeat(context.Context, string, string) (model.Seat, error) {
	return model.Seat{}, model.ErrNotFound
}

func (f *fakeMy) Do(_ context.Context, act handler.Act) (handler.Done, error) {
	f.did = append(f.did, fmt.Sprintf("%s of %s in %d", act.Event.Kind, act.Employee, act.AccountID))
	if f.welcomed {
		return handler.Done{Outcome: model.OutcomeHandled, Reason: "welcomed_lately"}, nil
	}
	return handler.Done{Outcome: model.OutcomeHandled, Reason: "consulted"}, nil
}

func (f *fakeMy) MessageMedia(context.Context, uint64, uint64) (map[int]model.MessageMedia, error) {
	return map[int]model.MessageMedia{
		2: {Seq: 2, Kind: model.ContentImage, State: model.MediaStored, Key: "k", Type: "image/png", Sum: "s"},
		3: {Seq: 3, Kind: model.ContentImage, State: model.MediaStored, Key: "k", Type: "image/png", Sum: "s"},
	}, nil
}

// kept is a file that is there.
type kept struct{ *bytes.Reader }

// Close does nothing.
func (kept) Close() error { return nil }

func (f *fakeMy) Open(context.Context, string) (io.ReadSeekCloser, error) {
	return kept{bytes.NewReader([]byte("png"))}, nil
}

func (f *fakeMy) TokenByHash(_ context.Context, hash string) (model.Token, error) {
	for _, t := range []model.Token{
		{Name: "wang", Role: model.RoleOwner, Accounts: []string{"it"}, UserID: "Wang"},
		{Name: "zhao", Role: model.RoleSuperAdmin, UserID: zhao},
		{Name: "nobody", Role: model.RoleSuperAdmin},
	} {
		if handler.HashToken(handler.TokenPrefix+t.Name) == hash {
			return t, nil
		}
	}
	return model.Token{}, model.ErrNotFound
}

func (f *fakeMy) TouchToken(context.Context, uint64, int64) error { return nil }

// standings answers for Logins, of which members need no more.
type standings struct {
	keeper
	*fakeMy
}

type keeper = handler.Logins

// Standing says what somebody is.
func (s standings) Standing(_ context.Context, corp, userID, _ string) (model.Standing, error) {
	st := model.Standing{Name: userID}
	if corp != "wwcorp" || userID != wang {
		return st, nil
	}
	st.Name = "王芳"
	if s.seat {
		st.Places = append(st.Places, model.AccountPlace{Account: 1, Key: "it", Name: "IT 服务台", Seat: &model.Seat{UserID: wang, State: model.SeatAway, Load: 2}})
	}
	if s.owner {
		st.Places = append(st.Places, model.AccountPlace{Account: 2, Key: "hr", Name: "人事", Owner: true})
	}
	return st, nil
}

// names answers for Sessions, of which members need no more.
type names struct{ handler.Sessions }

// Names calls everybody by a name.
func (names) Names(_ context.Context, _ string, ids []string) (map[string]string, error) {
	list := map[string]string{}
	for _, id := range ids {
		list[id] = "坐席" + id
	}
	return list, nil
}

func newMyTickets(t testing.TB) *handler.Tickets {
	t.Helper()
	tickets, err := handler.NewTickets("https://desk.example/", []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return tickets
}

// asks sends a request as somebody and gives the status and the body.
func (f *fakeMy) asks(t *testing.T, who, method, target, sent string) (int, string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	now := func() time.Time { return simNow }
	gate := handler.NewGate(handler.GateConfig{Tokens: f, Seats: f, Now: now, Log: log})
	r := gin.New()
	group := r.Group("")
	if who != "" {
		group.Use(gate.Authenticate)
	}
	handler.NewAPI(handler.APIConfig{
		Accounts: f, My: f, Logins: standings{fakeMy: f}, Desk: f, Sessions: names{}, RecordMedia: f, KeptFiles: f, Tickets: newMyTickets(t),
		Location: time.FixedZone("CST", 8*3600), Now: now, Log: log, Spell: func(string) []string { return []string{"fuwu"} },
	}).Register(r, group)
	req := httptest.NewRequestWithContext(t.Context(), method, "/api/v1"+target, strings.NewReader(sent))
	req.Header.Set("Authorization", "Bearer "+handler.TokenPrefix+who)
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

// sees is what a path of the answer holds.
func (f *fakeMy) sees(t *testing.T, who, target string) any {
	t.Helper()
	status, body := f.asks(t, who, http.MethodGet, target, "")
	if status != http.StatusOK {
		t.Fatalf("%s as %s: %d %s", target, who, status, body)
	}
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (f *fakeMy) keys(t *testing.T, who string) []string {
	t.Helper()
	status, body := f.asks(t, who, http.MethodGet, "/my/services", "")
	if status != http.StatusOK {
		t.Fatalf("services of %s: %d %s", who, status, body)
	}
	var list struct{ Items []struct{ Key string } }
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for _, s := range list.Items {
		keys = append(keys, s.Key)
	}
	return keys
}

// Members find what is in their scope, or what they talked to; nothing that bars them, is
// disabled or belongs to another corp.
func TestMyServices(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, who string
		talked    map[uint64]bool
		want      []string
	}{
		{"by scope", "wang", nil, []string{"it"}},
		{"talked before", "wang", map[uint64]bool{2: true, 3: true, 4: true, 5: true}, []string{"it", "hr"}},
		{"named", "zhao", nil, []string{"it", "hr", "fin"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeMy{talked: tt.talked}
			if diff := cmp.Diff(tt.want, f.keys(t, tt.who)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, key := range []string{"hr", "fin", "off", "other", "none", "it"} {
				status, body := f.asks(t, tt.who, http.MethodGet, "/my/services/"+key, "")
				found := strings.Contains(strings.Join(tt.want, " "), key)
				if found != (status == http.StatusOK) || !found && !strings.Contains(body, "account_unknown") {
					t.Errorf("profile of %s: %d %s", key, status, body)
				}
				status, _ = f.asks(t, tt.who, http.MethodPost, "/my/services/"+key+"/contact", "")
				if found != (status == http.StatusOK) {
					t.Errorf("contact with %s: %d", key, status)
				}
			}
			if len(f.did) != len(tt.want) {
				t.Errorf("did %v", f.did)
			}
		})
	}
}

func TestMyServiceProfile(t *testing.T) {
	t.Parallel()
	f := &fakeMy{}
	want := map[string]any{
		"key": "it", "name": "IT 服务台", "alias": "技术", "gender": "female", "landline": "010-1", "description": strings.Repeat("长", 70),
		"department": "信息部", "window_title": "报修", "window_url": "https://fix.example", "staffed": true, "talked": false,
	}
	if diff := cmp.Diff(want, f.sees(t, "wang", "/my/services/it")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if status, body := f.asks(t, "wang", http.MethodGet, "/my/services", ""); !strings.Contains(body, strings.Repeat("长", 59)+"…") || !strings.Contains(body, `"fuwu"`) {
		t.Errorf("list: %d %s", status, body)
	}
	f.welcomed = true
	if _, body := f.asks(t, "wang", http.MethodPost, "/my/services/it/contact", ""); !strings.Contains(body, `"sent":false`) {
		t.Errorf("a second contact: %s", body)
	}
	if diff := cmp.Diff([]string{"consult of wang in 1"}, f.did); diff != "" {
		t.Errorf("did (-want +got):\n%s", diff)
	}
}

func TestMy(t *testing.T) {
	t.Parallel()
	f := &fakeMy{seat: true, owner: true}
	run := map[string]any{"account": "hr", "title": "人事", "enabled": true, "queued": 2.0, "serving": 3.0, "bot": 1.0, "today": 4.0, "online": 5.0}
	want := map[string]any{
		"userid": "wang", "name": "王芳", "department": "销售部", "super_admin": false, "runs": []any{run},
		"seats": []any{map[string]any{"account": "it", "title": "IT 服务台", "state": "away", "serving": 2.0}},
	}
	if diff := cmp.Diff(want, f.sees(t, "wang", "/my")); diff != "" {
		t.Errorf("a seat and owner (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pulse 2 since 22 16:00"}, f.did); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	if status, body := f.asks(t, "nobody", http.MethodGet, "/my", ""); status != http.StatusForbidden || !strings.Contains(body, "no_member") {
		t.Errorf("a program: %d %s", status, body)
	}
}

func TestMyRecords(t *testing.T) {
	t.Parallel()
	at := simNow.UnixMilli()
	f := &fakeMy{talked: map[uint64]bool{1: true, 2: true}, records: []model.OwnRecord{
		{Session: model.Session{ID: 12, State: model.StateServing, OpenedMS: at}, Question: "打印机坏了", SeatName: "李明"},
		{Session: model.Session{ID: 11, State: model.StateClosed, OpenedMS: at, ClosedMS: at}, Survey: model.Survey{
			SessionID: 11, AccountID: 1, Employee: wang, Rating: model.RatingBad, SentMS: at,
		}},
	}, lines: []model.Message{
		{Seq: 1, From: model.FromEmployee, Sender: wang, Content: model.Content{Type: model.ContentText, Text: "坏了"}, AtMS: at},
		{Seq: 2, From: model.FromSeat, Sender: "li", Content: model.Content{Type: model.ContentImage, MediaID: "m"}, AtMS: at},
		{Seq: 3, From: model.FromSeat, Sender: "li", Content: model.Content{Type: model.ContentText}, AtMS: at, RecalledMS: at},
	}}
	status, body := f.asks(t, "wang", http.MethodGet, "/my/records?limit=1&after=20", "")
	if status != http.StatusOK || !strings.Contains(body, `"id":"12"`) || !strings.Contains(body, `"next":"12"`) || strings.Contains(body, `"id":"11"`) {
		t.Errorf("a page: %d %s", status, body)
	}
	if diff := cmp.Diff([]string{"records of wang with hr before 20, 1", "records of wang with it before 20, 1"}, f.did); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	_, body = f.asks(t, "wang", http.MethodGet, "/my/services/it/records/11", "")
	if !strings.Contains(body, `"comment_url":"https://desk.example/h5/survey/`) || !strings.Contains(body, `"uploads":false`) {
		t.Errorf("a rated one: %s", body)
	}
	for target, want := range map[string]int{
		"/my/services/it/records/12/messages/2/media": http.StatusOK, "/my/services/it/records/12/messages/3/media": http.StatusNotFound,
		"/my/services/it/records/99": http.StatusNotFound, "/my/services/hr/records/12": http.StatusNotFound,
		"/my/services/other/records/12/messages": http.StatusNotFound, "/my/records?service=other": http.StatusNotFound,
	} {
		if status, body := f.asks(t, "wang", http.MethodGet, target, ""); status != want {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
	if status, _ := f.asks(t, "zhao", http.MethodGet, "/my/services/it/records/12/messages", ""); status != http.StatusNotFound {
		t.Errorf("somebody else's: %d", status)
	}
	_, body = f.asks(t, "wang", http.MethodGet, "/my/services/it/records/12/messages", "")
	for _, part := range []string{`"name":"坐席li"`, `"media":true`, `"recalled":true`} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
	if status, body := f.asks(t, "wang", http.MethodPost, "/my/services/it/records/12/upload-link", ""); !strings.Contains(body, "https://desk.example/h5/upload/") {
		t.Errorf("a link: %d %s", status, body)
	}
	if status, _ := f.asks(t, "wang", http.MethodPost, "/my/services/it/records/11/upload-link", ""); status != http.StatusConflict {
		t.Errorf("a link into a closed session: %d", status)
	}
}

// The link is the whole proof: nobody signs in.
func TestSurveyComment(t *testing.T) {
	t.Parallel()
	sent := simNow.Add(-time.Hour).UnixMilli()
	f := &fakeMy{survey: model.Survey{
		SessionID: 11, AccountID: 1, Employee: wang, Seat: "li", Rating: model.RatingBad, Reasons: []string{"太慢"}, SentMS: sent,
	}}
	address := func(ticket model.SurveyTicket) string {
		return "/surveys/" + strings.TrimPrefix(newMyTickets(t).SurveyLink(ticket), "https://desk.example/h5/survey/")
	}
	ticket := f.survey.CommentTicket()
	status, body := f.asks(t, "", http.MethodPut, address(ticket), `{"comment":" 等了很久\u0007\n"}`)
	if status != http.StatusOK || f.survey.Comment != "等了很久" || f.survey.CommentMS != simNow.UnixMilli() {
		t.Errorf("%d %s, kept %q", status, body, f.survey.Comment)
	}
	if !strings.Contains(body, `"seat":"坐席li"`) || !strings.Contains(body, `"reasons":["太慢"]`) {
		t.Errorf("shown: %s", body)
	}
	if status, _ := f.asks(t, "", http.MethodPut, address(ticket), `{"comment":""}`); status != http.StatusOK || f.survey.Comment != "" {
		t.Errorf("taken back: %d %q", status, f.survey.Comment)
	}
	long := `{"comment":"` + strings.Repeat("长", 501) + `"}`
	if status, _ := f.asks(t, "", http.MethodPut, address(ticket), long); status != http.StatusUnprocessableEntity {
		t.Errorf("too long: %d", status)
	}
	over, others, none := ticket, ticket, ticket
	over.UntilMS, others.Employee, none.Session = simNow.UnixMilli(), zhao, 12
	forged := address(ticket)
	upload := "/surveys/" + strings.TrimPrefix(newMyTickets(t).Link(model.UploadTicket{AccountID: 1, Session: 11, Employee: wang, UntilMS: ticket.UntilMS}), "https://desk.example/h5/upload/")
	for name, tt := range map[string]struct{ target, reason string }{
		"ended": {address(over), "survey_over"}, "another employee's": {address(others), "survey_unknown"},
		"of no survey": {address(none), "survey_unknown"}, "forged": {forged[:len(forged)-2] + "zz", "survey_unknown"}, "an upload's": {upload, "survey_unknown"},
	} {
		f := &fakeMy{survey: f.survey}
		if name == "of no survey" {
			f.survey = model.Survey{}
		}
		if status, body := f.asks(t, "", http.MethodGet, tt.target, ""); status != http.StatusNotFound || !strings.Contains(body, tt.reason) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}
