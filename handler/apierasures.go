package handler

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// Erasures erase what is stored of employees.
type Erasures interface {
	PlanErasure(ctx context.Context, e model.Erasure) (model.ErasurePlan, error)
	// CreateErasure is a conflict while the employee has an open session or is more than an employee.
	CreateErasure(ctx context.Context, e model.Erasure, who model.Audit) (model.Erasure, error)
	// Erasure is [model.ErrNotFound] where there is none.
	Erasure(ctx context.Context, id uint64) (model.Erasure, error)
	Erasures(ctx context.Context, before uint64, limit int) ([]model.Erasure, error)
	ErasureAccounts(ctx context.Context, corpID string) ([]uint64, error)
}

const erasuresTag = "erasures"

// ErasureFields say of whom and where. It is exported because huma passes over embedded types that
// are not.
type ErasureFields struct {
	UserID  string `json:"userid" maxLength:"64" doc:"Of the employee. In no address, so that no log has it"`
	Account string `json:"account,omitempty" maxLength:"40" doc:"The key of one account; empty: all accounts of the corp, and the copy of its directory"`
	CorpID  string `json:"corp_id,omitempty" maxLength:"64" doc:"Which corp's member it is; needed only without account, where there are accounts of several"`
}

type newErasureBody struct {
	ErasureFields
	Reason  string `json:"reason" maxLength:"200" doc:"Kept for ever; it must not name the employee"`
	Confirm string `json:"confirm" maxLength:"64" doc:"The userid once more"`
}

type erasurePlanView struct {
	UserID    string   `json:"userid"`
	Name      string   `json:"name" doc:"Empty where the directory doesn't know it"`
	Accounts  []string `json:"accounts" doc:"Their keys"`
	Sessions  int64    `json:"sessions"`
	Messages  int64    `json:"messages"`
	Files     int64    `json:"files"`
	Bytes     int64    `json:"bytes"`
	Questions int64    `json:"questions"`
	Surveys   int64    `json:"surveys"`
	Open      []string `json:"open" doc:"Keys of accounts in which the employee has an open session; it has to end first"`
	Roles     []string `json:"roles" enum:"seat,owner,super_admin,token" doc:"What the employee is besides; it has to be taken away first"`
}

type erasureView struct {
	ID        ID          `json:"id"`
	UserID    string      `json:"userid,omitempty" doc:"Missing once it is done"`
	Accounts  []string    `json:"accounts" doc:"Their keys"`
	Directory bool        `json:"directory" doc:"In all accounts of the corp, and in the copy of its directory"`
	Pseudonym string      `json:"pseudonym" doc:"What stands for the employee in sessions from then on"`
	Subject   string      `json:"subject_sha256" doc:"SHA-256 of the id, a colon and the userid in lower case"`
	Reason    string      `json:"reason"`
	By        string      `json:"by"`
	At        Instant     `json:"at"`
	Stage     string      `json:"stage" enum:"sessions,rest,index,files,directory,verify,done"`
	Waits     string      `json:"waits,omitempty" enum:"open_session,pending,index,files,found" doc:"What it waits for; it goes on by itself"`
	DoneAt    Instant     `json:"done_at,omitempty"`
	Rows      []erasedRow `json:"rows" doc:"What was done so far"`
	Sum       string      `json:"report_sha256,omitempty"`
}

type erasedRow struct {
	Table string `json:"table"`
	Done  string `json:"done" enum:"deleted,blanked,renamed"`
	Rows  int64  `json:"rows"`
}

func viewErasure(keys map[uint64]string) func(model.Erasure) erasureView {
	return func(e model.Erasure) erasureView {
		v := erasureView{
			ID: NewID(e.ID), UserID: e.Employee, Accounts: keysOf(keys, e.Accounts), Directory: e.Whole, Pseudonym: e.Pseudonym, Subject: e.Subject,
			Reason: e.Reason, By: e.CreatedBy, At: NewInstant(e.CreatedMS), Stage: string(e.Stage), Waits: e.Waits, DoneAt: NewInstant(e.DoneMS),
			Rows: []erasedRow{}, Sum: e.Sum,
		}
		for _, r := range e.Counts {
			v.Rows = append(v.Rows, erasedRow(r))
		}
		return v
	}
}

