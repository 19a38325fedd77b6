package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

const sealEvery = time.Minute // between looks for audit entries outside their chain

// auditSealer gives audit entries of before the upgrade, and of replicas of the release before,
// their places in the chain.
type auditSealer struct {
	store *sqlstore.Store
	log   *slog.Logger
}

// Run looks now and then, until ctx ends.
func (a *auditSealer) Run(ctx context.Context) error {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		if err := a.seal(ctx); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "audit entries not sealed", "err", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (a *auditSealer) seal(ctx context.Context) error {
	logs, err := auditLogs(ctx, a.store)
	if err != nil {
		return err
	}
	for id := range logs {
		for more := true; more; {
			if more, err = a.store.SealAudits(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// auditLogs are the names of all audit logs, by account: of the installation, of accounts, and of
// those that are gone.
func auditLogs(ctx context.Context, store *sqlstore.Store) (map[uint64]string, error) {
	logs := map[uint64]string{0: "of the installation"}
	chains, err := store.AuditChains(ctx)
	for _, c := range chains {
		if c.AccountID != 0 {
			logs[c.AccountID] = fmt.Sprintf("of a deleted account (%d)", c.AccountID)
		}
	}
	if err != nil {
		return logs, err
	}
	accounts, err := store.Accounts(ctx)
	for _, acc := range accounts {
		logs[acc.ID] = "of account " + acc.Key
	}
	return logs, err
}

// auditWrong is an audit log that is not as it was written, or could not be read.
type auditWrong struct{ log, what string }

// verifyAuditLogs checks all audit logs. It tells what is wrong with which, and how many entries
// it looked at.
func verifyAuditLogs(ctx context.Context, store *sqlstore.Store) (wrong []auditWrong, entries uint64, err error) {
	logs, err := auditLogs(ctx, store)
	if err != nil {
		return nil, 0, err
	}
	for _, id := range slices.Sorted(maps.Keys(logs)) {
		v, err := store.VerifyAudits(ctx, id)
		switch {
		case err != nil:
			wrong = append(wrong, auditWrong{logs[id], err.Error()})
		case !v.Intact():
			wrong = append(wrong, auditWrong{logs[id], sayFaults(v, logs)})
		}
		entries += v.Checked
	}
	return wrong, entries, nil
}

func auditVerifyCommand() command {
	return command{
		name: "audit verify", short: "check that nobody changed the audit log behind Deskmate's back",
		long: "It looks at every entry of the installation's log, of each account's, and of those of deleted accounts.\n" +
			"It prints what was changed, deleted or added, and where. Exit 1 if anything was.",
		flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error { return p.verifyAudits(ctx, store) })
		},
	}
}

func (p program) verifyAudits(ctx context.Context, store *sqlstore.Store) error {
	wrong, entries, err := verifyAuditLogs(ctx, store)
	if err != nil {
		return fmt.Errorf("list the audit logs: %w", err)
	}
	for _, w := range wrong {
		_, _ = fmt.Fprintf(p.stdout, "audit log %s: %s\n", w.log, w.what)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%d audit logs are not as they were written; docs/operations.md, “The audit log”, says what to do", len(wrong))
	}
	_, err = fmt.Fprintf(p.stdout, "%d entries, all as they were written\n", entries)
	return err
}

// audits checks that nobody changed the audit log behind Deskmate's back.
func (d *doctor) audits(ctx context.Context, store *sqlstore.Store) {
	wrong, entries, err := verifyAuditLogs(ctx, store)
	if err != nil {
		d.bad("audit log", err.Error(), "")
		return
	}
	for _, w := range wrong {
		d.bad("audit log "+w.log, w.what, "somebody with access to the database did this: compare with a backup, and read docs/operations.md, “The audit log”")
	}
	if len(wrong) == 0 {
		d.good("audit log", fmt.Sprintf("%d entries, all as they were written", entries))
	}
}

// sayFaults says what is wrong with an audit log.
func sayFaults(v model.AuditVerdict, logs map[uint64]string) string {
	list := make([]string, len(v.Faults))
	for i, f := range v.Faults {
		where := fmt.Sprintf("entry %d ", f.FromSeq)
		if f.ToSeq > f.FromSeq {
			where = fmt.Sprintf("entries %d–%d ", f.FromSeq, f.ToSeq)
		}
		list[i] = where + map[model.AuditFaultKind]string{
			model.AuditEdited: "changed", model.AuditMissing: "missing", model.AuditUnlinked: "out of order", model.AuditInserted: "added by somebody else",
			model.AuditOtherKey: "sealed with another secret key", model.AuditEnd: "found the end before it changed",
		}[f.Kind]
		if f.FromSeq == 0 {
			list[i] = map[model.AuditFaultKind]string{
				model.AuditEnd: "its end is not as it was written", model.AuditOtherKey: "its end was sealed with another secret key",
				model.AuditGone: "the log " + logs[f.AccountID] + " was taken away", model.AuditRestarted: "the log " + logs[f.AccountID] + " was taken away and began anew",
			}[f.Kind]
		}
	}
	if v.More > 0 {
		list = append(list, fmt.Sprintf("%d more places", v.More))
	}
	return strings.Join(list, "; ")
}
