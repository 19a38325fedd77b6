package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"

	"deskmate/config"
	"deskmate/model"
	"deskmate/store/redisstore"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

func doctorCommand() command {
	return command{
		name: "doctor", short: "check everything Deskmate needs, and say what to do where something is wrong",
		long: "It checks the settings, the database, Redis, the kept files, the clock, and the audit log, for each account WeCom's token, this host's\n" +
			"trusted IP, the app's visible range and the callback address. Exit 1 if anything is wrong.",
		flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			d := &doctor{p: p, cfg: cfg, out: p.stdout}
			d.good("settings", "")
			d.examine(ctx)
			if d.wrong > 0 {
				return fmt.Errorf("%d of %d checks found something wrong", d.wrong, d.checks)
			}
			return nil
		},
	}
}

// doctor checks and counts.
type doctor struct {
	p      program
	cfg    config.Config
	out    io.Writer
	checks int
	wrong  int

	clocked bool // the clock was looked at
}

func (d *doctor) good(what, detail string) {
	d.checks++
	d.line("ok  ", what, detail)
}

// bad says what is wrong and what to do about it.
func (d *doctor) bad(what, detail, advice string) {
	d.checks++
	d.wrong++
	d.line("FAIL", what, detail)
	if advice != "" {
		_, _ = fmt.Fprintf(d.out, "       → %s\n", advice)
	}
}

func (d *doctor) line(mark, what, detail string) {
	if detail != "" {
		what += ": " + detail
	}
	_, _ = fmt.Fprintln(d.out, mark+"  "+what)
}

// say prints what a check found.
func (d *doctor) say(what string, c model.Check) {
	switch c.State {
	case model.CheckFailed:
		d.bad(what, c.Detail, c.Advice)
	case model.CheckWarn:
		d.line("warn", what, c.Detail)
	case model.CheckOK:
		d.good(what, c.Detail)
	case model.CheckUnknown:
	}
}

// calendar warns of years whose holidays nobody knows. Those who don't close on holidays
// needn't mind.
func (d *doctor) calendar(ctx context.Context, store *sqlstore.Store) {
	years, err := missingYears(ctx, calendars{store}, d.p.now().In(d.cfg.TimeZone))
	if err != nil {
		d.bad("calendar", err.Error(), "")
		return
	}
	for _, year := range years {
		d.line("warn", "calendar", fmt.Sprintf("the holidays of %d are not known; 'deskmate calendar import' brings them once they are announced", year))
	}
	if len(years) == 0 {
		d.good("calendar", "")
	}
}

func (d *doctor) examine(ctx context.Context) {
	redis := d.redis(ctx)
	if redis != nil {
		defer redis.Close()
	}
	d.files(ctx)
	store, err := d.p.openUnmigrated(ctx, d.cfg)
	if err != nil {
		d.bad("database", err.Error(), "check DESKMATE_DATABASE_URL, and that the server runs and lets this user in")
		return
	}
	defer func() { _ = store.Close() }()
	if !d.database(ctx, store) {
		return
	}
	accounts, err := store.Accounts(ctx)
	if err != nil {
		d.bad("accounts", err.Error(), "the secret key may not be the one the accounts were stored with: check DESKMATE_SECRET_KEY")
		return
	}
	if len(accounts) == 0 {
		d.bad("accounts", "there are none", "write an account file (config/account.example.yaml) and run 'deskmate account apply -f FILE'")
		return
	}
	d.calendar(ctx, store)
	d.audits(ctx, store)
	d.server(ctx)
	watch := &clockWatch{now: d.p.now}
	client, err := wecom.NewClient(wecom.Config{
		BaseURL: d.cfg.WeComAPI, Now: d.p.now, HTTP: &http.Client{Timeout: 10 * time.Second, Transport: watch},
	})
	if err != nil {
		d.bad("wecom", err.Error(), "check DESKMATE_WECOM_API")
		return
	}
	for _, acc := range accounts {
		d.account(ctx, client, store, acc, watch)
	}
}

func (d *doctor) redis(ctx context.Context) *redisstore.Store {
	if d.cfg.RedisURL == "" {
		d.say("redis", checkRedis(ctx, true, nil))
		return nil
	}
	redis, err := redisstore.Open(ctx, redisstore.Config{URL: d.cfg.RedisURL.Reveal(), Now: d.p.now})
	d.say("redis", checkRedis(ctx, false, func(ctx context.Context) error {
		if err != nil {
			return err
		}
		return redis.Ping(ctx)
	}))
	return redis
}

// files checks that what people send can be kept.
func (d *doctor) files(ctx context.Context) {
	check := checkFiles(ctx, d.cfg)
	d.say("kept files", check)
	if check.State == model.CheckOK && d.cfg.BlobFolder() && d.cfg.MySQL() {
		d.line("note", "kept files", "every replica must have this same folder, or set DESKMATE_BLOB_URL to s3://…")
	}
}

func (d *doctor) database(ctx context.Context, store *sqlstore.Store) bool {
	check := checkDatabase(ctx, d.cfg, store)
	d.say("database", check)
	if check.State != model.CheckOK {
		return false
	}
	check = checkSchema(ctx, store)
	d.say("schema", check)
	return check.State == model.CheckOK
}

// server checks that callbacks can arrive: the server answers here, and at its public
// address.
func (d *doctor) server(ctx context.Context) {
	if err := ready(ctx, localURL(d.cfg.Listen)+"/readyz"); err != nil {
		d.bad("server on this machine", err.Error(), "start it with 'deskmate serve'")
	} else {
		d.good("server on this machine", "")
	}
	d.say("public address", checkPublic(ctx, d.cfg))
}

func (d *doctor) account(ctx context.Context, client *wecom.Client, store *sqlstore.Store, acc model.Account, watch *clockWatch) {
	name := "account " + acc.Key
	info, err := client.Ping(ctx, acc)
	d.clock(watch)
	if err != nil {
		d.bad(name+" at WeCom", err.Error(), adviceFor(err))
		return
	}
	d.good(name+" at WeCom", info.Name)
	for _, check := range checkWeCom(info, nil) {
		if check.State != model.CheckOK {
			d.say(name+" "+check.ID, check)
		}
	}
	if d.cfg.PublicURL != "" {
		d.line("note", name+" callback URL", d.cfg.PublicURL+"/callback/"+acc.Key+" (应用管理 → the app → 接收消息 → 设置API接收)")
	}
	d.say(name+" visible range", checkRange(ctx, store, acc, info))
	if check, scoped := checkScope(ctx, store, acc, info); scoped {
		d.say(name+" scope", check)
	}
	d.say(name+" seats", checkSeats(ctx, store, acc))
}

// clock says once, after WeCom's first answer, whether the clocks agree.
func (d *doctor) clock(watch *clockWatch) {
	if check := watch.check(); !d.clocked && check.State != model.CheckUnknown {
		d.clocked = true
		d.say("clock", check)
	}
}
