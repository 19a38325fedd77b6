package handler

import (
	"slices"

	"deskmate/model"
)

// statWords are the names of figures, and of what else heads a column, in one language.
func (a *API) statWords(lang string) func(string) string {
	words := map[string]string{}
	for _, w := range statHeadings() {
		words[w.key] = w.zh
		if lang == "en" {
			words[w.key] = w.en
		}
	}
	for _, d := range a.cfg.Statistics.Definitions() {
		words[d.Key] = d.NameZH
		if lang == "en" {
			words[d.Key] = d.NameEN
		}
	}
	return func(key string) string {
		if w, ok := words[key]; ok {
			return w
		}
		return key
	}
}

type statHeading struct{ key, zh, en string }

func statHeadings() []statHeading {
	return []statHeading{
		{"sheet.totals", "汇总", "Totals"},
		{"sheet.days", "按日", "By day"},
		{"sheet.seats", "按坐席", "By seat"},
		{"sheet.reasons", "不满意原因", "Reasons"},
		{"sheet.seat_reasons", "坐席不满意原因", "Reasons by seat"},
		{"sheet.bot", "机器人", "Bot"},
		{"sheet.heat", "时段", "Hours"},
		{"sheet.why", "转人工与结束", "Handoffs and ends"},
		{"figure", "指标", "Figure"},
		{"value", "数值", "Value"},
		{"previous", "上一周期", "Previous period"},
		{"day", "日期", "Day"},
		{"seat", "坐席", "Seat"},
		{"userid", "账号", "Userid"},
		{"reason", "原因", "Reason"},
		{"count", "次数", "Count"},
		{"share", "占比", "Share"},
		{"weekday", "星期", "Weekday"},
		{"hour", "小时", "Hour"},
		{"question", "标准问法", "Question"},
		{model.StatHandoff + ":keyword", "关键词", "Keyword"},
		{model.StatHandoff + ":button", "转人工按钮", "Button"},
		{model.StatHandoff + ":misses", "连续未命中", "Misses in a row"},
		{model.StatHandoff + ":bot_off", "机器人关闭", "Bot off"},
		{model.StatHandoff + ":dislike", "点踩", "👎"},
		{model.StatHandoff + ":seat", "坐席主动联系", "A seat wrote first"},
		{model.StatHandoff + ":group", "群聊", "Group chat"},
		{model.StatClose + ":seat_ended", "坐席结束", "By the seat"},
		{model.StatClose + ":employee_ended", "员工结束", "By the employee"},
		{model.StatClose + ":idle", "超时结束", "Idle"},
		{model.StatClose + ":queue_timeout", "排队超时", "No seat in time"},
		{model.StatClose + ":off_hours", "非工作时间", "Off hours"},
		{model.StatClose + ":account_disabled", "账号停用", "Account disabled"},
	}
}

func textCell(s string) model.StatValue { return model.StatValue{Text: s} }

func countCell(n int64) model.StatValue {
	v := float64(n)
	return model.StatValue{Number: &v, Unit: "count"}
}

func valueCell(v *float64, unit string) model.StatValue {
	return model.StatValue{Number: v, Unit: unit}
}

func heading(words func(string) string, keys ...string) model.StatRow {
	row := make(model.StatRow, len(keys))
	for i, k := range keys {
		row[i] = textCell(words(k))
	}
	return row
}

// surveyColumns are the figures of surveys in the order of their columns.
func surveyColumns() []string {
	return []string{
		model.StatSent, model.StatCompleted, model.StatCompletion, model.StatGood, model.StatFair, model.StatBad,
		model.StatGoodShare, model.StatFairShare, model.StatBadShare, model.StatReasoned, model.StatCommented,
	}
}

func surveyCells(f surveyFiguresView) model.StatRow {
	return model.StatRow{
		countCell(f.Sent), countCell(f.Completed), valueCell(f.Completion, "share"), countCell(f.Good), countCell(f.Fair), countCell(f.Bad),
		valueCell(f.GoodShare, "share"), valueCell(f.FairShare, "share"), valueCell(f.BadShare, "share"), countCell(f.Reasoned), countCell(f.Commented),
	}
}

