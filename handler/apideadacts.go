package handler

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"deskmate/model"
)

// deadKeyBody names a dead letter as it was seen.
type deadKeyBody struct {
	ID      ID `json:"id"`
	Version ID `json:"version"`
}

// DeadChoice says which dead letters are meant: those that are named, or all that match.
type DeadChoice struct {
	Items []deadKeyBody `json:"items,omitempty" maxItems:"200" doc:"These, as they were seen"`
	All   *DeadSearch   `json:"all,omitempty" doc:"In place of items: all that match, the oldest first, at most 2,000 a request"`
}

// deadDone says what was done.
type deadDone struct {
	Done    int  `json:"done"`
	Skipped int  `json:"skipped" doc:"Sent again or put away by somebody else meanwhile, taken back by their writers, or may arrive twice"`
	More    bool `json:"more" doc:"More match than one request takes: ask again"`
}

func (a *API) registerDeadActs(s surface) {
	type retryDead struct {
		AccountPath
		Body struct {
			DeadChoice
			MayRepeat bool `json:"may_repeat,omitempty" doc:"Also what may have arrived already, and would then arrive twice"`
		}
	}
	within(s, call(http.MethodPost, "retryDeadLetters", account+"/dead-letter-retries", deadTag, "Send some again, each once, whoever else asks for it; audited"),
		func(ctx context.Context, acc model.Account, in *retryDead) (*body[deadDone], error) {
			if all := in.Body.All; all != nil && !in.Body.MayRepeat {
				all.State = string(model.OutDead)
			}
			done, err := a.eachDead(ctx, acc, in.Body.DeadChoice, func(keys []model.DeadKey) (int, error) {
				entry, err := a.deadEntry(ctx, acc, "deadletter.retried", keys, map[string]any{"may_repeat": in.Body.MayRepeat})
				if err != nil {
					return 0, err
				}
				ids, err := a.cfg.DeadLetters.RetryDead(ctx, acc.ID, keys, in.Body.MayRepeat, entry)
				return len(ids), err
			})
			if done.Done > 0 {
				a.cfg.Wake(ctx, model.LaneOut, model.LaneGroup)
			}
			return reply(done, err)
		})
	type discardDead struct {
		AccountPath
		Body struct {
			DeadChoice
			Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"Why nobody needs them any more, for the audit log"`
		}
	}
	within(s, call(http.MethodPost, "discardDeadLetters", account+"/dead-letter-discards", deadTag, "Put some away for good; audited"),
		func(ctx context.Context, acc model.Account, in *discardDead) (*body[deadDone], error) {
			done, err := a.eachDead(ctx, acc, in.Body.DeadChoice, func(keys []model.DeadKey) (int, error) {
				entry, err := a.deadEntry(ctx, acc, "deadletter.discarded", keys, map[string]any{"reason": in.Body.Reason})
				if err != nil {
					return 0, err
				}
				return a.cfg.DeadLetters.DiscardDead(ctx, acc.ID, keys, entry)
			})
			return reply(done, err)
		})
}

// deadEntry is what the audit log has of an act on some dead letters.
func (a *API) deadEntry(ctx context.Context, acc model.Account, action string, keys []model.DeadKey, more map[string]any) (model.Audit, error) {
	who := callerFrom(ctx)
	more["count"] = len(keys)
	target := ""
	if len(keys) == 1 {
		target = strconv.FormatUint(keys[0].ID, 10)
	}
	text, err := json.Marshal(more)
	return model.Audit{
		AccountID: acc.ID, AtMS: a.cfg.Now().UnixMilli(), Actor: auditName(who), Action: action, Target: target, After: string(text), From: who.from,
	}, err
}

var errNoChoice = model.Invalid("no_choice", "name items, or all that match, and not both")

// eachDead does something with the dead letters chosen, as many at once as a transaction takes.
// Those that match are listed first and then worked off from the oldest on, so that people get
// what they missed in its order.
func (a *API) eachDead(ctx context.Context, acc model.Account, choice DeadChoice, do func([]model.DeadKey) (int, error)) (deadDone, error) {
	var out deadDone
	if (choice.All == nil) == (len(choice.Items) == 0) {
		return out, errNoChoice
	}
	keys := make([]model.DeadKey, 0, len(choice.Items))
	for _, item := range choice.Items {
		keys = append(keys, model.DeadKey{ID: item.ID.number(), Seq: item.Version.number()})
	}
	if choice.All != nil {
		var err error
		if keys, out.More, err = a.matchingDead(ctx, acc, *choice.All); err != nil {
			return out, err
		}
	}
	for len(keys) > 0 {
		some := keys[:min(deadBatch, len(keys))]
		keys = keys[len(some):]
		n, err := do(some)
		if err != nil {
			return out, err
		}
		out.Done += n
		out.Skipped += len(some) - n
	}
	return out, nil
}

// matchingDead lists the dead letters that match, the oldest first.
func (a *API) matchingDead(ctx context.Context, acc model.Account, in DeadSearch) (keys []model.DeadKey, more bool, err error) {
	f, err := in.filter(acc)
	if err != nil {
		return nil, false, err
	}
	f.Oldest = true
	for behind := uint64(0); len(keys) < deadMost; {
		rows, err := a.cfg.DeadLetters.DeadLetters(ctx, f, behind, deadBatch)
		if err != nil {
			return nil, false, err
		}
		for _, r := range rows {
			keys = append(keys, r.DeadKey())
			behind = r.ID
		}
		if len(rows) < deadBatch {
			return keys, false, nil
		}
	}
	return keys, true, nil
}

// accountDeadView is what of an account could not be sent.
type accountDeadView struct {
	Account   string `json:"account"`
	Name      string `json:"name"`
	Avatar    string `json:"avatar,omitempty" doc:"Where the account's picture lies; missing for none"`
	Dead      int    `json:"dead" doc:"Counted up to 1,000"`
	Uncertain int    `json:"uncertain" doc:"Of which nobody knows whether they arrived; counted up to 1,000"`
}

func (a *API) registerDeadOverview(s surface) {
	operation(s.API, call(http.MethodGet, "listDeadLetterAccounts", "/dead-letters", deadTag, "How many each account has"),
		func(ctx context.Context, _ *nothing) (*body[Listed[accountDeadView]], error) {
			accounts, err := a.cfg.Accounts.Accounts(ctx)
			if err != nil {
				return nil, err
			}
			out := Listed[accountDeadView]{Items: make([]accountDeadView, 0, len(accounts))}
			for _, acc := range accounts {
				load, err := a.cfg.System.AccountLoad(ctx, acc.ID)
				if err != nil {
					return nil, err
				}
				out.Items = append(out.Items, accountDeadView{acc.Key, acc.Name, avatarAt(acc.Key, acc.Profile.Avatar), load.Dead, load.Uncertain})
			}
			return reply(out, nil)
		})
}
