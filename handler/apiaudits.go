package handler

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"deskmate/model"
)

// AuditLog is the audit log, to be read.
type AuditLog interface {
	// Audits are newest first, behind a place in the log.
	Audits(ctx context.Context, f model.AuditFilter, before model.AuditKey, limit int) ([]model.Audit, error)
}

// auditView is an entry of the audit log.
type auditView struct {
	ID         ID      `json:"id"`
	At         Instant `json:"at"`
	Actor      string  `json:"actor" doc:"Who did it: seat:userid, member:userid, token:name, cli, or system" example:"member:zhangsan"`
	ActorName  string  `json:"actor_name,omitempty" doc:"What the directory calls a seat or member"`
	Action     string  `json:"action" example:"seat.changed"`
	Target     string  `json:"target" doc:"What it was done to: a userid, a session's id, a name"`
	TargetName string  `json:"target_name,omitempty" doc:"What the directory calls it, where it is a member"`
	Before     any     `json:"before,omitempty" doc:"What was before, as JSON; missing for nothing"`
	After      any     `json:"after,omitempty" doc:"And after"`
	Address    string  `json:"address,omitempty" doc:"Where it came from; missing for what happens inside"`
}

// AuditSearch are the parameters that narrow the audit log. It is exported because huma passes
// over embedded types that are not.
type AuditSearch struct {
	Actor  string  `query:"actor" maxLength:"160" doc:"As in the entries; a userid stands for the seat and the member"`
	Action string  `query:"action" maxLength:"64"`
	Target string  `query:"target" maxLength:"191"`
	From   Instant `query:"from" doc:"Then or later"`
	To     Instant `query:"to" doc:"Before then"`
	Before string  `query:"before" maxLength:"40" pattern:"^([0-9]{1,16}\\.[0-9]{1,20})?$" doc:"next of the page before"`
	Limit  int     `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

const auditTag = "audit"

func (a *API) registerAudits(s surface) {
	type listAudits struct {
		AccountPath
		AuditSearch
	}
	within(s, call(http.MethodGet, "listAudits", account+"/audit", auditTag, "An account's audit log, newest first"),
		func(ctx context.Context, acc model.Account, in *listAudits) (*body[Listed[auditView]], error) {
			return a.audits(ctx, acc, in.AuditSearch)
		})
	operation(s.API, call(http.MethodGet, "listInstallationAudits", "/audit", auditTag, "The audit log of what belongs to no account, newest first"),
		func(ctx context.Context, in *AuditSearch) (*body[Listed[auditView]], error) {
			return a.audits(ctx, model.Account{}, *in)
		})
}

// audits is a page of the log of an account, of the installation where there is none.
func (a *API) audits(ctx context.Context, acc model.Account, in AuditSearch) (*body[Listed[auditView]], error) {
	f, err := in.filter(acc)
	if err != nil {
		return nil, err
	}
	list, err := a.cfg.AuditLog.Audits(ctx, f, auditKey(in.Before), in.Limit)
	if err != nil {
		return nil, err
	}
	names, err := a.auditNames(ctx, acc, list)
	out := Listed[auditView]{Items: views(list, func(e model.Audit) auditView { return viewAudit(e, names) })}
	if len(list) == in.Limit {
		last := list[len(list)-1]
		out.Next = strconv.FormatInt(last.AtMS, 10) + "." + strconv.FormatUint(last.ID, 10)
	}
	return reply(out, err)
}

func (in AuditSearch) filter(acc model.Account) (model.AuditFilter, error) {
	from, err := in.From.ms("from")
	if err != nil {
		return model.AuditFilter{}, err
	}
	to, err := in.To.ms("to")
	return model.AuditFilter{AccountID: acc.ID, Actors: actors(in.Actor), Action: in.Action, Target: in.Target, FromMS: from, ToMS: to}, err
}

// actors are the names under which the log knows somebody.
func actors(who string) []string {
	switch {
	case who == "":
		return nil
	case strings.Contains(who, ":"), who == "cli", who == "system":
		return []string{who}
	}
	return []string{"seat:" + model.Fold(who), "member:" + model.Fold(who)}
}

func auditKey(next string) model.AuditKey {
	at, id, _ := strings.Cut(next, ".")
	ms, _ := strconv.ParseInt(at, 10, 64) // its shape was checked
	return model.AuditKey{AtMS: ms, ID: ID(id).number()}
}

// auditMember is the userid behind an actor; "" where there is none.
func auditMember(actor string) string {
	kind, who, _ := strings.Cut(actor, ":")
	if kind == "seat" || kind == "member" {
		return who
	}
	return ""
}

// auditNames are what the people in some entries are called. Those of the installation may be
// of several corps, and keep their userids.
func (a *API) auditNames(ctx context.Context, acc model.Account, list []model.Audit) (map[string]string, error) {
	if acc.CorpID == "" {
		return map[string]string{}, nil
	}
	var people []string
	for _, e := range list {
		people = append(people, auditMember(e.Actor))
		if e.Target != "" && len(e.Target) <= 64 {
			people = append(people, model.Fold(e.Target))
		}
	}
	return a.names(ctx, acc, people)
}

func viewAudit(e model.Audit, names map[string]string) auditView {
	v := auditView{
		ID: NewID(e.ID), At: NewInstant(e.AtMS), Actor: e.Actor, ActorName: names[auditMember(e.Actor)], Action: e.Action,
		Target: e.Target, Before: auditValue(e.Before), After: auditValue(e.After), Address: e.From,
	}
	if name := names[model.Fold(e.Target)]; name != model.Fold(e.Target) {
		v.TargetName = name
	}
	return v
}

// auditValue is what an entry says was before or after: JSON, or else the text itself.
func auditValue(text string) any {
	if text == "" {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return text
	}
	return v
}
