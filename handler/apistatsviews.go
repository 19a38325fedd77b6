package handler

import "deskmate/model"

// statRangeView are the days that a page of statistics is about.
type statRangeView struct {
	From     string `json:"from" doc:"First local day" example:"2026-11-01"`
	To       string `json:"to" doc:"Last local day, included"`
	TimeZone string `json:"time_zone" doc:"In which days begin" example:"Asia/Shanghai"`
	Before   string `json:"previous_from" doc:"First day of the period that it is compared with"`
	Until    string `json:"previous_to" doc:"Last day of that period"`
	Since    string `json:"counted_since,omitempty" doc:"Days before this one are still being counted; missing: none are"`
}

// surveyFiguresView are the figures of surveys. Shares are missing where nothing was counted.
type surveyFiguresView struct {
	Sent       int64    `json:"sent"`
	Completed  int64    `json:"completed"`
	Completion *float64 `json:"completion_rate,omitempty" doc:"Completed of sent, 0 to 1"`
	Good       int64    `json:"good"`
	Fair       int64    `json:"fair"`
	Bad        int64    `json:"bad"`
	GoodShare  *float64 `json:"good_share,omitempty" doc:"Of completed, 0 to 1"`
	FairShare  *float64 `json:"fair_share,omitempty"`
	BadShare   *float64 `json:"bad_share,omitempty"`
	Reasoned   int64    `json:"reasoned" doc:"Ratings with reasons"`
	Commented  int64    `json:"commented" doc:"Surveys with a comment"`
}

type surveyDayView struct {
	Day     string            `json:"day"`
	Figures surveyFiguresView `json:"figures"`
}

type surveySeatView struct {
	UserID  string            `json:"userid" doc:"Empty: nobody served"`
	Name    string            `json:"name"`
	Figures surveyFiguresView `json:"figures" doc:"Of sessions that the seat served last; these add up to the totals"`
	Served  surveyFiguresView `json:"served" doc:"Of all sessions that the seat had a part in"`
}

type reasonCountView struct {
	Reason string   `json:"reason"`
	Count  int64    `json:"count"`
	Share  *float64 `json:"share,omitempty" doc:"Of the surveys that name reasons, 0 to 1"`
}

type seatReasonsView struct {
	UserID  string            `json:"userid"`
	Name    string            `json:"name"`
	Reasons []reasonCountView `json:"reasons"`
}

// surveyStatisticsView is the page of survey statistics.
type surveyStatisticsView struct {
	Range    statRangeView     `json:"range"`
	Totals   surveyFiguresView `json:"totals"`
	Previous surveyFiguresView `json:"previous"`
	Days     []surveyDayView   `json:"days"`
	Seats    []surveySeatView  `json:"seats"`
	Reasons  []reasonCountView `json:"reasons" doc:"The most frequent first"`
	BySeat   []seatReasonsView `json:"reasons_by_seat"`
}

// figureView is a figure of a period and the one before.
type figureView struct {
	Key      string   `json:"key" doc:"See /statistics/definitions"`
	Unit     string   `json:"unit" enum:"count,share,ms"`
	Value    *float64 `json:"value,omitempty" doc:"Missing: nothing to count it from"`
	Previous *float64 `json:"previous,omitempty"`
}

type durationsView struct {
	Count   int64 `json:"count"`
	Median  int64 `json:"median_ms" doc:"To 7 %; 0 where there is none"`
	P90     int64 `json:"p90_ms" doc:"To 7 %"`
	Average int64 `json:"average_ms"`
}

type serviceDayView struct {
	Day        string        `json:"day"`
	Sessions   int64         `json:"sessions"`
	Questions  int64         `json:"questions"`
	Hits       int64         `json:"hits" doc:"Questions that the bot answered at once"`
	Handoffs   int64         `json:"handoffs"`
	Served     int64         `json:"served" doc:"Sessions that a seat got"`
	Self       int64         `json:"self_service"`
	Wait       durationsView `json:"wait"`
	FirstReply durationsView `json:"first_reply"`
	Good       int64         `json:"good"`
	Completed  int64         `json:"completed"`
	Online     *int64        `json:"online_ms,omitempty" doc:"How long seats were online, together; missing: not known"`
}

