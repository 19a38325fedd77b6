package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/store/redisstore"
	"deskmate/store/sqlstore"
	"deskmate/wecom/wecomsim"
)

// The workbenches of the benchmark: every account has its seats and an owner, each with a page open.
const (
	liveAccounts = 50
	liveSeats    = 10 // of each account, and as many employees
	liveRate     = 50 // lines a second
	liveFor      = 10 * time.Second
)

// BenchmarkLive has 550 workbenches connected to one replica, a process of its own on MariaDB and
// Redis, while employees write. One half of the accounts gives every line to all of its seats. A
// line is timed to the last browser that may see it, from its decision, just before that is committed
// to the disk, and from being stored in the inbox.
func BenchmarkLive(b *testing.B) {
	f := newLiveBench(b)
	idle := f.rss(b)
	f.connect(b)
	f.write(b) // every seat is told once that there are lines, and for ten minutes no more
	b.Run(fmt.Sprintf("streams=%d", len(f.pages)), func(b *testing.B) {
		for b.Loop() {
			stored, decided := f.write(b)
			b.ReportMetric(ms(percentile(decided, 50)), "decided-p50-ms")
			b.ReportMetric(ms(percentile(decided, 99)), "decided-p99-ms")
			b.ReportMetric(ms(percentile(stored, 50)), "stored-p50-ms")
			b.ReportMetric(ms(percentile(stored, 99)), "stored-p99-ms")
			b.ReportMetric(idle, "idle-MB")
			b.ReportMetric(f.rss(b), "rss-MB")
		}
	})
}

// liveBench is a server with open pages.
type liveBench struct {
	*world
	accounts []model.Account
	redis    *redisstore.Store
	db       *sql.DB
	pages    []livePage
	lines    int
	asked    sync.Map // text of a line → *liveLine
}

// livePage is one open workbench.
type livePage struct {
	account int
	seat    int // -1: the owner's
}

// liveLine is a line on its way to the browsers that may see it.
type liveLine struct {
	key    string
	stored time.Time
	mu     sync.Mutex
	seen   map[livePage]bool
	last   time.Time // when the last one saw it
	want   int
	done   chan struct{}
}

func liveKey(account int) string            { return fmt.Sprintf("desk%02d", account) }
func liveSeat(account, seat int) string     { return fmt.Sprintf("seat%02d%02d", account, seat) }
func liveEmployee(account, seat int) string { return fmt.Sprintf("person%02d%02d", account, seat) }

// goesToAll reports whether an account gives sessions to all seats.
func goesToAll(account int) bool { return account%2 == 1 }

func newLiveBench(b *testing.B) *liveBench {
	b.Helper()
	settings := serverSettings(b)
	w, err := newWorldWith(b.TempDir(), nil, append(settings, "DESKMATE_LOG_LEVEL=error")...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.close)
	f := &liveBench{world: w, db: rawDatabase(b, settings)}
	path, err := w.accountFile("")
	if err != nil {
		b.Fatal(err)
	}
	if code := w.program(os.Stderr).run(b.Context(), []string{"account", "apply", "-f", path}); code != exitDone {
		b.Fatalf("account apply: exit %d", code)
	}
	store, _, err := w.database(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for i := range liveAccounts {
		f.addAccount(b, store, i)
	}
	f.redis, err = redisstore.Open(b.Context(), redisstore.Config{URL: os.Getenv("DESKMATE_TEST_REDIS_URL")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(f.redis.Close)
	if err := w.serveProcess("a"); err != nil {
		b.Fatal(err)
	}
	for i, acc := range f.accounts {
		callback := w.front.URL + "/callback/" + acc.Key
		if err := w.sim.SetCallback(b.Context(), acc.AgentID, callback, scriptToken, scriptAESKey); err != nil {
			b.Fatal(err)
		}
		for n := range liveSeats {
			f.says(b, store, acc, liveEmployee(i, n), "人工")
		}
	}
	if err := w.settleWithin(2 * time.Minute); err != nil {
		b.Fatal(err)
	}
	return f
}

// addAccount makes an account with its people and their tokens.
func (f *liveBench) addAccount(b *testing.B, store *sqlstore.Store, i int) {
	b.Helper()
	acc := model.Account{
		Key: liveKey(i), CorpID: f.sim.CorpID(), AgentID: int64(2000000 + i), Name: liveKey(i), Secret: model.Secret("secret-of-" + liveKey(i)), Token: scriptToken,
		EncodingAESKey: scriptAESKey, Enabled: true, Policy: model.DefaultPolicy(),
	}
	acc.Policy.Assignment.Capacity = 1
	if goesToAll(i) {
		acc.Policy.Assignment.Mode = model.AllSeats
	}
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must(f.sim.AddApp(wecomsim.App{AgentID: acc.AgentID, Secret: acc.Secret.Reveal(), Name: acc.Name}))
	var seats []string
	for n := range liveSeats {
		seats = append(seats, liveSeat(i, n))
		for _, id := range []string{liveSeat(i, n), liveEmployee(i, n)} {
			must(f.sim.AddMember(wecomsim.Member{UserID: id, Name: id, Departments: []int64{2}}))
		}
		must(store.SaveToken(b.Context(), model.Token{
			Name: liveSeat(i, n), Hash: handler.HashToken(handler.TokenPrefix + liveSeat(i, n)), Role: model.RoleSeat,
			Accounts: []string{acc.Key}, UserID: liveSeat(i, n),
		}))
	}
	must(store.SaveToken(b.Context(), model.Token{
		Name: acc.Key, Hash: handler.HashToken(handler.TokenPrefix + acc.Key), Role: model.RoleOwner, Accounts: []string{acc.Key},
	}))
	saved, _, err := store.SaveAccount(b.Context(), acc, model.SeatSetups(seats...), nil, "bench")
	must(err)
	f.accounts = append(f.accounts, saved)
}

// says puts a text of an employee into the inbox, as a callback does.
func (f *liveBench) says(b *testing.B, store *sqlstore.Store, acc model.Account, employee, text string) (key string) {
	b.Helper()
	f.lines++
	in := model.Inbound{
		AccountID: acc.ID, Person: employee, DedupeKey: fmt.Sprintf("live:%d", f.lines), CreatedMS: time.Now().UnixMilli(),
		Event: model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: text}},
	}
	if _, err := store.Accept(b.Context(), in, model.PersonLane(acc.ID, employee)); err != nil {
		b.Fatal(err)
	}
	f.redis.Wake(b.Context(), model.LaneIn)
	return in.DedupeKey
}

// connect opens every page; all of them say that somebody works there.
func (f *liveBench) connect(b *testing.B) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var open, running sync.WaitGroup
	b.Cleanup(func() {
		cancel()
		running.Wait()
	})
	for i := range liveAccounts {
		for n := -1; n < liveSeats; n++ {
			page, token := livePage{account: i, seat: n}, liveKey(i)
			if n >= 0 {
				token = liveSeat(i, n)
			}
			f.pages = append(f.pages, page)
			open.Add(1)
			running.Go(func() {
				if err := f.watch(ctx, page, token, open.Done); err != nil && ctx.Err() == nil {
					b.Errorf("the page of %s: %v", token, err)
				}
			})
		}
	}
	open.Wait()
}

