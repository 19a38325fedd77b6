package main

import (
	"context"

	"github.com/rogpeppe/go-internal/testscript"
)

// dismiss WHO: the member leaves the company.
func cmdDismiss(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "dismiss WHO")
	ts.Check(worldOf(ts).sim.RemoveMember(args[0]))
}

// audited ACTION TARGET: the audit log of the account says so; TARGET * is anything.
func cmdAudited(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "audited ACTION TARGET")
	w := worldOf(ts)
	ts.Check(within(patience, func(ctx context.Context) (bool, error) {
		store, acc, err := w.database(ctx)
		if err != nil {
			return false, err
		}
		list, err := store.Audits(ctx, acc.ID, 0, 1000)
		for _, a := range list {
			if a.Action == args[0] && (a.Target == args[1] || args[1] == "*") {
				return true, err
			}
		}
		return false, err
	}))
}
