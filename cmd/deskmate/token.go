package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

func adminTokenCreateCommand() command {
	return command{
		name: "admin token create", args: "NAME", short: "make a token for the HTTP API and print it once",
		long: "With --account KEY[,KEY] it is an owner's token, for those accounts; with --super it may do everything;\n" +
			"with --role seat --account KEY --user USERID it works on that account's sessions as that seat, for as long\n" +
			"as the member is one. An owner's token with --user may step into sessions as that member.\n" +
			"Programs send it as 'Authorization: Bearer TOKEN'; the API is described at /api/openapi.json.\n" +
			"Only a hash of it is kept: a lost token is revoked and made anew.",
		flags: func(f *flag.FlagSet) {
			settingsFlag(f)
			f.String("account", "", "keys of the accounts it is for, parted by commas")
			f.Bool("super", false, "a super admin's token")
			f.String("role", "", "owner (default), seat or super_admin")
			f.String("user", "", "userid of the member that it acts as")
			f.Int("days", 0, "ends after so many days; 0: never")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "NAME"); err != nil {
				return err
			}
			t, err := p.newToken(flags)
			if err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error { return p.createToken(ctx, store, t) })
		},
	}
}

// newToken reads what the command line says of a token.
func (p program) newToken(flags *flag.FlagSet) (model.Token, error) {
	now := p.now()
	t := model.Token{ID: model.NewID(now), Name: strings.TrimSpace(flags.Arg(0)), Role: model.RoleOwner, CreatedMS: now.UnixMilli(), Accounts: []string{}}
	for key := range strings.SplitSeq(flags.Lookup("account").Value.String(), ",") {
		if key = strings.TrimSpace(key); key != "" && !slices.Contains(t.Accounts, key) {
			t.Accounts = append(t.Accounts, key)
		}
	}
	t.UserID = model.Fold(flags.Lookup("user").Value.String())
	role := model.Role(flags.Lookup("role").Value.String())
	switch {
	case boolFlag(flags, "super") && role != "" && role != model.RoleSuperAdmin:
		return t, usagef("admin token create: --super is --role super_admin")
	case boolFlag(flags, "super"):
		t.Role = model.RoleSuperAdmin
	case role != "":
		t.Role = role
	}
	var days int
	_, _ = fmt.Sscan(flags.Lookup("days").Value.String(), &days) // the flag package has checked it
	if days > 0 {
		t.ExpiresMS = now.AddDate(0, 0, days).UnixMilli()
	}
	switch {
	case t.Name == "" || utf8.RuneCountInString(t.Name) > 64:
		return t, usagef("admin token create: NAME must be 1 to 64 characters")
	case days < 0:
		return t, usagef("admin token create: --days must not be negative")
	case !t.Role.Valid():
		return t, usagef("admin token create: --role is owner, seat or super_admin")
	case t.Role == model.RoleSeat && (len(t.Accounts) != 1 || t.UserID == ""):
		return t, usagef("admin token create: a seat's token needs --account KEY, a single one, and --user USERID")
	case (t.Role != model.RoleSuperAdmin) == (len(t.Accounts) == 0):
		return t, usagef("admin token create: give either --account KEY or --super")
	}
	return t, nil
}

func (p program) createToken(ctx context.Context, store *sqlstore.Store, t model.Token) error {
	for _, key := range t.Accounts {
		if _, err := store.AccountByKey(ctx, key); errors.Is(err, model.ErrNotFound) {
			return fmt.Errorf("there is no account %q; 'deskmate account list' shows them", key)
		} else if err != nil {
			return fmt.Errorf("read account %s: %w", key, err)
		}
	}
	if t.Role == model.RoleSeat {
		if _, err := store.AccountSeat(ctx, t.Accounts[0], t.UserID); errors.Is(err, model.ErrNotFound) {
			return fmt.Errorf("%s is no seat of account %s", t.UserID, t.Accounts[0])
		} else if err != nil {
			return fmt.Errorf("read the seat: %w", err)
		}
	}
	secret := handler.TokenPrefix + rand.Text() + rand.Text()
	t.Hash = handler.HashToken(secret)
	if err := store.SaveToken(ctx, t); err != nil {
		return fmt.Errorf("save the token: %w", err)
	}
	about, err := json.Marshal(map[string]any{"role": t.Role, "accounts": t.Accounts, "userid": t.UserID})
	if err == nil {
		err = store.AddAudit(ctx, model.Audit{Actor: cliAuthor, Action: "token.created", Target: t.Name, After: string(about)})
	}
	if err != nil {
		return fmt.Errorf("note the token in the audit log: %w", err)
	}
	_, err = fmt.Fprintln(p.stdout, secret)
	return err
}

func adminTokenListCommand() command {
	return command{
		name: "admin token list", short: "list the tokens of the HTTP API", flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
				tokens, err := store.Tokens(ctx)
				if err != nil {
					return fmt.Errorf("read the tokens: %w", err)
				}
				return p.printTokens(tokens, cfg.TimeZone)
			})
		},
	}
}

func (p program) printTokens(tokens []model.Token, zone *time.Location) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "NAME\tROLE\tACCOUNTS\tMEMBER\tCREATED\tEXPIRES\tLAST USED")
	day := func(ms int64, none string) string {
		if ms == 0 {
			return none
		}
		return model.Time(ms).In(zone).Format("2006-01-02")
	}
	for _, t := range tokens {
		accounts := strings.Join(t.Accounts, ",")
		if t.Role == model.RoleSuperAdmin {
			accounts = "all"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.Name, t.Role, accounts, cmp.Or(t.UserID, "-"),
			day(t.CreatedMS, ""), day(t.ExpiresMS, "never"), day(t.LastUsedMS, "never"))
	}
	return w.Flush()
}

func adminTokenRevokeCommand() command {
	return command{
		name: "admin token revoke", args: "NAME", short: "end a token of the HTTP API at once", flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "NAME"); err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
				err := store.RevokeToken(ctx, flags.Arg(0))
				if errors.Is(err, model.ErrNotFound) {
					return fmt.Errorf("there is no token %q; 'deskmate admin token list' shows them", flags.Arg(0))
				}
				if err != nil {
					return fmt.Errorf("revoke the token: %w", err)
				}
				if err := store.AddAudit(ctx, model.Audit{Actor: cliAuthor, Action: "token.revoked", Target: flags.Arg(0)}); err != nil {
					return fmt.Errorf("note it in the audit log: %w", err)
				}
				_, err = fmt.Fprintf(p.stdout, "%s is revoked\n", flags.Arg(0))
				return err
			})
		},
	}
}
