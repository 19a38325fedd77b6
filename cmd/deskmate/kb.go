package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

func accountFlags(f *flag.FlagSet) {
	settingsFlag(f)
	f.String("account", "", "the account's key")
}

// withAccount runs f with the database and the account that --account names.
func (p program) withAccount(ctx context.Context, flags *flag.FlagSet, f func(*sqlstore.Store, model.Account) error) error {
	key := flags.Lookup("account").Value.String()
	if key == "" {
		return usagef("%s: --account KEY is missing", commandName(flags))
	}
	return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
		acc, err := store.AccountByKey(ctx, key)
		if errors.Is(err, model.ErrNotFound) {
			return fmt.Errorf("there is no account %q; 'deskmate account list' shows them", key)
		}
		if err != nil {
			return fmt.Errorf("read account %s: %w", key, err)
		}
		return f(store, acc)
	})
}

func boolFlag(flags *flag.FlagSet, name string) bool {
	return flags.Lookup(name).Value.String() == "true"
}

func kbImportCommand() command {
	return command{
		name: "kb import", args: "--account KEY FILE", short: "bring a knowledge file (xlsx, csv, jsonl) into an account",
		long: "Columns: 分组, 标准问题, 相似问题 (one a line in the cell), 答案, 状态 (启用 or 停用).\n" +
			"An entry whose standard question is there already is replaced, others stay. Bad rows are named on standard\n" +
			"error with row, column and character; then nothing is imported and the exit is 1, unless --skip-bad.\n" +
			"A running server answers from the new entries within a second.",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.Bool("replace", false, "make the file the whole knowledge base: entries not in it are removed")
			f.Bool("skip-bad", false, "import the good rows although others are bad")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "FILE"); err != nil {
				return err
			}
			return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
				return p.importFile(ctx, store, acc, flags.Arg(0), boolFlag(flags, "replace"), boolFlag(flags, "skip-bad"))
			})
		},
	}
}

func (p program) importFile(ctx context.Context, store *sqlstore.Store, acc model.Account, path string, replace, skipBad bool) error {
	file, err := readKnowledge(path)
	if err != nil {
		return err
	}
	p.report(filepath.Base(path), file)
	if file.BadRows > 0 && !skipBad {
		return fmt.Errorf("%d bad rows: nothing was imported (--skip-bad imports the others)", file.BadRows)
	}
	if replace && len(file.Entries) == 0 {
		return fmt.Errorf("%s has no entries: --replace would remove every entry of %s", filepath.Base(path), acc.Key)
	}
	counts, err := store.ImportEntries(ctx, acc.ID, file.Entries, replace)
	if err != nil {
		return fmt.Errorf("import into %s: %w", acc.Key, err)
	}
	_, err = fmt.Fprintf(p.stdout, "%s: %d added, %d changed, %d unchanged, %d removed, %d bad rows left out\n",
		acc.Key, counts.Added, counts.Changed, counts.Same, counts.Removed, file.BadRows)
	return err
}

// report says on standard error what was repaired and what is wrong, row by row.
func (p program) report(name string, file sheet.Import) {
	for _, w := range file.Warnings {
		_, _ = fmt.Fprintf(p.stderr, "%s: %s\n", name, w)
	}
	for _, r := range file.Repairs {
		_, _ = fmt.Fprintf(p.stderr, "%s: %s\n", name, r)
	}
	if more := file.RepairCount - len(file.Repairs); more > 0 {
		_, _ = fmt.Fprintf(p.stderr, "%s: … and %d more repairs\n", name, more)
	}
	for _, e := range file.Errors {
		_, _ = fmt.Fprintf(p.stderr, "%s: %v\n", name, e)
	}
	if more := file.ErrorCount - len(file.Errors); more > 0 {
		_, _ = fmt.Fprintf(p.stderr, "%s: … and %d more errors\n", name, more)
	}
}

func readKnowledge(path string) (file sheet.Import, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return file, fmt.Errorf("open the knowledge file: %w", err)
	}
	defer closeInto(&err, f.Close)
	file, err = sheet.Read(filepath.Base(path), f)
	if err != nil {
		return file, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return file, nil
}

