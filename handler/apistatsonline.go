package handler

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"deskmate/model"
)

// addOnline adds how long seats were online to their rows and those of days. Seats that were
// online without a session get a row.
func addOnline(v *serviceStatisticsView, r model.StatReport, names map[string]string) {
	if r.Online.SinceMS == 0 {
		return
	}
	v.Known = new(NewInstant(r.Online.SinceMS))
	if len(r.Online.Hours) == 0 {
		return
	}
	have := make(map[string]bool)
	for i, s := range v.Seats {
		have[s.UserID] = true
		v.Seats[i].Online = new(r.Online.Seats[s.UserID])
	}
	for seat, ms := range r.Online.Seats {
		if !have[seat] {
			row := viewServiceSeat(model.StatSeat{Seat: seat}, cmp.Or(names[seat], seat))
			row.Online = &ms
			v.Seats = append(v.Seats, row)
		}
	}
	slices.SortFunc(v.Seats, func(a, b serviceSeatView) int { return cmp.Compare(a.UserID, b.UserID) })
	for i, d := range r.Days {
		if ms, known := r.Online.Days[d.Day]; known && i < len(v.Days) {
			v.Days[i].Online = &ms
		}
	}
}

// viewHeat lists the hours of the week in which sessions began or seats were online.
func viewHeat(f model.StatFigures, online map[model.StatHour]model.StatOn) []heatView {
	byHour := make(map[model.StatHour]heatView)
	for key, count := range f {
		at, ok := strings.CutPrefix(key, model.StatHeat+":")
		if !ok {
			continue
		}
		day, hour, _ := strings.Cut(at, ":")
		weekday, err := strconv.Atoi(day)
		h, hourErr := strconv.Atoi(hour)
		if err != nil || hourErr != nil {
			continue
		}
		byHour[model.StatHour{Weekday: weekday, Hour: h}] = heatView{Sessions: int64(count), Handoffs: int64(f[model.StatHeatHand+":"+at])}
	}
	list := []heatView{}
	for at, on := range online {
		if row, counted := byHour[at]; counted || on.OnlineMS > 0 {
			row.Online = new(float64(on.OnlineMS) / float64(on.LongMS))
			byHour[at] = row
		}
	}
	for at, row := range byHour {
		row.Weekday, row.Hour = at.Weekday, at.Hour
		list = append(list, row)
	}
	slices.SortFunc(list, func(a, b heatView) int {
		return cmp.Or(cmp.Compare(a.Weekday, b.Weekday), cmp.Compare(a.Hour, b.Hour))
	})
	return list
}

func onlineCell(ms *int64) model.StatValue {
	if ms == nil {
		return model.StatValue{}
	}
	v := float64(*ms)
	return valueCell(&v, "ms")
}
