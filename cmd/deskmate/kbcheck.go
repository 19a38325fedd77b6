package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

func kbCheckCommand() command {
	return command{
		name: "kb check", args: "--account KEY FILE", short: "say what importing a knowledge file would do, row by row",
		long: "It changes nothing. Rows are new, changed, same, duplicate, conflict or invalid. Then come the golden\n" +
			"questions that the import would answer differently. The exit is 1 when rows are bad.",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.Bool("replace", false, "as if the file were the whole knowledge base")
			f.Bool("all", false, "list rows that change nothing, too")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "FILE"); err != nil {
				return err
			}
			return p.withCurating(ctx, flags, func(c curating, acc model.Account) error {
				file, err := readKnowledge(p.layout(flags), flags.Arg(0))
				if err != nil {
					return err
				}
				return p.checkFile(ctx, c, acc, file, boolFlag(flags, "replace"), boolFlag(flags, "all"))
			})
		},
	}
}

func (p program) checkFile(ctx context.Context, c curating, acc model.Account, file sheet.Import, replace, all bool) error {
	existing, _, err := c.store.Entries(ctx, acc.ID)
	if err != nil {
		return fmt.Errorf("read the entries of %s: %w", acc.Key, err)
	}
	missing, err := curate.MissingMedia(ctx, c.store, acc.ID, file)
	if err != nil {
		return err
	}
	file.Warnings = append(file.Warnings, missing...)
	golden, err := c.examiner.PreviewImport(ctx, acc, file.Entries, existing, replace)
	if err != nil {
		return err
	}
	report := sheet.Compare(file, existing, replace)
	p.printReport(report, all)
	for _, m := range golden.Moves {
		_, _ = fmt.Fprintf(p.stdout, "golden\t%s → %s\t%s\t%s\n", m.Before.Verdict, m.After.Verdict, m.Question, m.After.Question)
	}
	if len(golden.Moves) > 0 {
		_, _ = fmt.Fprintf(p.stdout, "of %d golden questions %d would be answered worse, %d better\n", golden.Asked, golden.Worse, golden.Better)
	}
	if report.Bad > 0 {
		return fmt.Errorf("%d bad rows", report.Bad)
	}
	return nil
}

func (p program) printReport(r sheet.Report, all bool) {
	for _, w := range r.Warnings {
		_, _ = fmt.Fprintln(p.stdout, w)
	}
	for _, row := range r.Rows {
		if row.Kind == sheet.RowSame && !all && len(row.Repairs) == 0 {
			continue
		}
		where := "-"
		if row.Row > 0 {
			where = strconv.Itoa(row.Row)
		}
		_, _ = fmt.Fprintf(p.stdout, "%s\t%s\t%s", where, row.Kind, row.Question)
		for _, note := range append(append([]string{strings.TrimSpace(row.Column + " " + row.Message)}, row.Also...), append(row.Changes, row.Repairs...)...) {
			if note != "" {
				_, _ = fmt.Fprintf(p.stdout, "\t%s", note)
			}
		}
		_, _ = fmt.Fprintln(p.stdout)
	}
	c := r.Counts
	_, _ = fmt.Fprintf(p.stdout, "%d new, %d changed, %d same, %d duplicate, %d conflict, %d invalid, %d removed, %d cells repaired\n",
		c.New, c.Changed, c.Same, c.Duplicate, c.Conflict, c.Invalid, c.Removed, c.Repaired)
}
