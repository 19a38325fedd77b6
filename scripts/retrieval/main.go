// Command retrieval measures Deskmate's matcher beside plain full-text engines, in one run,
// on tasks of real questions. It is a module of its own so that the product doesn't depend
// on the engines it is compared with. README.md says how to read what it prints.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "retrieval:", err)
		os.Exit(1)
	}
}

// settings are the command's flags.
type settings struct {
	tasks    string         // folder of task folders
	only     *regexp.Regexp // tasks whose name it matches
	program  string         // the deskmate program; empty: the plain engines alone
	weights  string         // folder of weights fitted without one source each; empty: those that ship
	out      string         // folder that keeps the results files
	mysqlURL string         // of a server for the full-text engine; empty: leave that one out
}

func parse(args []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	s := settings{mysqlURL: getenv("DESKMATE_TEST_MYSQL_URL")}
	flags := flag.NewFlagSet("retrieval", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.tasks, "tasks", "../../../shared/bench/retrieval", "`folder` of task folders, each with kb.jsonl and queries.jsonl")
	only := flags.String("run", "", "take only the tasks whose name matches this `regexp`")
	flags.StringVar(&s.program, "deskmate", "../../bin/deskmate", "the deskmate `program`; empty: only the plain engines")
	flags.StringVar(&s.weights, "weights", "", "`folder` of weights fitted without one source each, without-SOURCE.json; tasks of other sources take those that ship")
	flags.StringVar(&s.out, "out", "", "`folder` that keeps every results file, ENGINE/TASK.jsonl")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	var err error
	if s.only, err = regexp.Compile(*only); err != nil {
		return s, fmt.Errorf("read -run: %w", err)
	}
	if s.mysqlURL == "" {
		if getenv("CI") == "true" {
			return s, errors.New("DESKMATE_TEST_MYSQL_URL is not set, and under CI no engine may be left out")
		}
		_, _ = fmt.Fprintln(stderr, "!!! DESKMATE_TEST_MYSQL_URL is not set: MariaDB full text is NOT measured, and the best plain engine is that of the others")
	}
	return s, nil
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	s, err := parse(args, getenv, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	names, err := taskNames(s.tasks, s.only)
	if err != nil {
		return err
	}
	if s.out == "" {
		if s.out, err = os.MkdirTemp("", "retrieval"); err != nil {
			return fmt.Errorf("make a folder for the results: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(s.out)) }()
	}
	engines, err := plainEngines(s)
	if err != nil {
		return err
	}
	all := newReport()
	for _, name := range names {
		t, err := readTask(filepath.Join(s.tasks, name))
		if err != nil {
			return fmt.Errorf("read task %s: %w", name, err)
		}
		rows, err := measureTask(ctx, s, engines, t, stderr)
		if err != nil {
			return fmt.Errorf("task %s: %w", name, err)
		}
		all.add(rows)
		printTask(stdout, t, rows)
	}
	all.printSummary(stdout)
	return nil
}

// measureTask runs every engine, and Deskmate last, on one task.
func measureTask(ctx context.Context, s settings, engines []engine, t task, stderr io.Writer) ([]row, error) {
	var rows []row
	for _, e := range engines {
		_, _ = fmt.Fprintf(stderr, "%s: %s …\n", t.name, e.name)
		results, err := e.answer(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		if err := writeResults(filepath.Join(s.out, e.name, t.name+".jsonl"), results); err != nil {
			return nil, err
		}
		rows = append(rows, row{engine: e.name, score: measure(t.queries, results)})
	}
	if s.program == "" {
		return rows, nil
	}
	_, _ = fmt.Fprintf(stderr, "%s: deskmate …\n", t.name)
	results, err := askDeskmate(ctx, s, t)
	if err != nil {
		return nil, err
	}
	return append(rows, row{engine: deskmateName, score: measure(t.queries, results), own: true}), nil
}
