package handler

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"deskmate/model"
)

// Auditor keeps the audit log.
type Auditor interface {
	AddAudit(ctx context.Context, a model.Audit) error
}

// readings are those that the audit log has of this hour. Each replica counts its own, so
// an hour may have a reading more than once in the log, and never less.
type readings struct {
	mu   sync.Mutex
	hour int64
	of   map[reading]bool
}

type reading struct {
	actor   string
	session uint64
}

// first reports whether it is the hour's first reading of this session by this actor.
func (r *readings) first(now time.Time, of reading) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if hour := now.Unix() / int64(time.Hour/time.Second); r.of == nil || hour != r.hour {
		r.hour, r.of = hour, map[reading]bool{}
	}
	known := r.of[of]
	r.of[of] = true
	return !known
}

// forget makes a reading the first one again.
func (r *readings) forget(of reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.of, of)
}

// visible is a session that the caller may see, and whether it is the caller's own. What may
// not be seen looks like what isn't there.
func (a *API) visible(ctx context.Context, acc model.Account, id ID) (w model.WorkSession, own bool, err error) {
	w, err = a.cfg.Sessions.WorkSession(ctx, acc, id.number())
	if err != nil {
		return w, false, err
	}
	who, s := callerFrom(ctx), w.Session
	own = answers(who, s)
	if own || who.seat == nil || who.seat.May(model.MayRead) || s.State == model.StateBot || s.State == model.StateQueued {
		return w, own, nil
	}
	ok, err := a.knows(ctx, acc, s.Employee) // earlier sessions of an employee that the seat serves
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return w, false, err
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
	who := callerFrom(ctx)
	of := reading{auditName(who), w.Session.ID}
	if !a.readings.first(a.cfg.Now(), of) {
		return w, nil
	}
	err = a.cfg.Audit.AddAudit(ctx, model.Audit{
		AccountID: acc.ID, AtMS: a.cfg.Now().UnixMilli(), Actor: of.actor, Action: "session.read",
		Target: strconv.FormatUint(of.session, 10), From: who.from,
	})
	if err != nil {
		a.readings.forget(of)
	}
	return w, err
}

// auditName is who does it, to the audit log.
func auditName(who caller) string {
	if who.seat != nil {
		return "seat:" + who.UserID
	}
	return who.Name
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
