package handler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"deskmate/model"
)

// Calendar is the official calendar of holidays and make-up workdays.
type Calendar interface {
	// CalendarYear is [model.ErrNotFound] for a year that nobody knows.
	CalendarYear(ctx context.Context, year int) (model.CalendarYear, error)
	// SaveCalendarYear is [model.ErrStale] where the year no longer has y's version.
	SaveCalendarYear(ctx context.Context, y model.CalendarYear, actor string) (version uint64, err error)
}

// calendarDay is a day that is not what its weekday says.
type calendarDay struct {
	Day  string `json:"day" format:"date" example:"2027-01-01"`
	Work bool   `json:"work" doc:"A make-up workday; else a holiday"`
	Name string `json:"name" minLength:"1" maxLength:"40" example:"元旦"`
}

// calendarView is the calendar of a year.
type calendarView struct {
	Year    int           `json:"year"`
	Days    []calendarDay `json:"days" doc:"Every day of a holiday and every make-up workday"`
	Version uint64        `json:"version" doc:"0: nobody has changed the built-in year"`
}

func viewYear(y model.CalendarYear) calendarView {
	return calendarView{Year: y.Year, Version: y.Version, Days: views(y.Days, func(d model.CalendarDay) calendarDay {
		return calendarDay{Day: fmt.Sprintf("%04d-%02d-%02d", d.Day/10_000, d.Day/100%100, d.Day%100), Work: d.Work, Name: d.Name}
	})}
}

// YearPath names a year.
type YearPath struct {
	Year int `path:"year" minimum:"2000" maximum:"2100" example:"2027"`
}

var errNoYear = &model.Error{Code: model.CodeNotFound, Reason: "year_unknown", Message: "没有这一年的节假日安排"}

func (a *API) registerCalendar(s surface) {
	const (
		path = "/calendar/{year}"
		tag  = "calendar"
	)
	operation(s.API, call(http.MethodGet, "getCalendar", path, tag, "The holidays and make-up workdays of a year"),
		func(ctx context.Context, in *YearPath) (*tagged[calendarView], error) {
			y, err := a.cfg.Calendar.CalendarYear(ctx, in.Year)
			if errors.Is(err, model.ErrNotFound) {
				err = errNoYear
			}
			return replyTagged(viewYear(y), y.Version, err)
		})
	type setYear struct {
		YearPath
		Precondition
		Body struct {
			Days    []calendarDay `json:"days" maxItems:"366"`
			Version uint64        `json:"version,omitempty" maximum:"9007199254740991" doc:"The version that the caller saw; 0 or missing: any"`
		}
	}
	operation(s.API, call(http.MethodPut, "setCalendar", path, tag, "Replace a year as a whole; live within a second"),
		func(ctx context.Context, in *setYear) (*tagged[calendarView], error) {
			expect, err := in.expect(in.Body.Version)
			if err != nil {
				return nil, err
			}
			now, err := a.cfg.Calendar.CalendarYear(ctx, in.Year)
			if err != nil && !errors.Is(err, model.ErrNotFound) {
				return nil, err
			}
			y := model.CalendarYear{Year: in.Year, Version: now.Version}
			if expect != 0 {
				y.Version = expect
			}
			for _, d := range in.Body.Days {
				at, err := time.Parse(time.DateOnly, d.Day)
				if err != nil {
					return nil, model.Invalid("bad_date", "%s is not a day such as 2027-01-01", d.Day)
				}
				day := at.Year()*10_000 + int(at.Month())*100 + at.Day()
				y.Days = append(y.Days, model.CalendarDay{Day: day, Work: d.Work, Name: d.Name})
			}
			y.Version, err = a.cfg.Calendar.SaveCalendarYear(ctx, y, author(ctx))
			return replyTagged(viewYear(y), y.Version, err)
		})
}
