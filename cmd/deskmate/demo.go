package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"text/template"
	"time"

	"deskmate/handler"
	"deskmate/router"
	"deskmate/wecom/wecomsim"
)

func demoCommand() command {
	return command{
		name: "demo", args: "[--once]", short: "show Deskmate at work with a simulated WeCom, on this machine alone",
		long: "It starts a WeCom simulator and a whole server in one process: two service accounts with their knowledge,\n" +
			"seats and employees. At its first start it plays one conversation through WeCom's real protocol (question,\n" +
			"answer, 转人工, both sides talk, end, rating with a reason), prints what each person's phone shows, and then\n" +
			"stays up until Ctrl-C: the page it names shows everybody's phone, and you can write as anyone.\n" +
			"What it stores is kept in the data folder and used by the next start; the phones begin empty then.\n" +
			"With --once it plays the conversation, leaves nothing behind, and exits 0 only if every step came through.",
		flags: func(f *flag.FlagSet) {
			f.Bool("once", false, "play one conversation and exit")
			f.String("listen", "127.0.0.1:8080", "where Deskmate serves (127.0.0.1:8080); the next free port where it is taken")
			f.String("sim", "127.0.0.1:8081", "where the simulator and its page are (127.0.0.1:8081); loopback only")
			f.String("dir", filepath.Join("data", "demo"), "the data folder (./data/demo)")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			if p.now == nil {
				p.now = time.Now
			}
			if boolFlag(flags, "once") {
				return p.demoOnce(ctx)
			}
			value := func(name string) string { return flags.Lookup(name).Value.String() }
			return p.demoStay(ctx, value("listen"), value("sim"), value("dir"))
		},
	}
}

const demoPatience = time.Minute // for the whole conversation

// demo is a simulated corp and a server for it.
type demo struct {
	p       program
	sim     *wecomsim.Server
	page    *simulator
	clock   *movedClock
	environ []string // the server's settings
	dir     string   // its data
	wecom   string   // where the simulator is

	mu   sync.Mutex
	kept demoKept
}

// newDemo makes the corp. It starts nothing.
func (p program) newDemo(dir string, kept demoKept) (*demo, error) {
	d := &demo{p: p, dir: dir, kept: kept, clock: newMovedClock(p.now, kept.Ahead)}
	d.sim = wecomsim.New(wecomsim.Config{Now: d.clock.now})
	if err := d.fill(); err != nil {
		return nil, fmt.Errorf("fill the simulated corp: %w", err)
	}
	d.page = newSimulator(d.sim, demoCorp(d.sim.CorpID()), d.clock, d.advance)
	d.page.keepCallback = d.keepCallback
	return d, nil
}

// outside starts the simulator behind listener.
func (d *demo) outside(ctx context.Context, listener net.Listener, listen string) *stage {
	d.sim.SetAddress("http://" + listener.Addr().String())
	d.wecom = "http://" + listener.Addr().String()
	d.page.public = demoPublic(listen)
	d.environ = []string{
		"DESKMATE_WECOM_AIBOT_WS=ws://" + listener.Addr().String() + "/aibot",
		"DESKMATE_DATA_DIR=" + d.dir, "DESKMATE_WECOM_API=http://" + listener.Addr().String(),
		"DESKMATE_LISTEN=" + listen, "DESKMATE_LOG_LEVEL=error", "DESKMATE_WEBHOOK_NETWORKS=127.0.0.0/8,::1",
		"DESKMATE_PUBLIC_URL=" + d.page.public,
	}
	page := handler.NewSimulator(handler.SimulatorConfig{Screens: d.page, Hands: d.page, World: d.page, Traces: d.page, Groups: d.page, Console: d.page})
	server := &http.Server{
		Handler:           router.NewSimulator(page, d.page.recordCalls(d.sim), d.p.logger(demoLogLevel)),
		ReadHeaderTimeout: 5 * time.Second,
	}
	return newStage(ctx, "simulator", d.sim.Run, d.page.Run, serveHTTP(server, listener))
}

