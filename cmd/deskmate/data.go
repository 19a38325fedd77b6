package main

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"

	"deskmate/bot/pinyin"
	"deskmate/config"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

// openStore opens the database and brings its schema up to date.
func (p program) openStore(ctx context.Context, cfg config.Config) (*sqlstore.Store, error) {
	store, err := p.openUnmigrated(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx); err != nil {
		_ = store.Close()
		return nil, fmt.Errorf("bring the database up to date: %w", err)
	}
	return store, nil
}

func (p program) openUnmigrated(ctx context.Context, cfg config.Config) (*sqlstore.Store, error) {
	store, err := sqlstore.Open(ctx, sqlstore.Config{
		URL: cfg.DatabaseURL.Reveal(), SecretKey: cfg.SecretKeyBytes(), Now: p.now,
		Log: p.logger(cfg.LogLevel), Location: cfg.TimeZone, Spell: pinyin.Words,
	})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return store, nil
}

// withStore runs f with the database of the settings.
func (p program) withStore(ctx context.Context, flags *flag.FlagSet, f func(*sqlstore.Store) error) (err error) {
	cfg, err := p.settings(flags)
	if err != nil {
		return err
	}
	store, err := p.openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer closeInto(&err, store.Close)
	return f(store)
}

// closeInto closes something whose failure matters.
func closeInto(err *error, closer func() error) {
	if e := closer(); *err == nil {
		*err = e
	}
}

func migrateUpCommand() command {
	return command{
		name: "migrate up", short: "bring the database's schema up to date",
		long:  "Every command that needs the database does this by itself; replicas that start together take turns.",
		flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(*sqlstore.Store) error {
				_, err := fmt.Fprintln(p.stdout, "the schema is up to date")
				return err
			})
		},
	}
}

func migrateStatusCommand() command {
	return command{
		name: "migrate status", short: "list the schema's migrations and which are applied", flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) (err error) {
			if err := wantArgs(flags); err != nil {
				return err
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			store, err := p.openUnmigrated(ctx, cfg)
			if err != nil {
				return err
			}
			defer closeInto(&err, store.Close)
			list, err := store.MigrationStatus(ctx)
			if err != nil {
				return fmt.Errorf("read the migrations: %w", err)
			}
			w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
			for _, m := range list {
				state := "pending"
				if !m.Pending {
					state = "applied " + m.AppliedAt.In(cfg.TimeZone).Format("2006-01-02 15:04:05")
				}
				_, _ = fmt.Fprintf(w, "%d\t%s\t%s\n", m.Version, m.Name, state)
			}
			return w.Flush()
		},
	}
}

func accountApplyCommand() command {
	return command{
		name: "account apply", args: "-f FILE", short: "create an account, or make it what the file says",
		long: "The file is YAML; config/account.example.yaml shows every key. Applying it again changes nothing.\n" +
			"A running server follows within a second.",
		flags: func(f *flag.FlagSet) {
			settingsFlag(f)
			f.String("f", "", "the account file")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			path := flags.Lookup("f").Value.String()
			if path == "" {
				return usagef("account apply: -f FILE is missing")
			}
			file, err := config.ReadAccount(path)
			if err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
				acc, changed, err := store.SaveAccount(ctx, file.Account, file.Seats, file.Owners, cliAuthor)
				if err != nil {
					return fmt.Errorf("save account %s: %w", file.Account.Key, err)
				}
				what := "unchanged"
				if changed {
					what = "applied"
				}
				_, err = fmt.Fprintf(p.stdout, "account %s (%s): %s, %d seats\n", acc.Key, acc.Name, what, len(file.Seats))
				return err
			})
		},
	}
}

func accountListCommand() command {
	return command{
		name: "account list", short: "list the accounts", flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
				return p.listAccounts(ctx, store)
			})
		},
	}
}

func (p program) listAccounts(ctx context.Context, store *sqlstore.Store) error {
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return fmt.Errorf("read the accounts: %w", err)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "KEY\tNAME\tCORP\tAGENTID\tSEATS\tSTATE")
	for _, acc := range accounts {
		seats, err := store.Seats(ctx, acc.ID)
		if err != nil {
			return fmt.Errorf("read the seats of %s: %w", acc.Key, err)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\n", acc.Key, acc.Name, acc.CorpID, acc.AgentID, len(seats), accountState(acc))
	}
	return w.Flush()
}

func accountState(acc model.Account) string {
	if acc.Enabled {
		return "enabled"
	}
	return "disabled"
}
