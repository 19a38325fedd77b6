package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"time"
)

func healthCommand() command {
	return command{
		name: "health", short: "ask the server on this machine whether it is ready; for container health checks",
		flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			return ready(ctx, localURL(cfg.Listen)+"/readyz")
		},
	}
}

// localURL is where a server that listens so answers on this machine.
func localURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "http://" + listen
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// readyPatience is how long an answer to the question for readiness may take.
const readyPatience = 3 * time.Second

// ready asks for readiness.
func ready(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask for readiness: %w", err)
	}
	res, err := (&http.Client{Timeout: readyPatience}).Do(req)
	if err != nil {
		return fmt.Errorf("ask for readiness: %w", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", res.Status)
	}
	return nil
}