type serviceSeatView struct {
	UserID     string            `json:"userid"`
	Name       string            `json:"name"`
	Sessions   int64             `json:"sessions" doc:"That the seat had a part in"`
	Last       int64             `json:"served_last" doc:"That it served last; these add up to served"`
	Replied    int64             `json:"replied" doc:"In which it wrote"`
	FirstReply durationsView     `json:"first_reply"`
	Handling   durationsView     `json:"handling"`
	IdleEnds   int64             `json:"idle_ends"`
	Rating     surveyFiguresView `json:"rating" doc:"Of sessions that it served last; these add up"`
	PartRating surveyFiguresView `json:"part_rating" doc:"Of all sessions that it had a part in"`
	Online     *int64            `json:"online_ms,omitempty" doc:"How long its state was online, until now; missing: not known"`
}

type entryHitView struct {
	EntryID  ID       `json:"entry_id"`
	Question string   `json:"question" doc:"Empty: the entry is gone"`
	Hits     int64    `json:"hits"`
	Share    *float64 `json:"share,omitempty" doc:"Of all answers"`
}

// botStatisticsView is what the bot did.
type botStatisticsView struct {
	Questions  int64          `json:"questions"`
	Answered   int64          `json:"answered"`
	Suggested  int64          `json:"suggested"`
	Accepted   int64          `json:"accepted" doc:"Suggestions that were tapped"`
	Missed     int64          `json:"missed"`
	Up         int64          `json:"up"`
	Down       int64          `json:"down"`
	Self       int64          `json:"self_service" doc:"Sessions that were answered and closed without a seat"`
	HitRate    *float64       `json:"hit_rate,omitempty"`
	AcceptRate *float64       `json:"accept_rate,omitempty"`
	MissRate   *float64       `json:"miss_rate,omitempty"`
	SelfRate   *float64       `json:"self_service_rate,omitempty"`
	Top        []entryHitView `json:"top_questions" doc:"Entries that answered most, at most 20"`
	Never      []entryHitView `json:"never_hit" doc:"Entries in use that answered nothing, at most 50"`
	NeverCount int64          `json:"never_hit_count"`
}

type heatView struct {
	Weekday  int      `json:"weekday" doc:"1 Monday … 7 Sunday"`
	Hour     int      `json:"hour" doc:"0 … 23"`
	Sessions int64    `json:"sessions"`
	Handoffs int64    `json:"handoffs"`
	Online   *float64 `json:"seats_online,omitempty" doc:"How many were online on average, in the hours that have been; missing: not known"`
}

// serviceStatisticsView is the page of service statistics.
type serviceStatisticsView struct {
	Range    statRangeView     `json:"range"`
	Funnel   []figureView      `json:"funnel" doc:"Sessions that got so far, in order"`
	Handoffs []reasonCountView `json:"handoff_reasons"`
	Closes   []reasonCountView `json:"close_reasons"`
	Figures  []figureView      `json:"figures"`
	Days     []serviceDayView  `json:"days"`
	Seats    []serviceSeatView `json:"seats"`
	Bot      botStatisticsView `json:"bot"`
	Heat     []heatView        `json:"heat" doc:"Hours of the week in which something was counted"`
	Known    *Instant          `json:"online_since,omitempty" doc:"Since when it is recorded which seats are online; missing: nothing is"`
}

type commentView struct {
	SessionID    ID           `json:"session_id"`
	Employee     string       `json:"employee"`
	EmployeeName string       `json:"employee_name"`
	Seat         string       `json:"seat"`
	SeatName     string       `json:"seat_name"`
	Rating       model.Rating `json:"rating,omitempty" enum:"good,fair,bad"`
	Reasons      []string     `json:"reasons"`
	Comment      string       `json:"comment"`
	At           Instant      `json:"at" doc:"When it was said"`
}

// definitionView says what a figure means.
type definitionView struct {
	Key      string   `json:"key"`
	Page     string   `json:"page" enum:"survey,service"`
	Unit     string   `json:"unit" enum:"count,share,ms"`
	Name     wordView `json:"name"`
	Text     wordView `json:"definition"`
	ByReason bool     `json:"by_reason" doc:"It comes by reason; statistics/sessions takes one"`
	Sessions bool     `json:"sessions" doc:"statistics/sessions lists what is behind it"`
}

type wordView struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}
