package handler

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// Records are the sessions of accounts, looked up later.
type Records interface {
	SearchRecords(ctx context.Context, acc model.Account, q RecordQuery) (RecordPage, error)
	// Record is [model.ErrNotFound] where the account has no such session.
	Record(ctx context.Context, accountID, id uint64) (model.Record, error)
	Messages(ctx context.Context, sessionID uint64, afterSeq, limit int) ([]model.Message, error)
	Decisions(ctx context.Context, accountID, sessionID, after uint64, limit int) ([]model.Inbox, error)
	SessionPushes(ctx context.Context, accountID, sessionID, after uint64, limit int) ([]model.Outbox, error)
	EmployeeSeats(ctx context.Context, accountID uint64, employee string) ([]model.SeatService, error)
	// Names are what people are called, by folded userid.
	Names(ctx context.Context, corpID string, userIDs []string) (map[string]string, error)
	// ExportRecords writes a spreadsheet of what is found.
	ExportRecords(ctx context.Context, acc model.Account, q RecordQuery, w io.Writer) error
	// PrintRecord writes a page to print.
	PrintRecord(ctx context.Context, acc model.Account, id uint64, w io.Writer) error
}

// RecordQuery is what is looked for.
type RecordQuery struct {
	Filter model.RecordFilter
	Text   string
	Before uint64
	Limit  int
}

// RecordPage is a page of what was found.
type RecordPage struct {
	Found []FoundRecord
	Next  uint64
}

// FoundRecord is a session that was found, with lines in which a word stands.
type FoundRecord struct {
	model.Record
	Lines []FoundLine
	More  int
}

// FoundLine is a line in which a word stands.
type FoundLine struct {
	model.Message
	Excerpt string
	Marks   []TextMark
}

// TextMark is a range of characters.
type TextMark struct {
	Start  int `json:"start" doc:"Characters (code points) before it"`
	Length int `json:"length" doc:"In characters"`
}

// RecordSearch are the parameters that narrow a search. It is exported because huma passes over
// embedded types that are not.
type RecordSearch struct {
	AccountPath
	Employee      string  `query:"employee" maxLength:"128" doc:"userid"`
	Seat          string  `query:"seat" maxLength:"128" doc:"userid of a seat that got the session or wrote in it"`
	From          Instant `query:"from" doc:"Opened then or later"`
	To            Instant `query:"to" doc:"Opened before"`
	Q             string  `query:"q" maxLength:"800" doc:"Words, separated by blanks; a session has all of them"`
	State         string  `query:"state" enum:"bot,queued,serving,closed"`
	CloseReason   string  `query:"close_reason" maxLength:"24"`
	HandoffReason string  `query:"handoff_reason" maxLength:"16"`
	Rating        string  `query:"rating" enum:"good,fair,bad"`
}

func (in *RecordSearch) query(acc model.Account) (RecordQuery, error) {
	from, err := in.From.ms("from")
	if err != nil {
		return RecordQuery{}, err
	}
	to, err := in.To.ms("to")
	return RecordQuery{Text: in.Q, Filter: model.RecordFilter{
		AccountID: acc.ID, Employee: in.Employee, Seat: in.Seat, FromMS: from, ToMS: to, State: model.SessionState(in.State),
		CloseReason: model.CloseReason(in.CloseReason), HandoffReason: model.HandoffReason(in.HandoffReason), Rating: model.Rating(in.Rating),
	}}, err
}

// RecordPath names a session of an account.
type RecordPath struct {
	AccountPath
	ID ID `path:"id"`
}

const (
	recordsTag  = "records"
	recordsPath = account + "/records"
)

