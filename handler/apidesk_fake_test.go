package handler_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

// floor is an account with two seats, li and zhao (who may read all records), and sessions in
// every state. It remembers what was done.
type floor struct {
	did     []string
	audits  []string
	failing error // of the audit log
	refused error // of the desk
	done    handler.Done
	storing chan struct{} // where not nil, files are stored once it is closed
	inStore atomic.Int64  // files that came to the store
	mu      sync.Mutex    // guards did while files are stored
	from    string        // the address of the last act
	now     time.Time
}

func (f *floor) TokenByHash(_ context.Context, hash string) (model.Token, error) {
	for _, t := range []model.Token{
		{Name: "li", Role: model.RoleSeat, UserID: "li"},
		{Name: "zhao", Role: model.RoleSeat, UserID: "zhao"},
		{Name: "reader", Role: model.RoleSeat, UserID: "reader"},
		{Name: "boss", Role: model.RoleOwner, UserID: "boss"},
		{Name: "sync", Role: model.RoleOwner},
	} {
		t.Accounts = []string{"it"}
		if hash == handler.HashToken(handler.TokenPrefix+t.Name) {
			return t, nil
		}
	}
	return model.Token{}, model.ErrNotFound
}

func (f *floor) TouchToken(context.Context, uint64, int64) error { return nil }

func (f *floor) AccountSeat(_ context.Context, _, userID string) (model.Seat, error) {
	seat := model.Seat{AccountID: 7, UserID: userID, Name: strings.ToUpper(userID), State: model.SeatOnline, Load: 1, Capacity: 3}
	switch userID {
	case "li":
		return seat, nil
	case "zhao":
		seat.Permissions = []model.SeatPermission{model.MayAnswer, model.MayRead}
		return seat, nil
	case "reader":
		seat.Permissions = []model.SeatPermission{model.MayRead}
		return seat, nil
	}
	return model.Seat{}, model.ErrNotFound
}

func (f *floor) AccountByKey(_ context.Context, key string) (model.Account, error) {
	if key != "it" {
		return model.Account{}, model.ErrNotFound
	}
	acc := fakeAccount()
	acc.Profile.ServiceWindow = model.ServiceWindow{Title: "自助平台", URL: "https://it.example.com/"}
	return acc, nil
}

func (f *floor) Accounts(context.Context) ([]model.Account, error) { return nil, nil }

// The sessions by id: 1 li serves wang, 2 zhao serves zhang, 3 waits, 4 is with the bot, 5 goes
// to all, 6 is wang's with zhao and closed, 7 is sun's with zhao and closed (li had it before), 8 went to
// all and is closed.
func (f *floor) WorkSession(_ context.Context, _ model.Account, id uint64) (model.WorkSession, error) {
	s := map[uint64]model.Session{
		1: {State: model.StateServing, Seat: "li", Employee: "wang", SeatNo: 2, LastEmployeeMS: 60_000, LastSeatMS: 30_000, OwedMS: 60_000, MessageCount: 3},
		2: {State: model.StateServing, Seat: "zhao", Employee: "zhang"},
		3: {State: model.StateQueued, Employee: "chen", WaitingMS: 5000, QueuedMS: 4000},
		4: {State: model.StateBot, Employee: "qian"},
		5: {State: model.StateServing, Shared: true, Employee: "zhou"},
		6: {State: model.StateClosed, Seat: "zhao", Employee: "wang", CloseReason: model.ClosedBySeat},
		7: {State: model.StateClosed, Seat: "zhao", Employee: "sun"},
		8: {State: model.StateClosed, Shared: true, Employee: "wu"},
	}[id]
	if s.Employee == "" {
		return model.WorkSession{}, model.ErrNotFound
	}
	s.ID, s.AccountID, s.OpenedMS = id, 7, 1000
	w := model.WorkSession{Session: s, Employee: model.Member{UserID: s.Employee, Name: strings.ToUpper(s.Employee), DepartmentName: "财务部"}}
	if s.Seat != "" {
		w.SeatName = strings.ToUpper(s.Seat)
	}
	w.Place = model.WorkPlace{MS: s.QueuedMS, ID: id}
	return w, nil
}

// Served says that li had session 7.
func (f *floor) Served(_ context.Context, sessionID uint64, seat string) (bool, error) {
	return sessionID == 7 && seat == "li", nil
}

func (f *floor) WorkSessions(ctx context.Context, q model.WorkFilter) ([]model.WorkSession, error) {
	f.did = append(f.did, fmt.Sprintf("list %s of %q after %d-%d limit %d", q.List, q.Seat, q.After.MS, q.After.ID, q.Limit))
	w, err := f.WorkSession(ctx, q.Account, 3)
	w.Undelivered = 1
	w.Last = model.Message{Seq: 9, From: model.FromEmployee, AtMS: 7000, Content: model.Content{Type: model.ContentFile, Name: "a.pdf"}}
	return []model.WorkSession{w}, err
}

