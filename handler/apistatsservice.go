package handler

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"deskmate/model"
)

// How many entries a page of statistics names.
const (
	topEntries   = 20
	neverEntries = 50
)

// statFunnel are the steps that sessions go through, in order.
func statFunnel() []string {
	return []string{
		model.StatOpened, model.StatAsked, model.StatHelped, model.StatTook, model.StatDownSess, model.StatHandoffs,
		model.StatWaited, model.StatServed, model.StatReplied, model.StatEnded, model.StatRated,
	}
}

// statHeadlines are the figures that head the page.
func statHeadlines() []string {
	return []string{
		model.StatOpened, model.StatHandoffs, model.StatHandRate, model.StatServed, model.StatSelf, model.StatSelfRate, model.StatHitRate,
		model.StatWait + ".median", model.StatFirst + ".median", model.StatFirst + ".p90", model.StatHandling + ".median",
		model.StatUnserved, model.StatIdleEnds, model.StatTransfers, model.StatGoodShare,
	}
}

func viewDurations(f model.StatFigures, key string) durationsView {
	return durationsView{int64(f[key+".count"]), int64(f[key+".median"]), int64(f[key+".p90"]), int64(f[key+".avg"])}
}

func (a *API) viewFigures(keys []string, r model.StatReport) []figureView {
	units := make(map[string]string)
	for _, d := range a.cfg.Statistics.Definitions() {
		units[d.Key] = d.Unit
	}
	value := func(f model.StatFigures, key string) *float64 {
		v, ok := f[key]
		if !ok && units[key] != "count" {
			return nil
		}
		return &v
	}
	return views(keys, func(key string) figureView {
		return figureView{key, units[key], value(r.Totals, key), value(r.Before, key)}
	})
}

func (a *API) serviceStatistics(ctx context.Context, acc model.Account, in *StatDays) (serviceStatisticsView, error) {
	r, names, err := a.statReport(ctx, acc, in)
	if err != nil {
		return serviceStatisticsView{}, err
	}
	t := r.Totals
	v := serviceStatisticsView{
		Range: a.viewRange(r), Funnel: a.viewFigures(statFunnel(), r), Figures: a.viewFigures(statHeadlines(), r),
		Handoffs: reasonCounts(t, model.StatHandoff, t[model.StatHandoffs]), Closes: reasonCounts(t, model.StatClose, t["closed"]),
		Days: views(r.Days, viewServiceDay), Seats: []serviceSeatView{}, Heat: viewHeat(t, r.Online.Hours),
	}
	for _, s := range r.Seats {
		if s.Seat != "" {
			v.Seats = append(v.Seats, viewServiceSeat(s, names[s.Seat]))
		}
	}
	addOnline(&v, r, names)
	questions, err := a.cfg.Statistics.Entries(ctx, acc.ID)
	if err != nil {
		return v, err
	}
	v.Bot = viewBot(t, questions)
	if r.Query.Seat != "" { // what a seat's sessions didn't hit, others may have
		v.Bot.Never, v.Bot.NeverCount = []entryHitView{}, 0
	}
	return v, nil
}

func viewServiceDay(d model.StatDay) serviceDayView {
	n := func(key string) int64 { return int64(d.Figures[key]) }
	return serviceDayView{
		Day: dayText(d.Day), Sessions: n(model.StatOpened), Questions: n(model.StatQuestions), Hits: n(model.StatHits), Handoffs: n(model.StatHandoffs),
		Served: n(model.StatServed), Self: n(model.StatSelf), Wait: viewDurations(d.Figures, model.StatWait),
		FirstReply: viewDurations(d.Figures, model.StatFirst), Good: n(model.StatGood), Completed: n(model.StatCompleted),
	}
}

func viewServiceSeat(s model.StatSeat, name string) serviceSeatView {
	n := func(key string) int64 { return int64(s.Figures[key]) }
	return serviceSeatView{
		UserID: s.Seat, Name: name, Sessions: n(model.StatTakes), Last: n(model.StatServed), Replied: n(model.StatReplied),
		FirstReply: viewDurations(s.Figures, model.StatFirst), Handling: viewDurations(s.Figures, model.StatHandling),
		IdleEnds: n(model.StatIdleEnds), Rating: viewSurveyFigures(s.Figures, ""), PartRating: viewSurveyFigures(s.Figures, model.StatPart),
	}
}

// viewBot shows what the bot did; questions are the entries in use.
func viewBot(f model.StatFigures, questions map[uint64]string) botStatisticsView {
	n := func(key string) int64 { return int64(f[key]) }
	v := botStatisticsView{
		Questions: n(model.StatQuestions), Answered: n(model.StatHits), Suggested: n(model.StatSuggested), Accepted: n(model.StatAccepted),
		Missed: n(model.StatMissed), Up: n(model.StatUp), Down: n(model.StatDown), Self: n(model.StatSelf), HitRate: share(f, model.StatHitRate),
		AcceptRate: share(f, model.StatAcceptRate), MissRate: share(f, model.StatMissRate), SelfRate: share(f, model.StatSelfRate),
		Top: []entryHitView{}, Never: []entryHitView{},
	}
	hit := make(map[uint64]bool)
	for _, r := range reasonCounts(f, model.StatEntry, f[model.StatHits]+f[model.StatAccepted]) {
		id, err := strconv.ParseUint(r.Reason, 10, 63)
		if err != nil {
			continue
		}
		hit[id] = true
		if len(v.Top) < topEntries {
			v.Top = append(v.Top, entryHitView{NewID(id), questions[id], r.Count, r.Share})
		}
	}
	for id, question := range questions {
		if !hit[id] {
			v.Never = append(v.Never, entryHitView{EntryID: NewID(id), Question: question})
		}
	}
	slices.SortFunc(v.Never, func(a, b entryHitView) int { return cmp.Compare(a.EntryID.number(), b.EntryID.number()) })
	v.NeverCount = int64(len(v.Never))
	v.Never = v.Never[:min(len(v.Never), neverEntries)]
	return v
}
