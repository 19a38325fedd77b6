package handler

import (
	"context"
	"encoding/json"
	"net/http"

	"deskmate/model"
)

// DeadLetters are the pushes that were given up on.
type DeadLetters interface {
	// DeadLetters are newest first, before an id.
	DeadLetters(ctx context.Context, f model.DeadFilter, before uint64, limit int) ([]model.Outbox, error)
	// DeadLetter is [model.ErrNotFound] where it is none, or none any more.
	DeadLetter(ctx context.Context, accountID, id uint64) (model.Outbox, error)
	DeadCounts(ctx context.Context, accountID uint64) ([]model.DeadCount, error)
	// RetryDead and DiscardDead take at most deadBatch at once, leave alone what is not as it was
	// seen, and add the entry to the audit log.
	RetryDead(ctx context.Context, accountID uint64, keys []model.DeadKey, mayRepeat bool, audit model.Audit) ([]uint64, error)
	DiscardDead(ctx context.Context, accountID uint64, keys []model.DeadKey, audit model.Audit) (int, error)
}

const (
	deadBatch = 200  // at once in one transaction
	deadMost  = 2000 // at once in one request
)

// deadLetterView is a push that was given up on. What it says is read by itself.
type deadLetterView struct {
	ID        ID             `json:"id"`
	Version   ID             `json:"version" doc:"Changes whenever it is sent again"`
	Receiver  personView     `json:"receiver"`
	Kind      model.PushKind `json:"kind" enum:"text,markdown,image,voice,video,file,textcard,card,card_update,recall"`
	Author    *personView    `json:"author,omitempty" doc:"Who wrote it; missing for what Deskmate itself says"`
	Session   ID             `json:"session,omitempty"`
	Seq       int            `json:"seq,omitempty" doc:"The line of the transcript that it carries"`
	State     string         `json:"state" enum:"dead,uncertain" doc:"uncertain: it may have arrived"`
	MayRepeat bool           `json:"may_repeat" doc:"Sent again it may arrive a second time"`
	Reason    string         `json:"reason" doc:"What is wrong, in a word" example:"ip_not_trusted"`
	ErrCode   int64          `json:"errcode" doc:"WeCom's; 0 where there was no answer"`
	Error     string         `json:"error,omitempty" doc:"What was said, for operators"`
	Attempts  int            `json:"attempts"`
	CreatedAt Instant        `json:"created_at"`
	DeadAt    Instant        `json:"dead_at,omitempty" doc:"When it was given up on"`
	RetriedAt Instant        `json:"retried_at,omitempty" doc:"When somebody had it sent again before"`
	Text      string         `json:"text,omitempty" doc:"What it says, where that was asked for"`
}

type deadCountView struct {
	State   string `json:"state" enum:"dead,uncertain"`
	ErrCode int64  `json:"errcode"`
	Reason  string `json:"reason"`
	Count   int    `json:"count" doc:"Of the newest 10,000"`
}

// DeadSearch are the parameters that narrow dead letters, in a query or a body. It is exported
// because huma passes over embedded types that are not.
type DeadSearch struct {
	State    string  `query:"state" json:"state,omitempty" enum:"dead,uncertain"`
	ErrCode  string  `query:"errcode" json:"errcode,omitempty" pattern:"^(-?[0-9]{1,12})?$" doc:"WeCom's; 0: there was no answer"`
	Receiver string  `query:"receiver" json:"receiver,omitempty" maxLength:"128" doc:"userid"`
	Lines    bool    `query:"lines" json:"lines,omitempty" doc:"Only what carries a line of a transcript, no notices and cards"`
	From     Instant `query:"from" json:"from,omitempty" doc:"Written then or later"`
	To       Instant `query:"to" json:"to,omitempty" doc:"Written before"`
}

func (in DeadSearch) filter(acc model.Account) (model.DeadFilter, error) {
	f := model.DeadFilter{AccountID: acc.ID, State: model.OutboxState(in.State), Receiver: in.Receiver, Lines: in.Lines}
	if in.ErrCode != "" {
		var code int64
		_ = json.Unmarshal([]byte(in.ErrCode), &code) // its shape was checked
		f.ErrCode = &code
	}
	var err error
	if f.FromMS, err = in.From.ms("from"); err != nil {
		return f, err
	}
	f.ToMS, err = in.To.ms("to")
	return f, err
}

