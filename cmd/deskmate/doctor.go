package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"deskmate/config"
	"deskmate/model"
	"deskmate/store/blobstore"
	"deskmate/store/redisstore"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

func doctorCommand() command {
	return command{
		name: "doctor", short: "check everything Deskmate needs, and say what to do where something is wrong",
		long: "It checks the settings, the database, Redis, the kept files, the clock, and for each account WeCom's token, this host's\n" +
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
	d.server(ctx)
	client, err := wecom.NewClient(wecom.Config{
		BaseURL: d.cfg.WeComAPI, Now: d.p.now, HTTP: &http.Client{Timeout: 10 * time.Second, Transport: &clockWatch{d: d}},
	})
	if err != nil {
		d.bad("wecom", err.Error(), "check DESKMATE_WECOM_API")
		return
	}
	for _, acc := range accounts {
		d.account(ctx, client, store, acc)
	}
}

func (d *doctor) redis(ctx context.Context) *redisstore.Store {
	if d.cfg.RedisURL == "" {
		d.good("redis", "inside the process")
		return nil
	}
	redis, err := redisstore.Open(ctx, redisstore.Config{URL: d.cfg.RedisURL.Reveal(), Now: d.p.now})
	if err == nil {
		err = redis.Ping(ctx)
	}
	if err != nil {
		d.bad("redis", err.Error(), "check DESKMATE_REDIS_URL; without Redis Deskmate works on, slower and with a share of the sending limits")
		return redis
	}
	d.good("redis", "")
	return redis
}

// filesPatience is how long blob storage may take for a small file.
const filesPatience = 15 * time.Second

// files checks that what people send can be kept.
func (d *doctor) files(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, filesPatience)
	defer cancel()
	store, err := blobstore.Open(d.cfg.BlobURL)
	if err == nil {
		err = blobstore.Check(ctx, store)
	}
	if err != nil {
		d.bad("kept files", err.Error(), "check DESKMATE_BLOB_URL, and that this user may write there; WeCom forgets pictures, voices and videos after 3 days")
		return
	}
	if !d.cfg.BlobFolder() {
		d.good("kept files", "S3")
		return
	}
	d.good("kept files", "in a folder")
	if d.cfg.MySQL() {
		d.line("note", "kept files", "every replica must have this same folder, or set DESKMATE_BLOB_URL to s3://…")
	}
}

func (d *doctor) database(ctx context.Context, store *sqlstore.Store) bool {
	if err := store.Ping(ctx); err != nil {
		d.bad("database", err.Error(), "check that the database server runs")
		return false
	}
	kind := "SQLite"
	if d.cfg.MySQL() {
		kind = "MySQL or MariaDB"
	}
	d.good("database", kind)
	if err := store.SchemaCurrent(ctx); err != nil {
		d.bad("schema", err.Error(), "run 'deskmate migrate up'")
		return false
	}
	d.good("schema", "")
	return true
}

// server checks that callbacks can arrive: the server answers here, and at its public
// address.
func (d *doctor) server(ctx context.Context) {
	if err := ready(ctx, localURL(d.cfg.Listen)+"/readyz"); err != nil {
		d.bad("server on this machine", err.Error(), "start it with 'deskmate serve'")
	} else {
		d.good("server on this machine", "")
	}
	if d.cfg.PublicURL == "" {
		d.bad("public address", "DESKMATE_PUBLIC_URL is not set", "set it to the https address under which WeCom reaches this server")
		return
	}
	if err := ready(ctx, d.cfg.PublicURL+"/readyz"); err != nil {
		d.bad("public address", err.Error(), "check DNS, the reverse proxy and the firewall; /callback/ must be reachable from WeCom")
		return
	}
	d.good("public address", d.cfg.PublicURL)
}

