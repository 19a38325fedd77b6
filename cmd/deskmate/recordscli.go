package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"deskmate/bot/records"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

// searchFlags adds what narrows a search of records.
func searchFlags(f *flag.FlagSet) {
	accountFlags(f)
	f.String("employee", "", "userid of the employee")
	f.String("seat", "", "userid of a seat that served")
	f.String("from", "", "opened on this day or later, 2026-01-31, or at this time, 2026-01-31T18:00:00+08:00")
	f.String("to", "", "opened before")
	f.String("text", "", "words that stand in the transcript")
	f.String("close-reason", "", "such as seat_ended or idle")
	f.String("rating", "", "good, fair or bad")
}

// recordSearch is what the flags ask for.
func recordSearch(flags *flag.FlagSet, accountID uint64, zone *time.Location) (records.Search, error) {
	get := func(name string) string { return flags.Lookup(name).Value.String() }
	from, err := recordTime(get("from"), zone)
	if err != nil {
		return records.Search{}, usagef("%s: --from: %v", commandName(flags), err)
	}
	to, err := recordTime(get("to"), zone)
	if err != nil {
		return records.Search{}, usagef("%s: --to: %v", commandName(flags), err)
	}
	rating := model.Rating(get("rating"))
	if rating != "" && !rating.Valid() {
		return records.Search{}, usagef("%s: --rating must be good, fair or bad", commandName(flags))
	}
	return records.Search{Text: get("text"), Filter: model.RecordFilter{
		AccountID: accountID, Employee: get("employee"), Seat: get("seat"), FromMS: from, ToMS: to,
		CloseReason: model.CloseReason(get("close-reason")), Rating: rating,
	}}, nil
}

// recordTime reads a day or a time; "" is 0.
func recordTime(text string, zone *time.Location) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t.UnixMilli(), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, fmt.Errorf("%q is no day such as 2026-01-31 and no time such as 2026-01-31T18:00:00+08:00", text)
	}
	return t.UnixMilli(), nil
}

// withRecords runs f with an account's records.
func (p program) withRecords(
	ctx context.Context, flags *flag.FlagSet, f func(apiRecords, model.Account, *time.Location) error,
) error {
	cfg, err := p.settings(flags)
	if err != nil {
		return err
	}
	return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
		return f(newAPIRecords(store, cfg.TimeZone, p.now), acc, cfg.TimeZone)
	})
}

func recordsSearchCommand() command {
	return command{
		name: "records search", args: "--account KEY", short: "find sessions and lines of their transcripts, newest first",
		flags: func(f *flag.FlagSet) {
			searchFlags(f)
			f.Int("limit", 20, "how many (20)")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			limit, _ := strconv.Atoi(flags.Lookup("limit").Value.String()) // the flag package has checked it
			if limit < 1 {
				return usagef("records search: --limit must be 1 or more")
			}
			return p.withRecords(ctx, flags, func(r apiRecords, acc model.Account, zone *time.Location) error {
				q, err := recordSearch(flags, acc.ID, zone)
				if err != nil {
					return err
				}
				if err := r.audit(ctx, acc, "record.search", ""); err != nil {
					return err
				}
				return p.printFound(ctx, r, q, limit, zone)
			})
		},
	}
}

// audit notes what the command line reads.
func (r apiRecords) audit(ctx context.Context, acc model.Account, action, target string) error {
	return r.AddAudit(ctx, model.Audit{AccountID: acc.ID, Actor: "cli", Action: action, Target: target})
}

func (p program) printFound(ctx context.Context, r apiRecords, q records.Search, limit int, zone *time.Location) error {
	w := bufio.NewWriter(p.stdout)
	for shown := 0; shown < limit; {
		q.Limit = limit - shown
		page, err := r.searcher.Search(ctx, q)
		if err != nil {
			return err
		}
		for _, f := range page.Found {
			s := f.Session
			_, _ = fmt.Fprintf(w, "%d  %s  %s  %s %s %s  %d messages  %s\n", s.ID, stamp(s.OpenedMS, zone), s.Employee,
				s.State, dash(string(s.CloseReason)), dash(string(f.Rating)), s.MessageCount, dash(seatList(f.Seats)))
			for _, l := range f.Lines {
				_, _ = fmt.Fprintf(w, "    #%d %s: %s\n", l.Seq, l.From, oneLine(l.Excerpt))
			}
		}
		shown += len(page.Found)
		if page.Next == 0 {
			break
		}
		q.Before = page.Next
	}
	return w.Flush()
}

