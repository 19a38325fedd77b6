package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"deskmate/config"
	"deskmate/model"
	"deskmate/store/blobstore"
	"deskmate/store/sqlstore"
)

// What follows is checked by `doctor` and for the console alike.

func passed(id, detail string) model.Check {
	return model.Check{ID: id, State: model.CheckOK, Detail: detail}
}

func failed(id, reason, detail, advice string) model.Check {
	return model.Check{ID: id, State: model.CheckFailed, Reason: reason, Detail: detail, Advice: advice}
}

func checkRedis(ctx context.Context, embedded bool, ping func(context.Context) error) model.Check {
	if embedded {
		return model.Check{ID: "redis", State: model.CheckOK, Reason: "embedded", Detail: "inside the process"}
	}
	if err := ping(ctx); err != nil {
		return failed("redis", "away", err.Error(), "check DESKMATE_REDIS_URL; without Redis Deskmate works on, slower and with a share of the sending limits")
	}
	return passed("redis", "")
}

// filesPatience is how long blob storage may take for a small file.
const filesPatience = 15 * time.Second

// checkFiles checks that what people send can be kept.
func checkFiles(ctx context.Context, cfg config.Config) model.Check {
	ctx, cancel := context.WithTimeout(ctx, filesPatience)
	defer cancel()
	store, err := blobstore.Open(cfg.BlobURL)
	if err == nil {
		err = blobstore.Check(ctx, store)
	}
	if err != nil {
		return failed("files", "away", err.Error(),
			"check DESKMATE_BLOB_URL, and that this user may write there; WeCom forgets pictures, voices and videos after 3 days")
	}
	if !cfg.BlobFolder() {
		return passed("files", "S3")
	}
	return passed("files", "in a folder")
}

func checkDatabase(ctx context.Context, cfg config.Config, store *sqlstore.Store) model.Check {
	if err := store.Ping(ctx); err != nil {
		return failed("database", "away", err.Error(), "check that the database server runs")
	}
	kind := "SQLite"
	if cfg.MySQL() {
		kind = "MySQL or MariaDB"
	}
	return passed("database", kind)
}

func checkSchema(ctx context.Context, store *sqlstore.Store) model.Check {
	if err := store.SchemaCurrent(ctx); err != nil {
		return failed("schema", "old", err.Error(), "run 'deskmate migrate up'")
	}
	return passed("schema", "")
}

// checkPublic checks that callbacks can arrive at the server's public address.
func checkPublic(ctx context.Context, cfg config.Config) model.Check {
	if cfg.PublicURL == "" {
		return failed("public_url", "missing", "DESKMATE_PUBLIC_URL is not set", "set it to the https address under which WeCom reaches this server")
	}
	if err := ready(ctx, cfg.PublicURL+"/readyz"); err != nil {
		return failed("public_url", "unreachable", err.Error(),
			"check DNS, the reverse proxy and the firewall; /callback/ must be reachable from WeCom")
	}
	return passed("public_url", cfg.PublicURL)
}

// checkCalendar gives the years whose holidays nobody knows.
func checkCalendar(ctx context.Context, store *sqlstore.Store, now time.Time) model.Check {
	years, err := missingYears(ctx, calendars{store}, now)
	if err != nil {
		return failed("calendar", "unread", err.Error(), "")
	}
	if len(years) == 0 {
		return passed("calendar", "")
	}
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(years), " ", ", "), "[]")
	return model.Check{
		ID: "calendar", State: model.CheckWarn, Reason: "unknown_years", Facts: map[string]string{"years": text},
		Detail: "the holidays of " + text + " are not known; 'deskmate calendar import' brings them once they are announced",
	}
}

// clockWatch compares WeCom's clock with ours at every answer.
type clockWatch struct {
	now func() time.Time

	mu   sync.Mutex
	seen bool
	skew time.Duration
}

// mostSkew is how far the clocks may be apart; signatures and tokens live by them.
const mostSkew = 30 * time.Second

// RoundTrip passes the request on and reads the answer's date.
func (c *clockWatch) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return res, err
	}
	if at, parseErr := http.ParseTime(res.Header.Get("Date")); parseErr == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen, c.skew = true, c.now().Sub(at).Abs()
	}
	return res, nil
}

func (c *clockWatch) check() model.Check {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.seen:
		return model.Check{ID: "clock", State: model.CheckUnknown, Reason: "no_answer", Detail: "WeCom has not answered yet"}
	case c.skew > mostSkew:
		check := failed("clock", "skew", fmt.Sprintf("%s apart from WeCom's", c.skew.Round(time.Second)), "switch on time synchronisation (NTP)")
		check.Facts = map[string]string{"seconds": fmt.Sprint(int(c.skew.Seconds()))}
		return check
	}
	return passed("clock", "")
}

// plainHTTP reports whether browsers and WeCom come to an address over the network without TLS.
func plainHTTP(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}