func surveySheets(v surveyStatisticsView, words func(string) string) []model.StatSheet {
	totals := []model.StatRow{heading(words, "figure", "value", "previous")}
	now, before := surveyCells(v.Totals), surveyCells(v.Previous)
	for i, key := range surveyColumns() {
		totals = append(totals, model.StatRow{textCell(words(key)), now[i], before[i]})
	}
	days := []model.StatRow{heading(words, append([]string{"day"}, surveyColumns()...)...)}
	for _, d := range v.Days {
		days = append(days, append(model.StatRow{textCell(d.Day)}, surveyCells(d.Figures)...))
	}
	seats := []model.StatRow{heading(words, append([]string{"seat", "userid"}, surveyColumns()...)...)}
	bySeat := []model.StatRow{heading(words, "seat", "userid", "reason", "count", "share")}
	for _, s := range v.Seats {
		seats = append(seats, append(model.StatRow{textCell(s.Name), textCell(s.UserID)}, surveyCells(s.Figures)...))
	}
	for _, s := range v.BySeat {
		for _, row := range reasonRows(s.Reasons, words, "") {
			bySeat = append(bySeat, append(model.StatRow{textCell(s.Name), textCell(s.UserID)}, row...))
		}
	}
	reasons := append([]model.StatRow{heading(words, "reason", "count", "share")}, reasonRows(v.Reasons, words, "")...)
	return []model.StatSheet{
		{Name: words("sheet.totals"), Rows: totals},
		{Name: words("sheet.days"), Rows: days},
		{Name: words("sheet.seats"), Rows: seats},
		{Name: words("sheet.reasons"), Rows: reasons},
		{Name: words("sheet.seat_reasons"), Rows: bySeat},
	}
}

// reasonRows are rows of reasons, which words knows by prefix and reason.
func reasonRows(list []reasonCountView, words func(string) string, prefix string) []model.StatRow {
	return views(list, func(r reasonCountView) model.StatRow {
		name := r.Reason
		if prefix != "" {
			name = words(prefix + ":" + r.Reason)
		}
		return model.StatRow{textCell(name), countCell(r.Count), valueCell(r.Share, "share")}
	})
}

func serviceSheets(v serviceStatisticsView, words func(string) string) []model.StatSheet {
	totals := []model.StatRow{heading(words, "figure", "value", "previous")}
	for _, list := range [][]figureView{v.Figures, v.Funnel} {
		for _, f := range list {
			totals = append(totals, model.StatRow{textCell(words(f.Key)), valueCell(f.Value, f.Unit), valueCell(f.Previous, f.Unit)})
		}
	}
	why := append([]model.StatRow{heading(words, model.StatHandoff, "count", "share")}, reasonRows(v.Handoffs, words, model.StatHandoff)...)
	why = append(append(why, heading(words, model.StatClose, "count", "share")), reasonRows(v.Closes, words, model.StatClose)...)
	return []model.StatSheet{
		{Name: words("sheet.totals"), Rows: totals},
		{Name: words("sheet.why"), Rows: why},
		{Name: words("sheet.days"), Rows: serviceDayRows(v, words)},
		{Name: words("sheet.seats"), Rows: serviceSeatRows(v, words)},
		{Name: words("sheet.bot"), Rows: botRows(v.Bot, words)},
		{Name: words("sheet.heat"), Rows: heatRows(v, words)},
	}
}

func durationColumns(keys ...string) []string {
	var list []string
	for _, k := range keys {
		list = append(list, k+".median", k+".p90", k+".avg")
	}
	return list
}

func durationCells(d durationsView) model.StatRow {
	if d.Count == 0 {
		return make(model.StatRow, 3)
	}
	cell := func(ms int64) model.StatValue {
		v := float64(ms)
		return valueCell(&v, "ms")
	}
	return model.StatRow{cell(d.Median), cell(d.P90), cell(d.Average)}
}