// demoPublic is how phones reach Deskmate; "" while its port isn't known. It is another name than
// the one that the demo tells its user: browsers keep logins by name, and what is opened on a
// phone doesn't end the login to the console.
func demoPublic(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// demoOnce plays one conversation in a folder of its own, which it removes.
func (p program) demoOnce(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	dir, err := os.MkdirTemp("", "deskmate-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d, err := p.newDemo(dir, newDemoKept())
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the simulator: %w", err)
	}
	outside := d.outside(ctx, listener, "127.0.0.1:0")
	defer func() { err = errors.Join(err, outside.stop()) }()
	return d.run(ctx, func(ctx context.Context, _ string) error {
		theatre := newTheatre(d)
		theatre.explain()
		return theatre.play(ctx)
	})
}

// run sets the accounts up as an operator would, serves, and calls then with the server's
// address; the server stops when it returns.
func (d *demo) run(ctx context.Context, then func(ctx context.Context, addr string) error) error {
	for _, a := range demoApps() {
		if err := d.account(ctx, a); err != nil {
			return err
		}
	}
	addr := make(chan string, 1)
	serving := d.program()
	serving.listening = func(a string) { addr <- a }
	server := newStage(ctx, "server", func(ctx context.Context) error { return serving.command(ctx, "serve") })
	err := d.connected(ctx, server, addr, then)
	return errors.Join(err, server.stop())
}

// connected saves the callback addresses in WeCom's console once the server is there.
func (d *demo) connected(ctx context.Context, server *stage, addr <-chan string, then func(context.Context, string) error) error {
	select {
	case a := <-addr:
		for _, app := range demoApps() {
			err := d.sim.SetCallback(ctx, app.agentID, "http://"+a+"/callback/"+app.key, d.kept.Token, d.kept.AESKey)
			if err != nil {
				return fmt.Errorf("save the callback address in WeCom: %w", err)
			}
		}
		d.restoreCallbacks(ctx, a)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			select {
			case <-server.failed:
				cancel()
			case <-ctx.Done():
			}
		}()
		return then(ctx, a)
	case <-server.failed:
		return nil // the server says why when it is stopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// program is the demo's program with the demo's settings. Its commands speak only when
// something is wrong.
func (d *demo) program() program {
	return program{environ: d.environ, stdout: &bytes.Buffer{}, stderr: d.p.stderr, now: d.clock.now, people: demoPeople(d.sim.CorpID()), signIn: d.wecom}
}

// command runs one command line of the program.
func (p program) command(ctx context.Context, args ...string) error {
	return p.dispatch(ctx, args)
}

// account applies an account file and, at the first start, imports the knowledge, through
// the commands that an operator uses.
func (d *demo) account(ctx context.Context, a demoApp) error {
	source, err := demoData.ReadFile("demodata/" + a.account)
	if err != nil {
		return fmt.Errorf("read the demo's account: %w", err)
	}
	tmpl, err := template.New("account").Parse(string(source))
	if err != nil {
		return fmt.Errorf("read the demo's account: %w", err)
	}
	var text bytes.Buffer
	err = tmpl.Execute(&text, map[string]any{
		"Corp": d.sim.CorpID(), "AgentID": a.agentID, "Secret": demoSecret(a.agentID),
		"Token": d.kept.Token, "AESKey": d.kept.AESKey, "Seats": a.seats,
		"BotID": demoBotID, "BotName": demoBotName, "BotSecret": demoBotSecret,
	})
	if err != nil {
		return fmt.Errorf("fill in the demo's account: %w", err)
	}
	account := filepath.Join(d.dir, a.account)
	if err := os.WriteFile(account, text.Bytes(), 0o600); err != nil {
		return err
	}
	if err := d.program().command(ctx, "account", "apply", "-f", account); err != nil || d.kept.Played {
		return err
	}
	knowledge, err := demoData.ReadFile("demodata/" + a.entries)
	if err != nil {
		return fmt.Errorf("read the demo's knowledge: %w", err)
	}
	entries := filepath.Join(d.dir, a.entries)
	if err := os.WriteFile(entries, knowledge, 0o600); err != nil {
		return err
	}
	return d.program().command(ctx, "kb", "import", "--account", a.key, entries)
}
