package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"deskmate/bot/stats"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

// How figures are counted.
const (
	statsEvery   = 15 * time.Second
	statsSlack   = time.Minute      // how late a change may be seen: a decision takes time to be stored, clocks differ
	statsRecent  = 10 * time.Second // the same when figures are asked for; what it misses the next pass counts
	statsBacklog = 300              // slots of the past in a pass, of ten minutes each
)

// newRoller makes what counts figures in the background, on every replica.
func newRoller(store *sqlstore.Store, zone *time.Location, now func() time.Time, log *slog.Logger) *stats.Roller {
	return stats.NewRoller(stats.RollerConfig{
		Store: store, Accounts: store, Zone: zone, Every: statsEvery, Slack: statsSlack, Backlog: statsBacklog, Now: now, Log: log.With("component", "stats"),
	})
}

// apiStatistics gives the API what it needs of statistics.
type apiStatistics struct {
	*stats.Reporter
	store *sqlstore.Store
	now   func() time.Time
}

func newAPIStatistics(store *sqlstore.Store, zone *time.Location, now func() time.Time) apiStatistics {
	return apiStatistics{stats.NewReporter(stats.ReporterConfig{Store: store, Zone: zone, Slack: statsRecent, Now: now}), store, now}
}

// Comments implements [handler.Statistics].
func (s apiStatistics) Comments(ctx context.Context, q model.StatComments) ([]model.Survey, error) {
	ids, err := s.Sessions(ctx, stats.CommentsQuery(q))
	if err != nil {
		return nil, err
	}
	return s.store.SurveysOf(ctx, q.AccountID, ids)
}

// SessionRecords implements [handler.Statistics].
func (s apiStatistics) SessionRecords(ctx context.Context, accountID uint64, ids []uint64) ([]model.Record, error) {
	return s.store.Records(ctx, model.RecordFilter{AccountID: accountID}, ids)
}

// Entries implements [handler.Statistics].
func (s apiStatistics) Entries(ctx context.Context, accountID uint64) (map[uint64]string, error) {
	return s.store.EntryQuestions(ctx, accountID, s.now().UnixMilli())
}

// Definitions implements [handler.Statistics].
func (apiStatistics) Definitions() []model.StatFigure { return stats.Definitions() }

// Sheet implements [handler.Statistics].
func (apiStatistics) Sheet(sheets []model.StatSheet, w io.Writer) error {
	return stats.Write(sheets, w)
}

func statsRebuildCommand() command {
	return command{
		name: "stats rebuild", args: "--account KEY", short: "count an account's statistics again from its sessions",
		long:  "The pages show what is counted so far meanwhile. Figures from before the oldest session that is still there stay as they are.",
		flags: accountFlags,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			return p.withAccount(ctx, flags, func(store *sqlstore.Store, acc model.Account) error {
				r := newRoller(store, cfg.TimeZone, p.now, slog.New(slog.DiscardHandler))
				err := r.Rebuild(ctx, acc.ID, func(day int) {
					_, _ = fmt.Fprintf(p.stderr, "counted back to %d\n", day)
				})
				if err != nil {
					return fmt.Errorf("rebuild the statistics of %s: %w", acc.Key, err)
				}
				_, _ = fmt.Fprintf(p.stdout, "%s: counted\n", acc.Key)
				return nil
			})
		},
	}
}
