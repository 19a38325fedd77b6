// Command weights fits the numbers in bot/knowledge/match/data: how common pieces of text
// are anywhere, what speaks for an entry, and how sure to be of the best one. README.md
// names the data and their licences.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"deskmate/bot/knowledge/match"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil { //nolint:forbidigo // main is where contexts begin
		fmt.Fprintln(os.Stderr, "weights:", err)
		os.Exit(1) //nolint:forbidigo // and where the process ends
	}
}

// config is what the command line says.
type config struct {
	data, own, out, without, version string
}

func run(ctx context.Context, args []string, log io.Writer) error {
	var c config
	flags := flag.NewFlagSet("weights", flag.ContinueOnError)
	flags.StringVar(&c.data, "data", "", "folder of the public data sets (required)")
	flags.StringVar(&c.own, "own", "scripts/weights/data", "folder of our own questions")
	flags.StringVar(&c.out, "out", "bot/knowledge/match/data/weights.json", "file to write; empty for none")
	flags.StringVar(&c.without, "without", "", "folder for weights fitted without one source each; empty for none")
	flags.StringVar(&c.version, "version", "2", "version of the weights")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if c.data == "" {
		return errors.New("-data is required")
	}
	sources, err := readSources(c.data, c.own)
	if err != nil {
		return err
	}
	if c.out != "" {
		if err := fit(ctx, sources, c.version, c.out, log); err != nil {
			return err
		}
	}
	if c.without == "" {
		return nil
	}
	for i, s := range sources {
		if s.own {
			continue
		}
		rest := slices.Delete(slices.Clone(sources), i, i+1)
		path := filepath.Join(c.without, "without-"+s.name+".json")
		if err := fit(ctx, rest, c.version+"-without-"+s.name, path, log); err != nil {
			return err
		}
	}
	return nil
}

// fit makes weights of some sources and writes them.
func fit(ctx context.Context, sources []*source, version, path string, log io.Writer) error {
	w := match.UnfittedWeights(version)
	w.Prior = prior(sources)
	for _, learned := range []bool{false, true} {
		asked, err := ask(ctx, sources, w, learned, log)
		if err != nil {
			return fmt.Errorf("ask for %s: %w", version, err)
		}
		m := &w.Plain
		if learned {
			m = &w.Learned
		}
		*m = fitModel(asked, log)
	}
	data, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("write weights %s: %w", version, err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil { //nolint:gosec // nothing secret
		return fmt.Errorf("write weights %s: %w", version, err)
	}
	fmt.Fprintf(log, "%s: %d bytes\n", path, len(data))
	return nil
}
