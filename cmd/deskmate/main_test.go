package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the real program as processes of its own: `exec deskmate …`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"deskmate": main})
}

// inCI reports whether a missing server is a failure rather than a skip.
func inCI() bool { return os.Getenv("CI") == "true" }
