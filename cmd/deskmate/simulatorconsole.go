package main

import (
	"context"
	"net/url"
	"strings"

	"deskmate/handler"
	"deskmate/model"
)

// ConsoleApps implements [handler.SimConsole].
func (s *simulator) ConsoleApps() []handler.SimConsoleApp {
	var list []handler.SimConsoleApp
	for _, app := range s.corp.Apps {
		list = append(list, handler.SimConsoleApp{
			AgentID: app.AgentID, Name: app.Name, CorpID: s.corp.CorpID, Secret: demoSecret(app.AgentID), Callback: s.sim.CallbackURL(app.AgentID),
		})
	}
	return list
}

// SaveCallback implements [handler.SimConsole].
func (s *simulator) SaveCallback(ctx context.Context, agentID int64, c handler.SimCallback) error {
	c.URL, c.Token, c.AESKey = strings.TrimSpace(c.URL), strings.TrimSpace(c.Token), strings.TrimSpace(c.AESKey)
	if err := s.sim.SetCallback(ctx, agentID, c.URL, c.Token, c.AESKey); err != nil {
		return &model.Error{Code: model.CodeConflict, Reason: "callback_refused", Message: err.Error(), Err: err}
	}
	return s.keepCallback(agentID, demoCallback(c))
}

// demoCallback is a callback's address that somebody saved in the simulated console.
type demoCallback struct {
	URL    string `json:"url"`
	Token  string `json:"token"`
	AESKey string `json:"aes_key"`
}

// keepCallback remembers it for the next start.
func (d *demo) keepCallback(agentID int64, c demoCallback) error {
	return d.keep(func(k *demoKept) {
		if k.Callbacks == nil {
			k.Callbacks = map[int64]demoCallback{}
		}
		k.Callbacks[agentID] = c
	})
}

// restoreCallbacks saves again, at the address of this start, what was saved before. What no
// longer answers, because its account was deleted, is left.
func (d *demo) restoreCallbacks(ctx context.Context, addr string) {
	d.mu.Lock()
	kept := d.kept.Callbacks
	d.mu.Unlock()
	for agentID, c := range kept {
		if u, err := url.Parse(c.URL); err == nil {
			_ = d.sim.SetCallback(ctx, agentID, "http://"+addr+u.Path, c.Token, c.AESKey)
		}
	}
}
