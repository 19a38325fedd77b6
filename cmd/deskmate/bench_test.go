package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql" //nolint:depguard // the floor is measured without our store

	"deskmate/config"
	"deskmate/model"
	"deskmate/store/storetest"
	"deskmate/wecom"
	"deskmate/wecom/wecomsim"
)

// serverSettings are the settings of a Deskmate on MariaDB and Redis, with a database of
// its own.
func serverSettings(tb testing.TB) []string {
	tb.Helper()
	redis := os.Getenv("DESKMATE_TEST_REDIS_URL")
	if redis == "" {
		tb.Skip("DESKMATE_TEST_REDIS_URL names no server; make bench starts them")
	}
	return []string{
		"DESKMATE_DATABASE_URL=" + storetest.MySQL(tb, "DESKMATE_TEST_MYSQL_URL").URL, "DESKMATE_REDIS_URL=" + redis,
		"DESKMATE_SECRET_KEY=" + base64.StdEncoding.EncodeToString(storetest.Key()),
	}
}

// BenchmarkCallback compares what a callback costs until it is acknowledged with the bare
// floor: the same decryption and one durable insert, on the same database, by as many
// clients. Nothing else runs meanwhile. Its ratio is callbacks per second over the floor's.
func BenchmarkCallback(b *testing.B) {
	settings := serverSettings(b)
	floor := 0.0
	b.Run("floor", func(b *testing.B) {
		floor = callbackRate(b, floorHandler(b, settings))
	})
	b.Run("deskmate", func(b *testing.B) {
		rate := callbackRate(b, acceptHandler(b, settings))
		if floor > 0 {
			b.ReportMetric(rate/floor, "of-floor")
		}
	})
}

// callbackRate sends distinct callbacks of 200 people to a handler, from 16 clients.
func callbackRate(b *testing.B, h http.Handler) float64 {
	b.Helper()
	server := httptest.NewServer(h)
	b.Cleanup(server.Close)
	crypto := scriptCrypto(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.Cleanup(client.CloseIdleConnections)
	var n atomic.Int64
	b.SetParallelism(8)
	b.ResetTimer()
	start := time.Now()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			req := callbackRequest(b, crypto, server.URL, i)
			res, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK {
				b.Errorf("callback %d: %s", i, res.Status)
				return
			}
		}
	})
	rate := float64(n.Load()) / time.Since(start).Seconds()
	b.ReportMetric(rate, "callbacks/s")
	return rate
}

func scriptCrypto(tb testing.TB) *wecom.Crypto {
	tb.Helper()
	crypto, err := wecom.NewCrypto(scriptToken, scriptAESKey, benchCorp)
	if err != nil {
		tb.Fatal(err)
	}
	return crypto
}

const benchCorp = "wwbench0000000001"

// callbackRequest is a text message as WeCom delivers it.
func callbackRequest(tb testing.TB, crypto *wecom.Crypto, base string, i int64) *http.Request {
	tb.Helper()
	plain := fmt.Sprintf("<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[p%d]]></FromUserName>"+
		"<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[年假有几天]]></Content>"+
		"<MsgId>%d</MsgId><AgentID>%d</AgentID></xml>", benchCorp, i%200, i, scriptAgent)
	encrypted, err := crypto.Encrypt([]byte(plain))
	if err != nil {
		tb.Fatal(err)
	}
	stamp, nonce := "1700000000", strconv.FormatInt(i, 10)
	query := url.Values{"msg_signature": {crypto.Sign(stamp, nonce, encrypted)}, "timestamp": {stamp}, "nonce": {nonce}}
	body := "<xml><ToUserName><![CDATA[" + benchCorp + "]]></ToUserName><Encrypt><![CDATA[" + encrypted + "]]></Encrypt></xml>"
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, base+"/callback/"+scriptKey+"?"+query.Encode(), strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	return req
}

