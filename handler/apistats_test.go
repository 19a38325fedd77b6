package handler_test

import (
	"context"
	"io"
	"net/http"

	"deskmate/model"
)

// Report implements [handler.Statistics].
func (f statOps) Report(_ context.Context, q model.StatQuery) (model.StatReport, error) {
	figures := model.StatFigures{
		model.StatOpened: 4, model.StatSent: 2, model.StatCompleted: 2, model.StatCompletion: 1, model.StatBad: 1, model.StatBadShare: 0.5,
		model.StatReasoned: 1, model.StatReason + ":回复慢": 1, model.StatHandoffs: 2, model.StatHandoff + ":button": 2,
	}
	return model.StatReport{
		Query: q, Previous: model.StatQuery{From: 20261031, To: 20261031}, Totals: figures, Days: []model.StatDay{{Day: q.From, Figures: figures}},
		Seats: []model.StatSeat{{Seat: "li", Figures: figures}}, Since: 20261015,
	}, f.done("report %+v", q)
}

// Sessions implements [handler.Statistics].
func (f statOps) Sessions(_ context.Context, q model.StatSessions) ([]uint64, error) {
	return []uint64{31}, f.done("behind %+v", q)
}

// SessionRecords implements [handler.Statistics].
func (f statOps) SessionRecords(_ context.Context, account uint64, ids []uint64) ([]model.Record, error) {
	return []model.Record{fakeRecord()}, f.done("records %d %v", account, ids)
}

// statOps is the desk as statistics.
type statOps struct{ fakeOps }

func (f statOps) Comments(_ context.Context, q model.StatComments) ([]model.Survey, error) {
	return []model.Survey{{SessionID: 31, Employee: "wang", Seat: "li", Rating: model.RatingBad, Comment: "太慢", CommentMS: 1}}, f.done("comments %+v", q)
}

func (f statOps) Entries(context.Context, uint64) (map[uint64]string, error) {
	return map[uint64]string{11: "年假有几天"}, f.refused
}

func (statOps) Definitions() []model.StatFigure {
	return []model.StatFigure{{Key: model.StatSent, Page: "survey", Unit: "count", NameZH: "发送数", NameEN: "Sent", TextZH: "发出", TextEN: "Sent out", Sessions: true}}
}

func (f statOps) Sheet(sheets []model.StatSheet, w io.Writer) error {
	_, _ = io.WriteString(w, `"xlsx"`)
	totals := sheets[0].Rows
	return f.done("sheet %s of %d: %s %v, %s", sheets[0].Name, len(sheets), totals[1][0].Text, *totals[1][1].Number, totals[3][0].Text)
}

// statOperations are those of statistics, as TestAPIOperations has them.
func statOperations() []apiOperation {
	const days = "from=2026-11-01&to=2026-11-01"
	const figures = `{"sent":2,"completed":2,"completion_rate":1,"good":0,"fair":0,"bad":1,"bad_share":0.5,"reasoned":1,"commented":0}`
	const none = `{"sent":0,"completed":0,"good":0,"fair":0,"bad":0,"reasoned":0,"commented":0}`
	const reasons = `[{"reason":"回复慢","count":1,"share":1}]`
	return []apiOperation{
		{
			"survey statistics", http.MethodGet, "statistics/survey?" + days, "", http.StatusOK,
			`{"range":{"from":"2026-11-01","to":"2026-11-01","time_zone":"","previous_from":"2026-10-31","previous_to":"2026-10-31","counted_since":"2026-10-15"},` +
				`"totals":` + figures + `,"previous":` + none + `,"days":[{"day":"2026-11-01","figures":` + figures + `}],` +
				`"seats":[{"userid":"li","name":"Nli","figures":` + figures + `,"served":` + none + `}],"reasons":` + reasons + `,` +
				`"reasons_by_seat":[{"userid":"li","name":"Nli","reasons":` + reasons + `}]}`,
			[]string{"report {AccountID:7 From:20261101 To:20261101 Seat:}"},
		},
		{
			"comments", http.MethodGet, "statistics/comments?seat=LI&" + days, "", http.StatusOK,
			`{"items":[{"session_id":"31","employee":"wang","employee_name":"Nwang","seat":"li","seat_name":"Nli","rating":"bad","reasons":[],"comment":"太慢","at":"1970-01-01T00:00:00.001Z"}]}`,
			[]string{"comments {StatQuery:{AccountID:7 From:20261101 To:20261101 Seat:li} Rating: Before:0 Limit:20}"},
		},
		{
			"statistics export", http.MethodGet, "statistics/export?page=survey&lang=en&" + days, "", http.StatusOK, `"xlsx"`,
			[]string{
				"report {AccountID:7 From:20261101 To:20261101 Seat:}", "audit 7 token:sync statistics.export ",
				"sheet Totals of 5: Sent 2, completion_rate",
			},
		},
		{
			"definitions", http.MethodGet, "/statistics/definitions", "", http.StatusOK,
			`{"items":[{"key":"sent","page":"survey","unit":"count","name":{"zh":"发送数","en":"Sent"},"definition":{"zh":"发出","en":"Sent out"},"by_reason":false,"sessions":true}]}`,
			nil,
		},
	}
}