const (
	deadTag  = "dead letters"
	deadPath = account + "/dead-letters"
)

func (a *API) registerDeadLetters(s surface) {
	type listDead struct {
		AccountPath
		DeadSearch
		Before ID  `query:"before" doc:"next of the page before"`
		Limit  int `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	within(s, call(http.MethodGet, "listDeadLetters", deadPath, deadTag, "What could not be sent to people, newest first, without what it says"),
		func(ctx context.Context, acc model.Account, in *listDead) (*body[Listed[deadLetterView]], error) {
			f, err := in.filter(acc)
			if err != nil {
				return nil, err
			}
			rows, err := a.cfg.DeadLetters.DeadLetters(ctx, f, in.Before.number(), in.Limit)
			if err != nil {
				return nil, err
			}
			names, err := a.deadNames(ctx, acc, rows)
			return reply(Listed[deadLetterView]{
				Items: views(rows, func(o model.Outbox) deadLetterView { return a.viewDead(o, names) }),
				Next:  next(rows, in.Limit, func(o model.Outbox) uint64 { return o.ID }),
			}, err)
		})
	within(s, call(http.MethodGet, "countDeadLetters", account+"/dead-letter-counts", deadTag, "How many there are of each reason"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[Listed[deadCountView]], error) {
			counts, err := a.cfg.DeadLetters.DeadCounts(ctx, acc.ID)
			return listed(counts, err, func(c model.DeadCount) deadCountView {
				return deadCountView{string(c.State), c.ErrCode, a.deadReason(c.State, c.ErrCode), c.N}
			})
		})
	type deadPathID struct {
		AccountPath
		ID ID `path:"id"`
	}
	within(s, call(http.MethodGet, "getDeadLetter", deadPath+"/{id}", deadTag, "One of them with what it says; reading it is audited"),
		func(ctx context.Context, acc model.Account, in *deadPathID) (*body[deadLetterView], error) {
			row, err := a.cfg.DeadLetters.DeadLetter(ctx, acc.ID, in.ID.number())
			if err != nil {
				return nil, err
			}
			if err := a.auditOnce(ctx, acc, model.Audit{Action: "deadletter.read", Target: string(in.ID)}); err != nil {
				return nil, err
			}
			names, err := a.deadNames(ctx, acc, []model.Outbox{row})
			v := a.viewDead(row, names)
			v.Text = deadText(row.Push)
			return reply(v, err)
		})
	a.registerDeadActs(s)
	a.registerDeadOverview(s)
}

func (a *API) deadNames(ctx context.Context, acc model.Account, rows []model.Outbox) (map[string]string, error) {
	var people []string
	for _, r := range rows {
		people = append(people, r.Push.Receiver, r.Push.Author)
	}
	return a.names(ctx, acc, people)
}

func (a *API) viewDead(o model.Outbox, names map[string]string) deadLetterView {
	v := deadLetterView{
		ID: NewID(o.ID), Version: NewID(o.Seq), Receiver: personView{UserID: o.Push.Receiver, Name: names[o.Push.Receiver]},
		Kind: o.Push.Kind, Session: NewID(o.SessionID), Seq: o.MessageSeq, State: string(o.State), MayRepeat: o.MayRepeat(),
		Reason: a.deadReason(o.State, o.ErrCode), ErrCode: o.ErrCode, Error: o.Err, Attempts: o.Attempts,
		CreatedAt: NewInstant(o.CreatedMS), DeadAt: NewInstant(o.DeadMS), RetriedAt: NewInstant(o.RetriedMS),
	}
	if w := o.Push.Author; w != "" {
		v.Author = &personView{UserID: w, Name: names[w]}
	}
	return v
}

// deadReason is what is wrong, in a word that the console knows.
func (a *API) deadReason(state model.OutboxState, code int64) string {
	if state == model.OutUncertain {
		return "uncertain"
	}
	return a.cfg.Advice(code)
}

// deadText is what a push says to its receiver.
func deadText(p model.Push) string {
	switch {
	case p.Text != "":
		return p.Text
	case p.Card != nil:
		return joinLines(p.Card.Title, p.Card.Desc, p.Card.Body)
	}
	return joinLines(p.Title, p.Desc, p.URL)
}

func joinLines(lines ...string) string {
	out := ""
	for _, l := range lines {
		if l == "" {
			continue
		}
		if out != "" {
			out += "\n"
		}
		out += l
	}
	return out
}