// rawDatabase opens the database of some settings without our store.
func rawDatabase(tb testing.TB, settings []string) *sql.DB {
	tb.Helper()
	const variable = "DESKMATE_DATABASE_URL="
	i := slices.IndexFunc(settings, func(s string) bool { return strings.HasPrefix(s, variable) })
	u, err := url.Parse(strings.TrimPrefix(settings[i], variable))
	if err != nil {
		tb.Fatal(err)
	}
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.DBName, cfg.InterpolateParams = "tcp", u.Host, u.User.Username(), strings.Trim(u.Path, "/"), true
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(32)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// floorHandler does the least that a durable acknowledgement can do.
func floorHandler(b *testing.B, settings []string) http.Handler {
	b.Helper()
	db := rawDatabase(b, settings)
	if _, err := db.ExecContext(b.Context(), "CREATE TABLE IF NOT EXISTS bare_floor (id BIGINT AUTO_INCREMENT PRIMARY KEY, body MEDIUMTEXT NOT NULL) CHARACTER SET utf8mb4"); err != nil {
		b.Fatal(err)
	}
	crypto := scriptCrypto(b)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var outer struct {
			Encrypt string `xml:"Encrypt"`
		}
		if err == nil {
			err = xml.Unmarshal(raw, &outer)
		}
		var plain []byte
		if err == nil {
			plain, err = crypto.Decrypt(outer.Encrypt)
		}
		if err == nil {
			_, err = db.ExecContext(r.Context(), "INSERT INTO bare_floor (body) VALUES (?)", string(plain))
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
}

// acceptHandler is a whole server of which only the intake works.
func acceptHandler(b *testing.B, settings []string) http.Handler {
	b.Helper()
	p := program{environ: append(settings, "DESKMATE_LOG_LEVEL=error"), stdout: io.Discard, stderr: os.Stderr, now: time.Now}
	cfg, err := config.Load(config.Source{Environ: p.environ})
	if err != nil {
		b.Fatal(err)
	}
	s, err := p.newServer(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.close() })
	_, _, err = s.store.SaveAccount(b.Context(), model.Account{
		Key: scriptKey, CorpID: benchCorp, AgentID: scriptAgent, Name: "IT", Secret: scriptSecret,
		Token: scriptToken, EncodingAESKey: scriptAESKey, Enabled: true, Policy: model.DefaultPolicy(),
	}, nil, nil, "cli")
	if err == nil {
		err = s.accounts.Refresh(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	return s.http.Handler
}

// BenchmarkDesk drives a whole server on MariaDB and Redis against a simulator whose
// calls take 20 ms, all on this machine: first 100 and 200 questions a second, then as
// many as it takes.
func BenchmarkDesk(b *testing.B) {
	w := benchWorld(b, serverSettings(b)...)
	for _, rate := range []int{100, 200} {
		b.Run(fmt.Sprintf("offered=%d", rate), func(b *testing.B) {
			for b.Loop() {
				w.acks.reset()
				pushed := w.offer(b, rate, 5*time.Second)
				b.ReportMetric(ms(percentile(pushed, 50)), "push-p50-ms")
				b.ReportMetric(ms(percentile(pushed, 99)), "push-p99-ms")
				b.ReportMetric(ms(percentile(w.acks.taken(), 99)), "ack-p99-ms")
			}
		})
	}
	b.Run("saturated", func(b *testing.B) {
		for b.Loop() {
			const questions = 3000
			start := time.Now()
			w.ask(b, questions)
			b.ReportMetric(questions/time.Since(start).Seconds(), "answers/s")
		}
	})
}

// deskUnderLoad is a world whose callbacks are timed.
type deskUnderLoad struct {
	*world
	acks *ackTimes
	asks atomic.Int64
}

// ackTimes times the callbacks that the simulator sends.
type ackTimes struct {
	mu   sync.Mutex
	list []time.Duration
}

// RoundTrip implements http.RoundTripper.
func (a *ackTimes) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	res, err := http.DefaultTransport.RoundTrip(req)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, time.Since(start))
	return res, err
}

func (a *ackTimes) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = nil
}

func (a *ackTimes) taken() []time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.list)
}