func kbExportCommand() command {
	return command{
		name: "kb export", args: "--account KEY FILE", short: "write an account's knowledge base to a file (xlsx, csv, jsonl)",
		long:  "The layout is that of 'kb import', which takes back exactly what was written.",
		flags: accountFlags,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "FILE"); err != nil {
				return err
			}
			return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
				entries, _, err := store.Entries(ctx, acc.ID)
				if err != nil {
					return fmt.Errorf("read the entries of %s: %w", acc.Key, err)
				}
				path := flags.Arg(0)
				if err := writeWhole(path, func(w io.Writer) error {
					return sheet.Write(filepath.Base(path), w, entries)
				}); err != nil {
					return fmt.Errorf("write %s: %w", path, err)
				}
				_, err = fmt.Fprintf(p.stdout, "%s: %d entries written to %s\n", acc.Key, len(entries), path)
				return err
			})
		},
	}
}

// writeWhole writes a file so that it is there whole or as it was before.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".deskmate-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	if err := write(tmp); err != nil {
		_ = tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func kbAskCommand() command {
	return command{
		name: "kb ask", args: "--account KEY QUESTION", short: "show what an account's bot would answer, and why",
		flags: accountFlags,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if flags.NArg() == 0 {
				return wantArgs(flags, "QUESTION")
			}
			question := strings.Join(flags.Args(), " ")
			return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
				base, err := knowledge.New(knowledge.Config{Source: store, Log: p.logger(slog.LevelWarn), Now: p.now})
				if err != nil {
					return err
				}
				answer, err := base.Answer(ctx, acc.ID, question, acc.Policy.Bot)
				if err != nil {
					return fmt.Errorf("ask %s: %w", acc.Key, err)
				}
				p.printAnswer(answer)
				return nil
			})
		},
	}
}

func (p program) printAnswer(a model.Answer) {
	_, _ = fmt.Fprintf(p.stdout, "%s (score %.3f, threshold %.2f, exact %t)\n", a.Kind, a.Score, a.Threshold, a.Exact)
	if a.Kind == model.AnswerSmall {
		_, _ = fmt.Fprintln(p.stdout, a.Text)
	}
	for i, c := range a.Candidates {
		_, _ = fmt.Fprintf(p.stdout, "%d. %.3f  %s", i+1, c.Score, c.Question)
		if c.Variant != "" && c.Variant != c.Question {
			_, _ = fmt.Fprintf(p.stdout, "  (as: %s)", c.Variant)
		}
		_, _ = fmt.Fprintln(p.stdout)
	}
	if a.Kind == model.AnswerHit {
		_, _ = fmt.Fprintf(p.stdout, "\n%s\n", a.Candidates[0].Answer)
	}
}

func kbEvalCommand() command {
	return command{
		name: "kb eval", args: "--kb kb.jsonl --queries queries.jsonl --out results.jsonl",
		short: "measure the bot on questions whose right answers are known",
		long: "It takes kb.jsonl as one account's knowledge base with default settings, asks every query by itself and\n" +
			"writes one line a query: results (best first), answered, latency_ms.",
		flags: func(f *flag.FlagSet) {
			f.String("kb", "", "the knowledge base: a line an entry with id, question, similar, answer, group")
			f.String("queries", "", "a line a query with query, id, kind")
			f.String("out", "", "where the results go")
		},
		run: func(ctx context.Context, _ program, flags *flag.FlagSet) (err error) {
			if err := wantArgs(flags); err != nil {
				return err
			}
			paths := map[string]string{}
			for _, name := range []string{"kb", "queries", "out"} {
				paths[name] = flags.Lookup(name).Value.String()
				if paths[name] == "" {
					return usagef("kb eval: --%s FILE is missing", name)
				}
			}
			kb, err := os.Open(paths["kb"])
			if err != nil {
				return fmt.Errorf("open the knowledge base: %w", err)
			}
			defer closeInto(&err, kb.Close)
			queries, err := os.Open(paths["queries"])
			if err != nil {
				return fmt.Errorf("open the queries: %w", err)
			}
			defer closeInto(&err, queries.Close)
			return writeWhole(paths["out"], func(w io.Writer) error { return knowledge.Eval(ctx, kb, queries, w) })
		},
	}
}
