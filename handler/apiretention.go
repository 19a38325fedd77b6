package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// Retentions count and tell what accounts keep no longer.
type Retentions interface {
	// PlanRecords counts what began and ended before a time.
	PlanRecords(ctx context.Context, accountID uint64, beforeMS int64) (model.RetentionPlan, error)
	// PlanMedia counts the files of before a time.
	PlanMedia(ctx context.Context, accountID uint64, beforeMS int64) (model.RetentionPlan, error)
	Retention(ctx context.Context, accountID uint64) (model.RetentionRun, error)
}

type retentionBody struct {
	Records int `json:"records" minimum:"0" maximum:"3650" doc:"Days for which closed sessions and all that was said in them are kept, 30 or more; 0: for ever"`
	Media   int `json:"media" minimum:"0" maximum:"3650" doc:"Days for which pictures, voices, videos and files are kept, 7 or more; their lines stay. 0: for ever"`
}

func (b retentionBody) into(_ context.Context, acc *model.Account) error {
	acc.Policy.Retention = model.Retention(b)
	return acc.Policy.Retention.Check()
}

// amountView is how much goes, or has gone.
type amountView struct {
	Sessions int64 `json:"sessions"`
	Messages int64 `json:"messages"`
	Files    int64 `json:"files"`
	Bytes    int64 `json:"bytes" doc:"Of the files"`
}

func viewAmount(c model.RetentionCounts) amountView {
	return amountView{Sessions: c.Sessions, Messages: c.Messages, Files: c.Files, Bytes: c.Bytes}
}

// planView is what a rule would delete now.
type planView struct {
	Sessions int64   `json:"sessions"`
	Messages int64   `json:"messages"`
	Files    int64   `json:"files"`
	Bytes    int64   `json:"bytes" doc:"Of the files"`
	Before   Instant `json:"before,omitempty" doc:"What ended before then goes; missing: nothing does"`
	Oldest   Instant `json:"oldest,omitempty"`
	Newest   Instant `json:"newest,omitempty"`
}

func viewPlan(p model.RetentionPlan) planView {
	return planView{
		Sessions: p.Sessions, Messages: p.Messages, Files: p.Files, Bytes: p.Bytes,
		Before: NewInstant(p.CutMS), Oldest: NewInstant(p.OldestMS), Newest: NewInstant(p.NewestMS),
	}
}

type retentionView struct {
	Records planView   `json:"records" doc:"What the rule for sessions would delete now, their files among it"`
	Media   planView   `json:"media" doc:"What the rule for files would delete now"`
	RanAt   Instant    `json:"ran_at,omitempty" doc:"When it was looked last what is past its time; missing: never"`
	Deleted amountView `json:"deleted" doc:"What was deleted so far"`
}

func (a *API) registerRetention(s surface) {
	registerSection[retentionBody](a, s, "setRetention", "retention", "Say how long what is kept")
	type planRetention struct {
		AccountPath
		Records int `query:"records" minimum:"-1" maximum:"3650" default:"-1" doc:"As if sessions were kept for so many days; -1: as the settings say"`
		Media   int `query:"media" minimum:"-1" maximum:"3650" default:"-1" doc:"The same for files"`
	}
	op := call(http.MethodGet, "planRetention", account+"/retention", settingsTag, "Count what rules of retention would delete now, and what was deleted so far")
	within(s, op, func(ctx context.Context, acc model.Account, in *planRetention) (*body[retentionView], error) {
		rule := acc.Policy.Retention
		if in.Records >= 0 {
			rule.Records = in.Records
		}
		if in.Media >= 0 {
			rule.Media = in.Media
		}
		if err := rule.Check(); err != nil {
			return nil, err
		}
		return reply(a.planRetention(ctx, acc, rule))
	})
}

func (a *API) planRetention(ctx context.Context, acc model.Account, rule model.Retention) (retentionView, error) {
	run, err := a.cfg.Retentions.Retention(ctx, acc.ID)
	v := retentionView{RanAt: NewInstant(run.RanMS), Deleted: viewAmount(run.Deleted)}
	if err == nil && rule.Records > 0 {
		var p model.RetentionPlan
		p, err = a.cfg.Retentions.PlanRecords(ctx, acc.ID, model.CutAt(a.cfg.Now(), a.cfg.Location, rule.Records))
		v.Records = viewPlan(p)
	}
	if err == nil && rule.Media > 0 {
		var p model.RetentionPlan
		p, err = a.cfg.Retentions.PlanMedia(ctx, acc.ID, model.CutAt(a.cfg.Now(), a.cfg.Location, rule.Media))
		v.Media = viewPlan(p)
	}
	return v, err
}
