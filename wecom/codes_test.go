package wecom_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom"
)

// TestErrcodes goes through every errcode that WeCom documents for our calls (doc
// path/90313).
func TestErrcodes(t *testing.T) {
	t.Parallel()
	type want struct {
		Class wecom.Class
		After time.Duration
	}
	retry := want{Class: wecom.ClassRetry}
	minute := want{Class: wecom.ClassRetry, After: time.Minute}
	second := want{Class: wecom.ClassRetry, After: time.Second}
	refresh := want{Class: wecom.ClassRefresh, After: time.Minute}
	drop := want{Class: wecom.ClassDrop}
	alert := want{Class: wecom.ClassAlert, After: time.Minute}
	rows := []struct {
		name  string
		want  want
		codes []int64
	}{
		{"busy", retry, []int64{-1}},
		{"secret", alert, []int64{40001, 40013, 40091, 41002, 41004}},
		{"member", drop, []int64{40003, 60111, 46004}},
		{"file", drop, []int64{40004, 40006, 40009, 40011, 40123, 44001, 45001, 45007, 301016, 301017}},
		{"parameter", drop, []int64{40005, 40008, 40058, 40063, 41016, 41033, 44004, 45008, 45034, 47001}},
		{"media_id", drop, []int64{40007, 41006}},
		{"access_token", refresh, []int64{40014, 42001, 41001}},
		{"oauth_code", drop, []int64{40029, 42022}},
		{"escapes", drop, []int64{40033}},
		{"lists", drop, []int64{40035, 40031, 40032, 82001, 82002, 82003}},
		{"groups", drop, span(86001, 86008, span(86201, 86220, []int64{40050}))},
		{"app", alert, []int64{40056, 41011, 301002}},
		{"callback_url", alert, []int64{40057}},
		{"confidential_news", drop, []int64{40074}},
		{"js_ticket", alert, []int64{40093, 42012, 91040, 80001}},
		{"card", drop, span(42014, 42020, []int64{42045})},
		{"plug_in", drop, []int64{43004}},
		{"length", drop, []int64{45002, 45029}},
		{"frequency", minute, []int64{45009}},
		{"parallel", second, []int64{45033}},
		{"no_menu", drop, []int64{46003}},
		{"permission", alert, []int64{48002, 48005, 48006, 48009}},
		{"domain", alert, []int64{50001, 85005}},
		{"visible_range", drop, []int64{50002, 60011, 60021, 92000}},
		{"app_disabled", alert, []int64{50003}},
		{"department", drop, []int64{60003, 60123}},
		{"trusted_ip", alert, []int64{60020}},
		{"no_receiver", drop, []int64{81013}},
		{"user_ticket", drop, []int64{84014, 84015}},
		{"webhook", alert, []int64{93000, 93004, 93008}},
		{"customer_service", alert, []int64{95000, 95004, 95014, 95017}},
		{"ai_bot", drop, []int64{846605, 846608}},
		{"unknown", alert, []int64{1, -2, 99999, 123456789}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for _, code := range row.codes {
				e := &wecom.APIError{Endpoint: "message/send", Code: code}
				if diff := cmp.Diff(row.want, want{Class: e.Class(), After: e.After()}); diff != "" {
					t.Errorf("errcode %d: %s", code, diff)
				}
			}
		})
	}
}

// span adds all codes from first to last to list.
func span(first, last int64, list []int64) []int64 {
	for code := first; code <= last; code++ {
		list = append(list, code)
	}
	return list
}
