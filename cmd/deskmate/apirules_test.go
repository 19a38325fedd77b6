package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"deskmate/config"
)

// What the console takes an account file takes, too, and the other way round: settings have their
// limits once.
func TestSettingsLimits(t *testing.T) {
	t.Parallel()
	_, c := newAPIWorld(t)
	settings := c.do(http.MethodGet, "/settings", "", http.StatusOK)
	file := func(own string) error {
		_, err := config.ParseAccount([]byte("key: it\nname: IT\ncorp_id: ww1\nagent_id: 1\nsecret: s\ntoken: t\n"+
			"encoding_aes_key: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG\n"+own), nil)
		return err
	}
	text := func(n int) string { return strings.Repeat("字", n) }
	window := func(title, url string) any { return map[string]any{"title": title, "url": url} }
	words := func(key, text string) any { return map[string]any{key: text} }
	for _, tt := range []struct {
		part, field string // of the API
		yaml        string // %s is the value as JSON, which is YAML
		good, bad   any
	}{
		{"profile", "alias", "alias: %s", text(40), text(41)},
		{"profile", "alias", "alias: %s", "甲乙", "甲\n乙"},
		{"profile", "landline", "landline: %s", "010-1234", "010 1234"},
		{"profile", "gender", "gender: %s", "female", "other"},
		{"profile", "description", "description: %s", text(250), text(251)},
		{"profile", "description", "description: %s", "甲\n乙", "甲\u0001乙"},
		{"profile", "department", "department: %s", text(64), text(65)},
		{"profile", "service_window", "service_window: %s", window(text(12), "https://oa.example.com/"), window(text(13), "https://oa.example.com/")},
		{"profile", "service_window", "service_window: %s", window("", ""), window("窗口", "ftp://oa")},
		{"service", "keywords", "handoff: {keywords: %s}", []string{text(20)}, []string{text(21)}},
		{"service", "keywords", "handoff: {keywords: %s}", []string{"人工", "客服"}, []string{"HELP", "help"}},
		{"service", "misses", "handoff: {misses: %s}", 100, 101},
		{"assignment", "busy_gap", "assignment: {busy_gap: %s}", 1, 0},
		{"assignment", "capacity", "assignment: {capacity: %s}", 1000, 1001},
		{"survey", "reasons", "survey: {reasons: %s}", []string{text(17)}, []string{text(18)}},
		{"survey", "words", "survey: {words: %s}", words("title", text(36)), words("title", text(37))},
		{"survey", "words", "survey: {words: %s}", words("body", text(100)), words("body", text(101))},
		{"survey", "words", "survey: {words: %s}", words("thanks", text(200)), words("thanks", text(201))},
		{"survey", "words", "survey: {words: %s}", words("good", text(10)), words("good", text(11))},
		{"survey", "words", "survey: {words: %s}", words("good", "好"), words("good", "一般")},
		{"hours", "off_text", "hours: {week: {mon-fri: \"09:00-18:00\"}, text: %s}", text(682), text(683)},
		{"retention", "records", "retention: {records: %s}", 30, 29},
		{"retention", "media", "retention: {media: %s}", 7, 6},
		{"other", "shared_percent", "limits: {shared_percent: %s}", 100, 101},
		{"other", "focus", "focus: %s", "sticky", "loose"},
		{"other", "menu", "menu: %s", "off", "maybe"},
	} {
		for value, right := range map[*any]bool{&tt.good: true, &tt.bad: false} {
			form := asJSON(t, *value)
			if err := file(fmt.Sprintf(tt.yaml, form) + "\n"); (err == nil) != right {
				t.Errorf("the file with %s %s: %v", tt.field, form, err)
			}
			old, ok := settings.at(tt.part).v.(map[string]any)
			if !ok {
				t.Fatalf("the settings have no part %s", tt.part)
			}
			part := maps.Clone(old)
			part[tt.field] = *value
			if own, some := (*value).(map[string]any); some { // what isn't given stays
				merged := maps.Clone(old[tt.field].(map[string]any))
				maps.Copy(merged, own)
				part[tt.field] = merged
			}
			status, said := c.ask(http.MethodPut, "/settings/"+tt.part, strings.NewReader(asJSON(t, part)), "application/json")
			if refused := status == http.StatusBadRequest || status == http.StatusUnprocessableEntity; refused == right || !refused && status != http.StatusOK {
				t.Errorf("the API with %s %s: %d %s", tt.field, form, status, said)
			}
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
