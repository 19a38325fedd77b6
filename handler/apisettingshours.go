package handler

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"deskmate/model"
)

func viewWorkHours(h *model.Hours, off model.OffHours) workHoursBody {
	v := workHoursBody{Always: h == nil, Week: [][]spanBody{}, Days: []exceptionBody{}, Off: off.Action, OffText: off.Text}
	if v.Off == "" {
		v.Off = model.OffQueue
	}
	if h == nil {
		return v
	}
	v.Holidays = h.Holidays
	for _, day := range h.Week {
		v.Week = append(v.Week, views(day, viewSpan))
	}
	for day, spans := range h.Days {
		v.Days = append(v.Days, exceptionBody{
			Day: fmt.Sprintf("%04d-%02d-%02d", day/10_000, day/100%100, day%100), Spans: views(spans, viewSpan),
		})
	}
	slices.SortFunc(v.Days, func(a, b exceptionBody) int { return strings.Compare(a.Day, b.Day) })
	return v
}

func viewSpan(s model.Span) spanBody { return spanBody{From: minuteText(s.From), To: minuteText(s.To)} }

func spansOf(list []spanBody) []model.Span {
	spans := make([]model.Span, len(list))
	for i, s := range list {
		spans[i] = model.Span{From: minutesOf(s.From), To: minutesOf(s.To)}
	}
	return spans
}

func (b workHoursBody) into(_ context.Context, acc *model.Account) error {
	if !model.IsPushText(b.OffText) {
		return model.Invalid("off_text", "非服务时间的回复最多 2048 字节，约 680 个汉字，不能有控制字符")
	}
	acc.Policy.OffHours = model.OffHours{Action: b.Off, Text: b.OffText}
	acc.Policy.Hours = nil
	if b.Always {
		return nil
	}
	h := &model.Hours{Holidays: b.Holidays}
	for _, day := range b.Week {
		h.Week = append(h.Week, spansOf(day))
	}
	for _, d := range b.Days {
		day, _ := strconv.Atoi(strings.ReplaceAll(d.Day, "-", "")) // its form was checked
		if h.Days == nil {
			h.Days = map[int][]model.Span{}
		}
		if _, twice := h.Days[day]; twice {
			return model.Invalid("hours", "%s 设置了两次", d.Day)
		}
		h.Days[day] = spansOf(d.Spans)
	}
	acc.Policy.Hours = h
	return h.Check()
}
