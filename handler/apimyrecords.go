package handler

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// myRecordView is a session as its employee looks it up.
type myRecordView struct {
	ID         ID                 `json:"id"`
	Service    string             `json:"service" doc:"The account's key"`
	Title      string             `json:"title" doc:"The account's name"`
	State      model.SessionState `json:"state" enum:"bot,queued,serving,closed"`
	Question   string             `json:"question,omitempty" doc:"How the employee began"`
	Seat       string             `json:"seat,omitempty" doc:"The name of who serves or served last"`
	Rating     model.Rating       `json:"rating,omitempty" enum:"good,fair,bad"`
	CommentURL string             `json:"comment_url,omitempty" doc:"Where more can be said, as long as it can"`
	Uploads    bool               `json:"uploads" doc:"Files can be sent into it now"`
	OpenedAt   Instant            `json:"opened_at"`
	ClosedAt   Instant            `json:"closed_at,omitempty"`
}

// myMessageView is a line of a transcript as its employee saw it.
type myMessageView struct {
	Seq      int               `json:"seq"`
	From     model.SenderKind  `json:"from" enum:"employee,bot,seat,system"`
	Name     string            `json:"name,omitempty" doc:"Of the seat who wrote it"`
	Type     model.ContentType `json:"type" enum:"text,image,voice,video,location,link,file,card"`
	Text     string            `json:"text" doc:"What it says; of what is no text, its kind in brackets"`
	File     string            `json:"file,omitempty" doc:"The name of a file"`
	Size     int64             `json:"size,omitempty" doc:"Of a file, in bytes"`
	Media    bool              `json:"media" doc:"There is a picture, voice, video or file: GET …/messages/{seq}/media"`
	URL      string            `json:"url,omitempty" doc:"Of a link"`
	At       Instant           `json:"at"`
	Recalled bool              `json:"recalled" doc:"Its writer took it back; nothing of it is left here"`
}

// MyRecordPath names a session of the caller's own.
type MyRecordPath struct {
	ServicePath
	ID ID `path:"id"`
}

const myRecord = my + "/services/{service}/records/{id}"

func (a *API) registerMyRecords(s surface) {
	type listMyRecords struct {
		Service string `query:"service" maxLength:"40" doc:"The key of an account; without it, of all"`
		After   ID     `query:"after" doc:"next of the page before"`
		Limit   int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	operation(s.API, call(http.MethodGet, "listMyRecords", my+"/records", myTag, "The caller's own sessions, the newest first"),
		func(ctx context.Context, in *listMyRecords) (*body[Listed[myRecordView]], error) {
			me, err := a.self(ctx)
			if err != nil {
				return nil, err
			}
			list, err := a.myRecords(ctx, me, in.Service, in.After.number(), in.Limit)
			return reply(Listed[myRecordView]{
				Items: views(list, a.viewMyRecord), Next: next(list, in.Limit, func(r ownRecord) uint64 { return r.Session.ID }),
			}, err)
		})
	operation(s.API, call(http.MethodGet, "getMyRecord", myRecord, myTag, "One of the caller's own sessions"),
		func(ctx context.Context, in *MyRecordPath) (*body[myRecordView], error) {
			_, acc, record, err := a.myRecord(ctx, in)
			if err != nil {
				return nil, err
			}
			return reply(a.viewMyRecord(ownRecord{record, acc}), nil)
		})
	a.registerMyMessages(s)
	a.registerMyUploads(s)
}

// ownRecord is a record and whose account it belongs to.
type ownRecord struct {
	model.OwnRecord
	account model.Account
}

// myRecords lists the caller's sessions with one account, or those with each that it talked to:
// ids of sessions sort by time whatever account they are of.
func (a *API) myRecords(ctx context.Context, me self, service string, before uint64, limit int) ([]ownRecord, error) {
	if service != "" {
		acc, err := me.account(service)
		if err != nil {
			return nil, err
		}
		me.accounts = []model.Account{acc}
	}
	var list []ownRecord
	for _, acc := range me.accounts {
		c, err := a.cfg.My.Conversation(ctx, acc.ID, me.userID)
		if err != nil {
			return nil, err
		}
		if c.LastSession == 0 {
			continue
		}
		some, err := a.cfg.My.OwnRecords(ctx, acc, me.userID, before, limit)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			list = append(list, ownRecord{r, acc})
		}
	}
	slices.SortFunc(list, func(x, y ownRecord) int {
		if x.Session.ID > y.Session.ID {
			return -1
		}
		return 1
	})
	return list[:min(len(list), limit)], nil
}

// myRecord is one of the caller's own sessions, also of an account that it no longer finds.
func (a *API) myRecord(ctx context.Context, in *MyRecordPath) (me self, acc model.Account, r model.OwnRecord, err error) {
	if me, err = a.self(ctx); err != nil {
		return me, acc, r, err
	}
	if acc, err = me.account(in.Service); err != nil {
		return me, acc, r, err
	}
	r, err = a.cfg.My.OwnRecord(ctx, acc, me.userID, in.ID.number())
	return me, acc, r, err
}

