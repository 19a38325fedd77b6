package handler

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"deskmate/model"
)

// visible is a session that the caller may see, and whether it is the caller's own. What may
// not be seen looks like what isn't there.
func (a *API) visible(ctx context.Context, acc model.Account, id ID) (w model.WorkSession, own bool, err error) {
	w, err = a.cfg.Sessions.WorkSession(ctx, acc, id.number())
	if err != nil {
		return w, false, err
	}
	who, s := callerFrom(ctx), w.Session
	if own = answers(who, s); own || seesAtOnce(who, s) {
		return w, own, nil
	}
	ok, err := a.cfg.Sessions.Served(ctx, s.ID, who.UserID)
	if ok || err != nil {
		return w, false, err
	}
	ok, err = a.knows(ctx, acc, s.Employee) // earlier sessions of an employee that the seat serves
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return w, false, err
}

// seesAtOnce reports whether the session itself says that the caller may see it.
func seesAtOnce(who caller, s model.Session) bool {
	return answers(who, s) || who.seat == nil || who.seat.May(model.MayRead) || s.State == model.StateBot || s.State == model.StateQueued ||
		s.Shared && s.Seat == "" // all seats see the whole of what went to all
}

// answers reports whether what the caller writes goes to the session, or went.
func answers(who caller, s model.Session) bool {
	return who.UserID != "" && s.Seat == who.UserID || who.seat != nil && s.Shared && s.Seat == "" && s.Open()
}

// knows reports whether the caller may see what an employee asked before.
func (a *API) knows(ctx context.Context, acc model.Account, employee string) (bool, error) {
	who := callerFrom(ctx)
	if who.seat == nil || who.seat.May(model.MayRead) {
		return true, nil
	}
	open, err := a.cfg.Sessions.OpenSession(ctx, acc.ID, employee)
	if errors.Is(err, model.ErrNotFound) {
		return false, nil
	}
	return err == nil && answers(who, open), err
}

// reads is visible for who reads what was said: where it is not the caller's own session, the
// audit log says so, once an hour.
func (a *API) reads(ctx context.Context, acc model.Account, id ID) (model.WorkSession, error) {
	w, own, err := a.visible(ctx, acc, id)
	if err != nil || own {
		return w, err
	}
	return w, a.auditOnce(ctx, acc, model.Audit{Action: "session.read", Target: strconv.FormatUint(w.Session.ID, 10)})
}

func (a *API) registerTranscripts(s surface) {
	type listMessages struct {
		SessionPath
		After int `query:"after" minimum:"0" doc:"The seq after which lines are wanted"`
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"100"`
	}
	within(s, call(http.MethodGet, "listMessages", account+"/sessions/{id}/messages", sessionsTag, "What was said in a session, oldest first. Reading what is not one's own is audited"),
		func(ctx context.Context, acc model.Account, in *listMessages) (*body[Listed[messageView]], error) {
			w, err := a.reads(ctx, acc, in.ID)
			if err != nil {
				return nil, err
			}
			list, err := a.cfg.Sessions.Messages(ctx, w.Session.ID, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			var people []string
			for _, m := range list {
				if m.Sender != "" {
					people = append(people, m.Sender)
				}
			}
			names, err := a.cfg.Sessions.Names(ctx, acc.CorpID, people)
			return reply(Listed[messageView]{
				Items: views(list, func(m model.Message) messageView { return viewMessage(m, names) }),
				Next:  next(list, in.Limit, func(m model.Message) uint64 { return uint64(m.Seq) }), //nolint:gosec // from 1
			}, err)
		})
}
