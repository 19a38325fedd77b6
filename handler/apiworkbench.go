package handler

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"deskmate/model"
)

// deskView is an account as a workbench needs it.
type deskView struct {
	Name          string      `json:"name"`
	Enabled       bool        `json:"enabled"`
	Window        *windowView `json:"window,omitempty" doc:"The service window; missing: the account has none"`
	RemindSeconds int64       `json:"remind_seconds" doc:"How long a seat may owe an answer before its session asks for attention"`
}

// windowView is an account's service window.
type windowView struct {
	Title string `json:"title"`
	URL   string `json:"url"`
	Frame bool   `json:"frame" doc:"It may be tried in a frame; else it opens in a tab of its own. The page may still refuse"`
}

func viewDesk(acc model.Account) deskView {
	v := deskView{Name: acc.Name, Enabled: acc.Enabled, RemindSeconds: acc.Policy.Timers.OwedLongMS() / 1000}
	w := acc.Profile.ServiceWindow
	if u, err := url.Parse(w.URL); err == nil && w.Title != "" {
		v.Window = &windowView{Title: w.Title, URL: w.URL, Frame: u.Scheme == "https"}
	}
	return v
}

// countsView are how long the lists of sessions are.
type countsView struct {
	Mine      int          `json:"mine" doc:"Each is counted up to 1000"`
	Queue     int          `json:"queue"`
	Bot       int          `json:"bot"`
	Attention int          `json:"attention"`
	Unread    []unreadView `json:"unread" doc:"Of the seat's own sessions, those with lines of the employee that it has not seen"`
}

type unreadView struct {
	Session ID  `json:"session"`
	Lines   int `json:"lines" doc:"Among the last 100"`
}

func viewCounts(c model.WorkCounts) countsView {
	return countsView{
		Mine: c.Mine, Queue: c.Queue, Bot: c.Bot, Attention: c.Attention,
		Unread: views(c.Unread, func(u model.UnreadLines) unreadView { return unreadView{NewID(u.Session), u.Lines} }),
	}
}

// colleagueView is a seat to the other seats.
type colleagueView struct {
	UserID string          `json:"userid"`
	Name   string          `json:"name"`
	State  model.SeatState `json:"state" enum:"online,away,offline"`
	Load   int             `json:"load" doc:"Employees it serves now"`
	Limit  int             `json:"limit" doc:"Employees at once; 0: no limit"`
	AtWork bool            `json:"at_work" doc:"It takes sessions now, unless it is full"`
}

// deliveryView is a line that did not surely reach the employee.
type deliveryView struct {
	Seq     int               `json:"seq"`
	State   model.OutboxState `json:"state" enum:"dead,uncertain" doc:"dead: it did not; uncertain: perhaps it did"`
	ErrCode int64             `json:"errcode,omitempty" doc:"WeCom's; missing where it did not answer"`
}

func (a *API) registerWorkbench(s surface) {
	within(s, call(http.MethodGet, "getDesk", account+"/desk", sessionsTag, "The account as a workbench needs it"),
		func(_ context.Context, acc model.Account, _ *AccountPath) (*body[deskView], error) {
			return reply(viewDesk(acc), nil)
		})
	within(s, call(http.MethodGet, "countSessions", account+"/session-counts", sessionsTag, "How long one's lists of sessions are, and what is unread"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[countsView], error) {
			who := callerFrom(ctx)
			f := model.WorkFilter{Account: acc, NowMS: a.cfg.Now().UnixMilli()}
			if who.seat != nil {
				f.Seat = who.UserID
			}
			c, err := a.cfg.Sessions.WorkCounts(ctx, f, who.UserID)
			return reply(viewCounts(c), err)
		})
	within(s, call(http.MethodGet, "listColleagues", account+"/colleagues", sessionsTag, "The account's seats that answer, to whom a session may be given"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[Listed[colleagueView]], error) {
			seats, err := a.cfg.Seats.Seats(ctx, acc.ID)
			seats = slices.DeleteFunc(seats, func(s model.Seat) bool { return s.LeftMS != 0 || !s.May(model.MayAnswer) })
			return listed(seats, err, func(s model.Seat) colleagueView {
				v := a.viewSeat(acc, s)
				return colleagueView{UserID: v.UserID, Name: v.Name, State: v.State, Load: v.Load, Limit: v.Limit, AtWork: v.AtWork}
			})
		})
	within(s, call(http.MethodGet, "listDeliveries", account+"/sessions/{id}/deliveries", sessionsTag, "The lines of a session that did not surely reach its employee, the last one first"),
		func(ctx context.Context, acc model.Account, in *SessionPath) (*body[Listed[deliveryView]], error) {
			w, _, err := a.visible(ctx, acc, in.ID)
			if err != nil {
				return nil, err
			}
			list, err := a.cfg.Sessions.Deliveries(ctx, w.Session)
			return listed(list, err, func(d model.Delivery) deliveryView { return deliveryView(d) })
		})
	a.registerSeen(s)
	a.registerCandidates(s)
}

func (a *API) registerSeen(s surface) {
	type see struct {
		SessionPath
		Body struct {
			Seq int `json:"seq" minimum:"1" doc:"The last line that was seen"`
		}
	}
	op := call(http.MethodPut, "seeSession", account+"/sessions/{id}/seen", sessionsTag, "Say how far the caller has read a session")
	op.DefaultStatus = http.StatusNoContent
	within(s, op, func(ctx context.Context, acc model.Account, in *see) (*nothing, error) {
		who := callerFrom(ctx)
		if who.UserID == "" {
			return nil, errNoMember
		}
		w, _, err := a.visible(ctx, acc, in.ID)
		if err != nil {
			return nil, err
		}
		if err := a.cfg.Sessions.SeeSession(ctx, w.Session, who.UserID, in.Body.Seq); err != nil {
			return nil, err
		}
		a.noteActive(ctx, acc, who)
		return replyNothing(nil)
	})
}