func seatList(seats []model.SeatSession) string {
	return strings.Join(each(seats, func(s model.SeatSession) string { return s.Seat }), ",")
}

func stamp(ms int64, zone *time.Location) string {
	return model.Time(ms).In(zone).Format("2006-01-02 15:04:05")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// dash is a text, or a dash where it is empty.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func recordsShowCommand() command {
	return command{
		name: "records show", args: "ID --account KEY", short: "print a session's transcript, or its decisions",
		flags: func(f *flag.FlagSet) {
			accountFlags(f)
			f.Bool("decisions", false, "what was decided on each event, and why, and what became of the pushes")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "ID"); err != nil {
				return err
			}
			id, err := strconv.ParseUint(flags.Arg(0), 10, 63)
			if err != nil {
				return usagef("records show: %q is no id of a session", flags.Arg(0))
			}
			return p.withRecords(ctx, flags, func(r apiRecords, acc model.Account, zone *time.Location) error {
				if _, err := r.Record(ctx, acc.ID, id); err != nil {
					return err
				}
				if flags.Lookup("decisions").Value.String() == "true" {
					if err := r.audit(ctx, acc, "record.decisions", flags.Arg(0)); err != nil {
						return err
					}
					return p.printDecisions(ctx, r, acc.ID, id, zone)
				}
				if err := r.audit(ctx, acc, "record.read", flags.Arg(0)); err != nil {
					return err
				}
				return p.printTranscript(ctx, r, acc, id, zone)
			})
		},
	}
}

func (p program) printTranscript(ctx context.Context, r apiRecords, acc model.Account, id uint64, zone *time.Location) error {
	all, err := r.SessionMessages(ctx, acc.ID, []uint64{id})
	if err != nil {
		return err
	}
	w := bufio.NewWriter(p.stdout)
	for _, m := range all[id] {
		recalled := ""
		if m.RecalledMS != 0 {
			recalled = " (recalled)"
		}
		_, _ = fmt.Fprintf(w, "%s #%d %s %s%s: %s\n", stamp(m.AtMS, zone), m.Seq, m.From, dash(m.Sender), recalled, oneLine(records.Line{Message: m}.Words()))
	}
	return w.Flush()
}

func (p program) printDecisions(ctx context.Context, r apiRecords, accountID, id uint64, zone *time.Location) error {
	const page = 500
	w := bufio.NewWriter(p.stdout)
	pushes, err := r.SessionPushes(ctx, accountID, id, 0, page*10)
	if err != nil {
		return err
	}
	for after := uint64(0); ; {
		rows, err := r.Decisions(ctx, accountID, id, after, page)
		if err != nil {
			return err
		}
		for _, d := range rows {
			_, _ = fmt.Fprintf(w, "%s %s: %s %s score=%.2f threshold=%.2f entry=%d seat=%s %s %s→%s\n", stamp(d.DoneMS, zone), d.Event.Kind, d.Outcome, dash(d.Reason),
				d.Detail.Score, d.Detail.Threshold, d.Detail.Entry, dash(d.Detail.Seat), dash(d.Detail.SeatWhy), dash(d.Detail.From), dash(d.Detail.To))
			for _, push := range pushes {
				if push.CausedBy() == d.ID {
					_, _ = fmt.Fprintf(w, "    push %s to %s: %s errcode=%d\n", push.Push.Kind, push.Push.Receiver, push.State, push.ErrCode)
				}
			}
			after = d.ID
		}
		if len(rows) < page {
			return w.Flush()
		}
	}
}

func recordsExportCommand() command {
	return command{
		name: "records export", args: "--account KEY --out FILE.xlsx", short: "write what a search finds as a spreadsheet, numbers masked",
		flags: func(f *flag.FlagSet) {
			searchFlags(f)
			f.String("out", "", "the file to write, ending in .xlsx")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			name := flags.Lookup("out").Value.String()
			if !strings.HasSuffix(name, ".xlsx") {
				return usagef("records export: --out must name a file that ends in .xlsx")
			}
			return p.withRecords(ctx, flags, func(r apiRecords, acc model.Account, zone *time.Location) (err error) {
				q, err := recordSearch(flags, acc.ID, zone)
				if err != nil {
					return err
				}
				if err := r.audit(ctx, acc, "record.export", ""); err != nil {
					return err
				}
				const private = 0o600
				file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, private) //nolint:gosec // the operator names it
				if err != nil {
					return err
				}
				defer closeInto(&err, file.Close)
				return r.giver.Export(ctx, acc, q, file)
			})
		},
	}
}
