package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

// cliAuthor is who writes what is written on the command line.
const cliAuthor = "cli"

// withCurating runs f with the account that --account names and all that people do with its
// knowledge base.
func (p program) withCurating(ctx context.Context, flags *flag.FlagSet, f func(curating, model.Account) error) error {
	return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
		log := p.logger(slog.LevelWarn)
		base, err := knowledge.New(knowledge.Config{Source: store, Encoders: store, Log: log, Now: p.now})
		if err != nil {
			return err
		}
		c, err := newCurating(store, base, nil, log, p.now)
		if err != nil {
			return err
		}
		return f(c, acc)
	})
}

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

func kbSynonymsCommand() command {
	return command{
		name: "kb synonyms", args: "--account KEY [FILE]", short: "show an account's synonyms, or make them what a file says",
		long: "One group a line: OA = 办公系统 = 协同办公. Lines that begin with # are remarks. What is shown can be\n" +
			"given back as a file.",
		flags: accountFlags,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if flags.NArg() > 1 {
				return wantArgs(flags, "FILE")
			}
			return p.withCurating(ctx, flags, func(c curating, acc model.Account) error {
				if flags.NArg() == 0 {
					list, err := c.editor.Synonyms(ctx, acc.ID)
					for _, s := range list {
						_, _ = fmt.Fprintln(p.stdout, strings.Join(s.Words, " = "))
					}
					return err
				}
				words, err := readSynonyms(flags.Arg(0))
				if err != nil {
					return err
				}
				if words, err = c.editor.ReplaceSynonyms(ctx, acc.ID, words, cliAuthor); err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.stdout, "%s: %d groups of synonyms\n", acc.Key, len(words))
				return err
			})
		},
	}
}

func readSynonyms(path string) (list []model.Synonym, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("open the synonyms: %w", err)
	}
	defer closeInto(&err, f.Close)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return r == '=' || r == '＝' })
		list = append(list, model.Synonym{Words: words})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the synonyms: %w", err)
	}
	return list, nil
}

func kbGoldenCommand() command {
	return command{
		name: "kb golden", args: "--account KEY", short: "ask an account's golden questions and say which are answered right",
		long: "The exit is 1 when one is answered wrong. Golden questions are kept through the HTTP API, or added here:\n" +
			"--add QUESTION --answer STANDARD_QUESTION; without --answer the bot must not answer it.",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.String("add", "", "a question to add")
			f.String("answer", "", "the standard question of the entry that must answer it")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			return p.withCurating(ctx, flags, func(c curating, acc model.Account) error {
				if add := flags.Lookup("add").Value.String(); add != "" {
					if err := addGolden(ctx, c, acc, add, flags.Lookup("answer").Value.String()); err != nil {
						return err
					}
				}
				return p.runGolden(ctx, c, acc)
			})
		},
	}
}

func addGolden(ctx context.Context, c curating, acc model.Account, question, answer string) error {
	var entryID uint64
	if answer != "" {
		list, _, err := c.editor.List(ctx, acc.ID, model.EntryFilter{Text: answer, Limit: 200})
		if err != nil {
			return err
		}
		for _, e := range list {
			if e.Question == answer {
				entryID = e.ID
			}
		}
		if entryID == 0 {
			return fmt.Errorf("%s has no entry with the standard question %q", acc.Key, answer)
		}
	}
	_, err := c.examiner.Add(ctx, acc.ID, question, entryID, cliAuthor)
	return err
}

func (p program) runGolden(ctx context.Context, c curating, acc model.Account) error {
	exam, err := c.examiner.Run(ctx, acc)
	if err != nil {
		return err
	}
	for _, q := range exam.Questions {
		_, _ = fmt.Fprintf(p.stdout, "%s\t%.3f\t%s\t%s\n", q.Outcome.Verdict, q.Outcome.Score, q.Golden.Question, q.Outcome.Question)
	}
	_, _ = fmt.Fprintf(p.stdout, "%d right, %d suggested, %d missed, %d wrong\n", exam.Right, exam.Suggested, exam.Missed, exam.Wrong)
	if exam.Wrong > 0 {
		return fmt.Errorf("%d golden questions are answered wrong", exam.Wrong)
	}
	return nil
}

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

func kbThresholdsCommand() command {
	return command{
		name: "kb thresholds", args: "--account KEY", short: "propose thresholds, or say what others would do",
		long: "Without --answer and --suggest it asks every question of the knowledge base of the others and proposes the\n" +
			"lowest thresholds with 95 % right answers. With both it asks the last 1,000 real questions again under them\n" +
			"and says what would change. Nothing is changed: thresholds stand in the account file, or are set by the API.",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.Float64("answer", 0, "answer from this probability on")
			f.Float64("suggest", 0, "suggest from this probability on")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			value := func(name string) float64 {
				x, _ := strconv.ParseFloat(flags.Lookup(name).Value.String(), 64) // the flag package has checked it
				return x
			}
			answer, suggest := value("answer"), value("suggest")
			return p.withCurating(ctx, flags, func(c curating, acc model.Account) error {
				if answer == 0 && suggest == 0 {
					return p.printAdvice(ctx, c, acc)
				}
				effect, err := c.tuner.Effect(ctx, acc, answer, suggest)
				if err != nil {
					return err
				}
				printEffect(p.stdout, effect)
				return nil
			})
		},
	}
}

func (p program) printAdvice(ctx context.Context, c curating, acc model.Account) error {
	a, err := c.tuner.SuggestThresholds(ctx, acc)
	if err != nil {
		return err
	}
	if !a.Enough {
		_, err = fmt.Fprintf(p.stdout, "%d questions are too few to tell; the usual thresholds: answer %.2f, suggest %.2f\n", a.Questions, a.Answer, a.Suggest)
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "answer %.2f, suggest %.2f (of %d questions %.0f %% answered, %.1f %% of the answers right, %.0f %% suggested)\n",
		a.Answer, a.Suggest, a.Questions, a.Coverage*100, a.Precision*100, a.Suggested*100)
	return err
}

func printEffect(out io.Writer, e curate.Effect) {
	for _, row := range []struct {
		name string
		c    curate.Counts
	}{{"now", e.Before}, {"then", e.After}} {
		_, _ = fmt.Fprintf(out, "%-5s %d answered (%d confirmed, %d denied), %d suggested, %d missed\n",
			row.name, row.c.Answered, row.c.Right, row.c.Wrong, row.c.Suggested, row.c.Missed)
	}
	_, _ = fmt.Fprintf(out, "%d of %d questions would be treated differently\n", e.Moved, e.Questions)
	for _, s := range e.Shifts {
		_, _ = fmt.Fprintf(out, "  %s → %s\t%.3f\t%s\t%s\n", s.Before, s.After, s.Score, s.Question, s.Entry)
	}
}
