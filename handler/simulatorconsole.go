package handler

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// SimConsole is what an administrator sees and saves in the console of the simulated WeCom
// (管理后台).
type SimConsole interface {
	// ConsoleApps are the corp's self-built apps.
	ConsoleApps() []SimConsoleApp
	// SaveCallback asks the address for an echo, as WeCom does, and keeps it if that comes back;
	// otherwise it is a conflict that says why.
	SaveCallback(ctx context.Context, agentID int64, c SimCallback) error
}

// SimConsoleApp is an app's page in the console.
type SimConsoleApp struct {
	AgentID  int64  `json:"agentid"`
	Name     string `json:"name"`
	CorpID   string `json:"corp_id"`
	Secret   string `json:"secret" doc:"Of an app that is played"`
	Callback string `json:"callback" doc:"The address saved under 设置API接收; empty: none"`
}

// SimCallback is what is saved under 接收消息 → 设置API接收.
type SimCallback struct {
	URL    string `json:"url" minLength:"1" maxLength:"1024"`
	Token  string `json:"token" minLength:"1" maxLength:"64"`
	AESKey string `json:"aes_key" minLength:"1" maxLength:"64"`
}

type consoleApps struct {
	Items []SimConsoleApp `json:"items" nullable:"false"`
}

func (h *Simulator) registerConsole(api huma.API) {
	console := h.cfg.Console
	operation(api, get("listConsoleApps", "/console/apps", "The apps, as an administrator sees them"),
		func(context.Context, *nothing) (*body[consoleApps], error) {
			return &body[consoleApps]{consoleApps{console.ConsoleApps()}}, nil
		})
	type save struct {
		AgentID int64 `path:"agentid"`
		Body    SimCallback
	}
	op := huma.Operation{
		OperationID: "saveCallback", Method: http.MethodPut, Path: SimPrefix + "/console/apps/{agentid}/callback", Summary: "Save the callback's address",
	}
	operation(api, op, func(ctx context.Context, in *save) (*nothing, error) {
		return &nothing{}, console.SaveCallback(ctx, in.AgentID, in.Body)
	})
}