func (a *API) viewMyRecord(r ownRecord) myRecordView {
	s := r.Session
	v := myRecordView{
		ID: NewID(s.ID), Service: r.account.Key, Title: r.account.Name, State: s.State, Question: begin(r.Question, 80), Seat: r.SeatName,
		Rating: r.Survey.Rating, Uploads: a.cfg.Tickets != nil && humanService(s.State), OpenedAt: NewInstant(s.OpenedMS), ClosedAt: NewInstant(s.ClosedMS),
	}
	if ticket := r.Survey.CommentTicket(); a.cfg.Tickets != nil && r.Survey.SessionID != 0 && ticket.UntilMS > a.cfg.Now().UnixMilli() {
		v.CommentURL = a.cfg.Tickets.SurveyLink(ticket)
	}
	return v
}

// humanService reports whether people answer a session, or will.
func humanService(s model.SessionState) bool {
	return s == model.StateQueued || s == model.StateServing
}

func (a *API) registerMyMessages(s surface) {
	type listMyMessages struct {
		MyRecordPath
		After int `query:"after" minimum:"0" doc:"The seq after which lines are wanted"`
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"100"`
	}
	operation(s.API, call(http.MethodGet, "listMyMessages", myRecord+"/messages", myTag, "What was said in one of the caller's own sessions, oldest first"),
		func(ctx context.Context, in *listMyMessages) (*body[Listed[myMessageView]], error) {
			me, acc, r, err := a.myRecord(ctx, &in.MyRecordPath)
			if err != nil {
				return nil, err
			}
			lines, err := a.cfg.My.EmployeeMessages(ctx, acc.ID, me.userID, r.Session.ID, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			var seats []string
			for _, m := range lines {
				if m.From == model.FromSeat {
					seats = append(seats, m.Sender)
				}
			}
			names, err := a.cfg.Sessions.Names(ctx, acc.CorpID, seats)
			return reply(Listed[myMessageView]{
				Items: views(lines, func(m model.Message) myMessageView { return viewMyMessage(m, names) }),
				Next:  next(lines, in.Limit, func(m model.Message) uint64 { return uint64(m.Seq) }), //nolint:gosec // from 1
			}, err)
		})
	type readMyMedia struct {
		MyRecordPath
		Seq   int    `path:"seq" minimum:"1" doc:"The line's place in the transcript"`
		Range string `header:"Range" doc:"Bytes, as HTTP writes them"`
	}
	op := download(call(http.MethodGet, "getMyMedia", myRecord+"/messages/{seq}/media", myTag, "What a line holds besides words"))
	operation(s.API, op, func(ctx context.Context, in *readMyMedia) (*huma.StreamResponse, error) {
		me, acc, r, err := a.myRecord(ctx, &in.MyRecordPath)
		if err != nil {
			return nil, err
		}
		lines, err := a.cfg.My.EmployeeMessages(ctx, acc.ID, me.userID, r.Session.ID, in.Seq-1, 1)
		if err == nil && (len(lines) == 0 || lines[0].Seq != in.Seq || lines[0].RecalledMS != 0) {
			err = model.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		return a.lineMedia(ctx, acc, r.Session.ID, in.Seq)
	})
}

func viewMyMessage(m model.Message, names map[string]string) myMessageView {
	if m.RecalledMS != 0 {
		return myMessageView{Seq: m.Seq, From: m.From, Name: names[m.Sender], Type: model.ContentText, At: NewInstant(m.AtMS), Recalled: true}
	}
	c := m.Content
	v := myMessageView{
		Seq: m.Seq, From: m.From, Type: c.Type, Text: c.Words(), File: c.Name, Size: c.Size, Media: c.HasMedia(), URL: c.URL, At: NewInstant(m.AtMS),
	}
	if m.From == model.FromSeat {
		v.Name = names[m.Sender]
	}
	return v
}

// myUploadFor is how long a link for sending files works.
const myUploadFor = 30 * time.Minute

var (
	errNoLinks = &model.Error{Code: model.CodeUnavailable, Reason: "no_public_url", Message: "暂不支持发送文件：系统未配置对外地址"}
	errNoHuman = &model.Error{Code: model.CodeConflict, Reason: "closed", Message: "会话已结束，不能再发送文件"}
)

func (a *API) registerMyUploads(s surface) {
	type link struct {
		URL string `json:"url" doc:"A page that sends files into the session, for half an hour"`
	}
	op := call(http.MethodPost, "linkMyUpload", myRecord+"/upload-link", myTag, "Get a page on which the caller sends files into its own session")
	op.DefaultStatus = http.StatusOK
	operation(s.API, op, func(ctx context.Context, in *MyRecordPath) (*body[link], error) {
		me, acc, r, err := a.myRecord(ctx, in)
		switch {
		case err != nil:
			return nil, err
		case a.cfg.Tickets == nil:
			return nil, errNoLinks
		case !humanService(r.Session.State):
			return nil, errNoHuman
		}
		return reply(link{a.cfg.Tickets.Link(model.UploadTicket{
			AccountID: acc.ID, Session: r.Session.ID, Employee: me.userID, Person: me.userID,
			UntilMS: a.cfg.Now().Add(myUploadFor).UnixMilli(),
		})}, nil)
	})
}
