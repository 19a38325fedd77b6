package main

import (
	"context"
	"flag"
	"fmt"

	"deskmate/model"
)

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
