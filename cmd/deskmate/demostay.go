package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	demoLogLevel = slog.LevelError
	demoKeptFile = "demo.json"
	demoPorts    = 20 // tried, from the one asked for
)

// demoKept is what a demo remembers from start to start, besides Deskmate's own data.
type demoKept struct {
	Token  string        `json:"token"`   // of the callbacks
	AESKey string        `json:"aes_key"` // EncodingAESKey
	Ahead  time.Duration `json:"ahead_ns"`
	// Callbacks are those that somebody saved in the simulated console, by AgentID.
	Callbacks map[int64]demoCallback `json:"callbacks,omitempty"`
	Played    bool                   `json:"played"` // the knowledge is there and the conversation was played
}

func newDemoKept() demoKept {
	return demoKept{Token: rand.Text(), AESKey: (rand.Text() + rand.Text())[:43]}
}

// readDemoKept reads what the last start left; a fresh one where there was none.
func readDemoKept(dir string) (demoKept, error) {
	text, err := os.ReadFile(filepath.Join(dir, demoKeptFile)) //nolint:gosec // the user names the folder
	if errors.Is(err, os.ErrNotExist) {
		return newDemoKept(), nil
	}
	if err != nil {
		return demoKept{}, fmt.Errorf("read the demo's data: %w", err)
	}
	var kept demoKept
	if err := json.Unmarshal(text, &kept); err != nil {
		return demoKept{}, fmt.Errorf("read %s: %w", filepath.Join(dir, demoKeptFile), err)
	}
	return kept, nil
}

// keep changes what is remembered, and writes it down.
func (d *demo) keep(change func(*demoKept)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.kept)
	text, err := json.Marshal(d.kept)
	if err != nil {
		return fmt.Errorf("keep the demo's data: %w", err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, demoKeptFile), text, 0o600); err != nil {
		return fmt.Errorf("keep the demo's data: %w", err)
	}
	return nil
}

// movedClock is another clock, moved on.
type movedClock struct {
	base  func() time.Time
	ahead atomic.Int64
}

func newMovedClock(base func() time.Time, ahead time.Duration) *movedClock {
	c := &movedClock{base: base}
	c.ahead.Store(int64(ahead))
	return c
}

func (c *movedClock) now() time.Time         { return c.base().Add(c.aheadBy()) }
func (c *movedClock) aheadBy() time.Duration { return time.Duration(c.ahead.Load()) }

// advance moves everybody's clock on. It is kept first: time must not run backwards at the
// next start.
func (d *demo) advance(by time.Duration) error {
	if err := d.keep(func(k *demoKept) { k.Ahead += by }); err != nil {
		return err
	}
	d.clock.ahead.Add(int64(by))
	return nil
}

// demoStay serves the demo until ctx ends.
func (p program) demoStay(ctx context.Context, listen, sim, dir string) (err error) {
	if err := loopbackOnly(sim); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	kept, err := readDemoKept(dir)
	if err != nil {
		return err
	}
	d, err := p.newDemo(dir, kept)
	if err != nil {
		return err
	}
	if err := d.keep(func(*demoKept) {}); err != nil {
		return err
	}
	page, err := listenNear(ctx, sim)
	if err != nil {
		return fmt.Errorf("start the simulator: %w", err)
	}
	free, err := listenNear(ctx, listen)
	if err != nil {
		return errors.Join(fmt.Errorf("find a port for Deskmate: %w", err), page.Close())
	}
	addr := free.Addr().String()
	_ = free.Close() // the server takes it in a moment
	outside := d.outside(ctx, page, addr)
	defer func() { err = errors.Join(err, outside.stop()) }()
	return d.run(ctx, func(ctx context.Context, addr string) error { return d.stay(ctx, page.Addr().String(), addr) })
}

// stay plays the conversation at the first start, says what to open and waits.
func (d *demo) stay(ctx context.Context, page, addr string) error {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(d.p.stdout, format+"\n", args...) }
	if !d.kept.Played {
		playing, cancel := context.WithTimeout(ctx, demoPatience)
		defer cancel()
		err := newTheatre(d).open(playing)
		if ctx.Err() != nil {
			return nil // stopped, as asked, or the server says why
		}
		if err != nil {
			return err
		}
		if err := d.keep(func(k *demoKept) { k.Played = true }); err != nil {
			return err
		}
	} else {
		say("沿用上次的数据；手机从空白开始。")
	}
	dir, err := filepath.Abs(d.dir)
	if err != nil {
		dir = d.dir
	}
	say("")
	say("手机与回调　http://%s/", page)
	say("Deskmate　　http://%s/（健康检查 /readyz，指标 /metrics）", addr)
	say("数据　　　　%s（下次启动沿用，删掉即从头开始）", dir)
	say("按 Ctrl-C 停止。")
	<-ctx.Done()
	return nil
}

// loopbackOnly refuses addresses that other machines could reach.
func loopbackOnly(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return usagef("demo: --sim: %v", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usagef("demo: the simulator does everything for whoever asks, so --sim takes only an address of this machine, such as 127.0.0.1:8081")
	}
	return nil
}

// listenNear listens at an address, or at the next free port after it.
func listenNear(ctx context.Context, address string) (net.Listener, error) {
	host, first, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usagef("demo: %v", err)
	}
	port, err := strconv.Atoi(first)
	if err != nil {
		return nil, usagef("demo: the port %q is no number", first)
	}
	var taken error
	for i := range demoPorts {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port+i)))
		if err == nil {
			return listener, nil
		}
		taken = errors.Join(taken, err)
		if !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return nil, taken
}
