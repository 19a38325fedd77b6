package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"deskmate/bot/privacy"
	"deskmate/config"
	"deskmate/model"
	"deskmate/store/blobstore"
	"deskmate/store/sqlstore"
)

const erasurePoll = 2 * time.Second

// newEraser makes what erases employees, on every replica.
func newEraser(store *sqlstore.Store, index privacy.TextIndex, files privacy.Files, now func() time.Time, log *slog.Logger) *privacy.Eraser {
	return privacy.NewEraser(privacy.EraserConfig{
		Store: store, Index: index, Files: files, Owner: ownerName(), Program: "deskmate " + version, Poll: erasurePoll, Now: now,
		Log: log.With("component", "privacy"),
	})
}

func eraseCommand() command {
	return command{
		name: "erase", args: "--account KEY|--all --employee USERID --reason TEXT", short: "erase what is stored of an employee, or count it with --dry-run",
		long: "Texts are blanked, files deleted, and a pseudonym stands for the employee, so that statistics and seats' records stay.\n" +
			"It can't be undone. --all means all accounts of the corp and the copy of its directory. The report is the proof;\n" +
			"docs/privacy.md says what it holds and what stays.",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.Bool("all", false, "in all accounts of the corp, and in the copy of its directory")
			f.String("corp", "", "with --all: which corp, where there are accounts of several")
			f.String("employee", "", "the employee's userid")
			f.String("reason", "", "kept for ever; it must not name the employee")
			f.String("report", "", "a file to write the report to")
			f.Bool("dry-run", false, "only count")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			get := func(name string) string { return flags.Lookup(name).Value.String() }
			switch {
			case (get("account") != "") == boolFlag(flags, "all"):
				return usagef("erase: give either --account KEY or --all")
			case get("employee") == "":
				return usagef("erase: --employee USERID is missing")
			case get("reason") == "" && !boolFlag(flags, "dry-run"):
				return usagef("erase: --reason TEXT is missing")
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
				e, err := eraseWhom(ctx, store, get("account"), get("corp"))
				if err != nil {
					return err
				}
				e.Employee, e.Reason = model.Fold(get("employee")), get("reason")
				if boolFlag(flags, "dry-run") {
					return p.planErasure(ctx, store, e)
				}
				return p.erase(ctx, store, cfg, e, get("report"))
			})
		},
	}
}

// eraseWhom is an erasure in one account, or in all of a corp.
func eraseWhom(ctx context.Context, store *sqlstore.Store, key, corp string) (model.Erasure, error) {
	if key != "" {
		acc, err := store.AccountByKey(ctx, key)
		if errors.Is(err, model.ErrNotFound) {
			err = fmt.Errorf("there is no account %q; 'deskmate account list' shows them", key)
		}
		return model.Erasure{CorpID: model.Fold(acc.CorpID), Accounts: []uint64{acc.ID}}, err
	}
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return model.Erasure{}, err
	}
	corps := slices.Compact(slices.Sorted(slices.Values(each(accounts, func(a model.Account) string { return model.Fold(a.CorpID) }))))
	if corp == "" && len(corps) == 1 {
		corp = corps[0]
	}
	if corp = model.Fold(corp); !slices.Contains(corps, corp) {
		return model.Erasure{}, usagef("erase: --corp must be one of: %s", strings.Join(corps, ", "))
	}
	ids, err := store.ErasureAccounts(ctx, corp)
	return model.Erasure{CorpID: corp, Accounts: ids, Whole: true}, err
}

func (p program) planErasure(ctx context.Context, store *sqlstore.Store, e model.Erasure) error {
	plan, err := store.PlanErasure(ctx, e)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.stdout, "in %d accounts: %d sessions, %d messages, %d files, %d bytes, %d questions, %d surveys, %d events and pushes\n",
		len(plan.Accounts), plan.Sessions, plan.Messages, plan.Files, plan.Bytes, plan.Questions, plan.Surveys, plan.Work)
	if len(plan.Open) > 0 {
		_, _ = fmt.Fprintln(p.stdout, "in the way: an open session")
	}
	if len(plan.Roles) > 0 {
		_, _ = fmt.Fprintf(p.stdout, "in the way: the member is a %s\n", strings.Join(plan.Roles, ", "))
	}
	return nil
}

func (p program) erase(ctx context.Context, store *sqlstore.Store, cfg config.Config, e model.Erasure, file string) error {
	files, err := blobstore.Open(cfg.BlobURL)
	if err != nil {
		return err
	}
	if e, err = store.CreateErasure(ctx, e, model.Audit{Actor: "cli"}); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.stderr, "erasure %d begun; a server goes on with it where this command is stopped\n", e.ID)
	log := slog.New(slog.DiscardHandler)
	eraser := newEraser(store, newIndexer(store, p.now, log), files, p.now, log)
	pause := time.NewTicker(time.Second)
	defer pause.Stop()
	for e.Stage != model.ErasureDone {
		if _, err := eraser.Erase(ctx, e.ID); err != nil && !errors.Is(err, model.ErrNotFound) && !errors.Is(err, model.ErrFenced) {
			return err
		}
		if e, err = store.Erasure(ctx, e.ID); err != nil || e.Stage == model.ErasureDone {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pause.C: // a server has it, or it waits
		}
	}
	if err != nil {
		return err
	}
	return p.printErasure(e, file)
}

func (p program) printErasure(e model.Erasure, file string) error {
	for _, r := range e.Counts {
		_, _ = fmt.Fprintf(p.stdout, "%-18s %-8s %d\n", r.Table, r.Done, r.Rows)
	}
	_, _ = fmt.Fprintf(p.stdout, "erasure %d: found nothing any more; report sha256 %s\n", e.ID, e.Sum)
	if file == "" {
		return nil
	}
	const private = 0o600
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, private) //nolint:gosec // the operator names it
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, e.Report)
	return errors.Join(err, out.Close())
}
