package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// Checker checks what an account and the installation under it need.
type Checker interface {
	// Checks runs those named, or all, and gives them in an order of their own.
	Checks(ctx context.Context, acc model.Account, only []string) []model.Check
}

// checkView is what a check found. Pages say it in words of their own; detail is for operators.
type checkView struct {
	ID     string            `json:"id" example:"trusted_ip" doc:"token, trusted_ip, app, callback, visible_range, scope, seats, domain, public_url, clock, database, schema, redis, files, calendar, llm"`
	State  model.CheckState  `json:"state" enum:"ok,warn,failed,unknown"`
	Reason string            `json:"reason" example:"ip_not_trusted" doc:"A word for why; empty where there is nothing to say"`
	Facts  map[string]string `json:"facts" doc:"What belongs to the reason: ip, code, outside, host"`
	Screen string            `json:"screen" doc:"The screen of WeCom's console where it is mended: app, secret, corp, trusted_ip, callback, visible_range, domain; empty for none"`
	Detail string            `json:"detail" doc:"What was found, as 'deskmate doctor' says it; of the installation for super admins only"`
	Advice string            `json:"advice" doc:"What to do about it, as 'deskmate doctor' says it"`
}

// ofAccount are the checks whose details are an owner's business; the others' may name hosts.
func ofAccount(id string) bool {
	switch id {
	case "token", "trusted_ip", "app", "callback", "visible_range", "scope", "seats", "domain":
		return true
	}
	return false
}

func (a *API) registerChecks(s surface) {
	type which struct {
		AccountPath
		Only []string `query:"only,explode" maxItems:"20" doc:"Ids of checks, each given once; without any all"`
	}
	within(s, call(http.MethodGet, "getChecks", account+"/checks", setupTag, "Check now what 'deskmate doctor' checks, beside each other and each for at most 8 s"),
		func(ctx context.Context, acc model.Account, in *which) (*body[Listed[checkView]], error) {
			all := actorFrom(ctx).Role == model.RoleSuperAdmin
			return listed(a.cfg.Checker.Checks(ctx, acc, in.Only), nil, func(c model.Check) checkView {
				v := checkView{ID: c.ID, State: c.State, Reason: c.Reason, Facts: c.Facts, Screen: c.Screen, Detail: c.Detail, Advice: c.Advice}
				if v.Facts == nil {
					v.Facts = map[string]string{}
				}
				if !all && !ofAccount(c.ID) {
					v.Detail = ""
				}
				return v
			})
		})
}