func keysOf(keys map[uint64]string, ids []uint64) []string {
	list := []string{}
	for _, id := range ids {
		if key := keys[id]; key != "" {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return list
}

// accountKeys are the keys of all accounts.
func (a *API) accountKeys(ctx context.Context) (map[uint64]string, error) {
	all, err := a.cfg.Accounts.Accounts(ctx)
	keys := make(map[uint64]string, len(all))
	for _, acc := range all {
		keys[acc.ID] = acc.Key
	}
	return keys, err
}

// erasureOf is an erasure of whom and where a caller says.
func (a *API) erasureOf(ctx context.Context, b ErasureFields) (model.Erasure, error) {
	e := model.Erasure{Employee: model.Fold(strings.TrimSpace(b.UserID)), CorpID: model.Fold(b.CorpID)}
	if !model.IsUserID(e.Employee) {
		return e, model.Invalid("userid", "userid 由 1–64 个字母、数字或 _-@. 组成")
	}
	if b.Account != "" {
		acc, err := a.cfg.Accounts.AccountByKey(ctx, b.Account)
		if errors.Is(err, model.ErrNotFound) {
			err = errNoAccount
		}
		e.CorpID, e.Accounts = model.Fold(acc.CorpID), []uint64{acc.ID}
		return e, err
	}
	all, err := a.cfg.Accounts.Accounts(ctx)
	if err != nil {
		return e, err
	}
	var corps []string
	for _, acc := range all {
		corps = append(corps, model.Fold(acc.CorpID))
	}
	slices.Sort(corps)
	corps = slices.Compact(corps)
	switch {
	case e.CorpID == "" && len(corps) == 1:
		e.CorpID = corps[0]
	case e.CorpID == "", !slices.Contains(corps, e.CorpID):
		return e, model.Invalid("corp_id", "这里有多个企业的账号，请指明企业：%s", strings.Join(corps, "、"))
	}
	e.Whole = true
	e.Accounts, err = a.cfg.Erasures.ErasureAccounts(ctx, e.CorpID)
	return e, err
}

func (a *API) registerErasures(s surface) {
	type planErasure struct{ Body ErasureFields }
	operation(s.API, call(http.MethodPost, "planErasure", "/erasure-plans", erasuresTag, "Count what erasing an employee would do, and what stands in its way"),
		func(ctx context.Context, in *planErasure) (*body[erasurePlanView], error) {
			e, err := a.erasureOf(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return reply(a.erasurePlan(ctx, e))
		})
	type createErasure struct{ Body newErasureBody }
	op := call(http.MethodPost, "createErasure", "/erasures", erasuresTag, "Erase what is stored of an employee, for good; audited")
	op.Description = "It is done in the background and goes on after a restart. 409 open_session: a session has to end first; 409 has_role: the member is a seat, an owner, a super admin or has a token."
	operation(s.API, op, func(ctx context.Context, in *createErasure) (*body[erasureView], error) {
		e, err := a.erasureOf(ctx, in.Body.ErasureFields)
		switch {
		case err != nil:
			return nil, err
		case model.Fold(strings.TrimSpace(in.Body.Confirm)) != e.Employee:
			return nil, model.Invalid("confirm", "两次输入的 userid 不一致")
		}
		e.Reason = strings.TrimSpace(in.Body.Reason)
		who := callerFrom(ctx)
		e, err = a.cfg.Erasures.CreateErasure(ctx, e, model.Audit{Actor: auditName(who), From: who.from})
		if err != nil {
			return nil, err
		}
		return a.replyErasure(ctx, e)
	})
	a.registerErasureList(s)
}

func (a *API) registerErasureList(s surface) {
	type listErasures struct {
		Before ID  `query:"before" doc:"The id of the last one of the page before"`
		Limit  int `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	operation(s.API, call(http.MethodGet, "listErasures", "/erasures", erasuresTag, "Erasures, newest first"),
		func(ctx context.Context, in *listErasures) (*body[Listed[erasureView]], error) {
			keys, err := a.accountKeys(ctx)
			if err != nil {
				return nil, err
			}
			list, err := a.cfg.Erasures.Erasures(ctx, in.Before.number(), in.Limit)
			return listed(list, err, viewErasure(keys))
		})
	type erasurePath struct {
		ID ID `path:"id"`
	}
	operation(s.API, call(http.MethodGet, "getErasure", "/erasures/{id}", erasuresTag, "An erasure and how far it has come"),
		func(ctx context.Context, in *erasurePath) (*body[erasureView], error) {
			e, err := a.cfg.Erasures.Erasure(ctx, in.ID.number())
			if err != nil {
				return nil, err
			}
			return a.replyErasure(ctx, e)
		})
	op := download(call(http.MethodGet, "getErasureReport", "/erasures/{id}/report", erasuresTag, "The proof of an erasure, as JSON; its SHA-256 is the erasure's report_sha256"))
	operation(s.API, op, func(ctx context.Context, in *erasurePath) (*huma.StreamResponse, error) {
		e, err := a.cfg.Erasures.Erasure(ctx, in.ID.number())
		if err == nil && e.Report == "" {
			err = errNotErased
		}
		if err != nil {
			return nil, err
		}
		return a.attachment("erasure-"+string(NewID(e.ID))+".json", "application/json", func(w io.Writer) error { //nolint:contextcheck // huma calls it with the request's
			_, err := io.WriteString(w, e.Report)
			return err
		}), nil
	})
}

var errNotErased = &model.Error{Code: model.CodeConflict, Reason: "not_done", Message: "还没有清除完，暂无报告"}

func (a *API) replyErasure(ctx context.Context, e model.Erasure) (*body[erasureView], error) {
	keys, err := a.accountKeys(ctx)
	return reply(viewErasure(keys)(e), err)
}

func (a *API) erasurePlan(ctx context.Context, e model.Erasure) (erasurePlanView, error) {
	keys, err := a.accountKeys(ctx)
	if err != nil {
		return erasurePlanView{}, err
	}
	p, err := a.cfg.Erasures.PlanErasure(ctx, e)
	return erasurePlanView{
		UserID: p.Employee, Name: p.Name, Accounts: keysOf(keys, p.Accounts), Sessions: p.Sessions, Messages: p.Messages, Files: p.Files, Bytes: p.Bytes,
		Questions: p.Questions, Surveys: p.Surveys, Open: keysOf(keys, p.Open), Roles: notNil(p.Roles),
	}, err
}
