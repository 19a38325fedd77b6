package handler_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"deskmate/handler"
	"deskmate/model"
)

func fakeRecord() model.Record {
	return model.Record{
		Session: model.Session{
			ID: 31, AccountID: 7, Employee: "wang", State: model.StateClosed, CloseReason: model.ClosedBySeat, MessageCount: 2, OpenedMS: 1, ClosedMS: 2,
		},
		Rating: model.RatingBad, Reasons: []string{"回复太慢"},
		Seats: []model.SeatSession{{SessionID: 31, Seat: "li", JoinedMS: 1, FirstMS: 2, LastMS: 2, Messages: 1}},
	}
}

func (f *fakeDesk) SearchRecords(_ context.Context, _ model.Account, q handler.RecordQuery) (handler.RecordPage, error) {
	line := handler.FoundLine{Message: model.Message{Seq: 2, From: model.FromSeat, Sender: "li", AtMS: 2}, Excerpt: "发票", Marks: []handler.TextMark{{Start: 0, Length: 2}}}
	return handler.RecordPage{Next: 31, Found: []handler.FoundRecord{{Record: fakeRecord(), Lines: []handler.FoundLine{line}, More: 1}}},
		f.done("search %s %+v %d %d", q.Text, q.Filter, q.Before, q.Limit)
}

func (f *fakeDesk) Record(_ context.Context, accountID, id uint64) (model.Record, error) {
	if accountID != 7 || id != 31 {
		return model.Record{}, model.ErrNotFound
	}
	return fakeRecord(), f.refused
}

func (f *fakeDesk) Messages(_ context.Context, id uint64, after, limit int) ([]model.Message, error) {
	return []model.Message{{Seq: 2, From: model.FromSeat, Sender: "li", AtMS: 2, RecalledMS: 3, Content: model.Content{Type: model.ContentText, Text: "发票"}}},
		f.done("messages %d %d %d", id, after, limit)
}

func (f *fakeDesk) Decisions(_ context.Context, account, id, after uint64, limit int) ([]model.Inbox, error) {
	return []model.Inbox{{
		ID: 41, Event: model.Event{Kind: model.EventMessage}, State: model.InboxDone, Outcome: model.OutcomeHandedOff, Reason: "keyword", ArrivedMS: 1, DoneMS: 2,
		Detail: model.Detail{Score: 0.5, Threshold: 0.8, Entry: 11, Variant: "年假", Rule: "keyword", Seat: "li", SeatWhy: "least_busy", From: "bot", To: "serving"},
	}}, f.done("decisions %d %d %d %d", account, id, after, limit)
}

func (f *fakeDesk) SessionPushes(context.Context, uint64, uint64, uint64, int) ([]model.Outbox, error) {
	return []model.Outbox{
		{Dedupe: "41:0", Push: model.Push{Receiver: "wang", Kind: model.PushText}, State: model.OutDead, ErrCode: 81013, Attempts: 1, CreatedMS: 2},
		{Dedupe: "42:0"},
	}, f.refused
}

func (f *fakeDesk) EmployeeSeats(_ context.Context, account uint64, employee string) ([]model.SeatService, error) {
	return []model.SeatService{{Seat: "li", Sessions: 2, Messages: 3, FirstMS: 1, LastMS: 2, Latest: 31}}, f.done("seats %d %s", account, employee)
}

func (f *fakeDesk) Names(_ context.Context, _ string, people []string) (map[string]string, error) {
	names := map[string]string{}
	for _, p := range people {
		names[p] = "N" + p
	}
	return names, f.refused
}

func (f *fakeDesk) ExportRecords(_ context.Context, _ model.Account, q handler.RecordQuery, w io.Writer) error {
	_, _ = io.WriteString(w, `"xlsx"`)
	return f.done("export records %s", q.Text)
}

func (f *fakeDesk) PrintRecord(_ context.Context, _ model.Account, id uint64, w io.Writer) error {
	_, _ = io.WriteString(w, `"html"`)
	return f.done("print %d", id)
}

func (f *fakeDesk) AddAudit(ctx context.Context, a model.Audit) error {
	if err := f.records.AddAudit(ctx, a); err != nil {
		return err
	}
	return f.done("audit %d %s %s %s", a.AccountID, a.Actor, a.Action, a.Target)
}