// watch reads a page's stream until ctx ends; opened is called after its hello.
func (f *liveBench) watch(ctx context.Context, page livePage, token string, opened func()) error {
	once := sync.OnceFunc(opened)
	defer once()
	conn, res, err := websocket.Dial(ctx, "ws://"+f.replicas[0].addr+"/api/v1/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + handler.TokenPrefix + token}},
	})
	if err != nil {
		return err
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	defer func() { _ = conn.CloseNow() }()
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"active","account":"`+liveKey(page.account)+`"}`)); err != nil {
		return err
	}
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		now := time.Now()
		once()
		start := bytes.Index(text, []byte("LINE-"))
		if start < 0 {
			continue
		}
		end := bytes.IndexByte(text[start:], ';')
		if found, ok := f.asked.Load(string(text[start : start+end+1])); ok {
			found.(*liveLine).saw(page, now)
		}
	}
}

// saw notes that a page has a line; further events about it don't count.
func (l *liveLine) saw(page livePage, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[page] {
		return
	}
	l.seen[page], l.last = true, at
	if len(l.seen) == l.want {
		close(l.done)
	}
}

// write lets employees of all accounts write by turns, and gives how long each line took to the
// last browser since it was stored, and since it was decided on.
func (f *liveBench) write(b *testing.B) (stored, decided []time.Duration) {
	b.Helper()
	store, _, err := f.database(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	var lines []*liveLine
	tick := time.NewTicker(time.Second / liveRate)
	defer tick.Stop()
	for n := range int(liveFor.Seconds() * liveRate) {
		<-tick.C
		i := n % liveAccounts
		want := 2 // the seat that serves, and the owner
		if goesToAll(i) {
			want = liveSeats + 1
		}
		text := fmt.Sprintf("LINE-%d;", f.lines)
		line := &liveLine{seen: map[livePage]bool{}, want: want, done: make(chan struct{})}
		f.asked.Store(text, line)
		line.key = f.says(b, store, f.accounts[i], liveEmployee(i, n/liveAccounts%liveSeats), text)
		line.stored = time.Now()
		lines = append(lines, line)
	}
	times := f.decisions(b)
	limit := time.After(10 * time.Second)
	for _, line := range lines {
		select {
		case <-line.done:
		case <-limit:
			b.Fatalf("a line reached %d of the %d who may see it", len(line.seen), line.want)
		}
		stored = append(stored, line.last.Sub(line.stored))
		decided = append(decided, line.last.Sub(times[line.key]))
	}
	return stored, decided
}

// decisions are when the lines were decided on, by their keys. All of them have been by then.
func (f *liveBench) decisions(b *testing.B) map[string]time.Time {
	b.Helper()
	if err := f.settleWithin(time.Minute); err != nil {
		b.Fatal(err)
	}
	rows, err := f.db.QueryContext(b.Context(), "SELECT dedupe, done_ms FROM inbox WHERE dedupe LIKE 'live:%'")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	times := map[string]time.Time{}
	for rows.Next() {
		var key string
		var at int64
		if err := rows.Scan(&key, &at); err != nil {
			b.Fatal(err)
		}
		times[key] = time.UnixMilli(at)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return times
}

// rss is the server's memory in MB.
func (f *liveBench) rss(b *testing.B) float64 {
	b.Helper()
	return residentMB(b, f.replicas[0].cmd.Process.Pid)
}
