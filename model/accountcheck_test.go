package model_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"deskmate/model"
)

// What an account file refuses the console refuses, too; each names what is wrong.
func TestAccountChecks(t *testing.T) {
	t.Parallel()
	day := []model.Span{{From: 540, To: 1080}}
	week := make([][]model.Span, 7)
	week[1] = day
	window := func(title, url string) model.Profile {
		return model.Profile{ServiceWindow: model.ServiceWindow{Title: title, URL: url}}
	}
	words := func(title, body string) model.SurveyWords { return model.SurveyWords{Title: title, Body: body} }
	for name, tt := range map[string]struct {
		err    error
		reason string
	}{
		"a profile":            {model.Profile{Landline: "0755-123"}.Check("IT 服务台"), ""},
		"no name":              {model.Profile{}.Check("  "), "name"},
		"a long name":          {model.Profile{}.Check(strings.Repeat("服", 41)), "name"},
		"a name of 40":         {model.Profile{}.Check(strings.Repeat("服", 40)), ""},
		"letters in a number":  {model.Profile{Landline: "0755-12a"}.Check("IT"), "landline"},
		"a long description":   {model.Profile{Description: strings.Repeat("a", 251)}.Check("IT"), "description"},
		"a window":             {window("自助平台", "https://it.example.com").Check("IT"), ""},
		"half a window":        {window("自助平台", "").Check("IT"), "service_window"},
		"a script as a window": {window("自助平台", "javascript:alert(1)").Check("IT"), "service_window"},
		"keywords":             {model.Handoff{Keywords: []string{"人工"}}.Check(), ""},
		"a keyword twice":      {model.Handoff{Keywords: []string{"Help", "help"}}.Check(), "keywords"},
		"an empty keyword":     {model.Handoff{Keywords: []string{""}}.Check(), "keywords"},
		"clocks":               {model.Timers{Idle: 10 * time.Minute, Warn: time.Minute, Owed: model.Never}.Check(), ""},
		"a late warning":       {model.Timers{Idle: time.Minute, Warn: time.Minute}.Check(), "warn"},
		"a warning of no end":  {model.Timers{Warn: time.Minute, Owed: model.Never}.Check(), "warn"},
		"an early reassign":    {model.Timers{Remind: 2 * time.Minute, Reassign: time.Minute}.Check(), "reassign"},
		"a year":               {model.Timers{Idle: 366 * 24 * time.Hour}.Check(), "timers"},
		"a survey":             {model.SurveyRule{AskReason: true, Reasons: []string{"太慢"}}.Check(), ""},
		"no reasons":           {model.SurveyRule{AskReason: true}.Check(), "reasons"},
		"a long reason":        {model.SurveyRule{Reasons: []string{strings.Repeat("慢", 18)}}.Check(), "reasons"},
		"21 reasons":           {model.SurveyRule{Reasons: strings.Fields("a b c d e f g h i j k l m n o p q r s t u")}.Check(), "reasons"},
		"a short survey":       {model.SurveyRule{Expires: time.Minute}.Check(), "expires"},
		"a survey of 8 days":   {model.SurveyRule{Expires: 8 * 24 * time.Hour}.Check(), "expires"},
		"31 days of peace":     {model.SurveyRule{Quiet: 31 * 24 * time.Hour}.Check(), "quiet"},
		"words that just fit":  {words(strings.Repeat("评", 36), strings.Repeat("说", 100)).Check(), ""},
		"a long title":         {words(strings.Repeat("评", 37), "").Check(), "words"},
		"a title in two lines": {words("请\n评价", "").Check(), "words"},
		"a body in two lines":  {words("", "谢谢\n您").Check(), ""},
		"a long body":          {words("", strings.Repeat("说", 101)).Check(), "words"},
		"a bell in the body":   {words("", "谢\a谢").Check(), "words"},
		"a long button":        {model.SurveyWords{Good: strings.Repeat("好", 11)}.Check(), "words"},
		"two buttons the same": {model.SurveyWords{Good: "一般"}.Check(), "words"},
		"no hours":             {(*model.Hours)(nil).Check(), ""},
		"hours":                {(&model.Hours{Week: week}).Check(), ""},
		"hours of nothing":     {(&model.Hours{}).Check(), "hours"},
		"a night in one part":  {(&model.Hours{Week: week, Days: map[int][]model.Span{20261231: {{From: 1320, To: 360}}}}).Check(), "hours"},
		"parts that overlap":   {(&model.Hours{Week: week, Days: map[int][]model.Span{20261231: {day[0], day[0]}}}).Check(), "hours"},
		"no such day":          {(&model.Hours{Days: map[int][]model.Span{20260230: day}}).Check(), "hours"},
	} {
		var e *model.Error
		if errors.As(tt.err, &e); (e == nil) != (tt.reason == "") || e != nil && e.Reason != tt.reason {
			t.Errorf("%s: %v, want %q", name, tt.err, tt.reason)
		}
	}
}
