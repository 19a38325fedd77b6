// Command deskmate is the employee service desk: the server and everything an operator
// does with it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // business time zones on images that have none

	_ "golang.org/x/crypto/x509roots/fallback" // CA certificates on images that have none
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := program{environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr}.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
