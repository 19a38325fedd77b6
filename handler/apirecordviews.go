package handler

import (
	"context"
	"net/http"
	"slices"

	"deskmate/model"
)

// recordView is a session as it is looked up later.
type recordView struct {
	ID            ID                 `json:"id"`
	Employee      string             `json:"employee"`
	EmployeeName  string             `json:"employee_name"`
	State         model.SessionState `json:"state"`
	HandoffReason string             `json:"handoff_reason,omitempty"`
	CloseReason   string             `json:"close_reason,omitempty"`
	Rating        string             `json:"rating,omitempty"`
	Reasons       []string           `json:"reasons" doc:"Why not satisfied"`
	Messages      int                `json:"messages"`
	Seats         []recordSeatView   `json:"seats" doc:"Who served, in the order of joining"`
	OpenedAt      Instant            `json:"opened_at"`
	QueuedAt      Instant            `json:"queued_at,omitempty"`
	ClosedAt      Instant            `json:"closed_at,omitempty"`
	Lines         []foundLineView    `json:"lines" doc:"With a word that was looked for, the first ones"`
	MoreLines     int                `json:"more_lines,omitempty" doc:"Further lines with a word"`
}

type recordSeatView struct {
	Seat     string  `json:"seat"`
	Name     string  `json:"name"`
	JoinedAt Instant `json:"joined_at"`
	FirstAt  Instant `json:"first_at,omitempty" doc:"First message"`
	LastAt   Instant `json:"last_at,omitempty"`
	Messages int     `json:"messages"`
}

type foundLineView struct {
	Seq     int              `json:"seq"`
	From    model.SenderKind `json:"from"`
	Sender  string           `json:"sender,omitempty"`
	At      Instant          `json:"at"`
	Excerpt string           `json:"excerpt"`
	Marks   []TextMark       `json:"marks" doc:"Where words stand in the excerpt"`
}

type seatServiceView struct {
	Seat     string  `json:"seat"`
	Name     string  `json:"name"`
	Sessions int     `json:"sessions"`
	Messages int     `json:"messages"`
	FirstAt  Instant `json:"first_at"`
	LastAt   Instant `json:"last_at"`
	LatestID ID      `json:"latest_id" doc:"Its newest session; the others: records?employee=…&seat=…"`
}

func (a *API) viewRecords(ctx context.Context, acc model.Account, page RecordPage) (*body[Listed[recordView]], error) {
	var people []string
	for _, f := range page.Found {
		people = append(people, f.Session.Employee)
		for _, s := range f.Seats {
			people = append(people, s.Seat)
		}
	}
	names, err := a.names(ctx, acc, people)
	return reply(Listed[recordView]{
		Items: views(page.Found, func(f FoundRecord) recordView { return viewRecord(f, names) }), Next: string(NewID(page.Next)),
	}, err)
}

func viewRecord(f FoundRecord, names map[string]string) recordView {
	s := f.Session
	return recordView{
		ID: NewID(s.ID), Employee: s.Employee, EmployeeName: names[s.Employee], State: s.State, HandoffReason: string(s.HandoffReason),
		CloseReason: string(s.CloseReason), Rating: string(f.Rating), Reasons: notNil(f.Reasons), Messages: s.MessageCount,
		OpenedAt: NewInstant(s.OpenedMS), QueuedAt: NewInstant(s.QueuedMS), ClosedAt: NewInstant(s.ClosedMS), MoreLines: f.More,
		Seats: views(f.Seats, func(s model.SeatSession) recordSeatView {
			return recordSeatView{s.Seat, names[s.Seat], NewInstant(s.JoinedMS), NewInstant(s.FirstMS), NewInstant(s.LastMS), s.Messages}
		}),
		Lines: views(f.Lines, func(l FoundLine) foundLineView {
			return foundLineView{l.Seq, l.From, l.Sender, NewInstant(l.AtMS), l.Excerpt, notNil(l.Marks)}
		}),
	}
}

