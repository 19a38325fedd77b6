package main

import (
	"context"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"deskmate/model"
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
		list, err := store.Audits(ctx, model.AuditFilter{AccountID: acc.ID}, model.AuditKey{}, 1000)
		for _, a := range list {
			if a.Action == args[0] && (a.Target == args[1] || args[1] == "*") {
				return true, err
			}
		}
		return false, err
	}))
}

// today holiday|workday: the official calendar says so of the day.
func cmdToday(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "today holiday|workday")
	w := worldOf(ts)
	day := w.clock.now().In(time.FixedZone("CST", 8*60*60)).Format(time.DateOnly)
	var out strings.Builder
	if code := w.program(&out).run(context.Background(), []string{"calendar", "set", day, args[0], "今天"}); code != exitDone {
		ts.Fatalf("calendar set: %s", out.String())
	}
}
