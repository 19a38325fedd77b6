package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"deskmate/model"
)

func kbChangesCommand() command {
	return command{
		name: "kb changes", args: "--account KEY", short: "list the last changes of an account's knowledge base",
		flags: accountFlags,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			zone := p.layout(flags).Location
			return p.withCurating(ctx, flags, func(c curating, acc model.Account) error {
				const shown = 50
				list, err := c.editor.Changes(ctx, acc.ID, 0, shown)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
				_, _ = fmt.Fprintln(w, "VERSION\tWHEN\tWHAT\tENTRIES\tWHO")
				for _, v := range list {
					_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\n", v.Version, when(v.AtMS, zone), v.Kind, v.Entries, v.Author)
				}
				return w.Flush()
			})
		},
	}
}

func when(ms int64, zone *time.Location) string {
	return model.Time(ms).In(zone).Format("2006-01-02 15:04:05")
}

func kbUndoCommand() command {
	return command{
		name: "kb undo", args: "--account KEY VERSION", short: "take one change of a knowledge base back",
		long: "'deskmate kb changes' lists the versions. Entries that were edited since stay as they are and are counted.\n" +
			"Undoing is a change of its own and can be undone.",
		flags: accountFlags,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "VERSION"); err != nil {
				return err
			}
			version, err := strconv.ParseUint(flags.Arg(0), 10, 64)
			if err != nil {
				return usagef("kb undo: VERSION must be a number")
			}
			return p.withCurating(ctx, flags, func(c curating, acc model.Account) error {
				undone, kept, err := c.editor.Undo(ctx, acc.ID, version, cliAuthor)
				switch {
				case errors.Is(err, model.ErrNotFound):
					return fmt.Errorf("%s has no version %d; 'deskmate kb changes' lists them", acc.Key, version)
				case err != nil:
					return err
				case undone == 0 && kept == 0:
					return fmt.Errorf("version %d of %s changed no entries, so there is nothing to take back", version, acc.Key)
				}
				_, err = fmt.Fprintf(p.stdout, "%s: %d entries are as before, %d were edited since and stay\n", acc.Key, undone, kept)
				return err
			})
		},
	}
}
