package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"deskmate/bot/knowledge/curate"
	"deskmate/model"
)

func kbMissesCommand() command {
	return command{
		name: "kb misses", args: "--account KEY", short: "list what the bot could not answer, by the time it cost people",
		long: "Questions that ask the same are one line: minutes of human service that followed, how often it was asked,\n" +
			"by how many, one wording, and the entry that comes nearest.",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.Int("days", 30, "how far to look back (30)")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			days, _ := strconv.Atoi(flags.Lookup("days").Value.String()) // the flag package has checked it
			if days < 1 {
				return usagef("kb misses: --days must be 1 or more")
			}
			return p.withCurating(ctx, flags, func(c curating, acc model.Account) error {
				const shown = 50
				list, err := c.misses.Clusters(ctx, acc, p.now().AddDate(0, 0, -days).UnixMilli(), shown)
				if err != nil {
					return err
				}
				p.printClusters(list)
				return nil
			})
		},
	}
}

func (p program) printClusters(list []curate.Cluster) {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "MINUTES\tASKED\tPEOPLE\tQUESTION\tNEAREST")
	for _, c := range list {
		nearest := "-"
		if c.Nearest.EntryID != 0 {
			nearest = fmt.Sprintf("%.2f %s", c.Nearest.Score, c.Nearest.Question)
		}
		_, _ = fmt.Fprintf(w, "%.1f\t%d\t%d\t%s\t%s\n", time.Duration(c.HumanMS*int64(time.Millisecond)).Minutes(), c.Count, c.People, c.Question, nearest)
	}
	_ = w.Flush()
}