// decisionView is one event of a session and what was decided on it.
type decisionView struct {
	ID        ID             `json:"id"`
	Event     string         `json:"event"`
	Seat      string         `json:"seat,omitempty" doc:"Who acted, or was proposed"`
	SeatWhy   string         `json:"seat_why,omitempty" doc:"Why that seat"`
	State     string         `json:"state" doc:"pending, done or dead"`
	Outcome   string         `json:"outcome"`
	Reason    string         `json:"reason,omitempty"`
	From      string         `json:"from,omitempty" doc:"State of the session before"`
	To        string         `json:"to,omitempty" doc:"And after"`
	Score     float64        `json:"score,omitempty"`
	Threshold float64        `json:"threshold,omitempty"`
	EntryID   ID             `json:"entry_id,omitempty"`
	Variant   string         `json:"variant,omitempty" doc:"The entry's question that matched best"`
	Rule      string         `json:"rule,omitempty"`
	Phrase    string         `json:"phrase,omitempty"`
	ArrivedAt Instant        `json:"arrived_at"`
	DoneAt    Instant        `json:"done_at,omitempty"`
	Attempts  int            `json:"attempts"`
	Pushes    []pushFateView `json:"pushes" doc:"What was sent because of it"`
}

type pushFateView struct {
	Receiver  string         `json:"receiver"`
	Kind      model.PushKind `json:"kind"`
	Seq       int            `json:"seq,omitempty" doc:"The line of the transcript that it carries"`
	State     string         `json:"state" doc:"pending, sending, sent, uncertain or dead"`
	Attempts  int            `json:"attempts"`
	Uncertain int            `json:"uncertain,omitempty" doc:"Attempts whose outcome nobody knows"`
	ErrCode   int64          `json:"errcode,omitempty" doc:"What WeCom said"`
	CreatedAt Instant        `json:"created_at"`
	SentAt    Instant        `json:"sent_at,omitempty"`
}

// pushesShown is how many pushes of a session the log of decisions shows.
const pushesShown = 5000

func (a *API) registerDecisions(s surface) {
	type listDecisions struct {
		RecordPath
		After ID  `query:"after" doc:"next of the page before"`
		Limit int `query:"limit" minimum:"1" maximum:"500" default:"200"`
	}
	within(s, call(http.MethodGet, "listDecisions", recordsPath+"/{id}/decisions", recordsTag, "Every event of a session, what was decided on it and why, and what became of the pushes; audited"),
		func(ctx context.Context, acc model.Account, in *listDecisions) (*body[Listed[decisionView]], error) {
			id := in.ID.number()
			if _, err := a.cfg.Records.Record(ctx, acc.ID, id); err != nil {
				return nil, err
			}
			if err := a.auditOnce(ctx, acc, model.Audit{Action: "record.decisions", Target: string(in.ID)}); err != nil {
				return nil, err
			}
			rows, err := a.cfg.Records.Decisions(ctx, acc.ID, id, in.After.number(), in.Limit)
			if err != nil {
				return nil, err
			}
			pushes, err := a.cfg.Records.SessionPushes(ctx, acc.ID, id, 0, pushesShown)
			of := map[uint64][]model.Outbox{}
			for _, p := range pushes {
				of[p.CausedBy()] = append(of[p.CausedBy()], p)
			}
			return reply(Listed[decisionView]{
				Items: views(rows, func(r model.Inbox) decisionView { return viewDecision(r, of[r.ID]) }),
				Next:  next(rows, in.Limit, func(r model.Inbox) uint64 { return r.ID }),
			}, err)
		})
}

func viewDecision(r model.Inbox, pushes []model.Outbox) decisionView {
	d := r.Detail
	seat := d.Seat
	if seat == "" {
		seat = r.Event.Seat
	}
	return decisionView{
		ID: NewID(r.ID), Event: string(r.Event.Kind), Seat: seat, SeatWhy: d.SeatWhy, State: string(r.State), Outcome: string(r.Outcome),
		Reason: r.Reason, From: d.From, To: d.To, Score: d.Score, Threshold: d.Threshold, EntryID: NewID(d.Entry), Variant: d.Variant,
		Rule: d.Rule, Phrase: d.Phrase, ArrivedAt: NewInstant(r.ArrivedMS), DoneAt: NewInstant(r.DoneMS), Attempts: r.Attempts,
		Pushes: views(slices.Clip(pushes), func(p model.Outbox) pushFateView {
			return pushFateView{
				Receiver: p.Push.Receiver, Kind: p.Push.Kind, Seq: p.Push.Seq, State: string(p.State), Attempts: p.Attempts,
				Uncertain: p.Uncertain, ErrCode: p.ErrCode, CreatedAt: NewInstant(p.CreatedMS), SentAt: NewInstant(p.SentMS),
			}
		}),
	}
}