func (a *API) registerRecords(s surface) {
	type listRecords struct {
		RecordSearch
		Before ID  `query:"before" doc:"next of the page before"`
		Limit  int `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	within(s, call(http.MethodGet, "listRecords", recordsPath, recordsTag, "Sessions and lines of transcripts, newest first"),
		func(ctx context.Context, acc model.Account, in *listRecords) (*body[Listed[recordView]], error) {
			q, err := in.query(acc)
			if err != nil {
				return nil, err
			}
			q.Before, q.Limit = in.Before.number(), in.Limit
			found, err := a.cfg.Records.SearchRecords(ctx, acc, q)
			if err != nil {
				return nil, err
			}
			if q.Text != "" {
				asked, err := auditJSON(q)
				if err == nil {
					err = a.auditOnce(ctx, acc, model.Audit{Action: "record.search", After: asked})
				}
				if err != nil {
					return nil, err
				}
			}
			return a.viewRecords(ctx, acc, found)
		})
	within(s, call(http.MethodGet, "getRecord", recordsPath+"/{id}", recordsTag, "One session, with who served it and how it was rated"),
		func(ctx context.Context, acc model.Account, in *RecordPath) (*body[recordView], error) {
			r, err := a.cfg.Records.Record(ctx, acc.ID, in.ID.number())
			if err != nil {
				return nil, err
			}
			page, err := a.viewRecords(ctx, acc, RecordPage{Found: []FoundRecord{{Record: r}}})
			if err != nil {
				return nil, err
			}
			return reply(page.Body.Items[0], nil)
		})
	a.registerRecordTranscripts(s)
	a.registerDecisions(s)
	a.registerRecordFiles(s)
}

func (a *API) registerRecordTranscripts(s surface) {
	type listMessages struct {
		RecordPath
		After int `query:"after" minimum:"0" doc:"seq of the last one seen"`
		Limit int `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}
	within(s, call(http.MethodGet, "listRecordMessages", recordsPath+"/{id}/messages", recordsTag, "The transcript, oldest first; reading it is audited"),
		func(ctx context.Context, acc model.Account, in *listMessages) (*body[Listed[messageView]], error) {
			id := in.ID.number()
			if _, err := a.cfg.Records.Record(ctx, acc.ID, id); err != nil {
				return nil, err
			}
			if err := a.auditOnce(ctx, acc, model.Audit{Action: "record.read", Target: string(in.ID)}); err != nil {
				return nil, err
			}
			list, err := a.cfg.Records.Messages(ctx, id, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			var people []string
			for _, m := range list {
				people = append(people, m.Sender)
			}
			names, err := a.names(ctx, acc, people)
			out := Listed[messageView]{Items: views(list, func(m model.Message) messageView { return viewMessage(m, names) })}
			if len(list) == in.Limit {
				out.Next = strconv.Itoa(list[len(list)-1].Seq)
			}
			return reply(out, err)
		})
	type employeePath struct {
		AccountPath
		UserID string `path:"userid" maxLength:"128"`
	}
	within(s, call(http.MethodGet, "listEmployeeSeats", account+"/employees/{userid}/records", recordsTag, "The seats that served an employee, the last one first"),
		func(ctx context.Context, acc model.Account, in *employeePath) (*body[Listed[seatServiceView]], error) {
			list, err := a.cfg.Records.EmployeeSeats(ctx, acc.ID, in.UserID)
			if err != nil {
				return nil, err
			}
			var people []string
			for _, s := range list {
				people = append(people, s.Seat)
			}
			names, err := a.names(ctx, acc, people)
			return listed(list, err, func(s model.SeatService) seatServiceView {
				return seatServiceView{
					Seat: s.Seat, Name: names[s.Seat], Sessions: s.Sessions, Messages: s.Messages,
					FirstAt: NewInstant(s.FirstMS), LastAt: NewInstant(s.LastMS), LatestID: NewID(s.Latest),
				}
			})
		})
}

// names are what people are called.
func (a *API) names(ctx context.Context, acc model.Account, people []string) (map[string]string, error) {
	slices.Sort(people)
	people = slices.DeleteFunc(slices.Compact(people), func(u string) bool { return u == "" })
	return a.cfg.Records.Names(ctx, acc.CorpID, people)
}

func (a *API) registerRecordFiles(s surface) {
	within(s, download(call(http.MethodGet, "exportRecords", recordsPath+"/export", recordsTag, "What a search finds as an xlsx file, numbers masked; audited")),
		func(ctx context.Context, acc model.Account, in *RecordSearch) (*huma.StreamResponse, error) {
			q, err := in.query(acc)
			if err != nil {
				return nil, err
			}
			asked, err := auditJSON(q)
			if err == nil {
				err = a.audit(ctx, acc, model.Audit{Action: "record.export", After: asked})
			}
			if err != nil {
				return nil, err
			}
			name := acc.Key + "-records-" + a.cfg.Now().In(a.cfg.Location).Format("20060102") + ".xlsx"
			return a.attachment(name, fileType("xlsx"), func(w io.Writer) error { //nolint:contextcheck // huma calls it with the request's
				return a.cfg.Records.ExportRecords(ctx, acc, q, w)
			}), nil
		})
	within(s, download(call(http.MethodGet, "printRecord", recordsPath+"/{id}/transcript", recordsTag, "The transcript as a page to print, numbers masked; audited")),
		func(ctx context.Context, acc model.Account, in *RecordPath) (*huma.StreamResponse, error) {
			if _, err := a.cfg.Records.Record(ctx, acc.ID, in.ID.number()); err != nil {
				return nil, err
			}
			if err := a.audit(ctx, acc, model.Audit{Action: "record.print", Target: string(in.ID)}); err != nil {
				return nil, err
			}
			return a.attachment("session-"+string(in.ID)+".html", "text/html; charset=utf-8", func(w io.Writer) error { //nolint:contextcheck // as above
				return a.cfg.Records.PrintRecord(ctx, acc, in.ID.number(), w)
			}), nil
		})
}
