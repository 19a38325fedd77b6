package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"flag"
	"fmt"

	"deskmate/handler"
	"deskmate/store/sqlstore"
)

func adminLoginLinkCommand() command {
	return command{
		name: "admin login-link", short: "make a one-time link that signs in to the console as a super admin",
		long: "The link works once, for 15 minutes, in any browser. Whoever opens it may do everything, and should first\n" +
			"name members as super admins, who then sign in with WeCom.",
		flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
				secret := rand.Text() + rand.Text()
				if err := store.AddLoginLink(ctx, handler.HashToken(secret)); err != nil {
					return fmt.Errorf("make the link: %w", err)
				}
				// Behind the #, the secret reaches no server's log and no preview.
				_, err := fmt.Fprintf(p.stdout, "%s/login#link=%s\n", cmp.Or(cfg.PublicURL, "http://localhost"+portOf(cfg.Listen)), secret)
				return err
			})
		},
	}
}

// portOf is the port of a listening address, with its colon.
func portOf(listen string) string {
	for i := len(listen) - 1; i >= 0; i-- {
		if listen[i] == ':' {
			return listen[i:]
		}
	}
	return ""
}
