package handler

import (
	"context"
	"net/http"
	"time"

	"deskmate/model"
)

// OpenDays tells how days go with hours, by the calendar that counts.
type OpenDays interface {
	Day(h *model.Hours, t time.Time) model.OpenDay
	// Knows reports whether the holidays of a year are known.
	Knows(year int) bool
}

// openDayView is how one day goes.
type openDayView struct {
	Day   string          `json:"day" format:"date"`
	Spans []spanBody      `json:"spans" doc:"None: closed"`
	Why   model.DayReason `json:"why" enum:"own,holiday,makeup,week" doc:"A single day of the hours, a public holiday, a make-up workday, or what the week says"`
	Name  string          `json:"name,omitempty" doc:"Of the holiday" example:"国庆节"`
}

// hourPreview is how the coming days go with hours that nobody has saved yet.
type hourPreview struct {
	Days    []openDayView `json:"days" doc:"From today on, in the time zone of the program"`
	Unknown []int         `json:"unknown_years" doc:"Years on these days whose holidays are not known, where the hours keep to them"`
}

func (a *API) registerHourPreviews(s surface) {
	type preview struct {
		AccountPath
		Days int `query:"days" minimum:"1" maximum:"400" default:"28"`
		Body workHoursBody
	}
	within(s, call(http.MethodPost, "previewHours", account+"/hour-previews", settingsTag, "How the coming days would go with these hours; nothing is saved"),
		func(ctx context.Context, _ model.Account, in *preview) (*body[hourPreview], error) {
			var trial model.Account
			if err := in.Body.into(ctx, &trial); err != nil {
				return nil, err
			}
			v := hourPreview{Days: make([]openDayView, in.Days), Unknown: []int{}}
			now, hours := a.cfg.Now().In(a.cfg.Location), trial.Policy.Hours
			for i := range v.Days {
				at := time.Date(now.Year(), now.Month(), now.Day()+i, 0, 0, 0, 0, a.cfg.Location)
				d := a.cfg.OpenDays.Day(hours, at)
				v.Days[i] = openDayView{Day: at.Format(time.DateOnly), Spans: views(d.Spans, viewSpan), Why: d.Why, Name: d.Name}
				known := hours == nil || !hours.Holidays || a.cfg.OpenDays.Knows(at.Year())
				if n := len(v.Unknown); !known && (n == 0 || v.Unknown[n-1] != at.Year()) {
					v.Unknown = append(v.Unknown, at.Year())
				}
			}
			return reply(v, nil)
		})
}
