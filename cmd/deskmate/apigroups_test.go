package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"
)

// A bot is bound over the API, its state seen, and its secrets never.
func TestGroupBot(t *testing.T) {
	t.Parallel()
	w, owner := newAPIWorld(t)
	admin := owner
	admin.token = w.run(t, "admin", "token", "create", "boss", "--role", "super_admin")
	state := func(want string) value {
		t.Helper()
		var got value
		err := within(patience, func(context.Context) (bool, error) {
			got = owner.do(http.MethodGet, "/group-bot", "", http.StatusOK) //nolint:contextcheck // the client has its own patience
			return got.at("state").String() == want, nil
		})
		if err != nil {
			t.Fatalf("the bot's state: %s, want %s: %v\n%s", got, want, err, w.logs())
		}
		return got
	}
	state("none")
	owner.do(http.MethodPut, "/settings/group", `{"join":true}`, http.StatusBadRequest).is("no_bot", "error", "reason")
	bind := func(secret string) string {
		return fmt.Sprintf(`{"bot_id":" %s\n","name":"客服","mode":"connection","secret":%q}`, scriptBot, secret)
	}
	owner.do(http.MethodPut, "/group-bot", bind("x"), http.StatusForbidden)
	admin.do(http.MethodPut, "/group-bot", `{"bot_id":"aib1","mode":"connection"}`, http.StatusBadRequest).is("secret", "error", "reason")
	admin.do(http.MethodPut, "/group-bot", `{"bot_id":"a b","mode":"connection","secret":"x"}`, http.StatusBadRequest).is("bot_id", "error", "reason")
	admin.do(http.MethodPut, "/group-bot", bind("wrong"), http.StatusOK).is(scriptBot, "bot_id")
	state("down").is("refused", "reason")
	admin.do(http.MethodPut, "/group-bot", bind(scriptBotSecret), http.StatusOK)
	state("up")
	owner.do(http.MethodPut, "/settings/group", `{"join":true}`, http.StatusOK).is(true, "group", "join")
	// What isn't given stays.
	admin.do(http.MethodPut, "/group-bot", fmt.Sprintf(`{"bot_id":%q,"mode":"connection"}`, scriptBot), http.StatusOK).is(true, "join")
	state("up")

	// Another mode has other secrets; those that are made for it are told once.
	admin.do(http.MethodPut, "/group-bot", fmt.Sprintf(`{"bot_id":%q,"mode":"callback"}`, scriptBot), http.StatusBadRequest).is("token", "error", "reason")
	made := admin.do(http.MethodPut, "/group-bot", fmt.Sprintf(`{"bot_id":%q,"mode":"callback","token":"generate","encoding_aes_key":"generate"}`, scriptBot), http.StatusOK)
	if token, key := made.at("token").String(), made.at("encoding_aes_key").String(); len(token) < 20 || len(key) != 43 {
		t.Errorf("generated %q and %q", token, key)
	}
	waiting := state("waiting")
	waiting.is("/callback/"+scriptKey+"/aibot", "callback_path")
	if _, told := waiting.v.(map[string]any)["token"]; told {
		t.Error("the token is told twice")
	}
	admin.do(http.MethodDelete, "/group-bot", "", http.StatusNoContent)
	state("none").is(false, "join")
	owner.do(http.MethodGet, "/group-chats", "", http.StatusOK).is("[]", "items")
	owner.do(http.MethodGet, "/group-chats?after=x", "", http.StatusBadRequest).is("after", "error", "reason")
}

func TestHourPreviews(t *testing.T) {
	t.Parallel()
	_, c := newAPIWorld(t)
	day := func(holidays bool) string {
		return fmt.Sprintf(`{"always":false,"week":[[],[],[],[],[],[],[]],"holidays":%v,"days":[],"off":"queue","off_text":""}`, holidays)
	}
	got := c.do(http.MethodPost, "/hour-previews?days=400", day(true), http.StatusOK)
	got.is("week", "days", 0, "why")
	if years := got.at("unknown_years"); years.String() == "[]" {
		t.Error("every year is known for ever")
	}
	c.do(http.MethodPost, "/hour-previews?days=400", day(false), http.StatusOK).is("[]", "unknown_years")
	c.do(http.MethodPost, "/hour-previews", `{"always":false,"week":[[{"from":"10:00","to":"09:00"}],[],[],[],[],[],[]],"holidays":false,"days":[],"off":"queue","off_text":""}`, http.StatusBadRequest).
		is("hours", "error", "reason")
	c.do(http.MethodGet, "/settings", "", http.StatusOK).is(true, "hours", "always")
}
