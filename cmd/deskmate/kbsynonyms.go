package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"deskmate/model"
)

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
