package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"deskmate/bot/knowledge"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

func kbAskCommand() command {
	return command{
		name: "kb ask", args: "--account KEY QUESTION", short: "show what an account's bot would answer, and why",
		long: "It shows the decision, the candidates with the probability that each is right, the account's question that\n" +
			"matched, the thresholds and the versions of what decided; with --features all that spoke for and against.",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.Bool("features", false, "show every feature of every candidate")
			f.String("after", "", "the question that was answered just before, for follow-ups")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if flags.NArg() == 0 {
				return wantArgs(flags, "QUESTION")
			}
			question := strings.Join(flags.Args(), " ")
			return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
				base, err := knowledge.New(knowledge.Config{Source: store, Encoders: store, Log: p.logger(slog.LevelWarn), Now: p.now})
				if err != nil {
					return err
				}
				if err := base.Load(ctx, acc.ID); err != nil {
					return fmt.Errorf("read the knowledge base of %s: %w", acc.Key, err)
				}
				ask := model.Ask{Question: question, Policy: acc.Policy.Bot}
				if before := flags.Lookup("after").Value.String(); before != "" {
					topic, err := base.Answer(ctx, acc.ID, model.Ask{Question: before, Policy: acc.Policy.Bot})
					if err != nil {
						return fmt.Errorf("ask %s: %w", acc.Key, err)
					}
					if topic.Kind != model.AnswerHit {
						return fmt.Errorf("%q has no answer that a follow-up could be about", before)
					}
					ask.Topic = topic.Candidates[0].EntryID
				}
				e, err := base.Explain(ctx, acc.ID, ask)
				if err != nil {
					return fmt.Errorf("ask %s: %w", acc.Key, err)
				}
				p.printExplanation(e, boolFlag(flags, "features"))
				return nil
			})
		},
	}
}

func (p program) printExplanation(e model.Explanation, features bool) {
	a := e.Answer
	_, _ = fmt.Fprintf(p.stdout, "%s (probability %.3f, answers from %.2f, suggests from %.2f)\n", a.Kind, a.Score, e.Thresholds[0], e.Thresholds[1])
	_, _ = fmt.Fprintf(p.stdout, "seen as: %s\n", e.Folded)
	if len(e.Expanded) > 0 {
		_, _ = fmt.Fprintf(p.stdout, "and as: %s\n", strings.Join(e.Expanded, " | "))
	}
	var notes []string
	for _, n := range []struct {
		is   bool
		text string
	}{{a.Exact, "letter for letter"}, {a.Topic, "as a follow-up"}, {e.Encoder, "with the account's encoder"}, {e.Embedding, "with embeddings"}} {
		if n.is {
			notes = append(notes, n.text)
		}
	}
	_, _ = fmt.Fprintf(p.stdout, "decided by: %s in %.1f ms %s\n", cmp.Or(a.Model, "small talk"), e.TookMS, strings.Join(notes, ", "))
	if a.Kind == model.AnswerSmall {
		_, _ = fmt.Fprintf(p.stdout, "\n%s\n", a.Text)
	}
	for i, c := range e.Candidates {
		_, _ = fmt.Fprintf(p.stdout, "%d. %.3f  %s", i+1, c.Score, c.Question)
		if c.Variant != "" && c.Variant != c.Question {
			_, _ = fmt.Fprintf(p.stdout, "  (as: %s)", c.Variant)
		}
		_, _ = fmt.Fprintln(p.stdout)
		if features {
			for _, name := range slices.Sorted(maps.Keys(c.Features)) {
				_, _ = fmt.Fprintf(p.stdout, "     %-18s %8.4f\n", name, c.Features[name])
			}
		}
	}
	if a.Kind == model.AnswerHit {
		for _, text := range append([]string{a.Candidates[0].Answer}, a.Candidates[0].More...) {
			_, _ = fmt.Fprintf(p.stdout, "\n%s\n", text)
		}
	}
}
