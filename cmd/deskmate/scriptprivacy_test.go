package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// asof PATTERN COMMAND...: the program runs a command at the script's time rather than today; what
// it prints matches PATTERN. With ! it fails, and says so.
func cmdAsOf(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: asof PATTERN COMMAND...")
	}
	var out strings.Builder
	p := worldOf(ts).program(&out)
	p.stdout = &out
	code := p.run(context.Background(), args[1:])
	ts.Logf("%s", out.String())
	if (code != exitDone) != neg {
		ts.Fatalf("%s ends with %d", args[1], code)
	}
	if !regexp.MustCompile(args[0]).MatchString(out.String()) {
		ts.Fatalf("what it prints doesn't match %s", args[0])
	}
}
