package handler

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// Statistics are the figures of accounts.
type Statistics interface {
	// Report is [model.ErrInvalid] where the days make no sense.
	Report(ctx context.Context, q model.StatQuery) (model.StatReport, error)
	// Sessions are the ids behind a figure, newest first.
	Sessions(ctx context.Context, q model.StatSessions) ([]uint64, error)
	// SessionRecords are those of some sessions, newest first.
	SessionRecords(ctx context.Context, accountID uint64, ids []uint64) ([]model.Record, error)
	Comments(ctx context.Context, q model.StatComments) ([]model.Survey, error)
	// Entries are the questions of the entries in use, by id.
	Entries(ctx context.Context, accountID uint64) (map[uint64]string, error)
	Definitions() []model.StatFigure
	// Sheet writes a spreadsheet.
	Sheet(sheets []model.StatSheet, w io.Writer) error
}

// StatDays are the days that statistics are asked for. It is exported because huma passes over
// embedded types that are not.
type StatDays struct {
	AccountPath
	From string `query:"from" required:"true" format:"date" doc:"First local day" example:"2026-11-01"`
	To   string `query:"to" required:"true" format:"date" doc:"Last local day, included; at most 731 days"`
	Seat string `query:"seat" maxLength:"128" doc:"userid: only what this seat did. A seat always gets its own"`
}

const (
	statsTag  = "statistics"
	statsPath = account + "/statistics"
)

func (a *API) registerStatistics(s surface) {
	within(s, call(http.MethodGet, "getSurveyStatistics", statsPath+"/survey", statsTag, "What employees thought of the service, today included"),
		func(ctx context.Context, acc model.Account, in *StatDays) (*body[surveyStatisticsView], error) {
			return reply(a.surveyStatistics(ctx, acc, in))
		})
	within(s, call(http.MethodGet, "getServiceStatistics", statsPath+"/service", statsTag, "What bot and seats did, today included"),
		func(ctx context.Context, acc model.Account, in *StatDays) (*body[serviceStatisticsView], error) {
			return reply(a.serviceStatistics(ctx, acc, in))
		})
	a.registerStatisticsLists(s)
	type export struct {
		StatDays
		Page string `query:"page" enum:"survey,service" required:"true"`
		Lang string `query:"lang" enum:"zh,en" default:"zh" doc:"Of the headings"`
	}
	within(s, download(call(http.MethodGet, "exportStatistics", statsPath+"/export", statsTag, "A page of statistics as an xlsx file, with the figures that it shows; audited")),
		func(ctx context.Context, acc model.Account, in *export) (*huma.StreamResponse, error) {
			return a.exportStatistics(ctx, acc, &in.StatDays, in.Page, in.Lang)
		})
}

func (a *API) registerStatisticsLists(s surface) {
	type sessions struct {
		StatDays
		Figure  string `query:"figure" required:"true" maxLength:"40" doc:"Its key, see definitions"`
		Reason  string `query:"reason" maxLength:"200" doc:"Of a figure that comes by reason"`
		Hour    int    `query:"hour" minimum:"-1" maximum:"23" default:"-1" doc:"Opened in this local hour; -1: any"`
		Weekday int    `query:"weekday" minimum:"0" maximum:"7" doc:"1 Monday … 7 Sunday; 0: any"`
		Before  ID     `query:"before" doc:"Older than this session: next of the page before"`
		After   ID     `query:"after" doc:"Newer than this session"`
		Limit   int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	within(s, call(http.MethodGet, "listStatisticsSessions", statsPath+"/sessions", statsTag, "Exactly the sessions behind a figure, newest first"),
		func(ctx context.Context, acc model.Account, in *sessions) (*body[Listed[recordView]], error) {
			q, err := a.statQuery(ctx, acc, &in.StatDays)
			if err != nil {
				return nil, err
			}
			return a.statSessions(ctx, acc, model.StatSessions{
				StatQuery: q, Figure: in.Figure, Reason: in.Reason, Hour: in.Hour, Weekday: in.Weekday,
				Before: in.Before.number(), After: in.After.number(), Limit: in.Limit,
			})
		})
	type comments struct {
		StatDays
		Rating string `query:"rating" enum:"good,fair,bad"`
		Before ID     `query:"before" doc:"next of the page before"`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	within(s, call(http.MethodGet, "listSurveyComments", statsPath+"/comments", statsTag, "What employees wrote with their ratings, the newest session first"),
		func(ctx context.Context, acc model.Account, in *comments) (*body[Listed[commentView]], error) {
			q, err := a.statQuery(ctx, acc, &in.StatDays)
			if err != nil {
				return nil, err
			}
			return a.statComments(ctx, acc, model.StatComments{
				StatQuery: q, Rating: model.Rating(in.Rating), Before: in.Before.number(), Limit: in.Limit,
			})
		})
	operation(s.API, call(http.MethodGet, "listStatisticsDefinitions", "/statistics/definitions", statsTag, "What each figure means"),
		func(context.Context, *nothing) (*body[Listed[definitionView]], error) {
			return listed(a.cfg.Statistics.Definitions(), nil, viewDefinition)
		})
}

func viewDefinition(f model.StatFigure) definitionView {
	return definitionView{
		Key: f.Key, Page: f.Page, Unit: f.Unit, Name: wordView{f.NameZH, f.NameEN}, Text: wordView{f.TextZH, f.TextEN},
		ByReason: f.ByReason, Sessions: f.Sessions,
	}
}
