package handler

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"deskmate/model"
)

// My is what members look up about themselves.
type My interface {
	// Member is [model.ErrNotFound] where the directory doesn't know it.
	Member(ctx context.Context, corpID, userID string) (model.Member, error)
	// DepartmentsAbove are a member's departments and those above them.
	DepartmentsAbove(ctx context.Context, corpID, userID string) ([]int64, error)
	// Conversation has no CreatedMS where the two have not talked.
	Conversation(ctx context.Context, accountID uint64, userID string) (model.Conversation, error)
	Pulse(ctx context.Context, accountID uint64, sinceMS int64) (model.Pulse, error)
	OwnRecords(ctx context.Context, acc model.Account, employee string, before uint64, limit int) ([]model.OwnRecord, error)
	// OwnRecord is [model.ErrNotFound] where the session is somebody else's.
	OwnRecord(ctx context.Context, acc model.Account, employee string, id uint64) (model.OwnRecord, error)
	// EmployeeMessages leaves out what the employee never saw.
	EmployeeMessages(ctx context.Context, accountID uint64, employee string, sessionID uint64, afterSeq, limit int) ([]model.Message, error)
	// Survey is [model.ErrNotFound] where none was sent.
	Survey(ctx context.Context, accountID, sessionID uint64) (model.Survey, error)
	CommentSurvey(ctx context.Context, t model.SurveyTicket, comment string, atMS int64) error
	// Account is [model.ErrNotFound] where there is none.
	Account(ctx context.Context, id uint64) (model.Account, error)
}

const (
	my    = "/my"
	myTag = "my"
)

// self is the member who calls. People are known by corp and userid.
type self struct {
	corp, userID string
	accounts     []model.Account // of the corp, by key
	all          []model.Account // by key
}

// self finds out who calls. A token names no corp: it is that of its accounts.
func (a *API) self(ctx context.Context) (self, error) {
	who := callerFrom(ctx)
	if who.UserID == "" {
		return self{}, errNoMember
	}
	all, err := a.cfg.Accounts.Accounts(ctx)
	if err != nil {
		return self{}, err
	}
	me := self{corp: who.corp, userID: model.Fold(who.UserID), all: all}
	for _, acc := range all {
		if me.corp == "" && who.May(acc.Key) {
			me.corp = model.Fold(acc.CorpID)
		}
	}
	for _, acc := range all {
		if model.Fold(acc.CorpID) == me.corp {
			me.accounts = append(me.accounts, acc)
		}
	}
	return me, nil
}

// account is one of the corp's accounts; others look like none.
func (s self) account(key string) (model.Account, error) {
	at := slices.IndexFunc(s.accounts, func(acc model.Account) bool { return acc.Key == key })
	if at < 0 {
		return model.Account{}, errNoAccount
	}
	return s.accounts[at], nil
}

// myView is who calls, and what it is to the accounts.
type myView struct {
	UserID     string       `json:"userid"`
	Name       string       `json:"name"`
	Department string       `json:"department,omitempty"`
	SuperAdmin bool         `json:"super_admin"`
	Seats      []mySeatItem `json:"seats" doc:"The accounts that the member answers for"`
	Runs       []myRunItem  `json:"runs" doc:"The accounts that the member is responsible for, at most 20"`
	MoreRuns   int          `json:"more_runs,omitempty" doc:"How many more of those there are"`
}

type mySeatItem struct {
	Account string          `json:"account"`
	Title   string          `json:"title" doc:"The account's name"`
	State   model.SeatState `json:"state" enum:"online,away,offline"`
	Serving int             `json:"serving" doc:"Sessions now"`
}

type myRunItem struct {
	Account string `json:"account"`
	Title   string `json:"title" doc:"The account's name"`
	Enabled bool   `json:"enabled"`
	Queued  int    `json:"queued" doc:"Sessions that wait for a seat now"`
	Serving int    `json:"serving" doc:"Sessions that seats serve now"`
	Bot     int    `json:"bot" doc:"Sessions with the bot now"`
	Today   int    `json:"today" doc:"Sessions opened today"`
	Online  int    `json:"online" doc:"Seats that are online now"`
}

// runsShown is how many accounts are counted for one page.
const runsShown = 20

func (a *API) registerMy(s surface) {
	operation(s.API, call(http.MethodGet, "getMy", my, myTag, "Who the caller is to the accounts of the corp"),
		func(ctx context.Context, _ *nothing) (*body[myView], error) {
			me, err := a.self(ctx)
			if err != nil {
				return nil, err
			}
			return reply(a.viewMy(ctx, me))
		})
	a.registerMyServices(s)
	a.registerMyRecords(s)
	a.registerSurveys(s)
}

func (a *API) viewMy(ctx context.Context, me self) (myView, error) {
	standing := callerFrom(ctx).standing
	if callerFrom(ctx).login.ID == 0 {
		var err error
		if standing, err = a.cfg.Logins.Standing(ctx, me.corp, me.userID, ""); err != nil {
			return myView{}, err
		}
	}
	v := myView{
		UserID: me.userID, Name: standing.Name, SuperAdmin: actorFrom(ctx).Role == model.RoleSuperAdmin, Seats: []mySeatItem{}, Runs: []myRunItem{},
	}
	member, err := a.cfg.My.Member(ctx, me.corp, me.userID)
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		return v, err
	}
	v.Department = member.DepartmentName
	owns := map[string]bool{}
	for _, p := range standing.Places {
		owns[p.Key] = p.Owner
		if p.Seat != nil {
			v.Seats = append(v.Seats, mySeatItem{p.Key, p.Name, p.Seat.State, p.Seat.Load})
		}
	}
	for _, acc := range me.all {
		switch {
		case !v.SuperAdmin && !owns[acc.Key]:
		case len(v.Runs) == runsShown:
			v.MoreRuns++
		default:
			run, err := a.viewRun(ctx, acc)
			if err != nil {
				return v, err
			}
			v.Runs = append(v.Runs, run)
		}
	}
	return v, nil
}

// viewRun counts what goes on in an account.
func (a *API) viewRun(ctx context.Context, acc model.Account) (myRunItem, error) {
	now := a.cfg.Now().In(a.cfg.Location)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, a.cfg.Location)
	p, err := a.cfg.My.Pulse(ctx, acc.ID, midnight.UnixMilli())
	return myRunItem{acc.Key, acc.Name, acc.Enabled, p.Queued, p.Serving, p.Bot, p.Opened, p.Online}, err
}