// benchPeople are enough that nobody gets more than WeCom's limit of messages a minute.
const benchPeople = 1000

func benchWorld(b *testing.B, settings ...string) *deskUnderLoad {
	b.Helper()
	d := &deskUnderLoad{acks: &ackTimes{}}
	w, err := newWorldWith(b.TempDir(), &http.Client{Transport: d.acks}, append(settings, "DESKMATE_LOG_LEVEL=error")...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.close)
	d.world = w
	for i := range benchPeople {
		if err := w.sim.AddMember(wecomsim.Member{UserID: benchPerson(i), Name: "员工", Departments: []int64{2}}); err != nil {
			b.Fatal(err)
		}
	}
	w.sim.SetFaults(wecomsim.Faults{Latency: 20 * time.Millisecond})
	path, err := w.accountFile("bot: {feedback: false}\n")
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(w.work, "it.csv")
	if err := copyFile("demodata/it.csv", file); err != nil {
		b.Fatal(err)
	}
	for _, args := range [][]string{{"account", "apply", "-f", path}, {"kb", "import", "--account", scriptKey, file}} {
		if code := w.program(os.Stderr).run(b.Context(), args); code != exitDone {
			b.Fatalf("%v: exit %d", args, code)
		}
	}
	if err := w.serve("a"); err != nil {
		b.Fatal(err)
	}
	d.ask(b, benchPeople) // everybody is known from here on
	return d
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}

func benchPerson(i int) string { return fmt.Sprintf("p%04d", i) }

// question asks one question and waits for its answer.
func (d *deskUnderLoad) question(ctx context.Context) (time.Duration, error) {
	who := benchPerson(int(d.asks.Add(1)) % benchPeople)
	seen := len(d.sim.Screen(scriptAgent, who)) + 1 // behind the question itself
	start := time.Now()
	d.sim.Say(scriptAgent, who, "在家连不上公司内网")
	_, _, err := d.sim.Wait(ctx, scriptAgent, who, seen, func(b wecomsim.Bubble) bool { return b.From == wecomsim.FromApp })
	return time.Since(start), err
}

// ask asks n questions, of different people, as fast as they are answered.
func (d *deskUnderLoad) ask(b *testing.B, n int) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := d.question(ctx); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// offer asks rate questions a second, whatever becomes of those before.
func (d *deskUnderLoad) offer(b *testing.B, rate int, during time.Duration) []time.Duration {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), during+time.Minute)
	defer cancel()
	var mu sync.Mutex
	var taken []time.Duration
	var wg sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for range int(during.Seconds() * float64(rate)) {
		<-tick.C
		wg.Go(func() {
			t, err := d.question(ctx)
			if err != nil {
				b.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			taken = append(taken, t)
		})
	}
	wg.Wait()
	return taken
}

func percentile(list []time.Duration, p int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[min(len(list)-1, len(list)*p/100)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkStart starts the program as a process of its own, on SQLite and the built-in
// Redis, and reports how long it took until it was ready and what memory it holds idle.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		port, err := freePort()
		if err != nil {
			b.Fatal(err)
		}
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		cmd := exec.CommandContext(b.Context(), os.Args[0], "serve")
		cmd.Args[0] = "deskmate" // the test binary is the program by this name
		cmd.Env = append(os.Environ(), "DESKMATE_LISTEN="+addr, "DESKMATE_DATA_DIR="+b.TempDir(), "DESKMATE_LOG_LEVEL=error")
		start := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		err = within(patience, func(ctx context.Context) (bool, error) {
			return ready(ctx, "http://"+addr+"/readyz") == nil, nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ms(time.Since(start)), "ready-ms")
		b.ReportMetric(residentMB(b, cmd.Process.Pid), "idle-MB")
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}

// residentMB is what memory a process holds, as Linux counts it.
func residentMB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for scanner := bufio.NewScanner(bytes.NewReader(status)); scanner.Scan(); {
		if rest, ok := strings.CutPrefix(scanner.Text(), "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	b.Fatal("the process has no VmRSS")
	return 0
}
