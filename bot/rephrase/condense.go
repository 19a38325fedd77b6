package rephrase

import (
	"context"
	"strings"

	"deskmate/model"
)

// repliesMax is how many characters of a seat's replies are condensed.
const repliesMax = 4000

// Condense makes a draft answer of what seats replied to a question, for a person to approve.
// Numbers of persons are masked in it. Its errors are of the class unavailable: "off" where the
// account has no model, "budget", "facts" where the draft says more than the replies, "empty"
// where they hold no answer, or the model's own reason. The replies themselves are the draft
// then.
func (r *Rephraser) Condense(ctx context.Context, acc model.Account, question string, replies []string) (string, error) {
	said := clip(r.cfg.Mask(strings.TrimSpace(strings.Join(replies, "\n"))), repliesMax)
	switch {
	case r.cfg.Model == nil || acc.Policy.LLM.Mode != model.LLMRephrase:
		return "", undrafted(ReasonOff)
	case said == "":
		return "", undrafted(ReasonEmpty)
	}
	asking, cancel := context.WithTimeout(ctx, r.cfg.Patience)
	defer cancel()
	day := r.today()
	if reason := r.overBudget(asking, acc, day); reason != "" {
		return "", undrafted(reason)
	}
	done, err := r.cfg.Model.Complete(asking, draftPrompt(acc.Policy.LLM, r.cfg.Mask(question), said))
	text, reason := clean(done.Text, said), ""
	switch {
	case err != nil:
		reason = reasonOf(asking, err)
	case text == "" || text == "无" || text == "无。":
		reason = ReasonEmpty
	case checkDraft(said, text) != nil:
		reason = ReasonFacts
	}
	booking, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.Budget)
	defer cancel()
	r.book(booking, acc, day, done, reason)
	if reason != "" {
		return "", undrafted(reason)
	}
	return text, nil
}

func undrafted(reason string) error {
	return &model.Error{Code: model.CodeUnavailable, Reason: reason, Message: "the language model made no draft"}
}
