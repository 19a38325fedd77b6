package handler

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"deskmate/model"
)

// Sessions are the sessions of accounts and what was said in them.
type Sessions interface {
	WorkSessions(ctx context.Context, f model.WorkFilter) ([]model.WorkSession, error)
	// WorkSession is [model.ErrNotFound] where the account has no such session.
	WorkSession(ctx context.Context, acc model.Account, id uint64) (model.WorkSession, error)
	EmployeeSessions(ctx context.Context, acc model.Account, employee string, before uint64, limit int) ([]model.WorkSession, error)
	// OpenSession is [model.ErrNotFound] where the employee has none.
	OpenSession(ctx context.Context, accountID uint64, employee string) (model.Session, error)
	// Served reports whether the seat serves or has served a session.
	Served(ctx context.Context, sessionID uint64, seat string) (bool, error)
	Messages(ctx context.Context, sessionID uint64, afterSeq, limit int) ([]model.Message, error)
	// WorkCounts counts the lists that f lists, whatever its List; mine and what is unread are
	// those of the seat me.
	WorkCounts(ctx context.Context, f model.WorkFilter, me string) (model.WorkCounts, error)
	// SeeSession notes how far a seat has read a session; less than before changes nothing.
	SeeSession(ctx context.Context, s model.Session, seat string, seq int) error
	// Deliveries are the lines of a session that did not surely reach its employee.
	Deliveries(ctx context.Context, s model.Session) ([]model.Delivery, error)
	Names(ctx context.Context, corpID string, userIDs []string) (map[string]string, error)
}

const sessionsTag = "sessions"

// SessionPath names a session of an account.
type SessionPath struct {
	AccountPath
	ID ID `path:"id"`
}

func (a *API) registerSessions(s surface) {
	type listSessions struct {
		AccountPath
		List  string `query:"list" enum:"mine,queue,bot,attention,all_open,closed" default:"mine" doc:"mine: those that the member answers, all seats' own among them; queue: those that wait for a seat, in their order; bot; attention: those in which somebody waits for people too long (a seat has owed an answer until it is reminded, or for three minutes; a line was not delivered; nobody takes it for three minutes), the longest first; all_open: owners only; closed: those that people served, the newest first"`
		Seat  string `query:"seat" maxLength:"64" doc:"Owners only: of this seat; a seat sees its own"`
		After string `query:"after" maxLength:"64"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	}
	within(s, call(http.MethodGet, "listSessions", account+"/sessions", sessionsTag, "List sessions to work on"),
		func(ctx context.Context, acc model.Account, in *listSessions) (*body[Listed[sessionView]], error) {
			f := model.WorkFilter{Account: acc, List: model.WorkList(in.List), Limit: in.Limit, NowMS: a.cfg.Now().UnixMilli()}
			if err := whoseList(callerFrom(ctx), &f, in.Seat); err != nil {
				return nil, err
			}
			var err error
			if f.After, err = workPlace(in.After); err != nil {
				return nil, err
			}
			list, err := a.cfg.Sessions.WorkSessions(ctx, f)
			return reply(Listed[sessionView]{Items: views(list, viewSession), Next: nextPlace(list, in.Limit)}, err)
		})
	within(s, call(http.MethodGet, "getSession", account+"/sessions/{id}", sessionsTag, "One session"),
		func(ctx context.Context, acc model.Account, in *SessionPath) (*body[sessionView], error) {
			w, _, err := a.visible(ctx, acc, in.ID)
			return reply(viewSession(w), err)
		})
	type employeeSessions struct {
		AccountPath
		UserID string `path:"userid" maxLength:"64"`
		After  ID     `query:"after"`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	within(s, call(http.MethodGet, "listEmployeeSessions", account+"/employees/{userid}/sessions", sessionsTag, "The sessions of an employee, the newest first"),
		func(ctx context.Context, acc model.Account, in *employeeSessions) (*body[Listed[sessionView]], error) {
			ok, err := a.knows(ctx, acc, in.UserID)
			if err == nil && !ok {
				err = &model.Error{Code: model.CodeForbidden, Reason: "not_serving", Message: "您没有在接待这位员工"}
			}
			if err != nil {
				return nil, err
			}
			list, err := a.cfg.Sessions.EmployeeSessions(ctx, acc, in.UserID, in.After.number(), in.Limit)
			return reply(Listed[sessionView]{
				Items: views(list, viewSession), Next: next(list, in.Limit, func(w model.WorkSession) uint64 { return w.Session.ID }),
			}, err)
		})
}

// whoseList completes a filter with whose sessions the caller may see, and asked for.
func whoseList(who caller, f *model.WorkFilter, seat string) error {
	seat = model.Fold(seat)
	switch {
	case who.seat == nil:
		f.Seat = seat
		if f.List == model.WorkMine && seat == "" {
			f.Seat = who.UserID
		}
		if f.List == model.WorkMine && f.Seat == "" {
			return errNoMember
		}
		return nil
	case f.List == model.WorkOpen, seat != "" && seat != who.UserID:
		return &model.Error{Code: model.CodeForbidden, Reason: "others_sessions", Message: "坐席只能查看自己的会话、排队和机器人会话"}
	}
	f.Seat = who.UserID
	return nil
}

// workPlace reads what nextPlace wrote.
func workPlace(after string) (model.WorkPlace, error) {
	if after == "" {
		return model.WorkPlace{}, nil
	}
	ms, id, _ := strings.Cut(after, "-")
	at, err := strconv.ParseInt(ms, 10, 64)
	n, err2 := strconv.ParseUint(id, 10, 63)
	if err != nil || err2 != nil {
		return model.WorkPlace{}, model.Invalid("bad_after", "after must be what next was on the page before")
	}
	return model.WorkPlace{MS: at, ID: n}, nil
}

func nextPlace(page []model.WorkSession, limit int) string {
	if len(page) == 0 || len(page) < limit {
		return ""
	}
	p := page[len(page)-1].Place
	return strconv.FormatInt(p.MS, 10) + "-" + strconv.FormatUint(p.ID, 10)
}
