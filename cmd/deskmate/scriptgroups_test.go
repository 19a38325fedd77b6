package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"deskmate/wecom/wecomsim"
)

// The one AI bot and group of every script's corp.
const (
	scriptBot       = "aib-script"
	scriptBotSecret = "script-bot-secret"
	scriptGroup     = "wrProject"
)

// groups are the bot and the group of every script.
func (w *world) groups() error {
	w.sim.SetAddress(w.api.URL)
	if err := w.sim.AddBot(wecomsim.Bot{ID: scriptBot, Secret: scriptBotSecret, Name: "客服"}); err != nil {
		return err
	}
	return w.sim.AddGroup(wecomsim.Group{ID: scriptGroup, Name: "项目群", Bot: scriptBot, Members: []string{"wang", "zhang", "sun"}})
}

// group [-image|-alone] WHO TEXT: WHO writes in the group; @客服 calls the bot.
func cmdGroup(ts *testscript.TestScript, neg bool, args []string) {
	kind := ""
	if len(args) == 3 {
		kind, args = args[0], args[1:]
	}
	want(ts, neg, len(args) == 2, "group [-image|-alone] WHO TEXT")
	sim, p := worldOf(ts).sim, wecomsim.BotPost{Text: strings.ReplaceAll(args[1], `\n`, "\n")}
	var err error
	switch kind {
	case "-alone":
		_, err = sim.PostAlone(scriptBot, args[0], p)
	case "-image":
		p.Images = [][]byte{[]byte("\xff\xd8\xff\xe0 a small picture")}
		_, err = sim.Post(scriptGroup, args[0], p)
	default:
		_, err = sim.Post(scriptGroup, args[0], p)
	}
	ts.Check(err)
}

// hears [-alone WHO] TEXT: the next thing that the bot says in the group, or to WHO, is TEXT.
func cmdHears(ts *testscript.TestScript, neg bool, args []string) {
	chat := scriptGroup
	if len(args) == 3 && args[0] == "-alone" {
		chat, args = wecomsim.SingleChat(scriptBot, args[1]), args[2:]
	}
	want(ts, neg, len(args) == 1, "hears [-alone WHO] TEXT")
	w := worldOf(ts)
	at := w.cursors[chat]
	err := within(patience, func(context.Context) (bool, error) {
		for i, b := range w.sim.GroupScreen(chat)[at:] {
			if b.From != wecomsim.FromBot {
				continue
			}
			w.cursors[chat] = at + i + 1
			if got := strings.ReplaceAll(words(b), "\n", " "); got != args[0] {
				ts.Fatalf("the group hears %q, want %q", got, args[0])
			}
			return true, nil
		}
		return false, nil
	})
	if err != nil {
		ts.Fatalf("the group doesn't hear %q: %v\n%s", args[0], err, w.logs())
	}
}

// silence: the bot says nothing more in the group.
func cmdSilence(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 0, "silence")
	w := worldOf(ts)
	ts.Check(w.settle())
	for _, b := range w.sim.GroupScreen(scriptGroup)[w.cursors[scriptGroup]:] {
		if b.From == wecomsim.FromBot {
			ts.Fatalf("the group hears %q, want nothing", words(b))
		}
	}
}

// bot connected|callback|break: waits for the bot's connection, gives the bot a callback URL, or
// breaks its connection.
func cmdBot(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "bot connected|callback|break")
	w := worldOf(ts)
	switch args[0] {
	case "connected":
		ts.Check(within(patience, func(context.Context) (bool, error) { return w.sim.BotConnected(scriptBot), nil }))
	case "break":
		ts.Check(w.sim.DisconnectBot(scriptBot))
	case "callback":
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		url := fmt.Sprintf("%s/callback/%s/aibot", w.front.URL, scriptKey)
		ts.Check(w.sim.SetBotCallback(ctx, scriptBot, url, scriptToken, scriptAESKey))
	default:
		ts.Fatalf("a bot can't %q", args[0])
	}
}
