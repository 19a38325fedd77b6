package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"deskmate/bot/privacy"
	"deskmate/config"
	"deskmate/model"
	"deskmate/store/blobstore"
	"deskmate/store/sqlstore"
)

// How what is past its time is deleted.
const (
	retentionPoll  = 5 * time.Second
	retentionEvery = time.Hour // between runs in an account
	retentionDone  = 90        // days for which events and pushes that are done with are kept
)

// newRetainer makes what deletes what is past its time, on every replica.
func newRetainer(
	store *sqlstore.Store, index privacy.TextIndex, files privacy.Files, zone *time.Location, now func() time.Time, log *slog.Logger,
) *privacy.Retainer {
	return privacy.NewRetainer(privacy.RetainerConfig{
		Store: store, Accounts: store, Index: index, Files: files, Owner: ownerName(), Zone: zone,
		Poll: retentionPoll, Every: retentionEvery, Done: retentionDone, Now: now, Log: log.With("component", "privacy"),
	})
}

func retentionCommand() command {
	return command{
		name: "retention", args: "--account KEY", short: "delete what an account keeps no longer, or count it with --dry-run",
		long: "The server does the same every hour. --records and --media count for other rules than the account has, and only with\n" +
			"--dry-run. Figures of statistics stay; docs/privacy.md says what goes and what stays.",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.Bool("dry-run", false, "only count")
			f.Int("records", -1, "as if sessions were kept for so many days")
			f.Int("media", -1, "as if files were kept for so many days")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
				if boolFlag(flags, "dry-run") {
					return p.planRetention(ctx, store, acc, flags, cfg.TimeZone)
				}
				if intFlag(flags, "records") >= 0 || intFlag(flags, "media") >= 0 {
					return usagef("retention: --records and --media need --dry-run; what is deleted is the account's settings to say")
				}
				return p.retain(ctx, store, acc, cfg)
			})
		},
	}
}

func intFlag(flags *flag.FlagSet, name string) int {
	var n int
	_, _ = fmt.Sscan(flags.Lookup(name).Value.String(), &n) // the flag package has checked it
	return n
}

func (p program) planRetention(ctx context.Context, store *sqlstore.Store, acc model.Account, flags *flag.FlagSet, zone *time.Location) error {
	rule := acc.Policy.Retention
	if n := intFlag(flags, "records"); n >= 0 {
		rule.Records = n
	}
	if n := intFlag(flags, "media"); n >= 0 {
		rule.Media = n
	}
	if err := rule.Check(); err != nil {
		return err
	}
	for _, one := range []struct {
		name string
		days int
		plan func(ctx context.Context, accountID uint64, beforeMS int64) (model.RetentionPlan, error)
	}{{"records", rule.Records, store.PlanRecords}, {"media", rule.Media, store.PlanMedia}} {
		if one.days == 0 {
			_, _ = fmt.Fprintf(p.stdout, "%s: kept for ever\n", one.name)
			continue
		}
		plan, err := one.plan(ctx, acc.ID, model.CutAt(p.now(), zone, one.days))
		if err != nil {
			return err
		}
		printPlan(p.stdout, one.name, one.days, plan, zone)
	}
	return nil
}

func printPlan(w io.Writer, name string, days int, plan model.RetentionPlan, zone *time.Location) {
	_, _ = fmt.Fprintf(w, "%s: kept %d days, so what ended before %s goes: %d sessions, %d messages, %d files, %d bytes\n",
		name, days, stamp(plan.CutMS, zone), plan.Sessions, plan.Messages, plan.Files, plan.Bytes)
	if plan.OldestMS > 0 {
		_, _ = fmt.Fprintf(w, "    oldest %s, newest %s\n", stamp(plan.OldestMS, zone), stamp(plan.NewestMS, zone))
	}
}

func (p program) retain(ctx context.Context, store *sqlstore.Store, acc model.Account, cfg config.Config) error {
	files, err := blobstore.Open(cfg.BlobURL)
	if err != nil {
		return err
	}
	before, err := store.Retention(ctx, acc.ID)
	if err != nil {
		return err
	}
	if err := store.HurryRetention(ctx, acc.ID); err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	mine, err := newRetainer(store, newIndexer(store, p.now, log), files, cfg.TimeZone, p.now, log).Retain(ctx, acc)
	switch {
	case errors.Is(err, model.ErrUnavailable):
		return fmt.Errorf("%s: %w; run 'deskmate stats rebuild' or wait for the server to count", acc.Key, err)
	case err != nil:
		return err
	case !mine:
		return fmt.Errorf("the server is deleting in %s at this moment", acc.Key)
	}
	after, err := store.Retention(ctx, acc.ID)
	n := after.Deleted.Minus(before.Deleted)
	_, _ = fmt.Fprintf(p.stdout, "%s: deleted %d sessions, %d messages, %d files, %d bytes, %d done events and pushes\n",
		acc.Key, n.Sessions, n.Messages, n.Files, n.Bytes, n.Done)
	return err
}