const recordJSON = `{"id":"31","employee":"wang","employee_name":"Nwang","state":"closed","close_reason":"seat_ended","rating":"bad","reasons":["回复太慢"],` +
	`"messages":2,"seats":[{"seat":"li","name":"Nli","joined_at":"1970-01-01T00:00:00.001Z","first_at":"1970-01-01T00:00:00.002Z",` +
	`"last_at":"1970-01-01T00:00:00.002Z","messages":1}],"opened_at":"1970-01-01T00:00:00.001Z","closed_at":"1970-01-01T00:00:00.002Z","lines":`

// recordOperations are those of records, as TestAPIOperations has them.
func recordOperations() []apiOperation {
	return []apiOperation{
		{
			"records", http.MethodGet, "records?employee=wang&seat=li&from=1970-01-01T00:00:01Z&q=%E5%8F%91%E7%A5%A8&rating=bad&close_reason=idle&state=closed&limit=1", "", http.StatusOK,
			`{"items":[` + recordJSON + `[{"seq":2,"from":"seat","sender":"li","at":"1970-01-01T00:00:00.002Z","excerpt":"发票","marks":[{"start":0,"length":2}]}],"more_lines":1}],"next":"31"}`,
			[]string{
				"search 发票 {AccountID:7 Employee:wang Seat:li FromMS:1000 ToMS:0 State:closed CloseReason:idle HandoffReason: Rating:bad} 0 1",
				"audit 7 token:sync record.search ",
			},
		},
		{"record", http.MethodGet, "records/31", "", http.StatusOK, recordJSON + `[]}`, nil},
		{
			"record_messages", http.MethodGet, "records/31/messages?limit=1", "", http.StatusOK,
			`{"items":[{"seq":2,"from":"seat","sender":{"userid":"li","name":"Nli"},"at":"1970-01-01T00:00:00.002Z","recalled_at":"1970-01-01T00:00:00.003Z",` +
				`"type":"text","text":"发票"}],"next":"2"}`,
			[]string{"audit 7 token:sync record.read 31", "messages 31 0 1"},
		},
		{
			"record_decisions", http.MethodGet, "records/31/decisions", "", http.StatusOK,
			`{"items":[{"id":"41","event":"message","seat":"li","seat_why":"least_busy","state":"done","outcome":"handed_off","reason":"keyword","from":"bot",` +
				`"to":"serving","score":0.5,"threshold":0.8,"entry_id":"11","variant":"年假","rule":"keyword","arrived_at":"1970-01-01T00:00:00.001Z",` +
				`"done_at":"1970-01-01T00:00:00.002Z","attempts":0,"pushes":[{"receiver":"wang","kind":"text","state":"dead","attempts":1,"errcode":81013,"created_at":"1970-01-01T00:00:00.002Z"}]}]}`,
			[]string{"audit 7 token:sync record.decisions 31", "decisions 7 31 0 200"},
		},
		{
			"record_transcript", http.MethodGet, "records/31/transcript", "", http.StatusOK, `"html"`,
			[]string{"audit 7 token:sync record.print 31", "print 31"},
		},
		{
			"record_export", http.MethodGet, "records/export?q=x", "", http.StatusOK, `"xlsx"`,
			[]string{"audit 7 token:sync record.export ", "export records x"},
		},
		{
			"employee_records", http.MethodGet, "employees/wang/records", "", http.StatusOK,
			`{"items":[{"seat":"li","name":"Nli","sessions":2,"messages":3,"first_at":"1970-01-01T00:00:00.001Z","last_at":"1970-01-01T00:00:00.002Z","latest_id":"31"}]}`,
			[]string{"seats 7 wang"},
		},
	}
}

// A page is as audited as the whole, whichever is asked for: once an hour.
func TestRecordPagesAreAudited(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"records?q=x&before=9":            "audit 7 token:sync record.search ",
		"records/31/messages?after=1":     "audit 7 token:sync record.read 31",
		"records/31/decisions?after=1":    "audit 7 token:sync record.decisions 31",
		"records/31/messages?after=99999": "audit 7 token:sync record.read 31",
	} {
		f := &fakeDesk{}
		h := newFakeAPI(f)
		for range 2 {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/accounts/it/"+target, http.NoBody)
			r.Header.Set("Authorization", "Bearer dmt_x")
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		n := 0
		for _, did := range f.did {
			if did == want {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d of %q in %q", target, n, want, f.did)
		}
	}
}