func serviceDayRows(v serviceStatisticsView, words func(string) string) []model.StatRow {
	columns := append([]string{
		"day", model.StatOpened, model.StatQuestions, model.StatHits, model.StatHandoffs, model.StatServed, model.StatSelf, model.StatGood, model.StatCompleted,
	}, append(durationColumns(model.StatWait, model.StatFirst), model.StatOnlineTime)...)
	rows := []model.StatRow{heading(words, columns...)}
	for _, d := range v.Days {
		row := model.StatRow{
			textCell(d.Day), countCell(d.Sessions), countCell(d.Questions), countCell(d.Hits), countCell(d.Handoffs), countCell(d.Served),
			countCell(d.Self), countCell(d.Good), countCell(d.Completed),
		}
		row = append(append(row, durationCells(d.Wait)...), durationCells(d.FirstReply)...)
		rows = append(rows, append(row, onlineCell(d.Online)))
	}
	return rows
}

func serviceSeatRows(v serviceStatisticsView, words func(string) string) []model.StatRow {
	columns := append([]string{"seat", "userid", model.StatTakes, model.StatServed, model.StatReplied, model.StatIdleEnds}, durationColumns(model.StatFirst, model.StatHandling)...)
	columns = append(append(columns, model.StatOnlineTime), surveyColumns()...)
	for _, key := range surveyColumns() {
		columns = append(columns, model.StatPart+key)
	}
	rows := []model.StatRow{heading(words, columns...)}
	for _, s := range v.Seats {
		row := model.StatRow{textCell(s.Name), textCell(s.UserID), countCell(s.Sessions), countCell(s.Last), countCell(s.Replied), countCell(s.IdleEnds)}
		row = append(append(row, durationCells(s.FirstReply)...), durationCells(s.Handling)...)
		row = append(append(row, onlineCell(s.Online)), surveyCells(s.Rating)...)
		rows = append(rows, append(row, surveyCells(s.PartRating)...))
	}
	return rows
}

func botRows(b botStatisticsView, words func(string) string) []model.StatRow {
	rows := []model.StatRow{heading(words, "figure", "value")}
	for _, c := range []struct {
		key   string
		value model.StatValue
	}{
		{model.StatQuestions, countCell(b.Questions)},
		{model.StatHits, countCell(b.Answered)},
		{model.StatHitRate, valueCell(b.HitRate, "share")},
		{model.StatSuggested, countCell(b.Suggested)},
		{model.StatAccepted, countCell(b.Accepted)},
		{model.StatAcceptRate, valueCell(b.AcceptRate, "share")},
		{model.StatMissed, countCell(b.Missed)},
		{model.StatMissRate, valueCell(b.MissRate, "share")},
		{model.StatUp, countCell(b.Up)},
		{model.StatDown, countCell(b.Down)},
		{model.StatSelf, countCell(b.Self)},
		{model.StatSelfRate, valueCell(b.SelfRate, "share")},
	} {
		rows = append(rows, model.StatRow{textCell(words(c.key)), c.value})
	}
	rows = append(rows, heading(words, "question", "entry", "share"))
	for _, e := range slices.Concat(b.Top, b.Never) {
		rows = append(rows, model.StatRow{textCell(e.Question), countCell(e.Hits), valueCell(e.Share, "share")})
	}
	return rows
}

func heatRows(v serviceStatisticsView, words func(string) string) []model.StatRow {
	rows := []model.StatRow{heading(words, "weekday", "hour", model.StatOpened, model.StatHandoffs, model.StatOnlineSeats)}
	for _, h := range v.Heat {
		rows = append(rows, model.StatRow{
			countCell(int64(h.Weekday)), countCell(int64(h.Hour)), countCell(h.Sessions), countCell(h.Handoffs), valueCell(h.Online, "mean"),
		})
	}
	return rows
}
