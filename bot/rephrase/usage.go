package rephrase

import (
	"context"

	"deskmate/model"
)

// today is the day on which tokens are counted, yyyymmdd.
func (r *Rephraser) today() int {
	y, m, d := r.cfg.Now().In(r.cfg.Location).Date()
	return y*10_000 + int(m)*100 + d
}

// overBudget gives the reason for which the account may not ask any more today; "" where it
// may. Calls under way aren't counted yet, so the last ones may overdraw a little.
func (r *Rephraser) overBudget(ctx context.Context, acc model.Account, day int) string {
	limit := acc.Policy.LLM.TokensPerDay
	if limit <= 0 {
		return ""
	}
	used, err := r.cfg.Usage.LLMUsage(ctx, acc.ID, day)
	if err != nil {
		r.cfg.Log.WarnContext(ctx, "token budget unknown", "account_key", acc.Key, "err", err)
		return ReasonUnavailable
	}
	if used.TokensIn+used.TokensOut >= limit {
		return ReasonBudget
	}
	return ""
}

// book counts a call, whatever came of it.
func (r *Rephraser) book(ctx context.Context, acc model.Account, day int, done model.Completion, reason string) {
	use := model.LLMUsage{AccountID: acc.ID, Day: day, Calls: 1, TokensIn: done.TokensIn, TokensOut: done.TokensOut}
	if reason != "" {
		use.Verbatim = 1
	}
	if err := r.cfg.Usage.AddLLMUsage(ctx, use); err != nil {
		r.cfg.Log.WarnContext(ctx, "tokens not counted", "account_key", acc.Key, "tokens", done.TokensIn+done.TokensOut, "err", err)
	}
}
