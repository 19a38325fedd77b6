package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// setupView is how far the setting-up of an account has come.
type setupView struct {
	Key          string       `json:"key"`
	Name         string       `json:"name"`
	Enabled      bool         `json:"enabled"`
	Removing     bool         `json:"removing" doc:"It is being deleted"`
	Version      uint64       `json:"version"`
	CorpID       string       `json:"corp_id"`
	AgentID      int64        `json:"agent_id"`
	PublicURL    string       `json:"public_url" doc:"Where WeCom reaches this server; empty: not configured"`
	CallbackPath string       `json:"callback_path" example:"/callback/it"`
	Callback     callbackView `json:"callback"`
	Steps        stepsView    `json:"steps"`
	Admins       []string     `json:"admins" doc:"Names of super admins, who may connect an account"`
}

// callbackView is what is known of WeCom's way here, with the token and key of now.
type callbackView struct {
	Verified Instant `json:"verified_at,omitempty" doc:"WeCom checked the address, as it does when it is saved"`
	Received Instant `json:"received_at,omitempty" doc:"The last callback, to the minute"`
	Refused  Instant `json:"refused_at,omitempty" doc:"The last one that was refused"`
	Refusal  string  `json:"refusal,omitempty" doc:"Why: bad_signature, bad_aes_key, bad_receiveid …"`
}

// stepsView says which steps are done.
type stepsView struct {
	Connected bool `json:"connected" doc:"WeCom has called"`
	Seats     bool `json:"seats"`
	Knowledge bool `json:"knowledge"`
	Tried     bool `json:"tried" doc:"Somebody has written to it"`
}

func connected(r model.CallbackRecord) bool { return max(r.VerifiedMS, r.ReceivedMS) > 0 }

func (a *API) registerSetupState(s surface) {
	within(s, call(http.MethodGet, "getSetup", account+"/setup", setupTag, "How far the setting-up of the account has come"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*tagged[setupView], error) {
			v, err := a.setup(ctx, acc)
			return replyTagged(v, acc.Version, err)
		})
}

func (a *API) setup(ctx context.Context, acc model.Account) (setupView, error) {
	v := setupView{
		Key: acc.Key, Name: acc.Name, Enabled: acc.Enabled, Version: acc.Version, CorpID: acc.CorpID, AgentID: acc.AgentID,
		PublicURL: a.cfg.PublicURL, CallbackPath: callbackPath(acc.Key), Admins: []string{},
	}
	record, err := a.cfg.Setup.CallbackRecord(ctx, acc.ID)
	if err != nil {
		return v, err
	}
	figures, err := a.cfg.Figures.AccountFigures(ctx, acc.ID, a.startOfDay())
	if err != nil {
		return v, err
	}
	admins, err := a.cfg.Logins.SuperAdmins(ctx)
	if err != nil {
		return v, err
	}
	for _, admin := range admins {
		if admin.CorpID == model.Fold(acc.CorpID) {
			v.Admins = append(v.Admins, admin.Name)
		}
	}
	v.Callback = callbackView{
		Verified: NewInstant(record.VerifiedMS), Received: NewInstant(record.ReceivedMS), Refused: NewInstant(record.RefusedMS), Refusal: record.Refusal,
	}
	v.Steps = stepsView{Connected: connected(record), Seats: figures.Seats > 0, Knowledge: figures.Entries, Tried: figures.Tried}
	removing, err := a.removing(ctx)
	v.Removing = removing[acc.ID]
	return v, err
}

// removing are the accounts that are being deleted.
func (a *API) removing(ctx context.Context) (map[uint64]bool, error) {
	list, err := a.cfg.Setup.Removals(ctx)
	ids := make(map[uint64]bool, len(list))
	for _, r := range list {
		ids[r.AccountID] = true
	}
	return ids, err
}
