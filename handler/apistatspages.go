package handler

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"deskmate/model"
)

// statDay reads a local day.
func statDay(field, day string) (int, error) {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil || at.Year() < 2000 || at.Year() > 2199 {
		return 0, model.Invalid("bad_day", "%s 不是日期，应写作 2026-11-01", field)
	}
	return at.Year()*10000 + int(at.Month())*100 + at.Day(), nil
}

// dayText writes a local day; 0 is none.
func dayText(day int) string {
	if day == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", day/10000, day/100%100, day%100)
}

// statQuery reads what is asked for; a seat that is nothing more gets its own.
func (a *API) statQuery(ctx context.Context, acc model.Account, in *StatDays) (model.StatQuery, error) {
	from, err := statDay("from", in.From)
	if err != nil {
		return model.StatQuery{}, err
	}
	to, err := statDay("to", in.To)
	q := model.StatQuery{AccountID: acc.ID, From: from, To: to, Seat: model.Fold(in.Seat)}
	if who := callerFrom(ctx); who.seat != nil && who.Role == model.RoleSeat {
		q.Seat = model.Fold(who.seat.UserID)
	}
	return q, err
}

func (a *API) statReport(ctx context.Context, acc model.Account, in *StatDays) (model.StatReport, map[string]string, error) {
	q, err := a.statQuery(ctx, acc, in)
	if err != nil {
		return model.StatReport{}, nil, err
	}
	r, err := a.cfg.Statistics.Report(ctx, q)
	if err != nil {
		return r, nil, err
	}
	people := make([]string, len(r.Seats))
	for i, s := range r.Seats {
		people[i] = s.Seat
	}
	people = slices.AppendSeq(people, maps.Keys(r.Online.Seats))
	names, err := a.names(ctx, acc, people)
	return r, names, err
}

func (a *API) viewRange(r model.StatReport) statRangeView {
	return statRangeView{
		From: dayText(r.Query.From), To: dayText(r.Query.To), TimeZone: a.cfg.Location.String(),
		Before: dayText(r.Previous.From), Until: dayText(r.Previous.To), Since: dayText(r.Since),
	}
}

// share is a figure that may be missing.
func share(f model.StatFigures, key string) *float64 {
	if v, ok := f[key]; ok {
		return &v
	}
	return nil
}

func viewSurveyFigures(f model.StatFigures, part string) surveyFiguresView {
	n := func(key string) int64 { return int64(f[part+key]) }
	return surveyFiguresView{
		Sent: n(model.StatSent), Completed: n(model.StatCompleted), Completion: share(f, part+model.StatCompletion),
		Good: n(model.StatGood), Fair: n(model.StatFair), Bad: n(model.StatBad), GoodShare: share(f, part+model.StatGoodShare),
		FairShare: share(f, part+model.StatFairShare), BadShare: share(f, part+model.StatBadShare),
		Reasoned: n(model.StatReasoned), Commented: n(model.StatCommented),
	}
}

// reasonCounts are the figures of a key by reason, the most frequent first; they are shares of
// whole.
func reasonCounts(f model.StatFigures, key string, whole float64) []reasonCountView {
	list := []reasonCountView{}
	for _, k := range slices.Sorted(maps.Keys(f)) {
		reason, ok := strings.CutPrefix(k, key+":")
		if !ok {
			continue
		}
		v := reasonCountView{Reason: reason, Count: int64(f[k])}
		if whole > 0 {
			part := f[k] / whole
			v.Share = &part
		}
		list = append(list, v)
	}
	slices.SortStableFunc(list, func(a, b reasonCountView) int { return cmp.Compare(b.Count, a.Count) })
	return list
}

func (a *API) surveyStatistics(ctx context.Context, acc model.Account, in *StatDays) (surveyStatisticsView, error) {
	r, names, err := a.statReport(ctx, acc, in)
	if err != nil {
		return surveyStatisticsView{}, err
	}
	v := surveyStatisticsView{
		Range: a.viewRange(r), Totals: viewSurveyFigures(r.Totals, ""), Previous: viewSurveyFigures(r.Before, ""),
		Days: views(r.Days, func(d model.StatDay) surveyDayView {
			return surveyDayView{dayText(d.Day), viewSurveyFigures(d.Figures, "")}
		}),
		Seats: []surveySeatView{}, Reasons: reasonCounts(r.Totals, model.StatReason, r.Totals[model.StatReasoned]), BySeat: []seatReasonsView{},
	}
	for _, s := range r.Seats {
		if s.Figures[model.StatSent] > 0 || s.Figures[model.StatPart+model.StatSent] > 0 {
			v.Seats = append(v.Seats, surveySeatView{s.Seat, names[s.Seat], viewSurveyFigures(s.Figures, ""), viewSurveyFigures(s.Figures, model.StatPart)})
		}
		if reasons := reasonCounts(s.Figures, model.StatReason, s.Figures[model.StatReasoned]); len(reasons) > 0 {
			v.BySeat = append(v.BySeat, seatReasonsView{s.Seat, names[s.Seat], reasons})
		}
	}
	return v, nil
}

func (a *API) statSessions(ctx context.Context, acc model.Account, q model.StatSessions) (*body[Listed[recordView]], error) {
	ids, err := a.cfg.Statistics.Sessions(ctx, q)
	if err != nil {
		return nil, err
	}
	list, err := a.cfg.Statistics.SessionRecords(ctx, acc.ID, ids)
	if err != nil {
		return nil, err
	}
	page := RecordPage{Found: views(list, func(r model.Record) FoundRecord { return FoundRecord{Record: r} })}
	if len(ids) == q.Limit && q.Limit > 0 {
		page.Next = ids[len(ids)-1]
	}
	return a.viewRecords(ctx, acc, page)
}

func (a *API) statComments(ctx context.Context, acc model.Account, q model.StatComments) (*body[Listed[commentView]], error) {
	list, err := a.cfg.Statistics.Comments(ctx, q)
	if err != nil {
		return nil, err
	}
	var people []string
	for _, s := range list {
		people = append(people, s.Employee, s.Seat)
	}
	names, err := a.names(ctx, acc, people)
	out := Listed[commentView]{Items: views(list, func(s model.Survey) commentView {
		return commentView{
			SessionID: NewID(s.SessionID), Employee: s.Employee, EmployeeName: names[s.Employee], Seat: s.Seat, SeatName: names[s.Seat],
			Rating: s.Rating, Reasons: notNil(s.Reasons), Comment: s.Comment, At: NewInstant(s.CommentMS),
		}
	})}
	if len(list) == q.Limit && q.Limit > 0 {
		out.Next = strconv.FormatUint(list[len(list)-1].SessionID, 10)
	}
	return reply(out, err)
}