func (f *floor) EmployeeSessions(ctx context.Context, acc model.Account, employee string, before uint64, limit int) ([]model.WorkSession, error) {
	f.did = append(f.did, fmt.Sprintf("sessions of %s before %d limit %d", employee, before, limit))
	w, err := f.WorkSession(ctx, acc, 6)
	return []model.WorkSession{w}, err
}

func (f *floor) OpenSession(ctx context.Context, _ uint64, employee string) (model.Session, error) {
	for id := range uint64(5) {
		if w, err := f.WorkSession(ctx, model.Account{}, id+1); err == nil && w.Session.Employee == employee {
			return w.Session, nil
		}
	}
	return model.Session{}, model.ErrNotFound
}

func (f *floor) Messages(_ context.Context, _ uint64, after, limit int) ([]model.Message, error) {
	all := []model.Message{
		{Seq: 1, From: model.FromEmployee, Sender: "wang", AtMS: 1000, Content: model.Content{Type: model.ContentText, Text: "你好"}},
		{Seq: 2, From: model.FromSeat, Sender: "li", AtMS: 2000, RecalledMS: 3000, Content: model.Content{Type: model.ContentText, Text: "错了"}},
		{Seq: 3, From: model.FromNote, Sender: "li", AtMS: 4000, Content: model.Content{Type: model.ContentText, Text: "老客户"}},
		{Seq: 4, From: model.FromSeat, Sender: "li", AtMS: 5000, Content: model.Content{Type: model.ContentFile, Blob: 12, Name: "a.pdf", Size: 9}},
	}
	var out []model.Message
	for _, m := range all {
		if m.Seq > after && len(out) < limit {
			out = append(out, m)
		}
	}
	return out, nil
}

func (f *floor) WorkCounts(_ context.Context, q model.WorkFilter, me string) (model.WorkCounts, error) {
	f.did = append(f.did, fmt.Sprintf("count of %q, mine of %q", q.Seat, me))
	return model.WorkCounts{Mine: 1, Queue: 2, Bot: 3, Attention: 4, Unread: []model.UnreadLines{{Session: 1, Lines: 5}}}, nil
}

func (f *floor) SeeSession(_ context.Context, s model.Session, seat string, seq int) error {
	f.did = append(f.did, fmt.Sprintf("%s saw %d of session %d", seat, seq, s.ID))
	return nil
}

func (f *floor) Deliveries(_ context.Context, s model.Session) ([]model.Delivery, error) {
	if s.ID != 1 {
		return nil, nil
	}
	return []model.Delivery{{Seq: 2, State: model.OutDead, ErrCode: 81013}}, nil
}

func (f *floor) Explain(_ context.Context, _ uint64, ask model.Ask) (model.Explanation, error) {
	f.did = append(f.did, "explain "+ask.Question)
	candidate := func(id uint64, score float64) model.ExplainedCandidate {
		return model.ExplainedCandidate{AnswerCandidate: model.AnswerCandidate{EntryID: id, Question: fmt.Sprint("q", id), Answer: "a", Score: score}}
	}
	score := 0.5
	if ask.Question == "你好" {
		score = 0.7
	}
	return model.Explanation{Candidates: []model.ExplainedCandidate{candidate(11, score), candidate(12, 0.6)}}, nil
}

// floorSeats are the seats of the floor, which nobody changes.
type floorSeats struct{ apiSeats }

type apiSeats interface{ handler.Seats }

func (floorSeats) Seats(context.Context, uint64) ([]model.Seat, error) {
	return []model.Seat{
		{UserID: "li", Name: "LI", State: model.SeatOnline, Load: 1, Capacity: 3},
		{UserID: "gone", LeftMS: 5},
		{UserID: "reader", Permissions: []model.SeatPermission{model.MayRead}},
		{UserID: "zhao", Name: "ZHAO", State: model.SeatAway},
	}, nil
}

// floorHours are all hours.
type floorHours struct{}

func (floorHours) Open(*model.Hours, time.Time) bool { return true }

func (f *floor) Names(_ context.Context, _ string, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		names[id] = strings.ToUpper(id)
	}
	return names, nil
}

func (f *floor) Do(_ context.Context, act handler.Act) (handler.Done, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ev := act.Event
	text := fmt.Sprintf("%s on %s session=%d seat=%s", ev.Kind, act.Employee, ev.Session, ev.Seat)
	for _, w := range [][2]string{{"by", ev.By}, {"target", ev.Target}, {"note", ev.Note}, {"reason", ev.Reason}} {
		if w[1] != "" {
			text += " " + w[0] + "=" + w[1]
		}
	}
	if ev.Force {
		text += " force"
	}
	if c := ev.Content; c != nil {
		text += fmt.Sprintf(": %s %s", c.Type, c.Text)
		if c.Blob != 0 {
			text += fmt.Sprintf("%d %s %d", c.Blob, c.Name, c.Size)
		}
	}
	if act.Key != "" {
		text += " once"
	}
	if act.AccountID != 7 {
		text += " BAD"
	}
	f.did, f.from = append(f.did, text), ev.From
	return f.done, f.refused
}

func (f *floor) AddAudit(_ context.Context, a model.Audit) error {
	if f.failing == nil {
		f.audits = append(f.audits, fmt.Sprintf("%s %s %s", a.Actor, a.Action, a.Target))
	}
	return f.failing
}

