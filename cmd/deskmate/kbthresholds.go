package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strconv"

	"deskmate/bot/knowledge/curate"
	"deskmate/model"
)

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
