package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/match"
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

// layout is how knowledge files are written in the business time zone. Wrong settings are
// told by whoever opens the database.
func (p program) layout(flags *flag.FlagSet) sheet.Layout {
	cfg, err := p.settings(flags)
	if err != nil {
		return sheet.Layout{Location: time.UTC}
	}
	return sheet.Layout{Location: cfg.TimeZone}
}

func kbImportCommand() command {
	return command{
		name: "kb import", args: "--account KEY FILE", short: "bring a knowledge file (xlsx, csv, jsonl) into an account",
		long: "Columns: 分组, 标准问题, 相似问题 (one a line in the cell), 答案, 状态 (启用 or 停用); where needed 消息2 to 消息5,\n" +
			"生效时间, 失效时间, 草稿 and 编号. WeCom's own layout is taken, too; 'deskmate kb check' says what would happen.\n" +
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
				file, err := readKnowledge(p.layout(flags), flags.Arg(0))
				if err != nil {
					return err
				}
				missing, err := curate.MissingMedia(ctx, store, acc.ID, file)
				if err != nil {
					return err
				}
				file.Warnings = append(file.Warnings, missing...)
				p.report(filepath.Base(flags.Arg(0)), file)
				return p.importFile(ctx, store, acc, file, boolFlag(flags, "replace"), boolFlag(flags, "skip-bad"))
			})
		},
	}
}

func (p program) importFile(ctx context.Context, store *sqlstore.Store, acc model.Account, file sheet.Import, replace, skipBad bool) error {
	if file.BadRows > 0 && !skipBad {
		return fmt.Errorf("%d bad rows: nothing was imported (--skip-bad imports the others)", file.BadRows)
	}
	if replace && len(file.Entries) == 0 {
		return fmt.Errorf("the file has no entries: --replace would remove every entry of %s", acc.Key)
	}
	counts, _, err := store.ImportEntries(ctx, acc.ID, file.Entries, sqlstore.ImportOptions{Replace: replace, Author: cliAuthor})
	if err != nil {
		return fmt.Errorf("import into %s: %w", acc.Key, err)
	}
	_, err = fmt.Fprintf(p.stdout, "%s: %d added, %d changed, %d unchanged, %d removed, %d bad rows left out\n",
		acc.Key, counts.New, counts.Changed, counts.Same, counts.Removed, file.BadRows)
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

func readKnowledge(layout sheet.Layout, path string) (file sheet.Import, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return file, fmt.Errorf("open the knowledge file: %w", err)
	}
	defer closeInto(&err, f.Close)
	file, err = layout.Read(filepath.Base(path), f)
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
					return p.layout(flags).Write(filepath.Base(path), w, entries)
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

func kbEvalCommand() command {
	return command{
		name: "kb eval", args: "--kb kb.jsonl --queries queries.jsonl --out results.jsonl",
		short: "measure the bot on questions whose right answers are known",
		long: "It takes kb.jsonl as one account's knowledge base with default settings, trains the account's encoder as a\n" +
			"server does, asks every query by itself and\n" +
			"writes one line a query: results (best first), answered, latency_ms.",
		flags: func(f *flag.FlagSet) {
			f.String("kb", "", "the knowledge base: a line an entry with id, question, similar, answer, group")
			f.String("queries", "", "a line a query with query, id, kind")
			f.String("out", "", "where the results go")
			f.String("weights", "", "other weights than those that ship, to measure what was fitted without a source")
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
			opts, err := evalOptions(flags.Lookup("weights").Value.String())
			if err != nil {
				return err
			}
			return writeWhole(paths["out"], func(w io.Writer) error { return knowledge.Eval(ctx, kb, queries, w, opts) })
		},
	}
}

// evalOptions reads the weights that an evaluation uses; "" means those that ship.
func evalOptions(path string) (opts knowledge.EvalOptions, err error) {
	if path == "" {
		return opts, nil
	}
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return opts, fmt.Errorf("open the weights: %w", err)
	}
	defer closeInto(&err, f.Close)
	opts.Weights, err = match.LoadWeights(f)
	if err != nil {
		return opts, fmt.Errorf("read the weights: %w", err)
	}
	return opts, nil
}
