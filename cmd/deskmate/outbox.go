package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strconv"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

// outboxBatch is how many dead letters are read, or sent again, at once.
const outboxBatch = 200

// deadFlags adds what narrows dead letters.
func deadFlags(f *flag.FlagSet) {
	accountFlags(f)
	f.String("errcode", "", "of one reason: WeCom's errcode; 0: there was no answer")
	f.String("receiver", "", "userid of the receiver")
	f.Bool("lines", false, "only what people wrote and the bot answered, no notices and cards")
}

// deadFilter is what the flags ask for.
func deadFilter(flags *flag.FlagSet, accountID uint64) (model.DeadFilter, error) {
	f := model.DeadFilter{AccountID: accountID, Receiver: flags.Lookup("receiver").Value.String(), Lines: boolFlag(flags, "lines")}
	if text := flags.Lookup("errcode").Value.String(); text != "" {
		code, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return f, usagef("%s: --errcode: %q is no number", commandName(flags), text)
		}
		f.ErrCode = &code
	}
	return f, nil
}

func outboxDeadCommand() command {
	return command{
		name: "outbox dead", args: "--account KEY", short: "list what could not be sent to people, newest first",
		long: "What they say is not printed. 'dead' was refused or could not be sent for a day; 'uncertain' may have arrived.\n" +
			"docs/wecom-errors.md says what to do about each errcode.",
		flags: func(f *flag.FlagSet) {
			deadFlags(f)
			f.Int("limit", 50, "how many (50)")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			limit, _ := strconv.Atoi(flags.Lookup("limit").Value.String()) // the flag package has checked it
			if limit < 1 {
				return usagef("outbox dead: --limit must be 1 or more")
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
				filter, err := deadFilter(flags, acc.ID)
				if err != nil {
					return err
				}
				return p.printDead(ctx, store, filter, limit, cfg.TimeZone)
			})
		},
	}
}

func (p program) printDead(ctx context.Context, store *sqlstore.Store, f model.DeadFilter, limit int, zone *time.Location) error {
	w := bufio.NewWriter(p.stdout)
	for behind := uint64(0); limit > 0; {
		rows, err := store.DeadLetters(ctx, f, behind, min(limit, outboxBatch))
		if err != nil {
			return fmt.Errorf("read the dead letters: %w", err)
		}
		for _, r := range rows {
			_, _ = fmt.Fprintf(w, "%d  %s  %s  %s to %s  session=%d  tries=%d  errcode=%d (%s)  %s\n", r.ID,
				stamp(cmp.Or(r.DeadMS, r.CreatedMS), zone), r.State, r.Push.Kind, r.Push.Receiver, r.SessionID, r.Attempts,
				r.ErrCode, wecom.AdviceFor(r.ErrCode), oneLine(r.Err))
			behind = r.ID
		}
		limit -= len(rows)
		if len(rows) < outboxBatch {
			break
		}
	}
	return w.Flush()
}

func outboxRetryCommand() command {
	return command{
		name: "outbox retry", args: "--account KEY [ID…|--all]", short: "send again what could not be sent",
		long: "Each goes to the end of its receiver's line, once. Mend the reason first: 'outbox dead' names it.\n" +
			"What may have arrived already is left alone unless --may-repeat says so; it may then arrive twice.",
		flags: func(f *flag.FlagSet) {
			deadFlags(f)
			f.Bool("all", false, "all that match, the oldest first")
			f.Bool("may-repeat", false, "also what may have arrived already")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			all := boolFlag(flags, "all")
			if all == (flags.NArg() > 0) {
				return usagef("outbox retry: give either ids or --all")
			}
			var ids []uint64
			for _, text := range flags.Args() {
				id, err := strconv.ParseUint(text, 10, 63)
				if err != nil {
					return usagef("outbox retry: %q is no id", text)
				}
				ids = append(ids, id)
			}
			return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
				filter, err := deadFilter(flags, acc.ID)
				if err != nil {
					return err
				}
				filter.Oldest = true
				if !all {
					return p.retryNamed(ctx, store, acc.ID, ids, boolFlag(flags, "may-repeat"))
				}
				return p.retryAll(ctx, store, filter, boolFlag(flags, "may-repeat"))
			})
		},
	}
}

func (p program) retryNamed(ctx context.Context, store *sqlstore.Store, accountID uint64, ids []uint64, mayRepeat bool) error {
	var keys []model.DeadKey
	for _, id := range ids {
		row, err := store.DeadLetter(ctx, accountID, id)
		if err != nil {
			return fmt.Errorf("%d is no dead letter of the account: %w", id, err)
		}
		if row.MayRepeat() && !mayRepeat {
			return fmt.Errorf("%d may have arrived already; --may-repeat sends it all the same", id)
		}
		keys = append(keys, row.DeadKey())
	}
	total := 0
	for len(keys) > 0 {
		some := keys[:min(outboxBatch, len(keys))]
		keys = keys[len(some):]
		n, err := retryDead(ctx, store, accountID, some, mayRepeat)
		if err != nil {
			return err
		}
		total += n
	}
	_, err := fmt.Fprintf(p.stdout, "%d of %d are sent again\n", total, len(ids))
	return err
}

func (p program) retryAll(ctx context.Context, store *sqlstore.Store, f model.DeadFilter, mayRepeat bool) error {
	if !mayRepeat {
		f.State = model.OutDead
	}
	total, seen := 0, 0
	for behind := uint64(0); ; {
		rows, err := store.DeadLetters(ctx, f, behind, outboxBatch)
		if err != nil {
			return fmt.Errorf("read the dead letters: %w", err)
		}
		if len(rows) == 0 {
			break
		}
		n, err := retryDead(ctx, store, f.AccountID, each(rows, model.Outbox.DeadKey), mayRepeat)
		if err != nil {
			return err
		}
		total, seen, behind = total+n, seen+len(rows), rows[len(rows)-1].ID
	}
	_, err := fmt.Fprintf(p.stdout, "%d of %d are sent again\n", total, seen)
	return err
}

// retryDead sends some again and notes it in the audit log.
func retryDead(ctx context.Context, store *sqlstore.Store, accountID uint64, keys []model.DeadKey, mayRepeat bool) (int, error) {
	after, err := json.Marshal(map[string]any{"count": len(keys), "may_repeat": mayRepeat})
	if err != nil {
		return 0, err
	}
	entry := model.Audit{AccountID: accountID, Actor: "cli", Action: "deadletter.retried", After: string(after)}
	if len(keys) == 1 {
		entry.Target = strconv.FormatUint(keys[0].ID, 10)
	}
	done, err := store.RetryDead(ctx, accountID, keys, mayRepeat, entry)
	if err != nil {
		return 0, fmt.Errorf("send again: %w", err)
	}
	return len(done), nil
}
