package handler

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"deskmate/model"
)

// surveyView is a survey to its employee.
type surveyView struct {
	Title   string       `json:"title" doc:"The account's name"`
	Seat    string       `json:"seat,omitempty" doc:"Who served"`
	Rating  model.Rating `json:"rating,omitempty" enum:"good,fair,bad"`
	Reasons []string     `json:"reasons" doc:"Why not satisfied"`
	Comment string       `json:"comment" doc:"What the employee said besides; empty: nothing"`
	SavedAt Instant      `json:"saved_at,omitempty" doc:"When it said so last"`
	SentAt  Instant      `json:"sent_at"`
	Until   Instant      `json:"until" doc:"Until when it can be changed"`
}

// SurveyPath names a survey by the signed end of its address, which is the whole proof of who
// opens it.
type SurveyPath struct {
	Ticket string `path:"ticket" maxLength:"600" doc:"The end of the page's address"`
}

const surveys = "/surveys/{ticket}"

func (a *API) registerSurveys(s surface) {
	get := call(http.MethodGet, "getSurvey", surveys, myTag, "The survey that a link is for. The link says who opens it: no token is needed")
	get.Security = noSecurity()
	operation(s.API, get, func(ctx context.Context, in *SurveyPath) (*body[surveyView], error) {
		return reply(a.viewSurvey(ctx, in.Ticket))
	})
	type comment struct {
		SurveyPath
		Body struct {
			Comment string `json:"comment" maxLength:"500" doc:"Empty takes it back"`
		}
	}
	put := call(http.MethodPut, "setSurveyComment", surveys, myTag, "Say more than the rating does, in place of what was said before; until seven days after the survey was sent")
	put.Security = noSecurity()
	operation(s.API, put, func(ctx context.Context, in *comment) (*body[surveyView], error) {
		ticket, err := a.surveyTicket(in.Ticket)
		if err != nil {
			return nil, err
		}
		text := strings.TrimSpace(strings.Map(plain, in.Body.Comment))
		err = a.cfg.My.CommentSurvey(ctx, ticket, text, a.cfg.Now().UnixMilli())
		if errors.Is(err, model.ErrNotFound) {
			return nil, errSurveyBad
		}
		if err != nil {
			return nil, err
		}
		return reply(a.viewSurvey(ctx, in.Ticket))
	})
}

// noSecurity says of an operation that it needs no token.
func noSecurity() []map[string][]string { return []map[string][]string{} }

// plain drops control characters but line ends and tabs.
func plain(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
		return -1
	}
	return r
}

func (a *API) surveyTicket(token string) (model.SurveyTicket, error) {
	if a.cfg.Tickets == nil {
		return model.SurveyTicket{}, errSurveyBad
	}
	return a.cfg.Tickets.readSurvey(token, a.cfg.Now())
}

func (a *API) viewSurvey(ctx context.Context, token string) (surveyView, error) {
	ticket, err := a.surveyTicket(token)
	if err != nil {
		return surveyView{}, err
	}
	sv, err := a.cfg.My.Survey(ctx, ticket.AccountID, ticket.Session)
	if errors.Is(err, model.ErrNotFound) || err == nil && sv.Employee != ticket.Employee {
		return surveyView{}, errSurveyBad
	}
	if err != nil {
		return surveyView{}, err
	}
	acc, err := a.cfg.My.Account(ctx, ticket.AccountID)
	if errors.Is(err, model.ErrNotFound) {
		return surveyView{}, errSurveyBad
	}
	if err != nil {
		return surveyView{}, err
	}
	v := surveyView{
		Title: acc.Name, Rating: sv.Rating, Reasons: notNil(sv.Reasons), Comment: sv.Comment, SavedAt: NewInstant(sv.CommentMS),
		SentAt: NewInstant(sv.SentMS), Until: NewInstant(ticket.UntilMS),
	}
	if sv.Seat != "" {
		names, err := a.cfg.Sessions.Names(ctx, acc.CorpID, []string{sv.Seat})
		if err != nil {
			return v, err
		}
		v.Seat = names[sv.Seat]
	}
	return v, nil
}
