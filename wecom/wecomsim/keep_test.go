package wecomsim_test

import (
	"fmt"
	"strings"
	"testing"

	"deskmate/wecom/wecomsim"
)

func TestScreenForgetsTheOldest(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := newDesk(t, e)
	if err := e.SetCallback(t.Context(), agent, d.server.URL, token, aesKey); err != nil {
		t.Fatal(err)
	}
	const many = 20_001 // nothing is sent: Run does not run
	msgID, responseCode := e.sendCard(t, "lisi", buttons("old", nil))
	for i := range many {
		if e.Say(agent, "lisi", fmt.Sprint(i)) == "" {
			t.Fatal("nothing was said")
		}
	}
	shown := e.Screen(agent, "lisi")
	if len(shown) >= many || shown[len(shown)-1].Text != fmt.Sprint(many-1) || e.Shown(agent, "LISI") != many+1 {
		t.Errorf("%d bubbles of %d, the last says %q", len(shown), e.Shown(agent, "lisi"), shown[len(shown)-1].Text)
	}
	first := many + 1 - len(shown)
	at, b := e.await(t, "lisi", 0, func(wecomsim.Bubble) bool { return true })
	if at != first+1 || b.Text != fmt.Sprint(first-1) { // the card was the first
		t.Errorf("the first that is left is number %d and says %q", at, b.Text)
	}
	at, b = e.await(t, "lisi", many, func(wecomsim.Bubble) bool { return true })
	if at != many+1 || b.Text != fmt.Sprint(many-1) {
		t.Errorf("the last is number %d and says %q", at, b.Text)
	}
	if e.Click(agent, "lisi", msgID, "good") == nil {
		t.Error("a card that was forgotten was pressed")
	}
	accepted(t, e.post(t, updatePath, update(responseCode, nil)))
	accepted(t, e.post(t, "message/recall", map[string]any{"msgid": msgID}))
	if len(e.Deliveries()) > 20_000 {
		t.Errorf("%d deliveries are remembered", len(e.Deliveries()))
	}
}

func TestCallsKeepPartOfLargeBodies(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	refused(t, e.post(t, "message/send", message("markdown", map[string]any{"content": strings.Repeat("x", 100_000)})), 45002)
	calls := e.Calls()
	if n := len(calls[len(calls)-1].Body); n != 64<<10 {
		t.Errorf("%d bytes are remembered", n)
	}
}

func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	refused(t, e.upload(t, "file", "media", "a.bin", make([]byte, 25<<20)), 45001)
	refused(t, e.upload(t, "file", "media", "a.bin", make([]byte, 20<<20+1)), 40006)
}