// MessageMedia says that the first line of sessions 2 and 6 is a voice.
func (f *floor) MessageMedia(_ context.Context, _, session uint64) (map[int]model.MessageMedia, error) {
	if session != 2 && session != 6 {
		return map[int]model.MessageMedia{}, nil
	}
	return map[int]model.MessageMedia{1: {
		SessionID: session, Seq: 1, State: model.MediaStored, Key: "voice", Kind: model.ContentVoice, Type: "audio/amr",
	}}, nil
}

func (f *floor) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	return fakeFile{strings.NewReader("the " + key), &fakeRecords{}}, nil
}

func (f *floor) PutBlob(_ context.Context, b model.Blob, data io.Reader) (model.Blob, error) {
	all, err := io.ReadAll(data)
	b.ID, b.Size = 12, int64(len(all))
	f.inStore.Add(1)
	if f.storing != nil {
		<-f.storing
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, fmt.Sprintf("put %d %s %s", b.AccountID, b.Name, b.Type))
	return b, err
}

func (f *floor) DeleteBlob(_ context.Context, accountID, id uint64) error {
	f.did = append(f.did, fmt.Sprintf("drop %d %d", accountID, id))
	return nil
}

func (f *floor) SessionByID(ctx context.Context, id uint64) (model.Session, error) {
	w, err := f.WorkSession(ctx, model.Account{}, id)
	return w.Session, err
}

func (f *floor) Blob(_ context.Context, _, id uint64) (model.Blob, error) {
	switch id {
	case 12:
		return model.Blob{ID: 12, Kind: model.BlobMedia, Name: "a.pdf", Type: "application/pdf", Size: 9}, nil
	case 13:
		return model.Blob{ID: 13, Kind: model.BlobReport}, nil
	}
	return model.Blob{}, model.ErrNotFound
}

func (f *floor) BlobData(context.Context, uint64, uint64) ([]byte, error) {
	return []byte("%PDF-1.7\n"), nil
}

func (f *floor) QuickReplies(_ context.Context, q model.QuickFilter) ([]model.QuickReply, error) {
	f.did = append(f.did, fmt.Sprintf("quick of %q %q after %+v limit %d", q.Seat, q.Text, q.After, q.Limit))
	return []model.QuickReply{{ID: 31, Owner: q.Seat, Shortcut: "hi", Text: "您好", Position: 4, Version: 2}}, nil
}

func (f *floor) QuickReply(_ context.Context, _, id uint64) (model.QuickReply, error) {
	switch id {
	case 31:
		return model.QuickReply{ID: 31, Owner: "li", Shortcut: "hi", Text: "{员工}您好，我是{坐席}（{账号}）", Version: 2}, nil
	case 32:
		return model.QuickReply{ID: 32, Shortcut: "pwd", Text: "请打开平台", Version: 5}, nil
	}
	return model.QuickReply{}, model.ErrNotFound
}

func (f *floor) SaveQuickReply(_ context.Context, q model.QuickReply) (model.QuickReply, error) {
	f.did = append(f.did, fmt.Sprintf("save quick %d of %q %s/%s version %d: %s", q.ID, q.Owner, q.Group, q.Shortcut, q.Version, q.Text))
	q.ID, q.Version = 31, q.Version+1
	return q, f.refused
}

func (f *floor) DeleteQuickReply(_ context.Context, _ uint64, owner string, id, version uint64) error {
	f.did = append(f.did, fmt.Sprintf("delete quick %d of %q version %d", id, owner, version))
	return f.refused
}

func (f *floor) OrderQuickReplies(_ context.Context, _ uint64, owner string, ids []uint64) error {
	f.did = append(f.did, fmt.Sprintf("order quick of %q %v", owner, ids))
	return f.refused
}

// open makes the API over the floor; it stays the same for all calls of a test.
func (f *floor) open() http.Handler {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	log := slog.New(slog.DiscardHandler)
	gate := handler.NewGate(handler.GateConfig{Tokens: f, Seats: f, Now: time.Now, Log: log})
	handler.NewAPI(handler.APIConfig{
		Accounts: f, Base: f, Seats: floorSeats{}, Hours: floorHours{}, Media: f, Sessions: f, Desk: f, Quick: f, Audit: f, Roster: f, Presence: f, RecordMedia: f, KeptFiles: f,
		Location: time.UTC, Now: func() time.Time { return f.now }, Log: log,
	}).Register(r, r.Group("", gate.Authenticate))
	return r
}

// as sends a request to the account's part of the API with a token.
func as(t *testing.T, h http.Handler, token, method, target, payload string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/accounts/it/"+target, strings.NewReader(payload))
	r.Header.Set("Authorization", "Bearer "+handler.TokenPrefix+token)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// errBusy is a conflict of the desk's.
var errBusy = fmt.Errorf("do: %w", &model.Error{Code: model.CodeConflict, Reason: "claimed", Message: "会话已由其他坐席接待"})

// errLog is a failure of the audit log.
var errLog = errors.New("no audit log")