func (d *doctor) account(ctx context.Context, client *wecom.Client, store *sqlstore.Store, acc model.Account) {
	name := "account " + acc.Key
	info, err := client.Ping(ctx, acc)
	if err != nil {
		d.bad(name+" at WeCom", err.Error(), adviceFor(err))
		return
	}
	d.good(name+" at WeCom", info.Name)
	if info.Closed {
		d.bad(name+" app", "the app is disabled", "enable it: 应用管理 → the app → 启用")
	}
	if d.cfg.PublicURL != "" {
		d.line("note", name+" callback URL", d.cfg.PublicURL+"/callback/"+acc.Key+" (应用管理 → the app → 接收消息 → 设置API接收)")
	}
	d.visibleRange(ctx, store, acc, info)
	seats, err := store.Seats(ctx, acc.ID)
	switch {
	case err != nil:
		d.bad(name+" seats", err.Error(), "")
	case len(seats) == 0:
		d.bad(name+" seats", "there are none: 转人工 will only queue", "add seats to the account file and apply it again")
	default:
		d.good(name+" seats", fmt.Sprint(len(seats)))
	}
}

// visibleRange compares the account's scope and seats with the app's visible range,
// outside of which nobody can be written to.
func (d *doctor) visibleRange(ctx context.Context, store *sqlstore.Store, acc model.Account, info wecom.AgentInfo) {
	name := "account " + acc.Key + " visible range"
	inRange := make([]string, 0, len(info.Users))
	for _, u := range info.Users {
		inRange = append(inRange, model.Fold(u))
	}
	seats, err := store.Seats(ctx, acc.ID)
	if err != nil {
		d.bad(name, err.Error(), "")
		return
	}
	app := acc
	app.Policy.Scope = &model.Scope{Members: inRange, Departments: info.Departments}
	var outside []string
	people := make([]string, 0, len(seats))
	for _, s := range seats {
		people = append(people, s.UserID)
	}
	if acc.Policy.Scope != nil {
		people = append(people, acc.Policy.Scope.Members...)
	}
	slices.Sort(people)
	for _, person := range slices.Compact(people) {
		ok, err := store.InScope(ctx, app, person)
		if err != nil {
			d.bad(name, err.Error(), "")
			return
		}
		if !ok && len(info.Tags) == 0 {
			outside = append(outside, person)
		}
	}
	if len(outside) > 0 {
		d.bad(name, "outside it: "+strings.Join(outside, ", "),
			"add them: 应用管理 → the app → 可见范围 (members that Deskmate has not read from the directory yet count as outside)")
		return
	}
	d.good(name, fmt.Sprintf("%d members, %d departments, %d tags", len(info.Users), len(info.Departments), len(info.Tags)))
}

// adviceFor says what to press where WeCom refuses.
func adviceFor(err error) string {
	api, ok := errors.AsType[*wecom.APIError](err)
	if !ok {
		return "check DESKMATE_WECOM_API and that this host may reach it"
	}
	switch api.Code {
	case 40001, 40091:
		return "the secret is wrong or was reset: copy it again from 应用管理 → the app → Secret"
	case 40013:
		return "corp_id is wrong: 我的企业 → 企业ID"
	case 60020:
		return "this host's address is not trusted: add the one named above under 应用管理 → the app → 企业可信IP (takes a minute)"
	case 40056, 301002:
		return "agent_id is not the app of this secret: compare 应用管理 → the app → AgentId"
	case 50003:
		return "the app is disabled: 应用管理 → the app → 启用"
	}
	return "look the code up: docs/wecom-errors.md"
}

// clockWatch compares WeCom's clock with ours on the first answer.
type clockWatch struct {
	d    *doctor
	done bool
}

// mostSkew is how far the clocks may be apart; signatures and tokens live by them.
const mostSkew = 30 * time.Second

// RoundTrip passes the request on and reads the answer's date.
func (c *clockWatch) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || c.done {
		return res, err
	}
	at, parseErr := http.ParseTime(res.Header.Get("Date"))
	c.done = parseErr == nil
	if !c.done {
		return res, nil
	}
	if skew := c.d.p.now().Sub(at).Abs(); skew > mostSkew {
		c.d.bad("clock", fmt.Sprintf("%s apart from WeCom's", skew.Round(time.Second)), "switch on time synchronisation (NTP)")
	} else {
		c.d.good("clock", "")
	}
	return res, nil
}
