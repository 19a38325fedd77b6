package handler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"deskmate/model"
)

// Desk does to sessions what people ask for.
type Desk interface {
	// Do decides an act in the order of its session. What is refused is a [model.Error] of
	// [model.CodeConflict]; where the decision takes too long it is [model.CodeUnavailable],
	// and the act stands.
	Do(ctx context.Context, act Act) (Done, error)
}

// Act is something that somebody does to a session.
type Act struct {
	AccountID uint64
	Employee  string // whose lane decides: the session's employee, or the seat where the act is about the seat
	Key       string // the same for every try of the same act; "": there is one try
	Event     model.Event
}

// Done is what came of an act.
type Done struct {
	Outcome   model.Outcome
	Reason    string
	SessionID uint64
	Detail    model.Detail
}

var (
	errNoMember = &model.Error{
		Code: model.CodeForbidden, Reason: "no_member", Message: "令牌没有绑定成员，不能代表任何人操作；请用 --user 新建令牌",
	}
	errMayNotAnswer = &model.Error{Code: model.CodeForbidden, Reason: "permission", Message: "该坐席没有接待权限"}
)

// heldError is a conflict about a session that somebody else has.
type heldError struct {
	error
	holder personView
}

// Unwrap gives the conflict.
func (e *heldError) Unwrap() error { return e.error }

