package handler

import (
	"context"
	"net/http"
	"time"

	"deskmate/model"
)

// Figures counts what goes on in accounts.
type Figures interface {
	// AccountFigures counts now, and since the beginning of the day.
	AccountFigures(ctx context.Context, accountID uint64, dayMS int64) (model.AccountFigures, error)
}

// overviewView is an account at a glance.
type overviewView struct {
	At        Instant `json:"at" doc:"Of these figures"`
	Enabled   bool    `json:"enabled"`
	Bot       int     `json:"bot" doc:"Open sessions with the bot"`
	Queued    int     `json:"queued" doc:"Waiting for a seat"`
	Serving   int     `json:"serving" doc:"With a seat"`
	Oldest    Instant `json:"oldest_at,omitempty" doc:"Since when the first in the queue waits"`
	Seats     int     `json:"seats"`
	Online    int     `json:"online" doc:"Seats that are online"`
	Sessions  int     `json:"sessions" doc:"Begun today"`
	Questions int     `json:"questions" doc:"The bot was asked today"`
	Misses    int     `json:"misses" doc:"Of them, those that it could not answer and nobody has dealt with"`
	Knowledge bool    `json:"knowledge" doc:"There is an entry"`
	Tried     bool    `json:"tried" doc:"Somebody has written to it"`
}

// accountCard is an account in the list of them.
type accountCard struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Avatar  string `json:"avatar,omitempty" doc:"Where its picture lies; missing for none"`
	Enabled bool   `json:"enabled"`
	Seats   int    `json:"seats"`
	Online  int    `json:"online"`
	Open    int    `json:"open" doc:"Open sessions"`
	Queued  int    `json:"queued"`

	Connected bool `json:"connected" doc:"WeCom has called"`
	Removing  bool `json:"removing" doc:"It is being deleted"`
}

// startOfDay is midnight in the business's time zone.
func (a *API) startOfDay() int64 {
	now := a.cfg.Now().In(a.cfg.Location)
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, a.cfg.Location).UnixMilli()
}

func (a *API) registerOverviews(s surface) {
	within(s, call(http.MethodGet, "getOverview", account+"/overview", "overview", "What goes on in the account now, and did today"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[overviewView], error) {
			f, err := a.cfg.Figures.AccountFigures(ctx, acc.ID, a.startOfDay())
			return reply(overviewView{
				At: NewInstant(a.cfg.Now().UnixMilli()), Enabled: acc.Enabled, Bot: f.Bot, Queued: f.Queued, Serving: f.Serving,
				Oldest: NewInstant(f.OldestMS), Seats: f.Seats, Online: f.Online, Sessions: f.Sessions, Questions: f.Questions,
				Misses: f.Misses, Knowledge: f.Entries, Tried: f.Tried,
			}, err)
		})
	operation(s.API, call(http.MethodGet, "listAccountCards", "/account-cards", "overview", "The accounts that the caller runs, with what goes on in each"),
		func(ctx context.Context, _ *nothing) (*body[Listed[accountCard]], error) {
			list, err := a.accountCards(ctx)
			return reply(Listed[accountCard]{Items: list}, err)
		})
}

// accountCards leaves out accounts in which the caller is a seat and nothing more.
func (a *API) accountCards(ctx context.Context) ([]accountCard, error) {
	who := callerFrom(ctx)
	places, err := a.places(ctx, who)
	if err != nil {
		return nil, err
	}
	runs := make(map[uint64]bool, len(places))
	for _, p := range places {
		runs[p.Account] = who.Role == model.RoleSuperAdmin || p.Owner
	}
	all, err := a.cfg.Accounts.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	removing, err := a.removing(ctx)
	if err != nil {
		return nil, err
	}
	list := []accountCard{}
	for _, acc := range all {
		if !runs[acc.ID] {
			continue
		}
		f, err := a.cfg.Figures.AccountFigures(ctx, acc.ID, a.startOfDay())
		if err != nil {
			return nil, err
		}
		record, err := a.cfg.Setup.CallbackRecord(ctx, acc.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, accountCard{
			acc.Key, acc.Name, avatarAt(acc.Key, acc.Profile.Avatar), acc.Enabled, f.Seats, f.Online, f.Bot + f.Queued + f.Serving, f.Queued, connected(record), removing[acc.ID],
		})
	}
	return list, nil
}
