package handler

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// AuditVerifier checks audit logs.
type AuditVerifier interface {
	// VerifyAudits checks the chain of an account's entries; 0: of the installation's.
	VerifyAudits(ctx context.Context, accountID uint64) (model.AuditVerdict, error)
}

// auditFaultView is one place where an audit log is not as it was written.
type auditFaultView struct {
	Kind    model.AuditFaultKind `json:"kind" enum:"edited,missing,unlinked,inserted,end,restarted,gone,other_key"`
	From    uint64               `json:"from,omitempty" doc:"The first entry, by its place; missing: the log as a whole"`
	To      uint64               `json:"to,omitempty" doc:"The last one"`
	Account ID                   `json:"account_id,omitempty" doc:"Whose log was taken away"`
}

type auditVerdictView struct {
	Intact   bool             `json:"intact" doc:"Every entry is as it was written, and none is missing"`
	Entries  uint64           `json:"entries" doc:"How many were checked"`
	Unsealed uint64           `json:"unsealed" doc:"How many wait for their place in the chain, for up to a minute"`
	Faults   []auditFaultView `json:"faults" doc:"At most 20"`
	More     uint64           `json:"more" doc:"How many faults more there are"`
}

func viewVerdict(v model.AuditVerdict) auditVerdictView {
	return auditVerdictView{
		Intact: v.Intact(), Entries: v.Checked, Unsealed: v.Unsealed, More: v.More,
		Faults: views(v.Faults, func(f model.AuditFault) auditFaultView {
			return auditFaultView{Kind: f.Kind, From: f.FromSeq, To: f.ToSeq, Account: NewID(f.AccountID)}
		}),
	}
}

func (a *API) registerAuditChain(s surface) {
	within(s, call(http.MethodGet, "verifyAudits", account+"/audit/verification", auditTag, "Check that nobody changed an account's audit log behind Deskmate's back"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[auditVerdictView], error) {
			v, err := a.cfg.AuditChain.VerifyAudits(ctx, acc.ID)
			return reply(viewVerdict(v), err)
		})
	operation(s.API, call(http.MethodGet, "verifyInstallationAudits", "/audit/verification", auditTag, "Check the installation's audit log, and that no account's was taken away"),
		func(ctx context.Context, _ *nothing) (*body[auditVerdictView], error) {
			v, err := a.cfg.AuditChain.VerifyAudits(ctx, 0)
			return reply(viewVerdict(v), err)
		})
	type exportAudits struct {
		AccountPath
		AuditSearch
	}
	within(s, download(call(http.MethodGet, "exportAudits", account+"/audit/export", auditTag, "What a search of an account's audit log finds as a csv file, newest first; audited")),
		func(ctx context.Context, acc model.Account, in *exportAudits) (*huma.StreamResponse, error) {
			return a.exportAudits(ctx, acc, in.AuditSearch)
		})
	operation(s.API, download(call(http.MethodGet, "exportInstallationAudits", "/audit/export", auditTag, "What a search of the installation's audit log finds as a csv file; audited")),
		func(ctx context.Context, in *AuditSearch) (*huma.StreamResponse, error) {
			return a.exportAudits(ctx, model.Account{}, *in)
		})
}

// exportRows is how many entries are read at once for a file.
const exportRows = 500

// exportAudits answers with all that a search finds, however much that is.
func (a *API) exportAudits(ctx context.Context, acc model.Account, in AuditSearch) (*huma.StreamResponse, error) {
	f, err := in.filter(acc)
	if err != nil {
		return nil, err
	}
	asked, err := json.Marshal(map[string]string{"actor": in.Actor, "action": in.Action, "target": in.Target, "from": string(in.From), "to": string(in.To)})
	if err == nil {
		err = a.audit(ctx, acc, model.Audit{Action: "audit.export", After: string(asked)})
	}
	if err != nil {
		return nil, err
	}
	name := "audit-" + a.cfg.Now().In(a.cfg.Location).Format("20060102") + ".csv"
	if acc.Key != "" {
		name = acc.Key + "-" + name
	}
	return a.attachment(name, fileType("csv"), func(w io.Writer) error { return a.writeAudits(ctx, acc, f, w) }), nil //nolint:contextcheck // huma calls it with the request's
}

func (a *API) writeAudits(ctx context.Context, acc model.Account, f model.AuditFilter, w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // by which Excel knows UTF-8
		return err
	}
	out := csv.NewWriter(w)
	err := out.Write([]string{"时间", "操作人", "姓名", "操作", "对象", "对象姓名", "变更前", "变更后", "来源地址", "序号", "校验值"})
	var before model.AuditKey
	for more := true; more && err == nil; {
		var list []model.Audit
		if list, err = a.cfg.AuditLog.Audits(ctx, f, before, exportRows); err != nil {
			return err
		}
		var names map[string]string
		if names, err = a.auditNames(ctx, acc, list); err != nil {
			return err
		}
		for _, e := range list {
			if err = out.Write(a.auditRecord(e, names)); err != nil {
				return err
			}
		}
		if more = len(list) == exportRows; more {
			before = list[len(list)-1].Key()
		}
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}

func (a *API) auditRecord(e model.Audit, names map[string]string) []string {
	v := viewAudit(e, names)
	seq := ""
	if e.Seq > 0 {
		seq = strconv.FormatUint(e.Seq, 10)
	}
	row := []string{string(v.At), e.Actor, v.ActorName, e.Action, e.Target, v.TargetName, e.Before, e.After, e.From, seq, e.Hash}
	for i, cell := range row {
		row[i] = noFormula(cell)
	}
	return row
}

// noFormula keeps a spreadsheet from taking a text for a formula.
func noFormula(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r") {
		return "'" + text
	}
	return text
}