// OnceKey lets a caller repeat a request that it doesn't know the fate of.
type OnceKey struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"64" doc:"The same for every try of the same request: it is done once, and each try gets the same answer"`
}

// doneView is what came of an act.
type doneView struct {
	Outcome model.Outcome `json:"outcome" doc:"As in the session's decision log"`
	Reason  string        `json:"reason"`
	Session *sessionView  `json:"session,omitempty" doc:"As it is now, where the caller may still see it"`
}

// onSession is the input of an act on a session.
type onSession[I any] interface {
	*I
	key() string
	session() ID
	once() string
}

func (p *SessionPath) session() ID { return p.ID }
func (k *OnceKey) once() string    { return k.IdempotencyKey }

// ActPath names a session that something is done to.
type ActPath struct {
	SessionPath
	OnceKey
}

// acting registers an act on a session; event says what it is.
func acting[I any, P onSession[I]](a *API, s surface, name, summary string, event func(context.Context, model.Account, model.WorkSession, *I) (model.Event, error)) {
	op := call(http.MethodPost, name+"Session", account+"/sessions/{id}/"+name, sessionsTag, summary)
	op.OperationID = operationName(name)
	op.DefaultStatus = http.StatusOK
	within[I, body[doneView], P](s, op, func(ctx context.Context, acc model.Account, in *I) (*body[doneView], error) {
		if err := mayAct(callerFrom(ctx)); err != nil {
			return nil, err
		}
		w, err := a.actedOn(ctx, acc, name, P(in).session())
		if err != nil {
			return nil, err
		}
		ev, err := event(ctx, acc, w, in)
		if err != nil {
			return nil, err
		}
		ev.Session = w.Session.ID
		return reply(a.act(ctx, acc, w.Session.Employee, P(in).once(), ev))
	})
}

// actedOn is the session that somebody wants to act on: one that they see, or one that they
// claim, for it may have been taken since they saw it.
func (a *API) actedOn(ctx context.Context, acc model.Account, act string, id ID) (model.WorkSession, error) {
	if act == "claim" {
		return a.cfg.Sessions.WorkSession(ctx, acc, id.number())
	}
	w, _, err := a.visible(ctx, acc, id)
	return w, err
}

// operationName is what programs call the act whose path ends so.
func operationName(path string) string {
	names := map[string]string{"replies": "replySession", "notes": "noteSession", "takeover": "takeOverSession", "keep": "keepSessionOpen", "recall": "recallMessage"}
	if n := names[path]; n != "" {
		return n
	}
	return path + "Session"
}

// mayAct refuses callers who are nobody, and seats that don't answer.
func mayAct(who caller) error {
	switch {
	case who.UserID == "":
		return errNoMember
	case who.seat != nil && !who.seat.May(model.MayAnswer):
		return errMayNotAnswer
	}
	return nil
}

// act does what ev says as the caller, and says how the session is then.
func (a *API) act(ctx context.Context, acc model.Account, lane, once string, ev model.Event) (doneView, error) {
	who := callerFrom(ctx)
	ev.Seat, ev.API, ev.From = who.UserID, true, who.from
	if who.seat == nil && supervises(ev.Kind) {
		ev.By = who.UserID
	}
	done, err := a.cfg.Desk.Do(ctx, Act{AccountID: acc.ID, Employee: lane, Key: actKey(who, ev, once), Event: ev})
	if err != nil {
		return doneView{}, a.withHolder(ctx, acc, ev.Session, err)
	}
	v := doneView{Outcome: done.Outcome, Reason: done.Reason}
	id := ev.Session
	if id == 0 {
		id = done.SessionID
	}
	if id != 0 {
		w, _, err := a.visible(ctx, acc, NewID(id))
		switch {
		case err == nil:
			session := viewSession(w)
			v.Session = &session
		case model.CodeOf(err) != model.CodeNotFound:
			return v, err
		}
	}
	return v, nil
}

// supervises reports whether owners do it to sessions that aren't their own. The rest, such as
// writing to the employee, they do as the seat that has the session, or not at all.
func supervises(kind model.EventKind) bool {
	return slices.Contains([]model.EventKind{
		model.EventSeatClaim, model.EventSeatEnd, model.EventSeatNote, model.EventSeatTransfer,
	}, kind)
}

// actKey tells one act from all others: two callers, two sessions or two kinds of act never
// share a key.
func actKey(who caller, ev model.Event, once string) string {
	if once == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{
		who.Name, who.UserID, string(ev.Kind), strconv.FormatUint(ev.Session, 10), strconv.FormatBool(ev.Force), once,
	}, "\n")))
	return hex.EncodeToString(sum[:16])
}

// withHolder says of a conflict who has the session, to whoever may see it or was too late to
// claim it.
func (a *API) withHolder(ctx context.Context, acc model.Account, id uint64, err error) error {
	if model.CodeOf(err) != model.CodeConflict || id == 0 {
		return err
	}
	act := ""
	if e, ok := errors.AsType[*model.Error](err); ok && e.Reason == "claimed" {
		act = "claim"
	}
	w, readErr := a.actedOn(ctx, acc, act, NewID(id))
	if readErr != nil || w.Session.Seat == "" {
		return err // who has it is only an addition
	}
	return &heldError{err, personView{UserID: w.Session.Seat, Name: w.SeatName}}
}

func (a *API) registerDesk(s surface) {
	plain := func(ev model.Event) func(context.Context, model.Account, model.WorkSession, *ActPath) (model.Event, error) {
		return func(context.Context, model.Account, model.WorkSession, *ActPath) (model.Event, error) { return ev, nil }
	}
	acting(a, s, "claim", "Take a session: from the queue, from the bot, from all seats", plain(model.Event{Kind: model.EventSeatClaim}))
	acting(a, s, "takeover", "Take a session from whoever has it; owners only", plain(model.Event{Kind: model.EventSeatClaim, Force: true}))
	acting(a, s, "end", "End a session", plain(model.Event{Kind: model.EventSeatEnd}))
	acting(a, s, "replies", "Write to the employee: a text, an uploaded file, or a quick reply", a.replyEvent)
	type note struct {
		ActPath
		Body struct {
			Text string `json:"text" minLength:"1" maxLength:"2000"`
		}
	}
	acting(a, s, "notes", "Leave a note that the employee never sees",
		func(_ context.Context, _ model.Account, _ model.WorkSession, in *note) (model.Event, error) {
			text, err := said(in.Body.Text)
			return model.Event{Kind: model.EventSeatNote, Content: &model.Content{Type: model.ContentText, Text: text}}, err
		})
	type transfer struct {
		ActPath
		Body struct {
			Seat  string `json:"seat,omitempty" maxLength:"64" doc:"The userid of the seat that gets it"`
			Queue bool   `json:"queue,omitempty" doc:"Back to the queue, where it was"`
			Note  string `json:"note,omitempty" maxLength:"500" doc:"Why, for whoever gets it"`
		}
	}
	acting(a, s, "transfer", "Give a session to another seat, or back to the queue",
		func(_ context.Context, _ model.Account, _ model.WorkSession, in *transfer) (model.Event, error) {
			b := in.Body
			if (b.Seat != "") == b.Queue {
				return model.Event{}, model.Invalid("transfer_target", "请给出 seat 或 queue 其中之一")
			}
			return model.Event{Kind: model.EventSeatTransfer, Target: model.Fold(b.Seat), Note: strings.TrimSpace(b.Note)}, nil
		})
	type keep struct {
		ActPath
		Body struct {
			On bool `json:"on"`
		}
	}
	acting(a, s, "keep", "Keep a session open although nobody writes, or no longer",
		func(_ context.Context, _ model.Account, _ model.WorkSession, in *keep) (model.Event, error) {
			ev := model.Event{Kind: model.EventSeatKeep}
			if !in.Body.On {
				ev.Reason = model.KeepOff
			}
			return ev, nil
		})
	type recall struct {
		ActPath
		Body struct {
			Seq int `json:"seq" minimum:"1" doc:"The last line that one wrote in the session, so that nobody takes back another by mistake"`
		}
	}
	acting(a, s, "recall", "Take a line back that one wrote last, as far as WeCom can",
		func(ctx context.Context, _ model.Account, w model.WorkSession, in *recall) (model.Event, error) {
			return model.Event{Kind: model.EventSeatRecall, Reason: strconv.Itoa(in.Body.Seq)}, a.isLast(ctx, w.Session, in.Body.Seq)
		})
}

// isLast checks that a line is the caller's own, and the last of them.
func (a *API) isLast(ctx context.Context, s model.Session, seq int) error {
	who, found := callerFrom(ctx).UserID, false
	for after := seq - 1; ; {
		lines, err := a.cfg.Sessions.Messages(ctx, s.ID, after, linesAtOnce)
		if err != nil {
			return err
		}
		for _, m := range lines {
			if own := m.From == model.FromSeat && m.Sender == who; own != (m.Seq == seq) {
				return errNotLast
			}
			found = found || m.Seq == seq
		}
		if !found {
			return errNotLast
		}
		if len(lines) < linesAtOnce {
			return nil
		}
		after = lines[len(lines)-1].Seq
	}
}

var errNotLast = &model.Error{Code: model.CodeConflict, Reason: "not_last", Message: "只能撤回自己发出的最后一条消息"}

// linesAtOnce is how many lines are looked through in one go.
const linesAtOnce = 200
